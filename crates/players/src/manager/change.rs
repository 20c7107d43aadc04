//! Which changes of a player are reported.

use std::time::Duration;

use moodring_core::domain::playback::{Playback, PlaybackStatus};

/// A position that differs from the expected one by more than this is a jump. Rhythmbox updates it by whole seconds, late.
const JUMP: Duration = Duration::from_secs(3);

/// Whether a player that played is stopped now; some are, for a moment, between two songs.
pub(super) fn has_stopped(before: Option<&Playback>, after: Option<&Playback>) -> bool {
    let playing = before.is_some_and(|playback| playback.status == PlaybackStatus::Playing);
    playing && after.is_some_and(|playback| playback.status == PlaybackStatus::Stopped)
}

/// Whether there is a change to report; a position that only moved with time is none.
pub(super) fn has_changed(before: Option<&Playback>, after: Option<&Playback>, passed: Duration) -> bool {
    let (Some(before), Some(after)) = (before, after) else { return before.is_some() != after.is_some() };
    let still = |playback: &Playback| Playback { position: None, ..playback.clone() };
    still(before) != still(after) || has_jumped(before, after, passed)
}

fn has_jumped(before: &Playback, after: &Playback, passed: Duration) -> bool {
    let (Some(then), Some(now)) = (before.position, after.position) else { return false };
    let expected = if before.status == PlaybackStatus::Playing { then + passed } else { then };
    expected.abs_diff(now) > JUMP
}

#[cfg(test)]
mod tests {
    use super::*;
    use moodring_core::domain::playback::QueueMethod;
    use moodring_core::domain::track::Track;

    fn at(seconds: u64) -> Playback {
        Playback {
            player: "P".into(),
            way: QueueMethod::Unsupported,
            status: PlaybackStatus::Playing,
            track: Some(Track::default()),
            position: Some(Duration::from_secs(seconds)),
            upcoming: None,
            shuffle: false,
            obstacle: None,
        }
    }

    fn news(before: Playback, after: Playback, seconds: u64) -> bool {
        has_changed(Some(&before), Some(&after), Duration::from_secs(seconds))
    }

    #[test]
    fn a_song_that_plays_on_is_no_change() {
        assert!(!news(at(10), at(40), 30));
        assert!(!news(at(10), at(28), 20));
    }

    #[test]
    fn a_song_that_starts_again_is_a_change() {
        assert!(news(at(100), at(0), 10));
        assert!(news(at(10), at(100), 10));
    }

    #[test]
    fn a_paused_song_at_the_same_position_is_no_change() {
        let paused = |seconds| Playback { status: PlaybackStatus::Paused, ..at(seconds) };
        assert!(!news(paused(10), paused(10), 3600));
        assert!(news(at(10), paused(10), 0));
    }

    #[test]
    fn a_player_that_comes_or_goes_is_a_change() {
        assert!(has_changed(None, Some(&at(0)), Duration::ZERO) && has_changed(Some(&at(0)), None, Duration::ZERO));
        assert!(!has_changed(None, None, Duration::from_secs(9)));
    }
}
