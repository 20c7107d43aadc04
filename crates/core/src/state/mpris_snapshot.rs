//! What our own player on the bus shows, where the settings ask for one.

use std::time::Instant;

use crate::domain::playback::PlaybackStatus;
use crate::domain::presence::LookBlock;
use crate::domain::view::MprisSnapshot;
use crate::message::Effect;
use crate::state::State;

impl State {
    /// Sends it out when it has changed.
    pub(super) fn mirror(&mut self, now: Instant, effects: &mut Vec<Effect>) {
        if !self.config.desktop.mpris {
            return;
        }
        let mirrored = self.mirrored(now);
        if self.mirrored.as_ref() != Some(&mirrored) {
            self.mirrored = Some(mirrored.clone());
            effects.push(Effect::PublishMpris(mirrored));
        }
    }

    fn mirrored(&mut self, now: Instant) -> MprisSnapshot {
        let later = self.ahead(now);
        let current = self.current.as_ref();
        MprisSnapshot {
            status: self.playback.as_ref().map_or(PlaybackStatus::Stopped, |playback| playback.status),
            track: current.map(|current| current.track.clone()),
            position: current.map(|current| current.place()),
            reason: current.and_then(|current| current.ours.as_ref()).map(|pick| pick.reason.clone()),
            picks: self.hand.pick().cloned().into_iter().chain(later).collect(),
            seen: self.steady.settled().map(|mood| self.table.nearest(&mood)),
            by_hand: self.by_hand,
            blind: matches!(self.no_look(), Some(LookBlock::TurnedOff | LookBlock::ConsentDenied)),
        }
    }
}
