//! Copies from which a library can be restored.
//!
//! 1. A copy is made through SQLite, so it is complete whatever is written meanwhile.
//! 2. It gets its final name only after its integrity was checked.
//! 3. The five newest are kept. Deleting the history deletes them too.

use std::fs;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use anyhow::{Context, Result};
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use rusqlite::backup::Backup;
use rusqlite::{Connection, OpenFlags};

use crate::library::private_file::create_new;
use crate::library::{Library, doing, find_damage, schema};

/// How many backups are kept.
const KEPT: usize = 5;
/// A new backup is due when the newest is older than this.
const INTERVAL: SignedDuration = SignedDuration::from_hours(24);
const FOLDER: &str = "backups";
const NAME: &str = "library-%Y%m%dT%H%M%SZ.db";
/// Pages that are copied at once; between two steps other connections may write.
const STEP: i32 = 1024;

/// A backup on disk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BackupFile {
    pub path: PathBuf,
    /// When it was made, to the second.
    pub at: Timestamp,
}

/// The backups of this library, the newest first.
pub fn list_backups(library: &Path) -> Vec<BackupFile> {
    let entries = fs::read_dir(folder(library)).into_iter().flatten().flatten();
    let mut found: Vec<_> = entries.filter_map(|entry| read_name(entry.path())).collect();
    found.sort_by_key(|backup| std::cmp::Reverse(backup.at));
    found
}

/// The newest backup that is whole.
pub fn find_good_backup(library: &Path) -> Option<BackupFile> {
    list_backups(library).into_iter().find(|backup| open_backup(&backup.path).is_ok())
}

/// Deletes every backup of this library.
pub fn delete_backups(library: &Path) -> Result<()> {
    let folder = folder(library);
    match fs::remove_dir_all(&folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(error).with_context(|| format!("cannot delete the backups in {}", folder.display()))
        }
        _ => Ok(()),
    }
}

/// Puts a copy of the backup in the library's place. The library that was there is kept beside it under the returned name;
/// `None`: there was none. No program may have the library open.
pub fn restore(library: &Path, backup: &Path, now: Timestamp) -> Result<Option<PathBuf>> {
    let source = open_backup(backup)?;
    let part = with_suffix(library, ".restored");
    copy(&source, &part)?;
    let aside = with_suffix(library, &now.strftime(".before-restore-%Y%m%dT%H%M%SZ").to_string());
    let mut kept = None;
    for suffix in ["", "-wal", "-shm"] {
        let (from, to) = (with_suffix(library, suffix), with_suffix(&aside, suffix));
        if from.exists() {
            fs::rename(&from, &to).with_context(|| format!("cannot move {} away", from.display()))?;
            kept = Some(aside.clone());
        }
    }
    fs::rename(&part, library).with_context(|| format!("cannot put the backup at {}", library.display()))?;
    Ok(kept)
}

impl Library {
    /// Whether the newest backup is older than a day. A library in memory needs none.
    pub fn needs_backup(&self, now: Timestamp) -> bool {
        let Some(file) = self.path() else { return false };
        list_backups(file).first().is_none_or(|newest| now.duration_since(newest.at) >= INTERVAL)
    }

    /// Makes a backup and deletes those beyond the five newest.
    pub fn back_up(&self, now: Timestamp) -> Result<Option<PathBuf>> {
        self.path().map(|file| back_up(&self.base, file, now)).transpose()
    }

    /// Writes all that this open library holds to a new file, which must not exist.
    pub(super) fn copy_to(&self, file: &Path) -> Result<()> {
        copy(&self.base, file)
    }
}

pub(super) fn back_up(base: &Connection, library: &Path, now: Timestamp) -> Result<PathBuf> {
    let folder = folder(library);
    fs::DirBuilder::new().recursive(true).mode(0o700).create(&folder).context("cannot make the backups' folder")?;
    let file = folder.join(now.strftime(NAME).to_string());
    // Two programs may make a backup in the same second.
    let part = with_suffix(&file, &unique_suffix());
    let made = copy(base, &part).and_then(|()| Ok(fs::rename(&part, &file)?));
    if let Err(error) = made {
        // What was begun is worth nothing; the error that matters is the first.
        let _ = fs::remove_file(&part);
        return Err(error.context("cannot back up the library"));
    }
    for old in list_backups(library).into_iter().skip(KEPT) {
        fs::remove_file(&old.path).with_context(|| format!("cannot delete {}", old.path.display()))?;
    }
    Ok(file)
}

/// Differs between processes and between calls: two may make a backup in the same second.
fn unique_suffix() -> String {
    static CALLS: AtomicU32 = AtomicU32::new(0);
    format!(".{}-{}.part", std::process::id(), CALLS.fetch_add(1, Ordering::Relaxed))
}

