//! Any player on the bus, as far as the MPRIS specification goes and players keep it.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::Result;
use zbus::zvariant::ObjectPath;

use super::bus::{PREFIX, Peer};
use super::metadata::{self, Fields};
use super::{Playback, Player, Status, Ticket, Track, Way, address, track_list};
use crate::fault::fault;

/// What a player does at this moment.
#[derive(Clone, Debug)]
pub struct Now {
    pub status: Status,
    pub track: Option<Track>,
    pub id: Option<String>,
    pub position: Option<Duration>,
    pub shuffle: bool,
    /// The current song would start again instead of making place for the next.
    pub repeats_song: bool,
}

/// A player without an adapter of its own.
pub struct Mpris {
    pub peer: Peer,
    name: String,
    way: Way,
    /// A call that timed out may have put this song in; a retry looks first.
    doubt: Option<String>,
}

impl Mpris {
    /// Fails when the player does not say what it is.
    pub fn new(peer: Peer, bus_name: &str) -> Result<Self> {
        let face = peer.all("org.mpris.MediaPlayer2")?;
        let said = metadata::clean(metadata::word(&face, "Identity").unwrap_or_default());
        let name = if said.is_empty() { short(bus_name).to_owned() } else { said };
        // Strawberry, Clementine and Celluloid say so too and drop what they are given: the first song tells.
        let listed = metadata::flag(&face, "HasTrackList");
        let way = if listed { Way::Next { take_back: true } } else { Way::SuggestOnly };
        Ok(Self { peer, name, way, doubt: None })
    }

    pub fn name(&self) -> &str {
        &self.name
    }

    pub fn now(&self) -> Result<Now> {
        let properties = self.peer.all("org.mpris.MediaPlayer2.Player")?;
        let map = metadata::current(&properties);
        let track = Some(metadata::track(&map)).filter(|track| *track != Track::default());
        let length = track.as_ref().and_then(|track| track.length).filter(|length| !length.is_zero());
        let position = self.position(&properties);
        Ok(Now {
            status: metadata::status(&properties),
            id: metadata::track_id(&map),
            // Some still tell the position within the song before.
            position: position.filter(|at| length.is_none_or(|length| *at <= length + Duration::from_secs(2))),
            track,
            shuffle: metadata::flag(&properties, "Shuffle"),
            repeats_song: metadata::word(&properties, "LoopStatus") == Some("Track"),
        })
    }

    fn position(&self, properties: &Fields) -> Option<Duration> {
        match properties.get("Position") {
            Some(value) => metadata::microseconds(value),
            None => metadata::microseconds(&*self.peer.position().ok()?),
        }
    }

    /// The moment, when a song can be put right after the current one; else the reason why not.
    pub fn ready(&self) -> Result<Now> {
        let now = self.now()?;
        let reason = if now.status == Status::Stopped {
            "plays nothing"
        } else if now.shuffle {
            "plays in random order"
        } else if now.repeats_song {
            "repeats the current song"
        } else {
            return Ok(now);
        };
        Err(fault(format!("{} {reason}, so no song can be next", self.name), "change that in the player"))
    }

    pub fn playback_with(&self, now: Now, way: Way, upcoming: Option<Vec<Track>>) -> Playback {
        let Now { status, track, position, shuffle, .. } = now;
        Playback { player: self.name.clone(), way, status, track, position, upcoming, shuffle }
    }

    pub fn skip(&self) -> Result<()> {
        Ok(self.peer.controls()?.next()?)
    }

    /// Nothing of its list has ever worked: remember it, and say so.
    fn give_up(&mut self, what: &str) -> anyhow::Error {
        self.way = Way::SuggestOnly;
        fault(format!("{} {what}", self.name), "Moodring only suggests songs for this player")
    }

    /// Waits for the effect of adding: `Some(true)` right after the current track, `Some(false)` somewhere else.
    fn effect(&self, before: &[String], current: &str, song: &Path) -> Result<Option<(String, bool)>> {
        let until = Instant::now() + track_list::EFFECT;
        loop {
            let ids = track_list::ids(&self.peer)?;
            let fresh = ids.iter().position(|id| !before.contains(id) && track_list::is(&self.peer, id, song));
            if let Some(at) = fresh {
                let next = at > 0 && ids[at - 1] == current;
                return Ok(Some((ids[at].clone(), next)));
            }
            if Instant::now() > until {
                return Ok(None);
            }
            std::thread::sleep(track_list::PAUSE);
        }
    }
}

impl Player for Mpris {
    fn name(&self) -> &str {
        &self.name
    }

    fn way(&self) -> Way {
        self.way
    }

    fn playback(&mut self) -> Result<Playback> {
        let now = self.now()?;
        let upcoming = match (&now.id, self.way) {
            (Some(id), Way::Next { .. }) => track_list::upcoming(&self.peer, id).ok(),
            _ => None,
        };
        Ok(self.playback_with(now, self.way, upcoming))
    }

    fn queue(&mut self, song: &Path) -> Result<Ticket> {
        if self.way == Way::SuggestOnly {
            return Err(self.give_up("offers no way to queue a song"));
        }
        let now = self.ready()?;
        let Some(current) = now.id else { return Err(self.give_up("does not say which track it plays")) };
        let target = address::of(song);
        let before = track_list::ids(&self.peer)?;
        let waiting =
            track_list::following(&before, &current).first().filter(|id| track_list::is(&self.peer, id, song));
        if let Some(id) = waiting.filter(|_| self.doubt.as_deref() == Some(&target)) {
            return Ok(track_list::ticket(id, song));
        }
        self.doubt = Some(target.clone());
        self.peer.track_list()?.add_track(&target, &ObjectPath::try_from(&*current)?, false)?;
        let effect = self.effect(&before, &current, song)?;
        self.doubt = None;
        match effect {
            Some((id, true)) => Ok(track_list::ticket(&id, song)),
            Some((id, false)) => {
                track_list::remove(&self.peer, &id)?;
                Err(self.give_up("puts songs elsewhere than asked"))
            }
            None => Err(self.give_up("took the song and did nothing with it")),
        }
    }

    fn take_back(&mut self, ticket: &Ticket) -> Result<bool> {
        let Some((id, song)) = track_list::read(ticket) else { return Ok(false) };
        let current = self.now()?.id.unwrap_or_default();
        let ids = track_list::ids(&self.peer)?;
        let waiting = track_list::following(&ids, &current).contains(&id);
        if !waiting || !track_list::is(&self.peer, &id, &song) {
            return Ok(false);
        }
        track_list::remove(&self.peer, &id)?;
        track_list::until(|| Ok(!track_list::ids(&self.peer)?.contains(&id)))
    }

    fn skip(&mut self) -> Result<()> {
        Self::skip(self)
    }
}

/// The name on the bus without what all have in common: "vlc", "vlc.instance42".
pub fn short(bus_name: &str) -> &str {
    bus_name.strip_prefix(PREFIX).unwrap_or(bus_name)
}
