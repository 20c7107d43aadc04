//! What the player plays, and what can be learned from it.

use std::time::{Duration, Instant};

use crate::domain::pick::Pick;
use crate::domain::playback::{Playback, PlaybackStatus};
use crate::domain::track::Track;
use crate::message::{Effect, PlayOutcome, Record};
use crate::mood::Intent;
use crate::recommend::mood_weight::Feedback;
use crate::recommend::selection::is_same_song;
use crate::state::{State, persist};

/// A song left within this time counts as skipped.
const SKIPPED: Duration = Duration::from_secs(30);
/// A song played to this share counts as finished.
const FINISHED: f32 = 0.8;
/// If the length is not known, this much counts as finished.
const LONG_ENOUGH: Duration = Duration::from_secs(90);

/// The song that plays.
#[derive(Clone, Debug)]
pub(super) struct CurrentTrack {
    pub track: Track,
    /// Moodring's pick, if it is one.
    pub ours: Option<Pick>,
    /// What it was chosen for.
    intent: Intent,
    began: Instant,
    /// The album of the song before, and how many in a row were of it.
    before: Option<(String, u32)>,
    /// Its position at a time, and whether it has been playing since.
    position: Duration,
    at: Instant,
    going: bool,
}

impl CurrentTrack {
    fn position(&self, now: Instant) -> Duration {
        let since = if self.going { now.saturating_duration_since(self.at) } else { Duration::ZERO };
        self.position + since
    }

    /// Its position at a time.
    pub(crate) fn place(&self) -> (Duration, Instant) {
        (self.position, self.at)
    }

    /// When the player last reported it.
    pub(crate) fn since(&self) -> Instant {
        self.at
    }

    /// Whether the song was finished or skipped; `None`: neither.
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
    pub(crate) fn album_run(&self) -> u32 {
        let before = self.before.as_ref().filter(|(album, _)| *album == self.track.album);
        1 + before.map_or(0, |(_, run)| *run)
    }

    fn move_to(&mut self, track: Track, playback: &Playback, now: Instant) {
        self.position = playback.position.unwrap_or_else(|| self.position(now));
        self.at = now;
        self.going = playback.status == PlaybackStatus::Playing;
        // A player may report the length, title or path late: mpv first reports the file name as the title.
        let (length, path) = (track.length.or(self.track.length), track.path.clone().or(self.track.path.take()));
        self.track = Track { length, path, ..track };
    }
}

/// Whether both are the same song; titles decide if a player reports no path.
fn same(a: &Track, b: &Track) -> bool {
    match (&a.path, &b.path) {
        (Some(a), Some(b)) => a == b,
        _ => a.title == b.title && a.artist == b.artist,
    }
}

/// Positions this close to each other belong to one song that goes on.
const CONTINUES: Duration = Duration::from_secs(3);

impl CurrentTrack {
    /// Whether this is the song that played before, whose path, title or artist the player reports late.
    fn is_described_late(&self, track: &Track, playback: &Playback, now: Instant) -> bool {
        let learns_path = self.track.path.is_none() != track.path.is_none();
        let expected = self.position(now);
        learns_path
            && expected > CONTINUES
            && playback.position.is_some_and(|position| position.abs_diff(expected) < CONTINUES)
    }
}

impl State {
    pub(super) fn handle_playback(&mut self, playback: Option<Playback>, now: Instant, effects: &mut Vec<Effect>) {
        let other = |now: &Playback| self.playback.as_ref().is_some_and(|before| before.player != now.player);
        let left = playback.as_ref().is_none_or(other);
        if left {
            // Moodring's song in the former player is removed there.
            self.queue_slot.leave_player();
            self.recent.bring_back();
            self.upcoming_preview.invalidate();
        }
        if playback.is_some() && self.playback.is_none() {
            self.queue_slot.allow_retries();
        }
        let playing = playback.as_ref().filter(|playback| playback.status != PlaybackStatus::Stopped);
        let track = playing.and_then(|playback| Some((self.fill_in_title(playback.track.clone()?), playback)));
        match (track, &mut self.current) {
            (Some((track, playback)), Some(current))
                if same(&track, &current.track) || current.is_described_late(&track, playback, now) =>
            {
                current.move_to(track, playback, now);
            }
            (Some((track, playback)), _) => {
                self.finish_track(left, now, effects);
                self.start_track(track, playback, now);
            }
            (None, _) => {
                self.finish_track(left, now, effects);
                self.current = None;
            }
        }
        self.playback = playback;
        self.reject_playing_pick();
        self.retry_kept_song();
        self.update_user_queue(now);
    }

