//! The program file of this process, also after an upgrade has replaced it.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// The kernel's link to the running program, which stays valid after the file was replaced.
const RUNNING: &str = "/proc/self/exe";
/// The kernel adds this to the name of a deleted or replaced file.
const DELETED: &[u8] = b" (deleted)";

/// The path to start a process of the same version: the program's path, or the kernel's link if the path now leads to
/// another file.
pub fn same_version() -> PathBuf {
    match installed() {
        Some(path) if is_running(&path) => path,
        _ => RUNNING.into(),
    }
}

/// The path of this program, if another file is there now.
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
    fn an_unchanged_program_is_started_by_its_path_and_has_no_newer_version() {
        assert_eq!(same_version(), std::env::current_exe().unwrap());
        assert_eq!(newer_version(), None);
    }
}
