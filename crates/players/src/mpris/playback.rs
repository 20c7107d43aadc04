//! The part of MPRIS that all players on the bus share.

use std::time::Duration;

use anyhow::Result;

use crate::mpris::bus::{PREFIX, PlayerPeer};
use crate::mpris::metadata::{self, Fields};
use crate::process::LocalProcess;
use moodring_core::domain::playback::{Playback, PlaybackStatus, QueueMethod};
use moodring_core::domain::track::Track;
use moodring_core::error::user_error;

/// The current state of a player.
#[derive(Clone, Debug)]
pub struct CurrentState {
    pub status: PlaybackStatus,
    pub track: Option<Track>,
    pub id: Option<String>,
    pub position: Option<Duration>,
    pub shuffle: bool,
    /// The current song would start again instead of making place for the next.
    pub repeats_song: bool,
    /// The list would begin again at its end.
    pub repeats_list: bool,
    /// Whether another track follows; `None` where the player does not say.
    pub goes_on: Option<bool>,
}

/// The common part of every player on the bus.
pub struct Mpris {
    pub peer: PlayerPeer,
    pub process: Option<LocalProcess>,
    name: String,
    /// The player says that it has a track list, which is not always true.
    pub has_track_list: bool,
}

impl Mpris {
    /// # Errors
    /// If the player does not answer.
    pub fn new(peer: PlayerPeer, bus_name: &str) -> Result<Self> {
        let properties = peer.all("org.mpris.MediaPlayer2")?;
        let identity = metadata::sanitize(metadata::get_str(&properties, "Identity").unwrap_or_default());
        let name = if identity.is_empty() { short_name(bus_name).to_owned() } else { identity };
        let process = peer.pid().map(LocalProcess::new);
        Ok(Self { peer, process, name, has_track_list: metadata::get_bool(&properties, "HasTrackList") })
    }

    pub fn name(&self) -> &str {
        &self.name
    }

    pub fn build_id(&self) -> Option<String> {
        self.process.as_ref()?.build_id()
    }

    pub fn read_state(&self) -> Result<CurrentState> {
        let properties = self.peer.all("org.mpris.MediaPlayer2.Player")?;
        let map = metadata::extract_metadata(&properties);
        let track = Some(metadata::parse_track(&map)).filter(|track| *track != Track::default());
        let length = track.as_ref().and_then(|track| track.length).filter(|length| !length.is_zero());
        let position = self.position(&properties);
        let repeats = metadata::get_str(&properties, "LoopStatus");
        Ok(CurrentState {
            status: metadata::parse_status(&properties),
            id: metadata::parse_track_id(&map),
            // Some players still report the position within the song before.
            position: position.filter(|at| length.is_none_or(|length| *at <= length + Duration::from_secs(2))),
            track,
            shuffle: metadata::get_bool(&properties, "Shuffle"),
            repeats_song: repeats == Some("Track"),
            repeats_list: repeats == Some("Playlist"),
            goes_on: properties.contains_key("CanGoNext").then(|| metadata::get_bool(&properties, "CanGoNext")),
        })
    }

    fn position(&self, properties: &Fields) -> Option<Duration> {
        match properties.get("Position") {
            Some(value) => metadata::parse_microseconds(value),
            None => self.read_position(),
        }
    }

    pub fn read_position(&self) -> Option<Duration> {
        metadata::parse_microseconds(&*self.peer.position().ok()?)
    }

    /// The current state, if a song can be put right after the current one.
    ///
    /// # Errors
    /// The reason why it cannot.
    pub fn check_ready(&self) -> Result<CurrentState> {
        let now = self.read_state()?;
        let reason = if now.status == PlaybackStatus::Stopped {
            Some(self.word_obstacle("plays nothing"))
        } else {
            self.find_obstacle(&now)
        };
        match reason {
            Some(reason) => Err(user_error(reason, "change that in the player")),
            None => Ok(now),
        }
    }

    /// Why a song in the list would not be the next one.
    pub fn find_obstacle(&self, now: &CurrentState) -> Option<String> {
        if now.shuffle { Some(self.word_obstacle("plays in random order")) } else { self.find_repeat_obstacle(now) }
    }

    /// Why a song would not be the next one even in a queue that comes before a random order.
    pub fn find_repeat_obstacle(&self, now: &CurrentState) -> Option<String> {
        now.repeats_song.then(|| self.word_obstacle("repeats the current song"))
    }

    fn word_obstacle(&self, reason: &str) -> String {
        format!("{} {reason}, so no song can be next", self.name)
    }

    /// Why songs that the user queued come first; the user may queue them after Moodring has queued one.
    pub fn user_queue_obstacle(&self, songs: usize) -> Option<String> {
        (songs > 0).then(|| format!("your own queue in {} comes first", self.name))
    }

    pub fn playback_with(&self, now: CurrentState, way: QueueMethod, upcoming: Option<Vec<Track>>) -> Playback {
        let obstacle = self.find_obstacle(&now);
        let CurrentState { status, track, position, shuffle, .. } = now;
        Playback { player: self.name.clone(), way, status, track, position, upcoming, shuffle, obstacle }
    }

    pub fn skip(&self) -> Result<()> {
        Ok(self.peer.controls()?.next()?)
    }

    /// Plays this at once; ends the current song, and often its list.
    pub fn open_uri(&self, address: &str) -> Result<()> {
        Ok(self.peer.controls()?.open_uri(address)?)
    }
}

/// The name on the bus without the common prefix: "vlc", "vlc.instance42".
pub fn short_name(bus_name: &str) -> &str {
    bus_name.strip_prefix(PREFIX).unwrap_or(bus_name)
}
