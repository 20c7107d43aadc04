//! A desktop without a tray. GNOME is one, until its owner adds an extension.

use std::env;

use anyhow::Result;
use zbus::MatchRule;
use zbus::blocking::fdo::DBusProxy;
use zbus::blocking::{Connection, MessageIterator};
use zbus::message::Type;
use zbus::names::BusName;

/// Whoever has this name shows tray icons.
const WATCHER: &str = "org.kde.StatusNotifierWatcher";

pub fn is_there(bus: &Connection) -> zbus::Result<bool> {
    let name = BusName::try_from(WATCHER).map_err(zbus::Error::from)?;
    Ok(DBusProxy::new(bus)?.name_has_owner(name)?)
}

/// The names of this desktop, with colons between them.
pub fn desktop() -> String {
    env::var("XDG_CURRENT_DESKTOP").unwrap_or_default()
}

/// What the owner of a desktop without a tray can do.
pub fn advice(desktop: &str) -> &'static str {
    if is(desktop, "GNOME") {
        "GNOME needs the extension \"AppIndicator and KStatusNotifierItem Support\" (Debian and Ubuntu: \
         gnome-shell-extension-appindicator); then log in again and turn it on in Extensions"
    } else if is(desktop, "XFCE") {
        "add the Status Tray Plugin to your panel"
    } else {
        "add a system tray (StatusNotifierItem) to your panel"
    }
}

/// Other desktops have a tray, or owners who chose to have none.
pub(super) fn needs_help(desktop: &str) -> bool {
    is(desktop, "GNOME")
}

fn is(desktop: &str, name: &str) -> bool {
    desktop.split(':').any(|part| part.eq_ignore_ascii_case(name))
}

/// Calls `report` now and whenever it changes whether tray icons are shown, until the bus ends or it returns `false`.
pub(super) fn watch(bus: &Connection, report: impl Fn(bool) -> bool) -> Result<()> {
    let rule = MatchRule::builder().msg_type(Type::Signal).sender("org.freedesktop.DBus")?;
    let rule = rule.member("NameOwnerChanged")?.add_arg(WATCHER)?.build();
    let changes = MessageIterator::for_match_rule(rule, bus, None)?;
    let mut going = report(is_there(bus)?);
    for message in changes {
        if !going {
            break;
        }
        let (_, _, owner): (String, String, String) = message?.body().deserialize()?;
        going = report(!owner.is_empty());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_desktop_gets_its_own_advice() {
        assert!(advice("ubuntu:GNOME").contains("gnome-shell-extension-appindicator"));
        assert!(advice("XFCE").contains("Status Tray Plugin"));
        assert!(advice("").contains("StatusNotifierItem"));
    }

    #[test]
    fn only_on_gnome_is_its_owner_told_unasked() {
        assert!(needs_help("ubuntu:GNOME") && needs_help("GNOME"));
        assert!(!needs_help("KDE") && !needs_help("sway") && !needs_help(""));
    }
}
