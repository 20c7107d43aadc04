//! `moodring doctor` on desktops with and without what it looks for.

mod desk;

use std::fs;
use std::process::Output;

use desk::{Desk, stdout};
use moodring::desktop::ipc::wire::Answer;
use moodring::desktop::ipc::{self, Claim};
use moodring_core::message::Record;
use moodring_music::library::Library;
use serde_json::Value;
use zbus::blocking::connection::Builder;

fn settings(desk: &Desk, text: &str) {
    let folder = desk.home().join("config/moodring");
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("config.toml"), text).unwrap();
}

/// A desktop whose camera is turned off, as test machines have none.
fn desk() -> Desk {
    let desk = Desk::new();
    settings(&desk, "camera = \"off\"\n");
    desk
}

fn finding(output: &Output, part: &str) -> (String, String) {
    let findings: Vec<Value> = serde_json::from_slice(&output.stdout).unwrap();
    let finding = findings.iter().find(|finding| finding["part"] == part).unwrap_or_else(|| panic!("no {part}"));
    let text = format!("{} {}", finding["what"], finding["advice"]);
    (finding["level"].as_str().unwrap().into(), text)
}

#[test]
fn an_empty_desktop_is_told_what_is_missing() {
    let desk = desk();
    let output = desk.moodring(&["doctor", "--json"]);
    assert_eq!(finding(&output, "settings").0, "ok");
    assert_eq!(finding(&output, "camera").0, "ok");
    assert_eq!(finding(&output, "bus").0, "ok");
    let (level, text) = finding(&output, "tray");
    assert!(level == "note" && text.contains("system tray"), "{text}");
    let (level, text) = finding(&output, "agent");
    assert!(level == "note" && text.contains("`moodring`"), "{text}");
    let (level, text) = finding(&output, "consent");
    assert!(level == "ok" && text.contains("turned off in the settings"), "{text}");
    let (level, text) = finding(&output, "library");
    assert!(level == "problem" && text.contains("moodring scan"), "{text}");
    assert!(!desk.home().join("data/moodring/library.db").exists(), "looking must not make a library");
}

#[test]
fn the_networks_of_the_program_can_be_loaded_and_broken_ones_are_found() {
    let desk = desk();
    let output = desk.moodring(&["doctor", "--json"]);
    assert_eq!(finding(&output, "engine").0, "ok");
    let (level, text) = finding(&output, "models");
    assert!(level == "ok" && text.contains("face.onnx"), "{text}");
    fs::write(desk.home().join("face.onnx"), "not a network").unwrap();
    let output = desk.command(&["doctor", "--json"]).env("MOODRING_MODELS", desk.home()).output().unwrap();
    let (level, text) = finding(&output, "models");
    assert!(level == "problem" && text.contains("face.onnx") && text.contains("MOODRING_MODELS"), "{text}");
}

#[test]
fn what_the_owner_has_said_about_the_camera_is_told() {
    let desk = Desk::new();
    let _ = fs::remove_dir_all(desk.home().join("config"));
    let file = desk.home().join("data/moodring/library.db");
    let mut library = Library::open(&file).unwrap();
    for (said, word) in [(true, "may use"), (false, "never opens")] {
        library.remember(&Record::Consent(said), jiff::Timestamp::now()).unwrap();
        let (level, text) = finding(&desk.moodring(&["doctor", "--json"]), "consent");
        assert!(level == "ok" && text.contains(word), "{text}");
    }
    drop(library);
    fs::remove_dir_all(desk.home().join("data")).unwrap();
}

#[test]
fn without_an_answer_about_the_camera_the_owner_is_told_where_to_give_it() {
    let desk = Desk::new();
    let _ = fs::remove_dir_all(desk.home().join("config"));
    let (level, text) = finding(&desk.moodring(&["doctor", "--json"]), "consent");
    assert!(level == "note" && text.contains("does not open it"), "{text}");
}

#[test]
fn a_panel_is_found() {
    let desk = desk();
    let _panel = Builder::session().unwrap().name("org.kde.StatusNotifierWatcher").unwrap().build().unwrap();
    assert_eq!(finding(&desk.moodring(&["doctor", "--json"]), "tray").0, "ok");
}

#[test]
fn an_agent_that_refuses_to_say_is_a_problem() {
    let desk = desk();
    let Claim::Ours(_control) = ipc::claim(|_| Some(Answer::Done("hello".into()))).unwrap() else {
        panic!("the name was free")
    };
    let output = desk.moodring(&["doctor", "--json"]);
    assert_eq!(finding(&output, "agent").0, "problem");
    assert_eq!(output.status.code(), Some(1));
}

#[test]
fn broken_settings_are_a_problem_with_their_line() {
    let desk = Desk::new();
    settings(&desk, "[camera]\nenabled = \"perhaps\"\n");
    let output = desk.moodring(&["doctor", "--json"]);
    let (level, text) = finding(&output, "settings");
    assert!(level == "problem" && text.contains("config.toml:2"), "{text}");
    assert_eq!(output.status.code(), Some(1));
}

#[test]
fn without_a_bus_the_other_checks_still_speak() {
    let desk = Desk::without_bus();
    settings(&desk, "camera = \"off\"\n");
    let output = desk.moodring(&["doctor"]);
    assert_eq!(output.status.code(), Some(1));
    let said = stdout(&output);
    assert!(said.contains("\nproblem  bus       the session bus cannot be reached"), "{said}");
    assert!(said.contains("\n                   → run this inside your desktop session"), "{said}");
    assert!(said.contains("\nnote     tray") && said.contains("\nnote     agent"), "{said}");
}
