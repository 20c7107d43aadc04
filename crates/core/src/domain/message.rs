//! All that can happen, all that can be done about it, and all that one can ask.

use crate::domain::presence::NoLook;
use std::path::PathBuf;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::domain::observation::{Sighting, Trouble};
use crate::domain::playback::{Known, Playback, Refusal, Ticket};
use crate::domain::presence::Session;
use crate::domain::song::{Opinion, Song};
pub use crate::domain::view::{Decided, Mirrored, Phase, Pick, QueueView, Terms, View};
use crate::mood::baseline::{Baseline, Baselines};
use crate::mood::{Expression, Intent, Mood, MoodName};
use crate::recommend::collaborative::peer_affinities::Circle;
use crate::recommend::mood_weight::Lesson;

/// Everything that can happen to the agent.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// The time that [`crate::state::State::wake_at`] named has come.
    Tick,
    /// A look has ended: its frames, or why there are none.
    Looked(Result<Vec<Sighting>, Trouble>),
    /// A look went through this camera, by its name that lasts; what it saw follows.
    Through(String),
    /// The look at the owner's face at rest has ended.
    Rested(Result<Vec<Sighting>, Trouble>),
    /// What is known of the owner's face at rest was read (again).
    Baselines(Baselines),
    /// A look was due, but the question before it found nobody to look at.
    NobodyThere(NoLook),
    /// A look was due, but this program takes pictures through a camera: "cheese (process 4711)".
    CameraInUse(String),
    /// What the desktop says of its owner's presence.
    Session(Session),
    /// This desktop shows tray icons only with its owner's help, and it does not now; what they can do. `None`: it does.
    NoTray(Option<String>),
    /// What the chosen player does now; `None`: no player runs.
    Playback(Option<Playback>),
    /// The player's account shows the song we gave it, or says why not.
    Queued(PathBuf, Result<Ticket, Refusal>),
    /// The song was taken out again; `Ok(false)`: it was not there any more.
    TakenBack(Ticket, Result<bool, String>),
    /// It was found out, by trying, how songs get into a player.
    Learned(Known),
    /// The songs and what is known of them were read (again).
    Library(Vec<Song>),
    /// What became of songs of ours was read (again).
    Lessons(Vec<Lesson>),
    /// What other listeners' histories say, when they were read (again).
    Others(Circle),
    /// Somebody asked, through the tray or the command line; the answer goes to the [`Asker`].
    Asked(Request, Asker),
    /// The session ends, or a signal asks us to stop.
    Stopping,
}

/// Whom an answer goes to: a number that the agent gave out.
pub type Asker = u64;

/// Everything the agent can do.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// Start a look; a [`Event::Looked`] follows.
    Look,
    /// Look at the owner's face at rest for twenty seconds; a [`Event::Rested`] follows.
    Calibrate,
    /// Put the song right after the current one; a [`Event::Queued`] follows.
    Queue(PathBuf),
    /// Take a song of ours out of the player; a [`Event::TakenBack`] follows.
    TakeBack(Ticket),
    /// End the current song, on the listener's word.
    Skip,
    Remember(Memory),
    /// Read the library again; a [`Event::Library`] follows.
    Reload,
    /// Let players look again at the accounts that they rest on.
    Revise,
    Show(View),
    /// Show this on the bus as a player of our own; only where the settings ask for it.
    Mirror(Mirrored),
    /// Tell the listener on the desktop.
    Notify(Notice),
    Answer(Asker, Reply),
    /// Leave, when the effects before this one are done.
    Quit,
}

/// What is kept on disk; the library adds the date.
#[derive(Clone, Debug, PartialEq)]
pub enum Memory {
    Heard {
        path: PathBuf,
        outcome: Outcome,
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
    ByHand(Option<MoodName>),
    PausedForGood(bool),
    /// A mood has settled: one coarse row of the history.
    Settled(Mood),
    /// How songs get into a build of a player.
    Player(Known),
    /// The listener has been told once how this desktop comes by tray icons.
    ToldOfTray,
    /// The listener set a mood by hand, or gave it back (`None`): a row of the history as well.
    SetByHand(Option<Mood>),
    /// What is known of the owner's face at rest through a camera.
    Baseline {
        camera: String,
        baseline: Baseline,
    },
    /// The owner called a reading wrong.
    Wrong {
        camera: String,
        read: Expression,
        meant: Expression,
    },
}

/// What the listener has settled through tray or command line; it outlives the agent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Settings {
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
pub enum Notice {
    /// A mood has settled that goes by another name than the one before.
    Settled {
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
pub enum Outcome {
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
    Like,
    Dislike,
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
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[expect(clippy::large_enum_variant, reason = "a reply is made a few times a minute, and sent on at once")]
pub enum Reply {
    /// Done; what was done, in a sentence.
    Done(String),
    /// Not done; why not, in a sentence.
    Refused(String),
    Status(View),
    Why(Option<Pick>),
    Queue(QueueView),
}
