//! What a file says of itself, and what its name says where the file is silent.

use std::fs::File;
use std::io::{BufReader, Read, Seek};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::time::Duration;

use lofty::config::{ParseOptions, ParsingMode};
use lofty::error::FileParseError;
use lofty::file::{AudioFile, FileType, TaggedFile, TaggedFileExt};
use lofty::mp4::Mp4File;
use lofty::mpeg::MpegFile;
use lofty::probe::Probe;
use lofty::tag::{ItemKey, Tag, TagType};

use crate::from_file_name::NameGuess;
use crate::id3_frames::Id3Frames;
use crate::unsupported_fields::UnsupportedFields;
use crate::value::{artists, clean, gain, genres, id, listed, opus_gain, tempo, text, year};
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
    /// Why its tags could not be read; `None`: they could, or there are none.
    pub problem: Option<String>,
}

/// Reads the tags of a file by its content; title and artist come from its name when it has none.
pub fn read(path: &Path) -> Tags {
    read_from(path, File::open(path).ok())
}

/// The same, from an open file; without one, what the name says.
pub fn read_from(path: &Path, file: Option<impl Read + Seek>) -> Tags {
    // Fuzzed tags must not end a scan.
    let found = catch_unwind(AssertUnwindSafe(|| file.map(read_content)));
    let mut tags = found.ok().flatten().unwrap_or_default();
    fill_from_name(&mut tags, path);
    tags
}

/// What is written in the file, by two readers: what the first leaves open the second may tell.
fn read_content(mut file: impl Read + Seek) -> Tags {
    let opened = open(&mut file);
    let frames = Id3Frames::read(&mut file);
    let mut tags = match &opened {
        Ok(Some((file, rest))) => written(file, rest),
        _ => Tags::default(),
    };
    tags.problem = opened.err().filter(|_| frames.is_none()).map(|error| clean(&error));
    if let Some(frames) = frames {
        fill_from_frames(&mut tags, &frames);
    }
    tags
}

/// The tags that all formats have in common, and the rest; `None`: it is no kind of file that is known.
fn open(file: &mut (impl Read + Seek)) -> Result<Option<(TaggedFile, UnsupportedFields)>, String> {
    let words = |error: FileParseError| error.to_string();
    let options = ParseOptions::new().read_cover_art(false).parsing_mode(ParsingMode::Relaxed);
    // Not by the ending: what is called .mp3 and is none would be searched to its end, however long.
    let probe =
        Probe::new(BufReader::new(file)).options(options).guess_file_type().map_err(|error| error.to_string())?;
    let Some(kind) = probe.file_type() else { return Ok(None) };
    Ok(Some(match kind {
        FileType::Mp4 => {
            let file = Mp4File::read_from(&mut probe.into_inner(), options).map_err(words)?;
            let rest = UnsupportedFields::of_mp4(&file);
            (file.into(), rest)
        }
        FileType::Mpeg => {
            let file = MpegFile::read_from(&mut probe.into_inner(), options).map_err(words)?;
            let rest = UnsupportedFields::of_mpeg(&file);
            (file.into(), rest)
        }
        _ => (probe.read().map_err(words)?, UnsupportedFields::default()),
    }))
}

/// Tags in the order in which they count: ID3v1 cuts its texts at 30 letters, and comes last.
fn by_rank(file: &TaggedFile) -> Vec<&Tag> {
    let rank = |tag: &&Tag| match tag.tag_type() {
        TagType::Id3v1 => 2,
        TagType::Ape => 1,
        _ => 0,
    };
    let mut tags: Vec<_> = file.tags().iter().collect();
    tags.sort_by_key(rank);
    tags
}

