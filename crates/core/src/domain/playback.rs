//! What a player does, and how songs get into its queue.

use std::path::PathBuf;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::domain::track::Track;

/// How many songs to come are worth telling.
pub const HORIZON: usize = 10;

/// A song that Moodring put into a player's queue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueueHandle {
    /// The player's name on the bus, or "mpd".
    pub player: String,
    /// The player's own id of the entry: a track id or a queue id; empty where it has none.
    pub entry: String,
    pub song: PathBuf,
}

/// What came of asking a player to remove a song of ours that has not begun.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dequeued {
    /// It was there, and the player's own account no longer shows it.
    Removed,
    /// The player's own account does not show it: it has begun, or the user removed it.
    NotThere,
    /// It still is there, and the player offers no way to remove it.
    Cannot,
}

/// Why a song is not in a player's queue, in a sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum QueueError {
    /// It concerns this song alone: another may do.
    Song(String),
    /// Nothing can be queued at the moment.
    Player(String),
}

impl QueueError {
    pub fn why(&self) -> &str {
        match self {
            Self::Song(why) | Self::Player(why) => why,
        }
    }
}

/// A player's error that concerns one song alone.
#[derive(Debug)]
pub struct SongUnavailable(pub String);

impl std::fmt::Display for SongUnavailable {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for SongUnavailable {}

/// The rung of the ladder on which a player stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum QueueMethod {
    /// Into the player's own queue, right after the current song.
    #[serde(rename = "next")]
    AfterCurrent { take_back: bool },
    /// Behind the listener's list, while its last song plays; held back until shortly before that ends.
    #[serde(rename = "behind")]
    Append,
    /// Opened when the current song has ended and nothing follows; held back until then.
    #[serde(rename = "at-end")]
    OpenAtEnd,
    /// Nothing we know of works: we only say what would fit.
    #[serde(rename = "suggest-only")]
    Unsupported,
}

impl QueueMethod {
    /// Whether a song that has not begun can be taken back, of those that we hold at least until they are handed over.
    pub fn takes_back(self) -> bool {
        match self {
            Self::AfterCurrent { take_back } => take_back,
            Self::Append | Self::OpenAtEnd => true,
            Self::Unsupported => false,
        }
    }
}

/// How songs get into one build of a player, found out by trying.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueueSupport {
    /// Its name on the bus, without what all have in common.
    pub player: String,
    pub build: String,
    pub way: QueueMethod,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PlaybackStatus {
    Playing,
    Paused,
    Stopped,
}

/// What a player says of itself.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Playback {
    /// As people know it.
    pub player: String,
    pub way: QueueMethod,
    pub status: PlaybackStatus,
    pub track: Option<Track>,
    pub position: Option<Duration>,
    /// What the player will play next, nearest first, at most ten; `None` when it does not tell.
    pub upcoming: Option<Vec<Track>>,
    pub shuffle: bool,
    /// Why no song of ours can be the next one just now, in a sentence.
    #[serde(default)]
    pub obstacle: Option<String>,
}
