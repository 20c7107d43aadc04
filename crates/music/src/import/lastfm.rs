//! Last.fm exports: tables with a header or without one, and JSON pages of `user.getRecentTracks`.
//!
//! Last.fm itself exports nothing to a file; the usual exporters write `uts,utc_time,artist,artist_mbid,album,album_mbid,track,
//! track_mbid`, or `artist,album,title,date` without a header, or tab-separated `uts, title, artist, album, ids`.

use std::path::Path;

use anyhow::{Context, Result};
use csv::StringRecord;
use jiff::civil::DateTime;
use serde_json::Value;

use crate::imported_data::{ImportedData, Listen};
use moodring_core::error::user_error;
use moodring_core::text::sanitize::escape_path;
use moodring_core::text::song_names::{TrackRef, parse_mbid};

pub fn read(file: &Path) -> Result<ImportedData> {
    let bytes = std::fs::read(file).with_context(|| format!("cannot read {}", escape_path(file)))?;
    let text = String::from_utf8_lossy(&bytes);
    let text = text.trim_start_matches('\u{feff}');
    let listens = match text.trim_start().starts_with(['[', '{']) {
        true => pages(text).with_context(|| format!("cannot read {}", escape_path(file)))?,
        false => rows(text),
    };
    if listens.is_empty() {
        return Err(user_error(format!("{} holds no scrobbles that can be read", escape_path(file)), HINT));
    }
    Ok(ImportedData { listens, ..ImportedData::default() })
}

const HINT: &str = "it should be an export of a Last.fm history: CSV with the columns uts, artist and track (or artist, album, \
                    title, date), or JSON as the API gives it";

/// Every track of any page, wherever in the text it stands.
fn pages(text: &str) -> Result<Vec<Listen>> {
    let mut listens = Vec::new();
    gather(&serde_json::from_str(text)?, &mut listens);
    Ok(listens)
}

fn gather(value: &Value, listens: &mut Vec<Listen>) {
    match value {
        Value::Array(values) => values.iter().for_each(|value| gather(value, listens)),
        Value::Object(map) => match track(value) {
            Some(listen) => listens.push(listen),
            None => map.values().for_each(|value| gather(value, listens)),
        },
        _ => {}
    }
}

/// A track with a date; what plays just now has none.
fn track(value: &Value) -> Option<Listen> {
    let named = |value: &Value| ["#text", "name"].iter().find_map(|key| value[*key].as_str()).map(str::to_owned);
    let artist = value["artist"].as_str().map(str::to_owned).or_else(|| named(&value["artist"]))?;
    let title = value["name"].as_str().or_else(|| value["track"].as_str())?;
    let uts = &value["date"]["uts"];
    let at = uts.as_str().and_then(|text| text.parse().ok()).or_else(|| uts.as_i64())?;
    let recording = value["mbid"].as_str().and_then(parse_mbid);
    let song =
        TrackRef { album: named(&value["album"]).unwrap_or_default(), recording, ..TrackRef::new(artist, title) };
    Some(Listen { song, at, finished: true })
}

fn rows(text: &str) -> Vec<Listen> {
    let first = text.lines().next().unwrap_or_default();
    let tabs = first.contains('\t');
    let header = first.to_lowercase();
    let has_header = header.contains("artist") && (header.contains("track") || header.contains("title"));
    let delimiter = if tabs { b'\t' } else { b',' };
    let mut reader = csv::ReaderBuilder::new();
    reader.has_headers(has_header).flexible(true).delimiter(delimiter);
    let mut reader = reader.from_reader(text.as_bytes());
    let columns = match has_header {
        true => reader.headers().map(LastfmColumns::of).unwrap_or_default(),
        false if tabs => LastfmColumns { at: Some(0), title: Some(1), artist: Some(2), album: Some(3), id: Some(4) },
        false => LastfmColumns { artist: Some(0), album: Some(1), title: Some(2), at: Some(3), id: None },
    };
    reader.records().filter_map(|record| columns.listen(&record.ok()?)).collect()
}

