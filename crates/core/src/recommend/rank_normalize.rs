//! Valence and energy relative to the library.
//!
//! Analysis puts most songs near the middle, and a library of laments has no bright song by any absolute measure; yet its
//! brightest is what the user means by one. So a share of each value is the song's rank among all, more for valence, which
//! audio tells less surely than energy.

use crate::domain::song::{Overrides, Song};

const VALENCE: f32 = 0.6;
const ENERGY: f32 = 0.3;
/// Number of songs at which ranks have half their weight: few songs say little about a library.
const FEW: f32 = 20.0;
/// The lowest and highest rank stand for these places.
const LOW: f32 = 0.1;
const HIGH: f32 = 0.9;

/// Moves the songs' values towards their ranks, except those that the user has set.
pub fn spread(songs: &mut [Song]) {
    let share = songs.len() as f32 / (songs.len() as f32 + FEW);
    blend(songs, VALENCE * share, |song| &mut song.valence, |told| told.valence);
    blend(songs, ENERGY * share, |song| &mut song.energy, |told| told.energy);
}

fn blend(songs: &mut [Song], share: f32, part: impl Fn(&mut Song) -> &mut f32, told: impl Fn(&Overrides) -> bool) {
    let mut order: Vec<(f32, usize)> = songs.iter_mut().enumerate().map(|(n, song)| (*part(song), n)).collect();
    order.sort_by(|a, b| a.0.total_cmp(&b.0));
    let last = (order.len().max(2) - 1) as f32;
    // Songs in the same place share the middle of their ranks.
    for equal in order.chunk_by(|a, b| a.0 == b.0) {
        let first = order.partition_point(|(value, _)| *value < equal[0].0);
        let rank = first as f32 + (equal.len() - 1) as f32 / 2.0;
        let place = LOW + (HIGH - LOW) * rank / last;
        for (value, n) in equal {
            let song = &mut songs[*n];
            if !told(&song.told) {
                *part(song) = (1.0 - share) * value + share * place;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recommend::rank::tests::song;

    #[test]
    fn a_narrow_library_uses_more_of_the_plane_and_keeps_its_order() {
        let mut songs: Vec<Song> = (0..100).map(|n| song(n, 0.45 + n as f32 * 0.001, 0.5)).collect();
        spread(&mut songs);
        assert!(songs.windows(2).all(|pair| pair[0].valence < pair[1].valence));
        assert!(songs[0].valence < 0.3 && songs[99].valence > 0.7);
    }

    #[test]
    fn what_the_owner_said_of_a_song_stays_as_it_was_said() {
        let mut songs: Vec<Song> = (0..100).map(|n| song(n, 0.45 + n as f32 * 0.001, 0.5)).collect();
        songs.push(Song { told: Overrides { valence: true, energy: false }, ..song(100, 0.7, 0.6) });
        spread(&mut songs);
        assert_eq!(songs[100].valence, 0.7);
        assert_ne!(songs[100].energy, 0.6);
    }

    #[test]
    fn equal_songs_stay_equal_and_one_song_stays_where_it_is() {
        let mut songs: Vec<Song> = (0..50).map(|n| song(n, 0.5, 0.5)).collect();
        spread(&mut songs);
        assert!(songs.iter().all(|song| (song.valence - 0.5).abs() < 0.01));
        let mut one = vec![song(1, 0.9, 0.9)];
        spread(&mut one);
        assert!((one[0].energy - 0.9).abs() < 0.05);
    }
}
