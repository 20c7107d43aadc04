//! What lies in the listener's home folder: settings, history, reports, and the start at login. The real binary.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use moodring_core::message::{PlayOutcome, Record};
use moodring_core::mood::{Intent, Mood};
use moodring_music::library::Library;
use tempfile::TempDir;

struct Home(TempDir);

impl Home {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_moodring"));
        command.args(arguments).env("HOME", self.0.path()).env("XDG_CONFIG_HOME", self.path("config"));
        command.env("XDG_DATA_HOME", self.path("data")).env("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere");
        command.env("XDG_RUNTIME_DIR", self.path("run")).env_remove("VISUAL").env_remove("EDITOR").stdin(Stdio::null());
        command
    }

    fn moodring(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    /// What a command that succeeds prints.
    fn says(&self, arguments: &[&str]) -> String {
        let output = self.moodring(arguments);
        assert!(output.status.success(), "{arguments:?}: {}", stderr(&output));
        String::from_utf8(output.stdout).unwrap()
    }

    fn settings(&self, text: &str) {
        fs::create_dir_all(self.path("config/moodring")).unwrap();
        fs::write(self.path("config/moodring/config.toml"), text).unwrap();
    }

    fn library(&self) -> Library {
        Library::open(&self.path("data/moodring/library.db")).unwrap()
    }

    /// A mood and a song, so many hours ago.
    fn hears(&self, title: &str, hours: i64) {
        let (mut library, at) = (self.library(), Timestamp::now() - SignedDuration::from_hours(hours));
        let mood = Mood { valence: 0.8, energy: 0.8, confidence: 0.7 };
        library.remember(&Record::MoodSettled(mood), at - SignedDuration::from_mins(1)).unwrap();
        let (path, outcome, ours) = (format!("/music/{title}.ogg").into(), PlayOutcome::Finished, Some(Intent::Match));
        library
            .remember(&Record::Play { path, outcome, ours, judged: None, lasted: Duration::from_secs(60) }, at)
            .unwrap();
    }
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn settings_that_cannot_be_are_told_with_file_line_value_and_what_is_allowed() {
    let home = Home::new();
    home.settings("[camera]\nevry = \"2m\"\n[mood]\ndead_band = 2.0\n");
    for command in [&["config", "check"], &["config", "show"]] {
        let output = home.moodring(command);
        assert_eq!(output.status.code(), Some(2));
        let said = stderr(&output);
        assert!(said.contains("config.toml:2: unknown setting camera.evry; did you mean camera.every?"), "{said}");
        assert!(
            said.contains("config.toml:4: invalid value 2.0 for mood.dead_band: expected a number from 0 to 0.5"),
            "{said}"
        );
        assert!(said.contains("hint: "), "{said}");
    }
}

#[test]
fn settings_are_shown_with_what_the_owner_changed() {
    let home = Home::new();
    assert!(home.says(&["config", "check"]).contains("the defaults are in use"));
    home.settings("[mood]\nintent = \"lift\"\n");
    assert!(home.says(&["config", "check"]).contains("is valid"));
    assert!(home.says(&["config", "show"]).contains("intent = \"lift\"  # default: \"match\""));
    let json: serde_json::Value = serde_json::from_str(&home.says(&["config", "show", "--json"])).unwrap();
    assert_eq!(json["mood"]["intent"], "lift");
}

#[test]
fn the_editor_opens_a_file_with_every_setting_and_what_it_leaves_is_checked() {
    let home = Home::new();
    let edit = |script: &str| {
        let editor = home.path("editor");
        fs::write(&editor, format!("#!/bin/sh\n{script}\n")).unwrap();
        fs::set_permissions(&editor, fs::Permissions::from_mode(0o755)).unwrap();
        home.command(&["config", "edit"]).env("EDITOR", editor).output().unwrap()
    };
    assert!(edit("grep -q '^# every = \"2m\"' \"$1\" && sed -i 's/^# mpd = .*/mpd = \"\"/' \"$1\"").status.success());
    assert!(home.says(&["config", "show"]).contains("mpd = \"\""));
    let spoilt = edit("echo 'frames = 1' >> \"$1\"");
    assert_eq!(spoilt.status.code(), Some(2));
    assert!(stderr(&spoilt).contains("did you mean camera.frames?"), "{}", stderr(&spoilt));
    assert_eq!(home.command(&["config", "edit"]).env("EDITOR", "/nowhere/ed").output().unwrap().status.code(), Some(1));
}

#[test]
fn the_history_is_told_and_its_last_hours_are_forgotten() {
    let home = Home::new();
    assert_eq!(home.says(&["history"]).trim(), "nothing was kept in this period");
    home.hears("Morning", 5);
    home.hears("Lately", 1);
    let said = home.says(&["history"]);
    assert!(said.contains("Morning") && said.contains("Lately") && said.contains("mood     happy"), "{said}");
    let json: serde_json::Value = serde_json::from_str(&home.says(&["history", "--since", "2h", "--json"])).unwrap();
    assert_eq!(json["songs"].as_array().unwrap().len(), 1);
    assert_eq!((&json["songs"][0]["title"], &json["songs"][0]["intent"]), (&"Lately".into(), &"match".into()));
    assert!(home.says(&["forget", "--since", "2h", "--yes"]).contains("moods: 1, plays: 1"));
    let said = home.says(&["history"]);
    assert!(said.contains("Morning") && !said.contains("Lately"), "{said}");
}

#[test]
fn to_forget_one_must_say_how_much() {
    let home = Home::new();
    home.hears("Kept", 1);
    let unclear: [&[&str]; 5] = [
        &["forget"],
        &["forget", "--yes"],
        &["forget", "--json"],
        &["forget", "--all", "--since", "2h"],
        &["forget", "--since", "soon"],
    ];
    for arguments in unclear {
        assert_eq!(home.moodring(arguments).status.code(), Some(2), "{arguments:?}");
    }
    assert!(home.says(&["history"]).contains("Kept"));
    let script = home.moodring(&["forget", "--all"]);
    assert_eq!(script.status.code(), Some(2), "a script must say --yes");
    assert!(stderr(&script).contains("--yes") && home.says(&["history"]).contains("Kept"));
    for kept in ["--yes", "--json"] {
        assert_eq!(home.moodring(&["forget", kept]).status.code(), Some(2), "{kept} says nothing of how much");
    }
    let json: serde_json::Value = serde_json::from_str(&home.says(&["forget", "--all", "--yes", "--json"])).unwrap();
    assert_eq!(json["plays"], 1, "{json}");
    assert!(!home.says(&["history"]).contains("Kept"));
}

#[test]
fn the_report_is_a_page_a_picture_or_a_glance() {
    let home = Home::new();
    home.hears("Song", 1);
    let page = home.path("week.html");
    // A file that others could read before is the user's alone now.
    fs::write(&page, "").unwrap();
    fs::set_permissions(&page, fs::Permissions::from_mode(0o644)).unwrap();
    home.says(&["report", "-o", page.to_str().unwrap()]);
    assert!(fs::read_to_string(&page).unwrap().starts_with("<!DOCTYPE html>"));
    assert_eq!(fs::metadata(&page).unwrap().permissions().mode() & 0o777, 0o600);
    let picture = home.path("week.svg");
    home.says(&["report", "-o", picture.to_str().unwrap()]);
    assert!(fs::read_to_string(&picture).unwrap().starts_with("<svg"));
    assert!(home.says(&["report"]).starts_with("<!DOCTYPE html>"), "what is not a terminal takes the page");
    assert!(home.says(&["report", "--text"]).contains("happy"));
    assert!(home.says(&["report", "--svg", "--days", "1"]).starts_with("<svg"));
    assert_eq!(home.moodring(&["report", "-o", "/nowhere/week.html"]).status.code(), Some(1));
}

#[test]
fn a_reader_that_has_closed_the_pipe_ends_a_command_without_a_word() {
    let home = Home::new();
    home.hears("Song", 1);
    let music = home.path("music");
    fs::create_dir_all(&music).unwrap();
    let commands: [&[&str]; 7] = [
        &["players"],
        &["players", "--json"],
        &["scan", music.to_str().unwrap()],
        &["library"],
        &["history"],
        &["spotify", "status"],
        &["config", "show"],
    ];
    for arguments in commands {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let output = home.command(arguments).stdout(writer).stderr(Stdio::piped()).output().unwrap();
        assert!(output.status.success(), "{arguments:?}: {}", stderr(&output));
        assert!(!stderr(&output).contains("panicked"), "{arguments:?}: {}", stderr(&output));
    }
}

#[test]
fn times_that_leave_no_pause_or_overflow_are_rejected() {
    let home = Home::new();
    for every in ["1ns", "999ms", "2562047788015215h", "367d"] {
        home.settings(&format!("[camera]\nevery = \"{every}\"\n"));
        let output = home.moodring(&["config", "check"]);
        assert_eq!(output.status.code(), Some(2), "{every}");
        assert!(stderr(&output).contains("from a second to a year"), "{}", stderr(&output));
    }
}

#[test]
fn the_start_at_login_is_turned_on_and_off_also_without_systemd() {
    let home = Home::new();
    assert!(home.says(&["autostart", "status"]).starts_with("off: "));
    assert!(home.says(&["autostart", "on"]).starts_with("on: "));
    let entry = fs::read_to_string(home.path("config/autostart/org.moodring.Moodring.desktop")).unwrap();
    let program = Path::new(env!("CARGO_BIN_EXE_moodring"));
    assert!(entry.contains(&format!("Exec=\"{}\" --at-login", program.display())), "{entry}");
    let unit = home.path("config/systemd/user/moodring.service");
    assert!(fs::read_to_string(&unit).unwrap().contains(&format!("ExecStart=\"{}\" --at-login", program.display())));
    let json: serde_json::Value = serde_json::from_str(&home.says(&["autostart", "status", "--json"])).unwrap();
    assert!(json["entry"].is_string() && json["missing_program"].is_null(), "{json}");
    fs::write(&unit, "ExecStart=/nowhere/moodring\n").unwrap();
    assert!(home.says(&["autostart", "status"]).contains("/nowhere/moodring, which is not there"));
    assert!(home.says(&["autostart", "off"]).starts_with("off: "));
    assert!(!unit.exists() && !home.path("config/autostart/org.moodring.Moodring.desktop").exists());
    assert!(home.says(&["autostart", "off"]).starts_with("off: "));
}
