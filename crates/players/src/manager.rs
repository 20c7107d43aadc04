//! The desk where players are dealt with: one thread asks and steers, others only listen.

pub mod change;
pub mod discovery;
pub mod listeners;
pub mod mailbox;
pub mod managed_player;
pub mod player_set;
pub mod selection;

use moodring_platform::bus::timed_out;
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};

use crate::adapters::mpd::wire::Endpoint;
use crate::manager::change::{differ, stops};
use crate::manager::mailbox::Mailbox;
pub use crate::manager::mailbox::PlayerCommand;
use crate::manager::managed_player::ManagedPlayer;
use crate::manager::player_set::PlayerSet;
use crate::mpris::bus::BusAddress;
use crate::player::QueueEntry;
use moodring_core::domain::playback::{Dequeued, Playback, QueueError, QueueHandle, QueueSupport, SongUnavailable};
use moodring_core::message::Event;

/// Players that chatter are read this often and no more.
const GAP: Duration = Duration::from_millis(100);

/// SMPlayer is stopped for 0.4 s between two songs, VLC for 0.2 s; after this it counts.
const SETTLE: Duration = Duration::from_millis(700);

/// Threads that watch all players and steer the chosen one; dropping it ends them.
pub struct PlayerManager {
    inbox: Arc<Mailbox>,
    threads: Vec<JoinHandle<()>>,
}

impl PlayerManager {
    /// Watches the listener's own bus. What happens is told to `report`, from another thread.
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
        let inbox = Arc::new(Mailbox::default());
        let mut desk = Self { inbox: inbox.clone(), threads: Vec::new() };
        let mut worker = Worker::new(config, known, Box::new(report));
        desk.spawn("players", move |inbox| worker.run(inbox))?;
        desk.spawn("bus", move |inbox| listeners::hear_bus(&bus, inbox))?;
        if let Some(door) = Endpoint::read(&config.mpd) {
            desk.spawn("mpd", move |inbox| listeners::hear_mpd(&door, inbox))?;
        }
        Ok(desk)
    }

    /// Has an order carried out, after those given before; an event tells how it went.
    pub fn order(&self, order: PlayerCommand) {
        self.inbox.order(order);
    }

    fn spawn(&mut self, name: &str, run: impl FnOnce(&Mailbox) + Send + 'static) -> Result<()> {
        let inbox = self.inbox.clone();
        let thread = thread::Builder::new().name(name.into()).spawn(move || run(&inbox));
        self.threads.push(thread.context("cannot start a thread")?);
        Ok(())
    }
}

impl Drop for PlayerManager {
    fn drop(&mut self) {
        self.inbox.stop();
        for thread in self.threads.drain(..) {
            if thread.join().is_err() {
                tracing::error!("a thread that deals with players panicked");
            }
        }
    }
}

struct Worker {
    seats: PlayerSet,
    chosen: Option<String>,
    report: Box<dyn Fn(Event) + Send>,
    /// What was reported last, and when.
    told: Option<(Option<Playback>, Instant)>,
    read: Option<Instant>,
    /// Something has happened since: a seat may have gone, which nobody's staleness shows.
    news: bool,
    /// Until when a stop may be but the pause between two songs.
    settle: Option<Instant>,
}

impl Worker {
    fn new(
        config: &moodring_core::config::PlayersConfig,
        known: Vec<QueueSupport>,
        report: Box<dyn Fn(Event) + Send>,
    ) -> Self {
        Self {
            seats: PlayerSet::new(config.clone(), known),
            chosen: None,
            report,
            told: None,
            read: None,
            news: false,
            settle: None,
        }
    }

    fn run(&mut self, inbox: &Mailbox) {
        loop {
            let mut letters = inbox.take(self.wake());
            if letters.stop {
                return;
            }
            self.news |= letters.any();
            self.seats.hear(&mut letters);
            for order in std::mem::take(&mut letters.orders) {
                self.perform(order);
            }
            if self.read.is_none_or(|read| read + GAP <= Instant::now()) {
                self.look();
            }
        }
    }

    fn wake(&self) -> Option<Instant> {
        let gap = self.read.map_or_else(Instant::now, |read| read + GAP);
        [self.seats.wake(gap), self.settle, self.news.then_some(gap)].into_iter().flatten().min()
    }

