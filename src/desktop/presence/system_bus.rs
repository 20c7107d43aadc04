//! The ear on the system bus: logind and UPower.

use std::time::Duration;

use anyhow::Result;
use zbus::blocking::Connection;

use crate::desktop::presence::listener::{SignalListener, owner, signals};
use crate::desktop::presence::shared_state::{Freshness, SharedState, System};
use crate::desktop::presence::trusted_signals::TrustedSignals;
use crate::desktop::presence::{logind, session_bus, upower};
use moodring_platform::backoff::Backoff;

/// After a sleep, one who does not answer is asked again after the first time, then after longer ones.
const WAITS: Backoff = Backoff::new(Duration::from_secs(1), Duration::from_secs(60));

pub(super) fn hear(board: &SharedState) {
    let lost = |board: &SharedState| {
        board.write(|facts| {
            facts.system_bus = None;
            facts.system = System { known: facts.system.known.without_bus(), ..System::default() };
        });
    };
    SignalListener { name: "system bus", connect: SharedState::connect_system, listen, lost }.keep(board);
}

fn listen(bus: Connection, board: &SharedState) -> Result<()> {
    let rules = vec![logind::rule()?, upower::rule()?, owner(logind::NAME)?, owner(upower::NAME)?];
    let news = signals(&bus, rules)?;
    let mut trusted = TrustedSignals::new(&bus, vec![logind::SIGNALS, upower::SIGNALS])?;
    board.facts().system_bus = Some(bus.clone());
    read(&bus, board);
    for message in news {
        let message = message?;
        if board.stopped() {
            break;
        }
        let Some(service) = trusted.check(&message) else { continue };
        match logind::sleep_signal(&message).filter(|_| service == logind::NAME) {
            Some(true) => board.write(|facts| facts.system.asleep = true),
            Some(false) => wake(&bus, board),
            None => drop(read(&bus, board)),
        }
    }
    Ok(())
}

/// Nothing from before the sleep holds; the camera waits until it is said who is there now.
fn wake(bus: &Connection, board: &SharedState) {
    board.write(|facts| {
        facts.system = System { known: Freshness::Resuming, ..System::default() };
        facts.desktop.known = Freshness::Resuming;
    });
    let desktop = board.facts().desktop_bus.clone();
    match desktop {
        Some(desktop) => session_bus::read(&desktop, board),
        // There is no desktop that could say anything.
        None => board.write(|facts| facts.desktop.known = Freshness::Yes),
    }
    let mut waits = WAITS;
    while !read(bus, board) && board.rest(waits.next_wait()) {}
}

/// Asks both; `false`: logind has not answered in time, and its hints are unknown.
pub(super) fn read(bus: &Connection, board: &SharedState) -> bool {
    let power = upower::read(bus).inspect_err(|error| tracing::debug!("UPower: {error:#}")).unwrap_or_default();
    let hints = logind::read(bus).inspect_err(|error| tracing::debug!("logind: {error:#}"));
    board.write(|facts| {
        let System { known, asleep, .. } = facts.system;
        let answered = hints.is_ok();
        let said = hints.as_ref().copied().unwrap_or_default();
        facts.system = System {
            // Silence is an answer at the start, not after a sleep.
            known: if answered { Freshness::Yes } else { known.without_bus() },
            asleep,
            locked: said.locked,
            active: said.active,
            idle: said.idle,
            on_battery: power.on_battery,
            lid_closed: power.lid_closed,
            lid_asked: said.lid_closed,
        };
    });
    hints.is_ok()
}
