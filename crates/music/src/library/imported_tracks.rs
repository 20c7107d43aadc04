//! Songs, listens and histories of other places, as they were imported.

use std::collections::HashMap;

use anyhow::Result;
use jiff::Timestamp;
use rusqlite::{OptionalExtension, Transaction, params};
use serde::Serialize;

use crate::imported_data::{self, ImportedData};
use crate::library::scrobbles::keep_listens;
use crate::library::{Library, doing};
use moodring_core::recommend::collaborative::peer_affinities::PeerHistory;
use moodring_core::text::song_names::{TrackRef, artist_key};

/// How much was imported.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct OutsideCounts {
    pub songs: u64,
    /// Songs that the library has a file of.
    pub matched: u64,
    pub listens: u64,
    pub other_listeners: u64,
    pub recommended: u64,
}

impl Library {
    /// Keeps what a source told, all of it or nothing. Listens are added; histories and advice take the place of older ones.
    pub fn keep_found(&mut self, source: &str, found: &ImportedData, now: Timestamp) -> Result<()> {
        let keep = |step: &Transaction| {
            let mut names = Names::read(step)?;
            keep_listens(step, &mut names, source, &found.listens)?;
            let histories =
                found.own.iter().map(|own| (own, true)).chain(found.others.iter().map(|other| (other, false)));
            for (history, ours) in histories {
                keep_history(step, &mut names, source, history, ours, now.as_second())?;
            }
            if !found.advice.is_empty() {
                step.execute("DELETE FROM advice WHERE source = ?1", [source])?;
            }
            let mut insert = step.prepare("INSERT OR REPLACE INTO advice VALUES (?1, ?2, ?3)")?;
            found
                .advice
                .iter()
                .try_for_each(|(song, score)| insert.execute(params![source, names.id(step, song)?, score]).map(drop))
        };
        doing("keep what was imported", self.at_once(keep))
    }

    /// When the newest listen of a source was, in seconds since 1970.
    pub fn newest_listen(&self, source: &str) -> Result<Option<i64>> {
        let query = "SELECT max(at) FROM listens WHERE source = ?1";
        doing("read the listens", self.base.query_row(query, [source], |row| row.get(0)))
    }

    /// The owner's own plays by artist (see [`artist_key`]): here, elsewhere, and of lists.
    pub fn own_history(&self) -> Result<PeerHistory> {
        let query = "SELECT artist, 1.0 FROM listens JOIN outside ON id = song WHERE finished = 1 AND again = 0
            UNION ALL SELECT artist, plays FROM histories JOIN outside ON id = song WHERE ours = 1
            UNION ALL SELECT artist, 1.0 FROM plays JOIN songs USING (path) WHERE finished = 1";
        doing("read the history", self.by_artist(query))
    }

    fn by_artist(&self, query: &str) -> rusqlite::Result<PeerHistory> {
        let mut history = PeerHistory::new();
        let mut query = self.base.prepare(query)?;
        let mut rows = query.query([])?;
        while let Some(row) = rows.next()? {
            let artist = artist_key(row.get_ref(0)?.as_str()?);
            if !artist.is_empty() {
                *history.entry(artist).or_default() += row.get::<_, f32>(1)?;
            }
        }
        Ok(history)
    }

    /// How much was imported.
    pub fn outside_counts(&self) -> Result<OutsideCounts> {
        let row = self.base.query_row(
            "SELECT (SELECT count(*) FROM outside WHERE title <> ''), (SELECT count(DISTINCT song) FROM matches),
                (SELECT count(*) FROM listens WHERE again = 0),
                (SELECT count(*) FROM (SELECT DISTINCT source, listener FROM histories WHERE ours = 0)),
                (SELECT count(*) FROM advice)",
            [],
            |row| {
                let count = |column| row.get::<_, i64>(column).map(i64::unsigned_abs);
                Ok(OutsideCounts {
                    songs: count(0)?,
                    matched: count(1)?,
                    listens: count(2)?,
                    other_listeners: count(3)?,
                    recommended: count(4)?,
                })
            },
        );
        doing("count what was imported", row)
    }
}

pub(super) const ADD_PLAYS: &str =
    "INSERT INTO histories (source, listener, song, plays, ours, at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
     ON CONFLICT (source, listener, song) DO UPDATE SET plays = plays + ?4";

fn keep_history(
    step: &Transaction,
    names: &mut Names,
    source: &str,
    history: &imported_data::ImportedHistory,
    ours: bool,
    at: i64,
) -> rusqlite::Result<()> {
    step.execute("DELETE FROM histories WHERE source = ?1 AND listener = ?2", [source, &history.listener])?;
    let mut insert = step.prepare(ADD_PLAYS)?;
    for (song, plays) in &history.plays {
        insert.execute(params![source, history.listener, names.id(step, song)?, plays, ours, at])?;
    }
    Ok(())
}

/// The numbers of songs that are known by name.
pub(super) struct Names {
    keys: HashMap<String, i64>,
    recordings: HashMap<String, i64>,
}

impl Names {
    pub fn read(step: &Transaction) -> rusqlite::Result<Self> {
        let mut names = Self { keys: HashMap::new(), recordings: HashMap::new() };
        let mut query = step.prepare("SELECT id, key, recording FROM outside")?;
        let mut rows = query.query([])?;
        while let Some(row) = rows.next()? {
            let id = row.get(0)?;
            names.keys.insert(row.get(1)?, id);
            row.get::<_, Option<String>>(2)?.and_then(|recording| names.recordings.insert(recording, id));
        }
        Ok(names)
    }

    /// Of a song that is known, with what this source knows more of it, or of a new one.
    pub fn id(&mut self, step: &Transaction, song: &TrackRef) -> rusqlite::Result<i64> {
        let key = song.key();
        let known = song
            .recording
            .as_ref()
            .and_then(|recording| self.recordings.get(recording))
            .or_else(|| self.keys.get(&key));
        let id = match known {
            Some(id) => *id,
            None => insert(step, song, &key)?,
        };
        if known.is_some() && (song.recording.is_some() || song.address.is_some()) {
            step.prepare_cached(
                "UPDATE outside SET recording = ifnull(recording, ?2), address = ifnull(address, ?3) WHERE id = ?1",
            )?
            .execute(params![id, song.recording, song.address])?;
        }
        self.keys.insert(key, id);
        if let Some(recording) = &song.recording {
            self.recordings.insert(recording.clone(), id);
        }
        Ok(id)
    }
}

fn insert(step: &Transaction, song: &TrackRef, key: &str) -> rusqlite::Result<i64> {
    let mut insert = step.prepare_cached(
        "INSERT INTO outside (key, artist, title, album, recording, address) VALUES (?1, ?2, ?3, ?4, ?5, ?6) RETURNING id",
    )?;
    let row = params![key, song.artist, song.title, song.album, song.recording, song.address];
    insert.query_row(row, |row| row.get(0)).optional()?.ok_or(rusqlite::Error::QueryReturnedNoRows)
}
