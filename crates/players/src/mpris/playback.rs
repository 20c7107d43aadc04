//! What all players on the bus share, as far as the MPRIS specification goes and players keep it.

use std::time::Duration;

use anyhow::Result;

use crate::mpris::bus::{PREFIX, PlayerPeer};
use crate::mpris::metadata::{self, Fields};
use crate::process::Process;
use moodring_core::domain::playback::{Playback, PlaybackStatus, QueueMethod};
use moodring_core::domain::track::Track;
use moodring_core::error::user_error;

/// What a player does at this moment.
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
    /// Something of the list follows; `None`: it does not say.
    pub goes_on: Option<bool>,
}

/// The common part of every player on the bus.
pub struct Mpris {
    pub peer: PlayerPeer,
    pub process: Option<Process>,
    name: String,
    /// It says that it has a track list, which is true of some.
    pub listed: bool,
}

impl Mpris {
    /// Fails when the player does not say what it is.
    pub fn new(peer: PlayerPeer, bus_name: &str) -> Result<Self> {
        let face = peer.all("org.mpris.MediaPlayer2")?;
        let said = metadata::clean(metadata::word(&face, "Identity").unwrap_or_default());
        let name = if said.is_empty() { short(bus_name).to_owned() } else { said };
        let process = peer.pid().map(Process::new);
        Ok(Self { peer, process, name, listed: metadata::flag(&face, "HasTrackList") })
    }

    pub fn name(&self) -> &str {
        &self.name
    }

    pub fn build_id(&self) -> Option<String> {
        self.process.as_ref()?.build_id()
    }

    pub fn now(&self) -> Result<CurrentState> {
        let properties = self.peer.all("org.mpris.MediaPlayer2.Player")?;
        let map = metadata::current(&properties);
        let track = Some(metadata::track(&map)).filter(|track| *track != Track::default());
        let length = track.as_ref().and_then(|track| track.length).filter(|length| !length.is_zero());
        let position = self.position(&properties);
        let repeats = metadata::word(&properties, "LoopStatus");
        Ok(CurrentState {
            status: metadata::status(&properties),
            id: metadata::track_id(&map),
            // Some still tell the position within the song before.
            position: position.filter(|at| length.is_none_or(|length| *at <= length + Duration::from_secs(2))),
            track,
            shuffle: metadata::flag(&properties, "Shuffle"),
            repeats_song: repeats == Some("Track"),
            repeats_list: repeats == Some("Playlist"),
            goes_on: properties.contains_key("CanGoNext").then(|| metadata::flag(&properties, "CanGoNext")),
        })
    }

    fn position(&self, properties: &Fields) -> Option<Duration> {
        match properties.get("Position") {
            Some(value) => metadata::microseconds(value),
            None => self.position_now(),
        }
    }

    pub fn position_now(&self) -> Option<Duration> {
        metadata::microseconds(&*self.peer.position().ok()?)
    }

    /// The moment, when a song can be put right after the current one; else the reason why not.
    pub fn ready(&self) -> Result<CurrentState> {
        let now = self.now()?;
        let reason =
            if now.status == PlaybackStatus::Stopped { Some(self.says("plays nothing")) } else { self.obstacle(&now) };
        match reason {
            Some(reason) => Err(user_error(reason, "change that in the player")),
            None => Ok(now),
        }
    }

    /// Why a song in the list would not be the next one.
    pub fn obstacle(&self, now: &CurrentState) -> Option<String> {
        if now.shuffle { Some(self.says("plays in random order")) } else { self.repeats(now) }
    }

    /// Why a song would not be the next one even in a queue that comes before a random order.
    pub fn repeats(&self, now: &CurrentState) -> Option<String> {
        now.repeats_song.then(|| self.says("repeats the current song"))
    }

    fn says(&self, reason: &str) -> String {
        format!("{} {reason}, so no song can be next", self.name)
    }

    /// Songs that the listener queued themselves come before ours, and may come after ours were put in.
    pub fn own_queue(&self, songs: usize) -> Option<String> {
        (songs > 0).then(|| format!("your own queue in {} comes first", self.name))
    }

    pub fn playback_with(&self, now: CurrentState, way: QueueMethod, upcoming: Option<Vec<Track>>) -> Playback {
        let obstacle = self.obstacle(&now);
        let CurrentState { status, track, position, shuffle, .. } = now;
        Playback { player: self.name.clone(), way, status, track, position, upcoming, shuffle, obstacle }
    }

    pub fn skip(&self) -> Result<()> {
        Ok(self.peer.controls()?.next()?)
    }

    /// Ends what plays, and may end its list.
    pub fn open(&self, address: &str) -> Result<()> {
        Ok(self.peer.controls()?.open_uri(address)?)
    }
}

/// The name on the bus without what all have in common: "vlc", "vlc.instance42".
pub fn short(bus_name: &str) -> &str {
    bus_name.strip_prefix(PREFIX).unwrap_or(bus_name)
}
