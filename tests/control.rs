//! Commands to a running agent: the real binary, a bus of its own, an agent that answers from a script.

mod desk;

use moodring_platform::bus::session_bus;
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex, mpsc};
use std::time::{Duration, Instant};

use desk::{Desk, stderr, stdout, until};
use moodring::desktop::ipc::wire::Answer;
use moodring::desktop::ipc::wire::{PhaseReport, PickReport, QueueReport, StatusReport};
use moodring::desktop::ipc::{self, BusName, Claim};
use moodring::desktop::tray::menu::{Item, MenuAction, model};
use moodring_core::domain::pick::ScoreBreakdown;
use moodring_core::domain::playback::QueueMethod;
use moodring_core::domain::presence::LookBlock;
use moodring_core::domain::song::Opinion;
use moodring_core::domain::track::Track;
use moodring_core::message::Request;
use moodring_core::mood::{Intent, Mood, MoodName, Scores};

fn pick() -> PickReport {
    PickReport {
        path: "/music/rain.ogg".into(),
        title: "Rain".into(),
        artist: "The Clouds".into(),
        why: "calm and bright like your mood; you finished 5 of its 6 plays".into(),
        terms: ScoreBreakdown::default(),
    }
}

fn later() -> PickReport {
    PickReport {
        path: "/music/sun.ogg".into(),
        title: "Sun".into(),
        artist: "The Skies".into(),
        why: "bright".into(),
        terms: ScoreBreakdown::default(),
    }
}

fn view() -> StatusReport {
    StatusReport {
        phase: PhaseReport::Paused(Some(11 * 60)),
        no_look: None,
        mood: Mood { valence: 0.82, energy: 0.74, confidence: 0.8 },
        mood_name: MoodName::Happy,
        scores: Some(Scores::new([0.2, 0.71, 0.04, 0.02, 0.01, 0.01, 0.01])),
        unread: None,
        by_hand: None,
        intent: Intent::Lift,
        player: Some("VLC media player".into()),
        way: Some(QueueMethod::AfterCurrent { take_back: true }),
        playing: Some("Sun – The Skies".into()),
        ours: Some(PickReport { title: "Sun".into(), ..pick() }),
        opinion: Opinion::Like,
        next: Some(pick()),
        waiting_for: None,
        songs: 512,
    }
}

fn queue() -> QueueReport {
    let track = |title: &str, path: &str| Track { title: title.into(), path: Some(path.into()), ..Track::default() };
    let upcoming = vec![track("Rain", "/music/rain.ogg"), track("", "/music/other song.mp3")];
    QueueReport {
        player: Some("VLC media player".into()),
        upcoming: Some(upcoming),
        ours: Some(pick()),
        later: vec![later()],
    }
}

fn answer(request: &Request) -> Answer {
    match request {
        Request::Status => Answer::Status(view()),
        Request::Why => Answer::Why(Some(pick())),
        Request::Queue => Answer::Queue(queue()),
        Request::Undo => Answer::Refused("nothing of ours waits".into()),
        other => Answer::Done(format!("did {other:?}")),
    }
}

type Heard = Arc<Mutex<Vec<Request>>>;

/// An agent that answers from the script, and what it was asked.
fn agent() -> (BusName, Heard) {
    let heard = Heard::default();
    let ears = Arc::clone(&heard);
    let claim = ipc::claim(move |request| {
        ears.lock().unwrap().push(request.clone());
        Some(answer(&request))
    });
    match claim.unwrap() {
        Claim::Ours(control) => (control, heard),
        other => panic!("{other:?}"),
    }
}

