//! The settings: `config.toml`, written by the owner only. What it does not say has a default.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Result;
use jiff::SignedDuration;
use serde::de::value::MapAccessDeserializer;
use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer};

use crate::fault::{fault, usage};
use crate::folders;
use crate::mood::{Intent, MoodName};

#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    #[serde(deserialize_with = "camera_or_off")]
    pub camera: Camera,
    pub mood: MoodConfig,
    pub music: Music,
    pub players: Players,
    pub desktop: Desktop,
}

/// `[camera]`
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Camera {
    /// Index of the device, as in `/dev/video0`.
    pub device: u32,
    /// `false`: never open it; moods are set by hand.
    pub enabled: bool,
    /// Pictures to look at in place of a camera: a file or a folder.
    pub pictures: Option<PathBuf>,
    /// Time between looks.
    #[serde(deserialize_with = "duration")]
    pub every: Duration,
    /// Frames in a look.
    pub frames: u32,
    /// How often to look while the machine runs on battery.
    pub battery: Battery,
}

/// Looks on battery.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Battery {
    /// As often as on mains.
    Same,
    /// A quarter as many.
    #[default]
    Rarer,
    Never,
}

impl Default for Camera {
    fn default() -> Self {
        Self {
            device: 0,
            enabled: true,
            pictures: None,
            every: Duration::from_secs(120),
            frames: 5,
            battery: Battery::Rarer,
        }
    }
}

/// `[mood]`
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct MoodConfig {
    pub intent: Intent,
    /// Time after which a look counts half.
    #[serde(deserialize_with = "duration")]
    pub half_life: Duration,
    /// How far the mood must move, in the plane of valence and energy, before the music follows.
    pub dead_band: f32,
    /// Songs of low valence in a row before the music leads upwards.
    pub low_songs: u32,
    /// `[mood.table.happy]` and so on: other places or genres than the paper's.
    pub table: BTreeMap<String, Place>,
}

impl Default for MoodConfig {
    fn default() -> Self {
        let half_life = Duration::from_secs(300);
        Self { intent: Intent::Match, half_life, dead_band: 0.12, low_songs: 3, table: BTreeMap::new() }
    }
}

/// A row of the emotion table.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Place {
    pub valence: f32,
    pub energy: f32,
    #[serde(default)]
    pub genres: Vec<String>,
}

/// `[music]`
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Music {
    /// Folders that `scan` reads; the desktop's music folder when empty.
    pub folders: Vec<PathBuf>,
    /// How much the mood counts against taste, 0..1: the `a` of the paper's hybrid.
    pub mood_weight: f32,
    /// A song does not come again within this time.
    #[serde(deserialize_with = "duration")]
    pub no_repeat: Duration,
}

impl Default for Music {
    fn default() -> Self {
        Self { folders: Vec::new(), mood_weight: 0.6, no_repeat: Duration::from_secs(4 * 3600) }
    }
}

/// `[players]`
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Players {
    /// Names of players to steer before others, for instance "vlc" or "mpd".
    pub prefer: Vec<String>,
    /// Names of players to leave alone.
    pub ignore: Vec<String>,
    /// Names of players without a queue that may be handed a song at the very end of another, when nothing follows.
    pub hand_over: Vec<String>,
    /// How long a list that the listener starts, or songs that they add, are left alone at most.
    #[serde(deserialize_with = "duration")]
    pub give_way: Duration,
    /// Host and port of a Music Player Daemon, or the path of its socket; empty: none.
    pub mpd: String,
}

impl Default for Players {
    fn default() -> Self {
        Self {
            prefer: Vec::new(),
            ignore: Vec::new(),
            hand_over: Vec::new(),
            give_way: Duration::from_secs(600),
            mpd: "localhost:6600".into(),
        }
    }
}

/// `[desktop]`
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Desktop {
    /// Show song, coming songs and moods to widgets, as a player of our own on the bus.
    pub mpris: bool,
    /// Tell when a mood has settled.
    pub notifications: bool,
}

/// A table, or the one word `off`, which means `enabled = false`.
fn camera_or_off<'de, D: Deserializer<'de>>(source: D) -> Result<Camera, D::Error> {
    struct Either;
    impl<'de> Visitor<'de> for Either {
        type Value = Camera;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("\"off\", or a table [camera]")
        }

        fn visit_str<E: serde::de::Error>(self, word: &str) -> Result<Camera, E> {
            match word {
                "off" => Ok(Camera { enabled: false, ..Camera::default() }),
                _ => Err(E::invalid_value(serde::de::Unexpected::Str(word), &self)),
            }
        }

        fn visit_map<A: MapAccess<'de>>(self, table: A) -> Result<Camera, A::Error> {
            Camera::deserialize(MapAccessDeserializer::new(table))
        }
    }
    source.deserialize_any(Either)
}

