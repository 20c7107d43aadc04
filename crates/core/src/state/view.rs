//! What the tray and `moodring status` show.

use std::time::Instant;

use crate::domain::reason::QueueBlocker;
use crate::domain::song::Opinion;
use crate::domain::track::Track;
use crate::domain::view::{Phase, View};
use crate::message::Effect;
use crate::state::{Pause, State};

impl State {
    /// Publishes the view if it has changed.
    pub(super) fn publish_view(&mut self, now: Instant, effects: &mut Vec<Effect>) {
        let view = self.build_view(now);
        if self.last_view.as_ref() != Some(&view) {
            self.last_view = Some(view.clone());
            effects.push(Effect::Show(view));
        }
    }

    pub(super) fn build_view(&self, now: Instant) -> View {
        let mood = self.by_hand.map_or_else(|| self.mood_filter.mood(), |name| self.table.place(name));
        let current = self.current.as_ref();
        let path = current.and_then(|current| current.track.path.as_deref());
        View {
            phase: self.phase(now),
            no_look: self.find_look_block().or(self.look_scheduler.block),
            mood,
            mood_name: self.by_hand.unwrap_or_else(|| self.table.nearest(&mood)),
            scores: self.look_scheduler.scores,
            unread: self.look_scheduler.unread,
            by_hand: self.by_hand,
            intent: self.intent,
            player: self.playback.as_ref().map(|p| p.player.clone()),
            way: self.playback.as_ref().map(|p| p.way),
            playing: current.map(|current| line(&current.track)),
            ours: current.and_then(|current| current.ours.clone()),
            opinion: path.and_then(|path| self.song(path)).map_or(Opinion::None, |song| song.evidence.opinion),
            next: self.queue_slot.pick().cloned(),
            waiting_for: self
                .find_queue_blocker()
                .or_else(|| self.queue_slot.rejection())
                .or_else(|| self.find_suggestion_reason()),
            songs: self.songs.iter().filter(|song| !song.is_elsewhere()).count(),
        }
    }

    fn find_suggestion_reason(&self) -> Option<QueueBlocker> {
        let playback = self.playback.as_ref().filter(|_| self.queue_slot.is_only_suggested())?;
        let unknown = || QueueBlocker::OnlySuggestions { player: playback.player.clone() };
        Some(playback.obstacle.clone().map_or_else(unknown, QueueBlocker::Player))
    }

    fn phase(&self, now: Instant) -> Phase {
        match self.pause {
            Pause::ForGood => Phase::Paused(None),
            Pause::Until(end) => Phase::Paused(Some(end.saturating_duration_since(now).as_secs())),
            Pause::Running if self.consent.is_none() && self.config.camera.enabled => Phase::Asking,
            Pause::Running if self.look_scheduler.calibrating => Phase::Calibrating,
            Pause::Running if self.look_scheduler.is_looking() => Phase::Looking,
            Pause::Running => self.working_phase(),
        }
    }

    fn working_phase(&self) -> Phase {
        match (&self.look_scheduler.camera_user, &self.look_scheduler.trouble) {
            // While no look is due, the user of the camera is not checked.
            (Some(user), _) if self.may_look() => Phase::CameraInUse(user.clone()),
            (_, Some(trouble)) if self.needs_camera() => Phase::Trouble(trouble.clone()),
            _ => Phase::Watching,
        }
    }

    /// Whether the mood comes from the camera; otherwise trouble with it does not matter.
    fn needs_camera(&self) -> bool {
        self.by_hand.is_none() && self.consent == Some(true) && self.config.camera.enabled
    }
}

fn line(track: &Track) -> String {
    if track.artist.is_empty() { track.title.clone() } else { format!("{} – {}", track.title, track.artist) }
}
