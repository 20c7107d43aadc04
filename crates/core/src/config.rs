//! The settings as values with their defaults.

pub mod camera_selector;
pub mod format;
pub mod scoring;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::config::camera_selector::CameraSelector;
use crate::config::scoring::{Content, Fusion};
use crate::domain::emotion::Intent;

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    #[serde(deserialize_with = "format::camera_or_off")]
    pub camera: CameraConfig,
    pub mood: MoodConfig,
    pub music: MusicConfig,
    pub players: PlayersConfig,
    pub desktop: DesktopConfig,
    pub history: HistoryConfig,
}

/// `[camera]`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CameraConfig {
    /// The camera: "auto", its number as in `/dev/video0`, its path, or a part of its name.
    pub device: CameraSelector,
    /// `false`: never open it; moods are set by hand.
    pub enabled: bool,
    /// Pictures to look at in place of a camera: a file or a folder.
    pub pictures: Option<PathBuf>,
    /// Time between looks.
    #[serde(with = "format::time")]
    pub every: Duration,
    /// Frames in a look.
    pub frames: u32,
    /// How often to look while the machine runs on battery.
    pub battery: BatteryPolicy,
}

/// Looks on battery.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum BatteryPolicy {
    /// As often as on mains.
    Same,
    /// A quarter as many.
    #[default]
    Rarer,
    Never,
}

impl Default for CameraConfig {
    fn default() -> Self {
        Self {
            device: CameraSelector::Auto,
            enabled: true,
            pictures: None,
            every: Duration::from_secs(120),
            frames: 5,
            battery: BatteryPolicy::Rarer,
        }
    }
}

/// `[mood]`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct MoodConfig {
    pub intent: Intent,
    /// Time after which a look counts half.
    #[serde(with = "format::time")]
    pub half_life: Duration,
    /// How far the mood must move, in the plane of valence and energy, before the music follows.
    pub dead_band: f32,
    /// Songs of low valence in a row before the music leads upwards.
    pub low_songs: u32,
    /// `[mood.table.happy]` and so on: other places or genres than the paper's.
    pub table: BTreeMap<String, EmotionPoint>,
}

impl Default for MoodConfig {
    fn default() -> Self {
        let half_life = Duration::from_secs(300);
        Self { intent: Intent::Match, half_life, dead_band: 0.12, low_songs: 3, table: BTreeMap::new() }
    }
}

/// A row of the emotion table.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EmotionPoint {
    pub valence: f32,
    pub energy: f32,
    #[serde(default)]
    pub genres: Vec<String>,
}

/// `[music]`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct MusicConfig {
    /// Folders that `scan` reads; the desktop's music folder when empty.
    pub folders: Vec<PathBuf>,
    /// How much the mood counts against taste, 0..1: the `a` of the paper's hybrid.
    pub mood_weight: f32,
    /// How well a song fits a mood.
    pub content: Content,
    /// How that and taste become one score.
    pub fusion: Fusion,
    /// A song does not come again within this time.
    #[serde(with = "format::time")]
    pub no_repeat: Duration,
}

impl Default for MusicConfig {
    fn default() -> Self {
        Self {
            folders: Vec::new(),
            mood_weight: 0.6,
            content: Content::default(),
            fusion: Fusion::default(),
            no_repeat: Duration::from_secs(4 * 3600),
        }
    }
}

/// `[players]`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PlayersConfig {
    /// Names of players to steer before others, for instance "vlc" or "mpd".
    pub prefer: Vec<String>,
    /// Names of players to leave alone.
    pub ignore: Vec<String>,
    /// Names of players without a queue that may be handed a song at the very end of another, when nothing follows.
    pub hand_over: Vec<String>,
    /// How long a list that the user starts, or songs that they add, come first at most.
    #[serde(with = "format::time")]
    pub give_way: Duration,
    /// Host and port of a Music Player Daemon, or the path of its socket; empty: none.
    pub mpd: String,
}

impl Default for PlayersConfig {
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
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DesktopConfig {
    /// Show song, next songs and moods to widgets, as an MPRIS player of Moodring.
    pub mpris: bool,
    /// Notify when a mood has settled.
    pub notifications: bool,
}

/// `[history]`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct HistoryConfig {
    /// Keep settled moods, one coarse row for each.
    pub moods: bool,
    /// Keep which songs were played and how they ended.
    pub plays: bool,
}

impl Default for HistoryConfig {
    fn default() -> Self {
        Self { moods: true, plays: true }
    }
}
