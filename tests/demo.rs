//! The demo is the whole program at work; it must hold on every machine that has its packages.

use std::process::Command;

#[test]
fn the_demo_plays_its_evening_and_leaves_its_log() {
    let record = tempfile::tempdir().unwrap();
    let mut demo = Command::new(env!("CARGO_BIN_EXE_moodring"));
    let output = demo.args(["demo", "--record"]).arg(record.path()).output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{said}\n{}", String::from_utf8_lossy(&output.stderr));
    assert!(said.contains("The demo is complete"), "{said}");
    assert!(std::fs::read_to_string(record.path().join("agent.log")).unwrap().contains("queued"));
}

#[test]
fn a_folder_with_too_little_music_is_refused_with_a_way_out() {
    let empty = tempfile::tempdir().unwrap();
    let output =
        Command::new(env!("CARGO_BIN_EXE_moodring")).args(["demo", "--music"]).arg(empty.path()).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("hint: "));
}
