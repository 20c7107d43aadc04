//! The ear on the session bus: screen savers and do-not-disturb.

use anyhow::Result;
use zbus::MatchRule;
use zbus::blocking::Connection;
use zbus::message::Type;

use super::board::{Board, Desktop, Known};
use super::ear::{Ear, is_news, owner, signals};
use super::{quiet, saver};

pub(super) fn hear(board: &Board) {
    let lost = |board: &Board| {
        board.write(|facts| {
            facts.desktop_bus = None;
            facts.desktop = Desktop { known: facts.desktop.known.without_bus(), ..Desktop::default() };
        });
    };
    Ear { name: "desktop", connect: Board::connect_desktop, listen, lost }.keep(board);
}

fn listen(bus: Connection, board: &Board) -> Result<()> {
    let mut rules = quiet::rules()?;
    rules.push(MatchRule::builder().msg_type(Type::Signal).member("ActiveChanged")?.build());
    for name in saver::SAVERS.iter().map(|(name, _)| *name).chain(quiet::NAMES) {
        rules.push(owner(name)?);
    }
    let news = signals(&bus, rules)?;
    board.facts().desktop_bus = Some(bus.clone());
    read(&bus, board);
    for message in news {
        let message = message?;
        if board.stopped() {
            break;
        }
        if is_news(&message) {
            read(&bus, board);
        }
    }
    Ok(())
}

pub(super) fn read(bus: &Connection, board: &Board) {
    let (locked, quiet) = (saver::active(bus), quiet::read(bus));
    board.write(|facts| facts.desktop = Desktop { known: Known::Yes, locked, quiet });
}
