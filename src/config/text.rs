//! The settings as a file with comments: what `moodring config default` and `show` print, and `edit` begins with.

use std::fmt::Write;

use anyhow::Result;
use toml::{Table, Value};

use crate::config::settings::{MOOD, OFF, SETTINGS, Setting};
use moodring_core::config::{Config, EmotionPoint};
use moodring_core::mood::MoodName;
use moodring_core::mood::table;

/// How values are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Show {
    /// As they are, with the default beside those that differ.
    Values,
    /// Commented out, for the owner to begin with: what stays so follows later versions' defaults.
    Asleep,
}

/// A valid file that means `config`, with every setting explained.
pub fn text(config: &Config, show: Show) -> Result<String> {
    let (values, defaults) = (full(config)?, full(&Config::default())?);
    let mut lines = String::from("# The settings of Moodring. `moodring config check` checks them.\n");
    let mut table = Vec::new();
    for (setting, place) in SETTINGS.iter().flat_map(places) {
        let (name, outer) = place.split_last().map_or(("", [].as_slice()), |(name, outer)| (*name, outer));
        let (value, default) = (at(&values, &place), at(&defaults, &place));
        // A row of the table of moods that is as the paper has it.
        let asleep = show == Show::Asleep || setting.place.contains(&MOOD) && !config.mood.table.contains_key(place[2]);
        if table != outer {
            table = outer.to_vec();
            open(&mut lines, &table, asleep && setting.place.contains(&MOOD));
        }
        let _ = writeln!(lines, "# {}: {}", setting.says, setting.rule);
        let written = value.as_ref().map(ToString::to_string).or(setting.sample.map(String::from)).unwrap_or_default();
        let mark = if asleep || value.is_none() { "# " } else { "" };
        let was = default.filter(|default| value.as_ref().is_some_and(|value| value != default));
        let was = was.map(|default| format!("  # default: {default}")).unwrap_or_default();
        let _ = writeln!(lines, "{mark}{name} = {written}{was}");
    }
    Ok(lines)
}

fn open(lines: &mut String, table: &[&str], asleep: bool) {
    let mark = if asleep { "# " } else { "" };
    let _ = writeln!(lines, "\n{mark}[{}]", table.join("."));
    if table == [OFF.0] {
        let _ = writeln!(
            lines,
            "# To turn it off, `{} = \"{}\"` at the top may stand in place of this table.",
            OFF.0, OFF.1
        );
    }
}

/// With all rows of the table of moods.
fn full(config: &Config) -> Result<Table> {
    let moods = table::EmotionTable::with(&config.mood.table);
    let mut config = config.clone();
    for name in MoodName::ALL {
        let (point, genres) = (moods.place(name), moods.genres(name).iter().filter(|genre| !genre.is_empty()));
        let place = EmotionPoint { valence: point.valence, energy: point.energy, genres: genres.cloned().collect() };
        config.mood.table.insert(name.word().into(), place);
    }
    Ok(Table::try_from(&config)?)
}

/// A setting stands once, or once for each mood; sorted so that each table is written once.
fn places(setting: &'static Setting) -> Vec<(&'static Setting, Vec<&'static str>)> {
    if !setting.place.contains(&MOOD) {
        return vec![(setting, setting.place.to_vec())];
    }
    // The three rows of the table come with its first, mood by mood.
    let family: Vec<_> = SETTINGS.iter().filter(|other| other.place.contains(&MOOD)).collect();
    if !std::ptr::eq(family[0], setting) {
        return Vec::new();
    }
    let named = |other: &Setting, mood: MoodName| {
        other.place.iter().map(|name| if *name == MOOD { mood.word() } else { name }).collect()
    };
    MoodName::ALL.iter().flat_map(|mood| family.iter().map(|other| (*other, named(other, *mood)))).collect()
}

/// Numbers are kept in single precision: shown as written, not as 0.11999999731779099.
fn at(table: &Table, place: &[&str]) -> Option<Value> {
    let (first, rest) = place.split_first()?;
    let value = table.get(*first)?;
    match (rest.is_empty(), value) {
        (true, Value::Float(number)) => (*number as f32).to_string().parse().ok().map(Value::Float),
        (true, value) => Some(value.clone()),
        (false, value) => at(value.as_table()?, rest),
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    fn read(text: &str) -> Config {
        crate::config::read(text, Path::new("config.toml")).unwrap_or_else(|error| panic!("{error}\n{text}"))
    }

    /// Every line that could be a setting or a table, awake.
    fn awake(text: &str) -> String {
        let lines = text.lines().map(|line| match line.strip_prefix("# ") {
            Some(setting) if setting.starts_with('[') || setting.split(' ').nth(1) == Some("=") => setting,
            _ => line,
        });
        lines.collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn the_sample_file_means_the_defaults() {
        for show in [Show::Values, Show::Asleep] {
            assert_eq!(read(&text(&Config::default(), show).unwrap()), Config::default());
        }
    }

    #[test]
    fn every_line_of_the_sample_file_may_be_woken_and_changes_nothing() {
        let sample = awake(&text(&Config::default(), Show::Asleep).unwrap());
        let mut woken = read(&sample);
        assert_eq!(woken.camera.pictures.take().as_deref(), Some(Path::new("/path/to/pictures")));
        let (paper, own) = (table::EmotionTable::default(), table::EmotionTable::with(&woken.mood.table));
        assert_eq!(woken.mood.table.len(), MoodName::ALL.len());
        assert!(MoodName::ALL.iter().all(|mood| paper.place(*mood) == own.place(*mood)));
        woken.mood.table.clear();
        assert_eq!(woken, Config::default());
    }

    #[test]
    fn every_setting_is_explained_once() {
        let sample = text(&Config::default(), Show::Values).unwrap();
        for setting in SETTINGS.iter().filter(|setting| !setting.place.contains(&MOOD)) {
            assert_eq!(sample.matches(setting.says).count(), 1, "{}", setting.says);
        }
    }

    #[test]
    fn what_the_owner_changed_is_shown_with_the_default_beside_it() {
        let own = "[camera]\nevery = \"5m\"\n[mood.table.sad]\nvalence = 0.1\nenergy = 0.2\ngenres = [\"blues\"]";
        let shown = text(&read(own), Show::Values).unwrap();
        assert!(shown.contains("every = \"5m\"  # default: \"2m\""), "{shown}");
        assert!(shown.contains("\n[mood.table.sad]\n") && shown.contains("\n# [mood.table.happy]\n"), "{shown}");
        assert_eq!(read(&shown), read(own));
    }
}
