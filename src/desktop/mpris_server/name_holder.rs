//! Our player on a connection of its own, which the crate makes, and the hold on its name.

use anyhow::{Result, bail};
use mpris_server::Server;
use zbus::blocking::Connection;
use zbus::blocking::fdo::DBusProxy;
use zbus::fdo::{self, RequestNameFlags, RequestNameReply};

use crate::desktop::mpris_server::{NAME, Snapshot, changes};
use moodring_core::domain::view::MprisSnapshot;
use moodring_platform::bus::BUS_LIMIT;
use moodring_platform::deadline::within;

/// On the bus until it is dropped.
pub(super) struct NameHolder(Server<Snapshot>);

impl NameHolder {
    /// Takes the name, within twice the time that a bus has. A name that another has is left to it, and ours is given to
    /// nobody.
    ///
    /// The crate asks for the name with zbus's default flags: it would take it from one that lets it go, and would let ours
    /// go to the next. So it asks only while nobody has the name, and what it got is held with a request of our own.
    pub fn appear(bus: &Connection, board: Snapshot) -> Result<Self> {
        if DBusProxy::new(bus)?.name_has_owner(NAME.try_into()?)? {
            return taken();
        }
        // The crate sets no limit.
        let Some(face) = within(BUS_LIMIT, || zbus::block_on(take(board))) else { bail!("the bus does not answer") };
        face
    }

    /// Whether the bus has closed the connection.
    pub fn is_lost(&self) -> bool {
        self.0.connection().is_closed()
    }

    /// Shows this from now on, and tells what differs.
    pub fn show(&self, before: &MprisSnapshot, now: MprisSnapshot) -> Result<()> {
        *self.0.imp().shown() = now.clone();
        zbus::block_on(changes::tell(&self.0, before, &now)).map_err(Into::into)
    }
}

impl Drop for NameHolder {
    fn drop(&mut self) {
        // Requests that are still being answered hold the connection too. It may be gone already.
        let _ = zbus::block_on(self.0.connection().clone().close());
    }
}

fn taken<T>() -> Result<T> {
    bail!("another program has the name {NAME}")
}

/// A request by the owner of a name changes its flags (D-Bus specification, `RequestName`). Connections do not pass on a
/// second request for a name of theirs, so this goes to the bus itself.
async fn take(board: Snapshot) -> Result<NameHolder> {
    let face = match Server::new_with_all("moodring", board).await {
        Ok(server) => NameHolder(server),
        Err(zbus::Error::NameTaken) => return taken(),
        Err(error) => return Err(error.into()),
    };
    let bus = fdo::DBusProxy::new(face.0.connection()).await?;
    match bus.request_name(NAME.try_into()?, RequestNameFlags::DoNotQueue.into()).await? {
        RequestNameReply::AlreadyOwner | RequestNameReply::PrimaryOwner => Ok(face),
        RequestNameReply::InQueue | RequestNameReply::Exists => taken(),
    }
}
