//! Content scores: how well a song fits a target, by name, so that the program's own and its rivals are measured by the
//! same code (`moodring eval mood`); the user can choose another in the settings (`music.content`).
//!
//! The paper's cosine of all-positive values gives (0.2, 0.2) and (0.8, 0.8) a similarity of one and cannot tell sad from
//! happy; it stays as a baseline.

pub mod genre_prior;
pub mod labels;
pub mod learned;

pub use crate::config::scoring::Content;
use crate::domain::song::Song;
use crate::mood::target::Target;

/// Width of the Gaussians for songs whose place is certain; uncertain ones are judged more leniently.
const WIDTH: f32 = 0.16;
/// Share of the genre in the weighted Gaussian.
pub const GENRE: f32 = 0.2;
/// Beats per minute that count like the whole of an axis, and what a song of each energy usually has (a weak sign: the mean of
/// lively songs lies 30 above that of calm ones, with a spread of as much).
const TEMPO_AXIS: f32 = 600.0;
const TEMPO_CALM: f32 = 100.0;
const TEMPO_LIVELY: f32 = 130.0;
/// Number of labelled songs at which the learned model has half the weight.
const FEW: f32 = 40.0;

/// The mean valence and energy of some songs.
pub fn centre<'a>(songs: impl Iterator<Item = &'a Song> + Clone) -> (f32, f32) {
    let count = songs.clone().count().max(1) as f32;
    let mean = |of: fn(&Song) -> f32| songs.clone().map(of).filter(|value| value.is_finite()).sum::<f32>() / count;
    (mean(|song| song.valence), mean(|song| song.energy))
}

/// Cosine of song and target as seen from a point, 0..1; the paper sees them from (0, 0).
pub fn cosine(song: &Song, target: &Target, (valence, energy): (f32, f32)) -> f32 {
    let (a, b) = ((song.valence - valence, song.energy - energy), (target.valence - valence, target.energy - energy));
    let lengths = a.0.hypot(a.1) * b.0.hypot(b.1);
    if lengths > 0.0 { 0.5 + 0.5 * (a.0 * b.0 + a.1 * b.1) / lengths } else { 0.5 }
}

/// Nearness in valence and energy, 0..1.
pub fn gaussian(song: &Song, target: &Target) -> f32 {
    bell(away(song, target), song.certainty)
}

/// Nearness in valence, energy and tempo, with a share for the genre, 0..1.
pub fn weighted(song: &Song, target: &Target) -> f32 {
    let tempo = tempo_apart(song.tempo, target.energy);
    let near = bell(away(song, target) + tempo * tempo, song.certainty);
    if song.genre.is_empty() { near } else { (1.0 - GENRE) * near + GENRE * f32::from(fits_genre(&song.genre, target)) }
}

/// Combines `near` with the probability that the model learned from labelled songs gives the mood.
pub fn blended(near: f32, chance: f32, labelled: usize) -> f32 {
    let say = say(labelled);
    let (near, chance) = (near.max(f32::MIN_POSITIVE).ln(), chance.max(f32::MIN_POSITIVE).ln());
    ((1.0 - say) * near + say * chance).exp()
}

/// Weight of the learned model given this many labelled songs.
pub fn say(labelled: usize) -> f32 {
    labelled as f32 / (labelled as f32 + FEW)
}

/// How far a tempo is from the usual one of an energy, in shares of the axis; 0 when it is not known.
pub fn tempo_apart(tempo: f32, energy: f32) -> f32 {
    let usual = TEMPO_CALM + (TEMPO_LIVELY - TEMPO_CALM) * energy;
    if tempo > 0.0 { (tempo - usual) / TEMPO_AXIS } else { 0.0 }
}

/// Whether a genre, in lower case, is one of the target's or a kind of one.
pub fn fits_genre(genre: &str, target: &Target) -> bool {
    !genre.is_empty() && target.genres.iter().any(|wanted| genre.contains(wanted.as_str()))
}

/// Squared distance in the plane.
fn away(song: &Song, target: &Target) -> f32 {
    let (valence, energy) = (song.valence - target.valence, song.energy - target.energy);
    valence * valence + energy * energy
}

fn bell(squared: f32, certainty: f32) -> f32 {
    (-squared * steepness(certainty)).exp()
}

/// What a squared distance is multiplied with before it is an exponent.
pub fn steepness(certainty: f32) -> f32 {
    let width = WIDTH * (1.5 - 0.5 * certainty);
    1.0 / (2.0 * width * width)
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

    #[test]
    fn the_papers_cosine_cannot_tell_sad_from_happy_and_the_others_can() {
        let (sad, happy, target) = (song(1, 0.2, 0.2), song(2, 0.8, 0.8), aimed(MoodName::Happy));
        assert!((cosine(&sad, &target, (0.0, 0.0)) - cosine(&happy, &target, (0.0, 0.0))).abs() < 1e-6);
        assert!(cosine(&sad, &target, (0.5, 0.5)) < 0.01 && cosine(&happy, &target, (0.5, 0.5)) > 0.99);
        assert!(gaussian(&sad, &target) < 0.01 && gaussian(&happy, &target) > 0.99);
    }

    #[test]
    fn between_equal_places_the_usual_tempo_and_the_genre_decide() {
        let target = aimed(MoodName::Happy);
        let (mut slow, mut usual) = (song(1, 0.8, 0.8), song(2, 0.8, 0.8));
        (slow.tempo, usual.tempo) = (60.0, 124.0);
        assert!(weighted(&usual, &target) > weighted(&slow, &target));
        assert!(weighted(&slow, &target) > 0.8, "tempo says little");
        let (mut pop, mut dirge) = (song(3, 0.8, 0.8), song(4, 0.8, 0.8));
        (pop.genre, dirge.genre) = ("dance pop".into(), "dirge".into());
        assert!(weighted(&pop, &target) > weighted(&dirge, &target));
    }

    #[test]
    fn labels_gain_their_say_with_their_number() {
        assert!((blended(0.3, 0.9, 0) - 0.3).abs() < 1e-6);
        let (few, many) = (blended(0.3, 0.9, 40), blended(0.3, 0.9, 4000));
        assert!((few - (0.3_f32 * 0.9).sqrt()).abs() < 1e-6 && many > 0.88, "{few} {many}");
        assert!(blended(0.0, 0.0, 40).is_finite());
    }

    #[test]
    fn each_score_has_the_name_it_is_chosen_by() {
        for content in Content::ALL {
            assert_eq!(serde_json::to_value(content).unwrap(), content.name());
        }
    }
}
