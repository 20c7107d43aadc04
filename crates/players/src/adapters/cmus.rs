//! cmus: its queue comes before its list, also in random order. It takes commands at a socket.

use std::io::{BufRead, BufReader, Write};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context, Result};

use crate::call_limit::CALL_LIMIT;
use crate::deadline_stream::DeadlineStream;
use crate::mpris::playback::{CurrentState, Mpris};
use crate::mpris::track_list;
use crate::player::{Player, QueueEntry};
use crate::strategies::owned_entries::OwnedEntries;
use crate::strategies::queue_with_readback::{QueueWithReadback, SongQueue};
use crate::tag_cache::TagCache;
use moodring_core::domain::playback::{Dequeued, Playback, PlaybackStatus, QueueMethod};
use moodring_core::error::user_error;

/// No answer is longer; a list of a hundred thousand songs has some megabytes.
const LONGEST: usize = 32 << 20;

pub(crate) struct Cmus {
    base: Mpris,
    tag_cache: TagCache,
    own_entries: OwnedEntries,
    readback: QueueWithReadback,
}

/// What its `status` command reports beyond MPRIS.
#[derive(Default)]
struct CmusStatus {
    file: Option<PathBuf>,
    /// It plays a list in the order that it shows.
    in_list_order: bool,
    goes_on: bool,
    repeats_song: bool,
}

impl Cmus {
    pub(crate) fn new(base: Mpris) -> Self {
        Self {
            base,
            tag_cache: TagCache::default(),
            own_entries: OwnedEntries::default(),
            readback: Default::default(),
        }
    }

    /// Commands, one a line; the answer to the last.
    fn ask(&self, commands: &[&[u8]]) -> Result<Vec<String>> {
        let sockets = self.base.process.as_ref().map(|process| process.listening_sockets()).unwrap_or_default();
        let socket = sockets.first().context("cmus does not listen to commands")?;
        let mut answer = Vec::new();
        let mut wire = BufReader::new(DeadlineStream::connect_unix(socket, Instant::now() + CALL_LIMIT)?);
        for command in commands {
            if command.contains(&b'\n') {
                return Err(user_error("cmus cannot take a name with a line break", "rename the file"));
            }
            wire.get_mut().write_all(&[command, &b"\n"[..]].concat())?;
            answer = read_answer(&mut wire)?;
        }
        Ok(answer)
    }

    fn read_status(&self) -> Result<CmusStatus> {
        let mut status = CmusStatus { goes_on: true, in_list_order: true, ..CmusStatus::default() };
        for line in self.ask(&[b"status"])? {
            match line.as_str() {
                "set continue false" => status.goes_on = false,
                "set repeat_current true" => status.repeats_song = true,
                "set play_library true" | "set play_sorted true" => status.in_list_order = false,
                line if line.starts_with("set shuffle ") => {
                    status.in_list_order &= line.ends_with(" off") || line.ends_with(" false")
                }
                line => status.file = line.strip_prefix("file ").map(PathBuf::from).or(status.file),
            }
        }
        Ok(status)
    }

    fn list(&self, command: &str) -> Result<Vec<PathBuf>> {
        Ok(self.ask(&[command.as_bytes()])?.into_iter().map(PathBuf::from).collect())
    }

    fn read_queue(&mut self) -> Result<Vec<PathBuf>> {
        let queued = self.list("save -q -")?;
        self.own_entries.forget_removed(&queued);
        Ok(queued)
    }

    /// The MPRIS interface of cmus does not report the file.
    fn read_state(&self, status: &CmusStatus) -> Result<CurrentState> {
        let mut now = self.base.read_state()?;
        if let Some(track) = &mut now.track {
            track.path.clone_from(&status.file);
        }
        Ok(now)
    }

    fn upcoming(
        &mut self,
        queued: Vec<PathBuf>,
        status: &CmusStatus,
    ) -> Result<Vec<moodring_core::domain::track::Track>> {
        let mut coming = queued;
        let list = self.list("save -p -")?;
        if let Some(at) = list.iter().position(|path| Some(path) == status.file.as_ref()) {
            coming.extend_from_slice(&list[at + 1..]);
        }
        coming.truncate(moodring_core::domain::playback::HORIZON);
        Ok(self.tag_cache.tracks(&coming))
    }

