//! The threads for players: one reads and steers them, the others only listen.

mod change;
pub mod discovery;
mod listeners;
mod mailbox;
mod managed_player;
pub mod player_set;
mod selection;

use moodring_platform::bus::timed_out;
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};

use crate::adapters::mpd::wire::Endpoint;
use crate::manager::change::{has_changed, has_stopped};
use crate::manager::mailbox::Mailbox;
pub use crate::manager::mailbox::PlayerCommand;
use crate::manager::managed_player::ManagedPlayer;
use crate::manager::player_set::PlayerSet;
use crate::mpris::bus::BusAddress;
use crate::player::QueueEntry;
use moodring_core::domain::playback::{Dequeued, Playback, QueueError, QueueHandle, QueueSupport, SongUnavailable};
use moodring_core::message::Event;

/// A player that sends many signals is read no more often than this.
const GAP: Duration = Duration::from_millis(100);

/// SMPlayer says "Stopped" for 0.4 s between two songs, VLC for 0.2 s; a longer stop counts.
const SETTLE: Duration = Duration::from_millis(700);

/// The threads that watch all players and steer the chosen one; they end when this is dropped.
pub struct PlayerManager {
    mailbox: Arc<Mailbox>,
    threads: Vec<JoinHandle<()>>,
}

impl PlayerManager {
    /// Watches the session bus of the user. `report` gets each event, on another thread.
    pub fn start(
        config: &moodring_core::config::PlayersConfig,
        known: Vec<QueueSupport>,
        report: impl Fn(Event) + Send + Sync + 'static,
    ) -> Result<Self> {
        Self::start_on(BusAddress::Session, config, known, report)
    }

    pub fn start_on(
        bus: BusAddress,
        config: &moodring_core::config::PlayersConfig,
        known: Vec<QueueSupport>,
        report: impl Fn(Event) + Send + Sync + 'static,
    ) -> Result<Self> {
        let mailbox = Arc::new(Mailbox::default());
        let mut manager = Self { mailbox: mailbox.clone(), threads: Vec::new() };
        let mut worker = Worker::new(config, known, Box::new(report));
        manager.spawn("players", move |mailbox| worker.run(mailbox))?;
        manager.spawn("bus", move |mailbox| listeners::listen_to_bus(&bus, mailbox))?;
        if let Some(endpoint) = Endpoint::read(&config.mpd) {
            manager.spawn("mpd", move |mailbox| listeners::listen_to_mpd(&endpoint, mailbox))?;
        }
        Ok(manager)
    }

    /// Sends a command, which is executed after the earlier ones; an event reports the outcome.
    pub fn send(&self, command: PlayerCommand) {
        self.mailbox.send(command);
    }

    fn spawn(&mut self, name: &str, run: impl FnOnce(&Mailbox) + Send + 'static) -> Result<()> {
        let mailbox = self.mailbox.clone();
        let thread = thread::Builder::new().name(name.into()).spawn(move || run(&mailbox));
        self.threads.push(thread.context("cannot start a thread")?);
        Ok(())
    }
}

impl Drop for PlayerManager {
    fn drop(&mut self) {
        self.mailbox.stop();
        for thread in self.threads.drain(..) {
            if thread.join().is_err() {
                tracing::error!("a thread for players panicked");
            }
        }
    }
}

struct Worker {
    players: PlayerSet,
    chosen: Option<String>,
    report: Box<dyn Fn(Event) + Send>,
    /// The last report, and its time.
    reported: Option<(Option<Playback>, Instant)>,
    read: Option<Instant>,
    /// Something has happened since: a managed may have gone, which nobody's staleness shows.
    changed: bool,
    /// Until then a stop may be the pause between two songs.
    settle: Option<Instant>,
}

impl Worker {
    fn new(
        config: &moodring_core::config::PlayersConfig,
        known: Vec<QueueSupport>,
        report: Box<dyn Fn(Event) + Send>,
    ) -> Self {
        Self {
            players: PlayerSet::new(config.clone(), known),
            chosen: None,
            report,
            reported: None,
            read: None,
            changed: false,
            settle: None,
        }
    }

    fn run(&mut self, mailbox: &Mailbox) {
        loop {
            let mut pending = mailbox.take(self.next_wake());
            if pending.stop {
                return;
            }
            self.changed |= pending.is_any();
            self.players.apply(&mut pending);
            for command in std::mem::take(&mut pending.commands) {
                self.perform(command);
            }
            if self.read.is_none_or(|read| read + GAP <= Instant::now()) {
                self.refresh();
            }
        }
    }

