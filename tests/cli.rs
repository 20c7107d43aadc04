//! The command line itself: what needs no agent.

use std::process::{Command, Output, Stdio};

fn moodring(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_moodring")).args(arguments).output().unwrap()
}

fn stdout(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// The commands as `--help` lists them.
fn commands() -> Vec<String> {
    let help = stdout(&moodring(&["--help"]));
    let listed = help.lines().skip_while(|line| *line != "Commands:").skip(1).take_while(|line| !line.is_empty());
    let names = listed.filter(|line| line.starts_with("  ") && !line.starts_with("   "));
    names.filter_map(|line| line.split_whitespace().next()).map(String::from).collect()
}

#[test]
fn every_command_explains_itself_and_its_options() {
    let commands = commands();
    for expected in [
        "demo",
        "look",
        "scan",
        "library",
        "song",
        "import",
        "recommend",
        "doctor",
        "status",
        "pause",
        "mood",
        "camera",
        "quit",
    ] {
        assert!(commands.iter().any(|command| command == expected), "{expected} is missing in {commands:?}");
    }
    for command in commands.iter().filter(|command| *command != "help") {
        let output = moodring(&[command, "--help"]);
        assert!(output.status.success(), "{command}");
        let help = stdout(&output);
        let first = help.lines().next().unwrap_or_default();
        assert!(first.len() > 10 && !first.starts_with("Usage"), "{command} says nothing of itself: {help}");
    }
}

#[test]
fn every_command_to_the_agent_can_answer_in_json() {
    let to_agent = ["status", "pause", "resume", "toggle", "mood", "intent", "like", "dislike", "skip", "undo", "why"];
    for command in to_agent.iter().chain(&["queue", "camera", "quit"]) {
        assert!(stdout(&moodring(&[command, "--help"])).contains("--json"), "{command}");
    }
}

#[test]
fn the_version_is_the_package_version() {
    assert_eq!(stdout(&moodring(&["--version"])).trim(), concat!("moodring ", env!("CARGO_PKG_VERSION")));
}

#[test]
fn an_unknown_command_is_a_usage_error_with_the_nearest_one() {
    let output = moodring(&["statsu"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("status"));
}

#[test]
fn a_reader_that_has_read_enough_is_no_error() {
    let mut command = Command::new(env!("CARGO_BIN_EXE_moodring"));
    let mut moodring =
        command.args(["config", "default"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(moodring.stdout.take());
    let output = moodring.wait_with_output().unwrap();
    assert_eq!((output.status.code(), String::from_utf8_lossy(&output.stderr).as_ref()), (Some(0), ""));
}
