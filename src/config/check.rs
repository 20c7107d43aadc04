//! Errors of a configuration file: each with its line, the value, and what was expected.

use std::ops::Range;

use toml::de::{DeTable, DeValue};
use toml::{Spanned, Value};

use crate::config::settings::{MOOD, OFF, SETTINGS, Setting};

/// Names closer than this (0..1, Jaro and Winkler's measure) count as typing errors.
const NEAR: f64 = 0.8;

/// One error.
#[derive(Clone, Debug, PartialEq)]
pub struct ConfigError {
    /// Counted from 1.
    pub line: usize,
    pub what: String,
}

/// All errors of a configuration text, from top to bottom.
pub fn find_errors(text: &str) -> Vec<ConfigError> {
    let mut found = match (DeTable::parse(text), text.parse::<toml::Table>()) {
        (Ok(spans), Ok(values)) => {
            let mut check = Check { text, found: Vec::new() };
            check.table(spans.get_ref(), &values, &[]);
            check.found
        }
        (Err(error), _) | (_, Err(error)) => {
            vec![ConfigError {
                line: line(text, error.span().unwrap_or_default().start),
                what: describe_syntax_error(error.message()),
            }]
        }
    };
    found.sort_by_key(|error| error.line);
    found
}

fn line(text: &str, at: usize) -> usize {
    text[..at.min(text.len())].matches('\n').count() + 1
}

/// The parser's message in one line.
fn describe_syntax_error(message: &str) -> String {
    format!("invalid TOML: {}", message.lines().collect::<Vec<_>>().join(", "))
}

struct Check<'a> {
    text: &'a str,
    found: Vec<ConfigError>,
}

impl Check<'_> {
    fn table(&mut self, spans: &DeTable, values: &toml::Table, outer: &[&str]) {
        for (name, spanned) in spans {
            let Some(value) = values.get(name.get_ref().as_ref()) else { continue };
            let place: Vec<&str> = outer.iter().copied().chain([name.get_ref().as_ref()]).collect();
            self.entry(&name.span(), spanned, value, &place);
        }
        self.incomplete(values, outer, spans);
    }

    fn entry(&mut self, name: &Range<usize>, spanned: &Spanned<DeValue>, value: &Value, place: &[&str]) {
        if let Some(setting) = SETTINGS.iter().find(|setting| setting.at(place)) {
            if !setting.rule.allows(value) {
                self.reject(spanned, place, &setting.rule.to_string());
            }
        } else if !SETTINGS.iter().any(|setting| setting.under(place)) {
            self.report(name.start, describe_unknown(place));
        } else if let (Some(inner), Some(values)) = (spanned.get_ref().as_table(), value.as_table()) {
            self.table(inner, values, place);
        } else if !(place == [OFF.0] && value.as_str() == Some(OFF.1)) {
            let word = if place == [OFF.0] { format!("\"{}\", or ", OFF.1) } else { String::new() };
            self.reject(spanned, place, &format!("{word}a table [{}]", place.join(".")));
        }
    }

    fn reject(&mut self, spanned: &Spanned<DeValue>, place: &[&str], allowed: &str) {
        let span = spanned.span();
        let written = self.text.get(span.clone()).unwrap_or_default().lines().next().unwrap_or_default();
        self.report(span.start, format!("invalid value {written} for {}: expected {allowed}", place.join(".")));
    }

    /// A row of the emotion table is a point and needs both numbers.
    fn incomplete(&mut self, values: &toml::Table, place: &[&str], spans: &DeTable) {
        let ["mood", "table", mood] = place else { return };
        let at = spans.iter().map(|(name, _)| name.span().start).min().unwrap_or_default();
        for part in ["valence", "energy"].iter().filter(|part| !values.contains_key(**part)) {
            self.report(at, format!("mood.table.{mood} has no {part}: a point needs both valence and energy"));
        }
    }

    fn report(&mut self, at: usize, what: String) {
        self.found.push(ConfigError { line: line(self.text, at), what });
    }
}

