//! What Moodring's own MPRIS player shows, if the settings enable it.

use std::time::Instant;

use crate::domain::playback::PlaybackStatus;
use crate::domain::presence::LookBlock;
use crate::domain::view::MprisSnapshot;
use crate::message::Effect;
use crate::state::State;

impl State {
    /// Publishes the snapshot if it has changed.
    pub(super) fn publish_snapshot(&mut self, now: Instant, effects: &mut Vec<Effect>) {
        if !self.config.desktop.mpris {
            return;
        }
        let mirrored = self.build_snapshot(now);
        if self.published.as_ref() != Some(&mirrored) {
            self.published = Some(mirrored.clone());
            effects.push(Effect::PublishMpris(mirrored));
        }
    }

    fn build_snapshot(&mut self, now: Instant) -> MprisSnapshot {
        let later = self.preview_upcoming(now);
        let current = self.current.as_ref();
        MprisSnapshot {
            status: self.playback.as_ref().map_or(PlaybackStatus::Stopped, |playback| playback.status),
            track: current.map(|current| current.track.clone()),
            position: current.map(|current| current.place()),
            reason: current.and_then(|current| current.ours.as_ref()).map(|pick| pick.reason.clone()),
            picks: self.queue_slot.pick().cloned().into_iter().chain(later).collect(),
            seen: self.mood_filter.settled().map(|mood| self.table.nearest(&mood)),
            by_hand: self.by_hand,
            blind: matches!(self.find_look_block(), Some(LookBlock::TurnedOff | LookBlock::ConsentDenied)),
        }
    }
}
