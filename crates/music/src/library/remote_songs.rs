//! Songs that were imported and have no file here.

use std::collections::HashMap;

use anyhow::Result;
use jiff::Timestamp;
use rusqlite::Row;
use serde::Serialize;

use crate::library::files::bytes;
use crate::library::{Library, doing};
use moodring_core::domain::remote_song;
use moodring_core::domain::song::Song;
use moodring_core::text::song_names::artist_key;

/// A song of another place that the library has no file of: a streaming player may have it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Elsewhere {
    pub artist: String,
    pub title: String,
    pub album: String,
    /// MusicBrainz recording id.
    pub recording: Option<String>,
    /// Where a streaming service has it.
    pub address: Option<String>,
    /// How often the owner heard it to the end.
    pub plays: f32,
    /// What a service that recommends it gives it.
    pub advice: Option<f32>,
}

/// So many songs without a file are ranked beside those of the library, and their plays, whose age is not asked, count for so many
/// at most.
const MOST_RANKED: u32 = 1000;
const MOST_PLAYS: f32 = 5.0;

impl Library {
    /// Songs without a file here, the most heard and most recommended first.
    pub fn elsewhere(&self, most: u32) -> Result<Vec<Elsewhere>> {
        let read = || {
            let mut query = self.base.prepare(
                "WITH mine AS (SELECT song, sum(plays) AS plays FROM histories WHERE ours = 1 GROUP BY song),
                    listened AS (SELECT song, count(*) AS plays FROM listens WHERE finished = 1 AND again = 0 GROUP BY song),
                    advised AS (SELECT song, max(score) AS score FROM advice GROUP BY song)
                 SELECT artist, title, album, recording, address,
                    ifnull(listened.plays, 0) + ifnull(mine.plays, 0.0) AS heard, advised.score
                 FROM outside LEFT JOIN mine ON mine.song = id LEFT JOIN listened ON listened.song = id
                    LEFT JOIN advised ON advised.song = id
                 WHERE title <> '' AND id NOT IN (SELECT song FROM matches) AND (heard > 0 OR advised.score IS NOT NULL)
                 ORDER BY heard DESC, advised.score DESC, artist, title LIMIT ?1",
            )?;
            query.query_map([most], told)?.collect()
        };
        doing("read the songs of other places", read())
    }

    /// The same as songs that may be ranked, by their names alone: an artist's stand where their songs here do, all others in the
    /// middle, with no certainty.
    pub fn songs_elsewhere(&self, here: &[Song], now: Timestamp) -> Result<Vec<Song>> {
        let named = self.elsewhere(MOST_RANKED)?;
        if named.is_empty() {
            return Ok(Vec::new());
        }
        let mut evidence = doing("read the plays", self.evidence(now.as_second()))?;
        let mut artists = HashMap::<String, Vec<&Song>>::new();
        here.iter().for_each(|song| artists.entry(artist_key(&song.artist)).or_default().push(song));
        let named = named.into_iter().filter(|song| !song.artist.is_empty());
        let song = |(n, song): (i64, Elsewhere)| {
            let path = remote_song::remote_song_path(&song.artist, &song.title);
            let mut evidence = evidence.remove(bytes(&path)).unwrap_or_default();
            evidence.finished += song.plays.min(MOST_PLAYS) + f32::from(u8::from(song.advice.is_some()));
            let known = artists.get(&artist_key(&song.artist)).map_or(&[] as &[&Song], Vec::as_slice);
            let mean = |of: fn(&Song) -> f32| known.iter().map(|song| of(song)).sum::<f32>() / known.len() as f32;
            let (valence, energy) =
                if known.is_empty() { (0.5, 0.5) } else { (mean(|s| s.valence), mean(|s| s.energy)) };
            let genre = known.first().map_or_else(String::new, |song| song.genre.clone());
            let Elsewhere { artist, title, album, .. } = song;
            Song { id: -1 - n, path, title, artist, album, genre, valence, energy, evidence, ..Song::default() }
        };
        Ok((0..).zip(named).map(song).collect())
    }
}

fn told(row: &Row) -> rusqlite::Result<Elsewhere> {
    Ok(Elsewhere {
        artist: row.get(0)?,
        title: row.get(1)?,
        album: row.get(2)?,
        recording: row.get(3)?,
        address: row.get(4)?,
        plays: row.get(5)?,
        advice: row.get(6)?,
    })
}
