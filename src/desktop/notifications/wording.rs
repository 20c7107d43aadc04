//! What a notice says, and what its buttons do.

use crate::desktop::wording::place;
use moodring_core::message::{Notification, Request};
use moodring_core::mood::{Intent, MoodName};
use moodring_core::text::plural::capitalize;
use moodring_core::text::sanitize::sanitize_line;

/// A notice in words.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Text {
    pub summary: String,
    pub body: String,
    /// Key and label.
    pub buttons: Vec<(String, String)>,
    /// It may be read later; the others are gone with the moment.
    pub stays: bool,
}

const UNDO: &str = "undo";

/// What the key of the other button begins with; the mood that it goes back to follows.
const WRONG: &str = "wrong-";

pub(super) fn notice(notice: &Notification) -> Text {
    match notice {
        Notification::MoodSettled { mood, name, before, intent, undo } => {
            let follows = match intent {
                Intent::Match => "songs match it",
                Intent::Lift => "songs meet it and lead upwards",
                Intent::Calm => "songs meet it and lead to calm",
            };
            Text {
                summary: format!("Mood: {}", name.word()),
                body: format!("{}; {follows}, from the next one on.", capitalize(&place(mood))),
                buttons: buttons(*before, *undo),
                stays: false,
            }
        }
        Notification::NoTray(advice) => Text {
            summary: "Moodring runs, but nothing shows its icon".into(),
            body: format!("{}. Until then all can be done by commands: see “moodring --help”.", advice),
            buttons: vec![],
            stays: true,
        },
    }
}

fn buttons(before: MoodName, undo: bool) -> Vec<(String, String)> {
    let before = before.word();
    let wrong = (format!("{WRONG}{before}"), format!("Wrong, still {before}"));
    undo.then(|| (UNDO.into(), "Undo".into())).into_iter().chain([wrong]).collect()
}

/// What was asked by a button could not be done.
pub(super) fn refusal(why: String) -> Text {
    Text {
        summary: "Not done".into(),
        body: format!("{}.", capitalize(&sanitize_line(&why))),
        buttons: vec![],
        stays: false,
    }
}

pub(super) fn request(key: &str) -> Option<Request> {
    if key == UNDO {
        return Some(Request::Undo);
    }
    let before = key.strip_prefix(WRONG)?;
    MoodName::ALL.into_iter().find(|name| name.word() == before).map(Request::Wrong)
}
