//! mpv with its MPRIS script: through its socket where it has one, else by opening songs when it has run dry.
//!
//! Celluloid is mpv within, and may have a socket just as well.

pub mod ipc;

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::Result;

use crate::adapters::mpv::ipc::{Entry, Ipc};
use crate::mpris::playback::{CurrentState, Mpris};
use crate::player::{Player, QueueEntry};
use crate::strategies::begun_entries::BegunEntries;
use crate::strategies::open_at_end::OpenAtEnd;
use crate::strategies::queue_with_readback::{QueueWithReadback, SongQueue};
use crate::tag_cache::TagCache;
use moodring_core::domain::playback::{Dequeued, Playback, PlaybackStatus, QueueMethod};
use moodring_core::domain::track::Track;
use moodring_core::error::user_error;

/// The id of what plays when nothing does.
const DRY: &str = "/noplaylist";

/// What would help.
const NO_SOCKET: &str = "mpv has no control socket: `input-ipc-server` in mpv.conf gives it one";

/// When, and how many times, to look again whether a song is paused or only begins.
const STANDS: (Duration, u32) = (Duration::from_millis(700), 4);

/// How often, and how many times, to see whether a song moves on.
const MOVES: (Duration, u32) = (Duration::from_millis(60), 6);

pub struct Mpv {
    base: Mpris,
    shelf: TagCache,
    /// It stays when its list has ended.
    stays: bool,
    end: OpenAtEnd,
    fell: bool,
    /// How often in a row a song that begins stood still, and when to look again.
    stood: u32,
    again: Option<Instant>,
    begun: BegunEntries,
    readback: QueueWithReadback,
    learned: Option<QueueMethod>,
}

impl Mpv {
    pub fn new(base: Mpris) -> Self {
        let words = base.process.as_ref().map(|process| process.words()).unwrap_or_default();
        let stays = words.iter().any(|word| word == "--idle" || word == "--idle=yes");
        let (shelf, end) = (TagCache::default(), OpenAtEnd::default());
        Self {
            base,
            shelf,
            stays,
            end,
            fell: false,
            stood: 0,
            again: None,
            begun: BegunEntries::default(),
            readback: Default::default(),
            learned: None,
        }
    }

    /// Its control socket, if it has one by now.
    pub fn socket(base: &Mpris) -> Option<Ipc> {
        let sockets = base.process.as_ref()?.sockets();
        sockets.iter().find_map(|path| {
            let mut ipc = Ipc::open(path).ok()?;
            ipc.property("idle-active").ok()?;
            Some(ipc)
        })
    }

    fn without(&self) -> QueueMethod {
        if self.stays && !self.fell { QueueMethod::OpenAtEnd } else { QueueMethod::Unsupported }
    }

    fn with_socket(&mut self, ipc: &mut Ipc) -> Result<Playback> {
        let mut now = self.base.now()?;
        now.status = ipc.status()?;
        // It says true of a list that is in order.
        now.shuffle = false;
        now.repeats_song = ipc.repeats_song()?;
        let list = ipc.playlist()?;
        list.iter().filter(|entry| entry.current).for_each(|entry| self.begun.note_current(&entry.id.to_string()));
        let next = list.iter().position(|entry| entry.current).map_or(list.len(), |at| at + 1);
        let near = &list[next..list.len().min(next + moodring_core::domain::playback::HORIZON)];
        let upcoming = near.iter().map(|entry| self.track(entry)).collect();
        Ok(self.base.playback_with(now, QueueMethod::AfterCurrent { take_back: true }, Some(upcoming)))
    }

    fn track(&mut self, entry: &Entry) -> Track {
        match &entry.path {
            Some(path) => self.shelf.track(path),
            None => Track { title: entry.title.clone(), ..Track::default() },
        }
    }

    /// The bus alone: its status sticks at "Stopped" once it has been idle, and it calls every list shuffled.
    fn alone(&mut self) -> Result<Playback> {
        let mut now = self.plain()?;
        let single = single(&now);
        if let Some(opened) = self.end.watch(&self.base, &now, single)? {
            self.fell = !opened;
            self.learned = Some(self.without());
            now = self.plain()?;
        }
        let list = (!crate::adapters::mpv::single(&now) && now.status == PlaybackStatus::Playing)
            .then(|| "mpv plays a list, which opening a song would replace".to_owned());
        let way = self.without();
        let playback = self.base.playback_with(now, way, None);
        let obstacle = match way {
            QueueMethod::Unsupported => Some(NO_SOCKET.to_owned()),
            _ => playback.obstacle.or(list),
        };
        Ok(Playback { obstacle, ..playback })
    }

