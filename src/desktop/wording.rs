//! The words for tray, notifications and terminal.
//!
//! We speak of a mood and how it looks, never of what somebody feels: a camera cannot know that.

mod answer;
mod reason;
mod request;

pub use reason::{calibration_error, pick_reason, queue_blocker, trouble};
pub use request::{done, refusal};

use crate::desktop::ipc::wire::{PhaseReport, PickReport, StatusReport};
use moodring_core::domain::playback::QueueMethod;
use moodring_core::domain::presence::LookBlock;
use moodring_core::domain::song::Opinion;
use moodring_core::mood::{Expression, Intent, Mood, Scores};
use moodring_core::text::sanitize::sanitize_line;

/// The question of the first start.
pub const QUESTION: &str = "May Moodring look through the camera now and then?";
pub const ALLOW: &str = "Yes, use the camera";
pub const DENY: &str = "No, I set moods by hand";

/// What the agent is about, for instance "looking now" or "paused for another 12 minutes".
pub fn phase(phase: &PhaseReport) -> String {
    match phase {
        PhaseReport::Asking => "waiting for your answer about the camera".into(),
        PhaseReport::Watching => "at work".into(),
        PhaseReport::Looking => "looking now".into(),
        PhaseReport::Calibrating => "looking at your face at rest for twenty seconds".into(),
        PhaseReport::CameraInUse(user) => format!("at work; the camera is in use by {}", sanitize_line(user)),
        PhaseReport::Paused(None) => "paused until you resume".into(),
        PhaseReport::Paused(Some(seconds)) => format!("paused for another {}", span(*seconds)),
        PhaseReport::Trouble(what) => format!("in trouble: {}", sanitize_line(what)),
    }
}

/// Rounded up, so that a pause never reads as over.
fn span(seconds: u64) -> String {
    match seconds.div_ceil(60) {
        0 | 1 => "1 minute".into(),
        minutes @ 2..=90 => format!("{minutes} minutes"),
        minutes => format!("{} hours", minutes.div_ceil(60)),
    }
}

/// For instance "happy – pleasant and lively", with who says so when it was set by hand.
pub fn mood(view: &StatusReport) -> String {
    match view.by_hand {
        Some(name) => format!("{} (set by hand)", name.word()),
        None if view.mood.confidence <= 0.0 => "not known yet".into(),
        None => format!("{} – {}", view.mood_name.word(), place(&view.mood)),
    }
}

/// Where a mood lies in the plane of valence and energy.
pub fn place(mood: &Mood) -> String {
    // Where moods change their names too, with the usual table: a neutral one is not called gloomy and calm.
    let third = |value: f32, low, middle, high| match value {
        v if v < 0.35 => low,
        v if v > 0.65 => high,
        _ => middle,
    };
    let valence = third(mood.valence, "gloomy", "", "bright");
    let energy = third(mood.energy, "calm", "", "lively");
    match (valence, energy) {
        ("", "") => "in the middle".into(),
        ("", one) | (one, "") => one.into(),
        (valence, energy) => format!("{valence} and {energy}"),
    }
}

/// The point itself, for instance "valence 0.82, energy 0.74, 80 % sure".
pub fn point(mood: &Mood) -> String {
    let Mood { valence, energy, confidence } = mood;
    format!("valence {valence:.2}, energy {energy:.2}, {:.0} % sure", confidence * 100.0)
}

/// What the last look saw, likeliest first, for instance "happy 71 %, neutral 20 %".
pub fn expressions(scores: &Scores) -> String {
    let mut shares: Vec<_> =
        Expression::ALL.into_iter().zip(scores.values()).filter(|(_, share)| *share > 0.05).collect();
    shares.sort_by(|a, b| b.1.total_cmp(&a.1));
    let words = shares.iter().map(|(expression, share)| format!("{} {:.0} %", expression.word(), share * 100.0));
    words.collect::<Vec<_>>().join(", ")
}

