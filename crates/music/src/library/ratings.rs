//! Tables of other listeners' ratings, which may be more than memory holds: they go to disk row by row.

use std::collections::HashSet;

use anyhow::Result;
use jiff::Timestamp;
use rusqlite::{Transaction, TransactionBehavior, params};

use crate::library::imported_tracks::Names;
use crate::library::{Library, doing};
use moodring_core::text::song_names::TrackRef;

/// Takes one row: whose it is, which song, and its rating.
pub type Take<'a> = dyn FnMut(&str, &TrackRef, f32) -> Result<()> + 'a;

/// Whose ratings a table held.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Raters {
    pub owner: bool,
    pub others: usize,
}

impl Library {
    /// Keeps all rows that `read` hands on, or none where it fails. Whoever has rows in the table loses those of an older import from
    /// this source; a song that is rated twice counts as the sum.
    pub fn keep_ratings(
        &mut self,
        source: &str,
        owner: Option<&str>,
        now: Timestamp,
        read: impl FnOnce(&mut Take) -> Result<()>,
    ) -> Result<Raters> {
        let step = doing(KEEPING, self.base.transaction_with_behavior(TransactionBehavior::Immediate))?;
        let mut table = Table {
            step: &step,
            names: doing(KEEPING, Names::read(&step))?,
            source,
            owner,
            now: now.as_second(),
            met: HashSet::new(),
        };
        read(&mut |listener, song, plays| doing(KEEPING, table.put(listener, song, plays)))?;
        let owners = owner.is_some_and(|owner| table.met.contains(owner));
        let others = table.met.len() - usize::from(owners);
        doing(KEEPING, step.commit())?;
        Ok(Raters { owner: owners, others })
    }
}

const KEEPING: &str = "keep what was imported";

struct Table<'a> {
    step: &'a Transaction<'a>,
    names: Names,
    source: &'a str,
    owner: Option<&'a str>,
    now: i64,
    /// Whose rows have come so far.
    met: HashSet<String>,
}

impl Table<'_> {
    fn put(&mut self, listener: &str, song: &TrackRef, plays: f32) -> rusqlite::Result<()> {
        if !self.met.contains(listener) {
            let mut clear = self.step.prepare_cached("DELETE FROM histories WHERE source = ?1 AND listener = ?2")?;
            clear.execute([self.source, listener])?;
            self.met.insert(listener.to_owned());
        }
        let (song, ours) = (self.names.id(self.step, song)?, self.owner == Some(listener));
        let mut insert = self.step.prepare_cached(crate::library::imported_tracks::ADD_PLAYS)?;
        insert.execute(params![self.source, listener, song, plays, ours, self.now]).map(drop)
    }
}
