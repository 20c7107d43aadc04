//! The threads that read files, and the one that writes what they found.
//!
//! 1. A read from a disk that does not answer cannot be stopped. A file that takes longer than the limit is left to the
//!    next scan, and a new thread takes the place of the one that is stuck; what that one finds later is dropped.
//! 2. After `MOST_STUCK` such files the rest is left to the next scan too: the disk does not answer.

use std::collections::{HashMap, HashSet};
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, available_parallelism};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use jiff::Timestamp;

use crate::library::{FileRow, Library, Stamp};
use crate::scan::Options;
use crate::scan::compare::Files;
use crate::scan::moved::MovedFiles;
use crate::scan::reader::{self, ReadOutcome};
use crate::scan::report::{Progress, Summary};

/// Files in a commit, and the longest time that a file waits for one.
const BATCH: usize = 32;
const PATIENCE: Duration = Duration::from_secs(1);
/// Files that may block before the scan stops reading.
const MOST_STUCK: usize = 4;
/// Name of the threads that decode; their panics are damaged files, and not for the terminal.
pub const LISTENER: &str = "listener";

/// Reads files on several threads and writes what was found, in small batches.
pub fn read_files(files: Vec<(PathBuf, Stamp)>, options: &Options, writer: &mut Writer) -> Result<()> {
    let mut progress = Progress::new(files.len(), Instant::now());
    let mut work = Work::new(files, options.file_limit);
    let threads = options.threads.unwrap_or_else(|| available_parallelism().map_or(1, Into::into));
    for _ in 0..threads {
        work.start_thread()?;
    }
    let result = writer.write(&mut work, &mut progress);
    progress.finish();
    result
}

/// Files that are to be read, and those that are being read, each with the moment it was begun.
#[derive(Debug, Default)]
struct Queue {
    waiting: std::vec::IntoIter<(PathBuf, Stamp)>,
    begun: HashMap<PathBuf, Instant>,
}

impl Queue {
    fn begin_next(&mut self) -> Option<(PathBuf, Stamp)> {
        let next = self.waiting.next()?;
        self.begun.insert(next.0.clone(), Instant::now());
        Some(next)
    }

    /// Whether the file still belongs to the thread that read it.
    fn end(&mut self, path: &PathBuf) -> bool {
        self.begun.remove(path).is_some()
    }

    fn take_stuck(&mut self, limit: Duration) -> Vec<PathBuf> {
        self.begun.extract_if(|_, begun| begun.elapsed() >= limit).map(|(path, _)| path).collect()
    }
}

/// The reading threads, as the writer sees them.
struct Work {
    queue: Arc<Mutex<Queue>>,
    send: SyncSender<ReadOutcome>,
    receive: Receiver<ReadOutcome>,
    /// Files of which nothing has been heard yet.
    left: usize,
    limit: Duration,
    stuck: usize,
}

impl Work {
    fn new(files: Vec<(PathBuf, Stamp)>, limit: Duration) -> Self {
        let (send, receive) = sync_channel(BATCH);
        let left = files.len();
        let queue = Queue { waiting: files.into_iter(), ..Queue::default() };
        Self { queue: Arc::new(Mutex::new(queue)), send, receive, left, limit, stuck: 0 }
    }

    /// A thread that nobody waits for, as it may be stuck for ever.
    fn start_thread(&self) -> Result<()> {
        let (send, queue) = (self.send.clone(), self.queue.clone());
        let read_all = move || {
            // A function of its own, so that the lock is not held while a file is read.
            let begin_next = || lock(&queue).begin_next();
            // A writer that has given up needs no more.
            while let Some((path, stamp)) = begin_next() {
                let outcome = reader::read(path.clone(), stamp);
                if !lock(&queue).end(&path) || send.send(outcome).is_err() {
                    break;
                }
            }
        };
        thread::Builder::new().name(LISTENER.into()).spawn(read_all).context("cannot start a thread")?;
        Ok(())
    }

    /// The outcomes since the last call, after a wait of at most [`PATIENCE`].
    fn next_outcomes(&mut self) -> Result<Vec<ReadOutcome>> {
        let mut outcomes: Vec<_> = self.receive.recv_timeout(PATIENCE).into_iter().collect();
        outcomes.extend(self.give_up_stuck()?);
        self.left = self.left.saturating_sub(outcomes.len());
        Ok(outcomes)
    }

