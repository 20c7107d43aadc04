//! How much the mood should count for this listener: the owner's setting, and what their skips say of it.
//!
//! Each song of ours that was skipped or heard out is a lesson: it was chosen for how it fitted and for how it was liked, and which of the
//! two told what became of it? A logistic regression on both, held to what the setting says by a prior as strong as some dozens of
//! telling plays (a few hundred, where all songs fit and please alike): a few skips move nothing.

use crate::recommend::fusion::logs;
use crate::recommend::linear_algebra::{add_outer, dot, invert};

/// How much surer a song is to be heard out where its score is e times as high; and how far each part may be from its share of that
/// (a standard deviation).
const SLOPE: f64 = 4.0;
const LATITUDE: f64 = 0.6;
/// The odds of any song at all are nearly free.
const LATITUDE_OF_ODDS: f64 = 10.0;
/// The weight stays this near to the setting, and stays where the setting leaves no choice.
const REACH: f32 = 0.25;
const STEPS: usize = 30;

/// What became of a song of ours.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Feedback {
    /// How well it fitted when it was chosen, and how much it was liked, 0..1.
    pub fit: f32,
    pub taste: f32,
    pub finished: bool,
    /// What is left of it after its age, 0..1.
    pub left: f32,
}

/// The weight of mood that setting and lessons come to, 0..1.
pub fn weight(setting: f32, lessons: &[Feedback]) -> f32 {
    let reach = REACH.min(setting).min(1.0 - setting);
    if lessons.is_empty() || reach <= 0.0 {
        return setting;
    }
    let prior = [0.0, SLOPE * f64::from(setting), SLOPE * f64::from(1.0 - setting)];
    let [_, mood, taste] = fitted(prior, lessons).map(|slope| slope.max(0.0));
    // Where neither tells anything, nothing is known of their shares.
    let share = if mood + taste > 0.0 { (mood / (mood + taste)) as f32 } else { setting };
    share.clamp(setting - reach, setting + reach)
}

/// The likeliest odds and slopes, by Newton's method; the cost is convex.
fn fitted(prior: [f64; 3], lessons: &[Feedback]) -> [f64; 3] {
    let middle = middle(lessons);
    let precision = [LATITUDE_OF_ODDS, LATITUDE, LATITUDE].map(|latitude| latitude.powi(-2));
    let mut found = prior;
    for _ in 0..STEPS {
        let (mut slope, mut curve) = ([0.0; 3], [0.0; 9]);
        for k in 0..3 {
            slope[k] = precision[k] * (found[k] - prior[k]);
            curve[k * 4] = precision[k];
        }
        for lesson in lessons {
            let row = row(lesson, middle);
            let chance = 1.0 / (1.0 + (-dot(&row, &found)).exp());
            let left = f64::from(lesson.left);
            let miss = left * (chance - f64::from(u8::from(lesson.finished)));
            (0..3).for_each(|k| slope[k] += miss * row[k]);
            add_outer(&mut curve, 3, &row, left * chance * (1.0 - chance));
        }
        invert(&mut curve, 3);
        let step = [0, 1, 2].map(|k| dot(&curve[k * 3..k * 3 + 3], &slope));
        // A whole step could overshoot where the odds are extreme.
        let size = step.iter().fold(1.0, |size: f64, step| size.min(1.0 / step.abs().max(1e-9)));
        (0..3).for_each(|k| found[k] -= size * step[k]);
    }
    found
}

/// One for the odds, then fit and taste as the score sees them, from their means.
fn row(lesson: &Feedback, middle: [f64; 2]) -> [f64; 3] {
    let [fit, taste] = logs(lesson.fit, lesson.taste).map(f64::from);
    [1.0, fit - middle[0], taste - middle[1]]
}

fn middle(lessons: &[Feedback]) -> [f64; 2] {
    let sum = lessons
        .iter()
        .map(|lesson| row(lesson, [0.0; 2]))
        .fold([0.0; 2], |sum, row| [sum[0] + row[1], sum[1] + row[2]]);
    sum.map(|sum| sum / lessons.len().max(1) as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A number in 0..1 that looks like chance.
    fn coin(n: u64) -> f64 {
        let mut hasher = std::hash::DefaultHasher::new();
        std::hash::Hash::hash(&n, &mut hasher);
        (std::hash::Hasher::finish(&hasher) >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Songs of every fit and taste; they are heard out by a coin that the listener's own weights load.
    fn evenings(count: u64, mood: f64, taste: f64) -> Vec<Feedback> {
        let of = |n: u64| {
            let lesson = Feedback {
                fit: 0.3 + 0.7 * coin(3 * n) as f32,
                taste: 0.3 + 0.6 * coin(3 * n + 1) as f32,
                finished: true,
                left: 1.0,
            };
            let [fit, liked] = logs(lesson.fit, lesson.taste).map(f64::from);
            let odds = 1.5 + mood * fit + taste * liked;
            Feedback { finished: coin(3 * n + 2) < 1.0 / (1.0 + (-odds).exp()), ..lesson }
        };
        (0..count).map(of).collect()
    }

    #[test]
    fn a_newcomer_has_the_weight_that_is_set() {
        assert_eq!(weight(0.6, &[]), 0.6);
    }

    #[test]
    fn who_skips_what_they_like_less_gives_taste_more_say_and_who_skips_what_fits_less_the_mood() {
        let (by_taste, by_mood) = (weight(0.6, &evenings(400, 0.0, 6.0)), weight(0.6, &evenings(400, 6.0, 0.0)));
        assert!(by_taste < 0.5 && by_mood > 0.7, "{by_taste} {by_mood}");
        let as_set = weight(0.6, &evenings(2000, 3.0, 2.0));
        assert!((as_set - 0.6).abs() < 0.08, "{as_set}");
    }

    #[test]
    fn a_few_skips_move_next_to_nothing_and_old_ones_less() {
        let few = evenings(5, 0.0, 6.0);
        assert!((weight(0.6, &few) - 0.6).abs() < 0.04, "{}", weight(0.6, &few));
        let mut old = evenings(400, 0.0, 6.0);
        let new = weight(0.6, &old);
        old.iter_mut().for_each(|lesson| lesson.left = 0.05);
        assert!(weight(0.6, &old) > new + 0.05);
    }

    #[test]
    fn the_weight_stays_near_the_setting_and_an_owner_who_leaves_no_choice_is_obeyed() {
        for lessons in [evenings(3000, 0.0, 9.0), evenings(3000, 9.0, 0.0)] {
            assert!((weight(0.6, &lessons) - 0.6).abs() <= REACH + 1e-6);
            assert_eq!((weight(0.0, &lessons), weight(1.0, &lessons)), (0.0, 1.0));
            assert!((weight(0.95, &lessons) - 0.95).abs() < 0.0501);
        }
    }

    #[test]
    fn lessons_that_are_all_alike_teach_nothing() {
        let alike = |finished| vec![Feedback { fit: 0.8, taste: 0.7, finished, left: 1.0 }; 500];
        for lessons in [alike(true), alike(false)] {
            assert!((weight(0.6, &lessons) - 0.6).abs() < 1e-3);
        }
    }
}
