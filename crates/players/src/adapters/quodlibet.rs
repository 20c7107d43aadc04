//! Quod Libet: its queue comes before its list, also in random order. It takes commands through a named pipe.

use std::ffi::OsStr;
use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Read, Write};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context, Result};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{CWD, Mode, OFlags};

use crate::call_limit::CALL_LIMIT;
use crate::mpris::playback::Mpris;
use crate::mpris::track_list;
use crate::player::{Player, QueueEntry};
use crate::process::Process;
use crate::strategies::owned_entries::OwnedEntries;
use crate::strategies::queue_with_readback::{QueueWithReadback, SongQueue};
use crate::tag_cache::TagCache;
use moodring_core::domain::address;
use moodring_core::domain::playback::{Dequeued, Playback, PlaybackStatus, QueueMethod};
use moodring_core::error::user_error;

/// Answers are lists of addresses; a list of a hundred thousand songs has some megabytes.
const LONGEST: usize = 32 << 20;

pub struct QuodLibet {
    base: Mpris,
    shelf: TagCache,
    ours: OwnedEntries,
    readback: QueueWithReadback,
}

impl QuodLibet {
    pub fn new(base: Mpris) -> Self {
        Self { base, shelf: TagCache::default(), ours: OwnedEntries::default(), readback: Default::default() }
    }

    fn ask(&self, command: &[u8]) -> Result<Vec<u8>> {
        let process = self.base.process.as_ref().context("Quod Libet does not show its process")?;
        let pipe = process.pipe("control").context("Quod Libet does not listen to commands")?;
        ask(process, &pipe, command)
    }

    /// The songs of a list: "dump-queue" or "dump-playlist".
    fn list(&self, command: &str) -> Result<Vec<PathBuf>> {
        let answer = self.ask(command.as_bytes())?;
        let text = String::from_utf8_lossy(&answer);
        Ok(text.lines().filter(|line| !line.is_empty()).filter_map(address::parse_file_path).collect())
    }

    fn queued(&mut self) -> Result<Vec<PathBuf>> {
        let queued = self.list("dump-queue")?;
        self.ours.settle(&queued);
        Ok(queued)
    }

    /// What comes after the queue; its random order is its secret.
    fn after(&self, current: Option<&Path>, shuffle: bool) -> Result<Vec<PathBuf>> {
        if shuffle {
            return Ok(Vec::new());
        }
        let list = self.list("dump-playlist")?;
        let at = list.iter().position(|path| Some(path.as_path()) == current);
        Ok(at
            .map(|at| list[at + 1..].iter().take(moodring_core::domain::playback::HORIZON).cloned().collect())
            .unwrap_or_default())
    }

    fn send_song(&mut self, command: &str, song: &Path) -> Result<()> {
        let words = [command.as_bytes(), b" ", song.as_os_str().as_bytes()].concat();
        self.ask(&words).map(drop)
    }
}

impl SongQueue for QuodLibet {
    type Entry = PathBuf;

    fn add(&mut self, song: &Path) -> Result<()> {
        self.send_song("enqueue", song)
    }

    fn find_added(&mut self, song: &Path) -> Result<Option<PathBuf>> {
        Ok(self.list("dump-queue")?.into_iter().find(|queued| queued == song))
    }

    fn find_late(&mut self, song: &Path) -> Result<Option<PathBuf>> {
        self.find_added(song)
    }

    fn remove_late(&mut self, song: PathBuf) -> Result<()> {
        self.send_song("unqueue", &song)
    }
}

impl Player for QuodLibet {
    fn name(&self) -> &str {
        self.base.name()
    }

    fn queue_method(&self) -> QueueMethod {
        QueueMethod::AfterCurrent { take_back: true }
    }