    fn obstacle(&self, status: &CmusStatus, queued: &[PathBuf]) -> Option<String> {
        if status.repeats_song {
            return Some("cmus repeats the current song, so no song can be next".into());
        }
        if !status.goes_on {
            return Some("cmus stops after the current song, so no song can be next".into());
        }
        self.base.user_queue_obstacle(self.own_entries.count_others(queued))
    }
}

impl SongQueue for Cmus {
    type Entry = PathBuf;

    fn add(&mut self, song: &Path) -> Result<()> {
        self.ask(&[&[b"add -q ", song.as_os_str().as_bytes()].concat()]).map(drop)
    }

    fn find_added(&mut self, song: &Path) -> Result<Option<PathBuf>> {
        Ok(self.list("save -q -")?.into_iter().find(|queued| queued == song))
    }

    fn find_late(&mut self, song: &Path) -> Result<Option<PathBuf>> {
        self.find_added(song)
    }

    fn remove_late(&mut self, song: PathBuf) -> Result<()> {
        self.own_entries.add(&song);
        self.dequeue(&QueueEntry::new("", &song)).map(drop)
    }
}

impl Player for Cmus {
    fn name(&self) -> &str {
        self.base.name()
    }

    fn queue_method(&self) -> QueueMethod {
        QueueMethod::AfterCurrent { take_back: true }
    }

    fn read_playback(&mut self) -> Result<Playback> {
        let status = self.read_status()?;
        let now = self.read_state(&status)?;
        let queued = self.read_queue()?;
        let obstacle = self.obstacle(&status, &queued);
        self.own_entries.plan_next_read(now.status);
        let upcoming = if status.in_list_order { Some(self.upcoming(queued, &status)?) } else { None };
        Ok(Playback { obstacle, ..self.base.playback_with(now, self.queue_method(), upcoming) })
    }

    fn queue(&mut self, song: &Path) -> Result<QueueEntry> {
        let status = self.read_status()?;
        if self.base.read_state()?.status == PlaybackStatus::Stopped || status.repeats_song || !status.goes_on {
            return Err(user_error(
                "cmus plays nothing that a song could follow",
                "start a song, and let cmus continue",
            ));
        }
        let queued = self.read_queue()?;
        let mut readback = std::mem::take(&mut self.readback);
        let added =
            self.own_entries.check_new(song, &queued, &readback, "cmus").and_then(|()| readback.queue(self, song));
        self.readback = readback;
        self.own_entries.confirm(song, added?.is_some(), "cmus")
    }

    /// cmus removes the marked entry of its window, or all: so all are removed, and those of the user are added again.
    fn dequeue(&mut self, entry: &QueueEntry) -> Result<Dequeued> {
        let song = &entry.song;
        let mut queued = self.read_queue()?;
        let Some(at) = queued.iter().position(|queued| queued == song).filter(|_| self.own_entries.has(song)) else {
            return Ok(Dequeued::NotThere);
        };
        queued.remove(at);
        let again = queued.iter().map(|song| [b"add -q ", song.as_os_str().as_bytes()].concat());
        let commands: Vec<Vec<u8>> = [b"clear -q".to_vec()].into_iter().chain(again).collect();
        self.ask(&commands.iter().map(Vec::as_slice).collect::<Vec<_>>())?;
        self.own_entries.remove(song);
        let gone = track_list::wait_until_shown(|| Ok(self.list("save -q -")? == queued))?;
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

/// The lines of an answer, which an empty one ends.
fn read_answer(wire: &mut BufReader<DeadlineStream>) -> Result<Vec<String>> {
    let mut lines = Vec::new();
    wire.get_mut().expect(LONGEST);
    loop {
        let mut bytes = Vec::new();
        wire.read_until(b'\n', &mut bytes)?;
        if bytes.pop() != Some(b'\n') {
            return Err(user_error("cmus ended the connection", "restart it"));
        }
        if bytes.is_empty() {
            return Ok(lines);
        }
        lines.push(String::from_utf8_lossy(&bytes).into_owned());
    }
}
