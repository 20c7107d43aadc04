//! Why no song of ours should wait in the player just now.

use crate::domain::playback::{Playback, PlaybackStatus, QueueMethod};
use crate::domain::reason::QueueBlocker;
use crate::state::{Pause, State};

impl State {
    /// Why no song of ours should wait now; `None`: one should.
    pub(super) fn obstacle(&self) -> Option<QueueBlocker> {
        let Some(playback) = &self.playback else { return Some(QueueBlocker::NoPlayer) };
        if self.pause != Pause::Running {
            return Some(QueueBlocker::Paused);
        }
        if playback.status != PlaybackStatus::Playing {
            return Some(QueueBlocker::NotPlaying { player: playback.player.clone() });
        }
        if self.songs.is_empty() {
            return Some(QueueBlocker::LibraryEmpty);
        }
        if self.hand.held {
            return Some(QueueBlocker::TakenBack);
        }
        let reason = playback.obstacle.clone().filter(|_| playback.way != QueueMethod::Unsupported);
        let by_player = reason.map(QueueBlocker::Player);
        by_player.or_else(|| self.album_in_progress(playback)).or_else(|| self.give_way()).or_else(|| self.no_mood())
    }

    fn give_way(&self) -> Option<QueueBlocker> {
        self.guest.waits().then_some(QueueBlocker::UserQueueFirst)
    }

    fn no_mood(&self) -> Option<QueueBlocker> {
        if self.followed().is_some() {
            return None;
        }
        Some(match (self.consent, self.config.camera.enabled) {
            (None, true) => QueueBlocker::ConsentPending,
            (Some(true), true) => QueueBlocker::NoReadingYet,
            _ => QueueBlocker::NoMood,
        })
    }

    /// An album the listener put on is left alone to its end.
    fn album_in_progress(&self, playback: &Playback) -> Option<QueueBlocker> {
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
        goes_on.then(|| QueueBlocker::AlbumPlays { album: album.clone() })
    }
}
