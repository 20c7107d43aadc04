//! What files say of themselves, for players that tell of songs to come only where they are.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::mpris::metadata;
use moodring_core::domain::track::Track;
use moodring_tags::tags;

/// More are forgotten all at once.
const MOST: usize = 64;

/// Tracks read from their files, each once.
#[derive(Default)]
pub struct TagCache {
    tracks: HashMap<PathBuf, Track>,
}

impl TagCache {
    pub fn track(&mut self, path: &Path) -> Track {
        if self.tracks.len() >= MOST {
            self.tracks.clear();
        }
        self.tracks.entry(path.to_owned()).or_insert_with(|| read(path)).clone()
    }

    pub fn tracks<'a>(&mut self, paths: impl IntoIterator<Item = &'a PathBuf>) -> Vec<Track> {
        paths.into_iter().map(|path| self.track(path)).collect()
    }
}

fn read(path: &Path) -> Track {
    let tags = tags::read(path);
    Track {
        path: Some(path.to_owned()),
        title: metadata::clean(&tags.title),
        artist: metadata::clean(&tags.artist),
        album: metadata::clean(&tags.album),
        length: tags.seconds.and_then(|seconds| Duration::try_from_secs_f32(seconds).ok()),
        streamed: false,
    }
}
