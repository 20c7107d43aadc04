//! What the agent, which never sees a pixel, may reach: traced from its start to its end.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

use crate::{path, text, wait_until};

/// A session bus of its own; ends with this value.
struct Bus {
    daemon: Child,
    address: String,
}

impl Bus {
    fn start() -> Option<Self> {
        let mut daemon = Command::new("dbus-daemon");
        daemon.args(["--session", "--nofork", "--print-address=1"]).stdout(Stdio::piped());
        let mut daemon = match daemon.spawn() {
            Ok(daemon) => daemon,
            Err(error) => {
                println!("skipped: dbus-daemon cannot be started: {error}");
                return None;
            }
        };
        let mut address = String::new();
        BufReader::new(daemon.stdout.take().unwrap()).read_line(&mut address).unwrap();
        Some(Self { daemon, address: address.trim().to_owned() })
    }
}

impl Drop for Bus {
    fn drop(&mut self) {
        drop(self.daemon.kill().and_then(|()| self.daemon.wait()));
    }
}

fn moodring(home: &Path, bus: &Bus, words: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_moodring"));
    command.args(words).stdin(Stdio::null());
    command.env("DBUS_SESSION_BUS_ADDRESS", &bus.address).env("DBUS_SYSTEM_BUS_ADDRESS", "unix:path=/nonexistent/bus");
    command.env("XDG_CONFIG_HOME", home.join("config")).env("XDG_DATA_HOME", home.join("data"));
    command
}

/// The agent with these settings, from its start to its end; its calls to do with sockets. `None`: it cannot be traced here.
fn trace(settings: &str) -> Option<Vec<String>> {
    let (bus, home) = (Bus::start()?, TempDir::new().unwrap());
    fs::create_dir_all(home.path().join("config/moodring")).unwrap();
    fs::write(home.path().join("config/moodring/config.toml"), settings).unwrap();
    let log = home.path().join("log");
    let agent = moodring(home.path(), &bus, &[]);
    let mut traced = Command::new("strace");
    traced.args(["-f", "-o", path(&log), "-e", "trace=socket,connect,bind,listen,sendto,io_uring_setup"]);
    traced.arg(agent.get_program()).envs(agent.get_envs().filter_map(|(name, value)| Some((name, value?))));
    let mut traced = match traced.stdin(Stdio::null()).stderr(Stdio::null()).spawn() {
        Ok(traced) => traced,
        Err(error) => {
            println!("skipped: strace is not installed: {error}");
            return None;
        }
    };
    let answers = || moodring(home.path(), &bus, &["status"]).output().unwrap().status.success();
    wait_until("an answer of the agent", || answers() || traced.try_wait().unwrap().is_some());
    let output = moodring(home.path(), &bus, &["quit"]).output().unwrap();
    if !output.status.success() {
        drop(traced.kill().and_then(|()| traced.wait()));
        println!("skipped: strace may not trace here");
        return None;
    }
    assert!(traced.wait().unwrap().success(), "{}", text(&output.stderr));
    Some(
        fs::read_to_string(log)
            .unwrap()
            .lines()
            .filter_map(|line| Some(line.split_once(' ')?.1.trim().to_owned()))
            .collect(),
    )
}

#[test]
fn without_a_service_the_agent_makes_no_socket_but_to_the_buses() {
    let Some(calls) = trace("[players]\nmpd = \"\"\n") else { return };
    let called = |name: &str| calls.iter().filter(|call| call.starts_with(name)).collect::<Vec<_>>();
    assert!(!called("connect(").is_empty(), "the trace does not show the agent");
    for socket in called("socket(") {
        assert!(socket.starts_with("socket(AF_UNIX"), "{socket}");
    }
    for connect in called("connect(") {
        assert!(connect.contains("AF_UNIX") && connect.contains("bus"), "{connect}");
    }
    for never in ["listen(", "io_uring_setup("] {
        assert!(called(never).is_empty(), "{:?}", called(never));
    }
}

#[test]
fn as_it_comes_it_reaches_no_further_than_this_machine() {
    let Some(calls) = trace("") else { return };
    for connect in calls.iter().filter(|call| call.starts_with("connect(")) {
        let here =
            ["AF_UNIX", "AF_UNSPEC", "inet_addr(\"127.0.0.1\")", "\"::1\""].iter().any(|place| connect.contains(place));
        assert!(here, "{connect}");
    }
}
