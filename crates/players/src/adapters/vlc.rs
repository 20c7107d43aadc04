//! VLC 3: its TrackList works, but `Tracks` shows what was added only from the next song on.
//!
//! Every item ever made has the next number, and `GetTracksMetadata` knows items that `Tracks` does not show yet.

use std::path::{Path, PathBuf};

use anyhow::Result;
use zbus::zvariant::ObjectPath;

use crate::mpris::playback::Mpris;
use crate::mpris::{metadata, track_list};
use crate::player::{Player, QueueEntry};
use crate::strategies::begun_entries::BegunEntries;
use crate::strategies::queue_with_readback::{QueueWithReadback, SongQueue};
use moodring_core::domain::address;
use moodring_core::domain::playback::{Dequeued, Playback, QueueMethod};
use moodring_core::domain::track::Track;
use moodring_core::error::user_error;

const ITEM: &str = "/org/videolan/vlc/playlist/";

/// Numbers without an item in a row after which there are no more: items that were taken out leave gaps.
const GAP: u32 = 4;

/// The same before the first reading: an earlier Moodring may have removed many items.
const WIDE: u32 = 64;

/// How many items beyond `Tracks` are searched; a user adds fewer by hand during one song.
const LATE: usize = 24;

pub(crate) struct Vlc {
    base: Mpris,
    /// The items that Moodring added: the number of each, and of the item before it.
    own_entries: Vec<(u32, u32)>,
    /// The highest number seen; `None` before the first reading.
    highest: Option<u32>,
    begun: BegunEntries,
    readback: QueueWithReadback,
}

impl Vlc {
    pub(crate) fn new(base: Mpris) -> Self {
        Self {
            base,
            own_entries: Vec::new(),
            highest: None,
            begun: BegunEntries::default(),
            readback: Default::default(),
        }
    }

    /// All items of the list, in its order.
    fn items(&mut self) -> Result<Vec<u32>> {
        let listed: Vec<u32> = track_list::ids(&self.base.peer)?.iter().filter_map(|id| number(id)).collect();
        let late = self.find_late_items(&listed)?;
        Ok(order_items(listed, &late, &self.own_entries))
    }

    /// Items that are too new for `Tracks`.
    fn find_late_items(&mut self, listed: &[u32]) -> Result<Vec<u32>> {
        let first = listed.iter().max().map_or(0, |id| id + 1);
        let late = find_late_items(first, self.highest, |id| Ok(self.file(id)?.is_some()))?;
        self.highest = raise_highest(self.highest, &late, first);
        Ok(late)
    }

    /// The file of an item; `None` when there is no such item.
    fn file(&self, id: u32) -> Result<Option<PathBuf>> {
        let found = track_list::describe(&self.base.peer, &[name(id)])?;
        Ok(found.first().and_then(|fields| metadata::parse_track(fields).path))
    }

    fn upcoming(&mut self, current: u32) -> Result<Vec<Track>> {
        let items = self.items()?;
        let next = items.iter().position(|id| *id == current).map_or(0, |at| at + 1);
        let near: Vec<_> =
            items[next..].iter().take(moodring_core::domain::playback::HORIZON).map(|id| name(*id)).collect();
        Ok(track_list::describe(&self.base.peer, &near)?.iter().map(metadata::parse_track).collect())
    }

    fn find(&mut self, song: &Path, before: &[u32]) -> Result<Option<u32>> {
        for id in self.items()?.into_iter().filter(|id| !before.contains(id)) {
            if self.file(id)?.as_deref() == Some(song) {
                return Ok(Some(id));
            }
        }
        Ok(None)
    }

    /// Puts a song after the current item.
    fn add(&mut self, song: &Path, current: u32) -> Result<Option<u32>> {
        let mut readback = std::mem::take(&mut self.readback);
        let mut queue = VlcQueue { vlc: self, current, before: Vec::new() };
        let added = readback.queue(&mut queue, song);
        let before = queue.before;
        self.readback = readback;
        if let Ok(None) = added {
            // Its numbers may be far beyond those seen so far.
            self.highest = None;
            return self.find(song, &before);
        }
        added
    }
}

/// One call to put a song after the current item.
struct VlcQueue<'a> {
    vlc: &'a mut Vlc,
    current: u32,
    /// The items that were there before.
    before: Vec<u32>,
}

impl SongQueue for VlcQueue<'_> {
    type Entry = u32;

    fn add(&mut self, song: &Path) -> Result<()> {
        self.before = self.vlc.items()?;
        let after = name(self.current);
        let list = self.vlc.base.peer.track_list()?;
        Ok(list.add_track(&address::to_file_uri(song), &ObjectPath::try_from(&*after)?, false)?)
    }

    fn find_added(&mut self, song: &Path) -> Result<Option<u32>> {
        self.vlc.find(song, &self.before)
    }

    /// An item behind the current one with this song.
    fn find_late(&mut self, song: &Path) -> Result<Option<u32>> {
        let known: Vec<u32> = track_list::ids(&self.vlc.base.peer)?.iter().filter_map(|id| number(id)).collect();
        let old = known.iter().position(|id| *id == self.current).map_or(&known[..0], |at| &known[..=at]);
        self.vlc.find(song, old)
    }

    fn remove_late(&mut self, id: u32) -> Result<()> {
        track_list::remove(&self.vlc.base.peer, &name(id))
    }
}

