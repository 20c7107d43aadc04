//! GNOME keeps "do not disturb" in its settings: `org.gnome.desktop.notifications show-banners`.
//!
//! dconf tells when it changes; the value is asked of GNOME's own tool.

use std::io::Read;
use std::process::{Child, Command, Stdio};

use zbus::MatchRule;
use zbus::blocking::Connection;
use zbus::message::Type;

use crate::desktop::presence::PATIENCE;
use crate::desktop::presence::peer::Peer;
use crate::desktop::presence::trusted_signals::SignalSource;
use moodring_platform::deadline::within;

pub(super) const SIGNALS: SignalSource =
    SignalSource { name: "ca.desrt.dconf", paths: &["/ca/desrt/dconf/Writer"], interfaces: &["ca.desrt.dconf.Writer"] };

pub(super) fn rule() -> zbus::Result<MatchRule<'static>> {
    let rule = MatchRule::builder().msg_type(Type::Signal).interface("ca.desrt.dconf.Writer")?.member("Notify")?;
    Ok(rule.add_arg("/org/gnome/desktop/notifications/show-banners")?.build())
}

/// `None` on other desktops, and when the tool is missing or silent.
pub(super) fn quiet(bus: &Connection) -> Option<bool> {
    Peer::present(bus, "org.gnome.Shell", "/org/gnome/Shell")?;
    let mut tool = Command::new("gsettings");
    tool.args(["get", "org.gnome.desktop.notifications", "show-banners"]);
    let child = tool.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().ok()?;
    Some(answer(child)?.trim() == "false")
}

/// What it prints; it is ended when that takes too long.
fn answer(mut child: Child) -> Option<String> {
    let mut output = child.stdout.take()?;
    let read = within(PATIENCE, move || {
        let mut text = String::new();
        output.read_to_string(&mut text).map(|_| text).ok()
    });
    // Both fail only for a child that has ended.
    let _ = child.kill();
    let ended = child.wait().ok()?;
    read.flatten().filter(|text| ended.success() || !text.is_empty())
}
