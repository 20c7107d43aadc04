//! The menu as a plain value.

use moodring_core::text::sanitize::sanitize_line;
use std::time::Duration;

use jiff::ZonedDateTime;
use serde::{Deserialize, Serialize};

use crate::desktop::ipc::wire::{PhaseReport, PickReport, StatusReport};
use crate::desktop::until_morning::until_morning;
use crate::desktop::wording;
use moodring_core::domain::playback::QueueMethod;
use moodring_core::domain::presence::LookBlock;
use moodring_core::domain::song::Opinion;
use moodring_core::message::Request;
use moodring_core::mood::{Intent, MoodName};
use moodring_core::text::plural::capitalize;

/// An entry of the menu.
#[derive(Clone, Debug, PartialEq)]
pub enum Item {
    /// Says something and does nothing.
    Line(String),
    Separator,
    Action(String, MenuAction),
    /// One of several that exclude each other; `true`: it is the one.
    Choice(String, bool, MenuAction),
    Menu(String, Vec<Item>),
}

/// What an entry does.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum MenuAction {
    Ask(Request),
    /// A pause whose length is known only when it begins.
    PauseUntilTomorrow,
}

impl MenuAction {
    pub fn request(&self) -> Request {
        match self {
            Self::Ask(request) => request.clone(),
            Self::PauseUntilTomorrow => Request::Pause(Some(until_morning(&ZonedDateTime::now()))),
        }
    }
}

/// The whole menu, from top to bottom.
///
/// It always has the same number of entries: some panels keep the height that a menu had when it was first opened.
pub fn model(view: &StatusReport) -> Vec<Item> {
    let asking = view.phase == PhaseReport::Asking;
    let mut items = if asking { question(view).to_vec() } else { account(view).to_vec() };
    items.push(Item::Separator);
    let pause = pause(&view.phase);
    items.push(if asking { pause.without_deed() } else { pause });
    items.extend(intents(view.intent));
    items.push(moods(view));
    items.extend([wrong(view), rest(view)]);
    items.push(Item::Separator);
    items.extend(song(view));
    items.push(Item::Separator);
    items.extend([camera(view.no_look), action("Quit", Request::Quit)]);
    items
}

fn question(view: &StatusReport) -> [Item; 6] {
    [
        Item::Line(wording::QUESTION.into()),
        Item::Line("Pictures are read on this computer and never kept or sent.".into()),
        action(wording::ALLOW, Request::Consent(true)),
        action(wording::DENY, Request::Consent(false)),
        Item::Line(format!("Playing: {}", wording::playing(view))),
        Item::Line(format!("Next: {}", wording::next(view))),
    ]
}

/// What is so at the moment.
fn account(view: &StatusReport) -> [Item; 6] {
    let about = match &view.phase {
        PhaseReport::Trouble(what) => sanitize_line(what),
        phase => capitalize(&wording::phase(phase)),
    };
    let looks = match (view.no_look, &view.unread) {
        (Some(why), _) => format!("No look {}", wording::no_look(why)),
        (None, Some(why)) => format!("The last look read nothing: {why}"),
        (None, None) => "Looks now and then".into(),
    };
    let lines = [
        about,
        looks,
        format!("Mood: {}", wording::mood(view)),
        format!("Playing: {}", wording::playing(view)),
        format!("Next: {}", wording::next(view)),
        view.next.as_ref().map_or("Why: no song is chosen".into(), why),
    ];
    lines.map(Item::Line)
}

/// To withdraw what was allowed, or allow what was refused.
fn camera(no_look: Option<LookBlock>) -> Item {
    match no_look {
        Some(LookBlock::TurnedOff) => Item::Line("The camera is turned off in the settings".into()),
        Some(LookBlock::ConsentPending) => Item::Line("The camera is not used before you answer".into()),
        Some(LookBlock::ConsentDenied) => action("Use the camera", Request::Consent(true)),
        _ => action("Never use the camera", Request::Consent(false)),
    }
}

fn why(pick: &PickReport) -> String {
    format!("Why: {}", sanitize_line(&pick.why))
}

fn pause(phase: &PhaseReport) -> Item {
    if let PhaseReport::Paused(_) = phase {
        return action(&format!("Resume ({})", wording::phase(phase)), Request::Resume);
    }
    let minutes = |minutes: u64| Request::Pause(Some(Duration::from_secs(minutes * 60)));
    let until_tomorrow = Item::Action("Until tomorrow".into(), MenuAction::PauseUntilTomorrow);
    let lengths = vec![
        action("15 minutes", minutes(15)),
        action("1 hour", minutes(60)),
        until_tomorrow,
        action("Until I resume", Request::Pause(None)),
    ];
    Item::Menu("Pause".into(), lengths)
}

