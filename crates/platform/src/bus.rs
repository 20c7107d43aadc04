//! The session bus: connecting within a time limit.

pub mod reconnecting;

use std::io::{self, ErrorKind};
use std::time::Duration;

use zbus::blocking::{Connection, connection};
use zbus::fdo;

use crate::deadline::within;

/// The longest time that connecting to a bus, or a call on it, may take.
pub const BUS_LIMIT: Duration = Duration::from_secs(3);

/// Connects to the session bus within three seconds; a call on it has the same limit.
pub fn session_bus() -> zbus::Result<Connection> {
    session_bus_for(BUS_LIMIT)
}

/// Connects to the session bus within three seconds; a call on it may take `limit`.
pub fn session_bus_for(limit: Duration) -> zbus::Result<Connection> {
    session_bus_with(limit, Ok)
}

/// Connects to the session bus with objects that `prepare` adds. An object that is added after the connection exists
/// before its calls are handled; calls in between are lost.
pub fn session_bus_with(
    limit: Duration,
    prepare: impl FnOnce(connection::Builder<'static>) -> zbus::Result<connection::Builder<'static>> + Send + 'static,
) -> zbus::Result<Connection> {
    connect_within(BUS_LIMIT, move || prepare(connection::Builder::session()?.method_timeout(limit)))
}

/// Connects to any bus. A bus that accepts the connection and then does not answer is an error after the limit.
pub fn connect_within(
    limit: Duration,
    prepare: impl FnOnce() -> zbus::Result<connection::Builder<'static>> + Send + 'static,
) -> zbus::Result<Connection> {
    let connected = within(limit, move || prepare()?.build());
    connected.unwrap_or_else(|| Err(zbus::Error::Failure("the bus does not answer".into())))
}

/// Whether a call ended because no answer came in time.
pub fn timed_out(error: &anyhow::Error) -> bool {
    let late = |kind| matches!(kind, ErrorKind::TimedOut | ErrorKind::WouldBlock);
    error.chain().any(|cause| match cause.downcast_ref::<io::Error>() {
        Some(error) => late(error.kind()),
        None => cause.downcast_ref::<zbus::Error>().is_some_and(|error| is_timeout(error, late)),
    })
}

fn is_timeout(error: &zbus::Error, late: impl Fn(ErrorKind) -> bool) -> bool {
    match error {
        zbus::Error::InputOutput(error) => late(error.kind()),
        zbus::Error::FDO(inner) => matches!(&**inner, fdo::Error::ZBus(inner) if is_timeout(inner, late)),
        _ => false,
    }
}
