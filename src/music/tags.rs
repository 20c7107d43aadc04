//! What a file says of itself, and what its name says where the file is silent.

use std::fs::File;
use std::io::BufReader;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::time::Duration;

use lofty::config::ParseOptions;
use lofty::file::{AudioFile, TaggedFile, TaggedFileExt};
use lofty::id3::v1::GENRES;
use lofty::probe::Probe;
use lofty::tag::ItemKey;

use super::analysis::key::Key;

/// Characters of a tag that are kept.
const LONGEST: usize = 300;
/// Folders that say nothing of the artist.
const PLAIN_FOLDERS: [&str; 8] = ["music", "musik", "musique", "songs", "audio", "downloads", "media", ""];

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
    // Fuzzed tags must not end a scan.
    let file = catch_unwind(AssertUnwindSafe(|| open(path))).ok().flatten();
    let named = Named::new(path);
    let mut tags = file.as_ref().map(written).unwrap_or_default();
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

fn open(path: &Path) -> Option<TaggedFile> {
    let options = ParseOptions::new().read_cover_art(false);
    // Not by the ending: what is called .mp3 and is none would be searched to its end, however long.
    let probe = Probe::new(BufReader::new(File::open(path).ok()?)).options(options);
    probe.guess_file_type().ok()?.read().ok()
}

/// What is written in the file.
fn written(file: &TaggedFile) -> Tags {
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
        genre: genre(file),
        mood: text(&[ItemKey::Mood]).to_lowercase(),
        tempo: text(&[ItemKey::Bpm, ItemKey::IntegerBpm]).parse().ok().filter(|bpm| (30.0..=300.0).contains(bpm)),
        year: year(&text(&[ItemKey::RecordingDate, ItemKey::Year, ItemKey::ReleaseDate])),
        track: number(ItemKey::TrackNumber),
        recording: id(&text(&[ItemKey::MusicBrainzRecordingId])),
        artist_id: id(&text(&[ItemKey::MusicBrainzArtistId])),
        release: id(&text(&[ItemKey::MusicBrainzReleaseId])),
        key: Key::named(&text(&[ItemKey::InitialKey])).map(|key| key.name()),
        gain: gain(&text(&[ItemKey::ReplayGainTrackGain])),
        seconds: (seconds > Duration::ZERO).then_some(seconds.as_secs_f32()),
        recognised: true,
    }
}

/// Every genre of the first tag that names one; old files give them as numbers of the ID3 list.
fn genre(file: &TaggedFile) -> String {
    let of_tag = |tag: &lofty::tag::Tag| {
        let genres = tag.get_strings(ItemKey::Genre).take(5);
        genres.map(|genre| resolved(&clean(genre)).to_lowercase()).filter(|genre| !genre.is_empty()).collect::<Vec<_>>()
    };
    let genres = file.tags().iter().map(of_tag).find(|genres| !genres.is_empty()).unwrap_or_default();
    genres.join(", ")
}

fn resolved(genre: &str) -> String {
    let number = genre.trim_start_matches('(').trim_end_matches(')').parse::<usize>();
    number.ok().and_then(|number| GENRES.get(number)).map_or_else(|| genre.into(), |name| (*name).into())
}

fn year(date: &str) -> Option<u32> {
    date.get(..4)?.parse().ok().filter(|year| (1000..3000).contains(year))
}

/// A MusicBrainz id, in lower case; several artists stand one after the other.
fn id(text: &str) -> Option<String> {
    let id = text.get(..36)?.to_lowercase();
    id.chars().all(|c| c.is_ascii_hexdigit() || c == '-').then_some(id)
}

/// "-6.3 dB".
fn gain(text: &str) -> Option<f32> {
    let number = text.trim_end_matches(|c: char| c.is_alphabetic() || c.is_whitespace());
    number.parse().ok().filter(|gain: &f32| gain.abs() < 60.0)
}

/// One line of bounded length: control characters, also those that turn writing around, become spaces.
fn clean(text: &str) -> String {
    let is_odd =
        |c: char| c.is_control() || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}');
    let plain: String = text.chars().take(4 * LONGEST).map(|c| if is_odd(c) { ' ' } else { c }).collect();
    let words: Vec<_> = plain.split_whitespace().collect();
    words.join(" ").chars().take(LONGEST).collect::<String>().trim_end().into()
}

/// What a path says: "03 - Ann_Example - heroes_rite.ogg".
struct Named {
    title: String,
    artist: Option<String>,
    folder: Option<String>,
}

impl Named {
    fn new(path: &Path) -> Self {
        let stem = path.file_stem().unwrap_or_default().to_string_lossy().replace('_', " ");
        let stem = clean(&stem);
        let name = without_number(&stem);
        let (artist, title) = match name.split_once(" - ") {
            Some((artist, title)) => (Some(artist.trim().to_owned()), title.trim()),
            None => (None, name),
        };
        let folder = path.parent().and_then(Path::file_name).unwrap_or_default().to_string_lossy();
        let folder = Some(clean(&folder)).filter(|name| !PLAIN_FOLDERS.contains(&name.to_lowercase().as_str()));
        let title = if title.is_empty() { "Untitled" } else { title };
        Self { title: title.into(), artist, folder }
    }
}

/// Without a leading track number, unless that is all there is ("1979").
fn without_number(name: &str) -> &str {
    let rest = name.trim_start_matches(|c: char| c.is_ascii_digit());
    let digits = name.len() - rest.len();
    let title = rest.trim_start_matches(['.', '-', ')', ' ']);
    if (1..=3).contains(&digits) && title.len() < rest.len() && !title.is_empty() { title } else { name }
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

    #[test]
    fn absurd_tags_are_cut_to_a_line() {
        assert_eq!(clean(" a\n\u{0}b\u{202e}c\t"), "a b c");
        assert_eq!(clean(&"x".repeat(1_000_000)).len(), LONGEST);
    }

    #[test]
    fn numbers_of_the_old_genre_list_are_resolved() {
        assert_eq!(
            (resolved("17"), resolved("(17)"), resolved("2 tone")),
            ("Rock".into(), "Rock".into(), "2 tone".into())
        );
    }

    #[test]
    fn loudness_and_ids_are_read_and_nonsense_is_not() {
        assert_eq!(
            (gain("-6.30 dB"), gain("+2.1dB"), gain("loud"), gain("1e9 dB")),
            (Some(-6.3), Some(2.1), None, None)
        );
        let recording = "526BD613-fddd-4bd6-9137-ab709ac74cab";
        assert_eq!(id(recording), Some(recording.to_lowercase()));
        assert_eq!(id(&format!("{recording}/{recording}")), Some(recording.to_lowercase()));
        assert_eq!((id("none"), id(&"x".repeat(36))), (None, None));
    }

    #[test]
    fn years_are_read_from_dates_and_nonsense_is_not() {
        assert_eq!(
            (year("1999-05-01"), year("2007"), year("soon"), year("0000"), year("日本")),
            (Some(1999), Some(2007), None, None, None)
        );
    }
}
