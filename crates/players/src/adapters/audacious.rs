//! Audacious: no TrackList, but an interface of its own, which acts on the list that its window shows.

use std::path::Path;

use anyhow::Result;

use crate::mpris::bus::AudaciousProxy;
use crate::mpris::playback::Mpris;
use crate::mpris::{metadata, track_list};
use crate::player::{Player, QueueEntry};
use moodring_core::domain::address;
use moodring_core::domain::playback::{Dequeued, Playback, QueueMethod};
use moodring_core::domain::track::Track;
use moodring_core::error::user_error;

pub struct Audacious {
    base: Mpris,
    /// Our songs: address, and how many times the listener's own list has it after the current song.
    ours: Vec<(String, usize)>,
}

impl Audacious {
    pub fn new(base: Mpris) -> Self {
        Self { base, ours: Vec::new() }
    }

    /// Where in the shown list the current song is; `None` when another list plays.
    fn place(&self, proxy: &AudaciousProxy<'_>, track: Option<&Track>) -> Result<Option<u32>> {
        let at = proxy.position()?;
        let listed = address::parse_file_path(&proxy.song_filename(at)?);
        Ok(track.and_then(|track| track.path.clone()).is_some_and(|path| listed == Some(path)).then_some(at))
    }

    /// Positions after the current song that hold this address.
    fn waiting(&self, proxy: &AudaciousProxy<'_>, at: u32, target: &str) -> Result<Vec<u32>> {
        let end = u32::try_from(proxy.length()?).unwrap_or(0).min(at + SCOPE);
        let wanted = address::parse_file_path(target);
        let mut found = Vec::new();
        for position in at + 1..end {
            if address::parse_file_path(&proxy.song_filename(position)?) == wanted {
                found.push(position);
            }
        }
        Ok(found)
    }

    fn refusal(&self, proxy: &AudaciousProxy<'_>) -> Result<Option<&'static str>> {
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

/// How far ahead of the current song we look for one of ours.
const SCOPE: u32 = 64;

impl Player for Audacious {
    fn name(&self) -> &str {
        self.base.name()
    }

    fn queue_method(&self) -> QueueMethod {
        QueueMethod::AfterCurrent { take_back: true }
    }

    fn read_playback(&mut self) -> Result<Playback> {
        let mut now = self.base.now()?;
        let proxy = self.base.peer.audacious()?;
        now.shuffle = proxy.shuffle()?;
        let place = self.place(&proxy, now.track.as_ref())?.filter(|_| !now.shuffle);
        let upcoming = place.map(|at| self.upcoming(&proxy, at)).transpose()?;
        let refusal = self.refusal(&proxy)?.map(str::to_owned);
        let playback = self.base.playback_with(now, self.queue_method(), upcoming);
        Ok(Playback { obstacle: refusal.or(playback.obstacle), ..playback })
    }

    fn queue(&mut self, path: &Path) -> Result<QueueEntry> {
        let now = self.base.ready()?;
        let proxy = self.base.peer.audacious()?;
        if let Some(reason) = self.refusal(&proxy)? {
            return Err(user_error(reason, "change that in the player"));
        }
        let Some(at) = self.place(&proxy, now.track.as_ref())? else {
            return Err(user_error(
                "the list shown in Audacious is not the one that plays",
                "show the list that plays",
            ));
        };
        let target = address::to_file_uri(path);
        let own = self.ours.iter().find(|(ours, _)| *ours == target).map(|(_, own)| *own);
        let before = self.waiting(&proxy, at, &target)?;
        // A call that had timed out may have put it in.
        let belated = own.is_some_and(|own| before.len() > own);
        if !belated {
            self.ours.retain(|(ours, _)| *ours != target);
            self.ours.push((target.clone(), before.len()));
            proxy.playlist_ins_url_string(&target, i32::try_from(at)? + 1)?;
        }
        let shown = || Ok(address::parse_file_path(&proxy.song_filename(at + 1)?).as_deref() == Some(path));
        if belated || track_list::until(shown)? {
            return Ok(QueueEntry::new("", path));
        }
        Err(user_error("Audacious did not put the song into its list", "queue it by hand, or start Audacious anew"))
    }

    fn dequeue(&mut self, entry: &QueueEntry) -> Result<Dequeued> {
        let target = address::to_file_uri(&entry.song);
        let Some(own) = self.ours.iter().find(|(ours, _)| *ours == target).map(|(_, own)| *own) else {
            return Ok(Dequeued::NotThere);
        };
        let now = self.base.now()?;
        let proxy = self.base.peer.audacious()?;
        let Some(at) = self.place(&proxy, now.track.as_ref())? else { return Ok(Dequeued::NotThere) };
        let waiting = self.waiting(&proxy, at, &target)?;
        // As many as the listener put in: ours has been played.
        let Some(nearest) = waiting.first().filter(|_| waiting.len() > own) else { return Ok(Dequeued::NotThere) };
        proxy.delete(*nearest)?;
        let gone = track_list::until(|| Ok(self.waiting(&proxy, at, &target)?.len() < waiting.len()))?;
        self.ours.retain(|(ours, _)| *ours != target);
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
        Ok(<&str>::try_from(&*value).map(metadata::clean).unwrap_or_default())
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
