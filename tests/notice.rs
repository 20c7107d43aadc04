//! Notifications, with a daemon that speaks the real interface, on a bus of its own.

mod desk;

use std::collections::HashMap;
use std::sync::mpsc::{self, Receiver, Sender};
use std::time::{Duration, Instant};

use desk::{Desk, until};
use moodring::desktop::ipc::wire::Answer;
use moodring::desktop::notifications::Notifications;
use moodring_core::message::{Notification, Request};
use moodring_core::mood::{Intent, Mood, MoodName};
use zbus::blocking::Connection;
use zbus::blocking::connection::Builder;
use zbus::object_server::SignalEmitter;
use zbus::zvariant::OwnedValue;

const NAME: &str = "org.freedesktop.Notifications";
const PATH: &str = "/org/freedesktop/Notifications";
const LONG: Duration = Duration::from_secs(10);

/// A notice as the daemon gets it.
#[derive(Debug)]
struct Shown {
    id: u32,
    replaces: u32,
    summary: String,
    body: String,
    buttons: Vec<String>,
    hints: HashMap<String, OwnedValue>,
}

/// Desktop Notifications Specification 1.2, as far as it is asked.
struct Daemon {
    abilities: Vec<String>,
    shown: Sender<Shown>,
    last: u32,
    hangs: bool,
}

#[zbus::interface(name = "org.freedesktop.Notifications")]
impl Daemon {
    fn get_capabilities(&self) -> Vec<String> {
        self.abilities.clone()
    }

    #[allow(clippy::too_many_arguments, reason = "so is the specification")]
    fn notify(
        &mut self,
        _program: String,
        replaces: u32,
        _icon: String,
        summary: String,
        body: String,
        buttons: Vec<String>,
        hints: HashMap<String, OwnedValue>,
        _time: i32,
    ) -> u32 {
        if self.hangs {
            std::thread::sleep(Duration::from_secs(8));
        }
        self.last = if replaces > 0 { replaces } else { self.last + 1 };
        let shown = Shown { id: self.last, replaces, summary, body, buttons, hints };
        self.shown.send(shown).unwrap();
        self.last
    }