/// Each command, and what it asks for.
fn commands() -> Vec<(&'static [&'static str], Request)> {
    let minutes = |minutes: u64| Request::Pause(Some(Duration::from_secs(minutes * 60)));
    vec![
        (&["status"], Request::Status),
        (&["pause"], Request::Pause(None)),
        (&["pause", "15"], minutes(15)),
        (&["resume"], Request::Resume),
        (&["toggle"], Request::Toggle),
        (&["mood", "happy"], Request::Mood(Some(MoodName::Happy))),
        (&["pause", "60"], minutes(60)),
        (&["mood", "sad"], Request::Mood(Some(MoodName::Sad))),
        (&["mood", "angry"], Request::Mood(Some(MoodName::Angry))),
        (&["mood", "surprised"], Request::Mood(Some(MoodName::Surprised))),
        (&["mood", "neutral"], Request::Mood(Some(MoodName::Neutral))),
        (&["mood", "auto"], Request::Mood(None)),
        (&["intent", "match"], Request::Intent(Intent::Match)),
        (&["intent", "lift"], Request::Intent(Intent::Lift)),
        (&["intent", "calm"], Request::Intent(Intent::Calm)),
        (&["like"], Request::Like),
        (&["dislike"], Request::Dislike),
        (&["skip"], Request::Skip),
        (&["why"], Request::Why),
        (&["queue"], Request::Queue),
        (&["camera", "allow"], Request::Consent(true)),
        (&["camera", "deny"], Request::Consent(false)),
        (&["wrong", "happy"], Request::Wrong(MoodName::Happy)),
        (&["wrong", "sad"], Request::Wrong(MoodName::Sad)),
        (&["wrong", "angry"], Request::Wrong(MoodName::Angry)),
        (&["wrong", "surprised"], Request::Wrong(MoodName::Surprised)),
        (&["wrong", "neutral"], Request::Wrong(MoodName::Neutral)),
        (&["quit"], Request::Quit),
    ]
}

#[test]
fn each_command_reaches_the_agent_as_its_request() {
    let desk = Desk::new();
    let (_control, heard) = agent();
    // `quit` waits for an agent that leaves: see below.
    for (command, expected) in commands().into_iter().filter(|(_, request)| *request != Request::Quit) {
        let output = desk.moodring(command);
        assert!(output.status.success(), "{command:?}: {}", stderr(&output));
        assert_eq!(heard.lock().unwrap().pop(), Some(expected), "{command:?}");
        assert!(!stdout(&output).trim().is_empty(), "{command:?} printed nothing");
    }
}

/// What the menu asks for, its submenus included.
fn menu(items: &[Item]) -> Vec<Request> {
    let asks = |item: &Item| match item {
        Item::Action(_, MenuAction::Ask(request)) | Item::Choice(_, _, MenuAction::Ask(request)) => {
            vec![request.clone()]
        }
        Item::Menu(_, items) => menu(items),
        // Its command has a test of its own.
        Item::Action(_, MenuAction::PauseUntilTomorrow) | Item::Choice(_, _, MenuAction::PauseUntilTomorrow) => vec![],
        Item::Line(_) | Item::Separator => vec![],
    };
    items.iter().flat_map(asks).collect()
}

#[test]
fn whatever_the_menu_can_do_a_command_can_do() {
    // `undo` and `calibrate` have tests of their own: the one is answered later, the other looks by itself.
    let others = [Request::Undo, Request::Calibrate];
    let can = |request: &Request| others.contains(request) || commands().iter().any(|(_, does)| does == request);
    for phase in [PhaseReport::Asking, PhaseReport::Watching, PhaseReport::Paused(None)] {
        for no_look in [None, Some(LookBlock::ConsentDenied)] {
            let asked = menu(&model(&StatusReport { phase: phase.clone(), no_look, ..view() }));
            assert!(asked.len() > 10, "{asked:?}");
            asked.iter().for_each(|request| assert!(can(request), "no command for {request:?}"));
        }
    }
}

#[test]
fn a_pause_until_tomorrow_ends_within_a_day() {
    let desk = Desk::new();
    let (_control, heard) = agent();
    assert!(desk.moodring(&["pause", "--until-tomorrow"]).status.success());
    let Some(Request::Pause(Some(time))) = heard.lock().unwrap().pop() else { panic!("no pause with an end") };
    // A night with a change of clocks is an hour longer.
    assert!(time > Duration::ZERO && time <= Duration::from_secs(25 * 3600), "{time:?}");
    assert_eq!(desk.moodring(&["pause", "15", "--until-tomorrow"]).status.code(), Some(2));
    assert_eq!(desk.moodring(&["pause", "0"]).status.code(), Some(2));
}

#[test]
fn status_says_all_that_matters() {
    let desk = Desk::new();
    let (_control, _) = agent();
    let said = stdout(&desk.moodring(&["status"]));
    let lines: Vec<&str> = said.lines().collect();
    let expected = [
        "Moodring  paused for another 11 minutes",
        "mood      happy – bright and lively",
        "          valence 0.82, energy 0.74, 80 % sure",
        "look      happy 71 %, neutral 20 %",
        "music     lift: songs meet the mood, then lead it upwards",
        "player    VLC media player",
        "          songs go right after the current one and can be taken back",
        "playing   Sun – The Skies (liked)",
        "          Moodring's: calm and bright like your mood; you finished 5 of its 6 plays",
        "next      Rain – The Clouds",
        "          calm and bright like your mood; you finished 5 of its 6 plays",
        "library   512 songs",
    ];
    assert_eq!(lines, expected);
}

