//! A player without an adapter of its own: its track list where that works, else songs opened at the end where that is safe.

use std::path::Path;
use std::time::Instant;

use anyhow::Result;
use zbus::zvariant::ObjectPath;

use crate::mpris::playback::{CurrentState, Mpris};
use crate::mpris::track_list;
use crate::player::{Player, QueueEntry};
use crate::strategies::open_at_end::OpenAtEnd;
use moodring_core::domain::address;
use moodring_core::domain::playback::{Dequeued, Playback, QueueMethod};
use moodring_core::error::user_error;

pub struct AnyMpris {
    base: Mpris,
    way: QueueMethod,
    /// Opening a song here is known to do no harm at the end of another.
    opens: bool,
    end: OpenAtEnd,
    /// A call that timed out may have put this song in; a retry looks first.
    doubt: Option<String>,
    learned: Option<QueueMethod>,
}

impl AnyMpris {
    pub fn new(base: Mpris, opens: bool) -> Self {
        // Strawberry, Clementine and Celluloid say so too and drop what they are given: the first song tells.
        let way = if base.listed { QueueMethod::AfterCurrent { take_back: true } } else { Self::lower(opens) };
        Self { base, way, opens, end: OpenAtEnd::default(), doubt: None, learned: None }
    }

    fn lower(opens: bool) -> QueueMethod {
        if opens { QueueMethod::OpenAtEnd } else { QueueMethod::Unsupported }
    }

    /// This way has never worked: remember it, and say so.
    fn give_up(&mut self, what: &str) -> anyhow::Error {
        self.way = if self.way == QueueMethod::OpenAtEnd { QueueMethod::Unsupported } else { Self::lower(self.opens) };
        self.learned = Some(self.way);
        let left = match self.way {
            QueueMethod::OpenAtEnd => "Moodring opens songs there at the end of others instead",
            _ => "Moodring only suggests songs for this player",
        };
        user_error(format!("{} {what}", self.base.name()), left)
    }

    /// Waits for the effect of adding: `Some(true)` right after the current track, `Some(false)` somewhere else.
    fn effect(&self, before: &[String], current: &str, song: &Path) -> Result<Option<(String, bool)>> {
        let mut found = None;
        track_list::until(|| {
            let ids = track_list::ids(&self.base.peer)?;
            let fresh = ids.iter().position(|id| !before.contains(id) && track_list::is(&self.base.peer, id, song));
            found = fresh.map(|at| (ids[at].clone(), at > 0 && ids[at - 1] == current));
            Ok(found.is_some())
        })?;
        Ok(found)
    }

    fn insert(&mut self, now: CurrentState, song: &Path) -> Result<QueueEntry> {
        let Some(current) = now.id else { return Err(self.give_up("does not say which track it plays")) };
        let (peer, target) = (self.base.peer.clone(), address::to_file_uri(song));
        let before = track_list::ids(&peer)?;
        let waiting = track_list::following(&before, &current).first().filter(|id| track_list::is(&peer, id, song));
        if let Some(id) = waiting.filter(|_| self.doubt.as_deref() == Some(&target)) {
            return Ok(QueueEntry::new(id, song));
        }
        self.doubt = Some(target.clone());
        peer.track_list()?.add_track(&target, &ObjectPath::try_from(&*current)?, false)?;
        let effect = self.effect(&before, &current, song)?;
        self.doubt = None;
        match effect {
            Some((id, true)) => Ok(QueueEntry::new(id, song)),
            Some((id, false)) => {
                track_list::remove(&peer, &id)?;
                Err(self.give_up("puts songs elsewhere than asked"))
            }
            None => Err(self.give_up("took the song and did nothing with it")),
        }
    }

    fn remove(&self, entry: &QueueEntry) -> Result<Dequeued> {
        let QueueEntry { id, song } = entry;
        let (peer, current) = (&self.base.peer, self.base.now()?.id.unwrap_or_default());
        let ids = track_list::ids(peer)?;
        let waiting = track_list::following(&ids, &current).contains(id);
        if !waiting || !track_list::is(peer, id, song) {
            return Ok(Dequeued::NotThere);
        }
        track_list::remove(peer, id)?;
        let gone = track_list::until(|| Ok(!track_list::ids(peer)?.contains(id)))?;
        Ok(if gone { Dequeued::Removed } else { Dequeued::Cannot })
    }
}

/// Why nothing of ours may be opened when the current song ends.
fn followed(base: &Mpris, now: &CurrentState) -> Option<String> {
    let follows = now.goes_on != Some(false) || now.repeats_list;
    follows.then(|| format!("your list in {} goes on, and opening a song would end it", base.name()))
}

impl Player for AnyMpris {
    fn name(&self) -> &str {
        self.base.name()
    }

    fn queue_method(&self) -> QueueMethod {
        self.way
    }

    fn read_playback(&mut self) -> Result<Playback> {
        let mut now = self.base.now()?;
        let alone = followed(&self.base, &now).is_none();
        if let Some(opened) = self.end.watch(&self.base, &now, alone)? {
            self.learned = Some(QueueMethod::OpenAtEnd);
            if !opened {
                self.give_up("took the song and did nothing with it");
            }
            now = self.base.now()?;
        }
        let upcoming = match (&now.id, self.way) {
            (Some(id), QueueMethod::AfterCurrent { .. }) => track_list::upcoming(&self.base.peer, id).ok(),
            (_, QueueMethod::OpenAtEnd) if now.goes_on == Some(false) => Some(Vec::new()),
            _ => None,
        };
        let followed = followed(&self.base, &now).filter(|_| self.way == QueueMethod::OpenAtEnd);
        let playback = self.base.playback_with(now, self.way, upcoming);
        // Where songs are but suggested, order and repeats hinder nothing.
        let obstacle = playback.obstacle.or(followed).filter(|_| self.way != QueueMethod::Unsupported);
        Ok(Playback { obstacle, ..playback })
    }

    fn queue(&mut self, song: &Path) -> Result<QueueEntry> {
        if self.way == QueueMethod::Unsupported {
            return Err(self.give_up("offers no way to queue a song"));
        }
        let now = self.base.ready()?;
        if self.way != QueueMethod::OpenAtEnd {
            return self.insert(now, song);
        }
        match followed(&self.base, &now) {
            Some(reason) => Err(user_error(reason, "let your list end first")),
            None => Ok(self.end.hold(song, &now)),
        }
    }

    fn dequeue(&mut self, entry: &QueueEntry) -> Result<Dequeued> {
        if self.end.release(entry) {
            return Ok(Dequeued::Removed);
        }
        self.remove(entry)
    }

    fn skip(&mut self) -> Result<()> {
        self.base.skip()
    }

    fn next_read(&self) -> Option<Instant> {
        self.end.next_read()
    }

    fn take_learned(&mut self) -> Option<QueueMethod> {
        self.learned.take()
    }

    /// Only bad news: what once worked is tried again anyway.
    fn restore_support(&mut self, way: QueueMethod) {
        if way == QueueMethod::Unsupported || (way == QueueMethod::OpenAtEnd && self.opens) {
            self.way = way;
        }
    }

    fn build_id(&self) -> Option<String> {
        self.base.build_id()
    }
}
