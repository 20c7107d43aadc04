//! Accuracy and calibration of the valence and energy from a scan.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::hearing::HeardSong;
use crate::ranking::{area_under_curve, best};
use crate::tracks::aimed;
use moodring_core::domain::song::Song;
use moodring_core::recommend::content::gaussian;
use moodring_core::recommend::rank_normalize;

/// Bins of the certainty, 0..1.
const BINS: usize = 20;
/// The number of picks that are counted for each mood.
const PICKS: usize = 20;
/// Moods with a quadrant of their own and their places in the table (valence, energy). The table has no calm: it is the fourth corner.
const MOODS: [(&str, f32, f32); 4] = [("happy", 0.8, 0.8), ("angry", 0.2, 0.8), ("sad", 0.2, 0.2), ("calm", 0.8, 0.2)];

/// The printed figures. Areas under the curve are `None` where all songs lie on one side.
#[derive(Clone, Debug, Serialize)]
pub struct HearingFigures {
    pub songs: usize,
    /// Files that a scan would not hear.
    pub unheard: usize,
    pub energy_auc: Option<f64>,
    pub valence_auc: Option<f64>,
    pub valence_auc_lively: Option<f64>,
    pub valence_auc_calm: Option<f64>,
    /// Share of songs with both axes on the right side of 0.5.
    pub quadrant_accuracy: f32,
    /// Expected calibration error of the certainties of both axes.
    pub ece: f32,
    pub energy_ece: f32,
    pub valence_ece: f32,
    /// Share of the first twenty songs for each mood, without taste, that lie in its quadrant.
    pub first_picks: BTreeMap<String, f32>,
}

/// A certainty, and whether the side was right.
type Claim = (f32, bool);

impl HearingFigures {
    pub fn new(songs: &[HeardSong], unheard: usize) -> Self {
        let valence_claims: Vec<Claim> =
            songs.iter().map(|song| (song.valence_certainty, (song.valence >= 0.5) == song.bright)).collect();
        let energy_claims: Vec<Claim> =
            songs.iter().map(|song| (song.energy_certainty, (song.energy >= 0.5) == song.lively)).collect();
        let right = valence_claims.iter().zip(&energy_claims).filter(|(valence, energy)| valence.1 && energy.1).count();
        let energies: Vec<f32> = songs.iter().map(|song| song.energy).collect();
        let lively: Vec<bool> = songs.iter().map(|song| song.lively).collect();
        Self {
            songs: songs.len(),
            unheard,
            energy_auc: area_under_curve(&energies, &lively),
            valence_auc: valence_area(songs, |_| true),
            valence_auc_lively: valence_area(songs, |song| song.lively),
            valence_auc_calm: valence_area(songs, |song| !song.lively),
            quadrant_accuracy: right as f32 / songs.len().max(1) as f32,
            ece: calibration_error(&[valence_claims.as_slice(), &energy_claims].concat()),
            energy_ece: calibration_error(&energy_claims),
            valence_ece: calibration_error(&valence_claims),
            first_picks: first_picks(songs),
        }
    }

    pub fn print(&self) {
        println!("{} songs heard, {} not", self.songs, self.unheard);
        let area = |area: Option<f64>| area.map_or("-".into(), |area| format!("{area:.3}"));
        println!("area under the curve: energy {}, valence {}", area(self.energy_auc), area(self.valence_auc));
        println!(
            "valence among lively songs {}, among calm songs {}",
            area(self.valence_auc_lively),
            area(self.valence_auc_calm)
        );
        println!("right quadrant {:.3}", self.quadrant_accuracy);
        println!("calibration error {:.3} (energy {:.3}, valence {:.3})", self.ece, self.energy_ece, self.valence_ece);
        let picks: Vec<String> = self.first_picks.iter().map(|(mood, share)| format!("{mood} {share:.2}")).collect();
        println!("first {PICKS} picks in the quadrant of the mood: {}", picks.join(", "));
    }
}

