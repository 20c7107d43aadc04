//! The library: songs, plays, opinions and settings in one SQLite file. The only place that knows SQL.
//!
//! Songs are told apart by their path, as bytes: Linux promises no text there. Plays and opinions are kept by path too, so
//! that a like given before the first scan, or while a disk is away, is not lost.
//!
//! It writes in WAL mode with `synchronous=FULL`: a few rows a minute from the agent and one commit for each batch of the
//! scan, so the flush costs nothing one could notice, and a consent that was withdrawn stays withdrawn over a power cut.

pub mod backup;
pub mod files;
pub mod folders;
pub mod history;
pub mod imported_tracks;
pub mod matching;
pub mod migrations;
pub mod persist;
pub mod players;
pub mod private_file;
pub mod ratings;
pub mod remote_songs;
pub mod replaced_file;
pub mod schema;
pub mod scrobbles;
pub mod similar_listeners;
pub mod song_details;
pub mod songs;
pub mod sources;

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use rusqlite::{Connection, ErrorCode, OpenFlags};

use crate::library::private_file::{identity, make_private};

pub use crate::library::backup::{BackupFile, find_good_backup, list_backups, restore};
pub use crate::library::files::{Details, FileRow, KnownFile, Stamp};
pub use crate::library::folders::{Disk, is_other_disk};
pub use crate::library::history::{Forgotten, History, MoodEvent, PlayEvent};
pub use crate::library::imported_tracks::OutsideCounts;
pub use crate::library::ratings::{Raters, Take};
pub use crate::library::remote_songs::Elsewhere;
pub use crate::library::replaced_file::FileState;
pub use crate::library::song_details::{Correction, EstimatedValue, SongDetails};
pub use crate::library::songs::Counts;
pub use crate::library::sources::ImportSource;
use moodring_core::error::{find_user_error, user_error};
use moodring_core::text::sanitize::sanitize_line;
use moodring_platform::folders::PLACE;

/// How long to wait while another process writes; a batch of the scan takes milliseconds.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long emptying the log waits for a reader.
const LOG_PATIENCE: Duration = Duration::from_millis(200);
/// The same for work that somebody has asked for and waits for: a table of millions of rows is imported in one step.
const LONG_PATIENCE: Duration = Duration::from_secs(300);

/// An open library.
#[derive(Debug)]
pub struct Library {
    base: Connection,
    /// Its path, and the device and inode of the file that was opened there; `None`: in memory.
    file: Option<(PathBuf, (u64, u64))>,
}

impl Library {
    /// Opens the file, or makes it (0600, in a folder of 0700), and brings an older one up to date.
    ///
    /// # Errors
    /// A [`moodring_core::error::UserError`] for a file that is not a library of ours or comes from a newer Moodring; neither is
    /// ever written to. Also when the disk is full or the place cannot be written.
    pub fn open(file: &Path) -> Result<Self> {
        Self::open_within(file, PATIENCE)
    }

    /// The same, for a command that had better wait for a long import than fail.
    pub fn open_patiently(file: &Path) -> Result<Self> {
        Self::open_within(file, LONG_PATIENCE)
    }

    fn open_within(file: &Path, patience: Duration) -> Result<Self> {
        make_private(file)
            .map_err(|error| user_error(format!("cannot open the library {}: {error}", file.display()), PLACE))?;
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        Connection::open_with_flags(file, flags)
            .map_err(Into::into)
            .and_then(|base| Self::prepare(base, patience, Some(file)))
            .map_err(|error| explain(error, file))
    }

    /// A library that is gone when dropped; for tests and for trying things out.
    pub fn in_memory() -> Result<Self> {
        Self::prepare(Connection::open_in_memory()?, PATIENCE, None)
    }

    /// Where it lies; `None`: in memory.
    pub fn path(&self) -> Option<&Path> {
        self.file.as_ref().map(|(path, _)| path.as_path())
    }

    /// Reads every page and index; an error names the first damage found. Takes seconds for a large library.
    pub fn check_integrity(&self) -> Result<()> {
        find_damage(&self.base)
    }

