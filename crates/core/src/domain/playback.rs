//! What a player does, and how songs get into its queue.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::domain::track::Track;

/// How many songs to come are worth telling.
pub const HORIZON: usize = 10;

/// A song of ours in a player's queue, in the player's own terms (a track id, a queue id, or the song's address).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ticket(pub String);

/// Why a song is not in a player's queue, in a sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// It concerns this song alone: another may do.
    Song(String),
    /// Nothing can be queued at the moment.
    Player(String),
}

impl Refusal {
    pub fn why(&self) -> &str {
        match self {
            Self::Song(why) | Self::Player(why) => why,
        }
    }
}

/// A player's error that concerns one song alone.
#[derive(Debug)]
pub struct Absent(pub String);

impl std::fmt::Display for Absent {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Absent {}

/// The rung of the ladder on which a player stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Way {
    /// Into the player's own queue, right after the current song.
    Next { take_back: bool },
    /// Behind the listener's list, while its last song plays; held back until shortly before that ends.
    Behind,
    /// Opened when the current song has ended and nothing follows; held back until then.
    AtEnd,
    /// Nothing we know of works: we only say what would fit.
    SuggestOnly,
}

impl Way {
    /// Whether a song that has not begun can be taken back, of those that we hold at least until they are handed over.
    pub fn takes_back(self) -> bool {
        match self {
            Self::Next { take_back } => take_back,
            Self::Behind | Self::AtEnd => true,
            Self::SuggestOnly => false,
        }
    }
}

/// How songs get into one build of a player, found out by trying.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
    /// Its name on the bus, without what all have in common.
    pub player: String,
    pub build: String,
    pub way: Way,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    Playing,
    Paused,
    Stopped,
}

/// What a player says of itself.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Playback {
    /// As people know it.
    pub player: String,
    pub way: Way,
    pub status: Status,
    pub track: Option<Track>,
    pub position: Option<Duration>,
    /// What the player will play next, nearest first, at most ten; `None` when it does not tell.
    pub upcoming: Option<Vec<Track>>,
    pub shuffle: bool,
    /// Why no song of ours can be the next one just now, in a sentence.
    #[serde(default)]
    pub obstacle: Option<String>,
}
