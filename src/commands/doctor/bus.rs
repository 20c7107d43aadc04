//! The session bus: players, tray and commands are reached through it.

use crate::commands::doctor::Finding;
use moodring_platform::bus::session_bus;

pub(super) fn check() -> Finding {
    match session_bus() {
        Ok(_) => Finding::ok("bus", "the session bus answers"),
        Err(error) => Finding::problem(
            "bus",
            format!("the session bus cannot be reached: {error}"),
            "run this inside your desktop session, where DBUS_SESSION_BUS_ADDRESS is set",
        ),
    }
}
