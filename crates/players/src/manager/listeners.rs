//! Threads that wait for signals of players and never call one.

use std::time::Duration;

use anyhow::Result;
use zbus::blocking::{MessageIterator, fdo};
use zbus::message::Type;
use zbus::{MatchRule, Message};

use crate::adapters::mpd::wire::{Endpoint, Wire};
use crate::manager::mailbox::Mailbox;
use crate::mpris::bus::{BusAddress, PATH};

/// The first and the longest wait between two attempts to connect.
const WAITS: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(60));

/// Between two reports of changes in MPD.
const CHANGES: Duration = Duration::from_millis(50);

/// The subsystems whose changes MPD reports.
const PARTS: [&str; 3] = ["player", "playlist", "options"];

/// Listens on the bus until the manager stops.
pub(super) fn listen_to_bus(bus: &BusAddress, mailbox: &Mailbox) {
    reconnect_until_stopped(mailbox, |reached| {
        let ended = listen_to_signals(bus, mailbox, reached);
        if *reached {
            mailbox.set_bus(None, None);
        }
        ended
    });
}

/// Waits for changes in MPD until the manager stops.
pub(super) fn listen_to_mpd(endpoint: &Endpoint, mailbox: &Mailbox) {
    reconnect_until_stopped(mailbox, |reached| {
        let ended = listen_to_daemon(endpoint, mailbox, reached);
        if *reached {
            mailbox.set_mpd(false);
        }
        ended
    });
}

fn reconnect_until_stopped(mailbox: &Mailbox, mut listen: impl FnMut(&mut bool) -> Result<()>) {
    let mut wait = WAITS.0;
    while !mailbox.stopped() {
        let mut reached = false;
        if let Err(error) = listen(&mut reached) {
            tracing::debug!("cannot listen to players: {error:#}");
        }
        if reached {
            wait = WAITS.0;
        }
        if !mailbox.wait(wait) {
            return;
        }
        wait = (wait * 2).min(WAITS.1);
    }
}

fn listen_to_signals(bus: &BusAddress, mailbox: &Mailbox, reached: &mut bool) -> Result<()> {
    // Calls go over a connection of their own, where a flood of signals cannot delay answers.
    let (signal_bus, call_bus) = (bus.connect()?, bus.connect()?);
    let daemon = fdo::DBusProxy::new(&signal_bus)?;
    // By path alone: VLC 3 sends TrackAdded with a mistyped interface.
    daemon.add_match_rule(MatchRule::builder().msg_type(Type::Signal).path(PATH)?.build())?;
    let names = MatchRule::builder().msg_type(Type::Signal).sender("org.freedesktop.DBus")?;
    let names = names.member("NameOwnerChanged")?.arg0ns("org.mpris.MediaPlayer2")?.build();
    let signals = MessageIterator::from(&signal_bus);
    daemon.add_match_rule(names)?;
    mailbox.set_bus_to_close(signal_bus.clone());
    mailbox.set_bus(Some(call_bus), Some(signal_bus.clone()));
    *reached = true;
    for message in signals {
        pass_on(&message?, mailbox);
        if mailbox.stopped() {
            break;
        }
    }
    Ok(())
}

fn pass_on(message: &Message, mailbox: &Mailbox) {
    let header = message.header();
    let Some(sender) = header.sender() else { return };
    if matches!(header.message_type(), Type::MethodReturn | Type::Error) {
        // Over this connection players only get a probe whether they answer; see `ManagedPlayer::send_probe`.
        return mailbox.note_change(sender.as_str());
    }
    if header.message_type() != Type::Signal {
        return;
    }
    if header.path().is_some_and(|path| path.as_str() == PATH) {
        mailbox.note_change(sender.as_str());
    } else if header.member().is_some_and(|member| member == "NameOwnerChanged") {
        mailbox.note_names();
    }
}

fn listen_to_daemon(endpoint: &Endpoint, mailbox: &Mailbox, reached: &mut bool) -> Result<()> {
    let mut wire = Wire::open(endpoint)?;
    mailbox.set_mpd_to_close(wire.shutdown_handle()?);
    mailbox.set_mpd(true);
    *reached = true;
    while !mailbox.stopped() {
        wire.idle(&PARTS)?;
        mailbox.note_change("mpd");
        // A daemon that reports changes without end is read no more often than others.
        mailbox.wait(CHANGES);
    }
    Ok(())
}
