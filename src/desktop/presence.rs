//! What the desktop says about the user's presence: locked, in front, asleep, lid closed, idle, on battery, do not disturb.
//!
//! Two threads listen, one to each bus, and ask nothing while nothing changes. Every question ends within two seconds.
//! What is not told stays unknown and hinders nothing, but for the moments after the start and after a sleep: until the
//! desktop has said who sits there, or has nobody who could say it, [`Presence::waking`] is so.

pub mod do_not_disturb;
pub mod gnome;
pub mod idle;
pub mod listener;
pub mod logind;
pub mod peer;
pub mod screensaver;
pub mod session_bus;
pub mod shared_state;
pub mod system_bus;
pub mod trusted_signals;
pub mod upower;

use moodring_core::domain::presence::Presence;
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use anyhow::{Context, Result};

use crate::desktop::presence::shared_state::SharedState;
use moodring_core::domain::presence::LookBlock;
use moodring_platform::deadline::within;

/// How long one question may take.
pub const PATIENCE: Duration = Duration::from_secs(2);

/// Where to listen; `None`: at the usual addresses (`DBUS_SYSTEM_BUS_ADDRESS` and `DBUS_SESSION_BUS_ADDRESS` count).
#[derive(Clone, Debug, Default)]
pub struct Buses {
    pub system: Option<String>,
    pub desktop: Option<String>,
}

/// Listens until it is dropped.
pub struct PresenceMonitor {
    board: Arc<SharedState>,
    threads: Vec<JoinHandle<()>>,
}

impl PresenceMonitor {
    /// Starts to listen. The first report, that nothing is known yet, comes before this returns; the others come from
    /// other threads, each when something has changed.
    pub fn start(buses: Buses, report: impl Fn(Presence) + Send + Sync + 'static) -> Result<Self> {
        let board = Arc::new(SharedState::new(buses, Box::new(report)));
        board.tell();
        let mut ears = Self { board, threads: Vec::new() };
        ears.spawn("system bus", system_bus::hear)?;
        ears.spawn("desktop", session_bus::hear)?;
        Ok(ears)
    }

    fn spawn(&mut self, name: &str, hear: fn(&SharedState)) -> Result<()> {
        let board = Arc::clone(&self.board);
        let thread = thread::Builder::new().name(name.into()).spawn(move || hear(&board));
        self.threads.push(thread.context("cannot start a thread")?);
        Ok(())
    }

    /// Asks, within two seconds, for what no signal tells: how long nobody has touched the machine, and the lid where
    /// only logind knows of it. To be called when a look is due; `None`: nothing speaks against it.
    pub fn nobody_there(&self) -> Option<LookBlock> {
        let board = Arc::clone(&self.board);
        within(PATIENCE, move || idle::nobody_there(&board)).flatten()
    }
}

impl Drop for PresenceMonitor {
    fn drop(&mut self) {
        self.board.stop();
        for thread in self.threads.drain(..) {
            if thread.join().is_err() {
                tracing::error!("a thread that listens to the desktop panicked");
            }
        }
    }
}

/// One reading of all, for the doctor: it waits at most as long as two silent services make it.
pub fn read() -> Presence {
    let board = SharedState::new(Buses::default(), Box::new(|_| {}));
    if let Ok(bus) = board.connect_system() {
        system_bus::read(&bus, &board);
    }
    if let Ok(bus) = board.connect_desktop() {
        session_bus::read(&bus, &board);
    }
    Presence { waking: false, ..board.session() }
}
