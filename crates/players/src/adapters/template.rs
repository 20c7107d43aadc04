//! A player with a control interface of its own: the template of an adapter (`docs/adding-a-player.md`).
//!
//! Copy this file, replace `ExampleRemote` by what the player offers, and follow the checklist.

use std::path::{Path, PathBuf};

use anyhow::Result;

use crate::mpris::playback::Mpris;
use crate::mpris::track_list;
use crate::player::{Player, QueueEntry};
use crate::strategies::begun_entries::BegunEntries;
use crate::strategies::queue_with_readback::{QueueWithReadback, SongQueue};
use moodring_core::domain::playback::{Dequeued, Playback, QueueMethod};
use moodring_core::domain::track::Track;
use moodring_core::error::user_error;

/// What this player offers: every call ends within `CALL_LIMIT`, and ids are never reused.
pub trait ExampleRemote: Send {
    fn list(&mut self) -> Result<Vec<(String, PathBuf)>>;
    fn current(&mut self) -> Result<Option<String>>;
    fn insert_after(&mut self, current: &str, song: &Path) -> Result<()>;
    fn remove(&mut self, id: &str) -> Result<()>;
}

pub struct Template {
    base: Mpris,
    remote: Box<dyn ExampleRemote>,
    begun: BegunEntries,
    readback: QueueWithReadback,
}

impl Template {
    pub fn new(base: Mpris, remote: Box<dyn ExampleRemote>) -> Self {
        Self { base, remote, begun: BegunEntries::default(), readback: QueueWithReadback::default() }
    }
}

/// One call to put a song after the current one.
struct InsertCall<'a> {
    remote: &'a mut dyn ExampleRemote,
    current: String,
}

impl SongQueue for InsertCall<'_> {
    type Entry = String;

    fn add(&mut self, song: &Path) -> Result<()> {
        self.remote.insert_after(&self.current, song)
    }

    fn find_added(&mut self, song: &Path) -> Result<Option<String>> {
        let next = self.remote.list()?.into_iter().skip_while(|(id, _)| *id != self.current).nth(1);
        Ok(next.filter(|(_, path)| path == song).map(|(id, _)| id))
    }

    fn find_late(&mut self, song: &Path) -> Result<Option<String>> {
        self.find_added(song)
    }

    fn remove_late(&mut self, id: String) -> Result<()> {
        self.remote.remove(&id)
    }
}

impl Player for Template {
    fn name(&self) -> &str {
        self.base.name()
    }

    fn queue_method(&self) -> QueueMethod {
        QueueMethod::AfterCurrent { take_back: true }
    }

    fn read_playback(&mut self) -> Result<Playback> {
        let current = self.remote.current()?.unwrap_or_default();
        self.begun.note_current(&current);
        let list = self.remote.list()?.into_iter().skip_while(|(id, _)| *id != current).skip(1);
        let upcoming = list.map(|(_, path)| Track { path: Some(path), ..Track::default() }).collect();
        Ok(self.base.playback_with(self.base.read_state()?, self.queue_method(), Some(upcoming)))
    }

    fn queue(&mut self, song: &Path) -> Result<QueueEntry> {
        self.base.check_ready()?;
        let Some(current) = self.remote.current()? else { return Err(user_error("nothing plays", "start a song")) };
        let mut call = InsertCall { remote: self.remote.as_mut(), current };
        let Some(id) = self.readback.queue(&mut call, song)? else {
            return Err(user_error("the player did not put the song into its list", "queue it by hand"));
        };
        self.begun.add(&id);
        Ok(QueueEntry::new(id, song))
    }

    fn dequeue(&mut self, entry: &QueueEntry) -> Result<Dequeued> {
        let listed = self.remote.list()?.contains(&(entry.id.clone(), entry.song.clone()));
        let keep = self.begun.has_begun(&entry.id) || self.remote.current()?.as_ref() == Some(&entry.id);
        if keep || !listed {
            return Ok(Dequeued::NotThere);
        }
        self.remote.remove(&entry.id)?;
        let gone = track_list::wait_until_shown(|| Ok(self.remote.list()?.iter().all(|(id, _)| *id != entry.id)))?;
        Ok(if gone { Dequeued::Removed } else { Dequeued::Cannot })
    }

    fn skip(&mut self) -> Result<()> {
        self.base.skip()
    }

    fn build_id(&self) -> Option<String> {
        self.base.build_id()
    }
}
