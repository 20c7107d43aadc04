//! A player without an adapter of its own: its track list where that works, else songs opened at the end where that is safe.
//!
//! 1. A track list is used only if what is added can be found and removed again.
//! 2. Whatever goes wrong once a song was given away means that the player cannot be steered. That is remembered for its build.
//! 3. The player gets no second song while the first may still stand in its list.

mod placement;

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::Result;
use zbus::zvariant::ObjectPath;

use crate::adapters::any_mpris::placement::{MissingSong, Placement, Snapshot, TrackListQueue, find_unfitness};
use crate::mpris::playback::{CurrentState, Mpris};
use crate::mpris::{bus, track_list};
use crate::player::{Player, QueueEntry};
use crate::strategies::begun_entries::BegunEntries;
use crate::strategies::open_at_end::OpenAtEnd;
use crate::strategies::queue_with_readback::QueueWithReadback;
use moodring_core::domain::playback::{Dequeued, Playback, QueueMethod};
use moodring_core::error::user_error;
use moodring_platform::bus::timed_out;

/// When to check for a song that the player took and did not show, counted from the call.
const CHECKS: [Duration; 3] = [Duration::from_secs(3), Duration::from_secs(10), Duration::from_secs(30)];

/// A song that ends this soon may have ended by itself.
const NEAR_END: Duration = Duration::from_secs(4);

pub(crate) struct AnyMpris {
    base: Mpris,
    method: QueueMethod,
    /// At the end of a song, another may be opened here.
    opens: bool,
    open_at_end: OpenAtEnd,
    begun: BegunEntries,
    readback: QueueWithReadback,
    missing: Option<MissingSong>,
    checks: Vec<Instant>,
    learned: Option<QueueMethod>,
}

impl AnyMpris {
    pub(crate) fn new(base: Mpris, opens: bool) -> Self {
        // Some players say so and ignore what is added: the first song shows it.
        let method = if base.has_track_list {
            QueueMethod::AfterCurrent { take_back: true }
        } else {
            Self::fallback_method(opens)
        };
        Self {
            base,
            method,
            opens,
            open_at_end: OpenAtEnd::default(),
            begun: BegunEntries::default(),
            readback: QueueWithReadback::default(),
            missing: None,
            checks: Vec::new(),
            learned: None,
        }
    }

    fn fallback_method(opens: bool) -> QueueMethod {
        if opens { QueueMethod::OpenAtEnd } else { QueueMethod::Unsupported }
    }

    /// Gives up the method, remembers that for this build, and returns the error.
    fn give_up(&mut self, what: &str) -> anyhow::Error {
        let opened = self.method == QueueMethod::OpenAtEnd;
        self.method = if opened { QueueMethod::Unsupported } else { Self::fallback_method(self.opens) };
        self.learned = Some(self.method);
        let left = match self.method {
            QueueMethod::OpenAtEnd => "Moodring opens songs there at the end of others instead",
            _ => "Moodring only suggests songs for this player",
        };
        user_error(format!("{} {what}", self.base.name()), left)
    }

    /// Silence and absence say nothing about the player; every other error does.
    fn note_error(&mut self, error: anyhow::Error, what: &str) -> anyhow::Error {
        if timed_out(&error) || bus::is_gone(&error) { error } else { self.give_up(&format!("{what} ({error:#})")) }
    }

    fn insert(&mut self, now: &CurrentState, song: &Path) -> Result<QueueEntry> {
        let fit = find_unfitness(&self.base.peer, now.id.as_deref());
        let before = match fit.map_err(|error| self.note_error(error, "does not show its track list"))? {
            Ok(before) => before,
            Err(reason) => return Err(self.give_up(reason)),
        };
        let peer = self.base.peer.clone();
        let mut queue = TrackListQueue { peer: &peer, before: before.clone() };
        match self.readback.queue(&mut queue, song) {
            Ok(Some(Placement::AfterCurrent(id))) => self.confirm(now, &id, song),
            Ok(Some(elsewhere)) => Err(self.withdraw(&elsewhere, "puts songs elsewhere than asked")),
            Ok(None) => match before.find_nameless(&peer) {
                Ok(Some(nameless)) => Err(self.withdraw(&nameless, "does not say which files its tracks are")),
                _ => Err(self.await_missing(before, song, "took the song and did nothing with it")),
            },
            Err(error) if timed_out(&error) || bus::is_gone(&error) => Err(error),
            Err(error) => Err(self.await_missing(before, song, &format!("does not take songs ({error:#})"))),
        }
    }

    /// The song stands where it should; it counts if what played before still plays.
    fn confirm(&mut self, before: &CurrentState, id: &str, song: &Path) -> Result<QueueEntry> {
        let started = self.base.read_state()?.id.as_deref() == Some(id);
        if started && !ends_soon(before) {
            if let Some(before) = before.id.as_deref().and_then(|id| ObjectPath::try_from(id).ok()) {
                // The user's song comes back, from its beginning.
                let _ = self.base.peer.track_list()?.go_to(&before);
                track_list::wait_until_shown(|| Ok(self.base.read_state()?.id.as_deref() != Some(id)))?;
            }
            return Err(self.withdraw(&Placement::Elsewhere(id.to_owned()), "starts songs that are only added"));
        }
        self.begun.add(id);
        Ok(QueueEntry::new(id, song))
    }

