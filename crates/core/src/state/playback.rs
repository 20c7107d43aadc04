//! What the player plays, and what that teaches.

use std::time::{Duration, Instant};

use crate::domain::pick::Pick;
use crate::domain::playback::{Playback, PlaybackStatus};
use crate::domain::track::Track;
use crate::message::{Effect, PlayOutcome, Record};
use crate::mood::Intent;
use crate::recommend::mood_weight::Feedback;
use crate::recommend::selection::is_same_song;
use crate::state::{State, remember};

/// A song left within this time was not wanted.
const SKIPPED: Duration = Duration::from_secs(30);
/// A song heard to this share was heard to its end.
const FINISHED: f32 = 0.8;
/// Without a known length, this much counts as finished.
const LONG_ENOUGH: Duration = Duration::from_secs(90);

/// The song that plays.
#[derive(Clone, Debug)]
pub(super) struct CurrentTrack {
    pub track: Track,
    /// How it came here, when it was by us.
    pub ours: Option<Pick>,
    /// What it was chosen for.
    intent: Intent,
    began: Instant,
    /// The album of the song before, and how many in a row were of it.
    before: Option<(String, u32)>,
    /// Where it was at a time, and whether it went on from there.
    position: Duration,
    at: Instant,
    going: bool,
}

impl CurrentTrack {
    fn position(&self, now: Instant) -> Duration {
        let since = if self.going { now.saturating_duration_since(self.at) } else { Duration::ZERO };
        self.position + since
    }

    /// Where it was at a time.
    pub fn place(&self) -> (Duration, Instant) {
        (self.position, self.at)
    }

    /// When this was last heard of.
    pub fn since(&self) -> Instant {
        self.at
    }

    /// Whether the song was heard or skipped; `None`: neither can be said.
    fn outcome(&self, now: Instant) -> Option<PlayOutcome> {
        let heard = self.position(now);
        let enough = self.track.length.filter(|l| !l.is_zero()).map_or(LONG_ENOUGH, |l| l.mul_f32(FINISHED));
        match heard {
            heard if heard >= enough => Some(PlayOutcome::Finished),
            heard if heard < SKIPPED => Some(PlayOutcome::Skipped),
            _ => None,
        }
    }

    /// How many songs in a row, this one included, are of the same album.
    pub fn album_run(&self) -> u32 {
        let before = self.before.as_ref().filter(|(album, _)| *album == self.track.album);
        1 + before.map_or(0, |(_, run)| *run)
    }

    fn move_to(&mut self, track: Track, playback: &Playback, now: Instant) {
        self.position = playback.position.unwrap_or_else(|| self.position(now));
        self.at = now;
        self.going = playback.status == PlaybackStatus::Playing;
        // Its length may be known only after a while, and so may the rest: mpv first gives the file's name for its title.
        let (length, path) = (track.length.or(self.track.length), track.path.clone().or(self.track.path.take()));
        self.track = Track { length, path, ..track };
    }
}

/// The same song still; titles decide where a player gives no path.
fn same(a: &Track, b: &Track) -> bool {
    match (&a.path, &b.path) {
        (Some(a), Some(b)) => a == b,
        _ => a.title == b.title && a.artist == b.artist,
    }
}

/// Positions this near to each other belong to one song that goes on.
const CONTINUES: Duration = Duration::from_secs(3);

impl CurrentTrack {
    /// Whether this is the song that played before, whose path, title or artist the player tells only now.
    fn is_described_late(&self, track: &Track, playback: &Playback, now: Instant) -> bool {
        let learns_path = self.track.path.is_none() != track.path.is_none();
        let expected = self.position(now);
        learns_path
            && expected > CONTINUES
            && playback.position.is_some_and(|position| position.abs_diff(expected) < CONTINUES)
    }
}

