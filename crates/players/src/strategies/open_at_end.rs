//! A song that Moodring holds, and opens when the player has ended its own.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::Result;

use crate::mpris::playback::{CurrentState, Mpris};
use crate::mpris::track_list;
use crate::player::QueueEntry;
use moodring_core::domain::address;
use moodring_core::domain::playback::PlaybackStatus;
use moodring_core::domain::track::Track;

/// A song that stops this shortly before its end has ended; positions are coarse.
const END_TOLERANCE: Duration = Duration::from_millis(1500);

/// When to read a player that sends no signal, counted from the end of the song.
const READ_AFTER_END: Duration = Duration::from_millis(500);

/// How long after its last song a player may report a pause before it reports the stop.
const PAUSE_AT_END: Duration = Duration::from_secs(3);

/// The id of a song that the player does not have yet.
const HELD: &str = "held";

/// At most one song, and what plays before it.
#[derive(Default)]
pub(crate) struct OpenAtEnd {
    held: Option<PathBuf>,
    before: Option<PlayedBefore>,
}

/// What played when it was read last.
struct PlayedBefore {
    track: Track,
    position: Duration,
    at: Instant,
}

impl PlayedBefore {
    fn read(now: &CurrentState) -> Option<Self> {
        let (track, position) = (now.track.clone()?, now.position?);
        (now.status == PlaybackStatus::Playing).then(|| Self { track, position, at: Instant::now() })
    }

    fn end_time(&self) -> Option<Instant> {
        let length = self.track.length.filter(|length| !length.is_zero())?;
        Some(self.at + length.saturating_sub(self.position))
    }

    /// Whether the song has come to its end, and was not stopped.
    fn has_ended(&self) -> bool {
        self.end_time().is_some_and(|end| end <= Instant::now() + END_TOLERANCE)
    }

    /// Whether it is over although the player says "paused", as mpv does at the end of its list, at the very beginning.
    fn is_paused_at_end(&self, now: &CurrentState) -> bool {
        let lately = self.end_time().is_some_and(|end| Instant::now() < end + PAUSE_AT_END);
        now.status == PlaybackStatus::Paused && now.position == Some(Duration::ZERO) && lately && self.has_ended()
    }
}

impl OpenAtEnd {
    /// Keeps a song until the one that plays has ended.
    pub(crate) fn hold(&mut self, song: &Path, now: &CurrentState) -> QueueEntry {
        self.held = Some(song.to_owned());
        self.before = PlayedBefore::read(now);
        QueueEntry::new(HELD, song)
    }

    /// `false`: this one is not held.
    pub(crate) fn release(&mut self, entry: &QueueEntry) -> bool {
        let held = entry.id == HELD && self.held.as_ref() == Some(&entry.song);
        if held {
            self.held = None;
        }
        held
    }

    /// Opens the held song if the one before it has ended: `Some` says whether it plays now.
    ///
    /// `alone`: nothing follows what plays. A player that stops for a moment between two songs has not ended its list.
    pub(crate) fn open_when_ended(&mut self, base: &Mpris, now: &CurrentState, alone: bool) -> Result<Option<bool>> {
        let ended = now.status == PlaybackStatus::Stopped && self.before.as_ref().is_some_and(PlayedBefore::has_ended);
        if !ended || self.held.is_none() {
            if !self.before.as_ref().is_some_and(|before| before.is_paused_at_end(now)) {
                self.before = PlayedBefore::read(now).filter(|_| alone);
            }
            return Ok(None);
        }
        self.before = None;
        let Some(song) = self.held.take() else { return Ok(None) };
        base.open_uri(&address::to_file_uri(&song))?;
        track_list::wait_until_shown(|| {
            Ok(base.read_state()?.track.and_then(|track| track.path).as_ref() == Some(&song))
        })
        .map(Some)
    }

    pub(crate) fn next_read(&self) -> Option<Instant> {
        self.held.as_ref()?;
        Some(self.before.as_ref()?.end_time()? + READ_AFTER_END)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now(status: PlaybackStatus, position: Duration) -> CurrentState {
        CurrentState {
            status,
            track: Some(Track { length: Some(Duration::from_secs(60)), ..Track::default() }),
            id: None,
            position: Some(position),
            shuffle: false,
            repeats_song: false,
            repeats_list: false,
            goes_on: Some(false),
        }
    }

    fn played(seconds: u64) -> PlayedBefore {
        PlayedBefore::read(&now(PlaybackStatus::Playing, Duration::from_secs(seconds))).unwrap()
    }

    #[test]
    fn a_pause_at_the_beginning_of_a_song_that_is_over_is_its_end() {
        let pause = now(PlaybackStatus::Paused, Duration::ZERO);
        assert!(played(60).is_paused_at_end(&pause));
        assert!(!played(30).is_paused_at_end(&pause), "the user went back to its beginning");
        assert!(
            !played(60).is_paused_at_end(&now(PlaybackStatus::Paused, Duration::from_secs(59))),
            "the user paused it"
        );
        assert!(!played(60).is_paused_at_end(&now(PlaybackStatus::Playing, Duration::ZERO)), "it plays again");
    }
}
