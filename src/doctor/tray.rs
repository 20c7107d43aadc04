//! Is there a tray to show the icon in? Without one, all can be done by commands.

use std::env;

use zbus::blocking::{Connection, fdo::DBusProxy};
use zbus::names::BusName;

use super::Finding;
use crate::control::session_bus;

const WATCHER: &str = "org.kde.StatusNotifierWatcher";

pub(super) fn check() -> Finding {
    let Ok(bus) = session_bus() else {
        return Finding::note("tray", "not looked for: there is no session bus", "see the line above");
    };
    match is_there(&bus) {
        Ok(true) => Finding::ok("tray", "the panel shows tray icons"),
        Ok(false) => {
            let desktop = env::var("XDG_CURRENT_DESKTOP").unwrap_or_default();
            Finding::note("tray", "nothing on this desktop shows tray icons; commands work without", advice(&desktop))
        }
        Err(error) => Finding::note("tray", format!("the bus does not tell: {error}"), "try again"),
    }
}

fn is_there(bus: &Connection) -> zbus::Result<bool> {
    let name = BusName::try_from(WATCHER).map_err(zbus::Error::from)?;
    Ok(DBusProxy::new(bus)?.name_has_owner(name)?)
}

/// `desktop` as in XDG_CURRENT_DESKTOP: names with colons between them.
fn advice(desktop: &str) -> String {
    let is = |name: &str| desktop.split(':').any(|part| part.eq_ignore_ascii_case(name));
    let what = if is("GNOME") {
        "GNOME needs the extension \"AppIndicator and KStatusNotifierItem Support\" (Debian and Ubuntu: \
         gnome-shell-extension-appindicator); then log in again and turn it on in Extensions"
    } else if is("XFCE") {
        "add the Status Tray Plugin to your panel"
    } else {
        "add a system tray (StatusNotifierItem) to your panel"
    };
    what.into()
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
}
