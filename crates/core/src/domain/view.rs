//! What is shown of the agent's state: values that are compared, drawn and sent.

use std::time::{Duration, Instant};

use crate::domain::emotion::{Intent, Mood, MoodName, Scores};
use crate::domain::pick::{Pick, PickReason};
use crate::domain::playback::{PlaybackStatus, QueueMethod};
use crate::domain::presence::LookBlock;
use crate::domain::reason::{LookTrouble, QueueBlocker, Unreadable};
use crate::domain::song::Opinion;
use crate::domain::track::Track;

/// What waits, by the player's own account and by ours.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct QueueView {
    pub player: Option<String>,
    /// `None`: the player does not tell.
    pub upcoming: Option<Vec<Track>>,
    /// Our song among them.
    pub ours: Option<Pick>,
    /// Ours that would follow it, as things are now.
    pub later: Vec<Pick>,
}

/// What tray and `status` show, before it is put into words.
#[derive(Clone, Debug, PartialEq)]
pub struct View {
    pub phase: Phase,
    /// `None`: a look is taken when it is due.
    pub no_look: Option<LookBlock>,
    pub mood: Mood,
    /// The nearest row of the emotion table.
    pub mood_name: MoodName,
    /// Of the last look, after correction; `None`: no face was seen in it.
    pub scores: Option<Scores>,
    /// Why the last look read nothing although it saw somebody.
    pub unread: Option<Unreadable>,
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
    /// Why nothing is queued at the moment.
    pub waiting_for: Option<QueueBlocker>,
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
    pub reason: Option<PickReason>,
    /// Nearest first; the first may wait in the player already.
    pub picks: Vec<Pick>,
    /// What the looks say; `None`: nothing yet.
    pub seen: Option<MoodName>,
    pub by_hand: Option<MoodName>,
    /// There is no camera to follow: without a mood by hand no songs are chosen.
    pub blind: bool,
}

/// What the agent is about.
#[derive(Clone, Debug, PartialEq)]
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
    Trouble(LookTrouble),
}
