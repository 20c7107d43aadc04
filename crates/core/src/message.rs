//! Events, effects, records, requests and replies.

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
    /// The time returned by [`crate::state::State::wake_at`] has come.
    Tick,
    /// A look has ended.
    Looked(Result<Look, CaptureError>),
    /// A calibration has ended.
    CalibrationFinished(Result<Look, CaptureError>),
    /// The baselines of the user's neutral face were read from the library.
    BaselinesLoaded(Baselines),
    /// A look was due, but the check before it found that the user is away.
    UserAway(LookBlock),
    /// A look was due, but this program uses a camera: "cheese (process 4711)".
    CameraInUse(String),
    /// What the desktop reports about the user's presence.
    Presence(Presence),
    /// This desktop shows no tray icons until the user does something: says what. `None`: it shows them.
    TrayAvailability(Option<String>),
    /// What the chosen player does now; `None`: no player runs.
    Playback(Option<Playback>),
    /// The player's queue shows the song, or why not.
    Queued(PathBuf, Result<QueueHandle, QueueError>),
    /// The result of a removal.
    Dequeued(QueueHandle, Result<Dequeued, String>),
    /// Trying has shown how songs can be queued in a player.
    QueueSupportLearned(QueueSupport),
    /// The library holds other settings than the state, because another program has written them.
    SettingsLoaded(PersistedState),
    /// The songs were read from the library.
    LibraryLoaded(Vec<Song>),
    /// The feedback on Moodring's songs was read from the library.
    FeedbackLoaded(Vec<Feedback>),
    /// The histories of other listeners were read from the library.
    PeerModelReady(PeerAffinities),
    /// A request from tray, widget or command line; the answer goes to the [`RequestId`].
    Requested(Request, RequestId),
    /// The session ends, or a signal asks the agent to stop.
    Stopping,
}

/// Identifies who gets an answer; the agent assigns it.
pub type RequestId = u64;

/// Everything the agent can do.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// Start a look; a [`Event::Looked`] follows.
    Look,
    /// Look at the user's neutral face for twenty seconds; a [`Event::CalibrationFinished`] follows.
    Calibrate,
    /// End the calibration now; its [`Event::CalibrationFinished`] is ignored.
    StopCalibration,
    /// Queue the song after the current one; a [`Event::Queued`] follows.
    Queue(PathBuf),
    /// Remove a song of Moodring from the player; a [`Event::Dequeued`] follows.
    Dequeue(QueueHandle),
    /// Skip the current song, because the user asked for it.
    Skip,
    Persist(Record),
    /// Read the library again; a [`Event::LibraryLoaded`] follows.
    ReloadLibrary,
    /// Let players read their accounts again.
    ReloadAccounts,
    Show(View),
    /// Publish this as Moodring's own MPRIS player, if the settings enable it.
    PublishMpris(MprisSnapshot),
    /// Show a desktop notification.
    Notify(Notification),
    Answer(RequestId, Reply),
    /// End the agent, when the effects before this one are done.
    Quit,
}

/// A fact for the library, which adds the date.
#[derive(Clone, Debug, PartialEq)]
pub enum Record {
    Play {
        path: PathBuf,
        outcome: PlayOutcome,
        /// The intent it was chosen for, if Moodring chose it.
        ours: Option<Intent>,
        /// Content score and taste when Moodring chose it, 0..1.
        judged: Option<[f32; 2]>,
        /// From its beginning to its end, pauses included.
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
    /// A mood has settled; one coarse row of the history.
    MoodSettled(Mood),
    /// How songs can be queued in one build of a player.
    QueueSupport(QueueSupport),
    /// The user was notified, once, how this desktop can show tray icons.
    TrayAdviceShown,
    /// The user set a mood by hand, or ended that (`None`); also a row of the history.
    ManualMoodSet(Option<Mood>),
    /// The baseline of the user's neutral face through one camera.
    Baseline {
        camera: String,
        baseline: Baseline,
    },
    /// The user corrected a reading.
    Correction {
        camera: String,
        read: Expression,
        meant: Expression,
    },
}

/// What the user has set in tray or command line; it remains after a restart.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PersistedState {
    /// Whether the camera may be used; `None`: not answered yet.
    pub consent: Option<bool>,
    /// `None`: the one in the configuration.
    pub intent: Option<Intent>,
    pub by_hand: Option<MoodName>,
    /// Until the user resumes, not for a while.
    pub paused: bool,
    /// The user was notified how this desktop can show tray icons.
    pub told_of_tray: bool,
}

/// A desktop notification.
#[derive(Clone, Debug, PartialEq)]
pub enum Notification {
    /// A mood with a new name has settled.
    MoodSettled {
        mood: Mood,
        name: MoodName,
        /// The name of the former mood, to which the user can go back.
        before: MoodName,
        intent: Intent,
        /// The player can remove the waiting song.
        undo: bool,
    },
    /// Nothing shows the tray icon; says what the user can do.
    NoTray(String),
}

/// How a song ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PlayOutcome {
    Finished,
    Skipped,
}

/// A request to a running agent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Request {
    Status,
    /// For this time; `None`: until the user resumes, also after a restart.
    Pause(Option<Duration>),
    Resume,
    /// Pauses until the user resumes, or resumes.
    Toggle,
    /// Sets a mood by hand; `None`: uses the camera again.
    Mood(Option<MoodName>),
    Intent(Intent),
    /// The last reading was wrong: it should have been this.
    Wrong(MoodName),
    /// Learns the user's neutral face.
    Calibrate,
    /// Likes the current song; a second request withdraws the like.
    Like,
    /// Dislikes the current song; a second request withdraws the dislike.
    Dislike,
    /// Withdraws a like or dislike of the current song.
    ClearOpinion,
    Skip,
    Undo,
    /// Removes one of Moodring's next songs; another one takes its place.
    Remove(#[serde(with = "crate::domain::address::json::one")] PathBuf),
    Why,
    Queue,
    /// The answer to the question of the first start: may the camera be used?
    Consent(bool),
    /// The library has changed on disk.
    Reload,
    /// A player's account was connected or disconnected.
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
