//! mpv with its MPRIS script: through its socket where it has one, else by opening songs when its list has ended.
//!
//! Celluloid contains mpv and may have a socket as well.

pub mod ipc;

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::Result;

use crate::adapters::mpv::ipc::{Ipc, PlaylistEntry};
use crate::mpris::playback::{CurrentState, Mpris};
use crate::player::{Player, QueueEntry};
use crate::strategies::begun_entries::BegunEntries;
use crate::strategies::open_at_end::OpenAtEnd;
use crate::strategies::queue_with_readback::{QueueWithReadback, SongQueue};
use crate::tag_cache::TagCache;
use moodring_core::domain::playback::{Dequeued, Playback, PlaybackStatus, QueueMethod};
use moodring_core::domain::track::Track;
use moodring_core::error::user_error;

/// The id of the current track when nothing is loaded.
const NO_ENTRY: &str = "/noplaylist";

/// What the user can do.
const NO_SOCKET: &str = "mpv has no control socket: `input-ipc-server` in mpv.conf gives it one";

/// When, and how often, to check again whether a song is paused or only begins.
const STILL_CHECKS: (Duration, u32) = (Duration::from_millis(700), 4);

/// The pause between checks whether the position moves, and their number.
const MOVE_CHECKS: (Duration, u32) = (Duration::from_millis(60), 6);

pub struct Mpv {
    base: Mpris,
    tag_cache: TagCache,
    /// It stays_idle when its list has ended.
    stays_idle: bool,
    open_at_end: OpenAtEnd,
    has_failed: bool,
    /// How often in a row a song that begins still_count still, and when to look again.
    still_count: u32,
    again: Option<Instant>,
    begun: BegunEntries,
    readback: QueueWithReadback,
    learned: Option<QueueMethod>,
}

impl Mpv {
    pub fn new(base: Mpris) -> Self {
        let words = base.process.as_ref().map(|process| process.arguments()).unwrap_or_default();
        let stays_idle = words.iter().any(|word| word == "--idle" || word == "--idle=yes");
        let (tag_cache, open_at_end) = (TagCache::default(), OpenAtEnd::default());
        Self {
            base,
            tag_cache,
            stays_idle,
            open_at_end,
            has_failed: false,
            still_count: 0,
            again: None,
            begun: BegunEntries::default(),
            readback: Default::default(),
            learned: None,
        }
    }

    /// Its control socket, if it has one by now.
    pub fn find_socket(base: &Mpris) -> Option<Ipc> {
        let sockets = base.process.as_ref()?.listening_sockets();
        sockets.iter().find_map(|path| {
            let mut ipc = Ipc::open(path).ok()?;
            ipc.property("idle-active").ok()?;
            Some(ipc)
        })
    }

    fn method_without_socket(&self) -> QueueMethod {
        if self.stays_idle && !self.has_failed { QueueMethod::OpenAtEnd } else { QueueMethod::Unsupported }
    }

    fn read_with_socket(&mut self, ipc: &mut Ipc) -> Result<Playback> {
        let mut now = self.base.read_state()?;
        now.status = ipc.status()?;
        // mpv reports true for a list in order.
        now.shuffle = false;
        now.repeats_song = ipc.repeats_song()?;
        let list = ipc.playlist()?;
        list.iter().filter(|entry| entry.current).for_each(|entry| self.begun.note_current(&entry.id.to_string()));
        let next = list.iter().position(|entry| entry.current).map_or(list.len(), |at| at + 1);
        let near = &list[next..list.len().min(next + moodring_core::domain::playback::HORIZON)];
        let upcoming = near.iter().map(|entry| self.track(entry)).collect();
        Ok(self.base.playback_with(now, QueueMethod::AfterCurrent { take_back: true }, Some(upcoming)))
    }

    fn track(&mut self, entry: &PlaylistEntry) -> Track {
        match &entry.path {
            Some(path) => self.tag_cache.track(path),
            None => Track { title: entry.title.clone(), ..Track::default() },
        }
    }

    /// Over the bus alone: once mpv has been idle its status stays "Stopped", and every list counts as shuffled.
    fn read_without_socket(&mut self) -> Result<Playback> {
        let mut now = self.read_state()?;
        let single = is_single(&now);
        if let Some(opened) = self.open_at_end.open_when_ended(&self.base, &now, single)? {
            self.has_failed = !opened;
            self.learned = Some(self.method_without_socket());
            now = self.read_state()?;
        }
        let list = (!is_single(&now) && now.status == PlaybackStatus::Playing)
            .then(|| "mpv plays a list, which opening a song would replace".to_owned());
        let way = self.method_without_socket();
        let playback = self.base.playback_with(now, way, None);
        let obstacle = match way {
            QueueMethod::Unsupported => Some(NO_SOCKET.to_owned()),
            _ => playback.obstacle.or(list),
        };
        Ok(Playback { obstacle, ..playback })
    }

    fn read_state(&mut self) -> Result<CurrentState> {
        let mut now = self.base.read_state()?;
        now.shuffle = false;
        // Its position is below zero for a moment where one song of a list makes place for the next.
        let listed = now.id.as_deref().is_some_and(|id| id != NO_ENTRY);
        // At the end of its list mpv 0.40 keeps the id; without anything else, nothing is loaded.
        let loaded = now.track.is_some() && (listed || now.position.is_some());
        if now.status == PlaybackStatus::Stopped && loaded {
            let moves = now.position.is_none() || self.is_moving(&now);
            now.status = if moves { PlaybackStatus::Playing } else { PlaybackStatus::Paused };
            self.doubt_pause(moves, &now);
        } else {
            self.still_count = 0;
        }
        Ok(now)
    }

