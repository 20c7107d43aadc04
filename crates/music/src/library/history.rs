//! What was kept of moods and plays, and how it is deleted.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::Result;
use jiff::Timestamp;
use rusqlite::{Row, params};
use serde::Serialize;

use crate::library::backup::delete_backups;
use crate::library::files::path_of;
use crate::library::{Library, doing};
use moodring_core::error::user_error;
use moodring_core::message::PlayOutcome;
use moodring_core::mood::{Intent, Mood};

/// A mood from its time on.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct MoodEvent {
    pub at: Timestamp,
    /// `None`: from here on the music followed none.
    pub mood: Option<Mood>,
    pub by_hand: bool,
}

/// A song as it was heard.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PlayEvent {
    pub from: Timestamp,
    pub to: Timestamp,
    #[serde(serialize_with = "moodring_core::domain::address::json::one::serialize")]
    pub path: PathBuf,
    pub title: String,
    /// Empty when it is not known.
    pub artist: String,
    /// Of the song: 0 unpleasant .. 1 pleasant; `None`: it is not in the library.
    pub valence: Option<f32>,
    /// Of the song: 0 calm .. 1 lively.
    pub energy: Option<f32>,
    pub outcome: PlayOutcome,
    /// Moodring had queued it.
    pub ours: bool,
    /// What it was chosen for; `None`: the listener chose it, or it was not kept.
    pub intent: Option<Intent>,
}

/// Moods and plays of some time, from the oldest on.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct History {
    /// The first may be from before: the mood that the time began with.
    pub moods: Vec<MoodEvent>,
    pub songs: Vec<PlayEvent>,
}

/// How many entries were deleted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Forgotten {
    pub moods: usize,
    pub plays: usize,
    pub opinions: usize,
}

/// What `forget` leaves when all is to go. What is not named here goes: a table of tomorrow's is private until shown not to be.
const KEPT_TABLES: &str = "('songs', 'folders', 'disks', 'corrections', 'players')";
const KEPT_SETTINGS: &str = "('consent', 'intent', 'mood by hand', 'paused', 'told of tray')";

impl Library {
    /// What was kept from `since` on.
    pub fn history(&self, since: Timestamp) -> Result<History> {
        let since = since.as_second();
        let read = || Ok(History { moods: self.felt(since)?, songs: self.played(since)? });
        doing("read the history", read())
    }

    fn felt(&self, since: i64) -> rusqlite::Result<Vec<MoodEvent>> {
        let mut query = self.base.prepare(
            "SELECT at, valence, energy, confidence, source FROM moods
             WHERE at >= coalesce((SELECT max(at) FROM moods WHERE at < ?1), ?1) ORDER BY at, id",
        )?;
        let rows = query.query_map([since], |row| {
            let source: String = row.get(4)?;
            let mood = Mood { valence: row.get(1)?, energy: row.get(2)?, confidence: row.get(3)? };
            Ok(MoodEvent { at: time(row.get(0)?), mood: (source != "none").then_some(mood), by_hand: source == "hand" })
        })?;
        rows.collect()
    }

    fn played(&self, since: i64) -> rusqlite::Result<Vec<PlayEvent>> {
        let mut query = self.base.prepare(
            "SELECT plays.path, at, lasted, finished, ours, intent, title, artist, valence, energy
             FROM plays LEFT JOIN songs ON songs.path = plays.path AND fault IS NULL
             WHERE at >= ?1 ORDER BY at, plays.id",
        )?;
        let rows = query.query_map([since], played)?;
        rows.collect()
    }

    /// Deletes what was kept from `since` on, or all but the songs and the owner's choices; once this returns, no deleted
    /// byte is left in the file, beside it, or in a backup.
    ///
    /// # Errors
    /// A [`moodring_core::error::UserError`] when another program keeps the file busy: what was deleted is gone from the tables then, but
    /// may still lie in the log beside them.
    pub fn forget(&mut self, since: Option<Timestamp>) -> Result<Forgotten> {
        let forgotten = doing("delete the history", self.delete(since.map(Timestamp::as_second)))?;
        if let Some(file) = self.path() {
            delete_backups(file)?;
        }
        doing("make the library small again", self.base.execute_batch("VACUUM"))?;
        let busy = self.base.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get::<_, i64>(0));
        if doing("empty the library's log", busy)? != 0 {
            let what = "the history is deleted, but another program still reads the library's log";
            return Err(user_error(what, "close it, or `moodring quit`, and run this again"));
        }
        Ok(forgotten)
    }

    fn delete(&mut self, since: Option<i64>) -> rusqlite::Result<Forgotten> {
        self.base.pragma_update(None, "secure_delete", true)?;
        self.base.pragma_update(None, "temp_store", "memory")?;
        let step = self.base.transaction()?;
        let from = since.unwrap_or(i64::MIN);
        let clear = |table| step.execute(&format!("DELETE FROM {table} WHERE at >= ?1"), [from]);
        let forgotten = Forgotten { moods: clear("moods")?, plays: clear("plays")?, opinions: clear("opinions")? };
        if since.is_none() {
            step.execute(&format!("DELETE FROM settings WHERE name NOT IN {KEPT_SETTINGS}"), [])?;
            for table in others(&step)? {
                step.execute(&format!("DELETE FROM \"{table}\""), [])?;
            }
        }
        step.commit()?;
        Ok(forgotten)
    }
}

fn others(base: &rusqlite::Connection) -> rusqlite::Result<Vec<String>> {
    let mut query = base.prepare(&format!(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'
         AND name != 'settings' AND name NOT IN {KEPT_TABLES}"
    ))?;
    let rows = query.query_map(params![], |row| row.get(0))?;
    rows.collect()
}

fn played(row: &Row) -> rusqlite::Result<PlayEvent> {
    let path = path_of(row.get(0)?);
    let (at, lasted): (i64, Option<i64>) = (row.get(1)?, row.get(2)?);
    let intent: Option<String> = row.get(5)?;
    let title: Option<String> = row.get(6)?;
    let name = || path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    Ok(PlayEvent {
        from: time(at.saturating_sub(lasted.unwrap_or(0))),
        to: time(at),
        title: title.filter(|title| !title.is_empty()).unwrap_or_else(name),
        artist: row.get::<_, Option<String>>(7)?.unwrap_or_default(),
        valence: row.get(8)?,
        energy: row.get(9)?,
        outcome: if row.get(3)? { PlayOutcome::Finished } else { PlayOutcome::Skipped },
        ours: row.get(4)?,
        intent: intent.and_then(|word| Intent::ALL.into_iter().find(|intent| intent.word() == word)),
        path,
    })
}

/// A time that no calendar holds counts as the beginning of time.
fn time(seconds: i64) -> Timestamp {
    Timestamp::from_second(seconds).unwrap_or_default()
}

/// Whole seconds, for the tables.
pub(super) fn seconds(time: Duration) -> i64 {
    i64::try_from(time.as_secs()).unwrap_or(i64::MAX)
}
