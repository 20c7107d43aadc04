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
use crate::process::LocalProcess;
use crate::strategies::owned_entries::OwnedEntries;
use crate::strategies::queue_with_readback::{QueueWithReadback, SongQueue};
use crate::tag_cache::TagCache;
use moodring_core::domain::address;
use moodring_core::domain::playback::{Dequeued, Playback, PlaybackStatus, QueueMethod};
use moodring_core::error::user_error;

/// Answers are lists of addresses; a list of a hundred thousand songs has some megabytes.
const LONGEST: usize = 32 << 20;

pub(crate) struct QuodLibet {
    base: Mpris,
    tag_cache: TagCache,
    own_entries: OwnedEntries,
    readback: QueueWithReadback,
}

impl QuodLibet {
    pub(crate) fn new(base: Mpris) -> Self {
        Self {
            base,
            tag_cache: TagCache::default(),
            own_entries: OwnedEntries::default(),
            readback: Default::default(),
        }
    }

    fn ask(&self, command: &[u8]) -> Result<Vec<u8>> {
        let process = self.base.process.as_ref().context("Quod Libet does not show its process")?;
        let pipe = process.find_open_pipe("control").context("Quod Libet does not listen to commands")?;
        ask(process, &pipe, command)
    }

    /// The songs of a list: "dump-queue" or "dump-playlist".
    fn list(&self, command: &str) -> Result<Vec<PathBuf>> {
        let answer = self.ask(command.as_bytes())?;
        let text = String::from_utf8_lossy(&answer);
        Ok(text.lines().filter(|line| !line.is_empty()).filter_map(address::parse_file_path).collect())
    }

    fn read_queue(&mut self) -> Result<Vec<PathBuf>> {
        let queued = self.list("dump-queue")?;
        self.own_entries.forget_removed(&queued);
        Ok(queued)
    }

    /// The songs after the queue; a random order cannot be read.
    fn list_after(&self, current: Option<&Path>, shuffle: bool) -> Result<Vec<PathBuf>> {
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
        let now = self.base.read_state()?;
        let mut coming = self.read_queue()?;
        let own = self.own_entries.count_others(&coming);
        self.own_entries.plan_next_read(now.status);
        let repeats = self.base.find_repeat_obstacle(&now);
        let current = now.track.as_ref().and_then(|track| track.path.clone());
        coming.extend(self.list_after(current.as_deref(), now.shuffle)?);
        coming.truncate(moodring_core::domain::playback::HORIZON);
        let upcoming = self.tag_cache.tracks(&coming);
        let obstacle = repeats.or_else(|| self.base.user_queue_obstacle(own));
        Ok(Playback { obstacle, ..self.base.playback_with(now, self.queue_method(), Some(upcoming)) })
    }

    fn queue(&mut self, song: &Path) -> Result<QueueEntry> {
        if self.base.read_state()?.status == PlaybackStatus::Stopped {
            return Err(user_error("Quod Libet plays nothing that a song could follow", "start a song"));
        }
        let queued = self.read_queue()?;
        let mut readback = std::mem::take(&mut self.readback);
        let new = self.own_entries.check_new(song, &queued, &readback, "Quod Libet");
        let added = new.and_then(|()| readback.queue(self, song));
        self.readback = readback;
        self.own_entries.confirm(song, added?.is_some(), "Quod Libet")
    }

    fn dequeue(&mut self, entry: &QueueEntry) -> Result<Dequeued> {
        let song = &entry.song;
        let queued = self.read_queue()?;
        // It removes every copy: a copy of the user must stay.
        let copies = queued.iter().filter(|queued| *queued == song).count();
        if copies != 1 || !self.own_entries.has(song) {
            return Ok(Dequeued::NotThere);
        }
        self.send_song("unqueue", song)?;
        let gone = track_list::wait_until_shown(|| Ok(!self.list("dump-queue")?.contains(song)))?;
        self.own_entries.remove(song);
        Ok(if gone { Dequeued::Removed } else { Dequeued::Cannot })
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

/// Sends a command, and reads the answer from a temporary pipe.
fn ask(process: &LocalProcess, pipe: &Path, command: &[u8]) -> Result<Vec<u8>> {
    let folder = tempfile::tempdir()?;
    let answer_pipe = folder.path().join("answer");
    rustix::fs::mkfifoat(CWD, &answer_pipe, Mode::RUSR | Mode::WUSR)?;
    for place in [folder.path(), &answer_pipe] {
        process.share_file(place)?;
    }
    let nonblocking = OFlags::NONBLOCK.bits() as i32;
    let mut answer = OpenOptions::new().read(true).custom_flags(nonblocking).open(&answer_pipe)?;
    let words: [&[u8]; 5] = [b"\0", command, b"\0", OsStr::as_bytes(answer_pipe.as_os_str()), b"\0"];
    // This fails at once if the player does not read; a command fits into the buffer of a pipe.
    OpenOptions::new().write(true).custom_flags(nonblocking).open(pipe)?.write_all(&words.concat())?;
    receive(&mut answer)
}

/// Reads until the player, which has yet to open the pipe, closes it.
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
    Err(user_error("Quod Libet gave an endless answer", "restart it"))
}
