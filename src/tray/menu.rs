//! The menu as a plain value.

use std::time::Duration;

use jiff::ZonedDateTime;
use serde::{Deserialize, Serialize};

use super::words;
use crate::control::until_morning;
use crate::event::{Phase, Pick, Request, View};
use crate::mood::{Intent, MoodName};
use crate::music::Opinion;

/// An entry of the menu.
#[derive(Clone, Debug, PartialEq)]
pub enum Item {
    /// Says something and does nothing.
    Line(String),
    Separator,
    Action(String, Deed),
    /// One of several that exclude each other; `true`: it is the one.
    Choice(String, bool, Deed),
    Menu(String, Vec<Item>),
}

/// What an entry does.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Deed {
    Ask(Request),
    /// A pause whose length is known only when it begins.
    PauseUntilTomorrow,
}

impl Deed {
    pub fn request(&self) -> Request {
        match self {
            Self::Ask(request) => request.clone(),
            Self::PauseUntilTomorrow => Request::Pause(Some(until_morning(&ZonedDateTime::now()))),
        }
    }
}

/// The whole menu, from top to bottom.
pub fn model(view: &View) -> Vec<Item> {
    let mut items = if view.phase == Phase::Asking { question() } else { account(view) };
    items.push(Item::Separator);
    if view.phase != Phase::Asking {
        items.push(pause(&view.phase));
        items.extend(intents(view.intent));
    }
    items.push(moods(view.by_hand));
    items.push(Item::Separator);
    items.extend(song(view));
    items.extend([Item::Separator, action("Quit", Request::Quit)]);
    items
}

fn question() -> Vec<Item> {
    vec![
        Item::Line(words::QUESTION.into()),
        Item::Line("Pictures are read on this computer and never kept or sent.".into()),
        action(words::ALLOW, Request::Consent(true)),
        action(words::DENY, Request::Consent(false)),
    ]
}

/// What is so at the moment.
fn account(view: &View) -> Vec<Item> {
    let mut lines = vec![format!("Mood: {}", words::mood(view))];
    if let Phase::Trouble(what) = &view.phase {
        lines.insert(0, words::plain(what));
    }
    lines.extend(view.no_look.map(|why| format!("No look {}", words::no_look(why))));
    lines.push(format!("Playing: {}", words::playing(view)));
    lines.push(format!("Next: {}", words::next(view)));
    lines.extend(view.next.as_ref().map(why));
    lines.into_iter().map(Item::Line).collect()
}

fn why(pick: &Pick) -> String {
    format!("Why: {}", words::plain(&pick.why))
}

fn pause(phase: &Phase) -> Item {
    if let Phase::Paused(_) = phase {
        return action(&format!("Resume ({})", words::phase(phase)), Request::Resume);
    }
    let minutes = |minutes: u64| Request::Pause(Some(Duration::from_secs(minutes * 60)));
    let until_tomorrow = Item::Action("Until tomorrow".into(), Deed::PauseUntilTomorrow);
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

fn moods(by_hand: Option<MoodName>) -> Item {
    let auto = choice("As I look", by_hand.is_none(), Request::Mood(None));
    let names = MoodName::ALL.into_iter();
    let names = names.map(|name| choice(&capital(name.word()), by_hand == Some(name), Request::Mood(Some(name))));
    Item::Menu("Mood by hand".into(), [auto].into_iter().chain(names).collect())
}

/// What can be said about the song that plays and the one that waits; lines where there is none.
fn song(view: &View) -> [Item; 4] {
    let plays = view.playing.is_some();
    let only_if = |so: bool, item: Item| if so { item } else { item.without_deed() };
    let opinion = |text: &str, is: Opinion, request| only_if(plays, choice(text, plays && view.opinion == is, request));
    [
        opinion("Like", Opinion::Like, Request::Like),
        opinion("Dislike", Opinion::Dislike, Request::Dislike),
        only_if(plays, action("Skip", Request::Skip)),
        only_if(view.next.is_some(), action("Undo: take the next song back", Request::Undo)),
    ]
}

impl Item {
    fn without_deed(self) -> Self {
        match self {
            Self::Action(text, _) | Self::Choice(text, _, _) => Self::Line(text),
            other => other,
        }
    }
}

fn action(text: &str, request: Request) -> Item {
    Item::Action(text.into(), Deed::Ask(request))
}

fn choice(text: &str, on: bool, request: Request) -> Item {
    Item::Choice(text.into(), on, Deed::Ask(request))
}

fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tray::examples::view;

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
    fn it_tells_mood_song_next_song_and_why_first() {
        let lines = texts(&model(&view()));
        assert_eq!(lines[0], "Mood: happy – bright and lively");
        assert_eq!(lines[1], "Playing: Sun – The Skies");
        assert_eq!(lines[2], "Next: Rain – The Clouds");
        assert!(lines[3].starts_with("Why: "), "{lines:?}");
    }

    #[test]
    fn the_first_start_asks_and_offers_both_answers() {
        let items = model(&View { phase: Phase::Asking, ..view() });
        let answers = [action(words::ALLOW, Request::Consent(true)), action(words::DENY, Request::Consent(false))];
        assert_eq!(items[0], Item::Line(words::QUESTION.into()));
        assert!(answers.iter().all(|answer| items.contains(answer)));
        assert!(!texts(&items).iter().any(|text| text == "Pause"), "nothing is paused before it has begun");
    }

    #[test]
    fn a_pause_offers_to_resume_and_how_long_it_lasts() {
        let items = model(&View { phase: Phase::Paused(Some(600)), ..view() });
        assert!(texts(&items).contains(&"Resume (paused for another 10 minutes)".into()));
    }

    #[test]
    fn exactly_one_of_those_that_exclude_each_other_is_chosen() {
        assert_eq!(chosen(&model(&view())), ["Match my mood", "As I look"]);
        let view = View { intent: Intent::Calm, by_hand: Some(MoodName::Sad), opinion: Opinion::Like, ..view() };
        assert_eq!(chosen(&model(&view)), ["Calm me down", "Sad", "Like"]);
    }

    #[test]
    fn without_a_song_there_is_nothing_to_judge_or_take_back() {
        let silent = View { playing: None, next: None, ..view() };
        let items = model(&silent);
        for text in ["Like", "Dislike", "Skip", "Undo: take the next song back"] {
            assert!(items.contains(&Item::Line(text.into())), "{text}");
        }
    }

    #[test]
    fn trouble_is_told_before_all_else() {
        let items = model(&View { phase: Phase::Trouble("the camera\nis gone".into()), ..view() });
        assert_eq!(items[0], Item::Line("the camera is gone".into()));
    }
}