#[test]
fn the_queue_shows_which_song_is_ours() {
    let desk = Desk::new();
    let (_control, _) = agent();
    let said = stdout(&desk.moodring(&["queue"]));
    assert!(said.contains("waiting   Rain  ← Moodring's\n          other song.mp3\n"), "{said}");
    assert!(said.contains("1. Rain – The Clouds") && said.contains("then      2. Sun – The Skies\n"), "{said}");
    assert!(stdout(&desk.moodring(&["why"])).starts_with("Rain – The Clouds\ncalm and bright"));
}

#[test]
fn a_song_to_come_is_removed_by_the_number_that_the_queue_shows() {
    let desk = Desk::new();
    let (_control, heard) = agent();
    for (number, path) in [("1", "/music/rain.ogg"), ("2", "/music/sun.ogg")] {
        assert!(desk.moodring(&["remove", number]).status.success());
        assert_eq!(heard.lock().unwrap().pop(), Some(Request::Remove(path.into())));
    }
    let output = desk.moodring(&["remove", "3"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr(&output).contains("no song 3") && stderr(&output).contains("hint: see `moodring queue`"));
    assert_eq!(desk.moodring(&["remove", "0"]).status.code(), Some(2));
}

#[test]
fn answers_in_json_are_the_replies_themselves() {
    let desk = Desk::new();
    let (_control, _) = agent();
    for (command, request) in [("status", Request::Status), ("why", Request::Why), ("queue", Request::Queue)] {
        let said = stdout(&desk.moodring(&[command, "--json"]));
        assert_eq!(serde_json::from_str::<Answer>(&said).unwrap(), answer(&request));
    }
}

#[test]
fn a_refusal_is_printed_and_exits_with_1() {
    let desk = Desk::new();
    let (_control, _) = agent();
    let output = desk.moodring(&["undo"]);
    assert_eq!((output.status.code(), stdout(&output).trim()), (Some(1), "nothing of ours waits"));
}

#[test]
fn only_one_agent_runs_and_its_end_frees_the_name() {
    let _desk = Desk::new();
    let (control, _) = agent();
    assert!(matches!(ipc::claim(|_| None).unwrap(), Claim::Taken));
    drop(control);
    assert!(matches!(ipc::claim(|_| None).unwrap(), Claim::Ours(_)));
}

/// An agent that gives its name back when it is asked something, and then says `last`, as one that leaves does.
fn leaving_agent(last: Option<Answer>) {
    let (hold, held) = mpsc::channel::<BusName>();
    let held = Mutex::new(held);
    let claim = ipc::claim(move |_| {
        let control = held.lock().unwrap().recv().expect("it is asked once");
        std::thread::spawn(move || drop(control));
        until("the name is given back", || !has_owner());
        last.clone()
    });
    let Ok(Claim::Ours(control)) = claim else { panic!("{claim:?}") };
    hold.send(control).unwrap();
}

fn has_owner() -> bool {
    let bus = session_bus().unwrap();
    zbus::blocking::fdo::DBusProxy::new(&bus).unwrap().name_has_owner(ipc::NAME.try_into().unwrap()).unwrap()
}

#[test]
fn an_agent_that_leaves_gives_its_last_answers() {
    let desk = Desk::new();
    for _ in 0..20 {
        leaving_agent(Some(Answer::Done("goodbye".into())));
        let output = desk.moodring(&["quit"]);
        assert_eq!((stdout(&output).trim(), stderr(&output).trim()), ("goodbye", ""));
    }
}

#[test]
fn who_asks_an_agent_that_leaves_without_an_answer_hears_that_none_runs() {
    let desk = Desk::new();
    leaving_agent(None);
    let output = desk.moodring(&["status"]);
    assert!(stderr(&output).contains("is not running"), "{}", stderr(&output));
}

#[test]
fn without_a_bus_there_is_no_claim_and_a_clear_word_for_commands() {
    let desk = Desk::without_bus();
    assert!(matches!(ipc::claim(|_| None).unwrap(), Claim::NoBus));
    let output = desk.moodring(&["status"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr(&output).contains("session bus") && stderr(&output).contains("hint: "), "{}", stderr(&output));
}

#[test]
fn without_an_agent_a_command_says_how_to_start_it() {
    let desk = Desk::new();
    let output = desk.moodring(&["status"]);
    assert_eq!(output.status.code(), Some(1));
    let said = stderr(&output);
    assert!(said.starts_with("moodring: Moodring is not running\nhint: start it with `moodring`"), "{said}");
}

#[test]
fn a_command_never_starts_the_agent() {
    let mut desk = Desk::new();
    let started = desk.home().join("started");
    desk.offer_service(ipc::NAME, &format!("/usr/bin/touch {}", started.display()));
    assert!(stderr(&desk.moodring(&["status"])).contains("is not running"));
    assert!(stdout(&desk.moodring(&["doctor"])).contains("is not running"));
    assert!(!started.exists());
    // The same call without our care does start it: the bus here would have.
    let bus = session_bus().unwrap();
    let call = bus.call_method(Some(ipc::NAME), ipc::PATH, Some(ipc::INTERFACE), "Ask", &"");
    assert!(call.is_err() && started.exists());
}

#[test]
fn an_agent_that_hangs_does_not_hang_the_command() {
    let desk = Desk::new();
    let (release, held) = mpsc::channel::<()>();
    let held = Mutex::new(held);
    let claim = ipc::claim(move |_| {
        let _ = held.lock().unwrap().recv();
        None
    });
    let Claim::Ours(_control) = claim.unwrap() else { panic!("the name was free") };
    let start = Instant::now();
    let output = desk.moodring(&["status"]);
    assert!(start.elapsed() < Duration::from_secs(6), "{:?}", start.elapsed());
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr(&output).contains("does not answer"), "{}", stderr(&output));
    drop(release);
}

#[test]
fn an_agent_that_leaves_before_its_answer_is_out_has_left_all_the_same() {
    if std::env::var_os("MOODRING_LEAVES").is_some() {
        let _claim = ipc::claim(|_| std::process::exit(0)).unwrap();
        println!("it runs");
        loop {
            std::thread::park();
        }
    }
    let desk = Desk::new();
    let mut agent = Command::new(std::env::current_exe().unwrap());
    agent.args(["an_agent_that_leaves_before_its_answer_is_out_has_left_all_the_same", "--exact", "--nocapture"]);
    let mut agent = agent.env("MOODRING_LEAVES", "1").stdout(Stdio::piped()).spawn().unwrap();
    let lines = BufReader::new(agent.stdout.take().unwrap()).lines();
    assert!(lines.map_while(Result::ok).any(|line| line.contains("it runs")));
    let output = desk.moodring(&["quit"]);
    agent.wait().unwrap();
    assert!(output.status.success(), "{}", stderr(&output));
    assert_eq!(stdout(&output), "Moodring has left\n");
}

#[test]
fn an_unknown_mood_is_a_usage_error_that_names_the_allowed_ones() {
    let desk = Desk::new();
    let output = desk.moodring(&["mood", "merry"]);
    assert_eq!(output.status.code(), Some(2));
    for word in ["merry", "happy", "sad", "angry", "surprised", "neutral", "auto"] {
        assert!(stderr(&output).contains(word), "{}", stderr(&output));
    }
}

#[test]
fn an_unknown_request_is_an_error_on_the_bus_that_names_it() {
    let _desk = Desk::new();
    let (_control, heard) = agent();
    let bus = session_bus().unwrap();
    let call = bus.call_method(Some(ipc::NAME), ipc::PATH, Some(ipc::INTERFACE), "Ask", &"\"dance\"");
    let Err(zbus::Error::MethodError(name, Some(text), _)) = call else { panic!("{call:?}") };
    assert_eq!(name.as_str(), "org.freedesktop.DBus.Error.InvalidArgs");
    assert!(text.contains("dance"), "{text}");
    assert!(heard.lock().unwrap().is_empty());
}

#[test]
fn the_version_can_be_read_from_the_bus() {
    let _desk = Desk::new();
    let (_control, _) = agent();
    let bus = session_bus().unwrap();
    let proxy = zbus::blocking::Proxy::new(&bus, ipc::NAME, ipc::PATH, ipc::INTERFACE).unwrap();
    assert_eq!(proxy.get_property::<String>("Version").unwrap(), env!("CARGO_PKG_VERSION"));
}

#[test]
fn commands_reach_the_agent_again_after_the_bus_was_restarted() {
    let mut desk = Desk::new();
    let (_control, _) = agent();
    assert!(desk.moodring(&["status"]).status.success());
    desk.stop_bus();
    assert!(!desk.moodring(&["status"]).status.success());
    desk.start_bus();
    until("the name is claimed again", || desk.moodring(&["status"]).status.success());
}