    /// A song that has hardly begun may stand still for a moment, and nothing tells when it moves on.
    fn doubt_pause(&mut self, moves: bool, now: &CurrentState) {
        let begins = now.position < Some(Duration::from_secs(1));
        self.still_count = if moves { 0 } else { self.still_count + u32::from(begins) };
        let doubtful = !moves && begins && self.still_count <= STILL_CHECKS.1;
        self.again = doubtful.then(|| Instant::now() + STILL_CHECKS.0);
    }

    fn is_moving(&self, now: &CurrentState) -> bool {
        (0..MOVE_CHECKS.1).any(|_| {
            std::thread::sleep(MOVE_CHECKS.0);
            self.base.read_position() > now.position
        })
    }

    fn insert(&mut self, ipc: &mut Ipc, song: &Path) -> Result<QueueEntry> {
        let mut queue = IpcQueue { ipc, added: None };
        let added = self.readback.queue(&mut queue, song);
        let added_id = queue.added;
        if let Ok(Some(id)) = added {
            self.begun.add(&id.to_string());
            return Ok(QueueEntry::new(id.to_string(), song));
        }
        if let Some(id) = added_id.filter(|_| added.is_ok()) {
            ipc.remove(id, song)?;
        }
        added?;
        Err(user_error("mpv did not put the song right after the current one", "queue it by hand"))
    }
}

/// One call to put a song after the current one, through mpv's socket.
struct IpcQueue<'a> {
    ipc: &'a mut Ipc,
    added: Option<u64>,
}

impl IpcQueue<'_> {
    fn next(&mut self) -> Result<Option<PlaylistEntry>> {
        Ok(self.ipc.playlist()?.into_iter().skip_while(|entry| !entry.current).nth(1))
    }
}

impl SongQueue for IpcQueue<'_> {
    type Entry = u64;

    fn add(&mut self, song: &Path) -> Result<()> {
        self.added = Some(self.ipc.insert(song)?);
        Ok(())
    }

    fn find_added(&mut self, _song: &Path) -> Result<Option<u64>> {
        let next = self.next()?.map(|entry| entry.id);
        Ok(next.filter(|id| Some(*id) == self.added))
    }

    fn find_late(&mut self, song: &Path) -> Result<Option<u64>> {
        let list = self.ipc.playlist()?;
        let late = list.into_iter().skip_while(|entry| !entry.current).skip(1);
        Ok(late.filter(|entry| entry.path.as_deref() == Some(song)).map(|entry| entry.id).next())
    }

    fn remove_late(&mut self, id: u64) -> Result<()> {
        self.ipc.remove_entry(id).map(drop)
    }
}

/// Its ids are places in the list: a song that ends at the first place, with nothing after it, was alone.
fn is_single(now: &CurrentState) -> bool {
    now.id.as_deref() == Some("/0") && !now.repeats_list
}

impl Player for Mpv {
    fn name(&self) -> &str {
        self.base.name()
    }

    fn queue_method(&self) -> QueueMethod {
        if Self::find_socket(&self.base).is_some() {
            QueueMethod::AfterCurrent { take_back: true }
        } else {
            self.method_without_socket()
        }
    }

    fn read_playback(&mut self) -> Result<Playback> {
        self.again = None;
        match Self::find_socket(&self.base) {
            Some(mut ipc) => self.read_with_socket(&mut ipc),
            None => self.read_without_socket(),
        }
    }

    fn queue(&mut self, song: &Path) -> Result<QueueEntry> {
        if let Some(mut ipc) = Self::find_socket(&self.base) {
            if ipc.status()? == PlaybackStatus::Stopped || ipc.repeats_song()? {
                return Err(user_error(
                    "mpv plays nothing that a song could follow",
                    "start a song, without repeating it",
                ));
            }
            return self.insert(&mut ipc, song);
        }
        if self.method_without_socket() == QueueMethod::Unsupported {
            return Err(user_error(
                "mpv has no socket, and ends with its list",
                "set input-ipc-server in mpv.conf, for instance to ~/.config/mpv/socket",
            ));
        }
        let now = self.read_state()?;
        if now.status == PlaybackStatus::Stopped || now.repeats_song || !is_single(&now) {
            return Err(user_error("mpv plays a list, or nothing", "set input-ipc-server in mpv.conf"));
        }
        Ok(self.open_at_end.hold(song, &now))
    }

    fn dequeue(&mut self, entry: &QueueEntry) -> Result<Dequeued> {
        if self.open_at_end.release(entry) {
            return Ok(Dequeued::Removed);
        }
        let (Ok(id), Some(mut ipc)) = (entry.id.parse(), Self::find_socket(&self.base)) else {
            return Ok(Dequeued::NotThere);
        };
        if self.begun.has_begun(&entry.id) {
            return Ok(Dequeued::NotThere);
        }
        ipc.remove(id, &entry.song)
    }

    fn skip(&mut self) -> Result<()> {
        self.base.skip()
    }

    fn next_read(&self) -> Option<Instant> {
        self.open_at_end.next_read().into_iter().chain(self.again).min()
    }

    fn take_learned(&mut self) -> Option<QueueMethod> {
        self.learned.take()
    }

    fn restore_support(&mut self, way: QueueMethod) {
        self.has_failed |= way == QueueMethod::Unsupported && self.stays_idle;
    }

    fn build_id(&self) -> Option<String> {
        self.base.build_id()
    }
}
