//! Known songs whose file is not where it was; a new file may be one of them under another name.

use std::collections::HashMap;
use std::fs;
use std::io::{Error, ErrorKind};
use std::path::{Path, PathBuf};

use crate::library::Stamp;
use crate::scan::compare::Files;

/// Bytes, date and inode: moving on one disk changes none of them.
type Trace = (i64, i64, i64);

/// Each lost song is found again once at most, since one file cannot have moved to two places.
#[derive(Debug, Default)]
pub struct MovedFiles {
    traces: HashMap<Trace, Vec<PathBuf>>,
    prints: HashMap<i64, Vec<PathBuf>>,
}

impl MovedFiles {
    /// Those that are not on a disk that is away: they are expected to come back where they were.
    pub fn of(known: &Files, away: &[PathBuf]) -> Self {
        let mut lost = Self::default();
        let is_away = |path: &Path| away.iter().any(|disk| path.starts_with(disk));
        let is_lost =
            |path: &Path| has_no_place(path) || fs::symlink_metadata(path).is_err_and(|error| is_absence(&error));
        for (path, file) in known.iter().filter(|(path, file)| !file.failed && !is_away(path) && is_lost(path)) {
            lost.traces.entry(trace(&file.stamp)).or_default().push(path.clone());
            if let Some(print) = file.print {
                lost.prints.entry(print).or_default().push(path.clone());
            }
        }
        lost
    }

    /// Where a file of this size and date was, when only one is missing.
    pub fn by_trace(&mut self, trace: Trace) -> Option<PathBuf> {
        let twins = self.traces.remove(&trace)?;
        let [path] = twins.as_slice() else { return None };
        self.prints.values_mut().for_each(|paths| paths.retain(|other| other != path));
        Some(path.clone())
    }

    /// Where a file of this sound was; twins sound alike, so that any of them will do.
    pub fn by_print(&mut self, print: i64) -> Option<PathBuf> {
        self.prints.get_mut(&print)?.pop()
    }
}

pub fn trace(stamp: &Stamp) -> Trace {
    (stamp.size, stamp.modified, stamp.inode)
}

/// A song that another one has replaced; see [`crate::library::Library::exchange_files`].
fn has_no_place(path: &Path) -> bool {
    path.as_os_str().as_encoded_bytes().starts_with(&[0])
}

pub fn is_absence(error: &Error) -> bool {
    matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory)
}