    /// Removes a song that stands where it should not, and gives up.
    fn withdraw(&mut self, placement: &Placement, what: &str) -> anyhow::Error {
        if let Err(error) = track_list::remove(&self.base.peer, placement.id()) {
            return self.give_up(&format!("{what}, and does not give them back ({error:#})"));
        }
        self.give_up(what)
    }

    fn await_missing(&mut self, before: Snapshot, song: &Path, what: &str) -> anyhow::Error {
        self.missing = Some(MissingSong { song: song.to_owned(), before });
        self.checks = CHECKS.iter().rev().map(|after| Instant::now() + *after).collect();
        self.give_up(what)
    }

    /// Removes a song that has arrived after the player was given up.
    fn remove_missing(&mut self) {
        let due = self.checks.last().is_some_and(|check| *check <= Instant::now());
        let Some(missing) = self.missing.as_ref().filter(|_| due) else { return };
        self.checks.pop();
        let peer = &self.base.peer;
        let found = missing.before.find(peer, &missing.song).ok().flatten();
        let found = found.or_else(|| missing.before.find_nameless(peer).ok().flatten());
        if let Some(placement) = found
            && let Err(error) = track_list::remove(peer, placement.id())
        {
            tracing::warn!("{} keeps a song that arrived late: {error:#}", self.base.name());
        }
    }

    fn remove(&mut self, entry: &QueueEntry) -> Result<Dequeued> {
        let QueueEntry { id, song } = entry;
        let peer = self.base.peer.clone();
        let keep = self.base.read_state()?.id.as_ref() == Some(id) || self.begun.has_begun(id);
        if keep || !track_list::ids(&peer)?.contains(id) || !track_list::is_song(&peer, id, song) {
            return Ok(Dequeued::NotThere);
        }
        let removed = track_list::remove(&peer, id);
        if removed.as_ref().is_err_and(|error| timed_out(error) || bus::is_gone(error)) {
            removed?;
        }
        if track_list::wait_until_shown(|| Ok(!track_list::ids(&peer)?.contains(id)))? {
            return Ok(Dequeued::Removed);
        }
        self.give_up("does not give songs back");
        Ok(Dequeued::Cannot)
    }
}

/// Whether the current song may have ended by itself in the meantime.
fn ends_soon(now: &CurrentState) -> bool {
    let length = now.track.as_ref().and_then(|track| track.length);
    length.zip(now.position).is_some_and(|(length, position)| length < position + NEAR_END)
}

/// Why no song may be opened when the current one ends.
fn find_list_obstacle(base: &Mpris, now: &CurrentState) -> Option<String> {
    let follows = now.goes_on != Some(false) || now.repeats_list;
    follows.then(|| format!("your list in {} goes on, and opening a song would end it", base.name()))
}

impl Player for AnyMpris {
    fn name(&self) -> &str {
        self.base.name()
    }

    fn queue_method(&self) -> QueueMethod {
        self.method
    }

    fn read_playback(&mut self) -> Result<Playback> {
        let mut now = self.base.read_state()?;
        now.id.iter().for_each(|id| self.begun.note_current(id));
        self.remove_missing();
        let alone = find_list_obstacle(&self.base, &now).is_none();
        if let Some(opened) = self.open_at_end.open_when_ended(&self.base, &now, alone)? {
            self.learned = Some(QueueMethod::OpenAtEnd);
            if !opened {
                self.give_up("took the song and did nothing with it");
            }
            now = self.base.read_state()?;
        }
        let upcoming = match (&now.id, self.method) {
            (Some(id), QueueMethod::AfterCurrent { .. }) => track_list::upcoming(&self.base.peer, id).ok(),
            (_, QueueMethod::OpenAtEnd) if now.goes_on == Some(false) => Some(Vec::new()),
            _ => None,
        };
        let list_obstacle = find_list_obstacle(&self.base, &now).filter(|_| self.method == QueueMethod::OpenAtEnd);
        let playback = self.base.playback_with(now, self.method, upcoming);
        // Where songs are only suggested, random order and repeats do not matter.
        let obstacle = playback.obstacle.or(list_obstacle).filter(|_| self.method != QueueMethod::Unsupported);
        Ok(Playback { obstacle, ..playback })
    }

    fn queue(&mut self, song: &Path) -> Result<QueueEntry> {
        if self.method == QueueMethod::Unsupported {
            return Err(self.give_up("offers no way to queue a song"));
        }
        let now = self.base.check_ready()?;
        if self.method != QueueMethod::OpenAtEnd {
            return self.insert(&now, song);
        }
        match find_list_obstacle(&self.base, &now) {
            Some(reason) => Err(user_error(reason, "let your list end first")),
            None => Ok(self.open_at_end.hold(song, &now)),
        }
    }

    fn dequeue(&mut self, entry: &QueueEntry) -> Result<Dequeued> {
        if self.open_at_end.release(entry) {
            return Ok(Dequeued::Removed);
        }
        self.remove(entry)
    }

    fn skip(&mut self) -> Result<()> {
        self.base.skip()
    }

    fn next_read(&self) -> Option<Instant> {
        self.open_at_end.next_read().into_iter().chain(self.checks.last().copied()).min()
    }

    fn take_learned(&mut self) -> Option<QueueMethod> {
        self.learned.take()
    }

    /// Restores only that a method does not work: one that worked is tried again anyway.
    fn restore_support(&mut self, method: QueueMethod) {
        if method == QueueMethod::Unsupported || (method == QueueMethod::OpenAtEnd && self.opens) {
            self.method = method;
        }
    }

    fn build_id(&self) -> Option<String> {
        self.base.build_id()
    }
}