fn intents(current: Intent) -> impl Iterator<Item = Item> {
    let texts = [(Intent::Match, "Match my mood"), (Intent::Lift, "Lift my mood"), (Intent::Calm, "Calm me down")];
    texts.into_iter().map(move |(intent, text)| choice(text, intent == current, Request::Intent(intent)))
}

fn moods(view: &StatusReport) -> Item {
    let by_hand = view.by_hand;
    let blind = matches!(view.no_look, Some(LookBlock::TurnedOff | LookBlock::ConsentDenied));
    let auto = if blind { "None: choose no songs" } else { "As I look" };
    let auto = choice(auto, by_hand.is_none(), Request::Mood(None));
    let names = MoodName::ALL.into_iter();
    let names = names.map(|name| choice(&capitalize(name.word()), by_hand == Some(name), Request::Mood(Some(name))));
    Item::Menu("Mood by hand".into(), [auto].into_iter().chain(names).collect())
}

/// To call the last reading wrong.
fn wrong(view: &StatusReport) -> Item {
    let names = MoodName::ALL.into_iter();
    let names = names.map(|name| action(&capitalize(name.word()), Request::Wrong(name))).collect();
    let menu = Item::Menu("That's wrong: I am …".into(), names);
    if view.by_hand.is_none() && view.scores.is_some() { menu } else { menu.without_deed() }
}

fn rest(view: &StatusReport) -> Item {
    let entry = action("Learn my face at rest (20 s)", Request::Calibrate);
    let blind =
        matches!(view.no_look, Some(LookBlock::TurnedOff | LookBlock::ConsentPending | LookBlock::ConsentDenied));
    if blind || view.phase == PhaseReport::Calibrating { entry.without_deed() } else { entry }
}

/// What can be said about the song that plays and the one that waits; lines where there is none.
fn song(view: &StatusReport) -> [Item; 4] {
    let plays = view.playing.is_some();
    let only_if = |so: bool, item: Item| if so { item } else { item.without_deed() };
    let opinion = |text: &str, is: Opinion, request| only_if(plays, choice(text, plays && view.opinion == is, request));
    [
        opinion("Like", Opinion::Like, Request::Like),
        opinion("Dislike", Opinion::Dislike, Request::Dislike),
        only_if(plays, action("Skip", Request::Skip)),
        undo(view),
    ]
}

/// Where it cannot be done, the entry says why.
fn undo(view: &StatusReport) -> Item {
    const UNDO: &str = "Undo: take the next song back";
    match (&view.next, view.way) {
        (None, _) => Item::Line(UNDO.into()),
        (Some(_), Some(QueueMethod::Unsupported)) => Item::Line("Undo: the next song is only suggested".into()),
        (Some(_), Some(way)) if !way.takes_back() => Item::Line("Undo: this player gives no song back".into()),
        (Some(_), _) => action(UNDO, Request::Undo),
    }
}

impl Item {
    fn without_deed(self) -> Self {
        match self {
            Self::Action(text, _) | Self::Choice(text, _, _) | Self::Menu(text, _) => Self::Line(text),
            other => other,
        }
    }
}

fn action(text: &str, request: Request) -> Item {
    Item::Action(text.into(), MenuAction::Ask(request))
}

