//! The session bus under the icon: when it was restarted, the icon is made anew on the new one.

use std::thread;
use std::time::Duration;

use zbus::blocking::Connection;

use crate::control;

/// Waits between attempts to reach the bus double from the first to the longest.
const FIRST_WAIT: Duration = Duration::from_secs(1);
const LONGEST_WAIT: Duration = Duration::from_secs(30);

/// Calls `renewed` whenever the bus is back after it had gone, until that returns `false` or `wanted` does.
///
/// Sleeps while the bus lives; ends soon after `bus` is closed by its owner and nothing is wanted any more.
pub(super) fn watch(mut bus: Connection, wanted: impl Fn() -> bool, renewed: impl Fn(Connection) -> bool) {
    loop {
        bus.closed();
        let mut wait = FIRST_WAIT;
        bus = loop {
            if !wanted() {
                return;
            }
            thread::sleep(wait);
            match control::session_bus() {
                Ok(bus) => break bus,
                Err(error) => tracing::debug!("no session bus yet: {error}"),
            }
            wait = (wait * 2).min(LONGEST_WAIT);
        };
        if !renewed(bus.clone()) {
            return;
        }
        tracing::info!("the session bus is back; so is the tray icon");
    }
}
