//! The threads that listen, and the one that writes.

use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};

use crate::library::{FileRow, Library, Stamp};
use crate::scan::compare::Files;
use crate::scan::moved::MovedFiles;
use crate::scan::reader;
use crate::scan::report::{Progress, Summary};

/// Files in a commit, and the longest time that a file waits for one.
const BATCH: usize = 32;
const PATIENCE: Duration = Duration::from_secs(1);
/// Name of the threads that decode; their panics are damaged files, and not for the terminal.
pub const LISTENER: &str = "listener";

/// Reads files on several threads and writes what was found, in small batches.
pub fn listen_to(files: Vec<(PathBuf, Stamp)>, threads: usize, writer: &mut Writer) -> Result<()> {
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
                    if send.send(reader::read(path, stamp)).is_err() {
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
        // Moved in, and so gone once nobody writes: whoever waits to hand over a file would wait for ever.
        let files = receive;
        writer.write(&files, &mut progress)
    });
    progress.finish();
    result
}

/// Where what was found goes.
pub struct Writer<'a> {
    pub library: &'a mut Library,
    pub known: &'a Files,
    pub lost: MovedFiles,
    pub summary: &'a mut Summary,
}

impl Writer<'_> {
    fn write(&mut self, files: &Receiver<FileRow>, progress: &mut Progress) -> Result<()> {
        let mut batch = Vec::new();
        let mut written = Instant::now();
        loop {
            let next = files.recv_timeout(PATIENCE);
            let ended = matches!(next, Err(RecvTimeoutError::Disconnected));
            if let Ok(file) = next {
                self.summary.count(&file);
                progress.step(&file, Instant::now());
                batch.push(file);
            }
            if ended || batch.len() >= BATCH || written.elapsed() >= PATIENCE {
                self.keep(&batch)?;
                batch.clear();
                written = Instant::now();
            }
            if ended {
                return Ok(());
            }
        }
    }

    /// A new file that sounds as a lost one did is that one, with all that is known of it.
    fn keep(&mut self, batch: &[FileRow]) -> Result<()> {
        let fresh = batch.iter().filter(|file| !self.known.contains_key(&file.path));
        let prints = fresh.filter_map(|file| Some((&file.path, file.found.as_ref().ok()?.print?)));
        let moves: Vec<_> =
            prints.filter_map(|(path, print)| Some((self.lost.by_print(print)?, path.clone()))).collect();
        self.library.move_files(&moves)?;
        self.summary.moved += moves.len();
        self.library.put(batch)
    }
}
