//! What of a player's account is worth telling.

use std::time::Duration;

use moodring_core::domain::playback::{Playback, PlaybackStatus};

/// A position further than this from where the song should be by now is a jump. Rhythmbox counts whole seconds late.
const JUMP: Duration = Duration::from_secs(3);

/// Whether a player is between two songs, where some are stopped for a moment.
pub fn stops(before: Option<&Playback>, after: Option<&Playback>) -> bool {
    let playing = before.is_some_and(|playback| playback.status == PlaybackStatus::Playing);
    playing && after.is_some_and(|playback| playback.status == PlaybackStatus::Stopped)
}

/// Whether there is something to tell: a position that only went on with time is nothing.
pub fn differ(before: Option<&Playback>, after: Option<&Playback>, passed: Duration) -> bool {
    let (Some(before), Some(after)) = (before, after) else { return before.is_some() != after.is_some() };
    let still = |playback: &Playback| Playback { position: None, ..playback.clone() };
    still(before) != still(after) || jumped(before, after, passed)
}

fn jumped(before: &Playback, after: &Playback, passed: Duration) -> bool {
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
        differ(Some(&before), Some(&after), Duration::from_secs(seconds))
    }

    #[test]
    fn a_song_that_goes_on_is_no_news() {
        assert!(!news(at(10), at(40), 30));
        assert!(!news(at(10), at(28), 20));
    }

    #[test]
    fn a_song_that_starts_again_is_news() {
        assert!(news(at(100), at(0), 10));
        assert!(news(at(10), at(100), 10));
    }

    #[test]
    fn a_paused_song_that_stays_where_it_is_is_no_news() {
        let paused = |seconds| Playback { status: PlaybackStatus::Paused, ..at(seconds) };
        assert!(!news(paused(10), paused(10), 3600));
        assert!(news(at(10), paused(10), 0));
    }

    #[test]
    fn coming_and_going_is_news() {
        assert!(differ(None, Some(&at(0)), Duration::ZERO) && differ(Some(&at(0)), None, Duration::ZERO));
        assert!(!differ(None, None, Duration::from_secs(9)));
    }
}
