//! The parts of the Web API's answers that are read, as the live service sends them: much may be absent.

use std::time::Duration;

use serde::Deserialize;

/// A track, or an episode, which has no artists.
#[derive(Clone, Debug, Deserialize)]
pub struct Item {
    pub uri: String,
    #[serde(default)]
    pub name: String,
    #[serde(default)]
    pub artists: Vec<Named>,
    #[serde(default)]
    pub album: Named,
    #[serde(default)]
    duration_ms: u64,
}

#[derive(Clone, Debug, Default, Deserialize)]
pub struct Named {
    #[serde(default)]
    pub name: String,
}

impl Item {
    pub fn length(&self) -> Option<Duration> {
        (self.duration_ms > 0).then(|| Duration::from_millis(self.duration_ms))
    }
}

/// `GET /search?type=track`
#[derive(Debug, Deserialize)]
pub struct SearchResult {
    pub tracks: Page,
}

#[derive(Debug, Deserialize)]
pub struct Page {
    #[serde(default)]
    pub items: Vec<Option<Item>>,
}

/// `GET /me/player/queue`
#[derive(Debug, Deserialize)]
pub struct Queue {
    #[serde(default)]
    pub queue: Vec<Item>,
}

/// `GET /me/player/devices`
#[derive(Debug, Deserialize)]
pub struct Devices {
    #[serde(default)]
    pub devices: Vec<Device>,
}

#[derive(Clone, Debug, Deserialize)]
pub struct Device {
    pub id: Option<String>,
    #[serde(default)]
    pub is_active: bool,
    #[serde(default)]
    pub is_restricted: bool,
    #[serde(default)]
    pub name: String,
    #[serde(default, rename = "type")]
    pub kind: String,
}
