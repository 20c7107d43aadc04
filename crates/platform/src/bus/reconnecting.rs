//! A connection to the session bus that is opened again after the bus was restarted.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::thread;
use std::time::Duration;

use zbus::blocking::Connection;

use crate::backoff::Backoff;
use crate::bus::{BUS_LIMIT, session_bus_with};

/// The waits between attempts to connect.
const WAITS: Backoff = Backoff::new(Duration::from_secs(1), Duration::from_secs(30));

/// Dropping this closes the connection and releases the names on it.
#[derive(Debug)]
pub struct BusConnection {
    bus: Arc<Mutex<Connection>>,
}

impl BusConnection {
    /// Connects within three seconds; `None` if there is no session bus.
    ///
    /// After each reconnection `on_reconnect` is called, on a thread with the given name, until it returns `false`.
    /// The thread sleeps while the bus is connected.
    pub fn open(name: &str, on_reconnect: impl Fn(Connection) -> bool + Send + 'static) -> Option<Self> {
        let bus = open().inspect_err(|error| tracing::debug!("cannot connect to the session bus: {error}")).ok()?;
        let connection = Self { bus: Arc::new(Mutex::new(bus.clone())) };
        let shared = Arc::downgrade(&connection.bus);
        thread::Builder::new().name(name.into()).spawn(move || keep_connected(bus, &shared, on_reconnect)).ok()?;
        Some(connection)
    }

    pub fn bus(&self) -> Connection {
        lock(&self.bus).clone()
    }
}

impl Drop for BusConnection {
    fn drop(&mut self) {
        // An error means that it is closed already.
        let _ = self.bus().close();
    }
}

/// Serves one object from the start, so that calls to objects that are added later are handled at once.
fn open() -> zbus::Result<Connection> {
    session_bus_with(BUS_LIMIT, |builder| builder.serve_at("/", zbus::fdo::ObjectManager))
}

fn keep_connected(mut bus: Connection, shared: &Weak<Mutex<Connection>>, on_reconnect: impl Fn(Connection) -> bool) {
    loop {
        bus.closed();
        let mut waits = WAITS;
        bus = loop {
            if shared.strong_count() == 0 {
                return;
            }
            thread::sleep(waits.next_wait());
            match open() {
                Ok(bus) => break bus,
                Err(error) => tracing::debug!("no session bus yet: {error}"),
            }
        };
        let Some(current) = shared.upgrade() else { return };
        *lock(&current) = bus.clone();
        drop(current);
        if !on_reconnect(bus.clone()) {
            return;
        }
        tracing::info!("connected to the session bus again");
    }
}

fn lock(bus: &Mutex<Connection>) -> MutexGuard<'_, Connection> {
    bus.lock().unwrap_or_else(PoisonError::into_inner)
}
