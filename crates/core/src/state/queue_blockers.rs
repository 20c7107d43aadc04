//! Why no song of ours should wait in the player just now.

use crate::domain::playback::{Playback, PlaybackStatus, QueueMethod};
use crate::state::{Pause, State};

impl State {
    /// Why no song of ours should wait now; `None`: one should.
    pub(super) fn obstacle(&self) -> Option<String> {
        let Some(playback) = &self.playback else { return Some("no music player is running".into()) };
        if self.pause != Pause::Running {
            return Some("paused".into());
        }
        if playback.status != PlaybackStatus::Playing {
            return Some(format!("{} is not playing", playback.player));
        }
        if self.songs.is_empty() {
            return Some("the library is empty: run `moodring scan`".into());
        }
        if self.hand.held {
            return Some("you took the last one back; going on with the next song".into());
        }
        let hindrance = playback.obstacle.clone().filter(|_| playback.way != QueueMethod::Unsupported);
        hindrance.or_else(|| self.album_in_progress(playback)).or_else(|| self.give_way()).or_else(|| self.no_mood())
    }

    fn give_way(&self) -> Option<String> {
        self.guest.waits().then(|| "the songs you have put on come first".into())
    }

    fn no_mood(&self) -> Option<String> {
        if self.followed().is_some() {
            return None;
        }
        let why = match (self.consent, self.config.camera.enabled) {
            (None, true) => "may the camera be used? Or set a mood by hand",
            (Some(true), true) => "the first looks decide",
            _ => "without the camera, set a mood by hand",
        };
        Some(why.into())
    }

    /// An album the listener put on is left alone to its end.
    fn album_in_progress(&self, playback: &Playback) -> Option<String> {
        let current = self.current.as_ref().filter(|current| current.ours.is_none())?;
        let album = &current.track.album;
        if album.is_empty() {
            return None;
        }
        let ours = self.hand.pick().map(|pick| &pick.path);
        let goes_on = match &playback.upcoming {
            Some(upcoming) => {
                let next = upcoming.iter().find(|track| ours.is_none() || track.path.as_ref() != ours);
                next.is_some_and(|next| next.album == *album)
            }
            // The player does not tell what comes: two songs in a row from one album are an album.
            None => current.album_run() > 1,
        };
        goes_on.then(|| format!("your album “{album}” plays to its end"))
    }
}
