//! Audacious: no TrackList, but an interface of its own, which acts on the list that its window shows.

use std::path::{Path, PathBuf};

use anyhow::Result;

use crate::mpris::bus::AudaciousProxy;
use crate::mpris::playback::Mpris;
use crate::mpris::{metadata, track_list};
use crate::player::{Player, QueueEntry};
use crate::strategies::own_copy::OwnCopy;
use crate::strategies::queue_with_readback::{QueueWithReadback, SongQueue};
use moodring_core::domain::address;
use moodring_core::domain::playback::{Dequeued, Playback, PlaybackStatus, QueueMethod};
use moodring_core::domain::track::Track;
use moodring_core::error::user_error;

const OTHER_LIST: (&str, &str) = ("the list shown in Audacious is not the one that plays", "show the list that plays");

pub(crate) struct Audacious {
    base: Mpris,
    /// The songs that Moodring put in, each with its position then.
    own_copies: Vec<(OwnCopy, u32)>,
    readback: QueueWithReadback,
}

impl Audacious {
    pub(crate) fn new(base: Mpris) -> Self {
        Self { base, own_copies: Vec::new(), readback: Default::default() }
    }

    /// Where in the shown list the current song is; `None` when another list plays.
    fn current_position(&self, proxy: &AudaciousProxy<'_>, track: Option<&Track>) -> Result<Option<u32>> {
        let at = proxy.position()?;
        let listed = address::parse_file_path(&proxy.song_filename(at)?);
        Ok(track.and_then(|track| track.path.clone()).is_some_and(|path| listed == Some(path)).then_some(at))
    }

    fn own_copy(&self, entry: &QueueEntry) -> Option<(OwnCopy, Option<u32>)> {
        let known = self.own_copies.iter().find(|(copy, _)| copy.song == entry.song);
        let known = known.map(|(copy, at)| (copy.clone(), Some(*at)));
        // An earlier adapter may have put it in.
        known.or_else(|| Some((OwnCopy::from_earlier(&entry.song, entry.id.parse().ok()?), None)))
    }

    fn note_begun(&mut self, track: Option<&Track>) {
        let current = track.and_then(|track| track.path.as_ref());
        self.own_copies
            .iter_mut()
            .filter(|(copy, _)| Some(&copy.song) == current)
            .for_each(|(copy, _)| copy.begun = true);
    }

    fn find_obstacle(&self, proxy: &AudaciousProxy<'_>) -> Result<Option<&'static str>> {
        Ok(if proxy.shuffle()? {
            Some("Audacious plays in random order, so no song can be next")
        } else if proxy.stop_after()? || !proxy.auto_advance()? {
            Some("Audacious stops after the current song, so no song can be next")
        } else if proxy.get_playqueue_length()? > 0 {
            // Its queue jumps to a song elsewhere in the list and goes on from there.
            Some("your own queue in Audacious comes first")
        } else {
            None
        })
    }

    fn upcoming(&self, proxy: &AudaciousProxy<'_>, at: u32) -> Result<Vec<Track>> {
        let end =
            u32::try_from(proxy.length()?).unwrap_or(0).min(at + 1 + moodring_core::domain::playback::HORIZON as u32);
        (at + 1..end).map(|position| song(proxy, position)).collect()
    }
}

/// So many songs of the list on either side are searched for own_copies.
const WINDOW: u32 = 500;

/// A part of the list, and the position of its first song.
struct Window {
    start: u32,
    songs: Vec<Option<PathBuf>>,
}

impl Window {
    fn read(proxy: &AudaciousProxy<'_>, around: u32) -> Result<Self> {
        let length = u32::try_from(proxy.length()?).unwrap_or(0);
        let (start, end) = (around.saturating_sub(WINDOW), length.min(around + WINDOW));
        let songs = (start..end).map(|at| Ok(address::parse_file_path(&proxy.song_filename(at)?)));
        Ok(Self { start, songs: songs.collect::<Result<_>>()? })
    }

    fn locate(&self, copy: &OwnCopy, current: Option<u32>) -> Option<u32> {
        let current = current.and_then(|at| at.checked_sub(self.start)).map(|at| at as usize);
        copy.locate(&self.songs, current).map(|at| self.start + at as u32)
    }
}

/// One call to put a song after the current one.
struct AudaciousQueue<'a> {
    proxy: &'a AudaciousProxy<'a>,
    own_copies: &'a mut Vec<(OwnCopy, u32)>,
    current: u32,
    current_song: PathBuf,
}