    /// Reads what is new, chooses whom to steer, and tells what has changed.
    fn look(&mut self) {
        if self.settle.is_some_and(|settle| settle <= Instant::now())
            && let Some(seat) = self.seat()
        {
            seat.stir();
        }
        self.seats.read();
        for known in self.seats.take_learned() {
            (self.report)(Event::QueueSupportLearned(known));
        }
        (self.read, self.news) = (Some(Instant::now()), false);
        if self.between_songs() {
            return;
        }
        self.settle = None;
        self.chosen = self.seats.choose(self.chosen.as_deref());
        let playback = self.seat().and_then(|seat| seat.playback.clone());
        let news =
            self.told.as_ref().is_none_or(|(before, at)| differ(before.as_ref(), playback.as_ref(), at.elapsed()));
        if news {
            self.told = Some((playback.clone(), Instant::now()));
            (self.report)(Event::Playback(playback));
        }
    }

    fn between_songs(&mut self) -> bool {
        let before = self.told.as_ref().and_then(|(playback, _)| playback.clone());
        let now = self.seat().and_then(|seat| seat.playback.as_ref());
        if !stops(before.as_ref(), now) {
            return false;
        }
        let until = *self.settle.get_or_insert_with(|| Instant::now() + SETTLE);
        Instant::now() < until
    }

    fn seat(&mut self) -> Option<&mut ManagedPlayer> {
        let chosen = self.chosen.clone()?;
        self.seats.seat(&chosen)
    }

    fn perform(&mut self, order: PlayerCommand) {
        if self.read.is_none() {
            self.look();
        }
        match order {
            PlayerCommand::Queue(path) => {
                let done = self.with_chosen(|seat, player| {
                    let QueueEntry { id, song } = player.queue(&path)?;
                    Ok(QueueHandle { player: seat.to_owned(), entry: id, song })
                });
                if let (Ok(_), Some(seat)) = (&done, self.seat()) {
                    seat.queued();
                }
                (self.report)(Event::Queued(path, done));
            }
            PlayerCommand::Dequeue(handle) => {
                let done = self.dequeue(&handle);
                (self.report)(Event::Dequeued(handle, done.map_err(|refusal| refusal.why().to_owned())));
            }
            PlayerCommand::ReloadAccounts => self.seats.reload_credentials(),
            PlayerCommand::Skip => {
                if let Err(refusal) = self.with_chosen(|_, player| player.skip()) {
                    tracing::warn!("cannot skip: {}", refusal.why());
                }
            }
        }
    }

    /// From the player that has it, chosen or not; a player that is gone has nothing of ours waiting.
    fn dequeue(&mut self, handle: &QueueHandle) -> Result<Dequeued, QueueError> {
        let entry = QueueEntry::new(&*handle.entry, &handle.song);
        match self.seats.seat(&handle.player) {
            Some(seat) => with(seat, |_, player| player.dequeue(&entry)),
            None => Ok(Dequeued::NotThere),
        }
    }

    fn with_chosen<T>(
        &mut self,
        act: impl FnOnce(&str, &mut dyn crate::player::Player) -> Result<T>,
    ) -> Result<T, QueueError> {
        let nobody = || Err(QueueError::Player("no player is running".to_owned()));
        self.seat().map_or_else(nobody, |seat| with(seat, act))
    }
}

/// Does something with a player, which is read again afterwards.
fn with<T>(
    seat: &mut ManagedPlayer,
    act: impl FnOnce(&str, &mut dyn crate::player::Player) -> Result<T>,
) -> Result<T, QueueError> {
    seat.stir();
    let Some(player) = seat.player.as_mut().filter(|_| seat.playback.is_some()) else {
        return Err(QueueError::Player("the player does not answer".to_owned()));
    };
    act(&seat.name, player.as_mut()).map_err(|error| {
        if timed_out(&error) {
            seat.fall_silent();
            return QueueError::Player("the player did not answer in time".to_owned());
        }
        let refusal = if error.is::<SongUnavailable>() { QueueError::Song } else { QueueError::Player };
        refusal(format!("{error:#}"))
    })
}
