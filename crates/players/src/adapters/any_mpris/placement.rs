//! Where a track list puts a song, found by comparing the list before and after.

use std::path::{Path, PathBuf};

use anyhow::Result;
use zbus::zvariant::ObjectPath;

use crate::mpris::bus::PlayerPeer;
use crate::mpris::track_list;
use crate::strategies::queue_with_readback::SongQueue;
use moodring_core::domain::address;

/// A song that was added, by the id with which it can be removed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Placement {
    AfterCurrent(String),
    /// Elsewhere in the list, or in a list whose ids are positions and so name other tracks tomorrow.
    Elsewhere(String),
}

impl Placement {
    pub(super) fn id(&self) -> &str {
        match self {
            Self::AfterCurrent(id) | Self::Elsewhere(id) => id,
        }
    }
}

/// A track list before a song was added.
#[derive(Clone, Debug)]
pub(super) struct Snapshot {
    pub ids: Vec<String>,
    pub current: String,
}

/// Why nothing may be added to a track list: what is added could not be found or removed again.
pub(super) fn find_unfitness(peer: &PlayerPeer, current: Option<&str>) -> Result<Result<Snapshot, &'static str>> {
    let list = track_list::read(peer)?;
    let Some(current) = current else { return Ok(Err("does not say which track it plays")) };
    let mut sorted = list.ids.clone();
    sorted.sort();
    sorted.dedup();
    Ok(if !list.editable {
        Err("does not let its track list be edited")
    } else if !list.ids.iter().any(|id| id == current) {
        Err("does not list the track that it plays")
    } else if sorted.len() < list.ids.len() {
        Err("gives several tracks the same id")
    } else if list.ids.iter().any(|id| ObjectPath::try_from(id.as_str()).is_err()) {
        Err("gives its tracks invalid ids")
    } else if !track_list::names_file(peer, current)? {
        Err("does not say which files its tracks are")
    } else {
        Ok(Snapshot { ids: list.ids, current: current.to_owned() })
    })
}

impl Snapshot {
    /// The song, if it was added since.
    pub(super) fn find(&self, peer: &PlayerPeer, song: &Path) -> Result<Option<Placement>> {
        let ids = track_list::ids(peer)?;
        let fresh = (0..ids.len()).filter(|at| !self.ids.contains(&ids[*at]));
        if let Some(at) = { fresh }.find(|at| track_list::is_song(peer, &ids[*at], song)) {
            let next = at > 0 && ids[at - 1] == self.current;
            return Ok(Some(if next {
                Placement::AfterCurrent(ids[at].clone())
            } else {
                Placement::Elsewhere(ids[at].clone())
            }));
        }
        Ok(self.find_by_position(peer, &ids, song))
    }

    /// Ids that are positions do not change when a song is put between them; only the list becomes longer.
    fn find_by_position(&self, peer: &PlayerPeer, ids: &[String], song: &Path) -> Option<Placement> {
        let current = self.ids.iter().position(|id| *id == self.current)?;
        let places = [current + 1, ids.len().saturating_sub(1)];
        let longer = ids.len() > self.ids.len();
        let found = places.into_iter().filter_map(|at| ids.get(at)).find(|id| track_list::is_song(peer, id, song));
        found.filter(|_| longer).map(|id| Placement::Elsewhere(id.clone()))
    }

    /// A track that was added since and does not say which file it is.
    pub(super) fn find_nameless(&self, peer: &PlayerPeer) -> Result<Option<Placement>> {
        let ids = track_list::ids(peer)?;
        let fresh: Vec<_> = ids.iter().filter(|id| !self.ids.contains(id)).collect();
        let [id] = fresh[..] else { return Ok(None) };
        Ok((!track_list::names_file(peer, id)?).then(|| Placement::Elsewhere(id.clone())))
    }
}

/// One call to put a song after the current track.
pub(super) struct TrackListQueue<'a> {
    pub peer: &'a PlayerPeer,
    pub before: Snapshot,
}

impl SongQueue for TrackListQueue<'_> {
    type Entry = Placement;

    fn add(&mut self, song: &Path) -> Result<()> {
        let after = ObjectPath::try_from(self.before.current.as_str())?;
        Ok(self.peer.track_list()?.add_track(&address::to_file_uri(song), &after, false)?)
    }

    fn find_added(&mut self, song: &Path) -> Result<Option<Placement>> {
        self.before.find(self.peer, song)
    }

    /// The song right after the current one, where a call that timed out put it.
    fn find_late(&mut self, song: &Path) -> Result<Option<Placement>> {
        let next = track_list::following(&self.before.ids, &self.before.current).first();
        Ok(next.filter(|id| track_list::is_song(self.peer, id, song)).map(|id| Placement::AfterCurrent(id.clone())))
    }

    fn remove_late(&mut self, placement: Placement) -> Result<()> {
        track_list::remove(self.peer, placement.id())
    }
}

/// A song that a player took and did not show in time.
pub(super) struct MissingSong {
    pub song: PathBuf,
    pub before: Snapshot,
}
