//! Our songs in a queue that holds the listener's own as well.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::Result;

use crate::player::QueueEntry;
use crate::strategies::queue_with_readback::QueueWithReadback;
use moodring_core::domain::playback::PlaybackStatus;
use moodring_core::error::user_error;

/// Such players do not tell when the listener queues something behind ours: they are read so often while ours waits.
const AGAIN: Duration = Duration::from_secs(10);

/// The songs, in the order in which they were put in.
#[derive(Default)]
pub struct OwnedEntries {
    songs: Vec<PathBuf>,
    due: Option<Instant>,
}

impl OwnedEntries {
    pub fn has(&self, song: &Path) -> bool {
        self.songs.iter().any(|ours| ours == song)
    }

    pub fn count(&self) -> usize {
        self.songs.len()
    }

    /// How many of a queue are the listener's.
    pub fn others(&self, queued: &[PathBuf]) -> usize {
        queued.iter().filter(|song| !self.has(song)).count()
    }

    pub fn add(&mut self, song: &Path) {
        self.songs.push(song.to_owned());
    }

    pub fn remove(&mut self, song: &Path) {
        self.songs.retain(|ours| ours != song);
    }

    pub fn clear(&mut self) {
        self.songs.clear();
    }

    /// Forgets what the queue no longer shows.
    pub fn settle(&mut self, queued: &[PathBuf]) {
        self.songs.retain(|song| queued.contains(song));
    }

    /// Forgets those before the one that plays: they were played.
    pub fn pass(&mut self, current: Option<&Path>) {
        let at = self.songs.iter().position(|ours| Some(ours.as_path()) == current);
        self.songs.drain(..at.unwrap_or(0));
    }

    /// At each reading: when the next is due.
    pub fn plan(&mut self, status: PlaybackStatus) {
        self.due = (status == PlaybackStatus::Playing && !self.songs.is_empty()).then(|| Instant::now() + AGAIN);
    }

    pub fn next_read(&self) -> Option<Instant> {
        self.due
    }

    /// Refuses a song that the user queued: it could not be told from ours.
    pub fn check_new(&self, song: &Path, queued: &[PathBuf], readback: &QueueWithReadback, player: &str) -> Result<()> {
        let waits = queued.iter().any(|queued| queued == song);
        if waits && !self.has(song) && !readback.may_have_added(song) {
            return Err(user_error(
                format!("the song waits in the queue of {player} already"),
                "nothing needs to be done",
            ));
        }
        Ok(())
    }

    /// Remembers the song if the player's own account shows it.
    pub fn confirm(&mut self, song: &Path, shown: bool, player: &str) -> Result<QueueEntry> {
        if shown {
            self.remove(song);
            self.add(song);
            return Ok(QueueEntry::new("", song));
        }
        Err(user_error(format!("{player} did not put the song into its queue"), "it may be unreadable to it"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paths(names: &[&str]) -> Vec<PathBuf> {
        names.iter().map(PathBuf::from).collect()
    }

    #[test]
    fn a_song_that_the_listener_queued_is_not_taken_for_ours() {
        let mut ours = OwnedEntries::default();
        let queued = paths(&["/a"]);
        let check = |song: &str| ours.check_new(Path::new(song), &queued, &QueueWithReadback::default(), "P");
        assert!(check("/a").unwrap_err().to_string().contains("already"));
        check("/b").unwrap();
        ours.confirm(Path::new("/b"), true, "P").unwrap();
        assert_eq!(ours.others(&paths(&["/a", "/b"])), 1);
    }

    #[test]
    fn it_is_read_again_only_while_one_of_ours_waits_in_a_player_that_plays() {
        let mut ours = OwnedEntries::default();
        ours.plan(PlaybackStatus::Playing);
        assert_eq!(ours.next_read(), None);
        ours.add(Path::new("/a"));
        ours.plan(PlaybackStatus::Playing);
        assert!(ours.next_read().is_some());
        ours.plan(PlaybackStatus::Paused);
        assert_eq!(ours.next_read(), None);
    }

    #[test]
    fn those_before_the_one_that_plays_were_played() {
        let mut ours = OwnedEntries::default();
        paths(&["/a", "/b", "/c"]).iter().for_each(|song| ours.add(song));
        ours.pass(Some(Path::new("/x")));
        assert_eq!(ours.count(), 3);
        ours.pass(Some(Path::new("/b")));
        assert_eq!(ours.count(), 2);
        ours.settle(&paths(&["/c"]));
        assert!(ours.has(Path::new("/c")) && ours.count() == 1);
    }
}