    /// Moves the write-ahead log into the file and empties it; where a reader needs the log, it stays as it is.
    pub fn empty_log(&self) -> Result<()> {
        let empty = || {
            self.base.busy_timeout(LOG_PATIENCE)?;
            let emptied = self.base.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()));
            self.base.busy_timeout(PATIENCE)?;
            emptied
        };
        doing("empty the library's log", empty())
    }

    fn prepare(mut base: Connection, patience: Duration, file: Option<&Path>) -> Result<Self> {
        base.busy_timeout(patience)?;
        schema::check(&base)?;
        if let Some(file) = file.filter(|_| schema::is_older(&base).unwrap_or(false)) {
            backup::back_up(&base, file, Timestamp::now())?;
        }
        base.pragma_update(None, "journal_mode", "wal")?;
        base.pragma_update(None, "synchronous", "full")?;
        schema::migrate(&mut base)?;
        let file = file.and_then(|file| Some((file.to_owned(), identity(file)?)));
        Ok(Self { base, file })
    }
}

/// An error for the first damage in a database; reads all of it.
fn find_damage(base: &Connection) -> Result<()> {
    let found = base.query_row("PRAGMA integrity_check(1)", [], |row| row.get::<_, String>(0));
    match doing("check the library", found)?.as_str() {
        "ok" => Ok(()),
        damage => Err(damaged(damage)),
    }
}

/// Says what is wrong with the library in a listener's words, with the way out.
fn explain(error: anyhow::Error, path: &Path) -> anyhow::Error {
    let file = path.display();
    if find_user_error(&error).is_some() {
        return error.context(format!("cannot use the library {file}"));
    }
    let code = error.downcast_ref::<rusqlite::Error>().and_then(rusqlite::Error::sqlite_error_code);
    let hint = match code {
        Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt) => {
            if let Some(backup) = backup::find_good_backup(path) {
                let day = backup.at.to_zoned_datetime(TimeZone::system()).strftime("%-d %B %Y, %H:%M");
                let hint = format!("`moodring library restore` brings back the backup of {day}");
                return user_error(format!("cannot use the library {file}: {error:#}"), hint);
            }
            "it is not a library of Moodring's, or it is damaged: move it away, then run `moodring scan`"
        }
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
            "another program holds it: close that and try again"
        }
        Some(ErrorCode::DiskFull) => "the disk is full: make room; nothing that was kept is lost",
        _ => PLACE,
    };
    user_error(format!("cannot use the library {file}: {error:#}"), hint)
}

/// Of a library whose pages contradict each other.
fn damaged(what: &str) -> anyhow::Error {
    user_error(
        format!("the library is damaged: {}", sanitize_line(what)),
        "`moodring library restore` brings back the last good backup",
    )
}

/// Adds what was being done, and the way out of a full disk.
fn doing<T>(what: &str, result: rusqlite::Result<T>) -> Result<T> {
    match result {
        Err(error) if error.sqlite_error_code() == Some(ErrorCode::DiskFull) => {
            Err(user_error(format!("cannot {what}: the disk is full"), "make room; nothing that was kept is lost"))
        }
        Err(error) if error.sqlite_error_code() == Some(ErrorCode::DatabaseCorrupt) => {
            Err(damaged(&error.to_string()).context(format!("cannot {what}")))
        }
        other => other.with_context(|| format!("cannot {what}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_disk_is_an_error_that_leaves_what_was_kept() {
        let song = |path: String| FileRow {
            path: path.into(),
            stamp: Stamp { size: 1, modified: 2, analysis: 3, ..Stamp::default() },
            found: Ok(Details { title: "Song".repeat(20), ..Details::default() }),
        };
        let home = tempfile::tempdir().unwrap();
        let file = home.path().join("library.db");
        let mut library = Library::open(&file).unwrap();
        library.put(&[song("/music/first.ogg".into())]).unwrap();
        // SQLite reports this limit just as it reports a disk without room.
        library.base.pragma_update(None, "max_page_count", 60).unwrap();
        let many: Vec<_> = (0..5000).map(|k| song(format!("/music/{k}.ogg"))).collect();
        let error = library.put(&many).unwrap_err();
        assert!(error.to_string().contains("disk is full") && find_user_error(&error).is_some(), "{error:#}");
        assert_eq!(library.songs(jiff::Timestamp::now()).unwrap().len(), 1);
        drop(library);
        assert_eq!(Library::open(&file).unwrap().songs(jiff::Timestamp::now()).unwrap().len(), 1);
    }
}
