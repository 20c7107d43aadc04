//! What the agent answers over D-Bus, as JSON. `src/desktop/wording/answer.rs` makes it from the core's values.
//!
//! 1. Keys and their values are a promise to scripts; `tests/wire.rs` pins them.
//! 2. A person reads the sentences; they may change.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use moodring_core::domain::pick::ScoreBreakdown;
use moodring_core::domain::playback::QueueMethod;
use moodring_core::domain::presence::LookBlock;
use moodring_core::domain::song::Opinion;
use moodring_core::domain::track::Track;
use moodring_core::mood::{Intent, Mood, MoodName, Scores};

/// The answer to a request.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[expect(clippy::large_enum_variant, reason = "an answer is made a few times a minute, and sent on at once")]
pub enum Answer {
    /// What was done, in a sentence.
    Done(String),
    /// Why it was not done, in a sentence.
    Refused(String),
    Status(StatusReport),
    Why(Option<PickReport>),
    Queue(QueueReport),
}

/// What `moodring status` and the tray show.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StatusReport {
    pub phase: PhaseReport,
    /// `None`: a look is taken when it is due.
    pub no_look: Option<LookBlock>,
    pub mood: Mood,
    /// The nearest row of the emotion table.
    pub mood_name: MoodName,
    /// Of the last look, after correction; `None`: it saw no face.
    pub scores: Option<Scores>,
    /// Why the last look read nothing although it saw somebody.
    #[serde(default)]
    pub unread: Option<String>,
    pub by_hand: Option<MoodName>,
    pub intent: Intent,
    pub player: Option<String>,
    pub way: Option<QueueMethod>,
    /// "Title – Artist" of what plays.
    pub playing: Option<String>,
    /// Moodring's pick, if it is what plays.
    pub ours: Option<PickReport>,
    pub opinion: Opinion,
    pub next: Option<PickReport>,
    /// Why nothing is queued at the moment.
    pub waiting_for: Option<String>,
    pub songs: usize,
}

/// What the agent is doing.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "is", content = "detail", rename_all = "kebab-case")]
pub enum PhaseReport {
    /// The question about the camera is not answered yet.
    Asking,
    Watching,
    Looking,
    Calibrating,
    /// The program that uses a camera.
    CameraInUse(String),
    /// Seconds left; `None`: until the user resumes.
    Paused(Option<u64>),
    /// What is wrong.
    Trouble(String),
}

/// A chosen song with the reason for it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PickReport {
    #[serde(with = "moodring_core::domain::address::json::one")]
    pub path: PathBuf,
    pub title: String,
    pub artist: String,
    pub why: String,
    pub terms: ScoreBreakdown,
}

/// The player's queue and Moodring's songs.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct QueueReport {
    pub player: Option<String>,
    /// `None`: the player does not report its queue.
    pub upcoming: Option<Vec<Track>>,
    /// Moodring's song among them.
    pub ours: Option<PickReport>,
    /// Moodring's songs that would follow it, as things are now.
    pub later: Vec<PickReport>,
}
