//! What both ears have heard, put together; told when it differs.

use std::sync::{Condvar, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use zbus::blocking::Connection;
use zbus::blocking::connection::Builder;

use crate::desktop::presence::idle::IdleUnit;
use crate::desktop::presence::{Buses, PATIENCE};
use moodring_core::domain::presence::Presence;
use moodring_platform::bus::connect_within;

pub(super) struct SharedState {
    buses: Buses,
    facts: Mutex<Facts>,
    told: Mutex<Option<Presence>>,
    report: Box<dyn Fn(Presence) + Send + Sync>,
    stopped: Mutex<bool>,
    bell: Condvar,
    /// In what the screen saver counts idle time, once that is found out.
    pub unit: OnceLock<IdleUnit>,
}

/// What each bus says.
#[derive(Default)]
pub(super) struct Facts {
    pub system: System,
    pub desktop: Desktop,
    /// Connections, while they live.
    pub system_bus: Option<Connection>,
    pub desktop_bus: Option<Connection>,
}

/// logind and UPower.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct System {
    pub known: Freshness,
    pub asleep: bool,
    pub locked: Option<bool>,
    pub active: Option<bool>,
    pub idle: Option<bool>,
    pub on_battery: Option<bool>,
    /// As UPower tells by itself, and as logind says when it is asked.
    pub lid_closed: Option<bool>,
    pub lid_asked: Option<bool>,
}

/// Screen savers and do-not-disturb.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Desktop {
    pub known: Freshness,
    pub locked: Option<bool>,
    pub quiet: Option<bool>,
}

/// Whether what stands beside it can be believed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Freshness {
    #[default]
    Starting,
    /// Since a sleep nothing has been heard.
    Resuming,
    /// As far as anybody tells.
    Yes,
}

impl Freshness {
    /// The bus is not there: at the start that is an answer, after a sleep it is not.
    pub fn without_bus(self) -> Self {
        if self == Self::Resuming { self } else { Self::Yes }
    }
}

impl SharedState {
    pub fn new(buses: Buses, report: Box<dyn Fn(Presence) + Send + Sync>) -> Self {
        Self {
            buses,
            facts: Mutex::default(),
            told: Mutex::default(),
            report,
            stopped: Mutex::default(),
            bell: Condvar::new(),
            unit: OnceLock::new(),
        }
    }

    pub fn facts(&self) -> MutexGuard<'_, Facts> {
        held(&self.facts)
    }

    /// Writes something down, and tells when that changes anything.
    pub fn write(&self, change: impl FnOnce(&mut Facts)) {
        change(&mut self.facts());
        self.tell();
    }

    pub fn session(&self) -> Presence {
        let Facts { system, desktop, .. } = &*self.facts();
        Presence {
            locked: either(system.locked, desktop.locked),
            seat_active: system.active,
            asleep: system.asleep,
            waking: system.known != Freshness::Yes || desktop.known != Freshness::Yes,
            lid_closed: system.lid_closed.or(system.lid_asked),
            idle: system.idle,
            on_battery: system.on_battery,
            quiet: desktop.quiet,
        }
    }

    /// In order, whichever thread it is.
    pub fn tell(&self) {
        let mut told = held(&self.told);
        let session = self.session();
        if *told != Some(session) {
            *told = Some(session);
            (self.report)(session);
        }
    }

    pub fn connect_system(&self) -> zbus::Result<Connection> {
        connect(self.buses.system.clone(), Builder::system)
    }

    pub fn connect_desktop(&self) -> zbus::Result<Connection> {
        connect(self.buses.desktop.clone(), Builder::session)
    }

    pub fn stop(&self) {
        *held(&self.stopped) = true;
        self.bell.notify_all();
        let (system, desktop) = {
            let mut facts = self.facts();
            (facts.system_bus.take(), facts.desktop_bus.take())
        };
        for bus in [system, desktop].into_iter().flatten() {
            // It is gone either way.
            let _ = bus.close();
        }
    }

    pub fn stopped(&self) -> bool {
        *held(&self.stopped)
    }

    /// Waits; `false`: all stops.
    pub fn rest(&self, time: Duration) -> bool {
        let waited = self.bell.wait_timeout_while(held(&self.stopped), time, |stopped| !*stopped);
        !*waited.unwrap_or_else(PoisonError::into_inner).0
    }
}

/// One `true` is enough.
pub(super) fn either(one: Option<bool>, other: Option<bool>) -> Option<bool> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one || other),
        (one, other) => one.or(other),
    }
}

fn connect(address: Option<String>, usual: fn() -> zbus::Result<Builder<'static>>) -> zbus::Result<Connection> {
    connect_within(PATIENCE, move || {
        let builder = match address {
            Some(address) => Builder::address(address.as_str())?,
            None => usual()?,
        };
        Ok(builder.method_timeout(PATIENCE))
    })
}

/// A thread that panicked left nothing half done here.
fn held<T>(lock: &Mutex<T>) -> MutexGuard<'_, T> {
    lock.lock().unwrap_or_else(PoisonError::into_inner)
}
