//! All settings: name, help and accepted values. Reading, checking, help and the sample file are made from this table.

use crate::config::rule::Rule;
use moodring_core::mood::MoodName;

pub struct Setting {
    /// Names from the outermost table inwards; [`MOOD`] stands for each mood.
    pub place: &'static [&'static str],
    pub rule: Rule,
    pub says: &'static str,
    /// For a setting that is absent by default: how it may look in the file.
    pub sample: Option<&'static str>,
}

/// Stands for the name of any mood.
pub const MOOD: &str = "MOOD";

/// A table that may be replaced by one word.
pub const OFF: (&str, &str) = ("camera", "off");

impl Setting {
    /// Whether it stands at this place, or within.
    pub fn under(&self, place: &[&str]) -> bool {
        self.place.len() >= place.len() && self.place.iter().zip(place).all(|(own, other)| fits(own, other))
    }

    pub fn at(&self, place: &[&str]) -> bool {
        self.place.len() == place.len() && self.under(place)
    }
}

fn fits(own: &str, other: &str) -> bool {
    if own == MOOD { MoodName::ALL.iter().any(|mood| mood.word() == other) } else { own == other }
}

const fn row(place: &'static [&'static str], rule: Rule, says: &'static str) -> Setting {
    Setting { place, rule, says, sample: None }
}

const SHARE: Rule = Rule::Number(0.0, 1.0);
const INTENTS: Rule = Rule::Word(&["match", "lift", "calm"]);
const CONTENTS: Rule = Rule::Word(&["paper-cosine", "centred-cosine", "gaussian", "weighted-gaussian", "learned"]);
const FUSIONS: Rule = Rule::Word(&["sum", "filter", "product"]);
const BATTERY: Rule = Rule::Word(&["same", "rarer", "never"]);

/// In the order of the sample file.
pub const SETTINGS: &[Setting] = &[
    row(&["camera", "enabled"], Rule::Flag, "false: never open the camera; set moods by hand"),
    row(&["camera", "device"], Rule::Camera, "which camera; \"auto\" takes the first one in colour"),
    row(&["camera", "every"], Rule::Time, "time between looks"),
    row(&["camera", "frames"], Rule::Whole(1, 30), "frames in a look"),
    row(&["camera", "battery"], BATTERY, "looks on battery: the same number, a quarter, or none"),
    Setting {
        place: &["camera", "pictures"],
        rule: Rule::Text,
        says: "a picture, or a folder of pictures, instead of the camera",
        sample: Some("\"/path/to/pictures\""),
    },
    row(&["mood", "intent"], INTENTS, "match: follow the mood; lift: lead it upwards; calm: lead it to calm"),
    row(&["mood", "half_life"], Rule::Time, "time after which a look counts half"),
    row(&["mood", "dead_band"], Rule::Number(0.0, 0.5), "how far the mood must move before the music follows"),
    row(&["mood", "low_songs"], Rule::Whole(0, 100), "songs of low valence in a row before the music leads upwards"),
    row(&["mood", "table", MOOD, "valence"], SHARE, "unpleasant (0) to pleasant (1)"),
    row(&["mood", "table", MOOD, "energy"], SHARE, "calm (0) to lively (1)"),
    row(&["mood", "table", MOOD, "genres"], Rule::Texts, "genres that go with it"),
    row(&["music", "folders"], Rule::Texts, "what `moodring scan` reads; your music folder when empty"),
    row(&["music", "mood_weight"], SHARE, "weight of the mood against taste"),
    row(&["music", "content"], CONTENTS, "how well a song fits a mood; the first is the paper's"),
    row(&["music", "fusion"], FUSIONS, "how fit and taste become one score; the first is the paper's"),
    row(&["music", "no_repeat"], Rule::Time, "a song is not repeated within this time"),
    row(&["players", "prefer"], Rule::Texts, "players to steer first, by name, for instance [\"vlc\"]"),
    row(&["players", "ignore"], Rule::Texts, "players to ignore"),
    row(
        &["players", "hand_over"],
        Rule::Texts,
        "players without a queue in which Moodring may open a song when theirs has ended and nothing follows",
    ),
    row(
        &["players", "give_way"],
        Rule::Time,
        "how long a list that you start, or songs that you add, come first at most",
    ),
    row(&["players", "mpd"], Rule::Text, "a Music Player Daemon: host:port or the path of its socket; \"\" for none"),
    row(&["desktop", "mpris"], Rule::Flag, "show song, next songs and moods to widgets as an MPRIS player"),
    row(&["desktop", "notifications"], Rule::Flag, "notify when a mood has settled"),
    row(&["history", "moods"], Rule::Flag, "keep settled moods, one coarse row each; false: none is written"),
    row(&["history", "plays"], Rule::Flag, "keep which songs you heard or skipped; false: none is written"),
];

#[cfg(test)]
mod tests {
    use super::*;
    use moodring_core::config::Config;

    fn places<'a>(table: &'a toml::Table, outer: &[&'a str]) -> Vec<Vec<&'a str>> {
        let each = table.iter().flat_map(|(name, value)| {
            let place: Vec<&str> = outer.iter().copied().chain([name.as_str()]).collect();
            match value {
                toml::Value::Table(inner) => places(inner, &place),
                _ => vec![place],
            }
        });
        each.collect()
    }

    #[test]
    fn every_field_of_the_configuration_has_its_row_and_every_row_its_field() {
        let text = "[camera]\npictures = \"x\"\n[mood.table.sad]\nvalence = 0\nenergy = 0\n";
        let full: Config = toml::from_str(text).unwrap();
        let full = toml::Table::try_from(&full).unwrap();
        let fields = places(&full, &[]);
        for field in &fields {
            assert!(SETTINGS.iter().any(|setting| setting.at(field)), "{field:?} has no row in config/settings.rs");
        }
        for setting in SETTINGS {
            assert!(fields.iter().any(|field| setting.at(field)), "no field for {:?}", setting.place);
        }
    }
}