    fn plain(&mut self) -> Result<CurrentState> {
        let mut now = self.base.now()?;
        now.shuffle = false;
        // Its position is below zero for a moment where one song of a list makes place for the next.
        let listed = now.id.as_deref().is_some_and(|id| id != DRY);
        // At the end of its list mpv 0.40 keeps the id; without anything else, nothing is loaded.
        let loaded = now.track.is_some() && (listed || now.position.is_some());
        if now.status == PlaybackStatus::Stopped && loaded {
            let moves = now.position.is_none() || self.moves(&now);
            now.status = if moves { PlaybackStatus::Playing } else { PlaybackStatus::Paused };
            self.doubt_pause(moves, &now);
        } else {
            self.stood = 0;
        }
        Ok(now)
    }

    /// A song that has hardly begun may stand still for a moment, and nothing tells when it moves on.
    fn doubt_pause(&mut self, moves: bool, now: &CurrentState) {
        let begins = now.position < Some(Duration::from_secs(1));
        self.stood = if moves { 0 } else { self.stood + u32::from(begins) };
        let doubtful = !moves && begins && self.stood <= STANDS.1;
        self.again = doubtful.then(|| Instant::now() + STANDS.0);
    }

    fn moves(&self, now: &CurrentState) -> bool {
        (0..MOVES.1).any(|_| {
            std::thread::sleep(MOVES.0);
            self.base.position_now() > now.position
        })
    }

    fn insert(&mut self, ipc: &mut Ipc, song: &Path) -> Result<QueueEntry> {
        let mut queue = IpcQueue { ipc, added: None };
        let added = self.readback.queue(&mut queue, song);
        let stray = queue.added;
        if let Ok(Some(id)) = added {
            self.begun.add(&id.to_string());
            return Ok(QueueEntry::new(id.to_string(), song));
        }
        if let Some(id) = stray.filter(|_| added.is_ok()) {
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
    fn next(&mut self) -> Result<Option<Entry>> {
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
fn single(now: &CurrentState) -> bool {
    now.id.as_deref() == Some("/0") && !now.repeats_list
}

impl Player for Mpv {
    fn name(&self) -> &str {
        self.base.name()
    }

    fn queue_method(&self) -> QueueMethod {
        if Self::socket(&self.base).is_some() { QueueMethod::AfterCurrent { take_back: true } } else { self.without() }
    }

    fn read_playback(&mut self) -> Result<Playback> {
        self.again = None;
        match Self::socket(&self.base) {
            Some(mut ipc) => self.with_socket(&mut ipc),
            None => self.alone(),
        }
    }

    fn queue(&mut self, song: &Path) -> Result<QueueEntry> {
        if let Some(mut ipc) = Self::socket(&self.base) {
            if ipc.status()? == PlaybackStatus::Stopped || ipc.repeats_song()? {
                return Err(user_error(
                    "mpv plays nothing that a song could follow",
                    "start a song, without repeating it",
                ));
            }
            return self.insert(&mut ipc, song);
        }
        if self.without() == QueueMethod::Unsupported {
            return Err(user_error(
                "mpv has no socket, and ends with its list",
                "set input-ipc-server in mpv.conf, for instance to ~/.config/mpv/socket",
            ));
        }
        let now = self.plain()?;
        if now.status == PlaybackStatus::Stopped || now.repeats_song || !single(&now) {
            return Err(user_error("mpv plays a list, or nothing", "set input-ipc-server in mpv.conf"));
        }
        Ok(self.end.hold(song, &now))
    }

    fn dequeue(&mut self, entry: &QueueEntry) -> Result<Dequeued> {
        if self.end.release(entry) {
            return Ok(Dequeued::Removed);
        }
        let (Ok(id), Some(mut ipc)) = (entry.id.parse(), Self::socket(&self.base)) else {
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
        self.end.next_read().into_iter().chain(self.again).min()
    }

    fn take_learned(&mut self) -> Option<QueueMethod> {
        self.learned.take()
    }

    fn restore_support(&mut self, way: QueueMethod) {
        self.fell |= way == QueueMethod::Unsupported && self.stays;
    }

    fn build_id(&self) -> Option<String> {
        self.base.build_id()
    }
}
