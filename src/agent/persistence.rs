//! The library's thread: writes what is to be kept, reads songs and settings, and looks after the file.
//!
//! 1. What cannot be written (a full disk, a locked file) waits in memory, in order, and is tried again.
//! 2. Before each write, and once a minute, it checks that the file at the library's path is still the one that is open.
//! 3. Once a minute it also makes the daily backup where one is due, and empties the write-ahead log after writes.

use std::collections::VecDeque;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::{Duration, Instant};

use anyhow::Result;
use jiff::Timestamp;

use moodring_core::domain::song::Song;
use moodring_core::message::{Event, PersistedState, Record};
use moodring_core::recommend::collaborative::peer_affinities::{CLOSEST, PeerAffinities};
use moodring_music::library::{FileState, Library};

/// How long the loop waits to hear that a thing is written.
const PATIENCE: Duration = Duration::from_secs(1);
/// How long a look waits for the settings; a large library is read in less.
const SETTINGS_PATIENCE: Duration = Duration::from_secs(5);
/// Time between two checks of the file.
const INTERVAL: Duration = Duration::from_secs(50);
/// Beyond this, the oldest of what cannot be written is dropped.
const MOST: usize = 10_000;

enum Job {
    Remember(Record, Timestamp),
    Reload,
    /// Answers whether nothing is left unwritten.
    Flush(Sender<bool>),
    /// The same, and empties the write-ahead log.
    Finish(Sender<bool>),
    /// Answers with the settings in the library, and those that wait to be written to it.
    Settings(Sender<PersistedState>),
}

/// A handle on the library's thread.
#[derive(Clone)]
pub struct Persistence {
    jobs: Sender<Job>,
}

impl Persistence {
    pub fn start(library: Library, events: Sender<Event>) -> Result<Self> {
        let (jobs, queue) = channel();
        let worker = PersistenceWorker { library, events, unwritten: VecDeque::new(), log_used: true };
        moodring_platform::threads::spawn("library", move || worker.run(&queue))?;
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
        self.ask(Job::Flush, PATIENCE).unwrap_or(false)
    }

    /// What the library says now, whoever wrote it; `None`: it cannot be read in time.
    pub fn settings(&self) -> Option<PersistedState> {
        self.ask(Job::Settings, SETTINGS_PATIENCE)
    }

    /// A last chance to write before the agent leaves; `true`: all is written.
    pub fn finish(&self) -> bool {
        let done = self.ask(Job::Finish, PATIENCE).unwrap_or(false);
        if !done {
            tracing::error!("the library could not be written before leaving");
        }
        done
    }

    fn ask<T>(&self, job: fn(Sender<T>) -> Job, patience: Duration) -> Option<T> {
        let (sender, answer) = channel();
        self.send(job(sender));
        answer.recv_timeout(patience).ok()
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
    /// Something may lie in the write-ahead log.
    log_used: bool,
}

impl PersistenceWorker {
    fn run(mut self, jobs: &Receiver<Job>) {
        self.back_up_if_due();
        let mut next_check = Instant::now() + INTERVAL;
        loop {
            match jobs.recv_timeout(next_check.saturating_duration_since(Instant::now())) {
                Ok(job) => self.perform(job),
                Err(RecvTimeoutError::Timeout) => {
                    self.look_after_file();
                    next_check = Instant::now() + INTERVAL;
                }
                Err(RecvTimeoutError::Disconnected) => return,
            }
        }
    }

    fn perform(&mut self, job: Job) {
        // Whoever asked may have stopped waiting for the answer.
        match job {
            Job::Remember(memory, at) => self.keep(memory, at),
            Job::Reload => self.reload(),
            Job::Flush(sender) => _ = sender.send(self.unwritten.is_empty()),
            Job::Finish(sender) => {
                self.write();
                self.empty_log();
                _ = sender.send(self.unwritten.is_empty());
            }
            Job::Settings(sender) => match self.settings() {
                Ok(settings) => _ = sender.send(settings),
                Err(error) => tracing::warn!("cannot read the settings: {error:#}"),
            },
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
        if let Err(error) = self.follow_file() {
            tracing::warn!("cannot write to the library, trying again later: {error:#}");
            return;
        }
        while let Some((memory, at)) = self.unwritten.front() {
            if let Err(error) = self.library.remember(memory, *at) {
                tracing::warn!("cannot write to the library, trying again later: {error:#}");
                return;
            }
            self.log_used = true;
            self.unwritten.pop_front();
        }
    }

    /// Opens what stands at the library's path, where that is not the open file any more.
    fn follow_file(&mut self) -> Result<()> {
        match self.library.file_state() {
            FileState::Same => return Ok(()),
            FileState::Deleted => tracing::warn!("the library was deleted while Moodring runs; writing it again"),
            FileState::Replaced => tracing::warn!(
                "the library was replaced while Moodring runs; using the new file, and keeping the former one as a backup"
            ),
        }
        self.library = self.library.reopen(Timestamp::now())?;
        if let Ok(settings) = self.library.settings() {
            // The loop may have ended; then nobody needs to know.
            let _ = self.events.send(Event::SettingsLoaded(settings));
        }
        self.reload();
        Ok(())
    }

    fn look_after_file(&mut self) {
        self.write();
        self.empty_log();
        self.back_up_if_due();
        // So that the loop, too, looks around once a minute.
        let _ = self.events.send(Event::Tick);
    }

    fn empty_log(&mut self) {
        if std::mem::take(&mut self.log_used)
            && let Err(error) = self.library.empty_log()
        {
            tracing::debug!("{error:#}");
        }
    }

    fn back_up_if_due(&self) {
        let now = Timestamp::now();
        if !self.library.needs_backup(now) {
            return;
        }
        match self.library.back_up(now) {
            Ok(_) => tracing::debug!("the library is backed up"),
            Err(error) => tracing::warn!("{error:#}"),
        }
    }

    fn settings(&self) -> Result<PersistedState> {
        let mut settings = self.library.settings()?;
        for (record, _) in &self.unwritten {
            match record {
                Record::Consent(given) => settings.consent = Some(*given),
                Record::Paused(paused) => settings.paused = *paused,
                _ => {}
            }
        }
        Ok(settings)
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
mod tests;
