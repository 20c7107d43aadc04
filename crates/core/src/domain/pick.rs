//! A song chosen by Moodring, with its reason and the terms of its score.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::domain::emotion::MoodName;

/// A song that was chosen, and why.
#[derive(Clone, Debug, PartialEq)]
pub struct Pick {
    pub path: PathBuf,
    pub title: String,
    pub artist: String,
    pub reason: PickReason,
    pub terms: ScoreBreakdown,
}

/// Why a song was chosen.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PickReason {
    pub character: Character,
    pub aim: Aim,
    /// The mood that the song is for.
    pub mood: MoodName,
    /// No song fits well; this one is the best there is.
    pub fits_loosely: bool,
    pub liking: Liking,
    pub decided: DecidingFactor,
}

/// Where a song lies in the plane of valence and energy.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Character {
    /// It has no file here, so nothing was measured.
    #[default]
    NotInLibrary,
    Area {
        valence: Level,
        energy: Level,
    },
}

/// A third of the range 0 to 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    Low,
    Medium,
    High,
}

/// What is known of the user's liking for a song.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Liking {
    Liked,
    /// Counts of recent plays.
    Finished {
        finished: f32,
        plays: f32,
    },
    ArtistOftenFinished {
        artist: String,
    },
    ArtistOftenSkipped {
        artist: String,
    },
    /// Similar listeners play the artist.
    ArtistPlayedByOthers {
        artist: String,
    },
    NotPlayedLately,
    #[default]
    NeverPlayed,
}

/// The terms that made a score; shares and weights are 0..1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ScoreBreakdown {
    /// Of `fit` and `taste`, before spacing and chance.
    pub score: f32,
    /// The score times spacing and chance: what the pick won by.
    #[serde(default)]
    pub total: f32,
    /// How well the song fits the target.
    pub fit: f32,
    /// The share of its plays that this listener will hear to the end.
    pub taste: f32,
    /// The weight of `fit`; the rest is the weight of `taste`.
    pub mood_weight: f32,
    /// What an artist or album that was lately heard leaves of the score.
    pub spacing: f32,
    /// What a little exploration adds to it, as a factor of at least 1.
    pub chance: f32,
    pub decided: DecidingFactor,
    /// Where the song stands, and where it should.
    pub place: [f32; 2],
    pub target: [f32; 2],
}

/// What put a song before all others.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DecidingFactor {
    /// Its score alone.
    #[default]
    Score,
    /// The best had an artist or album that was lately heard.
    Spacing,
    Chance,
}

/// Why the target lies where it does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Aim {
    /// At the mood that the user shows.
    #[default]
    Mirror,
    /// At the mood that the user set by hand.
    ByHand,
    Lift,
    Calm,
    /// Upwards, after several songs of low valence in a row.
    OutOfTheLow,
}
