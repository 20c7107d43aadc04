//! Processes of this machine, read from `/proc`.
//!
//! 1. Files of a process are visible to its user and to root.
//! 2. A value that cannot be read is empty.

use std::ffi::{OsStr, OsString};
use std::fs::{self, File};
use std::io::Read;
use std::os::unix::ffi::OsStringExt;
use std::path::{Path, PathBuf};

/// The most bytes that are read of a command line or an environment.
const LONGEST: u64 = 1 << 20;

/// A process, which may have ended.
#[derive(Clone, Debug)]
pub struct Process {
    pid: u32,
    folder: PathBuf,
}

/// A file that a process has open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenFile {
    /// Its number, as text.
    pub descriptor: OsString,
    /// Its path, or the kernel's name for it, e.g. `socket:[123]`. The path of a process in a container can have a prefix.
    pub target: PathBuf,
}

impl Process {
    pub fn new(pid: u32) -> Self {
        Self { pid, folder: Path::new("/proc").join(pid.to_string()) }
    }

    /// All processes below `/proc`, or below another folder of the same form.
    pub fn all(root: &Path) -> impl Iterator<Item = Self> {
        let entries = fs::read_dir(root).into_iter().flatten().flatten();
        entries.filter_map(|entry| Some(Self { pid: entry.file_name().to_str()?.parse().ok()?, folder: entry.path() }))
    }

    pub fn pid(&self) -> u32 {
        self.pid
    }

    /// Its folder below `/proc`.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The name of its program, cut to 15 bytes by the kernel.
    pub fn name(&self) -> String {
        fs::read_to_string(self.folder.join("comm")).unwrap_or_default().trim().to_owned()
    }

    pub fn open_files(&self) -> Vec<OpenFile> {
        let entries = fs::read_dir(self.folder.join("fd")).into_iter().flatten().flatten();
        let open = entries
            .filter_map(|it| Some(OpenFile { descriptor: it.file_name(), target: fs::read_link(it.path()).ok()? }));
        open.collect()
    }

    /// The kernel's details about an open file, one "name: value" a line.
    pub fn file_details(&self, descriptor: &OsStr) -> String {
        fs::read_to_string(self.folder.join("fdinfo").join(descriptor)).unwrap_or_default()
    }

    /// Whether a file whose path ends with `path` is mapped into its memory.
    pub fn has_mapped(&self, path: &str) -> bool {
        fs::read_to_string(self.folder.join("maps")).is_ok_and(|maps| maps.lines().any(|line| line.ends_with(path)))
    }

    /// Its command line, program first.
    pub fn arguments(&self) -> Vec<OsString> {
        self.read_words("cmdline")
    }

    /// Its environment at its start, each as "NAME=value".
    pub fn environment(&self) -> Vec<OsString> {
        self.read_words("environ")
    }

    fn read_words(&self, name: &str) -> Vec<OsString> {
        let mut bytes = Vec::new();
        // An unreadable file counts as empty.
        let _ = File::open(self.folder.join(name)).map(|file| file.take(LONGEST).read_to_end(&mut bytes));
        let words = bytes.split(|byte| *byte == 0).filter(|word| !word.is_empty());
        words.map(|word| OsString::from_vec(word.to_vec())).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_process_is_among_all_with_its_open_files_and_arguments() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let this = Process::all(Path::new("/proc")).find(|it| it.pid() == std::process::id()).unwrap();
        assert!(this.open_files().iter().any(|it| it.target == file.path()));
        assert_eq!(this.arguments()[0], std::env::args_os().next().unwrap());
        assert!(!this.name().is_empty());
    }

    #[test]
    fn a_process_that_is_not_there_shows_nothing() {
        let missing = Process::new(u32::MAX);
        assert!(missing.open_files().is_empty() && missing.arguments().is_empty() && missing.name().is_empty());
        assert!(!missing.has_mapped("lib"));
    }
}
