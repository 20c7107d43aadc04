//! The library's file before SQLite opens it: it exists, and only its user may read it.
//!
//! The file is never opened here once it exists. By POSIX, closing any descriptor of a file drops every lock that the
//! process holds on it, so a second opening would unlock the database under a running connection.

use std::fs::{self, DirBuilder, OpenOptions, Permissions};
use std::io::{self, ErrorKind};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::Path;

/// Makes an empty file for this user alone, or takes an existing one from others.
pub fn make_private(file: &Path) -> io::Result<()> {
    if let Some(folder) = file.parent() {
        DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    }
    match create_new(file) {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => take_from_others(file),
        created => created,
    }
}

/// A new empty file of mode 0600. Nobody has a file open that did not exist, so closing this one unlocks nothing.
pub fn create_new(file: &Path) -> io::Result<()> {
    OpenOptions::new().write(true).create_new(true).mode(0o600).open(file).map(drop)
}

fn take_from_others(file: &Path) -> io::Result<()> {
    let meta = fs::metadata(file)?;
    if !meta.is_file() {
        return Err(io::Error::new(ErrorKind::InvalidInput, "it is not a file"));
    }
    match meta.permissions().mode() & 0o077 {
        0 => Ok(()),
        _ => fs::set_permissions(file, Permissions::from_mode(0o600)),
    }
}

/// What tells a file from another that takes its name: device and inode. `None`: there is no file.
pub fn identity(file: &Path) -> Option<(u64, u64)> {
    fs::metadata(file).ok().map(|meta| (meta.dev(), meta.ino()))
}
