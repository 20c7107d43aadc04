//! Songs as other places name them, and when two names mean the same song.

/// A song by name; what is not known is empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TrackRef {
    pub artist: String,
    pub title: String,
    pub album: String,
    /// MusicBrainz recording id, in lower case.
    pub recording: Option<String>,
    /// Where a streaming service has it, for instance `spotify:track:…`.
    pub address: Option<String>,
}

impl TrackRef {
    pub fn new(artist: impl Into<String>, title: impl Into<String>) -> Self {
        Self { artist: artist.into(), title: title.into(), ..Self::default() }
    }

    /// The same for all spellings of one song.
    pub fn key(&self) -> String {
        match (&self.recording, self.artist.is_empty() && self.title.is_empty()) {
            (Some(recording), true) => format!("recording {recording}"),
            _ => song_key(&self.artist, &self.title),
        }
    }

    /// Whether there is anything to know it by.
    pub fn is_known(&self) -> bool {
        self.recording.is_some() || !self.title.trim().is_empty() || !self.artist.trim().is_empty()
    }
}

/// Artist and title without case, accents, punctuation, guests and editions.
pub fn song_key(artist: &str, title: &str) -> String {
    format!("{}\t{}", artist_key(artist), folded(without_edition(title)))
}

/// The same for all spellings of one artist, with guests or without.
pub fn artist_key(artist: &str) -> String {
    let lower = artist.to_lowercase();
    let alone = GUESTS.iter().filter_map(|word| lower.find(word)).min().map_or(lower.as_str(), |at| &lower[..at]);
    // "Beatles, The" is how it is sorted.
    folded(alone.strip_prefix("the ").or(alone.strip_suffix(", the")).unwrap_or(alone))
}

/// A MusicBrainz id in a text or an address, in lower case.
pub fn parse_mbid(text: &str) -> Option<String> {
    let tail = text.trim().trim_end_matches('/').rsplit('/').next()?.to_lowercase();
    let groups: Vec<usize> = tail.split('-').map(str::len).collect();
    let hex = tail.chars().all(|c| c.is_ascii_hexdigit() || c == '-');
    (hex && groups == [8, 4, 4, 4, 12]).then_some(tail)
}

/// "Artist - Title", as many lists have it.
pub fn split_artist_title(text: &str) -> Option<(&str, &str)> {
    [" - ", " – ", " — "]
        .iter()
        .find_map(|dash| text.split_once(dash))
        .map(|(artist, title)| (artist.trim(), title.trim()))
}

const GUESTS: [&str; 6] = [" feat. ", " feat ", " ft. ", " ft ", " featuring ", " (feat"];
/// A part of a title that holds one of these names an edition, not another song.
const EDITIONS: [&str; 12] = [
    "remaster",
    "feat.",
    "feat ",
    "ft.",
    "featuring",
    "radio edit",
    "album version",
    "single version",
    "explicit",
    "bonus track",
    "mono version",
    "stereo version",
];

fn without_edition(title: &str) -> &str {
    let mut title = title.trim();
    while let Some(start) = edition(title) {
        title = title[..start].trim_end();
    }
    title
}

/// Where a last part in brackets, or behind a dash, begins, when it names an edition.
fn edition(title: &str) -> Option<usize> {
    let bracket = title.ends_with([')', ']']).then(|| title.rfind(['(', '['])).flatten();
    let start = bracket.or_else(|| title.rfind(" - ")).filter(|start| *start > 0)?;
    let part = title[start..].to_lowercase();
    EDITIONS.iter().any(|word| part.contains(word)).then_some(start)
}

/// Letters and digits alone; a name without any stays as it is.
fn folded(text: &str) -> String {
    let lower = text.to_lowercase().replace('&', "and");
    let plain: String = lower.chars().filter(|c| c.is_alphanumeric()).flat_map(strip_diacritics).collect();
    if plain.is_empty() { lower.trim().to_owned() } else { plain }
}

/// A lower-case Latin letter without its marks, as one letter or two; any other as it is.
pub fn strip_diacritics(c: char) -> impl Iterator<Item = char> {
    bare(c).chars().chain(bare(c).is_empty().then_some(c))
}

/// A Latin letter without its marks; empty for all others.
fn bare(c: char) -> &'static str {
    match c {
        'à'..='å' | 'ā' | 'ă' | 'ą' => "a",
        'æ' => "ae",
        'ç' | 'ć' | 'ĉ' | 'ċ' | 'č' => "c",
        'ď' | 'đ' | 'ð' => "d",
        'è'..='ë' | 'ē' | 'ĕ' | 'ė' | 'ę' | 'ě' => "e",
        'ĝ' | 'ğ' | 'ġ' | 'ģ' => "g",
        'ì'..='ï' | 'ĩ' | 'ī' | 'ĭ' | 'į' | 'ı' => "i",
        'ĺ' | 'ļ' | 'ľ' | 'ł' => "l",
        'ñ' | 'ń' | 'ņ' | 'ň' => "n",
        'ò'..='ö' | 'ø' | 'ō' | 'ŏ' | 'ő' => "o",
        'œ' => "oe",
        'ŕ' | 'ŗ' | 'ř' => "r",
        'ś' | 'ŝ' | 'ş' | 'š' | 'ș' => "s",
        'ß' => "ss",
        'ţ' | 'ť' | 'ț' => "t",
        'ù'..='ü' | 'ũ' | 'ū' | 'ŭ' | 'ů' | 'ű' | 'ų' => "u",
        'ý' | 'ÿ' => "y",
        'ź' | 'ż' | 'ž' => "z",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_song_have_one_key() {
        let same = [
            ("Björk", "Jóga", "bjork", "JOGA"),
            ("AC/DC", "T.N.T.", "ACDC", "TNT"),
            ("The Beatles", "Help! - Remastered 2009", "Beatles", "Help!"),
            ("Beatles, The", "Help!", "The Beatles", "Help!"),
            ("Simon & Garfunkel", "The Boxer", "Simon and Garfunkel", "the boxer"),
            ("A feat. B", "Song (feat. B) [Explicit]", "A", "Song"),
            ("Mötley Crüe", "Straße (2011 Remaster)", "Motley Crue", "Strasse"),
        ];
        for (artist, title, other_artist, other_title) in same {
            assert_eq!(song_key(artist, title), song_key(other_artist, other_title), "{artist} {title}");
        }
    }

    #[test]
    fn other_songs_have_other_keys() {
        let other = [
            ("A", "Song", "A", "Song (Live)"),
            ("A", "Part 1", "A", "Part 2"),
            ("!!!", "x", "???", "x"),
            ("椎名林檎", "丸の内", "椎名林檎", "本能"),
        ];
        for (artist, title, other_artist, other_title) in other {
            assert_ne!(song_key(artist, title), song_key(other_artist, other_title), "{artist} {title}");
        }
    }

    #[test]
    fn ids_are_found_in_addresses_and_names_are_parted() {
        let id = "526bd613-fddd-4bd6-9137-ab709ac74cab";
        assert_eq!(
            parse_mbid(&format!("https://musicbrainz.org/recording/{}", id.to_uppercase())).as_deref(),
            Some(id)
        );
        assert_eq!(parse_mbid("526bd613fddd4bd69137ab709ac74cab"), None);
        assert_eq!(split_artist_title("Sigur Rós – Hoppípolla"), Some(("Sigur Rós", "Hoppípolla")));
        assert_eq!(split_artist_title("Jay-Z"), None);
    }
}
