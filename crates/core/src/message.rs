//! All that can happen, all that can be done about it, and all that one can ask.

use crate::domain::presence::LookBlock;
use std::path::PathBuf;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::domain::emotion::{Expression, Intent, Mood, MoodName};
use crate::domain::observation::{CaptureError, Look};
use crate::domain::pick::Pick;
use crate::domain::playback::{Dequeued, Playback, QueueError, QueueHandle, QueueSupport};
use crate::domain::presence::Presence;
use crate::domain::reason::{Done, Refusal};
use crate::domain::song::{Opinion, Song};
use crate::domain::view::{MprisSnapshot, QueueView, View};
use crate::mood::baseline::{Baseline, Baselines};
use crate::recommend::collaborative::peer_affinities::PeerAffinities;
use crate::recommend::mood_weight::Feedback;

/// Everything that can happen to the agent.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// The time that [`crate::state::State::wake_at`] named has come.
    Tick,
    /// A look has ended.
    Looked(Result<Look, CaptureError>),
    /// The look at the user's neutral face has ended.
    CalibrationFinished(Result<Look, CaptureError>),
    /// The baselines of the user's neutral face were read from the library.
    BaselinesLoaded(Baselines),
    /// A look was due, but the question before it found nobody to look at.
    UserAway(LookBlock),
    /// A look was due, but this program takes pictures through a camera: "cheese (process 4711)".
    CameraInUse(String),
    /// What the desktop says of its owner's presence.
    Presence(Presence),
    /// This desktop shows tray icons only with its owner's help, and it does not now; what they can do. `None`: it does.
    TrayAvailability(Option<String>),
    /// What the chosen player does now; `None`: no player runs.
    Playback(Option<Playback>),
    /// The player's account shows the song we gave it, or says why not.
    Queued(PathBuf, Result<QueueHandle, QueueError>),
    /// The song was taken out again; `Ok(false)`: it was not there any more.
    Dequeued(QueueHandle, Result<Dequeued, String>),
    /// It was found out, by trying, how songs get into a player.
    QueueSupportLearned(QueueSupport),
    /// The library holds other settings than the state, because another program has written them.
    SettingsLoaded(PersistedState),
    /// The songs and what is known of them were read (again).
    LibraryLoaded(Vec<Song>),
    /// What became of songs of ours was read (again).
    FeedbackLoaded(Vec<Feedback>),
    /// What other listeners' histories say, when they were read (again).
    PeerModelReady(PeerAffinities),
    /// Somebody asked, through the tray or the command line; the answer goes to the [`RequestId`].
    Requested(Request, RequestId),
    /// The session ends, or a signal asks us to stop.
    Stopping,
}

/// Whom an answer goes to: a number that the agent gave out.
pub type RequestId = u64;

/// Everything the agent can do.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// Start a look; a [`Event::Looked`] follows.
    Look,
    /// Look at the owner's face at rest for twenty seconds; a [`Event::CalibrationFinished`] follows.
    Calibrate,
    /// End the look at the user's face at rest now; its [`Event::CalibrationFinished`] is ignored.
    StopCalibration,
    /// Put the song right after the current one; a [`Event::Queued`] follows.
    Queue(PathBuf),
    /// Take a song of ours out of the player; a [`Event::Dequeued`] follows.
    Dequeue(QueueHandle),
    /// End the current song, on the listener's word.
    Skip,
    Persist(Record),
    /// Read the library again; a [`Event::LibraryLoaded`] follows.
    ReloadLibrary,
    /// Let players look again at the accounts that they rest on.
    ReloadAccounts,
    Show(View),
    /// Show this on the bus as a player of our own; only where the settings ask for it.
    PublishMpris(MprisSnapshot),
    /// Tell the listener on the desktop.
    Notify(Notification),
    Answer(RequestId, Reply),
    /// Leave, when the effects before this one are done.
    Quit,
}

/// What is kept on disk; the library adds the date.
#[derive(Clone, Debug, PartialEq)]
pub enum Record {
    Play {
        path: PathBuf,
        outcome: PlayOutcome,
        /// What it was chosen for, when it was by us.
        ours: Option<Intent>,
        /// How well it fitted when we chose it, and how much it was liked, 0..1.
        judged: Option<[f32; 2]>,
        /// From its begin to its end, halts included.
        lasted: Duration,
    },
    Opinion {
        path: PathBuf,
        opinion: Opinion,
    },
    Consent(bool),
    Intent(Intent),
    ManualMood(Option<MoodName>),
    Paused(bool),
    /// A mood has settled: one coarse row of the history.
    MoodSettled(Mood),
    /// How songs get into a build of a player.
    QueueSupport(QueueSupport),
    /// The listener has been told once how this desktop comes by tray icons.
    TrayAdviceShown,
    /// The listener set a mood by hand, or gave it back (`None`): a row of the history as well.
    ManualMoodSet(Option<Mood>),
    /// What is known of the owner's face at rest through a camera.
    Baseline {
        camera: String,
        baseline: Baseline,
    },
    /// The owner called a reading wrong.
    Correction {
        camera: String,
        read: Expression,
        meant: Expression,
    },
}

/// What the listener has settled through tray or command line; it outlives the agent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PersistedState {
    /// May the camera be used? `None`: not asked yet.
    pub consent: Option<bool>,
    /// `None`: as the configuration says.
    pub intent: Option<Intent>,
    pub by_hand: Option<MoodName>,
    /// For good, not for a while.
    pub paused: bool,
    /// Has been told how this desktop comes by tray icons.
    pub told_of_tray: bool,
}

/// What is told on the desktop without being asked.
#[derive(Clone, Debug, PartialEq)]
pub enum Notification {
    /// A mood has settled that goes by another name than the one before.
    MoodSettled {
        mood: Mood,
        name: MoodName,
        /// The name of the mood before, to which the listener may go back.
        before: MoodName,
        intent: Intent,
        /// The player lets our waiting song be taken back.
        undo: bool,
    },
    /// Nothing shows the tray icon; what can be done.
    NoTray(String),
}

/// How a song ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PlayOutcome {
    Finished,
    Skipped,
}

/// Everything one can ask of a running agent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Request {
    Status,
    /// For so long; `None`: for good, also over a restart.
    Pause(Option<Duration>),
    Resume,
    /// Pauses for good, or resumes.
    Toggle,
    /// Sets a mood by hand; `None`: by the camera again.
    Mood(Option<MoodName>),
    Intent(Intent),
    /// The last reading was wrong: it should have been this.
    Wrong(MoodName),
    /// Learn the owner's face at rest.
    Calibrate,
    /// Likes the song that plays; a second time, takes the like back.
    Like,
    /// Dislikes the song that plays; a second time, takes the dislike back.
    Dislike,
    /// Takes back a like or dislike of the song that plays.
    ClearOpinion,
    Skip,
    Undo,
    /// Puts off a song of ours that is to come; another takes its place.
    Remove(#[serde(with = "crate::domain::address::json::one")] PathBuf),
    Why,
    Queue,
    /// The answer to the question of the first start: may the camera be used?
    Consent(bool),
    /// The library has changed on disk.
    Reload,
    /// An account of a player's was connected or forgotten.
    Account,
    Quit,
}

/// The answer to a [`Request`].
#[derive(Clone, Debug, PartialEq)]
#[expect(clippy::large_enum_variant, reason = "a reply is made a few times a minute, and sent on at once")]
pub enum Reply {
    Done(Done),
    Refused(Refusal),
    Status(View),
    Why(Option<Pick>),
    Queue(QueueView),
}
