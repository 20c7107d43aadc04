//! The agent as it starts at login with a real player, steered through the command line.

mod common;

use std::process::{Command, Stdio};
use std::time::Instant;

use common::agent::{Agent, Evening, LONG, ends};
use common::player_test::assert_list;
use moodring::desktop::ipc::wire::Answer;
use moodring::desktop::ipc::wire::PhaseReport;
use moodring_core::domain::song::Opinion;
use moodring_core::mood::MoodName;
use rustix::process::{Pid, Signal, kill_process};

#[test]
fn a_mood_set_by_hand_queues_a_song_and_undo_takes_it_back() {
    let evening = Evening::new();
    let mut agent = evening.start();
    assert!(matches!(evening.ask(&["mood", "happy"]), Answer::Done(_)));
    assert_list(&evening.player, &["Alpha", "Bravo", "Zulu"]);
    let view = evening.until("the song is known to wait", |view| view.next.is_some());
    assert!(view.next.unwrap().why.contains("happy mood you set"));
    assert!(matches!(evening.ask(&["undo"]), Answer::Done(said) if said.contains("Bravo")));
    assert_list(&evening.player, &["Alpha", "Zulu"]);
    assert!(matches!(evening.ask(&["undo"]), Answer::Refused(_)));
    assert!(matches!(evening.ask(&["quit"]), Answer::Done(_)));
    assert!(ends(&mut agent));
}

#[test]
fn quitting_takes_back_what_has_not_been_played() {
    let evening = Evening::new();
    let mut agent = evening.start();
    evening.ask(&["mood", "sad"]);
    assert_list(&evening.player, &["Alpha", "Bravo", "Zulu"]);
    let pid = Pid::from_raw(agent.0.id().cast_signed()).unwrap();
    kill_process(pid, Signal::TERM).unwrap();
    assert!(ends(&mut agent), "SIGTERM is a clean end");
    assert_list(&evening.player, &["Alpha", "Zulu"]);
}

#[test]
fn what_the_listener_said_survives_a_kill() {
    let evening = Evening::new();
    let agent = evening.start();
    for words in [&["mood", "angry"][..], &["intent", "calm"], &["dislike"], &["pause"]] {
        assert!(matches!(evening.ask(words), Answer::Done(_)));
    }
    // Without a warning, as a power cut or the kernel would.
    drop(agent);
    // Alpha is scanned only now: what was said of it before must not be lost.
    let folder = evening.test.songs[0].parent().unwrap().display().to_string();
    assert!(evening.say(&["scan", &folder]).status.success());
    let _agent = evening.start();
    let view = evening.until("the library is read", |view| view.opinion == Opinion::Dislike);
    assert_eq!((view.phase, view.by_hand), (PhaseReport::Paused(None), Some(MoodName::Angry)));
    assert_eq!(view.intent.word(), "calm");
}

#[test]
fn a_second_agent_says_that_one_runs_already() {
    let evening = Evening::new();
    let _agent = evening.start();
    let output = evening.say(&[]);
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(said.contains("already running") && said.contains("hint: "), "{said}");
}

#[test]
fn who_asks_as_soon_as_it_runs_is_answered_and_quitting_makes_room_for_the_next() {
    let evening = Evening::new();
    for _ in 0..20 {
        let mut agent = Agent(evening.command(&[]).stderr(Stdio::null()).spawn().unwrap());
        let end = Instant::now() + LONG;
        while let Err(said) = status(&evening) {
            assert!(said.contains("is not running") && Instant::now() < end, "{said}");
        }
        let output = evening.say(&["quit"]);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        // The next one finds the name free at once, as whoever types `moodring quit; moodring` expects.
        let mut next = Agent(evening.command(&[]).stderr(Stdio::null()).spawn().unwrap());
        assert!(ends(&mut agent));
        evening.until("the next one answers", |_| true);
        assert!(evening.say(&["quit"]).status.success() && ends(&mut next));
    }
}

fn status(evening: &Evening) -> Result<(), String> {
    let output = evening.say(&["status"]);
    if output.status.success() { Ok(()) } else { Err(String::from_utf8_lossy(&output.stderr).into_owned()) }
}

#[test]
fn a_scan_tells_the_running_agent() {
    let evening = Evening::new();
    let _agent = evening.start();
    evening.until("the library is read", |view| view.songs == 1);
    let folder = evening.test.songs[0].parent().unwrap().display().to_string();
    assert!(evening.say(&["scan", &folder]).status.success());
    evening.until("the new songs are known", |view| view.songs == 3);
}

#[test]
fn a_song_that_is_copied_into_a_watched_folder_is_known_without_a_scan_by_hand() {
    let evening = Evening::new();
    let _agent = evening.start();
    evening.until("the library is read", |view| view.songs == 1);
    let folder = evening.test.bravo.parent().unwrap().to_owned();
    let delta = common::song::write(&folder.join("new album"), "d.flac", "Delta", 4);
    evening.until("the new song is known", |view| view.songs == 2);
    std::fs::remove_file(delta).unwrap();
    evening.until("it is known to be gone", |view| view.songs == 1);
}

#[test]
fn the_camera_can_be_refused_while_no_agent_runs() {
    let home = tempfile::tempdir().unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_moodring"));
    command.env("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent/bus").env("XDG_DATA_HOME", home.path());
    let output = command.env("XDG_CONFIG_HOME", home.path()).args(["camera", "deny"]).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    let library = moodring_music::library::Library::open(&home.path().join("moodring/library.db")).unwrap();
    assert_eq!(library.settings().unwrap().consent, Some(false));
}

#[test]
fn a_broken_settings_file_is_named_with_its_line() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join("moodring");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("config.toml"), "[camera]\nevery = \"soon\"\n").unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_moodring"));
    let output = command.env("XDG_CONFIG_HOME", home.path()).env("XDG_DATA_HOME", home.path()).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(said.contains("config.toml:2") && said.contains("5m") && said.contains("hint: "), "{said}");
}
