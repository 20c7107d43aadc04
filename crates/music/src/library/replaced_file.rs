//! A library whose file another program has deleted or replaced while it is open.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use jiff::Timestamp;

use crate::library::Library;
use crate::library::backup::with_suffix;
use crate::library::private_file::identity;

/// What stands at the library's path now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileState {
    /// The file that is open.
    Same,
    /// No file.
    Deleted,
    /// Another file.
    Replaced,
}

impl Library {
    /// Compares the open file with the one at its path. A library in memory is always the same.
    pub fn file_state(&self) -> FileState {
        let Some((path, opened)) = &self.file else { return FileState::Same };
        match identity(path) {
            Some(now) if now == *opened => FileState::Same,
            Some(_) => FileState::Replaced,
            None => FileState::Deleted,
        }
    }

    /// Returns the library at the path of this one after the file was deleted or replaced there.
    ///
    /// The deleted file is still readable through the open connection: all of it is written to the path again. A file that
    /// has taken its place is opened as it is, and what this one holds becomes a backup.
    ///
    /// # Errors
    /// When the disk is full, or what stands at the path is not a library; this one stays usable then.
    pub fn reopen(&self, now: Timestamp) -> Result<Self> {
        let (path, _) = self.file.as_ref().context("a library in memory has no file")?;
        match self.file_state() {
            FileState::Same => {}
            FileState::Deleted => self.write_again(path)?,
            FileState::Replaced => drop(self.back_up(now)?),
        }
        Self::open(path)
    }

    fn write_again(&self, path: &Path) -> Result<()> {
        let part = with_suffix(path, ".part");
        self.copy_to(&part)?;
        // The log and index of the deleted file do not belong to the new one.
        for suffix in ["-wal", "-shm"] {
            let _ = fs::remove_file(with_suffix(path, suffix));
        }
        // A link fails where another program has put a file meanwhile, which a rename would delete.
        let linked = fs::hard_link(&part, path).with_context(|| format!("cannot write {} again", path.display()));
        let _ = fs::remove_file(&part);
        linked
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use moodring_core::message::Record;

    fn denied(file: &Path) -> Library {
        let mut library = Library::open(file).unwrap();
        library.remember(&Record::Consent(false), Timestamp::now()).unwrap();
        library
    }

    #[test]
    fn a_deleted_library_is_written_again_with_all_that_it_held() {
        let home = tempfile::tempdir().unwrap();
        let file = home.path().join("library.db");
        let library = denied(&file);
        assert_eq!(library.file_state(), FileState::Same);
        fs::remove_file(&file).unwrap();
        assert_eq!(library.file_state(), FileState::Deleted);
        let again = library.reopen(Timestamp::now()).unwrap();
        drop(library);
        assert_eq!(again.file_state(), FileState::Same);
        assert_eq!(Library::open(&file).unwrap().settings().unwrap().consent, Some(false));
    }

    #[test]
    fn a_library_put_in_its_place_is_opened_and_the_former_one_becomes_a_backup() {
        let home = tempfile::tempdir().unwrap();
        let [file, other] = ["library.db", "other.db"].map(|name| home.path().join(name));
        let library = denied(&file);
        let mut next = Library::open(&other).unwrap();
        next.remember(&Record::Paused(true), Timestamp::now()).unwrap();
        drop(next);
        for suffix in ["-wal", "-shm"] {
            fs::remove_file(with_suffix(&file, suffix)).unwrap();
        }
        fs::rename(&other, &file).unwrap();
        assert_eq!(library.file_state(), FileState::Replaced);
        let again = library.reopen(Timestamp::now()).unwrap();
        let settings = again.settings().unwrap();
        assert_eq!((settings.consent, settings.paused), (None, true));
        let backup = crate::library::backup::find_good_backup(&file).unwrap();
        assert_eq!(Library::open(&backup.path).unwrap().settings().unwrap().consent, Some(false));
    }
}
