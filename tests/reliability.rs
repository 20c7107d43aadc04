//! What the agent does when the things around it end, hang or change: its session, its players, its own program.

mod common;

use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::time::{Duration, Instant};

use common::player_test::PlayerTest;
use moodring_testkit::faces;
use moodring_testkit::player_process::PlayerKind;
use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

/// The limit for an orderly end.
const END: Duration = Duration::from_secs(3);
const LONG: Duration = Duration::from_secs(30);

/// A session bus that a test can end.
struct SessionBus {
    daemon: Child,
    address: String,
}

impl SessionBus {
    fn start() -> Self {
        let mut daemon = Command::new("dbus-daemon");
        daemon.args(["--session", "--nofork", "--print-address=1"]).stdout(Stdio::piped());
        let mut daemon = daemon.spawn().expect("dbus-daemon is installed");
        let mut address = String::new();
        BufReader::new(daemon.stdout.take().unwrap()).read_line(&mut address).unwrap();
        Self { daemon, address: address.trim().to_owned() }
    }

    fn end(&mut self) {
        drop(self.daemon.kill().and_then(|()| self.daemon.wait()));
    }
}

impl Drop for SessionBus {
    fn drop(&mut self) {
        self.end();
    }
}

/// A user's home folder with settings, and what is started in it.
struct Home {
    folder: TempDir,
    program: PathBuf,
}

/// A running agent, killed when the test ends, with its log.
struct Agent {
    process: Child,
    log: PathBuf,
}

impl Drop for Agent {
    fn drop(&mut self) {
        drop(self.process.kill().and_then(|()| self.process.wait()));
    }
}

impl Home {
    fn new(settings: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir_all(folder.path().join("config/moodring")).unwrap();
        fs::write(folder.path().join("config/moodring/config.toml"), settings).unwrap();
        Self { folder, program: env!("CARGO_BIN_EXE_moodring").into() }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn command(&self, bus: &str, words: &[&str]) -> Command {
        let mut command = Command::new(&self.program);
        command.args(words).stdin(Stdio::null()).env("DBUS_SESSION_BUS_ADDRESS", bus).env("MOODRING_LOG", "debug");
        command.env("DBUS_SYSTEM_BUS_ADDRESS", "unix:path=/nonexistent/bus").env("HOME", self.folder.path());
        command.env("XDG_CONFIG_HOME", self.path("config")).env("XDG_DATA_HOME", self.path("data"));
        command
    }

    fn start(&self, bus: &str, name: &str) -> Agent {
        let log = self.path(name);
        let process = self.command(bus, &[]).stderr(File::create(&log).unwrap()).spawn().unwrap();
        Agent { process, log }
    }

    fn say(&self, bus: &str, words: &[&str]) -> Output {
        self.command(bus, words).output().unwrap()
    }

    fn answers(&self, bus: &str) -> bool {
        self.say(bus, &["status"]).status.success()
    }
}

impl Agent {
    /// How often this stands in the log.
    fn count(&self, text: &str) -> usize {
        fs::read_to_string(&self.log).unwrap().lines().filter(|line| line.contains(text)).count()
    }

    fn pid(&self) -> Pid {
        Pid::from_raw(self.process.id().cast_signed()).unwrap()
    }

