//! Tags of files, for players that report upcoming songs only by their paths.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::mpris::metadata;
use moodring_core::domain::track::Track;
use moodring_tags::tags;

/// When the cache is full, it is emptied.
const MOST: usize = 64;

/// Tracks read from their files, each once.
#[derive(Default)]
pub(crate) struct TagCache {
    tracks: HashMap<PathBuf, Track>,
}

impl TagCache {
    pub(crate) fn track(&mut self, path: &Path) -> Track {
        if self.tracks.len() >= MOST {
            self.tracks.clear();
        }
        self.tracks.entry(path.to_owned()).or_insert_with(|| read(path)).clone()
    }

    pub(crate) fn tracks<'a>(&mut self, paths: impl IntoIterator<Item = &'a PathBuf>) -> Vec<Track> {
        paths.into_iter().map(|path| self.track(path)).collect()
    }
}

fn read(path: &Path) -> Track {
    let tags = tags::read(path);
    Track {
        path: Some(path.to_owned()),
        title: metadata::sanitize(&tags.title),
        artist: metadata::sanitize(&tags.artist),
        album: metadata::sanitize(&tags.album),
        length: tags.seconds.and_then(|seconds| Duration::try_from_secs_f32(seconds).ok()),
        streamed: false,
    }
}
