//! What is shown of the agent's state: values that are compared, drawn and sent.

use crate::domain::presence::LookBlock;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use crate::domain::emotion::{Intent, Mood, MoodName, Scores};
use crate::domain::playback::{PlaybackStatus, QueueMethod};
use crate::domain::song::Opinion;
use crate::domain::track::Track;

/// A song that was chosen, and why.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Pick {
    #[serde(with = "crate::domain::address::json::one")]
    pub path: PathBuf,
    pub title: String,
    pub artist: String,
    /// One sentence.
    pub why: String,
    pub terms: ScoreBreakdown,
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

/// What waits, by the player's own account and by ours.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct QueueView {
    pub player: Option<String>,
    /// `None`: the player does not tell.
    pub upcoming: Option<Vec<Track>>,
    /// Our song among them.
    pub ours: Option<Pick>,
    /// Ours that would follow it, as things are now.
    pub later: Vec<Pick>,
}

/// All that tray, `status` and reports show: a value that is compared and drawn.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct View {
    pub phase: Phase,
    /// `None`: a look is taken when it is due.
    pub no_look: Option<LookBlock>,
    pub mood: Mood,
    /// The nearest row of the emotion table.
    pub mood_name: MoodName,
    /// Of the last look, after correction; `None`: no face was seen in it.
    pub scores: Option<Scores>,
    /// Why the last look read nothing although somebody is there, in a sentence.
    #[serde(default)]
    pub unread: Option<String>,
    pub by_hand: Option<MoodName>,
    pub intent: Intent,
    pub player: Option<String>,
    pub way: Option<QueueMethod>,
    /// "Title – Artist" of what plays.
    pub playing: Option<String>,
    /// Our pick, when what plays was one.
    pub ours: Option<Pick>,
    pub opinion: Opinion,
    pub next: Option<Pick>,
    /// Why nothing is queued at the moment, in a sentence.
    pub waiting_for: Option<String>,
    pub songs: usize,
}

/// What our own player on the bus shows: what the steered one plays, what we would play next, and the mood.
#[derive(Clone, Debug, PartialEq)]
pub struct MprisSnapshot {
    pub status: PlaybackStatus,
    pub track: Option<Track>,
    /// Where the song was at a time.
    pub position: Option<(Duration, Instant)>,
    /// Why the song was chosen, when it was by us.
    pub why: Option<String>,
    /// Nearest first; the first may wait in the player already.
    pub picks: Vec<Pick>,
    /// What the looks say; `None`: nothing yet.
    pub seen: Option<MoodName>,
    pub by_hand: Option<MoodName>,
    /// There is no camera to follow: without a mood by hand no songs are chosen.
    pub blind: bool,
}

/// What the agent is about.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "is", content = "detail", rename_all = "kebab-case")]
pub enum Phase {
    /// It has not been told yet whether it may use the camera.
    Asking,
    Watching,
    Looking,
    /// Looking at the owner's face at rest, for twenty seconds.
    Calibrating,
    /// Another program takes pictures through a camera, for instance in a call; says which.
    CameraInUse(String),
    /// Seconds left; `None`: for good.
    Paused(Option<u64>),
    /// It goes on, but the listener should know.
    Trouble(String),
}
