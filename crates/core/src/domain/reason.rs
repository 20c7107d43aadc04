//! Results and reasons as values. The core makes no sentences; `src/desktop/wording` words these.

use std::time::Duration;

use crate::domain::emotion::{Expression, Intent, MoodName};
use crate::domain::observation::CaptureError;
use crate::domain::song::Opinion;

/// What a request has achieved.
#[derive(Clone, Debug, PartialEq)]
pub enum Done {
    LibraryReloading,
    AccountsReloading,
    Quitting,
    /// `None`: until the user resumes.
    Paused(Option<Duration>),
    Resumed,
    MoodSet(MoodName),
    MoodFollowsCamera,
    /// No mood is set by hand, and the camera is not in use.
    NoMood,
    IntentSet(Intent),
    OpinionSet {
        title: String,
        opinion: Opinion,
    },
    Skipping {
        title: String,
    },
    /// A later undo of the same song gets the answer.
    AskedAgain,
    Dequeued {
        title: String,
    },
    PutOff {
        title: String,
    },
    CalibrationStarted,
    ReadingCorrected {
        read: Expression,
        meant: MoodName,
    },
    CameraAllowed,
    CameraDenied,
}

/// Why a request was refused.
#[derive(Clone, Debug, PartialEq)]
pub enum Refusal {
    NothingPlays,
    /// What plays is not a file, so nothing can be noted about it.
    NoFile {
        title: String,
    },
    NothingQueued,
    OnlySuggested {
        title: String,
    },
    /// The player offers no way to remove a song.
    CannotDequeue {
        title: String,
    },
    /// The player says, after trying, that it cannot remove this song.
    DequeueUnsupported {
        title: String,
    },
    DequeueFailed {
        title: String,
        /// The player's error.
        error: String,
    },
    /// The song, if its title is known, no longer waits in the player.
    NotQueuedAnyMore {
        title: Option<String>,
    },
    /// The song is not among the next ones.
    NotUpcoming,
    Calibration(CalibrationBlock),
    ManualMood,
    /// No expression was read lately that a correction could apply to.
    NoReading {
        meant: MoodName,
    },
    /// The camera is allowed, but the settings turn it off.
    AllowedButTurnedOff,
}

/// Why no calibration is taken, even for a user who asks for one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CalibrationBlock {
    TurnedOff,
    ConsentMissing,
    Paused,
    UserAway,
    CameraInUse,
}

/// Why no song of Moodring waits in the player.
#[derive(Clone, Debug, PartialEq)]
pub enum QueueBlocker {
    NoPlayer,
    Paused,
    NotPlaying {
        player: String,
    },
    LibraryEmpty,
    /// The user removed the last song; the next one follows with the next track.
    TakenBack,
    /// The player's own reason, as its adapter words it.
    Player(String),
    AlbumPlays {
        album: String,
    },
    UserQueueFirst,
    ConsentPending,
    NoReadingYet,
    NoMood,
    /// The player can be given no songs; the user can add them.
    OnlySuggestions {
        player: String,
    },
}

/// What is wrong with looks.
#[derive(Clone, Debug, PartialEq)]
pub enum LookTrouble {
    Capture(CaptureError),
    Unreadable(Unreadable),
    Calibration(CalibrationError),
    /// The calibration saw a smile, of which only a part was subtracted.
    SmileWhileCalibrating,
}

/// Why a calibration has failed.
#[derive(Clone, Debug, PartialEq)]
pub enum CalibrationError {
    Capture(CaptureError),
    Unreadable(Unreadable),
    /// There was no face, or not for long enough.
    NoFace,
    /// The face smiled throughout, which must not be subtracted.
    Smile,
}

/// Why frames say nothing about a mood.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unreadable {
    /// The whole picture is black.
    Covered,
    TooDark,
    TooBright,
    FaceTooFar,
    SeveralFaces,
    FaceTooDark,
    FaceTooBright,
    FaceBlurred,
    FaceTurnedAside,
}
