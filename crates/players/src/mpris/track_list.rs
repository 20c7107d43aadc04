//! The `TrackList` interface of MPRIS: reading and editing.

use moodring_core::domain::playback::HORIZON;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::Result;
use zbus::zvariant::{ObjectPath, Value};

use crate::mpris::bus::PlayerPeer;
use crate::mpris::metadata::{self, Fields};
use moodring_core::domain::track::Track;

/// How long an effect may take to show.
pub const EFFECT: Duration = Duration::from_secs(1);

/// Between two checks for an effect.
pub const PAUSE: Duration = Duration::from_millis(40);

/// The track list as the player reports it.
#[derive(Clone, Debug)]
pub struct ListedTracks {
    /// In the order of the list.
    pub ids: Vec<String>,
    /// False only if the player says so.
    pub editable: bool,
}

pub fn read(peer: &PlayerPeer) -> Result<ListedTracks> {
    let properties = peer.all("org.mpris.MediaPlayer2.TrackList")?;
    let editable = !matches!(properties.get("CanEditTracks").map(|v| &**v), Some(Value::Bool(false)));
    let Some(Value::Array(list)) = properties.get("Tracks").map(|v| &**v) else {
        return Ok(ListedTracks { ids: Vec::new(), editable });
    };
    let read = |value: &Value<'_>| match value {
        Value::ObjectPath(path) => Some(path.to_string()),
        Value::Str(text) => Some(text.to_string()),
        _ => None,
    };
    Ok(ListedTracks { ids: list.iter().filter_map(read).collect(), editable })
}

/// The ids of the list, in its order.
pub fn ids(peer: &PlayerPeer) -> Result<Vec<String>> {
    Ok(read(peer)?.ids)
}

/// Whether the player reports an address for this track, of a local file or another.
pub fn names_file(peer: &PlayerPeer, id: &str) -> Result<bool> {
    let found = describe(peer, &[id.to_owned()])?;
    let address = |fields: &Fields| {
        let words = ["xesam:url", "xesam:uri"].iter().find_map(|name| metadata::get_str(fields, name));
        words.is_some_and(|address| !address.is_empty())
    };
    Ok(found.first().is_some_and(address))
}

/// The ids after the current one; all when it is not listed.
pub fn following<'a>(ids: &'a [String], current: &str) -> &'a [String] {
    let at = ids.iter().position(|id| id == current).map_or(0, |at| at + 1);
    &ids[at..]
}

/// The tracks after the current one.
pub fn upcoming(peer: &PlayerPeer, current: &str) -> Result<Vec<Track>> {
    let ids = ids(peer)?;
    let near: Vec<_> = following(&ids, current).iter().take(HORIZON).cloned().collect();
    Ok(describe(peer, &near)?.iter().map(metadata::parse_track).collect())
}

/// Metadata of tracks; an id that is gone by now is left out.
pub fn describe(peer: &PlayerPeer, ids: &[String]) -> Result<Vec<Fields>> {
    let paths = ids.iter().map(|id| ObjectPath::try_from(id.as_str())).collect::<Result<Vec<_>, _>>()?;
    let list = peer.track_list()?;
    match list.get_tracks_metadata(&paths) {
        Err(zbus::Error::MethodError(..)) if paths.len() > 1 => {
            let each = paths.iter().filter_map(|path| list.get_tracks_metadata(std::slice::from_ref(path)).ok());
            Ok(each.flatten().collect())
        }
        Err(zbus::Error::MethodError(..)) => Ok(Vec::new()),
        other => Ok(other?),
    }
}

/// Whether this track is that song.
pub fn is_song(peer: &PlayerPeer, id: &str, song: &Path) -> bool {
    let found = describe(peer, &[id.to_owned()]).unwrap_or_default();
    found.first().is_some_and(|fields| metadata::parse_track(fields).path.as_deref() == Some(song))
}

pub fn remove(peer: &PlayerPeer, id: &str) -> Result<()> {
    Ok(peer.track_list()?.remove_track(&ObjectPath::try_from(id)?)?)
}

/// Waits until a condition holds, at most [`EFFECT`]; false if it does not.
pub fn wait_until_shown(mut shows: impl FnMut() -> Result<bool>) -> Result<bool> {
    let end = Instant::now() + EFFECT;
    loop {
        if shows()? {
            return Ok(true);
        }
        if Instant::now() > end {
            return Ok(false);
        }
        std::thread::sleep(PAUSE);
    }
}
