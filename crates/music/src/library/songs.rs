//! The songs as ranking wants them, with the evidence of this listener's own plays.

use std::collections::HashMap;

use anyhow::Result;
use jiff::Timestamp;
use rusqlite::Row;

use crate::library::files::path_of;
use crate::library::{Library, doing};
use moodring_core::domain::song::{Evidence, Opinion, Overrides, Song};
use moodring_core::recommend::mood_weight::Feedback;

/// Days after which a play or a skip counts half.
const HALF_LIFE: f32 = 90.0;
const DAY: f32 = 86_400.0;

/// How much there is of everything, for `doctor` and `status`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Counts {
    /// Songs that can be ranked.
    pub songs: u64,
    /// Among them, those of which only the tags were read.
    pub by_tags_only: u64,
    /// Files that could not be read.
    pub failed: u64,
    /// Songs whose files are gone.
    pub vanished: u64,
    pub plays: u64,
    pub likes: u64,
    pub dislikes: u64,
    /// Rows of the history of moods.
    pub moods: u64,
}

impl Library {
    /// Every song whose file is there and could be read, with what the listener did with it up to `now`.
    pub fn songs(&self, now: Timestamp) -> Result<Vec<Song>> {
        let read = self.evidence(now.as_second()).and_then(|evidence| self.read_songs(evidence));
        let mut songs = doing("read the songs", read)?;
        // A player could not open them.
        for disk in self.disks()?.iter().filter(|disk| disk.is_away()) {
            songs.retain(|song| !song.path.starts_with(&disk.path));
        }
        Ok(songs)
    }

    fn read_songs(&self, mut evidence: HashMap<Vec<u8>, Evidence>) -> rusqlite::Result<Vec<Song>> {
        let mut query = self.base.prepare(
            "SELECT id, songs.path, title, artist, album, genre, seconds, ifnull(told.valence, songs.valence),
                ifnull(told.energy, songs.energy), ifnull(told.tempo, songs.tempo), certainty, valence_certainty,
                energy_certainty, told.valence IS NOT NULL, told.energy IS NOT NULL, mood
             FROM songs LEFT JOIN corrections AS told ON told.path = songs.path
             WHERE vanished IS NULL AND fault IS NULL",
        )?;
        let rows = query.query_map([], |row| {
            let path: Vec<u8> = row.get(1)?;
            let told = Overrides { valence: row.get(13)?, energy: row.get(14)? };
            Ok(Song {
                id: row.get(0)?,
                evidence: evidence.remove(&path).unwrap_or_default(),
                path: path_of(path),
                title: row.get(2)?,
                artist: row.get(3)?,
                album: row.get(4)?,
                genre: row.get(5)?,
                mood: row.get(15)?,
                seconds: row.get(6)?,
                valence: row.get(7)?,
                energy: row.get(8)?,
                tempo: row.get(9)?,
                certainty: certainty(row, told)?,
                told,
            })
        })?;
        rows.collect()
    }

    pub(super) fn evidence(&self, now: i64) -> rusqlite::Result<HashMap<Vec<u8>, Evidence>> {
        let mut evidence: HashMap<Vec<u8>, Evidence> = HashMap::new();
        let mut plays = self.base.prepare("SELECT path, at, finished FROM plays")?;
        let mut rows = plays.query([])?;
        while let Some(row) = rows.next()? {
            let of_song = evidence.entry(row.get(0)?).or_default();
            add_play(of_song, now - row.get::<_, i64>(1)?, row.get(2)?);
        }
        self.add_elsewhere(&mut evidence, now)?;
        let mut opinions = self.base.prepare("SELECT path, opinion FROM opinions")?;
        let mut rows = opinions.query([])?;
        while let Some(row) = rows.next()? {
            let liked = row.get::<_, i64>(1)? > 0;
            evidence.entry(row.get(0)?).or_default().opinion = if liked { Opinion::Like } else { Opinion::Dislike };
        }
        Ok(evidence)
    }

