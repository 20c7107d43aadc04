//! A song of the library, and what its user did with it.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::domain::remote_song;

/// One song of the library, with all that ranking needs.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Song {
    /// Row of the library.
    pub id: i64,
    pub path: PathBuf,
    pub title: String,
    pub artist: String,
    /// Empty when the file does not say.
    pub album: String,
    /// Lower case, empty when the file does not say.
    pub genre: String,
    /// The mood its tags name, lower case; empty when they name none.
    pub mood: String,
    pub seconds: f32,
    /// 0 unpleasant .. 1 pleasant.
    pub valence: f32,
    /// 0 calm .. 1 lively.
    pub energy: f32,
    /// Beats per minute; 0 when unknown.
    pub tempo: f32,
    /// 0..1: how far valence and energy can be trusted.
    pub certainty: f32,
    pub told: Overrides,
    pub evidence: Evidence,
}

impl Song {
    /// It has no file here, and only a player that streams may have it.
    pub fn is_elsewhere(&self) -> bool {
        remote_song::parse_remote_path(&self.path).is_some()
    }
}

/// Which parts of a song's place are its owner's word, and not measured.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Overrides {
    pub valence: bool,
    pub energy: bool,
}

/// What this listener did with a song; counts fade with time (half-life 90 days).
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Evidence {
    pub finished: f32,
    pub skipped: f32,
    pub opinion: Opinion,
    /// Days since it was last played; `None`: never.
    pub last_played_days: Option<f32>,
}

/// What the listener said about a song.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Opinion {
    Like,
    #[default]
    None,
    Dislike,
}
