//! Players: what they play, and how a song gets into their queue without disturbing it.

pub mod address;
pub mod audacious;
pub mod bus;
pub mod choose;
pub mod desk;
pub mod ears;
pub mod inbox;
pub mod metadata;
pub mod mpd;
pub mod mpris;
pub mod rhythmbox;
pub mod seats;
pub mod spotify;
pub mod survey;
pub mod track_list;
pub mod vlc;

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Result;
use serde::{Deserialize, Serialize};

/// A music player that runs on this desktop, seen through whatever interface works best with it.
///
/// Every method returns within three seconds, whatever the player does.
pub trait Player: Send {
    /// As people know it, for instance "VLC media player".
    fn name(&self) -> &str;

    /// How songs get into this player, and whether they can be taken back.
    fn way(&self) -> Way;

    /// What it does now.
    fn playback(&mut self) -> Result<Playback>;

    /// Puts a song right after the current one, and returns once the player's own account shows it there.
    fn queue(&mut self, song: &Path) -> Result<Ticket>;

    /// Takes a song of ours out again. `Ok(false)`: it is not waiting there any more, or cannot be taken back.
    fn take_back(&mut self, ticket: &Ticket) -> Result<bool>;

    /// Ends the current song; only ever on the listener's word.
    fn skip(&mut self) -> Result<()>;
}

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
    /// Nothing we know of works: we only say what would fit.
    SuggestOnly,
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
}

/// A song as a player describes it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Track {
    /// The local file, whatever way the player wrote its address; `None` for streams and when it does not say.
    pub path: Option<PathBuf>,
    pub title: String,
    pub artist: String,
    pub album: String,
    pub length: Option<Duration>,
    /// It comes from a streaming service, of which nothing is learned.
    #[serde(default)]
    pub streamed: bool,
}
