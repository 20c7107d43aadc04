//! Tables of `user,item,rating`, and Last.fm exports as tables.

use std::path::Path;

use anyhow::Result;
use csv::StringRecord;

use crate::library::Take;
use moodring_core::error::{usage_error, user_error};
use moodring_core::text::sanitize::escape_path;
use moodring_core::text::song_names::{TrackRef, parse_mbid, split_artist_title};

/// Hands every row of a table on, one after another; returns how many had no item or no rating.
pub fn each(file: &Path, take: &mut Take) -> Result<usize> {
    let mut reader =
        csv::ReaderBuilder::new().flexible(true).from_path(file).map_err(|error| unreadable(file, &error))?;
    let columns = RatingColumns::of(&reader.headers().map_err(|error| unreadable(file, &error))?.clone(), file)?;
    let (mut record, mut bad) = (StringRecord::new(), 0);
    while reader.read_record(&mut record).map_err(|error| unreadable(file, &error))? {
        match columns.row(&record) {
            Some((user, song, rating)) => take(user, &song, rating)?,
            None => bad += 1,
        }
    }
    Ok(bad)
}

fn unreadable(file: &Path, error: &csv::Error) -> anyhow::Error {
    user_error(format!("cannot read {}: {error}", escape_path(file)), HINT)
}

const HINT: &str = "it should be a CSV file with the columns user,item,rating; an item is \"Artist - Title\", an artist, \
                    or a MusicBrainz recording id; or with the columns artist and title in place of item";

/// Where in a row each thing stands.
struct RatingColumns {
    user: usize,
    rating: usize,
    item: Option<usize>,
    artist: Option<usize>,
    title: Option<usize>,
}

impl RatingColumns {
    fn of(header: &StringRecord, file: &Path) -> Result<Self> {
        let place =
            |names: &[&str]| header.iter().position(|name| names.contains(&name.trim().to_lowercase().as_str()));
        let needed = |names: &[&str]| {
            place(names)
                .ok_or_else(|| usage_error(format!("{} has no column \"{}\"", escape_path(file), names[0]), HINT))
        };
        let columns = Self {
            user: needed(&["user", "listener", "user_id"])?,
            rating: needed(&["rating", "weight", "plays", "count"])?,
            item: place(&["item", "song", "track", "item_id"]),
            artist: place(&["artist"]),
            title: place(&["title", "name"]),
        };
        if columns.item.is_none() && columns.artist.is_none() {
            needed(&["item"])?;
        }
        Ok(columns)
    }

    fn row<'a>(&self, record: &'a StringRecord) -> Option<(&'a str, TrackRef, f32)> {
        let text = |column: Option<usize>| -> &'a str {
            column.and_then(|column| record.get(column)).unwrap_or_default().trim()
        };
        let rating: f32 =
            text(Some(self.rating)).parse().ok().filter(|rating: &f32| rating.is_finite() && *rating >= 0.0)?;
        let song = match (text(self.artist), text(self.title)) {
            ("", _) => named(text(self.item)),
            (artist, title) => TrackRef::new(artist, title),
        };
        song.is_known().then(|| (text(Some(self.user)), song, rating))
    }
}

/// "Artist - Title", a MusicBrainz recording, or an artist.
pub fn named(item: &str) -> TrackRef {
    if let Some(recording) = parse_mbid(item) {
        return TrackRef { recording: Some(recording), ..TrackRef::default() };
    }
    let (artist, title) = split_artist_title(item).unwrap_or((item, ""));
    TrackRef::new(artist, title)
}
