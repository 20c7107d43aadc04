//! Clementine with its network remote switched on: a song goes right after the current one, and can be removed.
//!
//! Without it, songs only go to the end of the list, as `strategies/deferred_append.rs` puts them.

pub mod remote;
pub mod wire;

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::adapters::clementine::remote::Remote;
use crate::mpris::playback::{CurrentState, Mpris};
use crate::mpris::track_list;
use crate::player::{Player, QueueEntry};
use crate::strategies::own_copy::OwnCopy;
use crate::strategies::queue_with_readback::{QueueWithReadback, SongQueue};
use moodring_core::domain::playback::{Dequeued, Playback, PlaybackStatus, QueueMethod};
use moodring_core::domain::track::Track;
use moodring_core::error::user_error;

pub struct Clementine {
    base: Mpris,
    own_copies: Vec<OwnCopy>,
    readback: QueueWithReadback,
    /// The remote did not answer.
    unreachable: bool,
    /// The upcoming songs, and the position for which they were read: a long list is not read again without need.
    upcoming: Option<(PlaylistPosition, Vec<Track>)>,
}

/// The current song, its place, and the length of its list.
type PlaylistPosition = (Option<PathBuf>, Option<usize>, u64);

impl Clementine {
    pub fn new(base: Mpris) -> Self {
        Self { base, own_copies: Vec::new(), readback: Default::default(), unreachable: false, upcoming: None }
    }

    /// Its network remote, if it is switched on by now.
    pub fn find_remote(base: &Mpris) -> Option<Remote> {
        Remote::find(base.process.as_ref()?)
    }

    fn connect(&mut self) -> Result<Remote> {
        let remote = Self::find_remote(&self.base);
        self.unreachable = remote.is_none();
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
        let mut remote = self.connect()?;
        let place = (now.track.as_ref().and_then(|track| track.path.clone()), remote.row, remote.count);
        if let Some((_, songs)) = self.upcoming.as_ref().filter(|(before, _)| *before == place) {
            return Ok(songs.clone());
        }
        let (songs, at) = self.list(&mut remote, now)?;
        let songs: Vec<_> = songs.into_iter().skip(at + 1).take(moodring_core::domain::playback::HORIZON).collect();
        self.upcoming = Some((place, songs.clone()));
        Ok(songs)
    }

    fn own_copy(&self, entry: &QueueEntry) -> Option<OwnCopy> {
        let known = self.own_copies.iter().find(|copy| copy.song == entry.song).cloned();
        // An earlier adapter may have put it in.
        known.or_else(|| Some(OwnCopy::from_earlier(&entry.song, entry.id.parse().ok()?)))
    }

    fn note_begun(&mut self, now: &CurrentState) {
        let current = now.track.as_ref().and_then(|track| track.path.as_ref());
        self.own_copies.iter_mut().filter(|copy| Some(&copy.song) == current).for_each(|copy| copy.begun = true);
    }
}

fn paths(songs: &[Track]) -> Vec<Option<PathBuf>> {
    songs.iter().map(|song| song.path.clone()).collect()
}

/// One call to put a song after the current one.
struct RemoteQueue<'a> {
    remote: &'a mut Remote,
    own_copies: &'a mut Vec<OwnCopy>,
    songs: Vec<Track>,
    current: usize,
}

impl SongQueue for RemoteQueue<'_> {
    type Entry = usize;

    fn add(&mut self, song: &Path) -> Result<()> {
        let after = self.songs[self.current].path.clone().unwrap_or_default();
        self.own_copies.retain(|copy| copy.song != song);
        self.own_copies.push(OwnCopy::new(song, &paths(&self.songs), &after));
        self.remote.insert(song, self.current + 1)
    }

    fn find_added(&mut self, song: &Path) -> Result<Option<usize>> {
        let next = self.current + 1;
        let shown = self.remote.songs()?.get(next).is_some_and(|track| track.path.as_deref() == Some(song));
        Ok(shown.then_some(next))
    }

    fn find_late(&mut self, song: &Path) -> Result<Option<usize>> {
        let copy = self.own_copies.iter().find(|copy| copy.song == song);
        Ok(copy.and_then(|copy| copy.locate(&paths(&self.songs), Some(self.current))))
    }

    fn remove_late(&mut self, position: usize) -> Result<()> {
        self.remote.remove(position)
    }
}

impl Player for Clementine {
    fn name(&self) -> &str {
        self.base.name()
    }

    fn queue_method(&self) -> QueueMethod {
        QueueMethod::AfterCurrent { take_back: true }
    }

    fn read_playback(&mut self) -> Result<Playback> {
        let now = self.base.read_state()?;
        self.note_begun(&now);
        let tells = now.status != PlaybackStatus::Stopped && self.base.find_obstacle(&now).is_none();
        let upcoming = if tells { self.upcoming(&now).ok() } else { None };
        Ok(self.base.playback_with(now, self.queue_method(), upcoming))
    }

    fn queue(&mut self, song: &Path) -> Result<QueueEntry> {
        let now = self.base.check_ready()?;
        let mut remote = self.connect()?;
        let (songs, current) = self.list(&mut remote, &now)?;
        let mut queue = RemoteQueue { remote: &mut remote, own_copies: &mut self.own_copies, songs, current };
        if self.readback.queue(&mut queue, song)?.is_none() {
            return Err(user_error("Clementine did not put the song into its list", "it may be unreadable to it"));
        }
        let user_copies = self.own_copies.iter().find(|copy| copy.song == song).map_or(0, |copy| copy.user_copies);
        Ok(QueueEntry::new(user_copies.to_string(), song))
    }

    fn dequeue(&mut self, entry: &QueueEntry) -> Result<Dequeued> {
        let Some(copy) = self.own_copy(entry) else { return Ok(Dequeued::NotThere) };
        let stopped = self.base.read_state()?.status == PlaybackStatus::Stopped;
        let mut remote = self.connect()?;
        let current = remote.row.filter(|_| !stopped);
        let songs = remote.songs()?;
        let Some(position) = copy.locate(&paths(&songs), current) else { return Ok(Dequeued::NotThere) };
        remote.remove(position)?;
        let gone = track_list::wait_until_shown(|| Ok(remote.songs()?.len() < songs.len()))?;
        self.own_copies.retain(|copy| copy.song != entry.song);
        Ok(if gone { Dequeued::Removed } else { Dequeued::Cannot })
    }

    fn skip(&mut self) -> Result<()> {
        self.base.skip()
    }

    fn build_id(&self) -> Option<String> {
        self.base.build_id()
    }

    fn needs_reprobe(&self) -> bool {
        self.unreachable
    }
}
