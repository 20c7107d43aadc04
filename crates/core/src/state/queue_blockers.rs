//! Why no song of Moodring should wait in the player now.

use crate::domain::playback::{Playback, PlaybackStatus, QueueMethod};
use crate::domain::reason::QueueBlocker;
use crate::state::{Pause, State};

impl State {
    /// Why no song of Moodring should wait now; `None`: one should.
    pub(super) fn find_queue_blocker(&self) -> Option<QueueBlocker> {
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
        if self.queue_slot.undone {
            return Some(QueueBlocker::TakenBack);
        }
        let reason = playback.obstacle.clone().filter(|_| playback.way != QueueMethod::Unsupported);
        let by_player = reason.map(QueueBlocker::Player);
        by_player
            .or_else(|| self.find_album_blocker(playback))
            .or_else(|| self.find_user_queue_blocker())
            .or_else(|| self.find_mood_blocker())
    }

    fn find_user_queue_blocker(&self) -> Option<QueueBlocker> {
        self.user_queue.waits().then_some(QueueBlocker::UserQueueFirst)
    }

    fn find_mood_blocker(&self) -> Option<QueueBlocker> {
        if self.current_mood().is_some() {
            return None;
        }
        Some(match (self.consent, self.config.camera.enabled) {
            (None, true) => QueueBlocker::ConsentPending,
            (Some(true), true) => QueueBlocker::NoReadingYet,
            _ => QueueBlocker::NoMood,
        })
    }

    /// An album that the user started is not interrupted.
    fn find_album_blocker(&self, playback: &Playback) -> Option<QueueBlocker> {
        let current = self.current.as_ref().filter(|current| current.ours.is_none())?;
        let album = &current.track.album;
        if album.is_empty() {
            return None;
        }
        let ours = self.queue_slot.pick().map(|pick| &pick.path);
        let goes_on = match &playback.upcoming {
            Some(upcoming) => {
                let next = upcoming.iter().find(|track| ours.is_none() || track.path.as_ref() != ours);
                next.is_some_and(|next| next.album == *album)
            }
            // The player does not report its queue: two songs in a row from one album count as an album.
            None => current.album_run() > 1,
        };
        goes_on.then(|| QueueBlocker::AlbumPlays { album: album.clone() })
    }
}