    fn give_up_stuck(&mut self) -> Result<Vec<ReadOutcome>> {
        let stuck = lock(&self.queue).take_stuck(self.limit);
        self.stuck += stuck.len();
        let mut given_up: Vec<_> = stuck.into_iter().map(|path| no_answer(path, self.limit)).collect();
        if self.stuck >= MOST_STUCK {
            let waiting = std::mem::take(&mut lock(&self.queue).waiting);
            given_up.extend(waiting.map(|(path, _)| ReadOutcome::unreachable(path, "the disk does not answer")));
        } else {
            given_up.iter().try_for_each(|_| self.start_thread())?;
        }
        Ok(given_up)
    }
}

fn no_answer(path: PathBuf, limit: Duration) -> ReadOutcome {
    ReadOutcome::unreachable(path, format!("it could not be read within {} s", limit.as_secs()))
}

fn lock(queue: &Mutex<Queue>) -> std::sync::MutexGuard<'_, Queue> {
    queue.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Where what was found goes.
pub struct Writer<'a> {
    pub library: &'a mut Library,
    pub known: &'a Files,
    pub lost: MovedFiles,
    pub places: Places,
    /// Files that were read and are not written yet.
    pub held: Vec<FileRow>,
    pub summary: &'a mut Summary,
}

impl Writer<'_> {
    fn write(&mut self, work: &mut Work, progress: &mut Progress) -> Result<()> {
        let mut batch = Vec::new();
        let mut written = Instant::now();
        while work.left > 0 {
            for outcome in work.next_outcomes()? {
                self.summary.count(&outcome);
                progress.step(&outcome, Instant::now());
                if let ReadOutcome::Read(file) = outcome {
                    batch.push(file);
                }
            }
            if work.left == 0 || batch.len() >= BATCH || written.elapsed() >= PATIENCE {
                self.keep(&batch)?;
                batch.clear();
                written = Instant::now();
            }
        }
        self.settle_held()
    }

    /// Writes what was read, but for songs of which the rest of the scan tells whether they took the place of another.
    fn keep(&mut self, batch: &[FileRow]) -> Result<()> {
        let (waiting, certain): (Vec<_>, Vec<_>) =
            batch.iter().cloned().partition(|file| self.places.note(self.known, file));
        self.held.extend(waiting);
        let known = self.known;
        let fresh = certain.iter().filter(|file| !known.contains_key(&file.path));
        let moves = self.find_lost(fresh);
        self.library.move_files(&moves)?;
        self.summary.moved += moves.len();
        self.library.put(&certain)
    }

    /// Where a new file's song was, when it sounds as a lost one did: it is that one, with all that is known of it.
    fn find_lost<'f>(&mut self, files: impl Iterator<Item = &'f FileRow>) -> Vec<(PathBuf, PathBuf)> {
        let prints = files.filter_map(|file| Some((file.path.clone(), print_of(file)?)));
        prints.filter_map(|(path, print)| Some((self.lost.by_print(print)?, path))).collect()
    }

    /// Songs that took each other's places keep what is known of them.
    fn settle_held(&mut self) -> Result<()> {
        let held = std::mem::take(&mut self.held);
        let mut moves = Vec::new();
        for file in &held {
            let Some(print) = print_of(file) else { continue };
            let from = self.places.leave(print).or_else(|| self.lost.by_print(print));
            moves.extend(from.filter(|from| *from != file.path).map(|from| (from, file.path.clone())));
        }
        self.library.exchange_files(&moves, Timestamp::now())?;
        self.summary.moved += moves.len();
        self.library.put(&held)
    }
}

fn print_of(file: &FileRow) -> Option<i64> {
    file.found.as_ref().ok()?.print
}

/// Which song was where before, for files that are read now.
#[derive(Debug, Default)]
pub struct Places {
    /// Sounds of known files that are to be read.
    expected: HashSet<i64>,
    /// Sounds that are not where they were any more, and where that was.
    left: HashMap<i64, Vec<PathBuf>>,
}

impl Places {
    /// Those of the files that are to be read.
    pub fn new(known: &Files, files: &[(PathBuf, Stamp)]) -> Self {
        let expected = files.iter().filter_map(|(path, _)| known.get(path)?.print).collect();
        Self { expected, ..Self::default() }
    }

    /// Notes what was read; whether the file has to wait for what the others hold.
    fn note(&mut self, known: &Files, file: &FileRow) -> bool {
        let Some(print) = print_of(file) else { return false };
        match known.get(&file.path).map(|before| before.print) {
            Some(Some(before)) if before != print => {
                self.left.entry(before).or_default().push(file.path.clone());
                true
            }
            Some(_) => false,
            None => self.expected.contains(&print),
        }
    }

    /// Where the song of this sound was.
    fn leave(&mut self, print: i64) -> Option<PathBuf> {
        self.left.get_mut(&print)?.pop()
    }
}
