//! A music file that tells a failure to reach it from a fault in what it holds.
//!
//! 1. Readers of tags and sound take a read error for the end of the file or for damage. So each error that the kernel
//!    reports is remembered here, whatever those readers make of it.
//! 2. A file with such an error has not been read: nothing that was found in it counts.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicI32, Ordering};

use symphonia::core::io::MediaSource;

/// Where a file lies, and the first error in reaching it.
#[derive(Clone, Debug)]
pub struct FileAccess {
    path: PathBuf,
    /// Error number of the kernel; 0: none.
    error: Arc<AtomicI32>,
}

impl FileAccess {
    pub fn new(path: &Path) -> Self {
        Self { path: path.into(), error: Arc::default() }
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    pub fn open(&self) -> io::Result<SourceFile> {
        let file = self.note(File::open(&self.path))?;
        let metadata = self.note(file.metadata())?;
        Ok(SourceFile { file, size: metadata.len(), access: self.clone() })
    }

    /// The first error that the kernel reported; `None`: all that was asked for could be read.
    pub fn error(&self) -> Option<io::Error> {
        let number = self.error.load(Ordering::Relaxed);
        (number != 0).then(|| io::Error::from_raw_os_error(number))
    }

    fn note<T>(&self, result: io::Result<T>) -> io::Result<T> {
        if let Err(error) = &result
            && let Some(number) = error.raw_os_error().filter(|number| is_access_error(*number))
        {
            let _ = self.error.compare_exchange(0, number, Ordering::Relaxed, Ordering::Relaxed);
        }
        result
    }
}

/// A seek to a place before the file's start comes from damaged content, and an interrupted call is repeated.
fn is_access_error(number: i32) -> bool {
    use rustix::io::Errno;
    ![Errno::INVAL, Errno::OVERFLOW, Errno::INTR].iter().any(|errno| errno.raw_os_error() == number)
}

/// An open music file.
#[derive(Debug)]
pub struct SourceFile {
    file: File,
    size: u64,
    access: FileAccess,
}

impl SourceFile {
    /// Bytes.
    pub fn size(&self) -> u64 {
        self.size
    }
}

impl Read for SourceFile {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.file.read(buffer);
        self.access.note(read)
    }
}

impl Seek for SourceFile {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let sought = self.file.seek(to);
        self.access.note(sought)
    }
}

impl MediaSource for SourceFile {
    fn is_seekable(&self) -> bool {
        true
    }

    fn byte_len(&self) -> Option<u64> {
        Some(self.size)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_file_is_an_access_error_and_a_seek_before_the_start_is_not() {
        let missing = FileAccess::new(Path::new("/nowhere/at/all.mp3"));
        assert!(missing.open().is_err());
        assert_eq!(missing.error().map(|error| error.kind()), Some(io::ErrorKind::NotFound));
        let file = tempfile::NamedTempFile::new().unwrap();
        let access = FileAccess::new(file.path());
        assert!(access.open().unwrap().seek(SeekFrom::Current(-5)).is_err());
        assert!(access.error().is_none());
    }
}
