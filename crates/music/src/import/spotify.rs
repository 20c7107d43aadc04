//! The files that Spotify sends on request: the streaming history, short and extended, and the saved songs.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde::Deserialize;
use serde_json::Value;

use crate::import::lastfm::moment;
use crate::imported_data::{ImportedData, ImportedHistory, Listen};
use moodring_core::error::user_error;
use moodring_core::text::sanitize::escape_path;
use moodring_core::text::song_names::TrackRef;

/// Heard for less than this is skipped, as with our own plays.
const SKIPPED_MS: i64 = 30_000;
/// What a saved song counts for, in plays.
const SAVED: f32 = 3.0;

/// Reads files, or folders of them.
pub fn read(paths: &[PathBuf]) -> Result<ImportedData> {
    let mut found = ImportedData::default();
    for file in files(paths)? {
        let bytes = std::fs::read(&file).with_context(|| format!("cannot read {}", escape_path(&file)))?;
        let Ok(value) = serde_json::from_slice::<Value>(&bytes) else {
            found.notes.push(format!("{} is no JSON, and was left out", escape_path(&file)));
            continue;
        };
        take(value, &mut found);
    }
    if found.listens.is_empty() && found.own.is_empty() {
        return Err(user_error("there is no streaming history in it", HINT));
    }
    Ok(found)
}

const HINT: &str = "unpack what Spotify sent, and name the folder that holds StreamingHistory_music_0.json or \
                    Streaming_History_Audio_….json";

fn files(paths: &[PathBuf]) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for path in paths {
        if path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("zip")) {
            return Err(user_error(format!("{} is packed", escape_path(path)), HINT));
        }
        let is_json = |path: &Path| path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("json"));
        for entry in walkdir::WalkDir::new(path).sort_by_file_name() {
            let entry = entry.map_err(|error| unreadable(path, &error))?;
            if entry.file_type().is_file() && (entry.depth() == 0 || is_json(entry.path())) {
                files.push(entry.into_path());
            }
        }
    }
    Ok(files)
}

fn unreadable(path: &Path, error: &walkdir::Error) -> anyhow::Error {
    let why = error.io_error().map_or_else(|| error.to_string(), ToString::to_string);
    user_error(format!("cannot read {}: {why}", escape_path(path)), HINT)
}

fn take(value: Value, found: &mut ImportedData) {
    match value {
        Value::Array(rows) => found.listens.extend(rows.into_iter().filter_map(listen)),
        Value::Object(mut library) => {
            let saved = library.remove("tracks").and_then(|tracks| serde_json::from_value::<Vec<Saved>>(tracks).ok());
            let plays: Vec<_> = saved.unwrap_or_default().into_iter().map(|saved| (saved.named(), SAVED)).collect();
            found.own.extend((!plays.is_empty()).then(|| ImportedHistory { listener: "saved songs".into(), plays }));
        }
        _ => {}
    }
}

/// A song of `YourLibrary.json`.
#[derive(Deserialize)]
struct Saved {
    artist: String,
    track: String,
    #[serde(default)]
    album: String,
    uri: Option<String>,
}

impl Saved {
    fn named(self) -> TrackRef {
        TrackRef { album: self.album, address: self.uri, ..TrackRef::new(self.artist, self.track) }
    }
}

/// A row of either history; podcasts and videos have no track, and give none.
#[derive(Deserialize)]
struct Row {
    #[serde(alias = "endTime")]
    ts: String,
    #[serde(alias = "msPlayed")]
    ms_played: i64,
    #[serde(alias = "artistName")]
    master_metadata_album_artist_name: Option<String>,
    #[serde(alias = "trackName")]
    master_metadata_track_name: Option<String>,
    #[serde(default)]
    master_metadata_album_album_name: Option<String>,
    #[serde(default)]
    spotify_track_uri: Option<String>,
    #[serde(default)]
    skipped: Option<bool>,
    #[serde(default)]
    reason_end: Option<String>,
}

fn listen(row: Value) -> Option<Listen> {
    let row: Row = serde_json::from_value(row).ok()?;
    let song = TrackRef {
        album: row.master_metadata_album_album_name.unwrap_or_default(),
        address: row.spotify_track_uri,
        ..TrackRef::new(row.master_metadata_album_artist_name?, row.master_metadata_track_name?)
    };
    let done = row.reason_end.as_deref() == Some("trackdone");
    let finished = done || (row.ms_played >= SKIPPED_MS && row.skipped != Some(true));
    // Neither history says when a song began, but that does not matter here.
    Some(Listen { song, at: moment(&row.ts)?, finished })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> ImportedData {
        let mut found = ImportedData::default();
        take(serde_json::from_str(text).unwrap(), &mut found);
        found
    }

    #[test]
    fn both_histories_are_read_and_podcasts_are_not() {
        let short =
            r#"[{"endTime": "2024-06-29 10:11", "artistName": "Ann", "trackName": "Song", "msPlayed": 200000}]"#;
        let long = r#"[{"ts": "2024-06-29T10:11:00Z", "ms_played": 4000, "master_metadata_track_name": "Song", "master_metadata_album_artist_name": "Ann",
            "master_metadata_album_album_name": "First", "spotify_track_uri": "spotify:track:1", "reason_end": "fwdbtn", "skipped": true},
            {"ts": "2024-06-29T11:11:00Z", "ms_played": 4000000, "master_metadata_track_name": null,
             "master_metadata_album_artist_name": null, "episode_name": "Talk", "skipped": false}]"#;
        let (short, long) = (found(short).listens, found(long).listens);
        assert_eq!((short.len(), long.len()), (1, 1));
        assert_eq!((short[0].at, short[0].finished), (1_719_655_860, true));
        assert_eq!((long[0].at, long[0].finished), (1_719_655_860, false));
        assert_eq!(long[0].song.address.as_deref(), Some("spotify:track:1"));
    }

    #[test]
    fn saved_songs_count_as_liked() {
        let library = r#"{"tracks": [{"artist": "Ann", "album": "First", "track": "Song", "uri": "spotify:track:1"}], "albums": []}"#;
        assert_eq!(found(library).own[0].plays[0].0.title, "Song");
    }
}