    fn read_playback(&mut self) -> Result<Playback> {
        let now = self.base.now()?;
        let mut coming = self.queued()?;
        let own = self.ours.others(&coming);
        self.ours.plan(now.status);
        let repeats = self.base.repeats(&now);
        let current = now.track.as_ref().and_then(|track| track.path.clone());
        coming.extend(self.after(current.as_deref(), now.shuffle)?);
        coming.truncate(moodring_core::domain::playback::HORIZON);
        let upcoming = self.shelf.tracks(&coming);
        let obstacle = repeats.or_else(|| self.base.own_queue(own));
        Ok(Playback { obstacle, ..self.base.playback_with(now, self.queue_method(), Some(upcoming)) })
    }

    fn queue(&mut self, song: &Path) -> Result<QueueEntry> {
        if self.base.now()?.status == PlaybackStatus::Stopped {
            return Err(user_error("Quod Libet plays nothing that a song could follow", "start a song"));
        }
        let queued = self.queued()?;
        let mut readback = std::mem::take(&mut self.readback);
        let new = self.ours.check_new(song, &queued, &readback, "Quod Libet");
        let added = new.and_then(|()| readback.queue(self, song));
        self.readback = readback;
        self.ours.confirm(song, added?.is_some(), "Quod Libet")
    }

    fn dequeue(&mut self, entry: &QueueEntry) -> Result<Dequeued> {
        let song = &entry.song;
        let queued = self.queued()?;
        // It takes out every copy: one of the listener's own must stay.
        let copies = queued.iter().filter(|queued| *queued == song).count();
        if copies != 1 || !self.ours.has(song) {
            return Ok(Dequeued::NotThere);
        }
        self.send_song("unqueue", song)?;
        let gone = track_list::until(|| Ok(!self.list("dump-queue")?.contains(song)))?;
        self.ours.remove(song);
        Ok(if gone { Dequeued::Removed } else { Dequeued::Cannot })
    }

    fn skip(&mut self) -> Result<()> {
        self.base.skip()
    }

    fn next_read(&self) -> Option<Instant> {
        self.ours.next_read()
    }

    fn build_id(&self) -> Option<String> {
        self.base.build_id()
    }
}

/// One command, answered through a pipe of ours that is gone afterwards.
fn ask(process: &Process, pipe: &Path, command: &[u8]) -> Result<Vec<u8>> {
    let folder = tempfile::tempdir()?;
    let back = folder.path().join("answer");
    rustix::fs::mkfifoat(CWD, &back, Mode::RUSR | Mode::WUSR)?;
    for place in [folder.path(), &back] {
        process.share(place)?;
    }
    let nonblocking = OFlags::NONBLOCK.bits() as i32;
    let mut answer = OpenOptions::new().read(true).custom_flags(nonblocking).open(&back)?;
    let words: [&[u8]; 5] = [b"\0", command, b"\0", OsStr::as_bytes(back.as_os_str()), b"\0"];
    // Without a reader this fails at once, and so much fits into a pipe.
    OpenOptions::new().write(true).custom_flags(nonblocking).open(pipe)?.write_all(&words.concat())?;
    receive(&mut answer)
}

/// Reads until the other side, which has yet to open it, has closed its end.
fn receive(answer: &mut File) -> Result<Vec<u8>> {
    let (mut bytes, end) = (Vec::new(), Instant::now() + CALL_LIMIT);
    let mut chunk = [0; 65536];
    while bytes.len() < LONGEST {
        let rest = Timespec::try_from(end.saturating_duration_since(Instant::now()))?;
        if poll(&mut [PollFd::new(&*answer, PollFlags::IN)], Some(&rest))? == 0 {
            return Err(std::io::Error::from(ErrorKind::TimedOut)).context("Quod Libet does not answer");
        }
        match answer.read(&mut chunk) {
            Ok(0) => return Ok(bytes),
            Ok(count) => bytes.extend_from_slice(&chunk[..count]),
            Err(error) if error.kind() == ErrorKind::WouldBlock => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(user_error("Quod Libet gave an endless answer", "start it anew"))
}