impl Player for Vlc {
    fn name(&self) -> &str {
        self.base.name()
    }

    fn queue_method(&self) -> QueueMethod {
        QueueMethod::AfterCurrent { take_back: true }
    }

    fn read_playback(&mut self) -> Result<Playback> {
        let now = self.base.read_state()?;
        now.id.iter().for_each(|id| self.begun.note_current(id));
        let current = now.id.as_deref().and_then(number);
        let upcoming = current.map(|id| self.upcoming(id)).transpose()?;
        Ok(self.base.playback_with(now, self.queue_method(), upcoming))
    }

    fn queue(&mut self, song: &Path) -> Result<QueueEntry> {
        let now = self.base.check_ready()?;
        let Some(current) = now.id.as_deref().and_then(number) else {
            return Err(user_error("VLC does not say which item it plays", "start the song again"));
        };
        let Some(id) = self.add(song, current)? else {
            return Err(user_error("VLC did not put the song into its list", "queue it by hand, or restart VLC"));
        };
        self.own_entries.push((id, current));
        self.begun.add(&name(id));
        Ok(QueueEntry::new(name(id), song))
    }

    fn dequeue(&mut self, entry: &QueueEntry) -> Result<Dequeued> {
        let Some(id) = number(&entry.id) else { return Ok(Dequeued::NotThere) };
        let current = self.base.read_state()?.id.as_deref().and_then(number);
        let keep = current == Some(id) || self.begun.has_begun(&entry.id);
        if keep || self.file(id)?.as_deref() != Some(&entry.song) {
            return Ok(Dequeued::NotThere);
        }
        track_list::remove(&self.base.peer, &entry.id)?;
        let gone = track_list::wait_until_shown(|| Ok(self.file(id)?.is_none()))?;
        Ok(if gone { Dequeued::Removed } else { Dequeued::Cannot })
    }

    fn skip(&mut self) -> Result<()> {
        self.base.skip()
    }

    fn build_id(&self) -> Option<String> {
        self.base.build_id()
    }
}

/// The items from `first` on, up to a gap after the highest number met before.
fn find_late_items(first: u32, highest: Option<u32>, is: impl Fn(u32) -> Result<bool>) -> Result<Vec<u32>> {
    let (highest, gap) = highest.map_or((0, WIDE), |highest| (highest, GAP));
    let mut late = Vec::new();
    let (mut id, mut missed) = (first.max(highest.saturating_sub(LATE as u32)), 0);
    while late.len() < LATE && missed < gap {
        if is(id)? {
            late.push(id);
            missed = 0;
        } else if id > highest {
            missed += 1;
        }
        id += 1;
    }
    Ok(late)
}

/// The highest number never falls: removed items had numbers too.
fn raise_highest(before: Option<u32>, late: &[u32], first: u32) -> Option<u32> {
    before.max(late.last().copied()).max(Some(first.saturating_sub(1)))
}

fn number(id: &str) -> Option<u32> {
    id.strip_prefix(ITEM)?.parse().ok()
}

fn name(id: u32) -> String {
    format!("{ITEM}{id}")
}

/// Late items of Moodring stand after the item that they were put after, those of the user at the end.
fn order_items(listed: Vec<u32>, late: &[u32], own_entries: &[(u32, u32)]) -> Vec<u32> {
    late.iter().fold(listed, |mut items, id| {
        let anchor = own_entries.iter().find(|(own, _)| own == id).map(|(_, after)| after);
        match anchor.and_then(|after| items.iter().position(|item| item == after)) {
            Some(at) => items.insert(at + 1, *id),
            None => items.push(*id),
        }
        items
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_too_new_for_the_list_stand_where_they_will_play() {
        assert_eq!(order_items(vec![4, 3], &[5, 6, 7], &[(5, 4), (7, 4)]), [4, 7, 5, 3, 6]);
        assert_eq!(order_items(vec![], &[9], &[]), [9]);
    }

    #[test]
    fn a_new_item_is_found_beyond_a_gap_of_items_that_were_taken_back() {
        let look = |met, there: &[u32]| {
            let late = find_late_items(5, met, |id| Ok(there.contains(&id))).unwrap();
            (raise_highest(met, &late, 5), late)
        };
        let (met, _) = look(None, &[5, 6, 7, 8, 9, 10, 11]);
        let (met, late) = look(met, &[5]);
        assert_eq!((met, late), (Some(11), vec![5]));
        assert_eq!(look(met, &[5, 12]).1, [5, 12]);
    }

    #[test]
    fn only_numbers_of_vlc_are_items() {
        assert_eq!(number("/org/videolan/vlc/playlist/12"), Some(12));
        assert_eq!(number("/org/mpris/MediaPlayer2/TrackList/NoTrack"), None);
    }
}
