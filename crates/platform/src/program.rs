//! The program file of this process, also after a package manager has put a newer one in its place.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// The kernel's own link to the program that runs, whatever became of its name.
const RUNNING: &str = "/proc/self/exe";
/// What the kernel adds to the name of a file that was deleted or replaced.
const DELETED: &[u8] = b" (deleted)";

/// What to start for a process of this very version: the program's path, or the kernel's link where the path leads to
/// another file by now.
pub fn same_version() -> PathBuf {
    match installed() {
        Some(path) if is_running(&path) => path,
        _ => RUNNING.into(),
    }
}

/// The path under which this program was started, if a newer file lies there now.
pub fn newer_version() -> Option<PathBuf> {
    installed().filter(|path| path.is_file() && !is_running(path))
}

fn installed() -> Option<PathBuf> {
    let link = std::fs::read_link(RUNNING).ok()?;
    let name = link.as_os_str().as_bytes();
    Some(OsStr::from_bytes(name.strip_suffix(DELETED).unwrap_or(name)).into())
}

fn is_running(path: &Path) -> bool {
    let identity = |path: &Path| std::fs::metadata(path).ok().map(|meta| (meta.dev(), meta.ino()));
    identity(path).is_some_and(|file| identity(Path::new(RUNNING)) == Some(file))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unchanged_program_is_started_by_its_path_and_is_no_newer_version() {
        assert_eq!(same_version(), std::env::current_exe().unwrap());
        assert_eq!(newer_version(), None);
    }
}
