//! systemd-logind or elogind: `org.freedesktop.login1(5)`.

use anyhow::Result;
use zbus::MatchRule;
use zbus::blocking::Connection;
use zbus::message::Type;
use zbus::zvariant::OwnedObjectPath;

use crate::desktop::presence::peer::{Peer, flag, heard, truth};

pub(super) const NAME: &str = "org.freedesktop.login1";
const PATH: &str = "/org/freedesktop/login1";
const MANAGER: &str = "org.freedesktop.login1.Manager";
const SESSION: &str = "org.freedesktop.login1.Session";

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Hints {
    pub locked: Option<bool>,
    pub idle: Option<bool>,
    /// This one comes without a signal.
    pub lid_closed: Option<bool>,
}

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
    Ok(Hints { locked: flag(&said, "LockedHint"), idle: flag(&said, "IdleHint"), lid_closed })
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
