//! Which songs of other places the library has, and what the owner's listens there come to.
//!
//! Both are worked out after a scan and after an import, not when the songs are read: the agent should not wait for it.

use std::collections::HashMap;

use anyhow::Result;
use jiff::Timestamp;
use rusqlite::{Transaction, params};

use crate::library::songs::faded;
use crate::library::{Library, doing};
use moodring_core::text::song_names::song_key;

/// A listen this near to one of our own plays of the song, or to one that another source told of, is the same: scrobblers name its
/// beginning, and others its end.
pub(super) const SAME: i64 = 15 * 60;
/// What the advice of a service counts for, in plays.
const ADVISED: f32 = 1.0;
/// More plays than this say no more; a list may hold counts of years.
const MOST: f32 = 20.0;

type Paths = HashMap<i64, Vec<Vec<u8>>>;

impl Library {
    /// Matches by MusicBrainz recording, then by artist and title, and sums the listens up.
    pub fn match_outside(&mut self, now: Timestamp) -> Result<()> {
        let work = |step: &Transaction| {
            let matches = matched(step)?;
            write_matches(step, &matches)?;
            sum_up(step, &matches, now.as_second())
        };
        doing("match the imported songs", self.at_once(work))
    }
}

fn matched(step: &Transaction) -> rusqlite::Result<Paths> {
    let wanted: i64 = step.query_row("SELECT count(*) FROM outside", [], |row| row.get(0))?;
    if wanted == 0 {
        return Ok(Paths::new());
    }
    let (mut recordings, mut names) = (HashMap::<String, Vec<Vec<u8>>>::new(), HashMap::<String, Vec<Vec<u8>>>::new());
    let mut query =
        step.prepare("SELECT path, artist, title, recording FROM songs WHERE fault IS NULL AND vanished IS NULL")?;
    let mut rows = query.query([])?;
    while let Some(row) = rows.next()? {
        let path: Vec<u8> = row.get(0)?;
        if let Some(recording) = row.get::<_, Option<String>>(3)? {
            recordings.entry(recording).or_default().push(path.clone());
        }
        names.entry(song_key(&row.get::<_, String>(1)?, &row.get::<_, String>(2)?)).or_default().push(path);
    }
    let mut query =
        step.prepare("SELECT id, recording, key FROM outside WHERE title <> '' OR recording IS NOT NULL")?;
    let mut rows = query.query([])?;
    let mut matches = Paths::new();
    while let Some(row) = rows.next()? {
        let by_id = row.get::<_, Option<String>>(1)?.and_then(|recording| recordings.get(&recording));
        if let Some(paths) = by_id.or(names.get(&row.get::<_, String>(2)?)) {
            matches.insert(row.get(0)?, paths.clone());
        }
    }
    Ok(matches)
}

fn write_matches(step: &Transaction, matches: &Paths) -> rusqlite::Result<()> {
    step.execute("DELETE FROM matches", [])?;
    let mut insert = step.prepare("INSERT INTO matches (song, path) VALUES (?1, ?2)")?;
    for (song, paths) in matches {
        paths.iter().try_for_each(|path| insert.execute(params![song, path]).map(drop))?;
    }
    Ok(())
}

/// What the listens of one file come to.
#[derive(Default)]
struct Sum {
    finished: f32,
    skipped: f32,
    last: i64,
}

fn sum_up(step: &Transaction, matches: &Paths, now: i64) -> rusqlite::Result<()> {
    let own = own_plays(step)?;
    let mut sums = HashMap::<&[u8], Sum>::new();
    let mut add = |song: i64, at: i64, finished: f32, skipped: f32| {
        for path in matches.get(&song).into_iter().flatten() {
            if own.get(path).is_some_and(|plays| plays.iter().any(|play| (play - at).abs() < SAME)) {
                continue;
            }
            let sum = sums.entry(path).or_default();
            sum.finished += faded(now - at) * finished;
            sum.skipped += faded(now - at) * skipped;
            sum.last = sum.last.max(at);
        }
    };
    let mut query = step.prepare("SELECT song, at, finished FROM listens WHERE again = 0")?;
    let mut rows = query.query([])?;
    while let Some(row) = rows.next()? {
        let finished: bool = row.get(2)?;
        add(row.get(0)?, row.get(1)?, f32::from(u8::from(finished)), f32::from(u8::from(!finished)));
    }
    let mut query = step.prepare("SELECT song, at, plays FROM histories WHERE ours = 1")?;
    let mut rows = query.query([])?;
    while let Some(row) = rows.next()? {
        add(row.get(0)?, row.get(1)?, row.get::<_, f32>(2)?.min(MOST), 0.0);
    }
    let mut query = step.prepare("SELECT DISTINCT song FROM advice")?;
    let mut rows = query.query([])?;
    while let Some(row) = rows.next()? {
        for path in matches.get(&row.get::<_, i64>(0)?).into_iter().flatten() {
            sums.entry(path).or_default().finished += ADVISED;
        }
    }
    write_sums(step, &sums, now)
}

fn own_plays(step: &Transaction) -> rusqlite::Result<HashMap<Vec<u8>, Vec<i64>>> {
    let mut plays = HashMap::<Vec<u8>, Vec<i64>>::new();
    let mut query = step.prepare("SELECT path, at FROM plays")?;
    let mut rows = query.query([])?;
    while let Some(row) = rows.next()? {
        plays.entry(row.get(0)?).or_default().push(row.get(1)?);
    }
    Ok(plays)
}

fn write_sums(step: &Transaction, sums: &HashMap<&[u8], Sum>, now: i64) -> rusqlite::Result<()> {
    step.execute("DELETE FROM elsewhere", [])?;
    let mut insert =
        step.prepare("INSERT INTO elsewhere (path, finished, skipped, last, up_to) VALUES (?1, ?2, ?3, ?4, ?5)")?;
    for (path, sum) in sums {
        insert.execute(params![path, sum.finished, sum.skipped, sum.last, now])?;
    }
    Ok(())
}
