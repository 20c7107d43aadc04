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
    /// As values, with the default beside those that differ.
    Values,
    /// Commented out: a setting that stays so follows the defaults of later versions.
    Commented,
}

/// Writes a valid file with the values of `config` and an explanation of every setting.
pub fn write_config(config: &Config, show: Show) -> Result<String> {
    let (values, defaults) = (full(config)?, full(&Config::default())?);
    let mut lines = String::from("# The settings of Moodring. `moodring config check` checks them.\n");
    let mut table = Vec::new();
    for (setting, place) in SETTINGS.iter().flat_map(places) {
        let (name, outer) = place.split_last().map_or(("", [].as_slice()), |(name, outer)| (*name, outer));
        let (value, default) = (at(&values, &place), at(&defaults, &place));
        // A row of the table of moods that is as the paper has it.
        let commented =
            show == Show::Commented || setting.place.contains(&MOOD) && !config.mood.table.contains_key(place[2]);
        if table != outer {
            table = outer.to_vec();
            open(&mut lines, &table, commented && setting.place.contains(&MOOD));
        }
        let _ = writeln!(lines, "# {}: {}", setting.says, setting.rule);
        let written = value.as_ref().map(ToString::to_string).or(setting.sample.map(String::from)).unwrap_or_default();
        let mark = if commented || value.is_none() { "# " } else { "" };
        let was = default.filter(|default| value.as_ref().is_some_and(|value| value != default));
        let was = was.map(|default| format!("  # default: {default}")).unwrap_or_default();
        let _ = writeln!(lines, "{mark}{name} = {written}{was}");
    }
    Ok(lines)
}

fn open(lines: &mut String, table: &[&str], commented: bool) {
    let mark = if commented { "# " } else { "" };
    let _ = writeln!(lines, "\n{mark}[{}]", table.join("."));
    if table == [OFF.0] {
        let _ = writeln!(
            lines,
            "# To turn the camera off, write `{} = \"{}\"` at the top instead of this table.",
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

    /// With every setting and table uncommented.
    fn uncommented(text: &str) -> String {
        let lines = text.lines().map(|line| match line.strip_prefix("# ") {
            Some(setting) if setting.starts_with('[') || setting.split(' ').nth(1) == Some("=") => setting,
            _ => line,
        });
        lines.collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn the_sample_file_has_the_defaults() {
        for show in [Show::Values, Show::Commented] {
            assert_eq!(read(&write_config(&Config::default(), show).unwrap()), Config::default());
        }
    }

    #[test]
    fn uncommenting_the_sample_file_changes_nothing() {
        let sample = uncommented(&write_config(&Config::default(), Show::Commented).unwrap());
        let mut read_back = read(&sample);
        assert_eq!(read_back.camera.pictures.take().as_deref(), Some(Path::new("/path/to/pictures")));
        let (paper, own) = (table::EmotionTable::default(), table::EmotionTable::with(&read_back.mood.table));
        assert_eq!(read_back.mood.table.len(), MoodName::ALL.len());
        assert!(MoodName::ALL.iter().all(|mood| paper.place(*mood) == own.place(*mood)));
        read_back.mood.table.clear();
        assert_eq!(read_back, Config::default());
    }

    #[test]
    fn every_setting_is_explained_once() {
        let sample = write_config(&Config::default(), Show::Values).unwrap();
        for setting in SETTINGS.iter().filter(|setting| !setting.place.contains(&MOOD)) {
            assert_eq!(sample.matches(setting.says).count(), 1, "{}", setting.says);
        }
    }

    #[test]
    fn a_changed_setting_is_shown_with_its_default() {
        let own = "[camera]\nevery = \"5m\"\n[mood.table.sad]\nvalence = 0.1\nenergy = 0.2\ngenres = [\"blues\"]";
        let shown = write_config(&read(own), Show::Values).unwrap();
        assert!(shown.contains("every = \"5m\"  # default: \"2m\""), "{shown}");
        assert!(shown.contains("\n[mood.table.sad]\n") && shown.contains("\n# [mood.table.happy]\n"), "{shown}");
        assert_eq!(read(&shown), read(own));
    }
}
