//! Putting a song into a player's queue and reading back whether it is there.
//!
//! 1. The answer to "add" proves nothing: a song counts as queued once it was read back.
//! 2. A call that timed out may have worked. Until that is known, no other song is added.
//! 3. A song that arrives too late is used if it still is the one to queue, and removed if not.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::Result;

use crate::mpris::track_list;
use moodring_core::error::user_error;
use moodring_platform::bus::timed_out;

/// After this time, a call that timed out without effect counts as lost.
const LOST: Duration = Duration::from_secs(10);

/// The queue of a player, as far as adding goes.
pub trait SongQueue {
    /// What identifies an entry in the player.
    type Entry;

    /// Asks the player to add the song.
    fn add(&mut self, song: &Path) -> Result<()>;

    /// The entry that [`Self::add`] has made, read back from the player.
    fn find_added(&mut self, song: &Path) -> Result<Option<Self::Entry>>;

    /// The entry that an earlier call has made, which timed out.
    fn find_late(&mut self, song: &Path) -> Result<Option<Self::Entry>>;

    /// Removes an entry that arrived too late.
    fn remove_late(&mut self, entry: Self::Entry) -> Result<()>;
}

/// Remembers the call whose outcome is unknown.
#[derive(Default)]
pub struct QueueWithReadback {
    unknown: Option<(PathBuf, Instant)>,
}

impl QueueWithReadback {
    /// Adds a song and returns its entry; `None` if it could not be read back in time.
    pub fn queue<Q: SongQueue>(&mut self, queue: &mut Q, song: &Path) -> Result<Option<Q::Entry>> {
        if let Some(entry) = self.resolve(queue, song)? {
            return Ok(Some(entry));
        }
        self.unknown = Some((song.to_owned(), Instant::now()));
        let added = add_and_read(queue, song);
        if !added.as_ref().is_err_and(timed_out) {
            self.unknown = None;
        }
        added
    }

    /// Whether an earlier call for this song timed out and may have worked.
    pub fn may_have_added(&self, song: &Path) -> bool {
        self.unknown.as_ref().is_some_and(|(unknown, _)| unknown == song)
    }

    /// Finds out what became of a call that timed out.
    fn resolve<Q: SongQueue>(&mut self, queue: &mut Q, song: &Path) -> Result<Option<Q::Entry>> {
        let Some((earlier, since)) = self.unknown.clone() else { return Ok(None) };
        let found = queue.find_late(&earlier)?;
        if found.is_none() && since.elapsed() < LOST {
            return Err(user_error(
                "the player does not answer the last request yet",
                "Moodring tries again by itself",
            ));
        }
        self.unknown = None;
        match found {
            Some(entry) if earlier == song => Ok(Some(entry)),
            Some(entry) => queue.remove_late(entry).map(|()| None),
            None => Ok(None),
        }
    }
}

fn add_and_read<Q: SongQueue>(queue: &mut Q, song: &Path) -> Result<Option<Q::Entry>> {
    queue.add(song)?;
    let mut found = None;
    track_list::wait_until_shown(|| {
        found = queue.find_added(song)?;
        Ok(found.is_some())
    })?;
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Error, ErrorKind};

    /// A player that executes a call only when the next one comes, if it is slow.
    #[derive(Default)]
    struct Fake {
        slow: bool,
        pending: Vec<PathBuf>,
        list: Vec<PathBuf>,
    }

    impl SongQueue for Fake {
        type Entry = usize;

        fn add(&mut self, song: &Path) -> Result<()> {
            if self.slow {
                self.pending.push(song.to_owned());
                return Err(Error::from(ErrorKind::TimedOut).into());
            }
            self.list.push(song.to_owned());
            Ok(())
        }

        fn find_added(&mut self, song: &Path) -> Result<Option<usize>> {
            Ok(self.list.iter().position(|one| one == song))
        }

        fn find_late(&mut self, song: &Path) -> Result<Option<usize>> {
            self.find_added(song)
        }

        fn remove_late(&mut self, entry: usize) -> Result<()> {
            self.list.remove(entry);
            Ok(())
        }
    }

    #[test]
    fn a_song_whose_call_timed_out_is_found_and_not_added_twice() {
        let (mut fake, mut queue) = (Fake { slow: true, ..Fake::default() }, QueueWithReadback::default());
        assert!(queue.queue(&mut fake, Path::new("/a")).is_err());
        fake.slow = false;
        assert!(queue.queue(&mut fake, Path::new("/a")).is_err(), "it may still arrive");
        fake.list.append(&mut fake.pending);
        assert_eq!(queue.queue(&mut fake, Path::new("/a")).unwrap(), Some(0));
        assert_eq!(fake.list.len(), 1);
    }

    #[test]
    fn no_other_song_is_added_while_the_first_may_still_arrive() {
        let (mut fake, mut queue) = (Fake { slow: true, ..Fake::default() }, QueueWithReadback::default());
        assert!(queue.queue(&mut fake, Path::new("/a")).is_err());
        fake.slow = false;
        assert!(queue.queue(&mut fake, Path::new("/b")).is_err());
        assert!(fake.list.is_empty());
        fake.list.append(&mut fake.pending);
        assert_eq!(queue.queue(&mut fake, Path::new("/b")).unwrap(), Some(0));
        assert_eq!(fake.list, [PathBuf::from("/b")], "the one that arrived late is removed");
    }
}
