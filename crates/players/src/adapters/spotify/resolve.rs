//! Which of the tracks that a search found is the song that was meant.

use std::path::Path;
use std::time::Duration;

use crate::adapters::spotify::dto::Item;
use moodring_core::domain::remote_song;
use moodring_core::text::song_names::strip_diacritics;
use moodring_tags::tags;

/// Titles and artists this alike (1: the same) are the same song with another spelling.
const ALIKE: f64 = 0.85;
/// Recordings of one song differ in length by more than this; masterings of one recording do not.
const SAME_LENGTH: Duration = Duration::from_secs(8);

/// Words in brackets or after a dash that name another mastering or a guest, not another recording.
const HARMLESS: [&str; 9] =
    ["remaster", "remastered", "feat", "featuring", "ft", "album version", "single version", "deluxe", "mono"];

/// A song of the user.
#[derive(Clone, Debug, PartialEq)]
pub struct Wanted {
    pub title: String,
    pub artist: String,
    pub length: Option<Duration>,
}

impl Wanted {
    /// From the tags of the file, or else its name; from its name where there is no file.
    pub fn read(song: &Path) -> Self {
        if let Some((artist, title)) = remote_song::parse_remote_path(song) {
            return Self { title: title.into(), artist: artist.into(), length: None };
        }
        let tags = tags::read(song);
        let length = tags.seconds.and_then(|seconds| Duration::try_from_secs_f32(seconds).ok());
        Self { title: tags.title, artist: tags.artist, length }
    }

    /// What to search for, strictest first: by field, then as words.
    pub fn searches(&self) -> [String; 2] {
        let [title, artist] = [plain_title(&self.title), self.artist.clone()].map(|text| text.replace('"', " "));
        [format!("track:\"{title}\" artist:\"{artist}\""), format!("{artist} {title}")]
    }

    /// The track that is this song; `None` where no track is certain.
    pub fn best<'a>(&self, found: &'a [Item]) -> Option<&'a Item> {
        let same = found
            .iter()
            .filter(|item| item.artists.iter().any(|artist| self.matches(&item.name, &artist.name, item.length())));
        same.min_by_key(|item| self.gap(item.length()).unwrap_or_default())
    }

    /// Whether a track of this name, artist and length is the song.
    pub fn matches(&self, title: &str, artist: &str, length: Option<Duration>) -> bool {
        alike(&plain_title(&self.title), &plain_title(title))
            && same_artist(&self.artist, artist)
            && self.gap(length).is_none_or(|gap| gap <= SAME_LENGTH)
    }

    fn gap(&self, length: Option<Duration>) -> Option<Duration> {
        Some(self.length?.abs_diff(length?))
    }
}

fn alike(a: &str, b: &str) -> bool {
    let [a, b] = [a, b].map(words);
    !a.is_empty() && !b.is_empty() && strsim::normalized_levenshtein(&a, &b) >= ALIKE
}

/// Tags name all artists in one field, the service each in its own.
fn same_artist(ours: &str, theirs: &str) -> bool {
    let [a, b] = [ours, theirs].map(words);
    let [a, b] = [&a, &b].map(|name| name.strip_prefix("the ").unwrap_or(name));
    alike(a, b) || (!b.is_empty() && format!(" {a} ").contains(&format!(" {b} ")))
}

/// The title without guests and masterings.
fn plain_title(title: &str) -> String {
    let mut rest = title.to_owned();
    while let Some((start, end)) = bracket(&rest) {
        rest.replace_range(start..end, " ");
    }
    match rest.split_once(" - ") {
        Some((head, tail)) if harmless(tail) => head.trim().to_owned(),
        _ => rest.trim().to_owned(),
    }
}

/// The first harmless pair of brackets, as a range of bytes.
fn bracket(title: &str) -> Option<(usize, usize)> {
    let opening = title.match_indices(['(', '[']).map(|(at, _)| at);
    opening.into_iter().find_map(|start| {
        let end = start + title[start..].find([')', ']'])? + 1;
        harmless(&title[start + 1..end - 1]).then_some((start, end))
    })
}

fn harmless(text: &str) -> bool {
    let text = format!(" {} ", words(text));
    HARMLESS.iter().any(|word| text.contains(&format!(" {word} ")))
}

/// Lower case, letters and digits, accents of Latin letters taken off, one space between words.
fn words(text: &str) -> String {
    let folded = text.to_lowercase().replace('&', " and ").replace(['\'', '’'], "");
    let plain: String =
        folded.chars().map(|c| if c.is_alphanumeric() { c } else { ' ' }).flat_map(strip_diacritics).collect();
    plain.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn track(name: &str, artist: &str, seconds: u64) -> Item {
        let shape = json!({"uri": format!("spotify:track:{name}"), "name": name, "artists": [{"name": artist}],
            "duration_ms": seconds * 1000});
        serde_json::from_value(shape).unwrap()
    }

    fn wanted(title: &str, artist: &str, seconds: u64) -> Wanted {
        Wanted { title: title.into(), artist: artist.into(), length: Some(Duration::from_secs(seconds)) }
    }

    fn found(wanted: &Wanted, name: &str, artist: &str, seconds: u64) -> bool {
        wanted.best(&[track(name, artist, seconds)]).is_some()
    }

    #[test]
    fn another_spelling_is_the_same_song() {
        let song = wanted("Déjà Vu (feat. Ann)", "Beyoncé & Ann", 240);
        assert!(found(&song, "Deja Vu - 2011 Remaster", "Beyonce", 241));
        assert!(found(&wanted("Don't Stop", "The Band", 100), "Don’t Stop (Remastered)", "Band", 104));
    }

    #[test]
    fn another_recording_is_another_song() {
        let song = wanted("Hurt", "Johnny Cash", 218);
        assert!(!found(&song, "Hurt (Live in Leeds)", "Johnny Cash", 219));
        assert!(!found(&song, "Hurt", "Nine Inch Nails", 218));
        assert!(!found(&song, "Hurt", "Johnny Cash", 300));
        assert!(!found(&wanted("", "Johnny Cash", 218), "Hurt", "Johnny Cash", 218));
    }

    #[test]
    fn the_nearest_length_wins() {
        let song = wanted("Hurt", "Johnny Cash", 218);
        let tracks = [track("Hurt", "Johnny Cash", 212), track("Hurt", "Johnny Cash", 217)];
        assert_eq!(song.best(&tracks).unwrap().length(), Some(Duration::from_secs(217)));
    }

    #[test]
    fn a_quote_cannot_break_out_of_the_search() {
        assert_eq!(wanted("A \"B\"", "C", 1).searches()[0], "track:\"A  B \" artist:\"C\"");
    }
}
