//! Clementine with its network remote switched on: a song goes right after the current one, and out again.
//!
//! Without it, songs only go behind the list, as [`crate::strategies::deferred_append`] puts them.

pub mod remote;
pub mod wire;

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::adapters::clementine::remote::Remote;
use crate::mpris::playback::{CurrentState, Mpris};
use crate::mpris::track_list;
use crate::player::{Player, QueueEntry};
use moodring_core::domain::playback::{Dequeued, Playback, PlaybackStatus, QueueMethod};
use moodring_core::domain::track::Track;
use moodring_core::error::user_error;

pub struct Clementine {
    base: Mpris,
    /// Our songs, and how many times the listener's own list has each after the current song.
    ours: Vec<(PathBuf, usize)>,
    /// The remote has not answered.
    shut: bool,
    /// What follows, and what it was read for: a long list is not read again without need.
    upcoming: Option<(PlaylistPosition, Vec<Track>)>,
}

/// The current song, its place, and the length of its list.
type PlaylistPosition = (Option<PathBuf>, Option<usize>, u64);

impl Clementine {
    pub fn new(base: Mpris) -> Self {
        Self { base, ours: Vec::new(), shut: false, upcoming: None }
    }

    /// Its network remote, if it is switched on by now.
    pub fn remote(base: &Mpris) -> Option<Remote> {
        Remote::of(base.process.as_ref()?)
    }

    fn reach(&mut self) -> Result<Remote> {
        let remote = Self::remote(&self.base);
        self.shut = remote.is_none();
        remote.context("Clementine's network remote does not answer")
    }

    /// The list that plays, and where in it the current song is.
    fn list(&self, remote: &mut Remote, now: &CurrentState) -> Result<(Vec<Track>, usize)> {
        let songs = remote.songs()?;
        let path = now.track.as_ref().and_then(|track| track.path.as_ref());
        let at = remote.row.filter(|at| songs.get(*at).is_some_and(|song| song.path.as_ref() == path));
        match at {
            Some(at) => Ok((songs, at)),
            None => Err(user_error("what Clementine plays is not in its list", "start a song of the list")),
        }
    }

    fn upcoming(&mut self, now: &CurrentState) -> Result<Vec<Track>> {
        let mut remote = self.reach()?;
        let place = (now.track.as_ref().and_then(|track| track.path.clone()), remote.row, remote.count);
        if let Some((_, songs)) = self.upcoming.as_ref().filter(|(before, _)| *before == place) {
            return Ok(songs.clone());
        }
        let (songs, at) = self.list(&mut remote, now)?;
        let songs: Vec<_> = songs.into_iter().skip(at + 1).take(moodring_core::domain::playback::HORIZON).collect();
        self.upcoming = Some((place, songs.clone()));
        Ok(songs)
    }

    fn own(&self, song: &Path) -> Option<usize> {
        self.ours.iter().find(|(ours, _)| ours == song).map(|(_, own)| *own)
    }
}

/// Places after the current one that hold this song.
fn waiting(songs: &[Track], at: usize, song: &Path) -> Vec<usize> {
    let after = songs.iter().enumerate().skip(at + 1);
    after.filter(|(_, track)| track.path.as_deref() == Some(song)).map(|(place, _)| place).collect()
}

impl Player for Clementine {
    fn name(&self) -> &str {
        self.base.name()
    }

    fn queue_method(&self) -> QueueMethod {
        QueueMethod::AfterCurrent { take_back: true }
    }

    fn read_playback(&mut self) -> Result<Playback> {
        let now = self.base.now()?;
        let tells = now.status != PlaybackStatus::Stopped && self.base.obstacle(&now).is_none();
        let upcoming = if tells { self.upcoming(&now).ok() } else { None };
        Ok(self.base.playback_with(now, self.queue_method(), upcoming))
    }

    fn queue(&mut self, song: &Path) -> Result<QueueEntry> {
        let now = self.base.ready()?;
        let mut remote = self.reach()?;
        let (songs, at) = self.list(&mut remote, &now)?;
        let before = waiting(&songs, at, song).len();
        // A message that seemed lost may have put it in.
        let belated = self.own(song).is_some_and(|own| before > own);
        if !belated {
            self.ours.retain(|(ours, _)| ours != song);
            self.ours.push((song.to_owned(), before));
            remote.insert(song, at + 1)?;
        }
        let shown = || Ok(remote.songs()?.get(at + 1).is_some_and(|next| next.path.as_deref() == Some(song)));
        if belated || track_list::until(shown)? {
            let own = self.own(song).unwrap_or_default();
            return Ok(QueueEntry::new(own.to_string(), song));
        }
        Err(user_error("Clementine did not put the song into its list", "it may be unreadable to it"))
    }

    fn dequeue(&mut self, entry: &QueueEntry) -> Result<Dequeued> {
        let (Ok(own), song) = (entry.id.parse::<usize>(), &entry.song) else { return Ok(Dequeued::NotThere) };
        let now = self.base.now()?;
        let mut remote = self.reach()?;
        let (songs, at) = self.list(&mut remote, &now)?;
        let places = waiting(&songs, at, song);
        // As many as the listener put in: ours has been played.
        let Some(nearest) = places.first().filter(|_| places.len() > own) else { return Ok(Dequeued::NotThere) };
        remote.remove(*nearest)?;
        let gone = track_list::until(|| Ok(waiting(&remote.songs()?, at, song).len() < places.len()))?;
        self.ours.retain(|(ours, _)| ours != song);
        Ok(if gone { Dequeued::Removed } else { Dequeued::Cannot })
    }

    fn skip(&mut self) -> Result<()> {
        self.base.skip()
    }

    fn build_id(&self) -> Option<String> {
        self.base.build_id()
    }

    fn needs_reprobe(&self) -> bool {
        self.shut
    }
}
