//! A simulated user who controls the player through MPRIS.

use std::collections::HashMap;
use std::time::Duration;

use anyhow::{Context, Result};
use zbus::blocking::{Connection, Proxy, connection};
use zbus::zvariant::{ObjectPath, OwnedValue};

const PLAYER: &str = "org.mpris.MediaPlayer2.Player";

pub struct SimulatedUser {
    bus: Connection,
    name: String,
}

impl SimulatedUser {
    /// Connects to the bus at this address, for the player with this bus name.
    pub fn new(address: &str, name: &str) -> Result<Self> {
        let limit = Duration::from_secs(3);
        let bus =
            connection::Builder::address(address)?.method_timeout(limit).build().context("cannot reach the bus")?;
        Ok(Self { bus, name: name.into() })
    }

    /// Seeks to `left` before the end of the current song.
    pub fn jump_before_end(&self, left: Duration) -> Result<()> {
        let player = Proxy::new(&self.bus, self.name.as_str(), "/org/mpris/MediaPlayer2", PLAYER)?;
        let metadata: HashMap<String, OwnedValue> = player.get_property("Metadata").context("no metadata")?;
        let length = metadata.get("mpris:length").and_then(|v| i64::try_from(v).ok()).context("no length")?;
        let track =
            metadata.get("mpris:trackid").and_then(|v| v.downcast_ref::<ObjectPath>().ok()).context("no track id")?;
        let position = length - i64::try_from(left.as_micros())?;
        player.call::<_, _, ()>("SetPosition", &(track, position)).context("the player does not jump")
    }
}
