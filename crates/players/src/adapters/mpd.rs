//! The Music Player Daemon, by its own protocol.

mod music_root;
mod socket_owner;
pub mod wire;

use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result};

use crate::adapters::mpd::music_root::MusicRoot;
use crate::adapters::mpd::wire::{Endpoint, Wire, number, value};
use crate::mpris::metadata::{discard_absurd, sanitize};
use crate::player::{Player, QueueEntry};
use crate::strategies::begun_entries::BegunEntries;
use crate::strategies::queue_with_readback::{QueueWithReadback, SongQueue};
use moodring_core::domain::address;
use moodring_core::domain::playback::{Dequeued, Playback, PlaybackStatus, QueueMethod, SongUnavailable};
use moodring_core::domain::track::Track;
use moodring_core::error::user_error;
use moodring_platform::bus::timed_out;

const STOPS: &str = "MPD stops after the current song or repeats it, so no song can be next";

/// MPD closes idle connections, so each operation opens one.
pub struct Mpd {
    endpoint: Endpoint,
    music_root: MusicRoot,
    begun: BegunEntries,
    readback: QueueWithReadback,
    version: Option<(u32, u32, u32)>,
}

/// The answer to `status`.
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
    pub fn new(endpoint: Endpoint) -> Self {
        Self {
            endpoint,
            music_root: MusicRoot::default(),
            begun: BegunEntries::default(),
            readback: Default::default(),
            version: None,
        }
    }

    fn open(&mut self) -> Result<Wire> {
        let mut wire = Wire::open(&self.endpoint)?;
        self.music_root.learn(&mut wire);
        self.version = Some(wire.version);
        Ok(wire)
    }

    fn upcoming(&mut self, wire: &mut Wire, state: &MpdState) -> Result<Vec<Track>> {
        let Some(song) = state.song else { return Ok(Vec::new()) };
        let pairs = if state.random {
            // In random order MPD reports only the next song.
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
        let (one, text) = (&pairs[..end], |key| value(&pairs[..end], key).map(sanitize).unwrap_or_default());
        let title = if value(one, "Title").is_some() { text("Title") } else { text("Name") };
        Track {
            path: value(one, "file").and_then(|song| self.music_root.file(song)),
            title,
            artist: text("Artist"),
            album: text("Album"),
            length: number(one, "duration").and_then(seconds),
            streamed: false,
        }
    }
}

/// One call to put a song after the current one.
struct MpdQueue<'a> {
    wire: &'a mut Wire,
    state: &'a MpdState,
    /// The name of the song in MPD.
    name: &'a str,
    added: Option<u32>,
}

