//! Disks below the music folders: where one was seen and is not now, its songs are away and not gone.

use std::fs::Metadata;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use walkdir::DirEntry;

pub use crate::library::{Disk, is_other_disk};

/// Watches a walk for folders that lie on another disk than the folder they stand in.
#[derive(Debug, Default)]
pub struct Seen {
    pub disks: Vec<Disk>,
    /// Devices of the folders from the root down to the one that is walked.
    devices: Vec<u64>,
}

impl Seen {
    /// A folder of its own, with the folders above it.
    pub fn begin(&mut self, root: &Path) {
        let above = root.ancestors().filter(|folder| is_other_disk(folder));
        self.disks.extend(above.map(|folder| Disk { path: folder.into(), link: false }));
        self.devices.clear();
    }

    /// The next folder of the walk, each after the one that holds it.
    pub fn enter(&mut self, entry: &DirEntry, metadata: &Metadata) {
        self.devices.truncate(entry.depth());
        let other = self.devices.last().is_some_and(|device| *device != metadata.dev());
        self.devices.push(metadata.dev());
        if other {
            self.disks.push(Disk { path: entry.path().into(), link: entry.path_is_symlink() });
        }
    }
}

/// Those of the known disks that are not there now.
pub fn away(known: &[Disk]) -> Vec<PathBuf> {
    known.iter().filter(|disk| disk.is_away()).map(|disk| disk.path.clone()).collect()
}
