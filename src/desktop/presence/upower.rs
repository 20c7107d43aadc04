//! UPower: battery and lid, which it tells of by itself.

use anyhow::Result;
use zbus::MatchRule;
use zbus::blocking::Connection;
use zbus::message::Type;

use crate::desktop::presence::peer::{Peer, flag, heard};
use crate::desktop::presence::trusted_signals::SignalSource;

pub(super) const NAME: &str = "org.freedesktop.UPower";
const PATH: &str = "/org/freedesktop/UPower";

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Power {
    pub on_battery: Option<bool>,
    /// `None` also for a machine without a lid.
    pub lid_closed: Option<bool>,
}

pub(super) const SIGNALS: SignalSource =
    SignalSource { name: NAME, paths: &[PATH], interfaces: &["org.freedesktop.DBus.Properties"] };

/// Changes of the machine, not of each battery's charge.
pub(super) fn rule() -> zbus::Result<MatchRule<'static>> {
    let rule = MatchRule::builder().msg_type(Type::Signal).sender(NAME)?.path(PATH)?;
    Ok(rule.interface("org.freedesktop.DBus.Properties")?.member("PropertiesChanged")?.build())
}

/// # Errors
/// Only when it does not answer in time.
pub(super) fn read(bus: &Connection) -> Result<Power> {
    let said = heard(Peer::named(bus, NAME, PATH).all(NAME))?.unwrap_or_default();
    let lid = flag(&said, "LidIsPresent") == Some(true);
    Ok(Power { on_battery: flag(&said, "OnBattery"), lid_closed: flag(&said, "LidIsClosed").filter(|_| lid) })
}
