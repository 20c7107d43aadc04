//! Why no song is queued, what is wrong with looks, and why a song was chosen.

use moodring_core::domain::observation::CaptureError;
use moodring_core::domain::pick::{Aim, Character, DecidingFactor, Level, Liking, PickReason};
use moodring_core::domain::reason::{CalibrationError, LookTrouble, QueueBlocker};
use moodring_core::mood::MoodName;
use moodring_vision::reporter::words::describe_unreadable;

pub fn queue_blocker(blocker: &QueueBlocker) -> String {
    match blocker {
        QueueBlocker::NoPlayer => "no music player is running".into(),
        QueueBlocker::Paused => "paused".into(),
        QueueBlocker::NotPlaying { player } => format!("{player} is not playing"),
        QueueBlocker::LibraryEmpty => "the library is empty: run `moodring scan`".into(),
        QueueBlocker::TakenBack => "you took the last one back; Moodring goes on with the next song".into(),
        QueueBlocker::Player(reason) => reason.clone(),
        QueueBlocker::AlbumPlays { album } => format!("your album “{album}” plays to its end"),
        QueueBlocker::UserQueueFirst => "the songs you added come first".into(),
        QueueBlocker::ConsentPending => "may the camera be used? Or set a mood by hand".into(),
        QueueBlocker::NoReadingYet => "the first looks decide".into(),
        QueueBlocker::NoMood => "without the camera, set a mood by hand".into(),
        QueueBlocker::OnlySuggestions { player } => {
            format!("Moodring knows no way to queue songs in {player}: add it yourself")
        }
    }
}

pub fn trouble(trouble: &LookTrouble) -> String {
    match trouble {
        LookTrouble::Capture(error) => capture_error(error),
        LookTrouble::Unreadable(reason) => describe_unreadable(*reason).into(),
        LookTrouble::Calibration(error) => format!("your neutral face was not seen: {}", calibration_error(error)),
        LookTrouble::SmileWhileCalibrating => {
            "your neutral face looked like a smile; relax your mouth and calibrate again".into()
        }
    }
}

fn capture_error(error: &CaptureError) -> String {
    match error {
        CaptureError::NoCamera(_) => "no camera is connected".into(),
        CaptureError::Busy { detail, .. } => detail.clone(),
        CaptureError::Forbidden(_) => "the camera may not be opened: see `moodring doctor`".into(),
        CaptureError::Unplugged(_) => "the camera was unplugged".into(),
        CaptureError::TimedOut(_) => "the camera sends no pictures".into(),
        CaptureError::Failed(detail) => format!("the look failed: {detail}"),
    }
}

/// Why a calibration has failed.
pub fn calibration_error(error: &CalibrationError) -> String {
    match error {
        CalibrationError::Capture(error) => capture_error(error),
        CalibrationError::Unreadable(reason) => describe_unreadable(*reason).into(),
        CalibrationError::NoFace => "there was no face, or not for long enough".into(),
        CalibrationError::Smile => "that was a smile, not a neutral face".into(),
    }
}

/// For instance "lively and bright, for the happy mood you set; you like it".
pub fn pick_reason(reason: &PickReason) -> String {
    let loosely = if reason.fits_loosely { ", though it fits only loosely" } else { "" };
    let decided = match reason.decided {
        DecidingFactor::Score => "",
        DecidingFactor::Spacing => "; another artist or album than just now",
        DecidingFactor::Chance => "; a little for variety",
    };
    let (character, aim) = (character(reason.character), aim(reason.aim, reason.mood));
    format!("{character}, {aim}{loosely}; {}{decided}", liking(&reason.liking))
}

fn character(character: Character) -> &'static str {
    let Character::Area { valence, energy } = character else { return "not in your library" };
    match (valence, energy) {
        (Level::Low, Level::Low) => "calm and dark",
        (Level::Medium, Level::Low) => "calm",
        (Level::High, Level::Low) => "calm and bright",
        (Level::Low, Level::Medium) => "on the dark side",
        (Level::Medium, Level::Medium) => "even-tempered",
        (Level::High, Level::Medium) => "bright",
        (Level::Low, Level::High) => "lively and dark",
        (Level::Medium, Level::High) => "lively",
        (Level::High, Level::High) => "lively and bright",
    }
}

fn aim(aim: Aim, mood: MoodName) -> String {
    match aim {
        Aim::Mirror => format!("for the {} mood you show", mood.word()),
        Aim::ByHand => format!("for the {} mood you set", mood.word()),
        Aim::Lift => "on the way up, as you asked".into(),
        Aim::Calm => "on the way to calm, as you asked".into(),
        Aim::OutOfTheLow => "a step up after several low songs".into(),
    }
}

fn liking(liking: &Liking) -> String {
    match liking {
        Liking::Liked => "you like it".into(),
        Liking::Finished { finished, plays } => format!("you finished {finished} of its {plays} recent plays"),
        Liking::ArtistOftenFinished { artist } => format!("you often hear {artist} to the end"),
        Liking::ArtistPlayedByOthers { artist } => format!("listeners like you play {artist}"),
        Liking::ArtistOftenSkipped { artist } => format!("you often skip {artist}"),
        Liking::NotPlayedLately => "not played for a long time".into(),
        Liking::NeverPlayed => "not played for you yet".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reason(liking: Liking) -> PickReason {
        PickReason {
            character: Character::Area { valence: Level::High, energy: Level::High },
            aim: Aim::ByHand,
            mood: MoodName::Happy,
            fits_loosely: false,
            liking,
            decided: DecidingFactor::Score,
        }
    }

    #[test]
    fn a_reason_names_song_mood_and_history() {
        let said = pick_reason(&reason(Liking::Finished { finished: 5.0, plays: 6.0 }));
        assert_eq!(said, "lively and bright, for the happy mood you set; you finished 5 of its 6 recent plays");
    }

    #[test]
    fn a_loose_fit_and_another_deciding_factor_are_said() {
        let loose = PickReason {
            fits_loosely: true,
            decided: DecidingFactor::Spacing,
            aim: Aim::Lift,
            ..reason(Liking::NeverPlayed)
        };
        let said = pick_reason(&loose);
        assert!(said.contains("as you asked, though it fits only loosely; not played for you yet"), "{said}");
        assert!(said.ends_with("; another artist or album than just now"), "{said}");
    }
}
