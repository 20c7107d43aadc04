//! What the desktop says of its owner's presence: locked, asleep, lid closed, idle, on battery, not to be disturbed.
//!
//! Two threads listen, one to each bus, and ask nothing while nothing changes. Every question ends within two seconds.
//! What is not told stays unknown and hinders nothing, but for the moments after the start and after a sleep: until the
//! desktop has said who sits there, or has nobody who could say it, [`Session::waking`] is so.

mod board;
mod desktop;
mod ear;
mod gnome;
mod idle;
mod logind;
mod peer;
mod quiet;
mod saver;
mod system;
mod upower;

use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use anyhow::{Context, Result};

use crate::control::within;
use crate::event::NoLook;
use board::Board;

/// How long one question may take.
pub const PATIENCE: Duration = Duration::from_secs(2);

/// What is known of the owner's session; `None`: nobody tells.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Session {
    /// The screen is locked or its saver shows.
    pub locked: Option<bool>,
    /// The machine is about to sleep, or sleeps.
    pub asleep: bool,
    /// It has just started or woken, and the desktop has not said yet how things are.
    pub waking: bool,
    pub lid_closed: Option<bool>,
    /// The desktop holds its owner for absent.
    pub idle: Option<bool>,
    pub on_battery: Option<bool>,
    /// Not to be disturbed: the owner said so, or shows something to others.
    pub quiet: Option<bool>,
}

impl Session {
    /// Why nobody is to be looked at; `None`: nothing speaks against it.
    pub fn no_look(&self) -> Option<NoLook> {
        let reasons = [
            (self.asleep, NoLook::Asleep),
            (self.waking, NoLook::Waking),
            (self.locked == Some(true), NoLook::Locked),
            (self.lid_closed == Some(true), NoLook::LidClosed),
            (self.idle == Some(true), NoLook::Idle),
        ];
        reasons.into_iter().find(|(is, _)| *is).map(|(_, why)| why)
    }
}

/// Where to listen; `None`: at the usual addresses (`DBUS_SYSTEM_BUS_ADDRESS` and `DBUS_SESSION_BUS_ADDRESS` count).
#[derive(Clone, Debug, Default)]
pub struct Buses {
    pub system: Option<String>,
    pub desktop: Option<String>,
}

/// Listens until it is dropped.
pub struct Ears {
    board: Arc<Board>,
    threads: Vec<JoinHandle<()>>,
}

impl Ears {
    /// Starts to listen. The first report, that nothing is known yet, comes before this returns; the others come from
    /// other threads, each when something has changed.
    pub fn start(buses: Buses, report: impl Fn(Session) + Send + Sync + 'static) -> Result<Self> {
        let board = Arc::new(Board::new(buses, Box::new(report)));
        board.tell();
        let mut ears = Self { board, threads: Vec::new() };
        ears.spawn("system bus", system::hear)?;
        ears.spawn("desktop", desktop::hear)?;
        Ok(ears)
    }

    fn spawn(&mut self, name: &str, hear: fn(&Board)) -> Result<()> {
        let board = Arc::clone(&self.board);
        let thread = thread::Builder::new().name(name.into()).spawn(move || hear(&board));
        self.threads.push(thread.context("cannot start a thread")?);
        Ok(())
    }

    /// Asks, within two seconds, for what no signal tells: how long nobody has touched the machine, and the lid where
    /// only logind knows of it. To be called when a look is due; `None`: nothing speaks against it.
    pub fn nobody_there(&self) -> Option<NoLook> {
        let board = Arc::clone(&self.board);
        within(PATIENCE, move || idle::nobody_there(&board)).flatten()
    }
}

impl Drop for Ears {
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
pub fn read() -> Session {
    let board = Board::new(Buses::default(), Box::new(|_| {}));
    if let Ok(bus) = board.connect_system() {
        system::read(&bus, &board);
    }
    if let Ok(bus) = board.connect_desktop() {
        desktop::read(&bus, &board);
    }
    Session { waking: false, ..board.session() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_tells_hinders_no_look() {
        assert_eq!(Session::default().no_look(), None);
        let told = Session { locked: Some(false), lid_closed: Some(false), idle: Some(false), ..Session::default() };
        assert_eq!(told.no_look(), None);
        assert_eq!(Session { on_battery: Some(true), quiet: Some(true), ..told }.no_look(), None);
    }

    #[test]
    fn each_absence_is_a_reason_of_its_own() {
        let is = |session: Session| session.no_look().unwrap();
        assert_eq!(is(Session { locked: Some(true), ..Session::default() }), NoLook::Locked);
        assert_eq!(is(Session { lid_closed: Some(true), ..Session::default() }), NoLook::LidClosed);
        assert_eq!(is(Session { idle: Some(true), ..Session::default() }), NoLook::Idle);
        assert_eq!(is(Session { waking: true, locked: Some(false), ..Session::default() }), NoLook::Waking);
        assert_eq!(is(Session { asleep: true, waking: true, ..Session::default() }), NoLook::Asleep);
    }
}
