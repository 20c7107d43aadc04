//! All that is known of one song, and its owner's corrections.

use std::path::{Path, PathBuf};

use anyhow::Result;
use jiff::Timestamp;
use rusqlite::{OptionalExtension, Row, params};
use serde::Serialize;

use crate::library::files::{bytes, path_of};
use crate::library::{Library, doing};
use moodring_core::domain::song::Opinion;

/// What the library holds of one file.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SongDetails {
    #[serde(serialize_with = "moodring_core::domain::address::json::one::serialize")]
    pub path: PathBuf,
    /// Why it could not be read.
    pub fault: Option<String>,
    /// Its file is gone since then.
    pub gone: Option<Timestamp>,
    pub title: String,
    pub artist: String,
    pub album: String,
    pub genre: String,
    pub mood: String,
    pub year: Option<u32>,
    pub track: Option<u32>,
    pub seconds: f32,
    pub key: Option<String>,
    /// ReplayGain of the track, in dB.
    pub replay_gain: Option<f32>,
    /// MusicBrainz ids.
    pub recording: Option<String>,
    pub artist_id: Option<String>,
    pub release: Option<String>,
    /// From the audio; else from tags alone.
    pub heard: bool,
    pub valence: EstimatedValue,
    pub energy: EstimatedValue,
    /// Beats per minute; 0: no beat, or unknown.
    pub tempo: EstimatedValue,
    pub finished: u32,
    pub skipped: u32,
    pub last_played: Option<Timestamp>,
    pub opinion: Opinion,
}

/// A figure with its origin.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct EstimatedValue {
    /// What counts: the owner's word, else what was measured.
    pub value: f32,
    pub measured: f32,
    /// 0..1; `None`: it has no measure.
    pub certainty: Option<f32>,
    /// It is the owner's word.
    pub corrected: bool,
}

/// What the owner says of a song; `None` leaves a figure as it is.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Correction {
    pub valence: Option<f32>,
    pub energy: Option<f32>,
    pub tempo: Option<f32>,
}

const CARD: &str =
    "SELECT songs.path, fault, vanished, title, artist, album, genre, mood, year, track, seconds, key, gain,
        recording, artist_id, release, heard, told.valence, songs.valence, valence_certainty, told.energy, songs.energy,
        energy_certainty, told.tempo, songs.tempo,
        (SELECT count(*) FROM plays WHERE plays.path = songs.path AND finished = 1),
        (SELECT count(*) FROM plays WHERE plays.path = songs.path AND finished = 0),
        (SELECT max(plays.at) FROM plays WHERE plays.path = songs.path),
        (SELECT opinion FROM opinions WHERE opinions.path = songs.path)
    FROM songs LEFT JOIN corrections AS told ON told.path = songs.path";

impl Library {
    /// What is known of the file at this path; `None`: no scan has met it.
    pub fn card(&self, path: &Path) -> Result<Option<SongDetails>> {
        let query = format!("{CARD} WHERE songs.path = ?1");
        doing("read the song", self.base.query_row(&query, [bytes(path)], card).optional())
    }

    /// The songs whose title, or artist and title, hold these words, at most so many; in order of artist and title.
    pub fn cards_like(&self, words: &str, most: u32) -> Result<Vec<SongDetails>> {
        let pattern = words.replace('\\', r"\\").replace('%', r"\%").replace('_', r"\_");
        let query = format!(
            "{CARD} WHERE vanished IS NULL AND fault IS NULL AND artist || ' ' || title LIKE '%' || ?1 || '%' ESCAPE '\\'
             ORDER BY artist, title, songs.path LIMIT ?2"
        );
        let read = || self.base.prepare(&query)?.query_map(params![pattern, most], card)?.collect();
        doing("look for the song", read())
    }

    /// Puts the owner's word above what is measured, now and after every scan.
    pub fn correct(&mut self, path: &Path, word: Correction, now: Timestamp) -> Result<()> {
        let row = params![bytes(path), word.valence, word.energy, word.tempo, now.as_second()];
        let done = self.base.execute(
            "INSERT INTO corrections (path, valence, energy, tempo, at) VALUES (?1, ?2, ?3, ?4, ?5)
             ON CONFLICT (path) DO UPDATE SET valence = ifnull(?2, valence), energy = ifnull(?3, energy),
                tempo = ifnull(?4, tempo), at = ?5",
            row,
        );
        doing("keep the correction", done.map(drop))
    }

    /// Takes the owner's word back: what was measured counts again.
    pub fn uncorrect(&mut self, path: &Path) -> Result<()> {
        let done = self.base.execute("DELETE FROM corrections WHERE path = ?1", [bytes(path)]);
        doing("take the correction back", done.map(drop))
    }

    /// Songs whose tags could not be read, with the reason, in order of their paths.
    pub fn tag_problems(&self) -> Result<Vec<(PathBuf, String)>> {
        let read = || {
            let query = "SELECT path, problem FROM songs
                WHERE problem IS NOT NULL AND fault IS NULL AND vanished IS NULL ORDER BY path";
            let mut query = self.base.prepare(query)?;
            query.query_map([], |row| Ok((path_of(row.get(0)?), row.get(1)?)))?.collect()
        };
        doing("read the songs without tags", read())
    }

    /// Files that could not be read, with the reason, in order of their paths.
    pub fn failures(&self) -> Result<Vec<(PathBuf, String)>> {
        let read = || {
            let query = "SELECT path, fault FROM songs WHERE fault IS NOT NULL AND vanished IS NULL ORDER BY path";
            let mut query = self.base.prepare(query)?;
            query.query_map([], |row| Ok((path_of(row.get(0)?), row.get(1)?)))?.collect()
        };
        doing("read the failures", read())
    }
}

fn card(row: &Row) -> rusqlite::Result<SongDetails> {
    let opinion: Option<i64> = row.get(28)?;
    Ok(SongDetails {
        path: path_of(row.get(0)?),
        fault: row.get(1)?,
        gone: moment(row.get(2)?),
        title: row.get(3)?,
        artist: row.get(4)?,
        album: row.get(5)?,
        genre: row.get(6)?,
        mood: row.get(7)?,
        year: row.get(8)?,
        track: row.get(9)?,
        seconds: row.get(10)?,
        key: row.get(11)?,
        replay_gain: row.get(12)?,
        recording: row.get(13)?,
        artist_id: row.get(14)?,
        release: row.get(15)?,
        heard: row.get(16)?,
        valence: figure(row.get(17)?, row.get(18)?, Some(row.get(19)?)),
        energy: figure(row.get(20)?, row.get(21)?, Some(row.get(22)?)),
        tempo: figure(row.get(23)?, row.get(24)?, None),
        finished: row.get(25)?,
        skipped: row.get(26)?,
        last_played: moment(row.get(27)?),
        opinion: opinion.map_or(Opinion::None, |number| if number > 0 { Opinion::Like } else { Opinion::Dislike }),
    })
}

fn figure(told: Option<f32>, measured: f32, certainty: Option<f32>) -> EstimatedValue {
    let corrected = told.is_some();
    let certainty = if corrected { certainty.map(|_| 1.0) } else { certainty };
    EstimatedValue { value: told.unwrap_or(measured), measured, certainty, corrected }
}

fn moment(seconds: Option<i64>) -> Option<Timestamp> {
    seconds.and_then(|seconds| Timestamp::from_second(seconds).ok())
}
