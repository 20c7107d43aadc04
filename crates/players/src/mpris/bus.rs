//! The session bus: connecting with a time limit on every call, and the interfaces of players.

use std::collections::HashMap;

use anyhow::Result;
use zbus::blocking::connection::Builder;
use zbus::blocking::{Connection, fdo as proxies};
use zbus::fdo;
use zbus::names::{BusName, InterfaceName, UniqueName};
use zbus::proxy;
use zbus::zvariant::{ObjectPath, OwnedObjectPath, OwnedValue, Value};

use crate::call_limit::CALL_LIMIT;
use crate::mpris::metadata::Fields;

/// Every MPRIS player has this path.
pub const PATH: &str = "/org/mpris/MediaPlayer2";

/// The beginning of the names of all MPRIS players.
pub const PREFIX: &str = "org.mpris.MediaPlayer2.";

/// Which bus to look for players on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum BusAddress {
    /// The session bus of the user.
    #[default]
    Session,
    /// Another bus, by its address.
    At(String),
}

impl BusAddress {
    pub fn connect(&self) -> Result<Connection> {
        let builder = match self {
            Self::Session => Builder::session()?,
            Self::At(address) => Builder::address(address.as_str())?,
        };
        Ok(builder.method_timeout(CALL_LIMIT).build()?)
    }
}

/// A player on the bus. Calls go to its unique name, so they never start a program and never reach a later player.
#[derive(Clone)]
pub struct PlayerPeer {
    pub bus: Connection,
    pub owner: String,
}

impl PlayerPeer {
    /// All properties of an interface in one call: asking for single ones kills Celluloid 0.20.
    pub fn all(&self, interface: &'static str) -> Result<Fields> {
        let name = InterfaceName::from_static_str(interface)?;
        self.properties()?.get_all(name).map_err(|error| self.add_player_context(error))
    }

    /// Where it is in the song: the one property that Rhythmbox leaves out of `GetAll`.
    pub fn position(&self) -> Result<OwnedValue> {
        let name = InterfaceName::from_static_str("org.mpris.MediaPlayer2.Player")?;
        self.properties()?.get(name, "Position").map_err(|error| self.add_player_context(error))
    }

    fn properties(&self) -> Result<proxies::PropertiesProxy<'_>> {
        Ok(proxies::PropertiesProxy::builder(&self.bus).destination(self.owner.as_str())?.path(PATH)?.build()?)
    }

    pub fn controls(&self) -> Result<ControlsProxy<'_>> {
        Ok(ControlsProxy::builder(&self.bus).destination(self.owner.as_str())?.build()?)
    }

    pub fn track_list(&self) -> Result<TrackListProxy<'_>> {
        Ok(TrackListProxy::builder(&self.bus).destination(self.owner.as_str())?.build()?)
    }

    pub fn playlists(&self) -> Result<PlaylistsProxy<'_>> {
        Ok(PlaylistsProxy::builder(&self.bus).destination(self.owner.as_str())?.build()?)
    }

    pub fn play_queue(&self) -> Result<PlayQueueProxy<'_>> {
        Ok(PlayQueueProxy::builder(&self.bus).destination(self.owner.as_str())?.build()?)
    }

    pub fn audacious(&self) -> Result<AudaciousProxy<'_>> {
        Ok(AudaciousProxy::builder(&self.bus).destination(self.owner.as_str())?.build()?)
    }

    /// The window of Celluloid, which uses another connection to the bus than its MPRIS interface.
    pub fn celluloid(&self) -> Result<ActionsProxy<'_>> {
        let daemon = proxies::DBusProxy::new(&self.bus)?;
        let owner = daemon.get_name_owner(BusName::from_static_str("io.github.celluloid_player.Celluloid")?)?;
        Ok(ActionsProxy::builder(&self.bus).destination(owner)?.build()?)
    }

    /// The process at the other end, as far as the bus knows.
    pub fn pid(&self) -> Option<u32> {
        let name = UniqueName::try_from(self.owner.as_str()).ok()?;
        proxies::DBusProxy::new(&self.bus).ok()?.get_connection_unix_process_id(name.into()).ok()
    }

    fn add_player_context(&self, error: fdo::Error) -> anyhow::Error {
        anyhow::Error::from(zbus::Error::from(error)).context(format!("the player at {} does not answer", self.owner))
    }
}

/// Whether a call failed because the player is not on the bus any more.
pub fn is_gone(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| cause.downcast_ref::<zbus::Error>().is_some_and(is_absence))
}