/// Names the setting that was probably meant, or all that exist there.
fn describe_unknown(place: &[&str]) -> String {
    let (name, outer) = place.split_last().unwrap_or((&"", &[]));
    let beside = SETTINGS.iter().filter(|setting| setting.under(outer)).filter_map(|s| s.place.get(outer.len()));
    let mut beside: Vec<&str> = beside.flat_map(|name| names(name)).collect();
    beside.sort_unstable();
    beside.dedup();
    let way_out = match nearest(name, &beside) {
        Some(near) => format!("did you mean {}?", [outer, &[near]].concat().join(".")),
        None => elsewhere(name).unwrap_or_else(|| format!("expected one of {}", beside.join(", "))),
    };
    format!("unknown setting {}; {way_out}", place.join("."))
}

fn names(name: &'static str) -> Vec<&'static str> {
    if name == MOOD { moodring_core::mood::MoodName::ALL.map(|mood| mood.word()).to_vec() } else { vec![name] }
}

fn nearest<'a>(name: &str, among: &[&'a str]) -> Option<&'a str> {
    let scored = among.iter().map(|other| (strsim::jaro_winkler(name, other), *other));
    scored.filter(|(score, _)| *score > NEAR).max_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, other)| other)
}

/// The right name in the wrong table.
fn elsewhere(name: &str) -> Option<String> {
    let last = |setting: &&Setting| setting.place.last().is_some_and(|last| *last == name);
    SETTINGS.iter().find(last).map(|setting| format!("did you mean {}?", setting.place.join(".")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn first(text: &str) -> (usize, String) {
        let error = find_errors(text).remove(0);
        (error.line, error.what)
    }

    #[test]
    fn a_typing_error_is_answered_with_the_nearest_setting() {
        let (line, said) = first("[camera]\n\nevry = \"2m\"");
        assert_eq!((line, said.as_str()), (3, "unknown setting camera.evry; did you mean camera.every?"));
        assert!(first("[camra]\nevery = \"2m\"").1.ends_with("did you mean camera?"));
        assert!(first("[camera]\nhalf_life = \"2m\"").1.ends_with("did you mean mood.half_life?"));
        assert!(first("[mood.table.hapy]\nvalence = 1").1.ends_with("did you mean mood.table.happy?"));
    }

    #[test]
    fn an_unknown_name_is_answered_with_the_names_that_exist() {
        assert_eq!(first("[history]\nxyz = 1").1, "unknown setting history.xyz; expected one of moods, plays");
    }

    #[test]
    fn an_invalid_value_is_named_with_what_is_expected() {
        let (line, said) = first("[mood]\nintent = \"calm\"\ndead_band = 2.0");
        assert_eq!((line, said.as_str()), (3, "invalid value 2.0 for mood.dead_band: expected a number from 0 to 0.5"));
        assert!(first("[camera]\nevery = \"soon\"").1.contains("\"5m\""));
        assert!(first("[mood]\nintent = \"up\"").1.ends_with("expected \"match\" or \"lift\" or \"calm\""));
        assert!(first("[players]\nprefer = \"vlc\"").1.contains("a list of strings"));
        assert!(first("music = 3").1.ends_with("expected a table [music]"));
    }

    #[test]
    fn all_errors_are_reported_in_the_order_of_the_lines() {
        let found = find_errors("[camera]\nframes = 0\n[mood]\nlow_songs = -1\n[muse]\n");
        assert_eq!(found.iter().map(|error| error.line).collect::<Vec<_>>(), [2, 4, 5]);
    }

    #[test]
    fn a_point_with_one_coordinate_is_an_error() {
        assert!(first("[mood.table.sad]\nvalence = 0.1").1.contains("has no energy"));
    }

    #[test]
    fn a_syntax_error_is_reported_with_its_line() {
        let (line, said) = first("[camera]\nevery = 2m");
        assert!(line == 2 && said.starts_with("invalid TOML: "), "{line} {said}");
    }
}
