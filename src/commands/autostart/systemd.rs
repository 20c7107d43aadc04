//! systemd's user manager, asked through `systemctl`; where it is not there, all of this does nothing.

use std::process::{Command, Stdio};
use std::time::Duration;

use serde::Serialize;

use moodring_platform::deadline::within;

/// Where Debian's and Fedora's packages put the unit.
pub const PACKAGED_UNIT: &str = "/usr/lib/systemd/user/moodring.service";
/// The manager answers at once, or hangs.
const LIMIT: Duration = Duration::from_secs(5);

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum UserUnit {
    Enabled,
    Disabled,
    /// It is not installed.
    Absent,
    /// No user manager runs here, or it does not answer.
    NoManager,
}

impl UserUnit {
    pub fn words(self) -> &'static str {
        match self {
            Self::Enabled => "enabled: systemd starts it with the graphical session",
            Self::Disabled => "not enabled",
            Self::Absent => "not installed",
            Self::NoManager => "systemd's user manager is not in reach",
        }
    }
}

/// What `systemctl --user` prints, within the limit; `None`: it could not be run, or did not answer.
fn systemctl(arguments: &[&str]) -> Option<String> {
    let mut command = Command::new("systemctl");
    command.arg("--user").args(arguments).stdin(Stdio::null()).stderr(Stdio::null());
    let output = within(LIMIT, move || command.output())?.ok()?;
    Some(String::from_utf8_lossy(&output.stdout).trim().to_string())
}

/// The unit is read again first: its file may be new. A manager that is not there is told by the state afterwards.
pub fn enable(unit: &str, on: bool) {
    reload();
    systemctl(&["--quiet", if on { "enable" } else { "disable" }, unit]);
}

pub fn reload() {
    systemctl(&["daemon-reload"]);
}

pub fn unit(name: &str) -> UserUnit {
    match systemctl(&["is-enabled", name]).as_deref() {
        Some("enabled" | "enabled-runtime") => UserUnit::Enabled,
        Some("disabled" | "static" | "linked" | "masked") => UserUnit::Disabled,
        Some("not-found") => UserUnit::Absent,
        // Older versions say so only where errors go: a manager that runs answers this.
        _ if systemctl(&["is-system-running"]).is_some_and(|state| !state.is_empty() && state != "offline") => {
            UserUnit::Absent
        }
        _ => UserUnit::NoManager,
    }
}
