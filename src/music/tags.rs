//! What a file says of itself, and what its name says where the file is silent.

mod rest;

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
use rest::Rest;

/// Characters of a tag that are kept.
const LONGEST: usize = 300;
/// Genres, or moods, of one song.
const MOST_WORDS: usize = 5;
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
    let mut tags = file.as_ref().map(|file| written(file, &rest(path, file))).unwrap_or_default();
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

/// What only a second look at the file can tell, when the first told nothing of it.
fn rest(path: &Path, file: &TaggedFile) -> Rest {
    let silent = |keys: &[ItemKey]| file.tags().iter().all(|tag| keys.iter().all(|key| tag.get_string(*key).is_none()));
    if silent(&[ItemKey::Mood]) || silent(&[ItemKey::Bpm, ItemKey::IntegerBpm]) || silent(&[ItemKey::InitialKey]) {
        return catch_unwind(AssertUnwindSafe(|| Rest::read(path, file.file_type()))).unwrap_or_default();
    }
    Rest::default()
}

/// What is written in the file.
fn written(file: &TaggedFile, rest: &Rest) -> Tags {
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
        genre: words(file, ItemKey::Genre).unwrap_or_default(),
        mood: words(file, ItemKey::Mood).or_else(|| listed([rest.mood.as_str()].into_iter())).unwrap_or_default(),
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

/// Every genre or mood of the first tag that names one.
fn words(file: &TaggedFile, key: ItemKey) -> Option<String> {
    file.tags().iter().find_map(|tag| listed(tag.get_strings(key)))
}

/// Each word once, in lower case, with commas between them; old files give genres as numbers of the ID3 list, and many programs
/// write several words as one.
fn listed<'a>(values: impl Iterator<Item = &'a str>) -> Option<String> {
    let mut words: Vec<String> = Vec::new();
    for word in values.take(MOST_WORDS).flat_map(|value| value.split(['/', ';', ',', '|', '\0'])) {
        let word = resolved(&clean(word)).to_lowercase();
        if !word.is_empty() && !words.contains(&word) && words.len() < MOST_WORDS {
            words.push(word);
        }
    }
    (!words.is_empty()).then(|| words.join(", "))
}

fn resolved(genre: &str) -> String {
    let number = genre.trim_start_matches('(').trim_end_matches(')').parse::<usize>();
    number.ok().and_then(|number| GENRES.get(number)).map_or_else(|| genre.into(), |name| (*name).into())
}

/// Beats per minute; "97,5" is how half of Europe writes it.
fn tempo(text: &str) -> Option<f32> {
    text.trim().replace(',', ".").parse().ok().filter(|bpm| (30.0..=300.0).contains(bpm))
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

/// What Opus says in 256ths of a dB and towards -23 LUFS (RFC 7845) as ReplayGain would, which aims at -18.
fn opus_gain(text: &str) -> Option<f32> {
    let parts: i16 = text.trim().parse().ok()?;
    Some(f32::from(parts) / 256.0 + 5.0)
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
    fn several_genres_in_one_are_told_apart_and_each_counts_once() {
        let list = |values: &[&str]| listed(values.iter().copied()).unwrap_or_default();
        assert_eq!(list(&["Hip-Hop/Rap; Soul"]), "hip-hop, rap, soul");
        assert_eq!((list(&["Rock", "rock", "(17)"]), list(&["", " ; "])), ("rock".into(), String::new()));
    }

    #[test]
    fn a_tempo_may_have_a_comma_and_the_loudness_of_opus_counts_from_elsewhere() {
        assert_eq!((tempo("97,5"), tempo(" 120 "), tempo("fast"), tempo("0")), (Some(97.5), Some(120.0), None, None));
        assert_eq!((opus_gain("-1856"), opus_gain("x")), (Some(-2.25), None));
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
