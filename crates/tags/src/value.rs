//! Values of tags, as programs of all ages write them.

use lofty::id3::v1::GENRES;

use crate::mojibake::mend;

/// Characters of a tag that are kept.
const LONGEST: usize = 300;
/// Genres, or moods, of one song.
const MOST_WORDS: usize = 5;

/// As [`listed`]; old files give genres as numbers of the ID3 list.
pub fn genres<'a>(values: impl Iterator<Item = &'a str>) -> Option<String> {
    listed_as(values, resolved)
}

/// Each word once, in lower case, with commas between them; many programs write several words as one.
pub fn listed<'a>(values: impl Iterator<Item = &'a str>) -> Option<String> {
    listed_as(values, str::to_owned)
}

fn listed_as<'a>(values: impl Iterator<Item = &'a str>, meant: fn(&str) -> String) -> Option<String> {
    let mut words: Vec<String> = Vec::new();
    for word in values.take(MOST_WORDS).flat_map(|value| value.split(['/', ';', ',', '|', '\0'])) {
        let word = meant(&text(word)).to_lowercase();
        if !word.is_empty() && !words.contains(&word) && words.len() < MOST_WORDS {
            words.push(word);
        }
    }
    (!words.is_empty()).then(|| words.join(", "))
}

/// A number beyond the list names nothing, and is left out.
fn resolved(genre: &str) -> String {
    // "(17)Rock" gives the number and the name; the name is what counts.
    let name = genre.strip_prefix('(').and_then(|rest| rest.split_once(')')).map(|(_, name)| name.trim());
    let genre = name.filter(|name| !name.is_empty()).unwrap_or(genre);
    match genre.trim_matches(['(', ')']).parse::<usize>() {
        Ok(number) => GENRES.get(number).map_or_else(String::new, |name| (*name).into()),
        Err(_) => genre.into(),
    }
}

/// Beats per minute; "97,5" is how half of Europe writes it.
pub fn tempo(text: &str) -> Option<f32> {
    text.trim().replace(',', ".").parse().ok().filter(|bpm| (30.0..=300.0).contains(bpm))
}

/// The year in a date of any spelling: "2003/05/06", "06.05.2003", `[1999]`, "20030506".
pub fn year(date: &str) -> Option<u32> {
    let numbers = date.split(|c: char| !c.is_ascii_digit()).filter(|digits| matches!(digits.len(), 4 | 8 | 12 | 14));
    let mut years = numbers.filter_map(|digits| digits.get(..4)?.parse().ok());
    years.find(|year| (1000..3000).contains(year))
}

/// Several artists as one text, each once; most songs have one.
pub fn artists<'a>(values: impl Iterator<Item = &'a str>) -> String {
    let mut names: Vec<String> = Vec::new();
    for name in values.flat_map(|value| value.split('\0')).map(text).filter(|name| !name.is_empty()) {
        if !names.contains(&name) && names.len() < MOST_WORDS {
            names.push(name);
        }
    }
    clean(&names.join(", "))
}

/// A text of a tag as it was meant, in one line.
pub fn text(text: &str) -> String {
    clean(&mend(text))
}

/// A MusicBrainz id, in lower case; several artists stand one after the other.
pub fn id(text: &str) -> Option<String> {
    let id = text.get(..36)?.to_lowercase();
    id.chars().all(|c| c.is_ascii_hexdigit() || c == '-').then_some(id)
}

/// "-6.3 dB".
pub fn gain(text: &str) -> Option<f32> {
    let number = text.trim_end_matches(|c: char| c.is_alphabetic() || c.is_whitespace());
    number.parse().ok().filter(is_plausible)
}

/// What Opus says in 256ths of a dB and towards -23 LUFS (RFC 7845) as ReplayGain would, which aims at -18.
pub fn opus_gain(text: &str) -> Option<f32> {
    let parts: i16 = text.trim().parse().ok()?;
    Some(f32::from(parts) / 256.0 + 5.0).filter(is_plausible)
}

fn is_plausible(gain: &f32) -> bool {
    gain.abs() < 60.0
}

/// One line of bounded length: control characters, also those that turn writing around, become spaces.
pub fn clean(text: &str) -> String {
    let is_odd =
        |c: char| c.is_control() || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}');
    let plain: String = text.chars().take(4 * LONGEST).map(|c| if is_odd(c) { ' ' } else { c }).collect();
    let words: Vec<_> = plain.split_whitespace().collect();
    words.join(" ").chars().take(LONGEST).collect::<String>().trim_end().into()
}

#[cfg(test)]
mod tests {
    use super::*;

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
        assert_eq!(
            (resolved("(17)Space Rock"), resolved("255"), resolved("(200)")),
            ("Space Rock".into(), String::new(), String::new())
        );
    }

    #[test]
    fn several_genres_in_one_are_told_apart_and_each_counts_once() {
        let list = |values: &[&str]| genres(values.iter().copied()).unwrap_or_default();
        assert_eq!(list(&["Hip-Hop/Rap; Soul"]), "hip-hop, rap, soul");
        assert_eq!((list(&["Rock", "rock", "(17)"]), list(&["", " ; "])), ("rock".into(), String::new()));
    }

    #[test]
    fn a_mood_that_is_a_number_is_no_genre() {
        assert_eq!(listed(["17", "(4)", "Calm; calm"].into_iter()), Some("17, (4), calm".into()));
    }

    #[test]
    fn a_tempo_may_have_a_comma_and_the_loudness_of_opus_counts_from_elsewhere() {
        assert_eq!((tempo("97,5"), tempo(" 120 "), tempo("fast"), tempo("0")), (Some(97.5), Some(120.0), None, None));
        assert_eq!((opus_gain("-1856"), opus_gain("x")), (Some(-2.25), None));
        assert_eq!((opus_gain("32767"), opus_gain("-32768")), (None, None), "no song is so quiet, or so loud");
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
    fn several_artists_are_kept_and_each_stands_once() {
        assert_eq!(artists(["Ann", "Bob", "Ann", " "].into_iter()), "Ann, Bob");
        assert_eq!(artists(["Ann\0Bob"].into_iter()), "Ann, Bob");
        assert_eq!(artists(["BjÃ¶rk"].into_iter()), "Björk");
    }

    #[test]
    fn years_are_read_from_dates_and_nonsense_is_not() {
        assert_eq!(
            (year("1999-05-01"), year("2007"), year("soon"), year("0000"), year("日本")),
            (Some(1999), Some(2007), None, None, None)
        );
        for date in ["2003/05/06", "06.05.2003", "May 2003", "[2003]", "20030506", "2003-2004", "c2003", " 2003 "] {
            assert_eq!(year(date), Some(2003), "{date}");
        }
        for date in ["????", "", " ", "99", "5.6.03", "123456"] {
            assert_eq!(year(date), None, "{date}");
        }
    }
}
