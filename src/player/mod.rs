//! Players: what they play, and how a song gets into their queue without disturbing it.

pub mod address;
pub mod any;
pub mod audacious;
pub mod behind;
pub mod bus;
pub mod choose;
pub mod clementine;
pub mod cmus;
pub mod desk;
pub mod ears;
pub mod end;
pub mod inbox;
pub mod ipc;
pub mod metadata;
pub mod mpd;
pub mod mpris;
pub mod mpv;
pub mod news;
pub mod ours;
pub mod process;
pub mod quodlibet;
pub mod rhythmbox;
pub mod seat;
pub mod seats;
pub mod shelf;
pub mod spotify;
pub mod survey;
pub mod table;
pub mod track_list;
pub mod vlc;

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

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

    /// Puts a song right after the current one, and returns once the player's own account shows it there; or holds it
    /// until the player can take it, as [`Way::Behind`] and [`Way::AtEnd`] do.
    fn queue(&mut self, song: &Path) -> Result<Ticket>;

    /// Takes a song of ours out again. `Ok(false)`: it is not waiting there any more, or cannot be taken back.
    fn take_back(&mut self, ticket: &Ticket) -> Result<bool>;

    /// Ends the current song; only ever on the listener's word.
    fn skip(&mut self) -> Result<()>;

    /// When it is to be read again though it says nothing: a song that we hold may be due.
    fn due(&self) -> Option<Instant> {
        None
    }

    /// What has been found out since the last time: the way that has just worked, or the one that is left.
    fn learned(&mut self) -> Option<Way> {
        None
    }

    /// What had been found out about the same build of this player before.
    fn recall(&mut self, _way: Way) {}

    /// Whether it is to be met anew, for another way has opened or this one is shut: a door may open some time after its start.
    fn outgrown(&self) -> bool {
        false
    }

    /// What is kept outside the player, such as an account, may have changed.
    fn revise(&mut self) {}

    /// Which build of the player this is, so that another is tried anew; `None` when it cannot be told.
    fn build(&self) -> Option<String>;
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

/// A song as a player describes it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Track {
    /// The local file, whatever way the player wrote its address; `None` for streams and when it does not say.
    #[serde(default, with = "address::json::maybe")]
    pub path: Option<PathBuf>,
    pub title: String,
    pub artist: String,
    pub album: String,
    pub length: Option<Duration>,
    /// It comes from a streaming service, of which nothing is learned.
    #[serde(default)]
    pub streamed: bool,
}
