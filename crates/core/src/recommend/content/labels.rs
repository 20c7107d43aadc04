//! What the mood tags in a library say of all its songs.
//!
//! Songs whose tags name a mood teach a model how such songs stand in valence, energy, tempo and genre *here*, in this library;
//! it then speaks for every song. Without labels it has no say (see [`blended`]).

use std::collections::BTreeMap;

use crate::domain::song::Song;
use crate::mood::target::Target;
use crate::recommend::content::genre_prior::prior;
use crate::recommend::content::learned::Learned;
use crate::recommend::content::{blended, say};
use crate::recommend::exponential_bounds::{exp_at_most, ln_at_most};

/// A mood with fewer labelled songs is left out.
const LEAST: usize = 8;
/// Of more, every so many-th song teaches: the rest would change nothing.
const MOST: usize = 3000;
/// How near a target must be to a mood for its labels to speak.
const WIDTH: f32 = 0.15;

/// The model, and what it says of each song; empty where too few songs are labelled.
#[derive(Clone, Debug, Default)]
pub struct MoodLabels {
    /// Where each mood stands in the plane.
    places: Vec<(f32, f32)>,
    /// By song, the chance of each mood.
    chances: Vec<f32>,
    labelled: usize,
}

/// How much each mood is what a target asks for.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Shares {
    /// They sum to one.
    moods: Vec<f32>,
    /// 0..1: whether any mood is near the target at all.
    near: f32,
}

impl MoodLabels {
    pub fn of(songs: &[Song]) -> Self {
        let mut moods: BTreeMap<[u32; 2], Vec<usize>> = BTreeMap::new();
        for (n, song) in songs.iter().enumerate().filter(|(_, song)| !song.mood.is_empty()) {
            if let Some(place) = prior("", &song.mood) {
                moods.entry([place.valence, place.energy].map(f32::to_bits)).or_default().push(n);
            }
        }
        moods.retain(|_, songs| songs.len() >= LEAST);
        if moods.len() < 2 {
            return Self::default();
        }
        let labelled = moods.values().map(Vec::len).sum();
        let step = 1 + labelled / MOST;
        let taught = moods.values().enumerate().flat_map(|(k, songs)| songs.iter().step_by(step).map(move |n| (*n, k)));
        let (rows, labels): (Vec<Vec<f32>>, Vec<usize>) = taught.map(|(n, k)| (features(&songs[n]), k)).unzip();
        let learned = Learned::fit(&rows, &labels, moods.len());
        let chances = songs.iter().flat_map(|song| learned.chances(&features(song))).collect();
        Self { places: moods.into_keys().map(|place| place.map(f32::from_bits).into()).collect(), chances, labelled }
    }

    pub fn shares(&self, target: &Target) -> Shares {
        let near = |(valence, energy): &(f32, f32)| {
            let (v, e) = (valence - target.valence, energy - target.energy);
            (-(v * v + e * e) / (2.0 * WIDTH * WIDTH)).exp()
        };
        let moods: Vec<f32> = self.places.iter().map(near).collect();
        let sum: f32 = moods.iter().sum();
        let nearest = moods.iter().copied().fold(0.0, f32::max);
        Shares { moods: moods.into_iter().map(|near| near / sum.max(f32::MIN_POSITIVE)).collect(), near: nearest }
    }

    /// What is known of song `n`, joined with how near it is.
    pub fn blend(&self, n: usize, near: f32, shares: &Shares) -> f32 {
        self.chance(n, shares).map_or(near, |chance| blended(near, chance, self.heard(shares)))
    }

    /// What [`Self::blend`] is not above.
    pub fn most(&self, n: usize, near: f32, shares: &Shares) -> f32 {
        let say = say(self.heard(shares));
        let both = |chance| exp_at_most((1.0 - say) * ln_at_most(near) + say * ln_at_most(chance));
        self.chance(n, shares).map_or(near, both)
    }

    /// What the labels give song `n`; `None`: they have no say on this target.
    fn chance(&self, n: usize, shares: &Shares) -> Option<f32> {
        if self.places.is_empty() || shares.near < 0.1 {
            return None;
        }
        let chances = &self.chances[n * self.places.len()..(n + 1) * self.places.len()];
        Some(chances.iter().zip(&shares.moods).map(|(chance, share)| chance * share).sum())
    }

    /// How many labels speak for the target.
    fn heard(&self, shares: &Shares) -> usize {
        (self.labelled as f32 * shares.near) as usize
    }
}

/// What a library knows of each song; NaN where it does not.
fn features(song: &Song) -> Vec<f32> {
    let genre = prior(&song.genre, "");
    let tempo = if song.tempo > 0.0 { song.tempo } else { f32::NAN };
    let of_genre =
        |part: fn(&crate::recommend::content::genre_prior::GenrePrior) -> f32| genre.as_ref().map_or(f32::NAN, part);
    vec![song.valence, song.energy, tempo, of_genre(|genre| genre.valence), of_genre(|genre| genre.energy)]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mood::table::EmotionTable;
    use crate::mood::target::{Progress, target};
    use crate::mood::{Intent, MoodName};
    use crate::recommend::rank::tests::song;

    fn aimed(name: MoodName) -> Target {
        let table = EmotionTable::default();
        target(&table.place(name), true, Intent::Match, Progress::default(), &table)
    }

    /// All songs stand in the middle; in this library happy songs are fast and sad ones slow.
    fn songs() -> Vec<Song> {
        let of = |n: i64| Song {
            tempo: if n % 2 == 0 { 150.0 } else { 60.0 } + (n % 7) as f32,
            mood: if n >= 60 { "" } else { ["happy", "sad"][(n % 2) as usize] }.into(),
            ..song(n, 0.5, 0.5)
        };
        (0..80).map(of).collect()
    }

    #[test]
    fn songs_without_a_mood_tag_are_judged_by_those_that_have_one() {
        let songs = songs();
        let labels = MoodLabels::of(&songs);
        let fit = |n: usize, name| labels.blend(n, 0.3, &labels.shares(&aimed(name)));
        assert!(fit(70, MoodName::Happy) > 2.0 * fit(71, MoodName::Happy));
        assert!(fit(71, MoodName::Sad) > 2.0 * fit(70, MoodName::Sad));
    }

    #[test]
    fn labels_far_from_the_target_have_no_say() {
        let labels = MoodLabels::of(&songs());
        assert_eq!(labels.blend(70, 0.3, &labels.shares(&aimed(MoodName::Neutral))), 0.3);
    }

    #[test]
    fn a_handful_of_labels_teaches_nothing() {
        let mut songs = songs();
        songs.iter_mut().skip(10).for_each(|song| song.mood.clear());
        let labels = MoodLabels::of(&songs);
        assert_eq!(labels.blend(3, 0.3, &labels.shares(&aimed(MoodName::Sad))), 0.3);
    }
}