fn duration<'de, D: Deserializer<'de>>(source: D) -> Result<Duration, D::Error> {
    let text = String::deserialize(source)?;
    let read = text.parse::<SignedDuration>().ok().and_then(|d| Duration::try_from(d).ok());
    read.filter(|d| !d.is_zero()).ok_or_else(|| {
        serde::de::Error::custom(format!("\"{text}\" is not a length of time such as \"90s\", \"5m\" or \"1h 30m\""))
    })
}

impl Config {
    /// Reads the owner's file; the defaults when there is none.
    pub fn load() -> Result<Self> {
        let file = folders::config_file()?;
        match std::fs::read_to_string(&file) {
            Ok(text) => Self::read(&text, &file),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Self::default()),
            Err(error) => {
                Err(fault(format!("cannot read {}: {error}", file.display()), "check its owner and permissions"))
            }
        }
    }

    /// Reads and checks a text; errors name file, line and what is allowed.
    pub fn read(text: &str, file: &Path) -> Result<Self> {
        let config: Self = toml::from_str(text).map_err(|error| {
            let line = error.span().map_or(1, |span| text[..span.start].matches('\n').count() + 1);
            complaint(file, Some(line), error.message())
        })?;
        config.check().map_err(|what| complaint(file, None, &what))?;
        Ok(config)
    }

    fn check(&self) -> Result<(), String> {
        within("camera.frames", self.camera.frames as f32, 1.0, 30.0)?;
        within("mood.dead_band", self.mood.dead_band, 0.0, 0.5)?;
        within("music.mood_weight", self.music.mood_weight, 0.0, 1.0)?;
        for (name, place) in &self.mood.table {
            known_mood(name)?;
            within(&format!("mood.table.{name}.valence"), place.valence, 0.0, 1.0)?;
            within(&format!("mood.table.{name}.energy"), place.energy, 0.0, 1.0)?;
        }
        Ok(())
    }
}

fn within(name: &str, value: f32, low: f32, high: f32) -> Result<(), String> {
    if (low..=high).contains(&value) { Ok(()) } else { Err(format!("{name} = {value} is not within {low} and {high}")) }
}

fn known_mood(name: &str) -> Result<(), String> {
    let words = MoodName::ALL.map(MoodName::word);
    if words.contains(&name) {
        Ok(())
    } else {
        Err(format!("mood.table.{name}: a mood is one of {}", words.join(", ")))
    }
}

fn complaint(file: &Path, line: Option<usize>, what: &str) -> anyhow::Error {
    let place = line.map_or_else(|| file.display().to_string(), |line| format!("{}:{line}", file.display()));
    usage(format!("{place}: {what}"), "the settings and their defaults are in the README")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn complaint_about(text: &str) -> String {
        Config::read(text, Path::new("config.toml")).unwrap_err().to_string()
    }

    #[test]
    fn an_empty_file_means_the_defaults() {
        assert_eq!(Config::read("", Path::new("x")).unwrap(), Config::default());
    }

    #[test]
    fn lengths_of_time_are_read_as_people_write_them() {
        let config = Config::read("[camera]\nevery = \"1m 30s\"", Path::new("x")).unwrap();
        assert_eq!(config.camera.every, Duration::from_secs(90));
    }

    #[test]
    fn the_camera_is_turned_off_with_one_word() {
        let config = Config::read("camera = \"off\"\n[mood]\nintent = \"calm\"", Path::new("x")).unwrap();
        assert!(!config.camera.enabled);
        let said = complaint_about("\ncamera = \"of\"");
        assert!(said.contains("config.toml:2") && said.contains("\"off\"") && said.contains("[camera]"), "{said}");
        let said = complaint_about("[camera]\nenabled = true\nframes = \"many\"");
        assert!(said.contains("config.toml:3"), "{said}");
    }

    #[test]
    fn an_unknown_key_is_named_with_its_line() {
        let said = complaint_about("[camera]\n\nevry = \"2m\"");
        assert!(said.contains("config.toml:3") && said.contains("evry") && said.contains("every"), "{said}");
    }

    #[test]
    fn values_out_of_range_are_refused_with_what_is_allowed() {
        let said = complaint_about("[mood]\ndead_band = 2.0");
        assert!(said.contains("mood.dead_band = 2") && said.contains("0.5"), "{said}");
        assert!(complaint_about("[camera]\nevery = \"soon\"").contains("5m"));
        assert!(complaint_about("[mood.table.merry]\nvalence = 1\nenergy = 1").contains("happy"));
    }
}
