//! Listening, without ever asking: threads that sleep until a player says something.

use std::time::Duration;

use anyhow::Result;
use zbus::blocking::{MessageIterator, fdo};
use zbus::message::Type;
use zbus::{MatchRule, Message};

use crate::adapters::mpd::wire::{Endpoint, Wire};
use crate::manager::mailbox::Mailbox;
use crate::mpris::bus::{BusAddress, PATH};

/// Waits between attempts to connect grow from the first to the last.
const WAITS: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(60));

/// Between two reports of changes in MPD.
const CHANGES: Duration = Duration::from_millis(50);

/// What MPD is to tell of.
const PARTS: [&str; 3] = ["player", "playlist", "options"];

/// Listens on the bus until all stops.
pub fn hear_bus(bus: &BusAddress, inbox: &Mailbox) {
    again_and_again(inbox, |reached| {
        let heard = hear_signals(bus, inbox, reached);
        if *reached {
            inbox.bus(None, None);
        }
        heard
    });
}

/// Waits for news of MPD until all stops.
pub fn hear_mpd(door: &Endpoint, inbox: &Mailbox) {
    again_and_again(inbox, |reached| {
        let heard = hear_daemon(door, inbox, reached);
        if *reached {
            inbox.mpd(false);
        }
        heard
    });
}

fn again_and_again(inbox: &Mailbox, mut hear: impl FnMut(&mut bool) -> Result<()>) {
    let mut wait = WAITS.0;
    while !inbox.stopped() {
        let mut reached = false;
        if let Err(error) = hear(&mut reached) {
            tracing::debug!("no news of players: {error:#}");
        }
        if reached {
            wait = WAITS.0;
        }
        if !inbox.rest(wait) {
            return;
        }
        wait = (wait * 2).min(WAITS.1);
    }
}

fn hear_signals(bus: &BusAddress, inbox: &Mailbox, reached: &mut bool) -> Result<()> {
    // Calls go over a connection of their own, where a flood of signals cannot delay answers.
    let (ears, mouth) = (bus.connect()?, bus.connect()?);
    let daemon = fdo::DBusProxy::new(&ears)?;
    // By path alone: VLC 3 sends TrackAdded with a mistyped interface.
    daemon.add_match_rule(MatchRule::builder().msg_type(Type::Signal).path(PATH)?.build())?;
    let names = MatchRule::builder().msg_type(Type::Signal).sender("org.freedesktop.DBus")?;
    let names = names.member("NameOwnerChanged")?.arg0ns("org.mpris.MediaPlayer2")?.build();
    let signals = MessageIterator::from(&ears);
    daemon.add_match_rule(names)?;
    inbox.ends_with_bus(ears.clone());
    inbox.bus(Some(mouth), Some(ears.clone()));
    *reached = true;
    for message in signals {
        pass_on(&message?, inbox);
        if inbox.stopped() {
            break;
        }
    }
    Ok(())
}

fn pass_on(message: &Message, inbox: &Mailbox) {
    let header = message.header();
    let Some(sender) = header.sender() else { return };
    if matches!(header.message_type(), Type::MethodReturn | Type::Error) {
        // Players are asked over this connection only whether they answer; see `ManagedPlayer::ask_for_answer`.
        return inbox.stir(sender.as_str());
    }
    if header.message_type() != Type::Signal {
        return;
    }
    if header.path().is_some_and(|path| path.as_str() == PATH) {
        inbox.stir(sender.as_str());
    } else if header.member().is_some_and(|member| member == "NameOwnerChanged") {
        inbox.names();
    }
}

fn hear_daemon(door: &Endpoint, inbox: &Mailbox, reached: &mut bool) -> Result<()> {
    let mut wire = Wire::open(door)?;
    inbox.ends_with_mpd(wire.plug()?);
    inbox.mpd(true);
    *reached = true;
    while !inbox.stopped() {
        wire.idle(&PARTS)?;
        inbox.stir("mpd");
        // A daemon that reports changes without end is read no more often than others.
        inbox.rest(CHANGES);
    }
    Ok(())
}
