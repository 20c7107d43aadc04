//! What the tray and `status` show.

use std::time::Instant;

use crate::domain::reason::QueueBlocker;
use crate::domain::song::Opinion;
use crate::domain::track::Track;
use crate::domain::view::{Phase, View};
use crate::message::Effect;
use crate::state::{Pause, State};

impl State {
    /// Sends the view out when it has changed.
    pub(super) fn show(&mut self, now: Instant, effects: &mut Vec<Effect>) {
        let view = self.view(now);
        if self.shown.as_ref() != Some(&view) {
            self.shown = Some(view.clone());
            effects.push(Effect::Show(view));
        }
    }

    pub(super) fn view(&self, now: Instant) -> View {
        let mood = self.by_hand.map_or_else(|| self.steady.mood(), |name| self.table.place(name));
        let current = self.current.as_ref();
        let path = current.and_then(|current| current.track.path.as_deref());
        View {
            phase: self.phase(now),
            no_look: self.no_look().or(self.watch.absent),
            mood,
            mood_name: self.by_hand.unwrap_or_else(|| self.table.nearest(&mood)),
            scores: self.watch.scores,
            unread: self.watch.unread,
            by_hand: self.by_hand,
            intent: self.intent,
            player: self.playback.as_ref().map(|p| p.player.clone()),
            way: self.playback.as_ref().map(|p| p.way),
            playing: current.map(|current| line(&current.track)),
            ours: current.and_then(|current| current.ours.clone()),
            opinion: path.and_then(|path| self.song(path)).map_or(Opinion::None, |song| song.evidence.opinion),
            next: self.hand.pick().cloned(),
            waiting_for: self.obstacle().or_else(|| self.hand.refusal()).or_else(|| self.by_yourself()),
            songs: self.songs.iter().filter(|song| !song.is_elsewhere()).count(),
        }
    }

    fn by_yourself(&self) -> Option<QueueBlocker> {
        let playback = self.playback.as_ref().filter(|_| self.hand.only_suggested())?;
        let unknown = || QueueBlocker::OnlySuggestions { player: playback.player.clone() };
        Some(playback.obstacle.clone().map_or_else(unknown, QueueBlocker::Player))
    }

    fn phase(&self, now: Instant) -> Phase {
        match self.pause {
            Pause::ForGood => Phase::Paused(None),
            Pause::Until(end) => Phase::Paused(Some(end.saturating_duration_since(now).as_secs())),
            Pause::Running if self.consent.is_none() && self.config.camera.enabled => Phase::Asking,
            Pause::Running if self.watch.resting => Phase::Calibrating,
            Pause::Running if self.watch.looking() => Phase::Looking,
            Pause::Running => self.at_work(),
        }
    }

    fn at_work(&self) -> Phase {
        match (&self.watch.user, &self.watch.trouble) {
            // Where no look is due anyway, nobody has asked for long who uses it.
            (Some(user), _) if self.may_look() => Phase::CameraInUse(user.clone()),
            (_, Some(trouble)) if self.wants_camera() => Phase::Trouble(trouble.clone()),
            _ => Phase::Watching,
        }
    }

    /// Whether the mood is to come from the camera; otherwise its trouble stands in the way of nothing.
    fn wants_camera(&self) -> bool {
        self.by_hand.is_none() && self.consent == Some(true) && self.config.camera.enabled
    }
}

fn line(track: &Track) -> String {
    if track.artist.is_empty() { track.title.clone() } else { format!("{} – {}", track.title, track.artist) }
}
