//! Folders that are scanned and watched, and the disks they were seen on.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use anyhow::Result;
use rusqlite::{Transaction, params};

use crate::library::files::{bytes, path_of};
use crate::library::{Library, doing};

/// A folder that lay on another disk than the folder that holds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Disk {
    pub path: PathBuf,
    /// It is a link to that disk.
    pub link: bool,
}

impl Disk {
    /// Whether it is not there now. A link that was taken away is its owner's doing.
    pub fn is_away(&self) -> bool {
        match fs::symlink_metadata(&self.path) {
            Ok(_) => !is_other_disk(&self.path),
            Err(_) => !self.link,
        }
    }
}

/// Whether a folder, or what a link leads to, lies on another disk than the folder that holds it.
pub fn is_other_disk(folder: &Path) -> bool {
    let device = |path: &Path| fs::metadata(path).map(|metadata| metadata.dev()).ok();
    let above = folder.parent().and_then(device);
    above.is_some() && device(folder).is_some_and(|here| Some(here) != above)
}

impl Library {
    /// Folders that were scanned once, to be watched from then on.
    pub fn folders(&self) -> Result<Vec<PathBuf>> {
        let read = || {
            let mut query = self.base.prepare("SELECT path FROM folders ORDER BY path")?;
            query.query_map([], |row| Ok(path_of(row.get(0)?)))?.collect()
        };
        doing("read the watched folders", read())
    }

    /// Adds to the folders to be watched.
    pub fn note_folders(&mut self, folders: &[PathBuf]) -> Result<()> {
        let note = |step: &Transaction| {
            let mut note = step.prepare("INSERT OR IGNORE INTO folders VALUES (?1)")?;
            folders.iter().try_for_each(|folder| note.execute([bytes(folder)]).map(drop))
        };
        doing("keep the scanned folders", self.at_once(note))
    }

    /// Every disk that was ever seen below the folders.
    pub fn disks(&self) -> Result<Vec<Disk>> {
        let read = || {
            let mut query = self.base.prepare("SELECT path, link FROM disks ORDER BY path")?;
            query.query_map([], |row| Ok(Disk { path: path_of(row.get(0)?), link: row.get(1)? }))?.collect()
        };
        doing("read the known disks", read())
    }

    /// Adds disks; forgets those that are no disks any more.
    pub fn note_disks(&mut self, seen: &[Disk], forgotten: &[&Path]) -> Result<()> {
        let note = |step: &Transaction| {
            let mut forget = step.prepare("DELETE FROM disks WHERE path = ?1")?;
            forgotten.iter().try_for_each(|path| forget.execute([bytes(path)]).map(drop))?;
            let mut note = step.prepare("INSERT OR REPLACE INTO disks VALUES (?1, ?2)")?;
            seen.iter().try_for_each(|disk| note.execute(params![bytes(&disk.path), disk.link]).map(drop))
        };
        doing("keep the disks", self.at_once(note))
    }
}
