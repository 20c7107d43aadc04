//! Players that take songs only at the end of their list: Strawberry, Clementine and Celluloid.
//!
//! Nothing can be removed from their lists, so a song of Moodring is held until shortly before the user's last one ends.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use zbus::zvariant::Value;

use crate::mpris::playback::{CurrentState, Mpris};
use crate::mpris::track_list;
use crate::player::{Player, QueueEntry};
use crate::tag_cache::TagCache;
use moodring_core::domain::address;
use moodring_core::domain::playback::{Dequeued, Playback, PlaybackStatus, QueueMethod};
use moodring_core::domain::track::Track;
use moodring_core::error::user_error;

/// A busy machine needs some seconds to start the program that appends the song.
const HAND_OVER_BEFORE_END: Duration = Duration::from_secs(8);

/// Puts a song at the end of the list.
pub(crate) type Append = fn(&Mpris, &Path) -> Result<()>;

/// Whether a better interface is there by now.
pub(crate) type Better = fn(&Mpris) -> bool;

pub(crate) struct DeferredAppend {
    base: Mpris,
    tag_cache: TagCache,
    append: Append,
    better: Better,
    /// The song that waits to be appended.
    held: Option<PathBuf>,
    /// The song that was appended, and the one before it.
    handed_over: Option<(PathBuf, Option<Track>)>,
    due: Option<Instant>,
    has_failed: bool,
    learned: Option<QueueMethod>,
}

impl DeferredAppend {
    pub(crate) fn new(base: Mpris, append: Append, better: Better) -> Self {
        let tag_cache = TagCache::default();
        Self {
            base,
            tag_cache,
            append,
            better,
            held: None,
            handed_over: None,
            due: None,
            has_failed: false,
            learned: None,
        }
    }

    /// When the held song is to be appended.
    fn hand_over_time(&self, now: &CurrentState) -> Option<Instant> {
        self.held.as_ref().filter(|_| now.status == PlaybackStatus::Playing)?;
        let length = now.track.as_ref()?.length.filter(|length| !length.is_zero());
        let left = length.map_or(Duration::ZERO, |length| length.saturating_sub(now.position.unwrap_or_default()));
        Some(Instant::now() + left.saturating_sub(HAND_OVER_BEFORE_END))
    }

    /// Appends the held song, and reads back whether a song follows now: before, none did.
    fn hand_over(&mut self, now: &CurrentState) -> Result<()> {
        let Some(song) = self.held.take() else { return Ok(()) };
        (self.append)(&self.base, &song)?;
        let shown = track_list::wait_until_shown(|| Ok(self.base.read_state()?.goes_on == Some(true)))?;
        self.has_failed = !shown;
        self.learned = Some(self.queue_method());
        if shown {
            self.handed_over = Some((song, now.track.clone()));
            return Ok(());
        }
        // For instance because its window shows another list than the one that plays.
        let what = format!("{} did not put the song behind the list that plays", self.base.name());
        Err(user_error(what, "Moodring only suggests songs for it until it is restarted"))
    }

    /// Forgets the song in the list once it has begun, or once the user has removed it: then nothing follows another song.
    fn note_handed_over(&mut self, now: &CurrentState) {
        let Some((song, before)) = &self.handed_over else { return };
        let path = |track: &Option<Track>| track.as_ref().map(|track| (track.path.clone(), track.title.clone()));
        let begun = now.track.as_ref().and_then(|track| track.path.as_ref()) == Some(song);
        let removed = now.goes_on == Some(false) && path(before) != path(&now.track);
        if begun || removed {
            self.handed_over = None;
        }
    }

    fn obstacle(&self, now: &CurrentState) -> Option<String> {
        let name = self.base.name();
        if self.handed_over.is_some() {
            return None;
        }
        let reason = if now.repeats_list {
            format!("{name} repeats its list, and takes songs only behind it")
        } else if now.goes_on != Some(false) {
            format!("{name} takes songs only behind its list, so the next one comes while your last song plays")
        } else {
            return self.base.find_obstacle(now);
        };
        Some(reason)
    }
}

impl Player for DeferredAppend {
    fn name(&self) -> &str {
        self.base.name()
    }

    fn queue_method(&self) -> QueueMethod {
        if self.has_failed { QueueMethod::Unsupported } else { QueueMethod::Append }
    }

    fn read_playback(&mut self) -> Result<Playback> {
        let now = self.base.read_state()?;
        self.note_handed_over(&now);
        let obstacle = self.obstacle(&now);
        self.due = self.hand_over_time(&now).filter(|_| obstacle.is_none());
        if self.due.is_some_and(|due| due <= Instant::now()) {
            self.due = None;
            if let Err(error) = self.hand_over(&now) {
                tracing::warn!("{error:#}");
            }
        }
        let handed_over: Vec<_> = self.handed_over.iter().map(|(song, _)| song.clone()).collect();
        let upcoming =
            (now.goes_on == Some(false) || !handed_over.is_empty()).then(|| self.tag_cache.tracks(&handed_over));
        Ok(Playback { obstacle, ..self.base.playback_with(now, self.queue_method(), upcoming) })
    }

    fn queue(&mut self, song: &Path) -> Result<QueueEntry> {
        if self.has_failed {
            return Err(user_error(format!("{} takes no songs", self.base.name()), "restart it"));
        }
        let now = self.base.check_ready()?;
        if self.handed_over.is_some() {
            return Err(user_error(
                format!("a song of Moodring still waits in {}", self.base.name()),
                "let it play, or remove it",
            ));
        }
        if let Some(reason) = self.obstacle(&now) {
            return Err(user_error(reason, "let your list come to its last song first"));
        }
        self.held = Some(song.to_owned());
        Ok(QueueEntry::new("", song))
    }

    fn dequeue(&mut self, entry: &QueueEntry) -> Result<Dequeued> {
        if self.held.as_ref() == Some(&entry.song) {
            self.held = None;
            return Ok(Dequeued::Removed);
        }
        let handed_over = self.handed_over.as_ref().is_some_and(|(handed_over, _)| *handed_over == entry.song);
        Ok(if handed_over { Dequeued::Cannot } else { Dequeued::NotThere })
    }

    fn skip(&mut self) -> Result<()> {
        self.base.skip()
    }

    fn next_read(&self) -> Option<Instant> {
        self.due.filter(|_| self.held.is_some())
    }

    fn take_learned(&mut self) -> Option<QueueMethod> {
        self.learned.take()
    }

    fn restore_support(&mut self, way: QueueMethod) {
        self.has_failed = way == QueueMethod::Unsupported;
    }

    fn build_id(&self) -> Option<String> {
        self.base.build_id()
    }

    fn needs_reprobe(&self) -> bool {
        self.held.is_none() && self.handed_over.is_none() && (self.better)(&self.base)
    }
}

/// Strawberry and Clementine: their program passes it to the running one, which appends to the list that its window shows.
pub(crate) fn by_program(base: &Mpris, song: &Path) -> Result<()> {
    let process = base.process.as_ref().context("it does not show its process")?;
    process.run_program(&[OsStr::new("--append"), song.as_os_str()])
}

/// Celluloid: an action of its window.
pub(crate) fn by_action(base: &Mpris, song: &Path) -> Result<()> {
    let file = Value::from((address::to_file_uri(song), true));
    base.peer.celluloid()?.activate("open", &[file], std::collections::HashMap::new())?;
    Ok(())
}
