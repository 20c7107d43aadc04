//! Do not disturb, as each desktop keeps it.

use zbus::MatchRule;
use zbus::blocking::Connection;
use zbus::message::Type;
use zbus::zvariant::OwnedValue;

use crate::desktop::presence::gnome;
use crate::desktop::presence::peer::{Peer, truth};
use crate::desktop::presence::shared_state::either;
use crate::desktop::presence::trusted_signals::SignalSource;

const NOTIFICATIONS: (&str, &str) = ("org.freedesktop.Notifications", "/org/freedesktop/Notifications");
const XFCONF: (&str, &str) = ("org.xfce.Xfconf", "/org/xfce/Xfconf");

pub(super) const NAMES: [&str; 2] = [NOTIFICATIONS.0, XFCONF.0];

pub(super) const SIGNALS: [SignalSource; 2] = [
    SignalSource { name: NOTIFICATIONS.0, paths: &[NOTIFICATIONS.1], interfaces: &["org.freedesktop.DBus.Properties"] },
    SignalSource { name: XFCONF.0, paths: &[XFCONF.1], interfaces: &[XFCONF.0] },
];

pub(super) fn rules() -> zbus::Result<Vec<MatchRule<'static>>> {
    let signal = || MatchRule::builder().msg_type(Type::Signal);
    Ok(vec![
        signal().path(NOTIFICATIONS.1)?.member("PropertiesChanged")?.build(),
        signal().path(XFCONF.1)?.member("PropertyChanged")?.add_arg("xfce4-notifyd")?.build(),
        gnome::rule()?,
    ])
}

/// Whether notifications are unwelcome; `None`: nobody tells.
pub(super) fn read(bus: &Connection) -> Option<bool> {
    [daemon(bus), xfce(bus), gnome::quiet(bus)].into_iter().fold(None, either)
}

/// Plasma has the property `Inhibited`, dunst one of its own.
fn daemon(bus: &Connection) -> Option<bool> {
    let (name, path) = NOTIFICATIONS;
    let daemon = Peer::present(bus, name, path)?;
    let property = |interface, name| daemon.get(interface, name).ok().as_ref().and_then(truth);
    property(name, "Inhibited").or_else(|| property("org.dunstproject.cmd0", "paused"))
}

/// xfce4-notifyd keeps it in the settings of Xfce; a property that was never set is not there.
fn xfce(bus: &Connection) -> Option<bool> {
    let (name, path) = XFCONF;
    let key = ("xfce4-notifyd", "/do-not-disturb");
    let said: OwnedValue = Peer::present(bus, name, path)?.call(name, "GetProperty", &key).ok()?;
    truth(&said)
}
