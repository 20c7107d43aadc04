//! A song as a player describes it.

use std::path::PathBuf;
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// A song as a player describes it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Track {
    /// The local file, whatever way the player wrote its address; `None` for streams and when it does not say.
    #[serde(default, with = "crate::domain::address::json::maybe")]
    pub path: Option<PathBuf>,
    pub title: String,
    pub artist: String,
    pub album: String,
    pub length: Option<Duration>,
    /// It comes from a streaming service, of which nothing is learned.
    #[serde(default)]
    pub streamed: bool,
}
