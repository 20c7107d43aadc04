//! Screen savers and lockers of the desktops. Each has `GetActive` and tells `ActiveChanged`.

use zbus::blocking::Connection;

use crate::desktop::presence::peer::Peer;
use crate::desktop::presence::shared_state::either;
use crate::desktop::presence::trusted_signals::SignalSource;

/// The name on the bus, which is the name of the interface too, and where the object may be.
pub(super) const SAVERS: [(&str, &[&str]); 5] = [
    ("org.freedesktop.ScreenSaver", &["/org/freedesktop/ScreenSaver", "/ScreenSaver"]),
    ("org.gnome.ScreenSaver", &["/org/gnome/ScreenSaver"]),
    ("org.xfce.ScreenSaver", &["/org/xfce/ScreenSaver"]),
    ("org.mate.ScreenSaver", &["/org/mate/ScreenSaver"]),
    ("org.cinnamon.ScreenSaver", &["/org/cinnamon/ScreenSaver"]),
];

/// Where `ActiveChanged` comes from: each service's interface is called as the service.
pub(super) fn signal_sources() -> impl Iterator<Item = SignalSource> {
    SAVERS.iter().map(|(name, paths)| SignalSource { name, paths, interfaces: std::slice::from_ref(name) })
}

/// Whether one of them locks or blanks the screen; `None`: none tells.
pub(super) fn active(bus: &Connection) -> Option<bool> {
    SAVERS.iter().map(|(name, paths)| ask(bus, name, paths, "GetActive")).fold(None, either)
}

/// The first answer of an object that there is.
pub(super) fn ask<R>(bus: &Connection, name: &str, paths: &[&str], method: &str) -> Option<R>
where
    R: for<'d> zbus::zvariant::DynamicDeserialize<'d>,
{
    paths.iter().find_map(|path| Peer::present(bus, name, *path)?.call(name, method, &()).ok())
}
