//! The threads that listen, and the one that writes.

use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};

use super::listener;
use super::report::{Progress, Summary};
use crate::music::library::{File, Library, Stamp};

/// Files in a commit, and the longest time that a file waits for one.
const BATCH: usize = 32;
const PATIENCE: Duration = Duration::from_secs(1);
/// Name of the threads that decode; their panics are damaged files, and not for the terminal.
pub const LISTENER: &str = "listener";

/// Reads files on several threads and writes what was found, in small batches.
pub fn listen_to(
    files: Vec<(PathBuf, Stamp)>,
    library: &mut Library,
    threads: usize,
    summary: &mut Summary,
) -> Result<()> {
    let mut progress = Progress::new(files.len(), Instant::now());
    let files = Mutex::new(files.into_iter());
    let (send, receive) = sync_channel(BATCH);
    let result = thread::scope(|scope| {
        for _ in 0..threads {
            let (send, files) = (send.clone(), &files);
            let listen = move || {
                let next = || files.lock().ok()?.next();
                // A writer that has given up needs no more.
                while let Some((path, stamp)) = next() {
                    if send.send(listener::read(path, stamp)).is_err() {
                        break;
                    }
                }
            };
            thread::Builder::new()
                .name(LISTENER.into())
                .spawn_scoped(scope, listen)
                .context("cannot start a thread")?;
        }
        drop(send);
        write(receive, library, summary, &mut progress)
    });
    progress.finish();
    result
}

fn write(files: Receiver<File>, library: &mut Library, summary: &mut Summary, progress: &mut Progress) -> Result<()> {
    let mut batch = Vec::new();
    let mut written = Instant::now();
    loop {
        let next = files.recv_timeout(PATIENCE);
        let ended = matches!(next, Err(RecvTimeoutError::Disconnected));
        if let Ok(file) = next {
            summary.count(&file);
            progress.step(&file, Instant::now());
            batch.push(file);
        }
        if ended || batch.len() >= BATCH || written.elapsed() >= PATIENCE {
            library.put(&batch)?;
            batch.clear();
            written = Instant::now();
        }
        if ended {
            return Ok(());
        }
    }
}
