//! Giving way: a list that the listener starts, and songs that they add, are theirs and come first.

use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::domain::playback::HORIZON;
use crate::domain::playback::Playback;
use crate::domain::track::Track;
use crate::state::State;

/// How many songs of ours, and songs that were played, are remembered.
const MEMORY: usize = 16;

/// What is the listener's in the player, as far as it tells what comes.
#[derive(Clone, Debug, Default)]
pub(super) struct UserQueueTracker {
    player: String,
    /// What comes, without ours; `None`: not known.
    theirs: Option<Vec<String>>,
    /// Songs that come before any of ours, and until when at most.
    first: Option<(Vec<String>, Instant)>,
    ours: VecDeque<PathBuf>,
    played: VecDeque<String>,
}

impl UserQueueTracker {
    /// The listener has asked for something since: ours may join in.
    pub fn invite(&mut self) {
        self.first = None;
    }

    pub fn until(&self) -> Option<Instant> {
        self.first.as_ref().map(|(_, until)| *until)
    }

    pub fn waits(&self) -> bool {
        self.first.is_some()
    }

    /// A song of ours goes into the player.
    pub fn put_in(&mut self, song: &Path) {
        self.ours.push_back(song.to_owned());
        self.ours.drain(..self.ours.len().saturating_sub(MEMORY));
    }

    fn is_ours(&self, track: &Track) -> bool {
        track.path.as_ref().is_some_and(|path| self.ours.contains(path))
    }

    /// Looks at what comes now, and finds what the listener has put there.
    pub fn look(&mut self, playback: &Playback, time: Duration, now: Instant) {
        if self.player != playback.player {
            *self = Self { player: playback.player.clone(), ours: std::mem::take(&mut self.ours), ..Self::default() };
        }
        // A random order is drawn anew, and a service adds what it likes.
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

    /// Songs that the listener put there: all of another list, or what was added while a song went on.
    fn new_songs(&self, before: &[String], after: &[String], playback: &Playback) -> Vec<String> {
        let playing = playback.track.as_ref().map(key);
        let known = |song: &String| before.contains(song) || self.played.contains(song);
        if playing.as_ref() != self.played.back() {
            let ours = playback.track.as_ref().is_some_and(|track| self.is_ours(track));
            let chosen = !ours && playing.is_some_and(|playing| !known(&playing));
            return if chosen && !after.iter().any(known) { after.to_vec() } else { Vec::new() };
        }
        // Of a long list more comes into sight when something is taken out of it.
        if before.len() + 1 >= HORIZON {
            return Vec::new();
        }
        after.iter().filter(|song| !known(song)).cloned().collect()
    }

    pub fn end(&mut self, now: Instant) {
        if self.until().is_some_and(|until| until <= now) {
            self.first = None;
        }
    }
}

impl State {
    pub(super) fn look_at_list(&mut self, now: Instant) {
        if let Some(playback) = &self.playback {
            self.guest.look(playback, self.config.players.give_way, now);
        }
    }
}

/// What tells songs apart: tags may be read only after a while.
fn key(track: &Track) -> String {
    match &track.path {
        Some(path) => path.to_string_lossy().into_owned(),
        None => format!("{} – {}", track.title, track.artist),
    }
}
