//! A player without an adapter of its own: its track list where that works, else songs opened at the end where that is safe.

use std::path::Path;
use std::time::Instant;

use anyhow::Result;
use zbus::zvariant::ObjectPath;

use crate::mpris::playback::{Mpris, Now};
use crate::mpris::track_list;
use crate::player::Player;
use crate::strategies::open_at_end::End;
use moodring_core::domain::address;
use moodring_core::domain::playback::{Playback, Ticket, Way};
use moodring_core::error::fault;

pub struct Any {
    base: Mpris,
    way: Way,
    /// Opening a song here is known to do no harm at the end of another.
    opens: bool,
    end: End,
    /// A call that timed out may have put this song in; a retry looks first.
    doubt: Option<String>,
    learned: Option<Way>,
}

impl Any {
    pub fn new(base: Mpris, opens: bool) -> Self {
        // Strawberry, Clementine and Celluloid say so too and drop what they are given: the first song tells.
        let way = if base.listed { Way::Next { take_back: true } } else { Self::lower(opens) };
        Self { base, way, opens, end: End::default(), doubt: None, learned: None }
    }

    fn lower(opens: bool) -> Way {
        if opens { Way::AtEnd } else { Way::SuggestOnly }
    }

    /// This way has never worked: remember it, and say so.
    fn give_up(&mut self, what: &str) -> anyhow::Error {
        self.way = if self.way == Way::AtEnd { Way::SuggestOnly } else { Self::lower(self.opens) };
        self.learned = Some(self.way);
        let left = match self.way {
            Way::AtEnd => "Moodring opens songs there at the end of others instead",
            _ => "Moodring only suggests songs for this player",
        };
        fault(format!("{} {what}", self.base.name()), left)
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

    fn insert(&mut self, now: Now, song: &Path) -> Result<Ticket> {
        let Some(current) = now.id else { return Err(self.give_up("does not say which track it plays")) };
        let (peer, target) = (self.base.peer.clone(), address::of(song));
        let before = track_list::ids(&peer)?;
        let waiting = track_list::following(&before, &current).first().filter(|id| track_list::is(&peer, id, song));
        if let Some(id) = waiting.filter(|_| self.doubt.as_deref() == Some(&target)) {
            return Ok(track_list::ticket(id, song));
        }
        self.doubt = Some(target.clone());
        peer.track_list()?.add_track(&target, &ObjectPath::try_from(&*current)?, false)?;
        let effect = self.effect(&before, &current, song)?;
        self.doubt = None;
        match effect {
            Some((id, true)) => Ok(track_list::ticket(&id, song)),
            Some((id, false)) => {
                track_list::remove(&peer, &id)?;
                Err(self.give_up("puts songs elsewhere than asked"))
            }
            None => Err(self.give_up("took the song and did nothing with it")),
        }
    }

    fn remove(&self, ticket: &Ticket) -> Result<bool> {
        let Some((id, song)) = track_list::read(ticket) else { return Ok(false) };
        let (peer, current) = (&self.base.peer, self.base.now()?.id.unwrap_or_default());
        let ids = track_list::ids(peer)?;
        let waiting = track_list::following(&ids, &current).contains(&id);
        if !waiting || !track_list::is(peer, &id, &song) {
            return Ok(false);
        }
        track_list::remove(peer, &id)?;
        track_list::until(|| Ok(!track_list::ids(peer)?.contains(&id)))
    }
}

/// Why nothing of ours may be opened when the current song ends.
fn followed(base: &Mpris, now: &Now) -> Option<String> {
    let follows = now.goes_on != Some(false) || now.repeats_list;
    follows.then(|| format!("your list in {} goes on, and opening a song would end it", base.name()))
}

impl Player for Any {
    fn name(&self) -> &str {
        self.base.name()
    }

    fn way(&self) -> Way {
        self.way
    }

    fn playback(&mut self) -> Result<Playback> {
        let mut now = self.base.now()?;
        let alone = followed(&self.base, &now).is_none();
        if let Some(opened) = self.end.watch(&self.base, &now, alone)? {
            self.learned = Some(Way::AtEnd);
            if !opened {
                self.give_up("took the song and did nothing with it");
            }
            now = self.base.now()?;
        }
        let upcoming = match (&now.id, self.way) {
            (Some(id), Way::Next { .. }) => track_list::upcoming(&self.base.peer, id).ok(),
            (_, Way::AtEnd) if now.goes_on == Some(false) => Some(Vec::new()),
            _ => None,
        };
        let followed = followed(&self.base, &now).filter(|_| self.way == Way::AtEnd);
        let playback = self.base.playback_with(now, self.way, upcoming);
        // Where songs are but suggested, order and repeats hinder nothing.
        let obstacle = playback.obstacle.or(followed).filter(|_| self.way != Way::SuggestOnly);
        Ok(Playback { obstacle, ..playback })
    }

    fn queue(&mut self, song: &Path) -> Result<Ticket> {
        if self.way == Way::SuggestOnly {
            return Err(self.give_up("offers no way to queue a song"));
        }
        let now = self.base.ready()?;
        if self.way != Way::AtEnd {
            return self.insert(now, song);
        }
        match followed(&self.base, &now) {
            Some(reason) => Err(fault(reason, "let your list end first")),
            None => Ok(self.end.hold(song, &now)),
        }
    }

    fn take_back(&mut self, ticket: &Ticket) -> Result<bool> {
        if self.end.release(ticket) {
            return Ok(true);
        }
        self.remove(ticket)
    }

    fn skip(&mut self) -> Result<()> {
        self.base.skip()
    }

    fn due(&self) -> Option<Instant> {
        self.end.due()
    }

    fn learned(&mut self) -> Option<Way> {
        self.learned.take()
    }

    /// Only bad news: what once worked is tried again anyway.
    fn recall(&mut self, way: Way) {
        if way == Way::SuggestOnly || (way == Way::AtEnd && self.opens) {
            self.way = way;
        }
    }

    fn build(&self) -> Option<String> {
        self.base.build()
    }
}