    fn ends_within(&mut self, limit: Duration) -> Option<ExitStatus> {
        let end = Instant::now() + limit;
        loop {
            match self.process.try_wait().unwrap() {
                None if Instant::now() < end => std::thread::sleep(Duration::from_millis(20)),
                ended => return ended,
            }
        }
    }
}

fn wait_until(what: &str, limit: Duration, mut is_so: impl FnMut() -> bool) {
    let end = Instant::now() + limit;
    while !is_so() {
        assert!(Instant::now() < end, "waited in vain until {what}");
        std::thread::sleep(Duration::from_millis(100));
    }
}

#[test]
fn an_agent_whose_session_has_ended_looks_no_more_and_leaves_its_library_to_the_next() {
    let mut test = PlayerTest::new(200);
    let mpd = test.start_player(PlayerKind::Mpd);
    let pictures = test.desktop.folder.join("faces");
    faces::show(faces::HAPPY, &pictures).unwrap();
    let settings = format!(
        "[camera]\nevery = \"2s\"\nframes = 3\npictures = \"{}\"\n[players]\nmpd = \"127.0.0.1:{}\"\n",
        pictures.display(),
        mpd.port
    );
    let home = Home::new(&settings);
    let (mut first_bus, second_bus) = (SessionBus::start(), SessionBus::start());
    assert!(
        home.say("unix:path=/nonexistent", &["scan", test.bravo.parent().unwrap().to_str().unwrap()]).status.success()
    );
    let mut first = home.start(&first_bus.address, "first.log");
    wait_until("the first agent answers", LONG, || home.answers(&first_bus.address));
    assert!(home.say(&first_bus.address, &["camera", "allow"]).status.success());
    wait_until("it looks", LONG, || first.count("looked: ") >= 2);
    first_bus.end();
    // A look that had begun may end.
    std::thread::sleep(Duration::from_secs(3));
    let looks = first.count("looked: ");
    let second = home.start(&second_bus.address, "second.log");
    std::thread::sleep(Duration::from_secs(8));
    assert_eq!(first.count("looked: "), looks, "it looks although its session has ended");
    assert_eq!(second.count("looked: "), 0, "two agents use one library");
    assert!(first.ends_within(Duration::from_secs(70)).expect("it stays without a session").success());
    wait_until("the second agent answers", LONG, || home.answers(&second_bus.address));
    assert!(home.say(&second_bus.address, &["camera", "deny"]).status.success());
    let looks = second.count("looked: ");
    std::thread::sleep(Duration::from_secs(5));
    assert!(second.count("looked: ") <= looks + 1, "it looks although the camera was denied");
}

#[test]
fn a_denial_that_another_program_wrote_holds_for_the_next_look() {
    let mut test = PlayerTest::new(200);
    let mpd = test.start_player(PlayerKind::Mpd);
    let pictures = test.desktop.folder.join("faces");
    faces::show(faces::HAPPY, &pictures).unwrap();
    let settings = format!(
        "[camera]\nevery = \"2s\"\nframes = 3\npictures = \"{}\"\n[players]\nmpd = \"127.0.0.1:{}\"\n",
        pictures.display(),
        mpd.port
    );
    let (home, bus) = (Home::new(&settings), SessionBus::start());
    let agent = home.start(&bus.address, "log");
    wait_until("the agent answers", LONG, || home.answers(&bus.address));
    assert!(home.say(&bus.address, &["camera", "allow"]).status.success());
    wait_until("it looks", LONG, || agent.count("looked: ") >= 1);
    // A command that does not reach this agent writes to the library by itself.
    assert!(home.say("unix:path=/nonexistent", &["camera", "deny"]).status.success());
    std::thread::sleep(Duration::from_secs(3));
    let looks = agent.count("looked: ");
    std::thread::sleep(Duration::from_secs(6));
    assert_eq!(agent.count("looked: "), looks);
    let status = home.say(&bus.address, &["status"]);
    assert!(String::from_utf8_lossy(&status.stdout).contains("as you have said"), "{status:?}");
}

/// A socket whose backlog is full: connecting to it waits for ever.
fn full_socket(path: &Path) -> (UnixListener, Vec<UnixStream>) {
    let listener = UnixListener::bind(path).unwrap();
    rustix::net::listen(&listener, 0).unwrap();
    let (sender, connected) = std::sync::mpsc::channel();
    let to = path.to_owned();
    std::thread::spawn(move || {
        while let Ok(stream) = UnixStream::connect(&to) {
            if sender.send(stream).is_err() {
                return;
            }
        }
    });
    let mut streams = Vec::new();
    while let Ok(stream) = connected.recv_timeout(Duration::from_millis(500)) {
        streams.push(stream);
    }
    (listener, streams)
}

#[test]
fn a_player_that_hangs_does_not_keep_the_agent_from_ending() {
    let folder = tempfile::tempdir().unwrap();
    let socket = folder.path().join("mpd");
    let _full = full_socket(&socket);
    let home = Home::new(&format!("[camera]\nenabled = false\n[players]\nmpd = \"{}\"\n", socket.display()));
    for how in ["SIGTERM", "quit"] {
        let bus = SessionBus::start();
        let mut agent = home.start(&bus.address, how);
        wait_until("the agent answers", LONG, || home.answers(&bus.address));
        std::thread::sleep(Duration::from_secs(1));
        let asked = Instant::now();
        match how {
            "quit" => drop(home.command(&bus.address, &["quit"]).spawn().unwrap()),
            _ => kill_process(agent.pid(), Signal::TERM).unwrap(),
        }
        let ended = agent.ends_within(END + Duration::from_millis(300));
        assert!(ended.is_some_and(|status| status.success()), "{how}: {ended:?} after {:?}", asked.elapsed());
    }
}

#[test]
fn an_agent_becomes_the_newer_program_that_was_put_in_its_place() {
    let mut home = Home::new("[camera]\nenabled = false\n[players]\nmpd = \"\"\n");
    let installed = home.path("moodring");
    fs::copy(env!("CARGO_BIN_EXE_moodring"), &installed).unwrap();
    home.program = installed.clone();
    let bus = SessionBus::start();
    let mut agent = home.start(&bus.address, "log");
    wait_until("the agent answers", LONG, || home.answers(&bus.address));
    assert!(home.say(&bus.address, &["mood", "sad"]).status.success());
    let newer = home.path("moodring.new");
    fs::copy(env!("CARGO_BIN_EXE_moodring"), &newer).unwrap();
    fs::rename(&newer, &installed).unwrap();
    let link = format!("/proc/{}/exe", agent.process.id());
    wait_until("it runs the newer program", LONG, || {
        home.say(&bus.address, &["status"]);
        fs::read_link(&link).is_ok_and(|program| program == installed)
    });
    wait_until("the newer agent answers", LONG, || home.answers(&bus.address));
    let said = String::from_utf8(home.say(&bus.address, &["status"]).stdout).unwrap();
    assert!(said.contains("sad (set by hand)"), "{said}");
    assert_eq!(agent.count("is a newer version"), 1);
    assert!(home.say(&bus.address, &["quit"]).status.success());
    assert!(agent.ends_within(END).is_some_and(|status| status.success()));
}

#[test]
fn a_library_that_is_deleted_under_the_agent_is_written_again() {
    let (home, bus) = (Home::new("[camera]\nenabled = false\n[players]\nmpd = \"\"\n"), SessionBus::start());
    let agent = home.start(&bus.address, "log");
    wait_until("the agent answers", LONG, || home.answers(&bus.address));
    assert!(home.say(&bus.address, &["mood", "angry"]).status.success());
    let library = home.path("data/moodring/library.db");
    fs::remove_file(&library).unwrap();
    wait_until("it is written again", Duration::from_secs(60), || library.exists());
    assert_eq!(agent.count("the library was deleted"), 1);
    assert!(home.say(&bus.address, &["intent", "calm"]).status.success());
    drop(agent);
    let kept = moodring_music::library::Library::open(&library).unwrap().settings().unwrap();
    assert_eq!(kept.by_hand.map(|mood| mood.word()), Some("angry"));
    assert_eq!(kept.intent.map(|intent| intent.word()), Some("calm"));
}

#[test]
fn without_a_session_bus_it_says_so_and_leaves() {
    let home = Home::new("");
    let output = home.say("unix:path=/nonexistent/bus", &[]);
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(said.contains("no session bus") && said.contains("hint: "), "{said}");
}
