//! A player adapter over a list in memory, with the strategies that the real adapters use.

use std::io::{Error, ErrorKind};
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Result;
use moodring_core::domain::playback::{Dequeued, Playback, PlaybackStatus, QueueMethod};
use moodring_core::domain::track::Track;
use moodring_core::error::user_error;
use moodring_players::player::{Player, QueueEntry};
use moodring_players::strategies::begun_entries::BegunEntries;
use moodring_players::strategies::own_copy::OwnCopy;
use moodring_players::strategies::queue_with_readback::{QueueWithReadback, SongQueue};

use crate::player_list::{Content, PlayerList};

/// How a player finds a song that is to be removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Removal {
    Id,
    /// As in Audacious and Clementine, whose entries have no ids.
    Position,
    /// Every third removal times out, and takes effect all the same.
    IdWithFailures,
}

pub struct FakePlayer {
    list: PlayerList,
    removal: Removal,
    begun: BegunEntries,
    copies: Vec<OwnCopy>,
    readback: QueueWithReadback,
    calls: u32,
    /// Cleared before the agent quits, when there is no time left to try again.
    pub fails: bool,
}

/// One call to put a song after the current one.
struct InsertCall {
    list: PlayerList,
    added: Option<u64>,
}

impl SongQueue for InsertCall {
    type Entry = u64;

    fn add(&mut self, song: &Path) -> Result<()> {
        let mut content = self.list.lock();
        let position = content.current.map_or(0, |at| at + 1);
        self.added = Some(content.insert(song, position));
        Ok(())
    }

    fn find_added(&mut self, _song: &Path) -> Result<Option<u64>> {
        Ok(self.added)
    }

    fn find_late(&mut self, song: &Path) -> Result<Option<u64>> {
        let content = self.list.lock();
        let found = content.songs.iter().skip(content.current.map_or(0, |at| at + 1)).find(|one| one.path == song);
        Ok(found.map(|found| found.id))
    }

    fn remove_late(&mut self, id: u64) -> Result<()> {
        let mut content = self.list.lock();
        if let Some(at) = content.songs.iter().position(|song| song.id == id) {
            content.remove(at);
        }
        Ok(())
    }
}

fn paths(content: &Content) -> Vec<Option<PathBuf>> {
    content.songs.iter().map(|song| Some(song.path.clone())).collect()
}

fn track(path: &Path) -> Track {
    let title = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let length = Some(Duration::from_secs(200));
    Track { path: Some(path.to_owned()), title, artist: "Artist".into(), album: String::new(), length, streamed: false }
}

impl FakePlayer {
    pub fn new(list: PlayerList, removal: Removal) -> Self {
        let (begun, readback) = (BegunEntries::default(), QueueWithReadback::default());
        let fails = removal == Removal::IdWithFailures;
        Self { list, removal, begun, copies: Vec::new(), readback, calls: 0, fails }
    }

    fn times_out(&mut self) -> bool {
        self.calls += 1;
        self.fails && self.calls.is_multiple_of(3)
    }

    fn locate(&self, entry: &QueueEntry) -> Option<usize> {
        let content = self.list.lock();
        if self.removal == Removal::Position {
            let copy = self.copies.iter().find(|copy| copy.song == entry.song)?;
            return copy.locate(&paths(&content), content.current);
        }
        let at = content.songs.iter().position(|song| song.id.to_string() == entry.id)?;
        let keep = content.current == Some(at) || self.begun.has_begun(&entry.id);
        (!keep && content.songs[at].path == entry.song).then_some(at)
    }
}

impl Player for FakePlayer {
    fn name(&self) -> &str {
        "Fake"
    }

    fn queue_method(&self) -> QueueMethod {
        QueueMethod::AfterCurrent { take_back: true }
    }

    fn read_playback(&mut self) -> Result<Playback> {
        let content = self.list.lock();
        if let Some(song) = content.current_song() {
            self.begun.note_current(&song.id.to_string());
            self.copies.iter_mut().filter(|copy| copy.song == song.path).for_each(|copy| copy.begun = true);
        }
        let status = match content.current {
            None => PlaybackStatus::Stopped,
            Some(_) if content.paused => PlaybackStatus::Paused,
            Some(_) => PlaybackStatus::Playing,
        };
        let next = content.current.map_or(0, |at| at + 1);
        let upcoming = content.songs[next..].iter().take(10).map(|song| track(&song.path)).collect();
        Ok(Playback {
            player: "Fake".into(),
            way: self.queue_method(),
            status,
            track: content.current_song().map(|song| track(&song.path)),
            position: Some(Duration::from_secs(5)),
            upcoming: (!content.shuffle).then_some(upcoming),
            shuffle: content.shuffle,
            obstacle: content.shuffle.then(|| "it plays in random order".to_owned()),
        })
    }

    fn queue(&mut self, song: &Path) -> Result<QueueEntry> {
        let (before, current) = {
            let content = self.list.lock();
            (paths(&content), content.current.filter(|_| !content.shuffle))
        };
        let Some(current) = current else { return Err(user_error("no song can be next", "start a song")) };
        if self.removal == Removal::Position {
            self.copies.retain(|copy| copy.song != song);
            let after = before[current].clone().unwrap_or_default();
            self.copies.push(OwnCopy::new(song, &before, &after));
        }
        let mut call = InsertCall { list: self.list.clone(), added: None };
        let added = self.readback.queue(&mut call, song)?;
        let Some(id) = added else { return Err(user_error("the song was not inserted", "queue it by hand")) };
        self.begun.add(&id.to_string());
        Ok(QueueEntry::new(id.to_string(), song))
    }

    fn dequeue(&mut self, entry: &QueueEntry) -> Result<Dequeued> {
        let times_out = self.times_out();
        let Some(at) = self.locate(entry) else { return Ok(Dequeued::NotThere) };
        self.list.lock().remove(at);
        self.copies.retain(|copy| copy.song != entry.song);
        if times_out { Err(Error::from(ErrorKind::TimedOut).into()) } else { Ok(Dequeued::Removed) }
    }

    fn skip(&mut self) -> Result<()> {
        let mut content = self.list.lock();
        let next = content.current.map(|at| at + 1);
        content.play(next);
        Ok(())
    }

    fn build_id(&self) -> Option<String> {
        Some("1".into())
    }
}
