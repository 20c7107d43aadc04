//! One agent for each library, by a lock file beside it, which the kernel frees when the process ends.
//!
//! The name on the session bus keeps a second agent out of the same session only. The file also says whether the last agent
//! ended in order: where it did not, the library is checked before it is used.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::Result;

use moodring_core::error::user_error;
use moodring_platform::folders::PLACE;

const RUNNING: &str = "running";
/// Time between two attempts to take the lock.
const PAUSE: Duration = Duration::from_millis(50);

/// Held while an agent uses the library.
#[derive(Debug)]
pub struct InstanceLock {
    file: File,
    /// The agent before this one ended without leaving, for instance by a power cut.
    pub last_end_was_unclean: bool,
}

impl InstanceLock {
    /// Takes the lock of this library; waits up to `patience` for an agent that is about to leave.
    pub fn acquire(library: &Path, patience: Duration) -> Result<Self> {
        let path = library.with_extension("lock");
        let unusable = |error| user_error(format!("cannot use the lock {}: {error}", path.display()), PLACE);
        let mut file = open(&path).map_err(unusable)?;
        let end = Instant::now() + patience;
        let mut waits = false;
        while let Err(error) = file.try_lock() {
            match error {
                // A file system without locks keeps nobody out, and is no reason not to run.
                TryLockError::Error(error) => {
                    tracing::warn!("{} cannot be locked: {error}", path.display());
                    break;
                }
                TryLockError::WouldBlock if Instant::now() >= end => return Err(taken(&read(&mut file), library)),
                TryLockError::WouldBlock => {
                    if !std::mem::replace(&mut waits, true) && patience > Duration::from_secs(5) {
                        tracing::info!("another agent uses {}: waiting until it leaves", library.display());
                    }
                    std::thread::sleep(PAUSE);
                }
            }
        }
        let last_end_was_unclean = read(&mut file).starts_with(RUNNING);
        let mut lock = Self { file, last_end_was_unclean };
        lock.write(&format!("{RUNNING} {}\n", std::process::id())).map_err(unusable)?;
        Ok(lock)
    }

    /// Notes that this agent has left in order.
    pub fn note_clean_end(&mut self) {
        if let Err(error) = self.write("") {
            tracing::debug!("the clean end could not be noted: {error}");
        }
    }

    fn write(&mut self, text: &str) -> std::io::Result<()> {
        self.file.set_len(0)?;
        self.file.rewind()?;
        self.file.write_all(text.as_bytes())
    }
}

fn open(path: &Path) -> std::io::Result<File> {
    OpenOptions::new().read(true).write(true).create(true).truncate(false).mode(0o600).open(path)
}

fn read(file: &mut File) -> String {
    let mut text = String::new();
    // A file that cannot be read says nothing of the last end.
    let _ = file.rewind().and_then(|()| file.read_to_string(&mut text));
    text
}

fn taken(content: &str, library: &Path) -> anyhow::Error {
    let process = content.trim().strip_prefix(RUNNING).map(|pid| format!(" (process{pid})")).unwrap_or_default();
    let what = format!("another Moodring{process} uses the library {}", library.display());
    user_error(what, "end it with `moodring quit` in its session, or end that process")
}

#[cfg(test)]
mod tests {
    use super::*;
    use moodring_core::error::find_user_error;

    #[test]
    fn a_library_has_one_agent_and_its_end_is_noted() {
        let home = tempfile::tempdir().unwrap();
        let library = home.path().join("library.db");
        let mut first = InstanceLock::acquire(&library, Duration::ZERO).unwrap();
        assert!(!first.last_end_was_unclean);
        let refused = InstanceLock::acquire(&library, Duration::from_millis(100)).unwrap_err();
        let said = find_user_error(&refused).unwrap();
        assert!(said.what.contains(&std::process::id().to_string()) && !said.hint.is_empty(), "{refused:#}");
        first.note_clean_end();
        drop(first);
        let second = InstanceLock::acquire(&library, Duration::ZERO).unwrap();
        assert!(!second.last_end_was_unclean);
        // As by kill -9.
        drop(second);
        assert!(InstanceLock::acquire(&library, Duration::ZERO).unwrap().last_end_was_unclean);
    }
}
