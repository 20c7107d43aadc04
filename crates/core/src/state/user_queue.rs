//! The user's own queue: a list that they start and songs that they add come before Moodring's.

use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::domain::playback::HORIZON;
use crate::domain::playback::Playback;
use crate::domain::track::Track;
use crate::state::State;

/// How many of Moodring's songs and of the songs played are remembered.
const MEMORY: usize = 16;

/// The user's songs in the player, if it reports its queue.
#[derive(Clone, Debug, Default)]
pub(super) struct UserQueueTracker {
    player: String,
    /// The next songs without Moodring's; `None`: not known.
    theirs: Option<Vec<String>>,
    /// Songs that come before any of Moodring's, and until when at most.
    first: Option<(Vec<String>, Instant)>,
    ours: VecDeque<PathBuf>,
    played: VecDeque<String>,
}

impl UserQueueTracker {
    /// The user has made a request since: Moodring's songs may be queued again.
    pub(crate) fn clear_priority(&mut self) {
        self.first = None;
    }

    pub(crate) fn until(&self) -> Option<Instant> {
        self.first.as_ref().map(|(_, until)| *until)
    }

    pub(crate) fn waits(&self) -> bool {
        self.first.is_some()
    }

    /// Notes a song of Moodring that is added to the player.
    pub(crate) fn put_in(&mut self, song: &Path) {
        self.ours.push_back(song.to_owned());
        self.ours.drain(..self.ours.len().saturating_sub(MEMORY));
    }

    fn is_ours(&self, track: &Track) -> bool {
        track.path.as_ref().is_some_and(|path| self.ours.contains(path))
    }

    /// Compares the queue with the one before, and finds what the user has added.
    pub(crate) fn look(&mut self, playback: &Playback, time: Duration, now: Instant) {
        if self.player != playback.player {
            *self = Self { player: playback.player.clone(), ours: std::mem::take(&mut self.ours), ..Self::default() };
        }
        // With shuffle the order changes by itself, and a streaming service adds songs of its own.
        let settled = !playback.shuffle && playback.track.as_ref().is_none_or(|track| !track.streamed);
        let theirs: Option<Vec<String>> = playback
            .upcoming
            .as_ref()
            .filter(|_| settled)
            .map(|coming| coming.iter().filter(|track| !self.is_ours(track)).map(key).collect());
        let playing = playback.track.as_ref().map(key);
        if let (Some(before), Some(after)) = (&self.theirs, &theirs) {
            let new = self.new_songs(before, after, playback);
            if !new.is_empty() {
                self.first = Some((new, now + time));
            }
        }
        let over = |(songs, until): &(Vec<String>, Instant)| {
            *until <= now || theirs.as_ref().is_some_and(|theirs| !songs.iter().any(|song| theirs.contains(song)))
        };
        if self.first.as_ref().is_some_and(over) {
            self.first = None;
        }
        self.theirs = theirs;
        if let Some(playing) = playing.filter(|playing| self.played.back() != Some(playing)) {
            self.played.push_back(playing);
            self.played.drain(..self.played.len().saturating_sub(MEMORY));
        }
    }

    /// Songs that the user added: a whole new list, or single songs during a song.
    fn new_songs(&self, before: &[String], after: &[String], playback: &Playback) -> Vec<String> {
        let playing = playback.track.as_ref().map(key);
        let known = |song: &String| before.contains(song) || self.played.contains(song);
        if playing.as_ref() != self.played.back() {
            let ours = playback.track.as_ref().is_some_and(|track| self.is_ours(track));
            let chosen = !ours && playing.is_some_and(|playing| !known(&playing));
            return if chosen && !after.iter().any(known) { after.to_vec() } else { Vec::new() };
        }
        // When a song is removed from a long list, another one becomes visible at its end.
        if before.len() + 1 >= HORIZON {
            return Vec::new();
        }
        after.iter().filter(|song| !known(song)).cloned().collect()
    }

    pub(crate) fn end(&mut self, now: Instant) {
        if self.until().is_some_and(|until| until <= now) {
            self.first = None;
        }
    }
}

impl State {
    pub(super) fn update_user_queue(&mut self, now: Instant) {
        if let Some(playback) = &self.playback {
            self.user_queue.look(playback, self.config.players.give_way, now);
        }
    }
}

/// What distinguishes songs: the path if there is one, because a player may read tags late.
fn key(track: &Track) -> String {
    match &track.path {
        Some(path) => path.to_string_lossy().into_owned(),
        None => format!("{} – {}", track.title, track.artist),
    }
}
