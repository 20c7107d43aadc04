//! The Music Player Daemon, by its own protocol.

pub mod music_root;
pub mod wire;

use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result};

use crate::adapters::mpd::music_root::MusicRoot;
use crate::adapters::mpd::wire::{Endpoint, Wire, number, value};
use crate::mpris::metadata::{clean, sensible};
use crate::player::{Player, QueueEntry};
use moodring_core::domain::playback::{Dequeued, Playback, PlaybackStatus, QueueMethod};
use moodring_core::domain::track::Track;
use moodring_core::error::user_error;

const STOPS: &str = "MPD stops after the current song or repeats it, so no song can be next";

/// MPD hangs up on the silent, so each order gets a connection of its own.
pub struct Mpd {
    door: Endpoint,
    place: MusicRoot,
    /// A command that timed out may have put this song in; a retry looks first.
    doubt: Option<String>,
    version: Option<(u32, u32, u32)>,
}

/// What `status` says.
struct MpdState {
    status: PlaybackStatus,
    song: Option<u32>,
    id: Option<u32>,
    next: Option<u32>,
    elapsed: Option<f64>,
    random: bool,
    stops: bool,
}

impl Mpd {
    pub fn new(door: Endpoint) -> Self {
        Self { door, place: MusicRoot::default(), doubt: None, version: None }
    }

    fn open(&mut self) -> Result<Wire> {
        let mut wire = Wire::open(&self.door)?;
        self.place.learn(&mut wire);
        self.version = Some(wire.version);
        Ok(wire)
    }

    fn upcoming(&mut self, wire: &mut Wire, state: &MpdState) -> Result<Vec<Track>> {
        let Some(song) = state.song else { return Ok(Vec::new()) };
        let pairs = if state.random {
            // Of a random order MPD tells only the next one.
            state.next.map_or_else(|| Ok(Vec::new()), |id| wire.ask(&["playlistid", &id.to_string()]))?
        } else {
            let end = song + 1 + moodring_core::domain::playback::HORIZON as u32;
            wire.ask(&["playlistinfo", &format!("{}:{end}", song + 1)])?
        };
        let starts = (0..pairs.len()).filter(|at| pairs[*at].0 == "file");
        Ok(starts.map(|at| self.track(&pairs[at..])).collect())
    }

    /// The track that these pairs begin with.
    fn track(&mut self, pairs: &[(String, String)]) -> Track {
        let end = pairs.iter().skip(1).position(|(key, _)| key == "file").map_or(pairs.len(), |at| at + 1);
        let (one, text) = (&pairs[..end], |key| value(&pairs[..end], key).map(clean).unwrap_or_default());
        let title = if value(one, "Title").is_some() { text("Title") } else { text("Name") };
        Track {
            path: value(one, "file").and_then(|song| self.place.file(song)),
            title,
            artist: text("Artist"),
            album: text("Album"),
            length: number(one, "duration").and_then(seconds),
            streamed: false,
        }
    }

    fn add(&mut self, wire: &mut Wire, song: &str, state: &MpdState) -> Result<u32> {
        if self.doubt.take().as_deref() == Some(song)
            && let Some(id) = belated(wire, song, state)?
        {
            return Ok(id);
        }
        self.doubt = Some(song.to_owned());
        let added =
            if wire.version >= (0, 23, 0) { wire.ask(&["addid", song, "+0"]) } else { wire.ask(&["addid", song]) };
        // A refusal is an answer: only silence leaves a doubt.
        if !added.as_ref().is_err_and(moodring_platform::bus::timed_out) {
            self.doubt = None;
        }
        let id: u32 = number(&added?, "Id").context("MPD gave the song no number")?;
        if wire.version < (0, 23, 0) {
            wire.ask(&["moveid", &id.to_string(), "-1"])?;
        }
        Ok(id)
    }
}

impl Player for Mpd {
    fn name(&self) -> &str {
        "Music Player Daemon"
    }

    fn queue_method(&self) -> QueueMethod {
        QueueMethod::AfterCurrent { take_back: true }
    }