impl State {
    pub(super) fn heard(&mut self, playback: Option<Playback>, now: Instant, effects: &mut Vec<Effect>) {
        let other = |now: &Playback| self.playback.as_ref().is_some_and(|before| before.player != now.player);
        let left = playback.as_ref().is_none_or(other);
        if left {
            // What we gave to the one before is taken back there.
            self.hand.leave_behind();
            self.recent.bring_back();
            self.ahead.outdate();
        }
        if playback.is_some() && self.playback.is_none() {
            self.hand.ask_again();
        }
        let playing = playback.as_ref().filter(|playback| playback.status != PlaybackStatus::Stopped);
        let track = playing.and_then(|playback| Some((self.named(playback.track.clone()?), playback)));
        match (track, &mut self.current) {
            (Some((track, playback)), Some(current))
                if same(&track, &current.track) || current.is_described_late(&track, playback, now) =>
            {
                current.move_to(track, playback, now);
            }
            (Some((track, playback)), _) => {
                self.ended(left, now, effects);
                self.began(track, playback, now);
            }
            (None, _) => {
                self.ended(left, now, effects);
                self.current = None;
            }
        }
        self.playback = playback;
        self.reject_playing_pick();
        self.lose_sight();
        self.look_at_list(now);
    }

    /// What the player did not give back, and by its own account does not come any more, is forgotten.
    fn lose_sight(&mut self) {
        let Some(coming) = self.playback.as_ref().and_then(|playback| playback.upcoming.as_ref()) else { return };
        let Some(ours) = self.hand.stuck() else { return };
        if !coming.iter().any(|track| track.path.as_ref() == Some(&ours.path)) {
            self.hand.forget();
        }
    }

    /// The song that plays must not wait behind itself: its path, or the library, may have become known only now.
    pub(super) fn reject_playing_pick(&mut self) {
        let Some(current) = &self.current else { return };
        let song = self.hand.pick().and_then(|pick| self.song(&pick.path));
        if song.is_some_and(|song| is_same_song(song, &current.track)) {
            self.hand.outdate();
        }
    }

    fn began(&mut self, track: Track, playback: &Playback, now: Instant) {
        let ours = self.hand.pick().filter(|pick| track.path.as_ref() == Some(&pick.path)).cloned();
        if ours.is_some() {
            self.hand.forget();
            self.path.led += 1;
        } else {
            // The listener chose: what waits may stand in the wrong place now.
            self.hand.outdate();
        }
        self.hand.held = false;
        if let Some(song) = track.path.as_ref().and_then(|path| self.places.get(path)).map(|n| &self.songs[*n]) {
            self.path.low = if song.valence < 0.4 && ours.is_some() { self.path.low + 1 } else { 0 };
            self.recent.note(song, now, self.config.music.no_repeat);
        }
        let before = self.current.as_ref().map(|before| (before.track.album.clone(), before.album_run()));
        let (going, position) = (playback.status == PlaybackStatus::Playing, playback.position.unwrap_or_default());
        let intent = self.intent;
        self.current = Some(CurrentTrack { track, ours, intent, began: now, before, position, at: now, going });
    }

    /// A player may not know a file's title; the library does, or the file's name has to serve.
    fn named(&self, mut track: Track) -> Track {
        let Some(path) = track.path.as_ref().filter(|_| track.title.trim().is_empty()) else { return track };
        match self.song(path) {
            Some(song) => (track.title, track.artist) = (song.title.clone(), song.artist.clone()),
            None => track.title = path.file_stem().unwrap_or_default().to_string_lossy().into_owned(),
        }
        track
    }

    /// Learns from how the song that played until now has ended.
    ///
    /// `left`: its player has gone or hangs, or the listener went to another, which says nothing against the song.
    fn ended(&mut self, left: bool, now: Instant, effects: &mut Vec<Effect>) {
        let Some(current) = self.current.as_ref().filter(|current| !current.track.streamed) else { return };
        let (Some(path), Some(outcome)) = (current.track.path.clone(), current.outcome(now)) else { return };
        if left && outcome == PlayOutcome::Skipped {
            return;
        }
        let ours = current.ours.is_some().then_some(current.intent);
        let judged = current.ours.as_ref().map(|pick| [pick.terms.fit, pick.terms.taste]);
        let lasted = now.saturating_duration_since(current.began);
        self.revise(&path, |evidence| match outcome {
            PlayOutcome::Finished => evidence.finished += 1.0,
            PlayOutcome::Skipped => evidence.skipped += 1.0,
        });
        if let Some([fit, taste]) = judged {
            self.lessons.push(Feedback { fit, taste, finished: outcome == PlayOutcome::Finished, left: 1.0 });
            self.ranker.weigh(&self.lessons);
        }
        effects.push(remember(Record::Play { path, outcome, ours, judged, lasted }));
    }
}
