//! What can be said of a song's score at a glance: that it is not above something.
//!
//! Judging a song takes half a dozen exponentials and logarithms, and looks at its genre in words. A hundred thousand songs side by side
//! in a few figures each are gone through in a fraction of that time; only those that might be among the best are judged.

use std::collections::HashMap;

use crate::domain::song::Song;
use crate::mood::target::Target;
use crate::recommend::content::{GENRE, fits_genre, steepness, tempo_apart};
use crate::recommend::exponential_bounds::exp_at_most;

/// All songs of a library, a few figures each.
#[derive(Clone, Debug, Default)]
pub struct BoundIndex {
    songs: Vec<ScoreBound>,
    genres: Vec<String>,
}

#[derive(Clone, Copy, Debug)]
struct ScoreBound {
    valence: f32,
    energy: f32,
    tempo: f32,
    steepness: f32,
    genre: u32,
}

impl BoundIndex {
    pub fn of(songs: &[Song]) -> Self {
        let (mut numbers, mut outlines) = (HashMap::new(), Self::default());
        for song in songs {
            let Song { valence, energy, tempo, certainty, .. } = *song;
            let genre = *numbers.entry(song.genre.as_str()).or_insert_with(|| {
                outlines.genres.push(song.genre.clone());
                outlines.genres.len() as u32 - 1
            });
            outlines.songs.push(ScoreBound { valence, energy, tempo, steepness: steepness(certainty), genre });
        }
        outlines
    }

    /// What the weighted Gaussian of song `n` is not above.
    pub fn nearness(&self, target: &Target) -> impl Fn(usize) -> f32 {
        // For each genre the share of the place, and what the genre adds to it.
        let said = |genre: &String| match (genre.is_empty(), fits_genre(genre, target)) {
            (true, _) => (1.0, 0.0),
            (false, fits) => (1.0 - GENRE, GENRE * f32::from(fits)),
        };
        let genres: Vec<(f32, f32)> = self.genres.iter().map(said).collect();
        let (valence, energy) = (target.valence, target.energy);
        move |n| {
            let song = &self.songs[n];
            let (v, e, t) = (song.valence - valence, song.energy - energy, tempo_apart(song.tempo, energy));
            let (share, more) = genres[song.genre as usize];
            share * exp_at_most(-song.steepness * (v * v + e * e + t * t)) + more
        }
    }
}
