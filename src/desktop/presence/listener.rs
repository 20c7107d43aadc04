//! Listening to one bus for as long as we live, whatever becomes of the bus.

use std::time::{Duration, Instant};

use anyhow::Result;
use zbus::MatchRule;
use zbus::blocking::fdo::DBusProxy;
use zbus::blocking::{Connection, MessageIterator};
use zbus::message::Type;

use crate::desktop::presence::shared_state::SharedState;
use moodring_platform::backoff::Backoff;

/// Waits between attempts to connect double. A machine without the bus is soon left in peace.
const WAITS: Backoff = Backoff::new(Duration::from_secs(1), Duration::from_secs(3600));

pub(super) struct SignalListener {
    pub name: &'static str,
    pub connect: fn(&SharedState) -> zbus::Result<Connection>,
    pub listen: fn(Connection, &SharedState) -> Result<()>,
    pub lost: fn(&SharedState),
}

impl SignalListener {
    pub fn keep(&self, board: &SharedState) {
        let (mut waits, mut silent) = (WAITS, false);
        while !board.stopped() {
            let began = Instant::now();
            let heard = (self.connect)(board).map_err(Into::into).and_then(|bus| (self.listen)(bus, board));
            if board.stopped() {
                return;
            }
            if let Err(error) = heard
                && !std::mem::replace(&mut silent, true)
            {
                tracing::debug!("no word from the {}: {error:#}", self.name);
            }
            (self.lost)(board);
            if began.elapsed() > waits.wait() {
                waits.reset();
                silent = false;
            }
            if !board.rest(waits.next_wait()) {
                return;
            }
        }
    }
}

/// Signals under these rules, from now on.
pub(super) fn signals(bus: &Connection, rules: Vec<MatchRule<'_>>) -> zbus::Result<MessageIterator> {
    let daemon = DBusProxy::new(bus)?;
    let signals = MessageIterator::from(bus);
    rules.into_iter().try_for_each(|rule| daemon.add_match_rule(rule))?;
    Ok(signals)
}

/// Somebody takes or leaves this name.
pub(super) fn owner(name: &'static str) -> zbus::Result<MatchRule<'static>> {
    let rule = MatchRule::builder().msg_type(Type::Signal).sender("org.freedesktop.DBus")?;
    Ok(rule.member("NameOwnerChanged")?.add_arg(name)?.build())
}
