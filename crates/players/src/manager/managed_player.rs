//! A player that runs: when it is read, what it said last, and what it has proved.

use std::time::{Duration, Instant};

use anyhow::Result;
use zbus::Message;
use zbus::blocking::Connection;

use crate::manager::player_set::{create_adapter, kind};
use crate::mpris::bus::{PATH, PlayerPeer};
use crate::player::Player;
use moodring_core::domain::playback::{Playback, QueueMethod, QueueSupport};

/// A player that did not answer is asked again after the first time, then after longer ones.
const SILENCE: (Duration, Duration) = (Duration::from_secs(2), Duration::from_secs(60));

/// Strawberry, asked as soon as it has told of a jump, may still say where it was before.
const AGAIN: Duration = Duration::from_secs(1);

/// A player and what is known of it.
pub struct ManagedPlayer {
    pub name: String,
    /// Its unique name on the bus; `None` for MPD.
    pub(super) owner: Option<String>,
    /// `None` until it has said what it is.
    pub player: Option<Box<dyn Player>>,
    /// `None` while it does not answer.
    pub playback: Option<Playback>,
    pub(super) active: Instant,
    stale: bool,
    /// When it is read once more, though nothing has happened since, because a song that we hold rests on its position.
    again: Option<Instant>,
    /// While it does not answer: when it is asked again.
    silence: Option<Instant>,
    /// How long the next silence lasts.
    wait: Duration,
    /// The way that has just worked.
    proved: Option<QueueMethod>,
}

impl ManagedPlayer {
    pub(super) fn new(name: String, owner: Option<String>, player: Option<Box<dyn Player>>) -> Self {
        let (active, stale) = (Instant::now(), true);
        Self {
            name,
            owner,
            player,
            playback: None,
            active,
            stale,
            again: None,
            silence: None,
            wait: SILENCE.0,
            proved: None,
        }
    }

    /// Whether it is to be read: there is news of it, or a song that it holds is due.
    pub(super) fn calls(&self, now: Instant) -> bool {
        let answers = self.silence.is_none_or(|until| until <= now);
        answers && (self.stale || self.next_read().is_some_and(|due| due <= now))
    }

    pub(super) fn wake(&self, gap: Instant) -> Option<Instant> {
        if !self.stale {
            return self.next_read().map(|due| due.max(gap));
        }
        Some(self.silence.map_or(gap, |until| until.max(gap)))
    }

    fn next_read(&self) -> Option<Instant> {
        self.playback.as_ref()?;
        let due = self.player.as_ref()?.next_read()?;
        Some(self.again.map_or(due, |again| again.min(due)))
    }

    pub(super) fn take_learned(&mut self) -> Option<QueueSupport> {
        let player = self.player.as_mut()?;
        let way = player.take_learned().or(self.proved.take())?;
        Some(QueueSupport { player: kind(&self.name), build: player.build_id()?, way })
    }

    /// It may have been met before.
    fn restore_support(&mut self, known: &[QueueSupport]) {
        let Some(player) = &mut self.player else { return };
        let (name, build) = (kind(&self.name), player.build_id());
        let met = known.iter().find(|known| known.player == name && Some(&known.build) == build.as_ref());
        if let Some(known) = met {
            player.restore_support(known.way);
        }
    }

    /// The player's own account shows a song of ours; one that we hold proves nothing yet.
    pub fn queued(&mut self) {
        let way = self.player.as_ref().map(|player| player.queue_method());
        self.proved = way.filter(|way| matches!(way, QueueMethod::AfterCurrent { .. }));
    }

    /// It has said something: whoever speaks may answer again.
    pub(super) fn speaks(&mut self) {
        self.stale = true;
        self.silence = None;
    }

    /// To be read again.
    pub fn stir(&mut self) {
        self.stale = true;
    }

    pub(super) fn read(
        &mut self,
        bus: Option<&Connection>,
        config: &moodring_core::config::PlayersConfig,
        known: &[QueueSupport],
    ) -> Result<()> {
        match self.ask(bus, config, known) {
            Ok(said) => {
                let song = |playback: &Playback| (playback.status, playback.track.clone());
                if self.playback.as_ref().map(song) != Some(song(&said)) {
                    self.active = Instant::now();
                }
                let rests = self.stale && matches!(said.way, QueueMethod::Append | QueueMethod::OpenAtEnd);
                self.playback = Some(said);
                self.again = rests.then(|| Instant::now() + AGAIN);
                (self.stale, self.silence, self.wait) = (false, None, SILENCE.0);
                Ok(())
            }
            Err(error) => {
                self.fall_silent();
                Err(error)
            }
        }
    }

    /// It counts as gone until it answers.
    pub fn fall_silent(&mut self) {
        self.silence = Some(Instant::now() + self.wait);
        self.wait = (self.wait * 2).min(SILENCE.1);
        (self.playback, self.stale) = (None, true);
    }

    pub(super) fn is_silent(&self) -> bool {
        self.silence.is_some()
    }

    /// Asks whether it answers, without waiting: the answer arrives as a message from it. Until then it is not read, so
    /// that many silent players cost the others nothing.
    pub(super) fn ask_for_answer(&mut self, probe: &Connection) {
        self.fall_silent();
        let Some(owner) = &self.owner else { return };
        let body = "org.mpris.MediaPlayer2";
        let call = Message::method_call(PATH, "GetAll").and_then(|call| call.destination(owner.as_str()));
        let call =
            call.and_then(|call| call.interface("org.freedesktop.DBus.Properties")).and_then(|call| call.build(&body));
        if let Err(error) = call.and_then(|call| probe.send(&call)) {
            tracing::debug!("{}: cannot be asked: {error}", self.name);
        }
    }

    fn ask(
        &mut self,
        bus: Option<&Connection>,
        config: &moodring_core::config::PlayersConfig,
        known: &[QueueSupport],
    ) -> Result<Playback> {
        if self.player.as_ref().is_none_or(|player| player.needs_reprobe())
            && let (Some(bus), Some(owner)) = (bus, &self.owner)
        {
            self.player =
                Some(create_adapter(PlayerPeer { bus: bus.clone(), owner: owner.clone() }, &self.name, config)?);
            self.restore_support(known);
        }
        let player = self.player.as_mut();
        player.map_or_else(|| Err(anyhow::anyhow!("it is not on the bus any more")), |player| player.read_playback())
    }
}