    #[zbus(signal)]
    async fn action_invoked(emitter: &SignalEmitter<'_>, id: u32, key: &str) -> zbus::Result<()>;
}

fn daemon(abilities: &[&str], hangs: bool) -> (Connection, Receiver<Shown>) {
    let (shown, news) = mpsc::channel();
    let abilities = abilities.iter().map(|ability| (*ability).to_owned()).collect();
    let daemon = Daemon { abilities, shown, last: 40, hangs };
    let builder = Builder::session().unwrap().serve_at(PATH, daemon).unwrap();
    (builder.name(NAME).unwrap().build().unwrap(), news)
}

fn press(daemon: &Connection, id: u32, key: &str) {
    let emitter = SignalEmitter::new(daemon.inner(), PATH).unwrap();
    zbus::block_on(Daemon::action_invoked(&emitter, id, key)).unwrap();
}

fn happy() -> Notification {
    let mood = Mood { valence: 0.8, energy: 0.8, confidence: 0.9 };
    Notification::MoodSettled { mood, name: MoodName::Happy, before: MoodName::Sad, intent: Intent::Match, undo: true }
}

/// What is asked through buttons; each is answered with this.
fn notices(reply: Answer) -> (Notifications, Receiver<Request>) {
    let (ask, asked) = mpsc::channel();
    let start = Notifications::start(move |request| {
        ask.send(request).unwrap();
        Some(reply.clone())
    });
    (start.unwrap(), asked)
}

fn done() -> Answer {
    Answer::Done("done".into())
}

#[test]
fn a_settled_mood_is_told_and_the_next_takes_its_place() {
    let _desk = Desk::new();
    let (_daemon, news) = daemon(&["body", "actions", "body-markup"], false);
    let (notices, _) = notices(done());
    notices.tell(happy());
    let first = news.recv_timeout(LONG).unwrap();
    assert_eq!((first.summary.as_str(), first.replaces), ("Mood: happy", 0));
    assert!(first.body.starts_with("Bright and lively; songs match it"), "{}", first.body);
    assert_eq!(first.buttons, ["undo", "Undo", "wrong-sad", "Wrong, still sad"]);
    assert_eq!(u8::try_from(&first.hints["urgency"]), Ok(0));
    assert_eq!(bool::try_from(&first.hints["transient"]), Ok(true));
    notices.tell(happy());
    assert_eq!(news.recv_timeout(LONG).unwrap().replaces, first.id);
}

#[test]
fn undo_asks_for_it_and_says_when_it_cannot_be_done() {
    let _desk = Desk::new();
    let (daemon, news) = daemon(&["body", "actions", "body-markup"], false);
    let (notices, asked) = notices(Answer::Refused("“A < B” does not wait there any more".into()));
    notices.tell(happy());
    let first = news.recv_timeout(LONG).unwrap();
    press(&daemon, first.id + 1, "undo");
    press(&daemon, first.id, "dance");
    press(&daemon, first.id, "undo");
    assert_eq!(asked.recv_timeout(LONG).unwrap(), Request::Undo);
    let refusal = news.recv_timeout(LONG).unwrap();
    assert_eq!(refusal.replaces, first.id);
    assert!(refusal.body.contains("“A &lt; B” does not wait there any more"), "{}", refusal.body);
    assert!(refusal.buttons.is_empty() && asked.try_recv().is_err(), "another's button and an unknown one do nothing");
}

#[test]
fn wrong_says_that_the_mood_is_still_the_one_before() {
    let _desk = Desk::new();
    let (daemon, news) = daemon(&["body", "actions"], false);
    let (notices, asked) = notices(done());
    let Notification::MoodSettled { mood, name, before, intent, .. } = happy() else { unreachable!() };
    notices.tell(Notification::MoodSettled { mood, name, before, intent, undo: false });
    let shown = news.recv_timeout(LONG).unwrap();
    assert_eq!(shown.buttons, ["wrong-sad", "Wrong, still sad"], "there is nothing to undo");
    press(&daemon, shown.id, "wrong-dancing");
    press(&daemon, shown.id, &shown.buttons[0]);
    assert_eq!(asked.recv_timeout(LONG).unwrap(), Request::Wrong(MoodName::Sad));
    assert!(asked.try_recv().is_err() && news.try_recv().is_err());
}

#[test]
fn a_daemon_without_buttons_or_markup_gets_none() {
    let _desk = Desk::new();
    let (_daemon, news) = daemon(&["body"], false);
    let (notices, _) = notices(done());
    notices.tell(Notification::NoTray("Add <this> & that".into()));
    let shown = news.recv_timeout(LONG).unwrap();
    assert!(shown.body.starts_with("Add <this> & that"), "{}", shown.body);
    assert!(!shown.hints.contains_key("transient"), "it may be read later");
    notices.tell(happy());
    assert!(news.recv_timeout(LONG).unwrap().buttons.is_empty());
}

#[test]
fn a_daemon_that_hangs_or_is_missing_holds_nobody_up() {
    let _desk = Desk::new();
    let (absent, _) = notices(done());
    absent.tell(happy());
    drop(absent);
    let (hung, news) = daemon(&["body"], true);
    let (notices, _) = notices(done());
    let start = Instant::now();
    notices.tell(happy());
    assert!(start.elapsed() < Duration::from_millis(500), "telling does not wait");
    drop(hung);
    drop(news);
}

#[test]
fn after_a_restart_of_the_bus_the_next_notice_is_told_again() {
    let mut desk = Desk::new();
    let (notices, asked) = notices(done());
    for _ in 0..2 {
        let (daemon, news) = daemon(&["body", "actions"], false);
        notices.tell(happy());
        let shown = news.recv_timeout(LONG).unwrap();
        assert_eq!(shown.replaces, 0, "this daemon knows of none before");
        until("its button works", || {
            press(&daemon, shown.id, "undo");
            asked.recv_timeout(Duration::from_millis(100)).is_ok()
        });
        while asked.recv_timeout(Duration::from_millis(200)).is_ok() {}
        desk.stop_bus();
        desk.start_bus();
    }
}