    /// What became of the songs of ours of which it is known why they were chosen, up to `now`.
    pub fn lessons(&self, now: Timestamp) -> Result<Vec<Feedback>> {
        let read = || {
            let query =
                "SELECT at, finished, fit, taste FROM plays WHERE ours = 1 AND fit IS NOT NULL AND taste IS NOT NULL";
            let mut query = self.base.prepare(query)?;
            let rows = query.query_map([], |row| {
                let left = faded(now.as_second() - row.get::<_, i64>(0)?);
                Ok(Feedback { finished: row.get(1)?, fit: row.get(2)?, taste: row.get(3)?, left })
            })?;
            rows.collect()
        };
        doing("read what became of songs", read())
    }

    /// Adds what the owner heard in other places, as it was summed up last.
    fn add_elsewhere(&self, evidence: &mut HashMap<Vec<u8>, Evidence>, now: i64) -> rusqlite::Result<()> {
        let mut query = self.base.prepare("SELECT path, finished, skipped, last, up_to FROM elsewhere")?;
        let mut rows = query.query([])?;
        while let Some(row) = rows.next()? {
            let of_song = evidence.entry(row.get(0)?).or_default();
            let left = faded(now - row.get::<_, i64>(4)?);
            of_song.finished += left * row.get::<_, f32>(1)?;
            of_song.skipped += left * row.get::<_, f32>(2)?;
            let days = (now - row.get::<_, i64>(3)?).max(0) as f32 / DAY;
            of_song.last_played_days = Some(of_song.last_played_days.map_or(days, |last| last.min(days)));
        }
        Ok(())
    }

    /// How much there is of everything.
    pub fn counts(&self) -> Result<Counts> {
        let row = self.base.query_row(
            "SELECT count(*) FILTER (WHERE vanished IS NULL AND fault IS NULL),
                    count(*) FILTER (WHERE vanished IS NULL AND fault IS NULL AND heard = 0),
                    count(*) FILTER (WHERE vanished IS NULL AND fault IS NOT NULL),
                    count(*) FILTER (WHERE vanished IS NOT NULL AND fault IS NULL),
                    (SELECT count(*) FROM plays),
                    (SELECT count(*) FROM opinions WHERE opinion > 0),
                    (SELECT count(*) FROM opinions WHERE opinion < 0),
                    (SELECT count(*) FROM moods)
             FROM songs",
            [],
            |row| {
                let count = |column| row.get::<_, i64>(column).map(|n| n.unsigned_abs());
                Ok(Counts {
                    songs: count(0)?,
                    by_tags_only: count(1)?,
                    failed: count(2)?,
                    vanished: count(3)?,
                    plays: count(4)?,
                    likes: count(5)?,
                    dislikes: count(6)?,
                    moods: count(7)?,
                })
            },
        );
        doing("count the songs", row)
    }
}

/// What of a play is left after so many seconds.
pub(super) fn faded(seconds: i64) -> f32 {
    0.5_f32.powf(seconds.max(0) as f32 / DAY / HALF_LIFE)
}

/// The mean over both axes; what the owner said is certain.
fn certainty(row: &Row, told: Overrides) -> rusqlite::Result<f32> {
    if told == Overrides::default() {
        return row.get(10);
    }
    let valence: f32 = if told.valence { 1.0 } else { row.get(11)? };
    let energy: f32 = if told.energy { 1.0 } else { row.get(12)? };
    Ok((valence + energy) / 2.0)
}

/// A play dated in the future (the clock was set back) counts as one of just now.
fn add_play(evidence: &mut Evidence, seconds_ago: i64, finished: bool) {
    let (days, weight) = (seconds_ago.max(0) as f32 / DAY, faded(seconds_ago));
    if finished {
        evidence.finished += weight;
    } else {
        evidence.skipped += weight;
    }
    evidence.last_played_days = Some(evidence.last_played_days.map_or(days, |last| last.min(days)));
}