fn choice(text: &str, on: bool, request: Request) -> Item {
    Item::Choice(text.into(), on, MenuAction::Ask(request))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::desktop::tray::examples::view;

    fn texts(items: &[Item]) -> Vec<String> {
        let text = |item: &Item| match item {
            Item::Separator => vec![],
            Item::Line(text) | Item::Action(text, _) | Item::Choice(text, _, _) => vec![text.clone()],
            Item::Menu(text, items) => [text.clone()].into_iter().chain(texts(items)).collect(),
        };
        items.iter().flat_map(text).collect()
    }

    fn chosen(items: &[Item]) -> Vec<String> {
        let on = |item: &Item| match item {
            Item::Choice(text, true, _) => vec![text.clone()],
            Item::Menu(_, items) => chosen(items),
            _ => vec![],
        };
        items.iter().flat_map(on).collect()
    }

    #[test]
    fn it_tells_in_words_what_it_does_the_mood_the_song_the_next_and_why() {
        let lines = texts(&model(&view()));
        let expected = ["At work", "Looks now and then", "Mood: happy – bright and lively", "Playing: Sun – The Skies"];
        assert_eq!(lines[..4], expected);
        assert_eq!(lines[4], "Next: Rain – The Clouds");
        assert!(lines[5].starts_with("Why: "), "{lines:?}");
    }

    #[test]
    fn the_first_start_asks_and_offers_both_answers() {
        let items = model(&StatusReport { phase: PhaseReport::Asking, ..view() });
        let answers = [action(wording::ALLOW, Request::Consent(true)), action(wording::DENY, Request::Consent(false))];
        assert_eq!(items[0], Item::Line(wording::QUESTION.into()));
        assert!(answers.iter().all(|answer| items.contains(answer)));
        assert!(items.contains(&Item::Line("Pause".into())), "nothing is paused before it has begun");
    }

    #[test]
    fn a_pause_offers_to_resume_and_how_long_it_lasts() {
        let items = model(&StatusReport { phase: PhaseReport::Paused(Some(600)), ..view() });
        assert!(texts(&items).contains(&"Resume (paused for another 10 minutes)".into()));
    }

    #[test]
    fn exactly_one_of_those_that_exclude_each_other_is_chosen() {
        assert_eq!(chosen(&model(&view())), ["Match my mood", "As I look"]);
        let view =
            StatusReport { intent: Intent::Calm, by_hand: Some(MoodName::Sad), opinion: Opinion::Like, ..view() };
        assert_eq!(chosen(&model(&view)), ["Calm me down", "Sad", "Like"]);
    }

    #[test]
    fn without_a_song_there_is_nothing_to_judge_or_take_back() {
        let silent = StatusReport { playing: None, next: None, ..view() };
        let items = model(&silent);
        for text in ["Like", "Dislike", "Skip", "Undo: take the next song back"] {
            assert!(items.contains(&Item::Line(text.into())), "{text}");
        }
    }

    #[test]
    fn an_undo_that_the_player_does_not_allow_says_so() {
        let ways = [
            (QueueMethod::AfterCurrent { take_back: false }, "gives no song back"),
            (QueueMethod::Unsupported, "only suggested"),
        ];
        for (way, word) in ways {
            let items = model(&StatusReport { way: Some(way), ..view() });
            assert!(items.iter().any(|item| matches!(item, Item::Line(text) if text.contains(word))), "{items:?}");
            assert!(!items.iter().any(|item| matches!(item, Item::Action(_, MenuAction::Ask(Request::Undo)))));
        }
    }

    #[test]
    fn trouble_is_told_before_all_else() {
        let items = model(&StatusReport { phase: PhaseReport::Trouble("the camera\nis gone".into()), ..view() });
        assert_eq!(items[0], Item::Line("the camera is gone".into()));
    }

    #[test]
    fn it_never_grows_or_shrinks() {
        let phases = [
            PhaseReport::Asking,
            PhaseReport::Watching,
            PhaseReport::Looking,
            PhaseReport::Paused(Some(60)),
            PhaseReport::Trouble("the camera is gone".into()),
        ];
        let count = model(&view()).len();
        for phase in phases {
            for no_look in [None, Some(LookBlock::TurnedOff), Some(LookBlock::ConsentDenied), Some(LookBlock::Locked)] {
                let silent = StatusReport { phase: phase.clone(), no_look, playing: None, next: None, ..view() };
                assert_eq!(model(&silent).len(), count, "{phase:?} {no_look:?}");
            }
        }
    }

    #[test]
    fn what_was_said_about_the_camera_can_be_taken_back() {
        let offers = |no_look, request: Request| {
            let items = model(&StatusReport { no_look, ..view() });
            items.iter().any(|item| matches!(item, Item::Action(_, MenuAction::Ask(asked)) if *asked == request))
        };
        for no_look in [None, Some(LookBlock::ManualMood), Some(LookBlock::Locked)] {
            assert!(offers(no_look, Request::Consent(false)), "{no_look:?}");
        }
        assert!(offers(Some(LookBlock::ConsentDenied), Request::Consent(true)));
        assert!(!offers(Some(LookBlock::TurnedOff), Request::Consent(true)), "the settings decide");
    }

    #[test]
    fn without_a_camera_no_entry_speaks_of_looks_to_come() {
        let off = StatusReport { no_look: Some(LookBlock::TurnedOff), ..view() };
        let said = texts(&model(&off));
        assert!(!said.iter().any(|text| text == "As I look" || text == "Looks now and then"), "{said:?}");
    }
}
