//! Tables of `user,item,rating`, and Last.fm exports as tables.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::Result;
use csv::StringRecord;

use super::found::{Found, History};
use super::names::{Named, mbid, parted};
use crate::fault::{fault, usage};
use crate::music::scan::shown;

/// Reads a table; the rows of `owner` are the owner's, all others are other listeners'.
pub fn read(file: &Path, owner: Option<&str>) -> Result<Found> {
    let mut reader =
        csv::ReaderBuilder::new().flexible(true).from_path(file).map_err(|error| unreadable(file, &error))?;
    let columns = Columns::of(&reader.headers().map_err(|error| unreadable(file, &error))?.clone(), file)?;
    let mut histories = BTreeMap::<String, Vec<(Named, f32)>>::new();
    let mut bad = 0;
    for record in reader.records() {
        let record = record.map_err(|error| unreadable(file, &error))?;
        match columns.row(&record) {
            Some((user, song, rating)) => histories.entry(user).or_default().push((song, rating)),
            None => bad += 1,
        }
    }
    let own = owner.and_then(|owner| histories.remove(owner));
    if let (Some(owner), None) = (owner, &own) {
        return Err(usage(
            format!("{} has no rows of the user {owner}", shown(file)),
            "--me takes a name of the column `user`",
        ));
    }
    let own = own.map(|plays| History { listener: owner.unwrap_or_default().to_owned(), plays });
    let others = histories.into_iter().map(|(listener, plays)| History { listener, plays }).collect();
    let notes =
        (bad > 0).then(|| format!("{bad} rows of {} have no item or no rating, and were left out", shown(file)));
    Ok(Found { own: own.into_iter().collect(), others, notes: notes.into_iter().collect(), ..Found::default() })
}

fn unreadable(file: &Path, error: &csv::Error) -> anyhow::Error {
    fault(format!("cannot read {}: {error}", shown(file)), HINT)
}

const HINT: &str = "it should be a CSV file with the columns user,item,rating; an item is \"Artist - Title\", an artist, \
                    or a MusicBrainz recording id; or with the columns artist and title in place of item";

/// Where in a row each thing stands.
struct Columns {
    user: usize,
    rating: usize,
    item: Option<usize>,
    artist: Option<usize>,
    title: Option<usize>,
}

impl Columns {
    fn of(header: &StringRecord, file: &Path) -> Result<Self> {
        let place =
            |names: &[&str]| header.iter().position(|name| names.contains(&name.trim().to_lowercase().as_str()));
        let needed = |names: &[&str]| {
            place(names).ok_or_else(|| usage(format!("{} has no column \"{}\"", shown(file), names[0]), HINT))
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

    fn row(&self, record: &StringRecord) -> Option<(String, Named, f32)> {
        let text = |column: Option<usize>| column.and_then(|column| record.get(column)).unwrap_or_default().trim();
        let rating: f32 =
            text(Some(self.rating)).parse().ok().filter(|rating: &f32| rating.is_finite() && *rating >= 0.0)?;
        let song = match (text(self.artist), text(self.title)) {
            ("", _) => named(text(self.item)),
            (artist, title) => Named::new(artist, title),
        };
        song.is_known().then(|| (text(Some(self.user)).to_owned(), song, rating))
    }
}

/// "Artist - Title", a MusicBrainz recording, or an artist.
pub fn named(item: &str) -> Named {
    if let Some(recording) = mbid(item) {
        return Named { recording: Some(recording), ..Named::default() };
    }
    let (artist, title) = parted(item).unwrap_or((item, ""));
    Named::new(artist, title)
}