    /// A song that the player did not remove and no longer lists among the next ones may stand before the current one.
    fn retry_kept_song(&mut self) {
        let Some(coming) = self.playback.as_ref().and_then(|playback| playback.upcoming.as_ref()) else { return };
        let Some(ours) = self.queue_slot.kept_by_player() else { return };
        if !coming.iter().any(|track| track.path.as_ref() == Some(&ours.path)) {
            self.queue_slot.retry_removal();
        }
    }

    /// Drops a pick that is the current song: its path, or the library, may have become known late.
    pub(super) fn reject_playing_pick(&mut self) {
        let Some(current) = &self.current else { return };
        let song = self.queue_slot.pick().and_then(|pick| self.song(&pick.path));
        if song.is_some_and(|song| is_same_song(song, &current.track)) {
            self.queue_slot.invalidate();
        }
    }

    fn start_track(&mut self, track: Track, playback: &Playback, now: Instant) {
        self.queue_slot.allow_retries();
        let ours = self.queue_slot.pick().filter(|pick| track.path.as_ref() == Some(&pick.path)).cloned();
        if ours.is_some() {
            self.queue_slot.clear();
            self.progress.led += 1;
        } else {
            // The user chose this song: the waiting one may be in the wrong place now.
            self.queue_slot.invalidate();
        }
        self.queue_slot.undone = false;
        if let Some(song) = track.path.as_ref().and_then(|path| self.song_index.get(path)).map(|n| &self.songs[*n]) {
            self.progress.low = if song.valence < 0.4 && ours.is_some() { self.progress.low + 1 } else { 0 };
            self.recent.note(song, now, self.config.music.no_repeat);
        }
        let before = self.current.as_ref().map(|before| (before.track.album.clone(), before.album_run()));
        let (going, position) = (playback.status == PlaybackStatus::Playing, playback.position.unwrap_or_default());
        let intent = self.intent;
        self.current = Some(CurrentTrack { track, ours, intent, began: now, before, position, at: now, going });
    }

    /// If a player does not report a title, it comes from the library or from the file name.
    fn fill_in_title(&self, mut track: Track) -> Track {
        let Some(path) = track.path.as_ref().filter(|_| track.title.trim().is_empty()) else { return track };
        match self.song(path) {
            Some(song) => (track.title, track.artist) = (song.title.clone(), song.artist.clone()),
            None => track.title = path.file_stem().unwrap_or_default().to_string_lossy().into_owned(),
        }
        track
    }

    /// Learns from how the former song has ended.
    ///
    /// `left`: its player is gone or hangs, or the user changed to another one, which does not count as a skip.
    fn finish_track(&mut self, left: bool, now: Instant, effects: &mut Vec<Effect>) {
        let Some(current) = self.current.as_ref().filter(|current| !current.track.streamed) else { return };
        let (Some(path), Some(outcome)) = (current.track.path.clone(), current.outcome(now)) else { return };
        if left && outcome == PlayOutcome::Skipped {
            return;
        }
        let ours = current.ours.is_some().then_some(current.intent);
        let judged = current.ours.as_ref().map(|pick| [pick.terms.fit, pick.terms.taste]);
        let lasted = now.saturating_duration_since(current.began);
        self.update_evidence(&path, |evidence| match outcome {
            PlayOutcome::Finished => evidence.finished += 1.0,
            PlayOutcome::Skipped => evidence.skipped += 1.0,
        });
        if let Some([fit, taste]) = judged {
            self.feedback.push(Feedback { fit, taste, finished: outcome == PlayOutcome::Finished, left: 1.0 });
            self.ranker.weigh(&self.feedback);
        }
        effects.push(persist(Record::Play { path, outcome, ours, judged, lasted }));
    }
}
