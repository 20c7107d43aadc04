//! The library's thread: writes what is to be kept, and reads the songs.
//!
//! What cannot be written (a full disk, a locked file) waits in memory, in order, and is tried again.

use std::collections::VecDeque;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::Duration;

use anyhow::Result;
use jiff::Timestamp;

use moodring_core::domain::song::Song;
use moodring_core::message::{Event, Record};
use moodring_core::recommend::collaborative::peer_affinities::{CLOSEST, PeerAffinities};
use moodring_music::library::Library;

/// How long the loop waits to hear that a thing is written.
const PATIENCE: Duration = Duration::from_secs(1);
const RETRY: Duration = Duration::from_secs(60);
/// Beyond this, the oldest of what cannot be written is dropped.
const MOST: usize = 10_000;

enum Job {
    Remember(Record, Timestamp),
    Reload,
    /// Answers whether nothing is left unwritten.
    Flush(Sender<bool>),
}

/// A handle on the library's thread.
pub struct Persistence {
    jobs: Sender<Job>,
}

impl Persistence {
    pub fn start(library: Library, events: Sender<Event>) -> Result<Self> {
        let (jobs, queue) = channel();
        moodring_platform::threads::spawn("library", move || {
            PersistenceWorker { library, events, unwritten: VecDeque::new() }.run(&queue)
        })?;
        Ok(Self { jobs })
    }

    pub fn remember(&self, memory: Record) {
        self.send(Job::Remember(memory, Timestamp::now()));
    }

    /// An [`Event::LibraryLoaded`] follows.
    pub fn reload(&self) {
        self.send(Job::Reload);
    }

    /// All that was to be remembered is on disk.
    pub fn written(&self) -> bool {
        let (sender, answer) = channel();
        self.send(Job::Flush(sender));
        answer.recv_timeout(PATIENCE).unwrap_or(false)
    }

    /// A last chance to write, before the agent leaves.
    pub fn finish(&self) {
        if !self.written() {
            tracing::error!("the library could not be written before leaving");
        }
    }

    fn send(&self, job: Job) {
        if self.jobs.send(job).is_err() {
            tracing::error!("the library's thread has ended");
        }
    }
}

struct PersistenceWorker {
    library: Library,
    events: Sender<Event>,
    unwritten: VecDeque<(Record, Timestamp)>,
}

impl PersistenceWorker {
    fn run(&mut self, jobs: &Receiver<Job>) {
        while let Some(job) = self.next(jobs) {
            match job {
                Some(Job::Remember(memory, at)) => self.keep(memory, at),
                Some(Job::Reload) => self.reload(),
                Some(Job::Flush(sender)) => drop(sender.send(self.unwritten.is_empty())),
                None => self.write(),
            }
        }
    }

    /// The next job; `Some(None)`: it is time to try again; `None`: the agent has left.
    fn next(&self, jobs: &Receiver<Job>) -> Option<Option<Job>> {
        if self.unwritten.is_empty() {
            return jobs.recv().ok().map(Some);
        }
        match jobs.recv_timeout(RETRY) {
            Ok(job) => Some(Some(job)),
            Err(RecvTimeoutError::Timeout) => Some(None),
            Err(RecvTimeoutError::Disconnected) => None,
        }
    }

    fn keep(&mut self, memory: Record, at: Timestamp) {
        self.unwritten.push_back((memory, at));
        if self.unwritten.len() > MOST {
            self.unwritten.pop_front();
        }
        self.write();
    }

    fn write(&mut self) {
        while let Some((memory, at)) = self.unwritten.front() {
            if let Err(error) = self.library.remember(memory, *at) {
                tracing::warn!("cannot write to the library, trying again later: {error:#}");
                return;
            }
            self.unwritten.pop_front();
        }
    }

    fn reload(&self) {
        match self.library.baselines() {
            Ok(baselines) => drop(self.events.send(Event::BaselinesLoaded(baselines))),
            Err(error) => tracing::error!("cannot read what is known of the face at rest: {error:#}"),
        }
        match self.library.lessons(Timestamp::now()) {
            Ok(lessons) => drop(self.events.send(Event::FeedbackLoaded(lessons))),
            Err(error) => tracing::error!("cannot read what became of songs: {error:#}"),
        }
        match self.songs() {
            Ok(songs) => drop(self.events.send(Event::LibraryLoaded(songs))),
            Err(error) => tracing::error!("cannot read the library: {error:#}"),
        }
        if let Err(error) = self.learn_from_others() {
            tracing::warn!("other listeners' histories are not learned from: {error:#}");
        }
    }

    /// Those with a file first, then those that only a player which streams may have.
    fn songs(&self) -> Result<Vec<Song>> {
        let now = Timestamp::now();
        let mut songs = self.library.songs(now)?;
        songs.extend(self.library.songs_elsewhere(&songs, now)?);
        Ok(songs)
    }

    /// An [`Event::PeerModelReady`] follows where there are any; on a thread of its own, since it may take seconds.
    fn learn_from_others(&self) -> Result<()> {
        let own = self.library.own_history()?;
        let others = self.library.histories_alike(&own, CLOSEST)?;
        if others.is_empty() {
            return Ok(());
        }
        let events = self.events.clone();
        moodring_platform::threads::spawn("others", move || {
            drop(events.send(Event::PeerModelReady(PeerAffinities::of(&own, &others))))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_remembered_is_written_before_it_is_called_so() {
        let home = tempfile::tempdir().unwrap();
        let file = home.path().join("library.db");
        let (sender, events) = channel();
        let store = Persistence::start(Library::open(&file).unwrap(), sender).unwrap();
        store.remember(Record::Consent(true));
        assert!(store.written());
        assert_eq!(Library::open(&file).unwrap().settings().unwrap().consent, Some(true));
        store.reload();
        assert_eq!(events.recv_timeout(Duration::from_secs(5)), Ok(Event::BaselinesLoaded(Default::default())));
        assert_eq!(events.recv_timeout(Duration::from_secs(5)), Ok(Event::FeedbackLoaded(vec![])));
        assert_eq!(events.recv_timeout(Duration::from_secs(5)), Ok(Event::LibraryLoaded(vec![])));
    }

    #[test]
    fn what_cannot_be_written_waits_and_is_not_called_written() {
        let home = tempfile::tempdir().unwrap();
        let file = home.path().join("library.db");
        let store = Persistence::start(Library::open(&file).unwrap(), channel().0).unwrap();
        let other = rusqlite::Connection::open(&file).unwrap();
        other.execute_batch("BEGIN IMMEDIATE").unwrap();
        store.remember(Record::Consent(true));
        assert!(!store.written(), "another program holds the file");
        other.execute_batch("COMMIT").unwrap();
        let deadline = std::time::Instant::now() + Duration::from_secs(20);
        while !store.written() && std::time::Instant::now() < deadline {
            store.remember(Record::Paused(false));
        }
        assert_eq!(Library::open(&file).unwrap().settings().unwrap().consent, Some(true));
    }
}
