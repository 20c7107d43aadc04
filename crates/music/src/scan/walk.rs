//! Finds the files that are music, or claim to be.

use std::collections::HashSet;
use std::fs::{self, Metadata};
use std::io::Read;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use walkdir::{DirEntry, WalkDir};

use crate::audio::analysis;
use crate::audio::container::Container;
use crate::library::Stamp;
use crate::scan::mounts::{Disk, Seen};

/// Endings by which a file claims to be music; with any other, its first bytes are asked.
const ENDINGS: [&str; 36] = [
    "mp3", "flac", "ogg", "oga", "opus", "m4a", "m4b", "aac", "alac", "wav", "aif", "aiff", "aifc", "wma", "ape",
    "mpc", "wv", "spx", "mka", "dsf", "dff", "tta", "mp2", "ac3", "mp4", "webm", "weba", "caf", "w64", "rf64", "au",
    "snd", "tak", "ofr", "shn", "mpga",
];

/// Kinds whose first bytes are long enough to be told from other files.
const MUSIC_KINDS: [&str; 6] = ["Monkey's Audio", "WavPack", "Musepack", "True Audio", "RF64", "Wave64"];

/// What was found in the folders.
#[derive(Debug, Default)]
pub struct WalkResult {
    /// Each file once, whatever links lead to it, in order of their paths.
    pub files: Vec<(PathBuf, Stamp)>,
    /// Folders that were read, and hold music.
    pub roots: Vec<PathBuf>,
    /// Folders that were read, and hold none.
    pub empty: Vec<PathBuf>,
    /// What could not be read, with the reason, one line each.
    pub closed: Vec<String>,
    /// Device and inode of each file.
    identities: HashSet<Identity>,
    /// Those of the folders in `roots`, in the same order.
    root_identities: Vec<Identity>,
    seen: Seen,
}

/// Device and inode.
type Identity = (u64, u64);

impl WalkResult {
    /// Walks folders, through links, but round no loop; hidden folders (the bin, for instance) are left out.
    pub fn walk(folders: &[PathBuf]) -> Self {
        let mut found = Self::default();
        for folder in folders {
            match fs::canonicalize(folder).and_then(|folder| fs::metadata(&folder).map(|_| folder)) {
                Ok(folder) => found.walk_one(&folder),
                Err(error) => found
                    .closed
                    .push(format!("cannot read {}: {error}", moodring_core::text::sanitize::escape_path(folder))),
            }
        }
        found
    }

    fn walk_one(&mut self, folder: &Path) {
        let before = self.identities.len();
        let root = fs::metadata(folder).map(|metadata| identity(&metadata));
        let (mut opened, mut seen) = (true, false);
        self.seen.begin(folder);
        let walk = WalkDir::new(folder).follow_links(true).sort_by_file_name();
        for entry in walk.into_iter().filter_entry(|entry| entry.depth() == 0 || !is_hidden(entry)) {
            match entry {
                Ok(entry) => seen |= self.add(&entry),
                Err(error) => {
                    opened &= error.depth() > 0;
                    self.closed.extend(why_closed(&error));
                }
            }
        }
        if !opened {
            return;
        }
        // A folder within one that was read before has all its files there.
        let holds_music = seen || self.identities.len() > before;
        match root {
            Ok(root) if holds_music => {
                self.roots.push(folder.into());
                self.root_identities.push(root);
            }
            _ => self.empty.push(folder.into()),
        }
    }

    /// Folders that were there when they were walked, and are gone now or lie on another disk.
    pub fn lost_roots(&self) -> Vec<PathBuf> {
        let is_lost = |folder: &Path, root: &Identity| match fs::metadata(folder) {
            Ok(metadata) => identity(&metadata) != *root,
            Err(_) => true,
        };
        let roots = self.roots.iter().zip(&self.root_identities);
        roots.filter(|(folder, root)| is_lost(folder, root)).map(|(folder, _)| folder.clone()).collect()
    }

    /// Whether the entry is music; adds it unless it is there already.
    fn add(&mut self, entry: &DirEntry) -> bool {
        let Ok(metadata) = entry.metadata() else { return false };
        if metadata.is_dir() {
            self.seen.enter(entry, &metadata);
        }
        if !metadata.is_file() || !claims_to_be_music(entry.path()) {
            return false;
        }
        if self.identities.insert(identity(&metadata)) {
            self.files.push((entry.path().into(), stamp(&metadata)));
        }
        true
    }

    /// Disks that these folders lie on, or that lie below them.
    pub fn disks(&self) -> &[Disk] {
        &self.seen.disks
    }

    /// Whether the file was found, by this path or through another link.
    pub fn has(&self, metadata: &Metadata) -> bool {
        self.identities.contains(&identity(metadata))
    }
}

fn identity(metadata: &Metadata) -> Identity {
    (metadata.dev(), metadata.ino())
}

fn stamp(metadata: &Metadata) -> Stamp {
    Stamp {
        size: i64::try_from(metadata.size()).unwrap_or(i64::MAX),
        modified: metadata.mtime().saturating_mul(1_000_000_000).saturating_add(metadata.mtime_nsec()),
        changed: metadata.ctime().saturating_mul(1_000_000_000).saturating_add(metadata.ctime_nsec()),
        inode: metadata.ino().cast_signed(),
        analysis: analysis::VERSION,
    }
}

fn is_hidden(entry: &DirEntry) -> bool {
    entry.file_name().as_encoded_bytes().starts_with(b".")
}

/// A loop of links is nobody's fault, and a link to nowhere no music.
fn why_closed(error: &walkdir::Error) -> Option<String> {
    let cause = error.io_error().filter(|cause| cause.kind() != std::io::ErrorKind::NotFound || error.depth() == 0)?;
    Some(format!(
        "cannot read {}: {cause}",
        moodring_core::text::sanitize::escape_path(error.path().unwrap_or(Path::new("?")))
    ))
}

fn claims_to_be_music(path: &Path) -> bool {
    let ending = path.extension().unwrap_or_default().to_string_lossy().to_lowercase();
    ENDINGS.contains(&ending.as_str()) || begins_like_music(path)
}

fn begins_like_music(path: &Path) -> bool {
    let mut start = [0; 12];
    let read = fs::File::open(path).and_then(|mut file| file.read_exact(&mut start));
    read.is_ok() && (start.starts_with(b"ID3") || is_certain(&start))
}

/// Beginnings that stand for music and for nothing else.
fn is_certain(start: &[u8]) -> bool {
    match Container::of_head(start) {
        Container::Flac | Container::Ogg | Container::Wav | Container::Aiff | Container::Caf => true,
        Container::Mp4 => start.ends_with(b"ftypM4A "),
        Container::Undecodable(name) => MUSIC_KINDS.contains(&name),
        _ => false,
    }
}
