//! What was lately heard, and how much it holds back what is like it.

use std::collections::{HashMap, VecDeque};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::domain::song::Song;

/// The last so many songs hold their artist and album back.
const SPACING: usize = 4;
/// How much an album holds its other artists back, against the artist who was heard: samplers and scores of films and
/// games may be half of a library.
const SAMPLER: f32 = 0.3;

/// What was lately heard or taken back, whoever chose it, and what cannot come just now.
#[derive(Clone, Debug, Default)]
pub struct RecentPlays {
    songs: VecDeque<RecentPlay>,
    /// What the player that is steered does not have, and when it said so.
    absent: HashMap<PathBuf, Instant>,
}

#[derive(Clone, Debug)]
struct RecentPlay {
    path: PathBuf,
    artist: String,
    album: String,
    at: Instant,
}

impl RecentPlays {
    /// Notes a song; ones from before `window` are forgotten.
    pub fn note(&mut self, song: &Song, now: Instant, window: Duration) {
        self.songs.retain(|heard| heard.path != song.path && now.saturating_duration_since(heard.at) < window);
        let (path, artist, album) = (song.path.clone(), song.artist.clone(), song.album.clone());
        self.songs.push_front(RecentPlay { path, artist, album, at: now });
    }

    /// Puts a song aside that the steered player does not have; ones from before `window` may have come there since.
    pub fn put_aside(&mut self, path: &Path, now: Instant, window: Duration) {
        self.absent.retain(|_, at| now.saturating_duration_since(*at) < window);
        self.absent.insert(path.to_owned(), now);
    }

    /// Another player is steered, which may have what the one before did not.
    pub fn bring_back(&mut self) {
        self.absent.clear();
    }

    pub(super) fn paths(&self) -> impl Iterator<Item = &Path> {
        self.songs.iter().map(|heard| heard.path.as_path()).chain(self.absent.keys().map(PathBuf::as_path))
    }

    /// 0..1: how lately the artist was heard, or another artist of the same album.
    pub(super) fn near(&self, song: &Song) -> f32 {
        let alike = |heard: &RecentPlay| {
            if heard.artist == song.artist {
                1.0
            } else if !song.album.is_empty() && heard.album == song.album {
                SAMPLER
            } else {
                0.0
            }
        };
        let last = self.songs.iter().take(SPACING).enumerate();
        last.map(|(n, heard)| alike(heard) / (n + 1) as f32).fold(0.0, f32::max)
    }
}