fn valence_area(songs: &[HeardSong], chosen: impl Fn(&HeardSong) -> bool) -> Option<f64> {
    let (values, bright): (Vec<f32>, Vec<bool>) =
        songs.iter().filter(|song| chosen(song)).map(|song| (song.valence, song.bright)).unzip();
    area_under_curve(&values, &bright)
}

/// Expected calibration error over equal bins (Naeini et al. 2015).
fn calibration_error(claims: &[Claim]) -> f32 {
    let mut bins = [(0.0_f32, 0.0_f32); BINS];
    for (certainty, right) in claims {
        let bin = &mut bins[((certainty * BINS as f32) as usize).min(BINS - 1)];
        bin.0 += certainty;
        bin.1 += f32::from(*right);
    }
    bins.iter().map(|(claimed, right)| (claimed - right).abs()).sum::<f32>() / claims.len().max(1) as f32
}

/// Ranks by the content score of the product, after the normalization that it applies to a library.
fn first_picks(heard: &[HeardSong]) -> BTreeMap<String, f32> {
    let song = |(id, heard): (usize, &HeardSong)| Song {
        id: id as i64,
        valence: heard.valence,
        energy: heard.energy,
        certainty: (heard.valence_certainty + heard.energy_certainty) / 2.0,
        ..Song::default()
    };
    let mut songs: Vec<Song> = heard.iter().enumerate().map(song).collect();
    rank_normalize::spread(&mut songs);
    let share = |(mood, valence, energy): (&str, f32, f32)| {
        let target = aimed((valence, energy));
        let scores: Vec<f32> = songs.iter().map(|song| gaussian(song, &target)).collect();
        let picks = best(&scores, &[], PICKS);
        let fits = |song: &HeardSong| song.bright == (valence > 0.5) && song.lively == (energy > 0.5);
        let right = picks.iter().filter(|pick| fits(&heard[**pick as usize])).count();
        (mood.to_owned(), right as f32 / picks.len().max(1) as f32)
    };
    MOODS.into_iter().map(share).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn song(bright: bool, lively: bool, valence: f32, energy: f32, certainty: f32) -> HeardSong {
        HeardSong { bright, lively, valence, energy, valence_certainty: certainty, energy_certainty: certainty }
    }

    #[test]
    fn figures_are_those_counted_by_hand() {
        let songs = [
            song(true, true, 0.8, 0.8, 0.9),
            song(false, true, 0.6, 0.7, 0.9),
            song(false, false, 0.3, 0.2, 0.9),
            song(true, false, 0.2, 0.3, 0.9),
        ];
        let found = HearingFigures::new(&songs, 2);
        assert_eq!((found.energy_auc, found.valence_auc), (Some(1.0), Some(0.5)));
        assert_eq!((found.valence_auc_lively, found.valence_auc_calm), (Some(1.0), Some(0.0)));
        assert_eq!((found.quadrant_accuracy, found.unheard), (0.5, 2));
        assert!((found.valence_ece - 0.4).abs() < 1e-5 && (found.energy_ece - 0.1).abs() < 1e-5, "{found:?}");
        assert!((found.ece - 0.15).abs() < 1e-5, "{found:?}");
    }

    #[test]
    fn the_first_picks_of_a_mood_are_near_its_point() {
        let places =
            [(true, true, 0.8, 0.8), (false, true, 0.2, 0.8), (false, false, 0.2, 0.2), (true, false, 0.8, 0.2)];
        let songs: Vec<HeardSong> = places
            .iter()
            .flat_map(|&(bright, lively, valence, energy)| vec![song(bright, lively, valence, energy, 0.9); 20])
            .collect();
        let picks = HearingFigures::new(&songs, 0).first_picks;
        assert!(picks.len() == 4 && picks.values().all(|share| *share == 1.0), "{picks:?}");
    }
}
