//! The session bus: connecting within a time limit.

pub mod reconnecting;

use std::io::{self, ErrorKind};
use std::time::Duration;

use zbus::blocking::{Connection, connection};
use zbus::fdo;

use crate::deadline::within;

/// How long a bus may take to let us in, and to answer.
pub const BUS_LIMIT: Duration = Duration::from_secs(3);

/// The session bus, within three seconds; a call on it has the same limit.
pub fn session_bus() -> zbus::Result<Connection> {
    session_bus_for(BUS_LIMIT)
}

/// The session bus, within three seconds, for calls that may take `limit`.
pub fn session_bus_for(limit: Duration) -> zbus::Result<Connection> {
    session_bus_with(limit, Ok)
}

/// The session bus, prepared: what is to be called from outside must be served from the beginning. An object that comes
/// later is there some moments before its calls are heard, and those that come between are lost.
pub fn session_bus_with(
    limit: Duration,
    prepare: impl FnOnce(connection::Builder<'static>) -> zbus::Result<connection::Builder<'static>> + Send + 'static,
) -> zbus::Result<Connection> {
    connect_within(BUS_LIMIT, move || prepare(connection::Builder::session()?.method_timeout(limit)))
}

/// Any bus. One that accepts the connection and then says nothing holds nobody up for longer than the limit.
pub fn connect_within(
    limit: Duration,
    prepare: impl FnOnce() -> zbus::Result<connection::Builder<'static>> + Send + 'static,
) -> zbus::Result<Connection> {
    let connected = within(limit, move || prepare()?.build());
    connected.unwrap_or_else(|| Err(zbus::Error::Failure("the bus does not answer".into())))
}

/// Whether it was silence that ended a call, and no answer.
pub fn timed_out(error: &anyhow::Error) -> bool {
    let late = |kind| matches!(kind, ErrorKind::TimedOut | ErrorKind::WouldBlock);
    error.chain().any(|cause| match cause.downcast_ref::<io::Error>() {
        Some(error) => late(error.kind()),
        None => cause.downcast_ref::<zbus::Error>().is_some_and(|error| silent(error, late)),
    })
}

fn silent(error: &zbus::Error, late: impl Fn(ErrorKind) -> bool) -> bool {
    match error {
        zbus::Error::InputOutput(error) => late(error.kind()),
        zbus::Error::FDO(inner) => matches!(&**inner, fdo::Error::ZBus(inner) if silent(inner, late)),
        _ => false,
    }
}
