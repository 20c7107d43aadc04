//! What a request has achieved, or why it was refused.

use moodring_core::domain::reason::{CalibrationBlock, Done, Refusal};
use moodring_core::domain::song::Opinion;
use moodring_core::mood::{Expression, Intent, MoodName};

pub fn done(done: &Done) -> String {
    match done {
        Done::LibraryReloading => "the library is read again".into(),
        Done::AccountsReloading => "the account is looked up again".into(),
        Done::Quitting => "Moodring ends; songs that have not played are removed from the queue".into(),
        Done::Paused(Some(time)) => format!("paused for {} minutes", time.as_secs().div_ceil(60)),
        Done::Paused(None) => "paused until you resume".into(),
        Done::Resumed => "at work again".into(),
        Done::MoodSet(name) => format!("the mood is {}, set by you", name.word()),
        Done::MoodFollowsCamera => "the mood follows your expression again".into(),
        Done::NoMood => "no mood is set, and the camera is not in use".into(),
        Done::IntentSet(Intent::Match) => "the music matches the mood".into(),
        Done::IntentSet(Intent::Lift) => "the music meets the mood and leads it upwards".into(),
        Done::IntentSet(Intent::Calm) => "the music meets the mood and leads it to calm".into(),
        Done::OpinionSet { title, opinion: Opinion::Dislike } => format!("“{title}” will not be chosen again"),
        Done::OpinionSet { title, opinion: Opinion::Like } => format!("“{title}” is liked"),
        Done::OpinionSet { title, opinion: Opinion::None } => format!("“{title}” is neither liked nor disliked now"),
        Done::Skipping { title } => format!("skipping “{title}”"),
        Done::AskedAgain => "asked again".into(),
        Done::Dequeued { title } => format!("“{title}” is taken out of the queue again"),
        Done::PutOff { title } => format!("“{title}” is put off; another song takes its place"),
        Done::CalibrationStarted => "look at the screen and let your face rest for twenty seconds".into(),
        Done::ReadingCorrected { read, meant } => correction(*read, *meant),
        Done::CameraAllowed => "the camera may be used; `moodring camera deny` takes that back".into(),
        Done::CameraDenied => "the camera stays closed; set a mood by hand with `moodring mood`".into(),
    }
}

fn correction(read: Expression, meant: MoodName) -> String {
    if read == meant.expression() {
        return format!("the last look read {} too; the mood is {} now", read.word(), meant.word());
    }
    format!("the mood is {} now; a face like the last one will read less {} from now on", meant.word(), read.word())
}

pub fn refusal(refusal: &Refusal) -> String {
    match refusal {
        Refusal::NothingPlays => "nothing is playing".into(),
        Refusal::NoFile { title } => format!("“{title}” is not a file, so Moodring cannot remember it"),
        Refusal::NothingQueued => "Moodring has no song in the queue".into(),
        Refusal::OnlySuggested { title } => format!("“{title}” is only a suggestion"),
        Refusal::CannotDequeue { title } => format!("this player does not let “{title}” be taken back"),
        Refusal::DequeueUnsupported { title } => {
            format!("“{title}” could not be taken back: the player offers no way to remove it")
        }
        Refusal::DequeueFailed { title, error } => format!("“{title}” could not be taken back: {error}"),
        Refusal::NotQueuedAnyMore { title: Some(title) } => format!("“{title}” is no longer in the queue"),
        Refusal::NotQueuedAnyMore { title: None } => "the song is no longer in the queue".into(),
        Refusal::NotUpcoming => "this song is not one of the next songs".into(),
        Refusal::Calibration(block) => calibration_block(*block).into(),
        Refusal::ManualMood => "the mood is set by hand; `moodring mood auto` uses the camera again".into(),
        Refusal::NoReading { meant } => format!(
            "no expression was read in the last ten minutes; `moodring mood {}` sets the mood by hand",
            meant.word()
        ),
        Refusal::AllowedButTurnedOff => "the camera may be used, but the settings turn it off: \
             change `camera` in config.toml and restart Moodring"
            .into(),
    }
}

fn calibration_block(block: CalibrationBlock) -> &'static str {
    match block {
        CalibrationBlock::TurnedOff => "the camera is turned off in the settings",
        CalibrationBlock::ConsentMissing => "the camera may not be used; `moodring camera allow` allows it",
        CalibrationBlock::Paused => "Moodring is paused; `moodring resume` ends the pause",
        CalibrationBlock::UserAway => "the screen is locked, the lid is closed, or the desktop is not ready",
        CalibrationBlock::CameraInUse => "another program uses the camera",
    }
}