/// Copies through SQLite into a new private file, as one file without a log, and checks the copy.
fn copy(from: &Connection, to: &Path) -> Result<()> {
    if to.exists() {
        fs::remove_file(to).with_context(|| format!("cannot replace {}", to.display()))?;
    }
    create_new(to).with_context(|| format!("cannot make {}", to.display()))?;
    let mut copy = Connection::open_with_flags(to, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    Backup::new(from, &mut copy)?.run_to_completion(STEP, Duration::from_millis(5), None)?;
    doing("write the copy", copy.pragma_update(None, "journal_mode", "delete"))?;
    find_damage(&copy)
}

/// A backup that is ours and whole.
fn open_backup(file: &Path) -> Result<Connection> {
    let open = || {
        let base = Connection::open_with_flags(file, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
        schema::check(&base)?;
        find_damage(&base).map(|()| base)
    };
    open().with_context(|| format!("cannot use the backup {}", file.display()))
}

fn folder(library: &Path) -> PathBuf {
    library.with_file_name(FOLDER)
}

pub(super) fn with_suffix(file: &Path, suffix: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

fn read_name(path: PathBuf) -> Option<BackupFile> {
    let at =
        DateTime::strptime(NAME, path.file_name()?.to_str()?).ok()?.to_zoned_datetime(TimeZone::UTC).ok()?.timestamp();
    Some(BackupFile { path, at })
}

#[cfg(test)]
mod tests {
    use super::*;
    use moodring_core::error::find_user_error;
    use moodring_core::message::Record;
    use std::os::unix::fs::PermissionsExt;

    fn at(day: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + day * 86_400).unwrap()
    }

    #[test]
    fn the_five_newest_backups_are_kept_for_this_user_alone() {
        let home = tempfile::tempdir().unwrap();
        let file = home.path().join("library.db");
        let library = Library::open(&file).unwrap();
        for day in 0..7 {
            assert!(library.needs_backup(at(day)));
            library.back_up(at(day)).unwrap();
            assert!(!library.needs_backup(at(day) + SignedDuration::from_hours(23)));
        }
        let kept = list_backups(&file);
        assert_eq!(kept.iter().map(|backup| backup.at).collect::<Vec<_>>(), [6, 5, 4, 3, 2].map(at));
        for backup in kept {
            assert_eq!(fs::metadata(&backup.path).unwrap().permissions().mode() & 0o777, 0o600);
        }
    }

    #[test]
    fn a_damaged_library_names_the_way_back_which_then_works() {
        let home = tempfile::tempdir().unwrap();
        let file = home.path().join("library.db");
        let mut library = Library::open(&file).unwrap();
        library.remember(&Record::Consent(false), at(0)).unwrap();
        library.back_up(at(0)).unwrap();
        drop(library);
        fs::write(&file, [b'x'; 9000]).unwrap();
        let error = Library::open(&file).unwrap_err();
        assert!(find_user_error(&error).unwrap().hint.contains("moodring library restore"), "{error:#}");
        // A younger backup that is damaged itself is passed over.
        fs::write(folder(&file).join("library-20300101T000000Z.db"), [b'x'; 9000]).unwrap();
        let good = find_good_backup(&file).unwrap();
        let aside = restore(&file, &good.path, at(1)).unwrap().unwrap();
        assert_eq!(fs::read(aside).unwrap(), [b'x'; 9000]);
        assert_eq!(Library::open(&file).unwrap().settings().unwrap().consent, Some(false));
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    }

    #[test]
    fn an_older_library_is_backed_up_before_it_is_brought_up_to_date() {
        let home = tempfile::tempdir().unwrap();
        let file = home.path().join("library.db");
        let old = Connection::open(&file).unwrap();
        old.execute_batch(&crate::library::migrations::STEPS[..8].join("\n")).unwrap();
        old.execute_batch("PRAGMA application_id = 0x6d6f6f64; PRAGMA user_version = 8").unwrap();
        drop(old);
        Library::open(&file).unwrap();
        let backup = find_good_backup(&file).expect("one was made");
        let version = open_backup(&backup.path).unwrap().pragma_query_value(None, "user_version", |row| row.get(0));
        assert_eq!(version, Ok(8));
    }

    #[test]
    fn forgetting_leaves_no_backup() {
        let home = tempfile::tempdir().unwrap();
        let file = home.path().join("library.db");
        let mut library = Library::open(&file).unwrap();
        library.back_up(at(0)).unwrap();
        library.forget(Some(at(0))).unwrap();
        assert_eq!(list_backups(&file), []);
    }
}
