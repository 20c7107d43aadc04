//! A line to the session bus that is laid anew whenever the bus was restarted.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::thread;
use std::time::Duration;

use zbus::blocking::Connection;

use crate::backoff::Backoff;
use crate::bus::{BUS_LIMIT, session_bus_with};

/// Waits between attempts to reach the bus double from the first to the longest.
const WAITS: Backoff = Backoff::new(Duration::from_secs(1), Duration::from_secs(30));

/// A connection for as long as this is held; then it is closed, and with it go the names taken on it.
#[derive(Debug)]
pub struct BusConnection {
    bus: Arc<Mutex<Connection>>,
}

impl BusConnection {
    /// Connects within three seconds; `None`: there is no session bus.
    ///
    /// `renewed` is called from a thread of the given name whenever the bus is back after it had gone, until it returns
    /// `false`. That thread sleeps while the bus lives.
    pub fn open(name: &str, renewed: impl Fn(Connection) -> bool + Send + 'static) -> Option<Self> {
        let bus = open().inspect_err(|error| tracing::debug!("no line to the bus: {error}")).ok()?;
        let line = Self { bus: Arc::new(Mutex::new(bus.clone())) };
        let held = Arc::downgrade(&line.bus);
        thread::Builder::new().name(name.into()).spawn(move || watch(bus, &held, renewed)).ok()?;
        Some(line)
    }

    pub fn bus(&self) -> Connection {
        lock(&self.bus).clone()
    }
}

impl Drop for BusConnection {
    fn drop(&mut self) {
        // It may be gone already.
        let _ = self.bus().close();
    }
}

/// With something to be called from the beginning, so that the objects which come later are heard as soon as they are there.
fn open() -> zbus::Result<Connection> {
    session_bus_with(BUS_LIMIT, |builder| builder.serve_at("/", zbus::fdo::ObjectManager))
}

fn watch(mut bus: Connection, held: &Weak<Mutex<Connection>>, renewed: impl Fn(Connection) -> bool) {
    loop {
        bus.closed();
        let mut waits = WAITS;
        bus = loop {
            if held.strong_count() == 0 {
                return;
            }
            thread::sleep(waits.next_wait());
            match open() {
                Ok(bus) => break bus,
                Err(error) => tracing::debug!("no session bus yet: {error}"),
            }
        };
        let Some(held) = held.upgrade() else { return };
        *lock(&held) = bus.clone();
        drop(held);
        if !renewed(bus.clone()) {
            return;
        }
        tracing::info!("the session bus is back, and so are we on it");
    }
}

fn lock(bus: &Mutex<Connection>) -> MutexGuard<'_, Connection> {
    bus.lock().unwrap_or_else(PoisonError::into_inner)
}