impl SongQueue for AudaciousQueue<'_> {
    type Entry = u32;

    fn add(&mut self, song: &Path) -> Result<()> {
        let before = Window::read(self.proxy, self.current)?;
        self.own_copies.retain(|(copy, _)| copy.song != song);
        self.own_copies.push((OwnCopy::new(song, &before.songs, &self.current_song), self.current + 1));
        Ok(self.proxy.playlist_ins_url_string(&address::to_file_uri(song), i32::try_from(self.current)? + 1)?)
    }

    fn find_added(&mut self, song: &Path) -> Result<Option<u32>> {
        let next = self.current + 1;
        Ok((address::parse_file_path(&self.proxy.song_filename(next)?).as_deref() == Some(song)).then_some(next))
    }

    fn find_late(&mut self, song: &Path) -> Result<Option<u32>> {
        let Some((copy, at)) = self.own_copies.iter().find(|(copy, _)| copy.song == song) else { return Ok(None) };
        Ok(Window::read(self.proxy, *at)?.locate(copy, Some(self.current)))
    }

    fn remove_late(&mut self, position: u32) -> Result<()> {
        Ok(self.proxy.delete(position)?)
    }
}

impl Player for Audacious {
    fn name(&self) -> &str {
        self.base.name()
    }

    fn queue_method(&self) -> QueueMethod {
        QueueMethod::AfterCurrent { take_back: true }
    }

    fn read_playback(&mut self) -> Result<Playback> {
        let mut now = self.base.read_state()?;
        self.note_begun(now.track.as_ref());
        let proxy = self.base.peer.audacious()?;
        now.shuffle = proxy.shuffle()?;
        let place = self.current_position(&proxy, now.track.as_ref())?.filter(|_| !now.shuffle);
        let upcoming = place.map(|at| self.upcoming(&proxy, at)).transpose()?;
        let obstacle = self.find_obstacle(&proxy)?.map(str::to_owned);
        let playback = self.base.playback_with(now, self.queue_method(), upcoming);
        Ok(Playback { obstacle: obstacle.or(playback.obstacle), ..playback })
    }

    fn queue(&mut self, path: &Path) -> Result<QueueEntry> {
        let now = self.base.check_ready()?;
        let proxy = self.base.peer.audacious()?;
        if let Some(reason) = self.find_obstacle(&proxy)? {
            return Err(user_error(reason, "change that in the player"));
        }
        let current = self.current_position(&proxy, now.track.as_ref())?;
        let (Some(current), Some(current_song)) = (current, now.track.and_then(|track| track.path)) else {
            return Err(user_error(OTHER_LIST.0, OTHER_LIST.1));
        };
        let mut queue = AudaciousQueue { proxy: &proxy, own_copies: &mut self.own_copies, current, current_song };
        if self.readback.queue(&mut queue, path)?.is_none() {
            return Err(user_error(
                "Audacious did not put the song into its list",
                "queue it by hand, or restart Audacious",
            ));
        }
        let copy = self.own_copies.iter().find(|(copy, _)| copy.song == path);
        let user_copies = copy.map_or(0, |(copy, _)| copy.user_copies);
        Ok(QueueEntry::new(user_copies.to_string(), path))
    }

    fn dequeue(&mut self, entry: &QueueEntry) -> Result<Dequeued> {
        let Some((copy, at)) = self.own_copy(entry) else { return Ok(Dequeued::NotThere) };
        let now = self.base.read_state()?;
        let proxy = self.base.peer.audacious()?;
        let current = self.current_position(&proxy, now.track.as_ref())?;
        if current.is_none() && now.status != PlaybackStatus::Stopped {
            return Err(user_error(OTHER_LIST.0, OTHER_LIST.1));
        }
        let around = at.or(current).unwrap_or_default();
        let locate = || -> Result<Option<u32>> { Ok(Window::read(&proxy, around)?.locate(&copy, current)) };
        let Some(position) = locate()? else { return Ok(Dequeued::NotThere) };
        proxy.delete(position)?;
        // What stood behind it moves up by one.
        let current = current.map(|current| current - u32::from(current > position));
        let gone = track_list::wait_until_shown(|| Ok(Window::read(&proxy, around)?.locate(&copy, current).is_none()))?;
        self.own_copies.retain(|(copy, _)| copy.song != entry.song);
        Ok(if gone { Dequeued::Removed } else { Dequeued::Cannot })
    }

    fn skip(&mut self) -> Result<()> {
        self.base.skip()
    }

    fn build_id(&self) -> Option<String> {
        self.base.build_id()
    }
}

fn song(proxy: &AudaciousProxy<'_>, position: u32) -> Result<Track> {
    let tag = |name: &str| -> Result<String> {
        let value = proxy.song_tuple(position, name)?;
        Ok(<&str>::try_from(&*value).map(metadata::sanitize).unwrap_or_default())
    };
    let length = proxy.song_tuple(position, "length")?;
    let milliseconds = i32::try_from(&*length).ok().and_then(|ms| u64::try_from(ms).ok());
    Ok(Track {
        path: address::parse_file_path(&proxy.song_filename(position)?),
        title: tag("title")?,
        artist: tag("artist")?,
        album: tag("album")?,
        length: milliseconds.map(std::time::Duration::from_millis),
        streamed: false,
    })
}
