//! The ear on the session bus: screen savers and do-not-disturb.

use anyhow::Result;
use zbus::MatchRule;
use zbus::blocking::Connection;
use zbus::message::Type;

use crate::desktop::presence::listener::{SignalListener, owner, signals};
use crate::desktop::presence::shared_state::{Desktop, Freshness, SharedState};
use crate::desktop::presence::trusted_signals::TrustedSignals;
use crate::desktop::presence::{do_not_disturb, gnome, screensaver};

pub(super) fn hear(board: &SharedState) {
    let lost = |board: &SharedState| {
        board.write(|facts| {
            facts.desktop_bus = None;
            facts.desktop = Desktop { known: facts.desktop.known.without_bus(), ..Desktop::default() };
        });
    };
    SignalListener { name: "desktop", connect: SharedState::connect_desktop, listen, lost }.keep(board);
}

fn listen(bus: Connection, board: &SharedState) -> Result<()> {
    let mut rules = do_not_disturb::rules()?;
    rules.push(MatchRule::builder().msg_type(Type::Signal).member("ActiveChanged")?.build());
    for name in
        screensaver::SAVERS.iter().map(|(name, _)| *name).chain(do_not_disturb::NAMES).chain([gnome::SIGNALS.name])
    {
        rules.push(owner(name)?);
    }
    let news = signals(&bus, rules)?;
    let sources = screensaver::signal_sources().chain(do_not_disturb::SIGNALS).chain([gnome::SIGNALS]);
    let mut trusted = TrustedSignals::new(&bus, sources.collect())?;
    board.facts().desktop_bus = Some(bus.clone());
    read(&bus, board);
    for message in news {
        let message = message?;
        if board.stopped() {
            break;
        }
        if trusted.check(&message).is_some() {
            read(&bus, board);
        }
    }
    Ok(())
}

pub(super) fn read(bus: &Connection, board: &SharedState) {
    let (locked, quiet) = (screensaver::active(bus), do_not_disturb::read(bus));
    board.write(|facts| facts.desktop = Desktop { known: Freshness::Yes, locked, quiet });
}
