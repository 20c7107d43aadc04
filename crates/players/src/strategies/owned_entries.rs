//! Songs of Moodring in a queue that also holds songs of the user.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::Result;

use crate::player::QueueEntry;
use crate::strategies::queue_with_readback::QueueWithReadback;
use moodring_core::domain::playback::PlaybackStatus;
use moodring_core::error::user_error;

/// Players with such a queue do not report when the user queues a song: they are read this often while one of Moodring waits.
const REREAD_AFTER: Duration = Duration::from_secs(10);

/// The songs, in the order in which they were queued.
#[derive(Default)]
pub(crate) struct OwnedEntries {
    songs: Vec<PathBuf>,
    due: Option<Instant>,
}

impl OwnedEntries {
    pub(crate) fn has(&self, song: &Path) -> bool {
        self.songs.iter().any(|own| own == song)
    }

    pub(crate) fn count(&self) -> usize {
        self.songs.len()
    }

    /// How many songs of a queue are the user's.
    pub(crate) fn count_others(&self, queued: &[PathBuf]) -> usize {
        queued.iter().filter(|song| !self.has(song)).count()
    }

    pub(crate) fn add(&mut self, song: &Path) {
        self.songs.push(song.to_owned());
    }

    pub(crate) fn remove(&mut self, song: &Path) {
        self.songs.retain(|own| own != song);
    }

    pub(crate) fn clear(&mut self) {
        self.songs.clear();
    }

    /// Forgets the songs that the queue no longer holds.
    pub(crate) fn forget_removed(&mut self, queued: &[PathBuf]) {
        self.songs.retain(|song| queued.contains(song));
    }

    /// Forgets the songs before the current one: they were played.
    pub(crate) fn forget_before(&mut self, current: Option<&Path>) {
        let at = self.songs.iter().position(|own| Some(own.as_path()) == current);
        self.songs.drain(..at.unwrap_or(0));
    }

    /// To be called whenever the player is read: plans the next reading.
    pub(crate) fn plan_next_read(&mut self, status: PlaybackStatus) {
        self.due = (status == PlaybackStatus::Playing && !self.songs.is_empty()).then(|| Instant::now() + REREAD_AFTER);
    }

    pub(crate) fn next_read(&self) -> Option<Instant> {
        self.due
    }

    /// Refuses a song that the user has queued: the two could not be told apart.
    pub(crate) fn check_new(
        &self,
        song: &Path,
        queued: &[PathBuf],
        readback: &QueueWithReadback,
        player: &str,
    ) -> Result<()> {
        let waits = queued.iter().any(|queued| queued == song);
        if waits && !self.has(song) && !readback.may_have_added(song) {
            return Err(user_error(
                format!("the song waits in the queue of {player} already"),
                "nothing needs to be done",
            ));
        }
        Ok(())
    }

    /// Remembers the song if it was read back.
    pub(crate) fn confirm(&mut self, song: &Path, shown: bool, player: &str) -> Result<QueueEntry> {
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
    fn a_song_that_the_user_queued_is_not_removed() {
        let mut entries = OwnedEntries::default();
        let queued = paths(&["/a"]);
        let check = |song: &str| entries.check_new(Path::new(song), &queued, &QueueWithReadback::default(), "P");
        assert!(check("/a").unwrap_err().to_string().contains("already"));
        check("/b").unwrap();
        entries.confirm(Path::new("/b"), true, "P").unwrap();
        assert_eq!(entries.count_others(&paths(&["/a", "/b"])), 1);
    }

    #[test]
    fn a_player_is_read_again_only_while_it_plays_and_a_song_of_moodring_waits() {
        let mut entries = OwnedEntries::default();
        entries.plan_next_read(PlaybackStatus::Playing);
        assert_eq!(entries.next_read(), None);
        entries.add(Path::new("/a"));
        entries.plan_next_read(PlaybackStatus::Playing);
        assert!(entries.next_read().is_some());
        entries.plan_next_read(PlaybackStatus::Paused);
        assert_eq!(entries.next_read(), None);
    }

    #[test]
    fn songs_before_the_current_one_were_played() {
        let mut entries = OwnedEntries::default();
        paths(&["/a", "/b", "/c"]).iter().for_each(|song| entries.add(song));
        entries.forget_before(Some(Path::new("/x")));
        assert_eq!(entries.count(), 3);
        entries.forget_before(Some(Path::new("/b")));
        assert_eq!(entries.count(), 2);
        entries.forget_removed(&paths(&["/c"]));
        assert!(entries.has(Path::new("/c")) && entries.count() == 1);
    }
}
