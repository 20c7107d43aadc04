//! What a file says of itself, and what its name says where the file is silent.

use std::fs::File;
use std::io::{BufReader, Read, Seek};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::time::Duration;

use lofty::config::ParseOptions;
use lofty::file::{AudioFile, FileType, TaggedFile, TaggedFileExt};
use lofty::mp4::Mp4File;
use lofty::mpeg::MpegFile;
use lofty::probe::Probe;
use lofty::tag::ItemKey;

use crate::from_file_name::NameGuess;
use crate::unsupported_fields::UnsupportedFields;
use crate::value::{clean, gain, genres, id, listed, opus_gain, tempo, year};
use moodring_core::domain::musical_key::Key;

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Tags {
    pub title: String,
    pub artist: String,
    /// Empty when the file does not say, as are genre and mood.
    pub album: String,
    /// Lower case, several with commas between them.
    pub genre: String,
    /// Lower case.
    pub mood: String,
    /// Beats per minute.
    pub tempo: Option<f32>,
    pub year: Option<u32>,
    pub track: Option<u32>,
    /// MusicBrainz ids of the recording, its (first) artist and the release.
    pub recording: Option<String>,
    pub artist_id: Option<String>,
    pub release: Option<String>,
    /// For instance "a minor".
    pub key: Option<String>,
    /// ReplayGain of the track, in dB.
    pub gain: Option<f32>,
    pub seconds: Option<f32>,
    /// The container was recognised, so that it is music even if it cannot be decoded.
    pub recognised: bool,
}

/// Reads the tags of a file by its content; title and artist come from its name when it has none.
pub fn read(path: &Path) -> Tags {
    read_from(path, File::open(path).ok())
}

/// The same, from an open file; without one, what the name says.
pub fn read_from(path: &Path, file: Option<impl Read + Seek>) -> Tags {
    // Fuzzed tags must not end a scan.
    let file = catch_unwind(AssertUnwindSafe(|| open(file?))).ok().flatten();
    let named = NameGuess::new(path);
    let mut tags = file.map(|(file, rest)| written(&file, &rest)).unwrap_or_default();
    if tags.title.is_empty() {
        tags.title = named.title;
        if tags.artist.is_empty() {
            tags.artist = named.artist.unwrap_or_default();
        }
    }
    if tags.artist.is_empty() {
        tags.artist = named.folder.unwrap_or_else(|| "Unknown artist".into());
    }
    tags
}

/// The tags that all formats have in common, and the rest.
fn open(file: impl Read + Seek) -> Option<(TaggedFile, UnsupportedFields)> {
    let options = ParseOptions::new().read_cover_art(false);
    // Not by the ending: what is called .mp3 and is none would be searched to its end, however long.
    let probe = Probe::new(BufReader::new(file)).options(options).guess_file_type().ok()?;
    match probe.file_type()? {
        FileType::Mp4 => {
            let file = Mp4File::read_from(&mut probe.into_inner(), options).ok()?;
            let rest = UnsupportedFields::of_mp4(&file);
            Some((file.into(), rest))
        }
        FileType::Mpeg => {
            let file = MpegFile::read_from(&mut probe.into_inner(), options).ok()?;
            let rest = UnsupportedFields::of_mpeg(&file);
            Some((file.into(), rest))
        }
        _ => Some((probe.read().ok()?, UnsupportedFields::default())),
    }
}

/// What is written in the file.
fn written(file: &TaggedFile, rest: &UnsupportedFields) -> Tags {
    let text = |keys: &[ItemKey]| {
        let mut values = keys.iter().flat_map(|key| file.tags().iter().map(move |tag| tag.get_string(*key)));
        values.find_map(|value| value.map(clean).filter(|value| !value.is_empty())).unwrap_or_default()
    };
    let number = |key: ItemKey| text(&[key]).split('/').next().and_then(|number| number.trim().parse().ok());
    let seconds = file.properties().duration();
    Tags {
        title: text(&[ItemKey::TrackTitle]),
        artist: text(&[ItemKey::TrackArtist, ItemKey::AlbumArtist]),
        album: text(&[ItemKey::AlbumTitle]),
        genre: file.tags().iter().find_map(|tag| genres(tag.get_strings(ItemKey::Genre))).unwrap_or_default(),
        mood: moods(file).or_else(|| listed([rest.mood.as_str()].into_iter())).unwrap_or_default(),
        tempo: [&text(&[ItemKey::Bpm, ItemKey::IntegerBpm]), &rest.tempo].into_iter().find_map(|text| tempo(text)),
        year: year(&text(&[ItemKey::RecordingDate, ItemKey::Year, ItemKey::ReleaseDate])),
        track: number(ItemKey::TrackNumber),
        recording: id(&text(&[ItemKey::MusicBrainzRecordingId])),
        artist_id: id(&text(&[ItemKey::MusicBrainzArtistId])),
        release: id(&text(&[ItemKey::MusicBrainzReleaseId])),
        key: [&text(&[ItemKey::InitialKey]), &rest.key]
            .into_iter()
            .find_map(|text| Key::named(text))
            .map(|key| key.name()),
        gain: gain(&text(&[ItemKey::ReplayGainTrackGain])).or_else(|| opus_gain(&text(&[ItemKey::R128TrackGain]))),
        seconds: (seconds > Duration::ZERO).then_some(seconds.as_secs_f32()),
        recognised: true,
    }
}

/// Every mood of the first tag that names one.
fn moods(file: &TaggedFile) -> Option<String> {
    file.tags().iter().find_map(|tag| listed(tag.get_strings(ItemKey::Mood)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(path: &str) -> (String, String) {
        let tags = read(Path::new(path));
        (tags.artist, tags.title)
    }

    #[test]
    fn a_file_without_tags_is_called_by_its_name() {
        let cases = [
            ("/home/ann/Music/heroes_rite.ogg", "Unknown artist", "heroes rite"),
            ("/home/ann/Music/The Band/07 - long_way.mp3", "The Band", "long way"),
            ("/x/Mix/03. Ann Example - Song.flac", "Ann Example", "Song"),
            ("/x/Numbers/1979.mp3", "Numbers", "1979"),
            ("/x/Numbers/99 Balloons.mp3", "Numbers", "Balloons"),
            ("/x/Odd/---.mp3", "Odd", "---"),
        ];
        for (path, artist, title) in cases {
            assert_eq!(named(path), (artist.into(), title.into()), "{path}");
        }
    }
}