impl SongQueue for MpdQueue<'_> {
    type Entry = u32;

    fn add(&mut self, _song: &Path) -> Result<()> {
        let relative = self.wire.version >= (0, 23, 0);
        let added = if relative {
            self.wire.ask(&["addid", self.name, "+0"])?
        } else {
            self.wire.ask(&["addid", self.name])?
        };
        let id: u32 = number(&added, "Id").context("MPD gave the song no id")?;
        self.added = Some(id);
        if !relative {
            self.wire.ask(&["moveid", &id.to_string(), "-1"])?;
        }
        if self.state.random {
            self.wire.ask(&["prioid", "255", &id.to_string()])?;
        }
        Ok(())
    }

    fn find_added(&mut self, _song: &Path) -> Result<Option<u32>> {
        let Some(id) = self.added else { return Ok(None) };
        Ok(is_next(self.wire, id)?.then_some(id))
    }

    /// The song right after the current one.
    fn find_late(&mut self, _song: &Path) -> Result<Option<u32>> {
        let Some(current) = self.state.song else { return Ok(None) };
        let after = self.wire.ask(&["playlistinfo", &format!("{}:{}", current + 1, current + 2)])?;
        Ok(number(&after, "Id").filter(|_| value(&after, "file") == Some(self.name)))
    }

    fn remove_late(&mut self, id: u32) -> Result<()> {
        self.wire.ask(&["deleteid", &id.to_string()]).map(drop)
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
        state.id.iter().for_each(|id| self.begun.note_current(&id.to_string()));
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
        let (song, unavailable) = match self.music_root.song(&mut wire, file) {
            // Mopidy takes files of this machine by their address; MPD does so only over its socket.
            Err(error) if error.is::<SongUnavailable>() => (address::to_file_uri(file), Some(error)),
            found => (found?, None),
        };
        let mut queue = MpdQueue { wire: &mut wire, state: &before, name: &song, added: None };
        let added = self.readback.queue(&mut queue, file);
        let added_id = queue.added;
        match added {
            Ok(Some(id)) => {
                self.begun.add(&id.to_string());
                return Ok(QueueEntry::new(id.to_string(), file));
            }
            Err(error) if timed_out(&error) => return Err(error),
            Err(error) if added_id.is_none() => return Err(unavailable.unwrap_or(error)),
            _ => {}
        }
        if let Some(id) = added_id {
            wire.ask(&["deleteid", &id.to_string()])?;
        }
        Err(user_error("MPD did not put the song right after the current one", "queue it by hand"))
    }

    fn dequeue(&mut self, entry: &QueueEntry) -> Result<Dequeued> {
        let id = entry.id.as_str();
        let mut wire = self.open()?;
        let state = state(&mut wire)?;
        let listed = wire.ask(&["playlistid", id]).unwrap_or_default();
        let ours = value(&listed, "file").and_then(|song| self.music_root.file(song)).as_ref() == Some(&entry.song);
        if !ours || self.begun.has_begun(id) || state.id.is_some_and(|now| now.to_string() == id) {
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

/// Whether MPD reports this as the next song, or as the current one by now.
fn is_next(wire: &mut Wire, id: u32) -> Result<bool> {
    let state = state(wire)?;
    Ok(state.next == Some(id) || state.id == Some(id))
}

/// Lengths and positions that are not sensible are unknown.
fn seconds(value: f64) -> Option<Duration> {
    Duration::try_from_secs_f64(value).ok().and_then(discard_absurd)
}

#[cfg(test)]
mod tests {
    use std::io::{BufRead, BufReader, Write};
    use std::net::TcpListener;

    use super::*;

    /// A daemon without a library that plays a song, and the commands that it gets.
    fn start_daemon(takes: bool) -> (Endpoint, std::sync::mpsc::Receiver<String>) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let endpoint = Endpoint::Tcp(format!("127.0.0.1:{}", listener.local_addr().unwrap().port()));
        let (sender, commands) = std::sync::mpsc::channel();
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = BufReader::new(stream.unwrap());
                stream.get_mut().write_all(b"OK MPD 0.19.0\n").unwrap();
                let mut added = false;
                for line in stream.get_ref().try_clone().map(BufReader::new).unwrap().lines() {
                    let line = line.unwrap();
                    let next = if added { "nextsongid: 2\n" } else { "" };
                    let answer = match line.split(' ').next() {
                        Some("status") => format!("state: play\nsong: 0\nsongid: 1\n{next}OK\n"),
                        Some("addid") if !takes => "ACK [4@0] {addid} Access denied\n".to_owned(),
                        Some("addid") => "Id: 2\nOK\n".to_owned(),
                        _ => "OK\n".to_owned(),
                    };
                    added |= takes && line.starts_with("addid");
                    sender.send(line).unwrap();
                    stream.get_mut().write_all(answer.as_bytes()).unwrap();
                }
            }
        });
        (endpoint, commands)
    }

    #[test]
    fn mopidy_is_given_a_file_by_its_address() {
        let (endpoint, commands) = start_daemon(true);
        let entry = Mpd::new(endpoint).queue(Path::new("/music/a b.ogg")).unwrap();
        assert_eq!(entry, QueueEntry::new("2", Path::new("/music/a b.ogg")));
        assert!(commands.try_iter().any(|line| line == "addid \"file:///music/a%20b.ogg\""));
    }

    #[test]
    fn a_daemon_that_takes_no_addresses_does_not_have_the_song() {
        let error = Mpd::new(start_daemon(false).0).queue(Path::new("/music/a.ogg")).unwrap_err();
        assert!(error.is::<SongUnavailable>(), "{error:#}");
    }
}
