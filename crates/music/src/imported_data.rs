//! What a source told: the owner's listens, other listeners' histories, advice.

use moodring_core::text::song_names::TrackRef;

/// The owner heard a song elsewhere.
#[derive(Clone, Debug, PartialEq)]
pub struct Listen {
    pub song: TrackRef,
    /// Seconds since 1970.
    pub at: i64,
    /// To its end, or for long; else it was skipped.
    pub finished: bool,
}

/// A listener's history as counts.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ImportedHistory {
    pub listener: String,
    /// Each song with its plays, or its rating: more is better.
    pub plays: Vec<(TrackRef, f32)>,
}

/// All that one source told.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ImportedData {
    pub listens: Vec<Listen>,
    /// What the owner plays or likes, where no dates are known; `listener` names the list.
    pub own: Vec<ImportedHistory>,
    pub others: Vec<ImportedHistory>,
    /// Songs that a service recommends to the owner, with its score.
    pub advice: Vec<(TrackRef, f32)>,
    /// What a person should know.
    pub notes: Vec<String>,
}

impl ImportedData {
    /// Together with what another file told.
    pub fn with(mut self, other: Self) -> Self {
        self.listens.extend(other.listens);
        self.own.extend(other.own);
        self.others.extend(other.others);
        self.advice.extend(other.advice);
        self.notes.extend(other.notes);
        self
    }
}