    fn read_playback(&mut self) -> Result<Playback> {
        let mut wire = self.open()?;
        let state = state(&mut wire)?;
        let current = wire.ask(&["currentsong"])?;
        let track = (!current.is_empty()).then(|| self.track(&current));
        Ok(Playback {
            player: self.name().to_owned(),
            way: self.queue_method(),
            status: state.status,
            track,
            position: state.elapsed.and_then(seconds),
            upcoming: Some(self.upcoming(&mut wire, &state)?),
            shuffle: state.random,
            obstacle: state.stops.then(|| STOPS.to_owned()),
        })
    }

    fn queue(&mut self, file: &Path) -> Result<QueueEntry> {
        let mut wire = self.open()?;
        let before = state(&mut wire)?;
        if before.status == PlaybackStatus::Stopped || before.song.is_none() {
            return Err(user_error("MPD plays nothing, so no song can be next", "start a song"));
        }
        if before.stops {
            return Err(user_error(STOPS, "switch its `single` mode off"));
        }
        let song = self.place.song(&mut wire, file)?;
        let id = self.add(&mut wire, &song, &before)?;
        if before.random {
            wire.ask(&["prioid", "255", &id.to_string()])?;
        }
        if next(&mut wire, id)? {
            return Ok(QueueEntry::new(id.to_string(), file));
        }
        wire.ask(&["deleteid", &id.to_string()])?;
        Err(user_error("MPD did not put the song right after the current one", "queue it by hand"))
    }

    fn dequeue(&mut self, entry: &QueueEntry) -> Result<Dequeued> {
        let id = entry.id.as_str();
        let mut wire = self.open()?;
        let state = state(&mut wire)?;
        let listed = wire.ask(&["playlistid", id]).unwrap_or_default();
        let ahead = state.random || number(&listed, "Pos") > state.song;
        let ours = value(&listed, "file").and_then(|song| self.place.file(song)).as_ref() == Some(&entry.song);
        if !ours || !ahead || state.id.is_some_and(|now| now.to_string() == id) {
            return Ok(Dequeued::NotThere);
        }
        wire.ask(&["deleteid", id])?;
        let gone = wire.ask(&["playlistid", id]).is_err();
        Ok(if gone { Dequeued::Removed } else { Dequeued::Cannot })
    }

    fn skip(&mut self) -> Result<()> {
        self.open()?.ask(&["next"])?;
        Ok(())
    }

    fn build_id(&self) -> Option<String> {
        self.version.map(|(major, minor, patch)| format!("{major}.{minor}.{patch}"))
    }
}

fn state(wire: &mut Wire) -> Result<MpdState> {
    let pairs = wire.ask(&["status"])?;
    let is = |key, word| value(&pairs, key) == Some(word);
    Ok(MpdState {
        status: match value(&pairs, "state") {
            Some("play") => PlaybackStatus::Playing,
            Some("pause") => PlaybackStatus::Paused,
            _ => PlaybackStatus::Stopped,
        },
        song: number(&pairs, "song"),
        id: number(&pairs, "songid"),
        next: number(&pairs, "nextsongid"),
        elapsed: number(&pairs, "elapsed"),
        random: is("random", "1"),
        stops: value(&pairs, "single").is_some_and(|single| single != "0"),
    })
}

/// The song right after the current one, where a command that we had given up put it.
fn belated(wire: &mut Wire, song: &str, state: &MpdState) -> Result<Option<u32>> {
    let Some(current) = state.song else { return Ok(None) };
    let after = wire.ask(&["playlistinfo", &format!("{}:{}", current + 1, current + 2)])?;
    Ok(number(&after, "Id").filter(|_| value(&after, "file") == Some(song)))
}

/// Whether MPD's own account shows this as the next song, or as the current one by now.
fn next(wire: &mut Wire, id: u32) -> Result<bool> {
    let state = state(wire)?;
    Ok(state.next == Some(id) || state.id == Some(id))
}

/// Lengths and positions that are not sensible are unknown.
fn seconds(value: f64) -> Option<Duration> {
    Duration::try_from_secs_f64(value).ok().and_then(sensible)
}
