//! Which songs of ours would follow, as things are now.

use std::path::PathBuf;
use std::time::Instant;

use crate::domain::pick::Pick;
use crate::domain::track::Track;
use crate::mood::target::Target;
use crate::recommend::explanation::explain_pick;
use crate::recommend::selection::programme;
use crate::state::State;

/// So many songs are looked ahead.
const AHEAD: usize = 5;

/// The last answer, and what it rested on: looking ahead ranks the whole library five times.
#[derive(Clone, Debug, Default)]
pub(super) struct UpcomingPreview {
    known: Option<(PreviewInputs, Vec<Pick>)>,
}

#[derive(Clone, Debug, PartialEq)]
struct PreviewInputs {
    target: Target,
    turn: u64,
    playing: Option<PathBuf>,
    waiting: Option<PathBuf>,
    coming: Option<Vec<Track>>,
}

impl UpcomingPreview {
    /// Songs, taste or what was lately heard have changed.
    pub fn outdate(&mut self) {
        self.known = None;
    }
}

impl State {
    /// Ours after the one in hand, nearest first, at most five; none while none would be queued.
    pub(super) fn ahead(&mut self, now: Instant) -> Vec<Pick> {
        let Some(target) = self.target().filter(|_| self.obstacle().is_none()) else { return Vec::new() };
        let ground = PreviewInputs {
            target,
            turn: self.hand.turn,
            playing: self.current.as_ref().and_then(|current| current.track.path.clone()),
            waiting: self.hand.pick().map(|pick| pick.path.clone()),
            coming: self.playback.as_ref().and_then(|playback| playback.upcoming.clone()),
        };
        if let Some((before, picks)) = &self.ahead.known
            && *before == ground
        {
            return picks.clone();
        }
        let picks = self.look_ahead(&ground.target, now);
        self.ahead.known = Some((ground, picks.clone()));
        picks
    }

    fn look_ahead(&self, target: &Target, now: Instant) -> Vec<Pick> {
        // As if what is in hand had been heard.
        let mut recent = self.recent.clone();
        if let Some(song) = self.hand.pick().and_then(|pick| self.song(&pick.path)) {
            recent.note(song, now, self.no_repeat());
        }
        let choice = crate::recommend::selection::SelectionContext { recent: &recent, ..self.choice(target) };
        let songs = programme(&self.songs, &choice, AHEAD, now);
        songs.iter().map(|chosen| explain_pick(chosen, target, &self.ranker)).collect()
    }
}
