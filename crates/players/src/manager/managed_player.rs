//! A player that runs: when it is read, what it said last, and what it has proven.

use std::time::{Duration, Instant};

use anyhow::Result;
use zbus::Message;
use zbus::blocking::Connection;

use crate::manager::player_set::{create_adapter, player_kind};
use crate::mpris::bus::{PATH, PlayerPeer};
use crate::player::Player;
use moodring_core::domain::playback::{Playback, PlaybackStatus, QueueMethod, QueueSupport};

/// The first and the longest wait before a player that did not answer is probed again.
const SILENCE: (Duration, Duration) = (Duration::from_secs(2), Duration::from_secs(60));

/// Right after the signal of a jump, Strawberry still reports the earlier position.
const AGAIN: Duration = Duration::from_secs(1);

/// A player that sends no signals is read this long after its song should have ended, and at most this often.
const AFTER_SONG: (Duration, Duration) = (Duration::from_secs(2), Duration::from_secs(10));

/// A player and what is known about it.
pub struct ManagedPlayer {
    pub name: String,
    /// Its unique name on the bus; `None` for MPD.
    pub(super) owner: Option<String>,
    /// `None` until it has answered for the first time.
    pub player: Option<Box<dyn Player>>,
    /// `None` while it does not answer.
    pub playback: Option<Playback>,
    pub(super) active: Instant,
    stale: bool,
    /// When it is read once more without a signal, because a held song depends on its position.
    again: Option<Instant>,
    /// When to read it if it sends no signal at the end of its song.
    after_song: Option<Instant>,
    /// While it does not answer: when it is probed again.
    silence: Option<Instant>,
    /// How long the next silence lasts.
    wait: Duration,
    /// The method that has just worked.
    proven: Option<QueueMethod>,
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
            after_song: None,
            silence: None,
            wait: SILENCE.0,
            proven: None,
        }
    }

    /// Whether it is to be read now: it is stale, or a held song is due.
    pub(super) fn is_due(&self, now: Instant) -> bool {
        let answers = self.silence.is_none_or(|until| until <= now);
        answers && (self.stale || self.next_read().is_some_and(|due| due <= now))
    }

    pub(super) fn next_wake(&self, gap: Instant) -> Option<Instant> {
        if !self.stale {
            return self.next_read().map(|due| due.max(gap));
        }
        Some(self.silence.map_or(gap, |until| until.max(gap)))
    }

    fn next_read(&self) -> Option<Instant> {
        self.playback.as_ref()?;
        let held = self.player.as_ref()?.next_read();
        held.into_iter().chain(self.again.filter(|_| held.is_some())).chain(self.after_song).min()
    }

    pub(super) fn take_learned(&mut self) -> Option<QueueSupport> {
        let player = self.player.as_mut()?;
        let way = player.take_learned().or(self.proven.take())?;
        Some(QueueSupport { player: player_kind(&self.name), build: player.build_id()?, way })
    }

    /// Restores what an earlier run learned about this build.
    fn restore_support(&mut self, known: &[QueueSupport]) {
        let Some(player) = &mut self.player else { return };
        let (name, build) = (player_kind(&self.name), player.build_id());
        let met = known.iter().find(|known| known.player == name && Some(&known.build) == build.as_ref());
        if let Some(known) = met {
            player.restore_support(known.way);
        }
    }

    /// To be called after a song was queued and read back; a song that is held proves nothing yet.
    pub fn queued(&mut self) {
        let way = self.player.as_ref().map(|player| player.queue_method());
        self.proven = way.filter(|way| matches!(way, QueueMethod::AfterCurrent { .. }));
    }

    /// A signal arrived: a silent player may answer again.
    pub(super) fn note_signal(&mut self) {
        self.stale = true;
        self.silence = None;
    }

    /// Marks it to be read again.
    pub fn mark_stale(&mut self) {
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
                self.after_song = plan_reading_after_song(&said);
                self.playback = Some(said);
                self.again = rests.then(|| Instant::now() + AGAIN);
                (self.stale, self.silence, self.wait) = (false, None, SILENCE.0);
                Ok(())
            }
            Err(error) => {
                self.mark_silent();
                Err(error)
            }
        }
    }

    /// The player counts as gone until it answers.
    pub fn mark_silent(&mut self) {
        self.silence = Some(Instant::now() + self.wait);
        self.wait = (self.wait * 2).min(SILENCE.1);
        (self.playback, self.stale) = (None, true);
    }

    pub(super) fn is_silent(&self) -> bool {
        self.silence.is_some()
    }

    /// Sends a call without waiting: the answer arrives as a message. Until then the player is not read, so
    /// that many silent players cost the others nothing.
    pub(super) fn send_probe(&mut self, probe: &Connection) {
        self.mark_silent();
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
        player.map_or_else(
            || Err(anyhow::anyhow!("the player is not on the bus any more")),
            |player| player.read_playback(),
        )
    }
}

fn plan_reading_after_song(playback: &Playback) -> Option<Instant> {
    let length = playback.track.as_ref().filter(|_| playback.status == PlaybackStatus::Playing)?.length?;
    let left = length.saturating_sub(playback.position.unwrap_or_default());
    Some(Instant::now() + (left + AFTER_SONG.0).max(AFTER_SONG.1))
}