    fn next_wake(&self) -> Option<Instant> {
        let gap = self.read.map_or_else(Instant::now, |read| read + GAP);
        [self.players.next_wake(gap), self.settle, self.changed.then_some(gap)].into_iter().flatten().min()
    }

    /// Reads the stale players, chooses the one to steer, and reports changes.
    fn refresh(&mut self) {
        if self.settle.is_some_and(|settle| settle <= Instant::now())
            && let Some(managed) = self.chosen_player()
        {
            managed.mark_stale();
        }
        self.players.read();
        for known in self.players.take_learned() {
            (self.report)(Event::QueueSupportLearned(known));
        }
        (self.read, self.changed) = (Some(Instant::now()), false);
        if self.is_between_songs() {
            return;
        }
        self.settle = None;
        self.chosen = self.players.choose(self.chosen.as_deref());
        let playback = self.chosen_player().and_then(|managed| managed.playback.clone());
        let changed = self
            .reported
            .as_ref()
            .is_none_or(|(before, at)| has_changed(before.as_ref(), playback.as_ref(), at.elapsed()));
        if changed {
            self.reported = Some((playback.clone(), Instant::now()));
            (self.report)(Event::Playback(playback));
        }
    }

    fn is_between_songs(&mut self) -> bool {
        let before = self.reported.as_ref().and_then(|(playback, _)| playback.clone());
        let now = self.chosen_player().and_then(|managed| managed.playback.as_ref());
        if !has_stopped(before.as_ref(), now) {
            return false;
        }
        let until = *self.settle.get_or_insert_with(|| Instant::now() + SETTLE);
        Instant::now() < until
    }

    fn chosen_player(&mut self) -> Option<&mut ManagedPlayer> {
        let chosen = self.chosen.clone()?;
        self.players.find_mut(&chosen)
    }

    fn perform(&mut self, command: PlayerCommand) {
        if self.read.is_none() {
            self.refresh();
        }
        match command {
            PlayerCommand::Queue(path) => {
                let done = self.call_chosen(|managed, player| {
                    let QueueEntry { id, song } = player.queue(&path)?;
                    Ok(QueueHandle { player: managed.to_owned(), entry: id, song })
                });
                if let (Ok(_), Some(managed)) = (&done, self.chosen_player()) {
                    managed.queued();
                }
                (self.report)(Event::Queued(path, done));
            }
            PlayerCommand::Dequeue(handle) => {
                let done = self.dequeue(&handle);
                (self.report)(Event::Dequeued(handle, done.map_err(|error| error.why().to_owned())));
            }
            PlayerCommand::ReloadAccounts => self.players.reload_credentials(),
            PlayerCommand::Skip => {
                if let Err(error) = self.call_chosen(|_, player| player.skip()) {
                    tracing::warn!("cannot skip: {}", error.why());
                }
            }
        }
    }

    /// Removes a song from the player that has it, chosen or not; in a player that is gone no song waits.
    fn dequeue(&mut self, handle: &QueueHandle) -> Result<Dequeued, QueueError> {
        let entry = QueueEntry::new(&*handle.entry, &handle.song);
        match self.players.find_mut(&handle.player) {
            Some(managed) => call_player(managed, |_, player| player.dequeue(&entry)),
            None => Ok(Dequeued::NotThere),
        }
    }

    fn call_chosen<T>(
        &mut self,
        act: impl FnOnce(&str, &mut dyn crate::player::Player) -> Result<T>,
    ) -> Result<T, QueueError> {
        let no_player = || Err(QueueError::Player("no player is running".to_owned()));
        self.chosen_player().map_or_else(no_player, |managed| call_player(managed, act))
    }
}

/// Calls a player, which is read again afterwards.
fn call_player<T>(
    managed: &mut ManagedPlayer,
    act: impl FnOnce(&str, &mut dyn crate::player::Player) -> Result<T>,
) -> Result<T, QueueError> {
    managed.mark_stale();
    let Some(player) = managed.player.as_mut().filter(|_| managed.playback.is_some()) else {
        return Err(QueueError::Player("the player does not answer".to_owned()));
    };
    act(&managed.name, player.as_mut()).map_err(|error| {
        if timed_out(&error) {
            managed.mark_silent();
            return QueueError::Player("the player did not answer in time".to_owned());
        }
        let kind = if error.is::<SongUnavailable>() { QueueError::Song } else { QueueError::Player };
        kind(format!("{error:#}"))
    })
}