/// What the first reader found.
fn written(file: &TaggedFile, rest: &UnsupportedFields) -> Tags {
    let tags = by_rank(file);
    let values = |keys: &[ItemKey]| -> Vec<&str> {
        keys.iter().flat_map(|key| tags.iter().filter_map(move |tag| tag.get_string(*key))).collect()
    };
    let first = |keys: &[ItemKey]| first_text(values(keys).into_iter());
    let seconds = file.properties().duration();
    let tempos = [&first(&[ItemKey::Bpm, ItemKey::IntegerBpm]), &rest.tempo];
    let keys = [&first(&[ItemKey::InitialKey]), &rest.key];
    Tags {
        title: first(&[ItemKey::TrackTitle]),
        artist: artist(&tags),
        album: first(&[ItemKey::AlbumTitle]),
        genre: tags.iter().find_map(|tag| genres(tag.get_strings(ItemKey::Genre))).unwrap_or_default(),
        mood: moods(&tags).or_else(|| listed([rest.mood.as_str()].into_iter())).unwrap_or_default(),
        tempo: tempos.into_iter().find_map(|text| tempo(text)),
        year: values(&[ItemKey::RecordingDate, ItemKey::Year, ItemKey::ReleaseDate]).into_iter().find_map(year),
        track: values(&[ItemKey::TrackNumber]).into_iter().find_map(number),
        recording: id(&first(&[ItemKey::MusicBrainzRecordingId])),
        artist_id: id(&first(&[ItemKey::MusicBrainzArtistId])),
        release: id(&first(&[ItemKey::MusicBrainzReleaseId])),
        key: keys.into_iter().find_map(|text| Key::named(text)).map(|key| key.name()),
        gain: gain(&first(&[ItemKey::ReplayGainTrackGain])).or_else(|| opus_gain(&first(&[ItemKey::R128TrackGain]))),
        seconds: (seconds > Duration::ZERO).then_some(seconds.as_secs_f32()),
        recognised: true,
        problem: None,
    }
}

/// What the second reader found, where the first found nothing.
fn fill_from_frames(tags: &mut Tags, frames: &Id3Frames) {
    let fill = |field: &mut String, found: String| {
        if field.is_empty() {
            *field = found;
        }
    };
    fill(&mut tags.title, first_text(frames.values("TIT2")));
    fill(&mut tags.artist, artists(frames.values("TPE1")));
    fill(&mut tags.artist, artists(frames.values("TPE2")));
    fill(&mut tags.album, first_text(frames.values("TALB")));
    fill(&mut tags.genre, genres(frames.values("TCON")).unwrap_or_default());
    let moods = frames.values("TMOO").chain(frames.user_values("MOOD"));
    fill(&mut tags.mood, listed(moods).unwrap_or_default());
    tags.tempo = tags.tempo.or_else(|| frames.values("TBPM").chain(frames.user_values("BPM")).find_map(tempo));
    let mut dates = ["TDRC", "TYER", "TDRL", "TDOR"].into_iter().flat_map(|name| frames.values(name));
    tags.year = tags.year.or_else(|| dates.find_map(year));
    tags.track = tags.track.or_else(|| frames.values("TRCK").find_map(number));
    let mut keys = frames.values("TKEY").chain(frames.user_values("INITIALKEY"));
    tags.key = tags.key.take().or_else(|| Some(keys.find_map(Key::named)?.name()));
    tags.gain = tags.gain.or_else(|| frames.user_values("REPLAYGAIN_TRACK_GAIN").find_map(gain));
    tags.recognised = true;
}

/// What the name says, where the tags are silent.
fn fill_from_name(tags: &mut Tags, path: &Path) {
    let named = NameGuess::new(path);
    if tags.title.is_empty() {
        tags.title = named.title;
        if tags.artist.is_empty() {
            tags.artist = named.artist.unwrap_or_default();
        }
    }
    if tags.artist.is_empty() {
        tags.artist = named.folder.unwrap_or_else(|| "Unknown artist".into());
    }
}

fn first_text<'a>(values: impl Iterator<Item = &'a str>) -> String {
    values.map(text).find(|value| !value.is_empty()).unwrap_or_default()
}

/// "3/12" is the third of twelve.
fn number(text: &str) -> Option<u32> {
    text.split('/').next()?.trim().parse().ok()
}

/// All artists of the first tag that names one.
fn artist(tags: &[&Tag]) -> String {
    let keys = [ItemKey::TrackArtist, ItemKey::AlbumArtist];
    let mut named = keys.iter().flat_map(|key| tags.iter().map(move |tag| artists(tag.get_strings(*key))));
    named.find(|names| !names.is_empty()).unwrap_or_default()
}

/// Every mood of the first tag that names one.
fn moods(tags: &[&Tag]) -> Option<String> {
    tags.iter().find_map(|tag| listed(tag.get_strings(ItemKey::Mood)))
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
