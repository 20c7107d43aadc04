//! A session bus for a test alone, at an address that stays the same over restarts.
#![allow(dead_code, reason = "each test file uses its part")]

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};
use std::sync::{LazyLock, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tempfile::TempDir;

const CONFIG: &str = r#"<busconfig><type>session</type><listen>unix:path=SOCKET</listen><auth>EXTERNAL</auth>
<servicedir>SERVICES</servicedir>
<policy context="default"><allow send_destination="*" eavesdrop="true"/><allow own="*"/><allow eavesdrop="true"/></policy>
</busconfig>"#;

/// The folder of this test process; its bus address is in the environment before anything connects.
static HOME: LazyLock<TempDir> = LazyLock::new(|| {
    let home = TempDir::new().unwrap();
    let address = format!("unix:path={}", home.path().join("bus").display());
    // SAFETY: every test takes the lock of `Desk` first, and nothing reads the environment before that.
    unsafe { std::env::set_var("DBUS_SESSION_BUS_ADDRESS", address) };
    home
});

static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

/// A desktop: a bus that runs until it is stopped or dropped. One at a time within a process.
pub struct Desk {
    bus: Option<Child>,
    _turn: MutexGuard<'static, ()>,
}

impl Desk {
    pub fn new() -> Self {
        let mut desk = Self::without_bus();
        desk.start_bus();
        desk
    }

    pub fn without_bus() -> Self {
        let turn = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
        LazyLock::force(&HOME);
        Self { bus: None, _turn: turn }
    }

    pub fn start_bus(&mut self) {
        let (config, socket) = (HOME.path().join("bus.conf"), HOME.path().join("bus"));
        let services = self.home().join("services");
        std::fs::create_dir_all(&services).unwrap();
        let text = CONFIG.replace("SOCKET", &socket.display().to_string());
        std::fs::write(&config, text.replace("SERVICES", &services.display().to_string())).unwrap();
        let mut daemon = Command::new("dbus-daemon");
        daemon.args(["--nofork", "--print-address"]).arg(format!("--config-file={}", config.display()));
        let mut bus = daemon.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("dbus-daemon is installed");
        // It prints its address once it listens.
        let mut address = String::new();
        BufReader::new(bus.stdout.take().unwrap()).read_line(&mut address).unwrap();
        assert!(address.starts_with("unix:path="), "{address}");
        self.bus = Some(bus);
    }

    pub fn stop_bus(&mut self) {
        if let Some(mut bus) = self.bus.take() {
            bus.kill().unwrap();
            bus.wait().unwrap();
            let _ = std::fs::remove_file(HOME.path().join("bus"));
        }
    }

    /// Lets the bus start `command` when a program calls `name`.
    pub fn offer_service(&mut self, name: &str, command: &str) {
        let service = format!("[D-BUS Service]\nName={name}\nExec={command}\n");
        std::fs::write(self.home().join("services").join(format!("{name}.service")), service).unwrap();
        self.stop_bus();
        self.start_bus();
    }

    /// The real binary on this desktop, with a home folder of its own.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_moodring"));
        command.args(arguments).env("HOME", self.home()).env("XDG_CONFIG_HOME", self.home().join("config"));
        command.env("XDG_DATA_HOME", self.home().join("data")).stdin(Stdio::null());
        command
    }

    /// Its output, once it has ended.
    pub fn moodring(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    pub fn home(&self) -> PathBuf {
        HOME.path().to_path_buf()
    }
}

impl Drop for Desk {
    fn drop(&mut self) {
        self.stop_bus();
        let _ = std::fs::remove_dir_all(self.home().join("services"));
    }
}

/// Waits until a condition holds; fails after a minute, which is longer than anything takes on a busy machine.
pub fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let start = Instant::now();
    while !is_so() {
        assert!(start.elapsed() < Duration::from_secs(60), "it did not happen: {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

pub fn stdout(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

pub fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}