fn is_absence(error: &zbus::Error) -> bool {
    const ABSENCE: [&str; 4] = ["ServiceUnknown", "NameHasNoOwner", "NoReply", "Disconnected"];
    match error {
        zbus::Error::MethodError(name, ..) => {
            name.strip_prefix("org.freedesktop.DBus.Error.").is_some_and(|name| ABSENCE.contains(&name))
        }
        zbus::Error::FDO(inner) => match &**inner {
            fdo::Error::ZBus(inner) => is_absence(inner),
            inner => matches!(
                inner,
                fdo::Error::ServiceUnknown(_)
                    | fdo::Error::NameHasNoOwner(_)
                    | fdo::Error::NoReply(_)
                    | fdo::Error::Disconnected(_)
            ),
        },
        zbus::Error::InputOutput(_) => true,
        _ => false,
    }
}

/// The names of players on the bus and who owns them: well-known name, unique name, process.
pub fn players(bus: &Connection) -> Result<Vec<(String, String, Option<u32>)>> {
    let daemon = proxies::DBusProxy::new(bus)?;
    let names = daemon.list_names()?.into_iter().filter(|name| name.starts_with(PREFIX));
    let known = names.filter_map(|name| {
        // A name may have gone since it was listed.
        let owner = daemon.get_name_owner(name.inner().clone()).ok()?;
        let pid = daemon.get_connection_unix_process_id(BusName::from(owner.inner().clone())).ok();
        Some((name.to_string(), owner.to_string(), pid))
    });
    Ok(known.collect())
}

#[proxy(
    interface = "org.mpris.MediaPlayer2.Player",
    default_path = "/org/mpris/MediaPlayer2",
    gen_async = false,
    blocking_name = "ControlsProxy"
)]
pub trait Controls {
    /// Ends the current song and plays the next one.
    fn next(&self) -> zbus::Result<()>;

    /// Plays this at once.
    fn open_uri(&self, address: &str) -> zbus::Result<()>;
}

#[proxy(
    interface = "org.mpris.MediaPlayer2.TrackList",
    default_path = "/org/mpris/MediaPlayer2",
    gen_async = false,
    blocking_name = "TrackListProxy"
)]
pub trait TrackList {
    /// Inserts a song after a track; success says nothing about effect.
    fn add_track(&self, address: &str, after: &ObjectPath<'_>, play: bool) -> zbus::Result<()>;

    fn remove_track(&self, id: &ObjectPath<'_>) -> zbus::Result<()>;

    /// Plays a track of the list.
    fn go_to(&self, id: &ObjectPath<'_>) -> zbus::Result<()>;

    fn get_tracks_metadata(&self, ids: &[ObjectPath<'_>]) -> zbus::Result<Vec<HashMap<String, OwnedValue>>>;
}

#[proxy(
    interface = "org.mpris.MediaPlayer2.Playlists",
    default_path = "/org/mpris/MediaPlayer2",
    gen_async = false,
    blocking_name = "PlaylistsProxy"
)]
pub trait Playlists {
    /// Path, name and icon of each list.
    fn get_playlists(
        &self,
        from: u32,
        count: u32,
        order: &str,
        reverse: bool,
    ) -> zbus::Result<Vec<(OwnedObjectPath, String, String)>>;
}

#[proxy(
    interface = "org.gnome.Rhythmbox3.PlayQueue",
    default_path = "/org/gnome/Rhythmbox3/PlayQueue",
    gen_async = false,
    blocking_name = "PlayQueueProxy"
)]
pub trait PlayQueue {
    /// Appends to the queue, which plays before the list goes on.
    fn add_to_queue(&self, address: &str) -> zbus::Result<()>;

    fn remove_from_queue(&self, address: &str) -> zbus::Result<()>;
}

/// The window of Celluloid.
#[proxy(
    interface = "org.gtk.Actions",
    default_path = "/io/github/celluloid_player/Celluloid/window/1",
    gen_async = false,
    blocking_name = "ActionsProxy"
)]
pub trait Actions {
    fn activate(&self, action: &str, parameter: &[Value<'_>], platform: HashMap<&str, Value<'_>>) -> zbus::Result<()>;
}

/// Positions count from 0 and mean the list that Audacious shows.
#[proxy(
    interface = "org.atheme.audacious",
    default_path = "/org/atheme/audacious",
    gen_async = false,
    blocking_name = "AudaciousProxy"
)]
pub trait AudaciousControls {
    fn playlist_ins_url_string(&self, address: &str, position: i32) -> zbus::Result<()>;

    fn delete(&self, position: u32) -> zbus::Result<()>;

    fn position(&self) -> zbus::Result<u32>;

    fn length(&self) -> zbus::Result<i32>;

    /// The address of a song; empty past the end.
    fn song_filename(&self, position: u32) -> zbus::Result<String>;

    /// A tag of a song, such as "title".
    fn song_tuple(&self, position: u32, tag: &str) -> zbus::Result<OwnedValue>;

    /// How many songs wait in the queue that jumps about in the list.
    fn get_playqueue_length(&self) -> zbus::Result<i32>;

    fn shuffle(&self) -> zbus::Result<bool>;

    fn auto_advance(&self) -> zbus::Result<bool>;

    /// Stops after the current song.
    fn stop_after(&self) -> zbus::Result<bool>;
}
