//! The agent as a process, with a real player.

use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use moodring::desktop::ipc::wire::Answer;
use moodring::desktop::ipc::wire::StatusReport;
use moodring_testkit::player_process::{PlayerKind, PlayerProcess};

use super::player_test::PlayerTest;

/// Longer than anything takes on a busy machine.
pub const LONG: Duration = Duration::from_secs(60);

/// A player that plays Alpha and then Zulu, and a library with Bravo.
pub struct Evening {
    pub test: PlayerTest,
    pub player: PlayerProcess,
}

/// A running agent; killed when the test ends.
pub struct Agent(pub Child);

impl Drop for Agent {
    fn drop(&mut self) {
        drop(self.0.kill().and_then(|()| self.0.wait()));
    }
}

impl Evening {
    pub fn new() -> Self {
        Self::with("")
    }

    /// `more`: settings besides those that keep the camera and other players out.
    pub fn with(more: &str) -> Self {
        let mut test = PlayerTest::new(60);
        let player = test.start_player(PlayerKind::Vlc);
        let evening = Self { test, player };
        std::fs::create_dir_all(evening.home("config/moodring")).unwrap();
        let settings = format!("[camera]\nenabled = false\n[players]\nmpd = \"\"\n{more}\n");
        std::fs::write(evening.home("config/moodring/config.toml"), settings).unwrap();
        let folder = evening.test.bravo.parent().unwrap().display().to_string();
        assert!(evening.say(&["scan", &folder]).status.success());
        evening
    }

    pub fn home(&self, place: &str) -> PathBuf {
        self.test.desktop.folder.join("agent").join(place)
    }

    pub fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_moodring"));
        command.args(words).env("DBUS_SESSION_BUS_ADDRESS", self.test.desktop.address()).stdin(Stdio::null());
        command.env("XDG_CONFIG_HOME", self.home("config")).env("XDG_DATA_HOME", self.home("data"));
        command
    }

    pub fn start(&self) -> Agent {
        let agent = Agent(self.command(&[]).stderr(Stdio::null()).spawn().unwrap());
        self.until("the agent sees the player", |view| view.playing.is_some());
        agent
    }

    pub fn say(&self, words: &[&str]) -> Output {
        self.command(words).output().unwrap()
    }

    pub fn ask(&self, words: &[&str]) -> Answer {
        let output = self.say(&[words, &["--json"]].concat());
        serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{output:?}"))
    }

    pub fn view(&self) -> Option<StatusReport> {
        let output = self.say(&["status", "--json"]);
        match serde_json::from_slice(&output.stdout).ok()? {
            Answer::Status(view) => Some(view),
            _ => None,
        }
    }

    pub fn until(&self, what: &str, is: impl Fn(&StatusReport) -> bool) -> StatusReport {
        let end = Instant::now() + LONG;
        let mut last = None;
        while Instant::now() < end {
            last = self.view();
            if let Some(view) = last.as_ref().filter(|view| is(view)) {
                return view.clone();
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        panic!("it did not happen: {what}: {last:?}");
    }
}

pub fn ends(agent: &mut Agent) -> bool {
    let end = Instant::now() + Duration::from_secs(6);
    while Instant::now() < end {
        if let Some(status) = agent.0.try_wait().unwrap() {
            return status.success();
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    false
}
