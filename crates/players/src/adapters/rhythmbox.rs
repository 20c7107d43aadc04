//! Rhythmbox: its play queue comes before its list, also in random order; only the length of the queue can be read.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::Result;

use crate::mpris::playback::Mpris;
use crate::mpris::track_list;
use crate::player::{Player, QueueEntry};
use crate::strategies::owned_entries::OwnedEntries;
use crate::strategies::queue_with_readback::{QueueWithReadback, SongQueue};
use moodring_core::domain::address;
use moodring_core::domain::playback::{Dequeued, Playback, PlaybackStatus, QueueMethod};
use moodring_core::error::user_error;

pub(crate) struct Rhythmbox {
    base: Mpris,
    /// The lengths before the last song was put in.
    before: Lengths,
    readback: QueueWithReadback,
    /// The current one stays in the queue while it plays.
    own_entries: OwnedEntries,
}

/// The lengths that the names of lists end with, by the path of each: "Play Queue (2)", in any language.
type Lengths = BTreeMap<String, u32>;

impl Rhythmbox {
    pub(crate) fn new(base: Mpris) -> Self {
        Self { base, before: Lengths::new(), readback: Default::default(), own_entries: OwnedEntries::default() }
    }

    fn lengths(&self) -> Result<Lengths> {
        let lists = self.base.peer.playlists()?.get_playlists(0, 100, "Alphabetical", false)?;
        Ok(lists.iter().map(|(path, name, _)| (path.to_string(), length(name))).collect())
    }

    /// Waits until one of the lists has changed by one: only the queue has its length in its name.
    fn changed(&self, before: &Lengths, by: i64) -> Result<bool> {
        track_list::wait_until_shown(|| Ok(differs(before, &self.lengths()?, by)))
    }
}

impl SongQueue for Rhythmbox {
    type Entry = PathBuf;

    fn add(&mut self, song: &Path) -> Result<()> {
        self.before = self.lengths()?;
        Ok(self.base.peer.play_queue()?.add_to_queue(&address::to_file_uri(song))?)
    }

    /// Only the queue has its length in its name.
    fn find_added(&mut self, song: &Path) -> Result<Option<PathBuf>> {
        Ok(differs(&self.before, &self.lengths()?, 1).then(|| song.to_owned()))
    }

    fn find_late(&mut self, song: &Path) -> Result<Option<PathBuf>> {
        self.find_added(song)
    }

    fn remove_late(&mut self, song: PathBuf) -> Result<()> {
        Ok(self.base.peer.play_queue()?.remove_from_queue(&address::to_file_uri(&song))?)
    }
}

impl Player for Rhythmbox {
    fn name(&self) -> &str {
        self.base.name()
    }

    fn queue_method(&self) -> QueueMethod {
        QueueMethod::AfterCurrent { take_back: true }
    }

    fn read_playback(&mut self) -> Result<Playback> {
        let now = self.base.read_state()?;
        let length = self.lengths()?.values().copied().max().unwrap_or(0) as usize;
        if length == 0 {
            self.own_entries.clear();
        }
        self.own_entries.forget_before(now.track.as_ref().and_then(|track| track.path.as_deref()));
        self.own_entries.plan_next_read(now.status);
        let own = self.base.user_queue_obstacle(length.saturating_sub(self.own_entries.count()));
        Ok(Playback {
            obstacle: self.base.find_repeat_obstacle(&now).or(own),
            ..self.base.playback_with(now, self.queue_method(), None)
        })
    }

    fn queue(&mut self, song: &Path) -> Result<QueueEntry> {
        let now = self.base.read_state()?;
        if now.status == PlaybackStatus::Stopped || now.repeats_song {
            return Err(user_error(
                "Rhythmbox plays nothing that a song could follow",
                "start a song, without repeating it",
            ));
        }
        let mut readback = std::mem::take(&mut self.readback);
        let added = readback.queue(self, song);
        self.readback = readback;
        if added?.is_some() {
            self.own_entries.add(song);
            return Ok(QueueEntry::new("", song));
        }
        // It takes no song twice, and none that it cannot read.
        Err(user_error(
            "Rhythmbox did not put the song into its queue",
            "it may wait there already, or be unreadable to it",
        ))
    }

    fn dequeue(&mut self, entry: &QueueEntry) -> Result<Dequeued> {
        let track = self.base.read_state()?.track;
        // The current song stays in the queue while it plays, and taking it out would end it.
        if track.and_then(|track| track.path).as_ref() == Some(&entry.song) {
            return Ok(Dequeued::NotThere);
        }
        let before = self.lengths()?;
        self.base.peer.play_queue()?.remove_from_queue(&address::to_file_uri(&entry.song))?;
        let gone = self.changed(&before, -1)?;
        self.own_entries.remove(&entry.song);
        Ok(if gone { Dequeued::Removed } else { Dequeued::NotThere })
    }

    fn skip(&mut self) -> Result<()> {
        self.base.skip()
    }

    fn next_read(&self) -> Option<Instant> {
        self.own_entries.next_read()
    }

    fn build_id(&self) -> Option<String> {
        self.base.build_id()
    }
}

/// The number in brackets that a name ends with; none means nothing in it.
fn length(name: &str) -> u32 {
    let inner = name.trim_end().strip_suffix(')').and_then(|rest| rest.rsplit_once('('));
    inner.and_then(|(_, number)| number.parse().ok()).unwrap_or(0)
}

fn differs(before: &Lengths, after: &Lengths, by: i64) -> bool {
    before.iter().any(|(path, then)| after.get(path).is_some_and(|now| i64::from(*now) - i64::from(*then) == by))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_length_of_the_queue_is_read_from_its_name() {
        assert_eq!([length("Play Queue"), length("Play Queue (2)"), length("Warteschlange (13)")], [0, 2, 13]);
        assert_eq!(length("Best of (live)"), 0);
    }

    #[test]
    fn only_a_change_of_the_right_size_counts() {
        let lengths = |n| Lengths::from([("queue".to_owned(), n), ("other".to_owned(), 0)]);
        assert!(differs(&lengths(1), &lengths(2), 1) && differs(&lengths(1), &lengths(0), -1));
        assert!(!differs(&lengths(1), &lengths(1), 1) && !differs(&lengths(1), &lengths(3), 1));
    }
}
