//! Which songs of Moodring would follow, as things are now.

use std::path::PathBuf;
use std::time::Instant;

use crate::domain::pick::Pick;
use crate::domain::track::Track;
use crate::mood::target::Target;
use crate::recommend::explanation::explain_pick;
use crate::recommend::selection::programme;
use crate::state::State;

/// Number of songs in a preview.
const AHEAD: usize = 5;

/// The last preview with its inputs; making one ranks the whole library five times.
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
    /// Songs, taste or recent plays have changed.
    pub(crate) fn invalidate(&mut self) {
        self.known = None;
    }
}

impl State {
    /// The picks after the one in the queue slot, nearest first, at most five; none while none would be queued.
    pub(super) fn preview_upcoming(&mut self, now: Instant) -> Vec<Pick> {
        let Some(target) = self.target().filter(|_| self.find_queue_blocker().is_none()) else { return Vec::new() };
        let ground = PreviewInputs {
            target,
            turn: self.queue_slot.choices,
            playing: self.current.as_ref().and_then(|current| current.track.path.clone()),
            waiting: self.queue_slot.pick().map(|pick| pick.path.clone()),
            coming: self.playback.as_ref().and_then(|playback| playback.upcoming.clone()),
        };
        if let Some((before, picks)) = &self.upcoming_preview.known
            && *before == ground
        {
            return picks.clone();
        }
        let picks = self.build_preview(&ground.target, now);
        self.upcoming_preview.known = Some((ground, picks.clone()));
        picks
    }

    fn build_preview(&self, target: &Target, now: Instant) -> Vec<Pick> {
        // As if the song in the queue slot had been played.
        let mut recent = self.recent.clone();
        if let Some(song) = self.queue_slot.pick().and_then(|pick| self.song(&pick.path)) {
            recent.note(song, now, self.no_repeat());
        }
        let choice =
            crate::recommend::selection::SelectionContext { recent: &recent, ..self.selection_context(target) };
        let songs = programme(&self.songs, &choice, AHEAD, now);
        songs.iter().map(|chosen| explain_pick(chosen, target, &self.ranker)).collect()
    }
}
