//! A newer version of the program on disk: noticed while the agent runs, and started in its place at a quiet moment.

use std::ffi::OsString;
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Command, ExitCode};
use std::time::{Duration, Instant};

use crate::desktop::ipc::wire::{PhaseReport, StatusReport};
use anyhow::{Context, Result};
use moodring_platform::program;

/// The disk is asked at most this often.
const INTERVAL: Duration = Duration::from_secs(5);
/// A package is unpacked file by file; the new version is started when it has been there for this long.
const SETTLE: Duration = Duration::from_secs(3);
/// Where no moment is quiet, the restart comes after this all the same.
const LONGEST: Duration = Duration::from_secs(600);
/// The unit restarts the service for this exit code (EX_TEMPFAIL): systemd must see the process end, because the service
/// counts as stopped as soon as the bus name is given up.
const RESTART: u8 = 75;

/// Watches for a newer version.
#[derive(Default)]
pub struct UpgradeWatch {
    checked: Option<Instant>,
    since: Option<Instant>,
}

impl UpgradeWatch {
    /// Whether now is the moment to become the newer version; asks the disk at most every five seconds.
    pub fn is_time(&mut self, view: Option<&StatusReport>, now: Instant) -> bool {
        if self.checked.is_some_and(|checked| now < checked + INTERVAL) {
            return false;
        }
        self.checked = Some(now);
        let Some(newer) = program::newer_version() else {
            self.since = None;
            return false;
        };
        let since = *self.since.get_or_insert_with(|| {
            tracing::info!("{} is a newer version; it starts at a quiet moment", newer.display());
            now
        });
        now >= since + SETTLE && (now >= since + LONGEST || view.is_none_or(is_quiet))
    }
}

/// No song of ours waits in the player, and the camera is not in use.
fn is_quiet(view: &StatusReport) -> bool {
    view.next.is_none() && !matches!(view.phase, PhaseReport::Looking | PhaseReport::Calibrating)
}

/// Becomes the newer version: by systemd where it runs this process as a service, otherwise in this process.
pub fn restart() -> Result<ExitCode> {
    let program = program::newer_version().context("there is no newer version to start")?;
    if is_service() {
        tracing::info!("leaving, so that the newer version is started");
        return Ok(ExitCode::from(RESTART));
    }
    tracing::info!("starting the newer version {}", program.display());
    Err(start(program, std::env::args_os().skip(1).collect())).context("cannot start the newer version")
}

fn start(program: PathBuf, arguments: Vec<OsString>) -> std::io::Error {
    Command::new(program).args(arguments).exec()
}

/// systemd names the process that it started for a service; children that inherit the variable have another number.
fn is_service() -> bool {
    std::env::var("SYSTEMD_EXEC_PID").is_ok_and(|pid| pid == std::process::id().to_string())
}
