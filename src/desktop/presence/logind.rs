//! systemd-logind or elogind: `org.freedesktop.login1(5)`.

use anyhow::Result;
use zbus::blocking::Connection;
use zbus::message::Type;
use zbus::zvariant::OwnedObjectPath;
use zbus::{MatchRule, Message};

use crate::desktop::presence::peer::{Peer, flag, heard, truth};
use crate::desktop::presence::trusted_signals::SignalSource;

pub(super) const NAME: &str = "org.freedesktop.login1";
const PATH: &str = "/org/freedesktop/login1";
const MANAGER: &str = "org.freedesktop.login1.Manager";
const SESSION: &str = "org.freedesktop.login1.Session";

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Hints {
    pub locked: Option<bool>,
    /// Whether the session is in front on its seat; after a fast user switch it is not.
    pub active: Option<bool>,
    pub idle: Option<bool>,
    /// This one comes without a signal.
    pub lid_closed: Option<bool>,
}

pub(super) const SIGNALS: SignalSource =
    SignalSource { name: NAME, paths: &[PATH], interfaces: &[MANAGER, SESSION, "org.freedesktop.DBus.Properties"] };

/// All its signals: sleep, and what changes in sessions.
pub(super) fn rule() -> zbus::Result<MatchRule<'static>> {
    Ok(MatchRule::builder().msg_type(Type::Signal).sender(NAME)?.path_namespace(PATH)?.build())
}

/// What it says of the session that its user sees; nothing where there is no logind.
///
/// # Errors
/// Only when it does not answer in time.
pub(super) fn read(bus: &Connection) -> Result<Hints> {
    let lid_closed = lid_closed(bus)?;
    let Some(path) = session(bus)? else { return Ok(Hints { lid_closed, ..Hints::default() }) };
    let said = heard(Peer::named(bus, NAME, path.as_str()).all(SESSION))?.unwrap_or_default();
    let flag = |name| flag(&said, name);
    Ok(Hints { locked: flag("LockedHint"), active: flag("Active"), idle: flag("IdleHint"), lid_closed })
}

/// `PrepareForSleep` in a signal that is believed: `true` before the sleep, `false` after it.
pub(super) fn sleep_signal(message: &Message) -> Option<bool> {
    let header = message.header();
    let manager = header.interface()? == MANAGER && header.path()? == PATH;
    let is_sleep = manager && header.member()? == "PrepareForSleep";
    if is_sleep { message.body().deserialize().ok() } else { None }
}

pub(super) fn lid_closed(bus: &Connection) -> Result<Option<bool>> {
    let said = heard(Peer::named(bus, NAME, PATH).get(MANAGER, "LidClosed"))?;
    Ok(said.as_ref().and_then(truth))
}

/// The graphical session of this user. An agent that systemd started belongs to none itself.
fn session(bus: &Connection) -> Result<Option<OwnedObjectPath>> {
    if let Some(path) = display(bus)? {
        return Ok(Some(path));
    }
    let manager = Peer::named(bus, NAME, PATH);
    if let Ok(id) = std::env::var("XDG_SESSION_ID")
        && let Some(path) = heard(manager.call(MANAGER, "GetSession", &id))?
    {
        return Ok(Some(path));
    }
    heard(manager.call(MANAGER, "GetSessionByPID", &std::process::id()))
}

fn display(bus: &Connection) -> Result<Option<OwnedObjectPath>> {
    let user = Peer::named(bus, NAME, "/org/freedesktop/login1/user/self");
    let Some(said) = heard(user.get("org.freedesktop.login1.User", "Display"))? else { return Ok(None) };
    let shown = <(String, OwnedObjectPath)>::try_from(said).ok();
    Ok(shown.map(|(_, path)| path).filter(|path| path.as_str() != "/"))
}