/// Why no look is taken, to go on after "no look".
pub fn no_look(why: LookBlock) -> &'static str {
    match why {
        LookBlock::TurnedOff => "with the camera turned off in the settings",
        LookBlock::ConsentPending => "before you have answered whether the camera may be used",
        LookBlock::ConsentDenied => "as you have said; `moodring camera allow` changes that",
        LookBlock::Paused => "while paused",
        LookBlock::ManualMood => "while the mood is set by hand",
        LookBlock::NothingPlays => "while nothing plays",
        LookBlock::Asleep => "while the machine goes to sleep",
        LookBlock::PresenceUnknown => "until the desktop has said who is there",
        LookBlock::SeatInactive => "while another user's session is in front",
        LookBlock::Locked => "while the screen is locked",
        LookBlock::LidClosed => "while the lid is closed",
        LookBlock::Idle => "while you are away from keyboard and mouse",
        LookBlock::Battery => "on battery, as the settings say",
        LookBlock::NoSession => "while the session bus is gone",
        LookBlock::CameraInUse => "while another program uses the camera",
    }
}

/// What the music does with the mood.
pub fn intent(intent: Intent) -> &'static str {
    match intent {
        Intent::Match => "match: songs mirror the mood",
        Intent::Lift => "lift: songs meet the mood, then lead it upwards",
        Intent::Calm => "calm: songs meet the mood, then lead it to rest",
    }
}

/// How songs get into a player.
pub fn way(way: QueueMethod) -> &'static str {
    match way {
        QueueMethod::AfterCurrent { take_back: true } => "songs go right after the current one and can be taken back",
        QueueMethod::AfterCurrent { take_back: false } => {
            "songs go right after the current one and cannot be taken back"
        }
        QueueMethod::Append => "songs go behind the list, while its last song plays",
        QueueMethod::OpenAtEnd => "songs are opened when the last one has ended",
        QueueMethod::Unsupported => "songs can only be suggested",
    }
}

/// What plays, and whether the listener likes it.
pub fn playing(view: &StatusReport) -> String {
    let opinion = match view.opinion {
        Opinion::Like => " (liked)",
        Opinion::None => "",
        Opinion::Dislike => " (disliked)",
    };
    match &view.playing {
        Some(song) => format!("{}{opinion}", sanitize_line(song)),
        None => "nothing".into(),
    }
}

/// The song that comes next, or why none does.
pub fn next(view: &StatusReport) -> String {
    match (&view.next, &view.waiting_for) {
        (Some(pick), _) => song(pick),
        (None, Some(reason)) => format!("nothing yet – {}", sanitize_line(reason)),
        (None, None) => "nothing chosen yet".into(),
    }
}

/// "Title – Artist".
pub fn song(pick: &PickReport) -> String {
    let [title, artist] = [&pick.title, &pick.artist].map(|text| sanitize_line(text));
    if artist.is_empty() { title } else { format!("{title} – {artist}") }
}

/// Two lines for the tray: what Moodring is about; the mood, or what is wrong, and what a click does.
pub fn tooltip(view: &StatusReport) -> [String; 2] {
    let (title, line) = match &view.phase {
        PhaseReport::Asking => ("Moodring waits for your answer".into(), format!("{QUESTION} Right-click to answer.")),
        // Panels read the second line as markup.
        PhaseReport::Trouble(what) => {
            ("Moodring is in trouble".into(), sanitize_line(what).replace(['<', '>', '&'], " "))
        }
        PhaseReport::Paused(_) => (format!("Moodring is {}", phase(&view.phase)), "Click to resume.".into()),
        _ => (
            format!("Moodring is {}", phase(&view.phase)),
            format!("{} · {}. Click to pause.", mood(view), view.intent.word()),
        ),
    };
    [title, line]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pause_is_rounded_up_to_words() {
        assert_eq!(span(1), "1 minute");
        assert_eq!(span(61), "2 minutes");
        assert_eq!(span(8 * 3600 - 30), "8 hours");
    }

    #[test]
    fn a_title_cannot_write_to_the_terminal() {
        assert_eq!(sanitize_line("Red\u{1b}[31m\nalert\tnow"), "Red [31m alert now");
        assert_eq!(sanitize_line(&"x".repeat(500)).chars().count(), 120);
    }

    #[test]
    fn a_mood_is_said_by_where_it_lies() {
        let at = |valence, energy| place(&Mood { valence, energy, confidence: 1.0 });
        assert_eq!(at(0.9, 0.8), "bright and lively");
        assert_eq!(at(0.1, 0.5), "gloomy");
        assert_eq!(at(0.5, 0.5), "in the middle");
    }
}