#[derive(Default)]
struct LastfmColumns {
    at: Option<usize>,
    artist: Option<usize>,
    title: Option<usize>,
    album: Option<usize>,
    id: Option<usize>,
}

impl LastfmColumns {
    fn of(header: &StringRecord) -> Self {
        let place = |names: &[&str]| {
            names.iter().find_map(|name| header.iter().position(|column| column.trim().eq_ignore_ascii_case(name)))
        };
        Self {
            at: place(&["uts", "timestamp", "time", "date", "utc_time"]),
            artist: place(&["artist", "artist_name"]),
            title: place(&["track", "title", "track_name"]),
            album: place(&["album", "album_name"]),
            id: place(&["track_mbid", "mbid"]),
        }
    }

    fn listen(&self, record: &StringRecord) -> Option<Listen> {
        let text = |column: Option<usize>| column.and_then(|column| record.get(column)).unwrap_or_default().trim();
        let recording = parse_mbid(text(self.id));
        let song = TrackRef {
            album: text(self.album).into(),
            recording,
            ..TrackRef::new(text(self.artist), text(self.title))
        };
        let at = moment(text(self.at))?;
        (!song.artist.is_empty() && !song.title.is_empty()).then_some(Listen { song, at, finished: true })
    }
}

/// Seconds since 1970, or "29 Jun 2024 10:11", or "2024-06-29 10:11".
pub fn moment(text: &str) -> Option<i64> {
    if let Ok(seconds) = text.parse::<i64>() {
        return Some(if seconds > 100_000_000_000 { seconds / 1000 } else { seconds }).filter(|seconds| *seconds > 0);
    }
    if let Ok(moment) = text.parse::<jiff::Timestamp>() {
        return Some(moment.as_second());
    }
    let formats = ["%d %b %Y, %H:%M", "%d %b %Y %H:%M", "%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M"];
    let date = formats.iter().find_map(|format| DateTime::strptime(format, text).ok())?;
    Some(date.to_zoned_datetime(jiff::tz::TimeZone::UTC).ok()?.timestamp().as_second())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_exporters_rows_are_read() {
        let id = "526bd613-fddd-4bd6-9137-ab709ac74cab";
        let texts = [
            format!(
                "uts,utc_time,artist,artist_mbid,album,album_mbid,track,track_mbid\n\"1719655860\",\"29 Jun 2024, 10:11\",\"Ann\",\"\",\"First\",\"\",\"Song, one\",\"{id}\"\n"
            ),
            "Ann,First,\"Song, one\",29 Jun 2024 10:11\n".into(),
            format!("1719655860\tSong, one\tAnn\tFirst\t{id}\t\t\n"),
        ];
        for text in texts {
            let listens = rows(&text);
            assert_eq!(listens.len(), 1, "{text}");
            let Listen { song, at, finished } = &listens[0];
            assert_eq!((song.artist.as_str(), song.title.as_str(), song.album.as_str()), ("Ann", "Song, one", "First"));
            assert_eq!((*at, *finished), (1_719_655_860, true));
        }
    }

    #[test]
    fn pages_of_the_api_are_read_and_what_plays_now_is_not_counted() {
        let text = r##"[{"recenttracks": {"track": [
            {"artist": {"#text": "Ann", "mbid": ""}, "name": "Now", "@attr": {"nowplaying": "true"}},
            {"artist": {"#text": "Ann", "mbid": ""}, "name": "Song", "mbid": "", "album": {"#text": "First"},
             "date": {"uts": "1719655860", "#text": "29 Jun 2024, 10:11"}}]}}]"##;
        let listens = pages(text).unwrap();
        assert_eq!(listens.len(), 1);
        assert_eq!((listens[0].song.title.as_str(), listens[0].song.album.as_str()), ("Song", "First"));
    }
}
