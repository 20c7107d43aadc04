//! Figures of a classifier: accuracy, calibration, and what its errors mean for a mood.

use std::collections::BTreeMap;

use crate::classes::class_of;
use moodring_core::mood::table::EmotionTable;
use moodring_core::mood::{Mood, Scores};
use serde::Serialize;

/// Positions in [`CLASSES`](crate::classes::CLASSES), whose first seven are in the order of the expressions.
const DISGUST: usize = 5;
const CONTEMPT: usize = 7;

/// One face: its class and the predicted probability of each class.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    pub truth: usize,
    pub probabilities: Vec<f32>,
}

impl Answer {
    fn guess(&self) -> usize {
        (0..self.probabilities.len())
            .fold(0, |best, k| if self.probabilities[k] > self.probabilities[best] { k } else { best })
    }
}

/// Precision and recall of a class.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Class {
    pub n: usize,
    pub precision: f32,
    pub recall: f32,
    pub f1: f32,
}

/// The printed figures.
#[derive(Clone, Debug, Serialize)]
pub struct ExpressionFigures {
    pub n: usize,
    pub accuracy: f32,
    /// Half-width of the 95 % interval of the accuracy.
    pub interval: f32,
    pub macro_f1: f32,
    pub ece: f32,
    pub nll: f32,
    pub valence_sign_accuracy: f32,
    /// Area under the curve of negative against neutral faces, by the sum of the negative classes; `None` without either.
    pub negative_auc: Option<f32>,
    /// Mean distance, in the plane of valence and energy, between the mood that is read and the mood of the label.
    pub mood_distance: f32,
    /// Share of the neutral faces that are guessed as sad or angry; `None` without neutral faces.
    pub neutral_misread: Option<f32>,
    pub per_class: BTreeMap<String, Class>,
    /// Rows: the labels; columns: the guesses; both in the order of `classes`.
    pub confusion: Vec<Vec<usize>>,
    pub classes: Vec<String>,
    pub ms_per_face: f32,
    /// Pictures in which the detector found no face; they count as wrong.
    pub missed: usize,
    /// Files that are not readable pictures; they do not count.
    pub unreadable: usize,
    pub engine: String,
    pub head: String,
}

/// Figures of the answers. Classes without a face do not count in the macro F1.
pub fn figures(classes: &[&str], answers: &[Answer]) -> ExpressionFigures {
    let n = answers.len();
    let mut confusion = vec![vec![0; classes.len()]; classes.len()];
    answers.iter().for_each(|answer| confusion[answer.truth][answer.guess()] += 1);
    let per_class: Vec<Class> = (0..classes.len()).map(|k| class(&confusion, k)).collect();
    let shown: Vec<&Class> = per_class.iter().filter(|class| class.n > 0).collect();
    let share = |count: usize| count as f32 / n.max(1) as f32;
    let accuracy = share((0..classes.len()).map(|k| confusion[k][k]).sum());
    let sign = |k: usize| sign(classes[k]);
    ExpressionFigures {
        n,
        accuracy,
        interval: 1.96 * (accuracy * (1.0 - accuracy) / n.max(1) as f32).sqrt(),
        macro_f1: shown.iter().map(|class| class.f1).sum::<f32>() / shown.len().max(1) as f32,
        ece: expected_error(answers),
        nll: answers.iter().map(|answer| -answer.probabilities[answer.truth].max(1e-9).ln()).sum::<f32>()
            / n.max(1) as f32,
        valence_sign_accuracy: share(answers.iter().filter(|a| sign(a.guess()) == sign(a.truth)).count()),
        negative_auc: negative_auc(classes, answers),
        mood_distance: answers.iter().map(|answer| mood_distance(classes, answer)).sum::<f32>() / n.max(1) as f32,
        neutral_misread: neutral_misread(classes, &confusion),
        per_class: classes.iter().map(|&name| name.to_owned()).zip(per_class).collect(),
        confusion,
        classes: classes.iter().map(|&name| name.to_owned()).collect(),
        ms_per_face: 0.0,
        missed: 0,
        unreadable: 0,
        engine: String::new(),
        head: String::new(),
    }
}

fn class(confusion: &[Vec<usize>], k: usize) -> Class {
    let right = confusion[k][k] as f32;
    let n: usize = confusion[k].iter().sum();
    let guessed: usize = confusion.iter().map(|row| row[k]).sum();
    let share = |of: usize| if of == 0 { 0.0 } else { right / of as f32 };
    let f1 = if n + guessed == 0 { 0.0 } else { 2.0 * right / (n + guessed) as f32 };
    Class { n, precision: share(guessed), recall: share(n), f1 }
}

fn negative_auc(classes: &[&str], answers: &[Answer]) -> Option<f32> {
    let sum_negative = |answer: &Answer| -> f32 {
        answer.probabilities.iter().zip(classes).filter(|(_, class)| sign(class) < 0).map(|(p, _)| p).sum()
    };
    let of = |is: fn(&str) -> bool| -> Vec<f32> {
        answers.iter().filter(|answer| is(classes[answer.truth])).map(sum_negative).collect()
    };
    area_under_curve(&of(|class| sign(class) < 0), &of(|class| class == "neutral"))
}

/// The distance that decides which music plays: emotion table and all, without the confidence.
fn mood_distance(classes: &[&str], answer: &Answer) -> f32 {
    let mut label = vec![0.0; classes.len()];
    label[answer.truth] = 1.0;
    expect_mood(classes, &answer.probabilities).distance(&expect_mood(classes, &label))
}

/// The point of the default emotion table. Contempt counts as disgust, as in a look.
fn expect_mood(classes: &[&str], probabilities: &[f32]) -> Mood {
    let mut values = [0.0; 7];
    for (class, probability) in classes.iter().zip(probabilities) {
        let class = class_of(class).unwrap_or_default();
        values[if class == CONTEMPT { DISGUST } else { class }] += probability;
    }
    EmotionTable::default().expect(&Scores::normalised(values), 1.0)
}

fn neutral_misread(classes: &[&str], confusion: &[Vec<usize>]) -> Option<f32> {
    let row = &confusion[classes.iter().position(|&class| class == "neutral")?];
    let n: usize = row.iter().sum();
    let misread = classes.iter().zip(row).filter(|(class, _)| matches!(**class, "sad" | "angry"));
    (n > 0).then(|| misread.map(|(_, count)| count).sum::<usize>() as f32 / n as f32)
}

/// Pleasant, neither, or unpleasant.
fn sign(class: &str) -> i8 {
    match class {
        "happy" => 1,
        "neutral" | "surprise" => 0,
        _ => -1,
    }
}

/// Expected calibration error over 15 equal bins of confidence (Naeini et al. 2015).
fn expected_error(answers: &[Answer]) -> f32 {
    const BINS: usize = 15;
    let mut bins = [(0.0f32, 0.0f32); BINS];
    for answer in answers {
        let sure = answer.probabilities[answer.guess()];
        let bin = &mut bins[((sure * BINS as f32) as usize).min(BINS - 1)];
        bin.0 += sure;
        bin.1 += f32::from(answer.guess() == answer.truth);
    }
    bins.iter().map(|(sure, right)| (sure - right).abs()).sum::<f32>() / answers.len().max(1) as f32
}

/// Probability that a positive ranks before a negative (Mann and Whitney 1947); `None` if there is none of either.
pub fn area_under_curve(positives: &[f32], negatives: &[f32]) -> Option<f32> {
    let pairs = positives.len() * negatives.len();
    let won = |one: f32| -> f64 {
        let halves =
            negatives.iter().map(|&other| if one > other { 2 } else { u32::from(one.total_cmp(&other).is_eq()) });
        f64::from(halves.sum::<u32>()) / 2.0
    };
    let sum: f64 = positives.iter().map(|&one| won(one)).sum();
    (pairs > 0).then(|| (sum / pairs as f64) as f32)
}

#[cfg(test)]
mod tests {
    use super::*;
    use moodring_core::mood::MoodName;

    fn answer(truth: usize, probabilities: [f32; 3]) -> Answer {
        Answer { truth, probabilities: probabilities.to_vec() }
    }

    #[test]
    fn figures_are_those_counted_by_hand() {
        let answers = [
            answer(0, [0.8, 0.1, 0.1]),
            answer(0, [0.2, 0.7, 0.1]),
            answer(1, [0.1, 0.9, 0.0]),
            answer(2, [0.3, 0.3, 0.4]),
        ];
        let found = figures(&["happy", "neutral", "sad"], &answers);
        assert_eq!((found.n, found.accuracy), (4, 0.75));
        assert_eq!(found.confusion, [[1, 1, 0], [0, 1, 0], [0, 0, 1]]);
        assert!((found.macro_f1 - (2.0 / 3.0 + 2.0 / 3.0 + 1.0) / 3.0).abs() < 1e-6);
        assert_eq!(found.per_class["happy"].recall, 0.5);
        assert_eq!(found.per_class["neutral"].precision, 0.5);
        let nll = -(0.8f32.ln() + 0.2f32.ln() + 0.9f32.ln() + 0.4f32.ln()) / 4.0;
        assert!((found.nll - nll).abs() < 1e-6);
        assert!((found.ece - (0.2 + 0.7 + 0.1 + 0.6) / 4.0).abs() < 1e-6);
        assert_eq!(found.valence_sign_accuracy, 0.75);
    }

    #[test]
    fn negative_faces_are_ranked_against_neutral_ones_only() {
        let classes = ["happy", "neutral", "sad"];
        // The sad face is ahead of one neutral face and behind the other; the happy one does not count.
        let answers = [
            answer(2, [0.2, 0.5, 0.3]),
            answer(1, [0.1, 0.8, 0.1]),
            answer(1, [0.0, 0.2, 0.8]),
            answer(0, [0.0, 0.0, 1.0]),
        ];
        assert_eq!(figures(&classes, &answers).negative_auc, Some(0.5));
        assert_eq!(figures(&classes, &answers[1..]).negative_auc, None);
    }

    #[test]
    fn only_neutral_faces_guessed_as_sad_or_angry_are_misread() {
        let classes = ["neutral", "happy", "surprise", "sad", "angry"];
        let guess = |truth, guess: usize| {
            let mut probabilities = vec![0.0; 5];
            probabilities[guess] = 1.0;
            Answer { truth, probabilities }
        };
        let answers = [guess(0, 0), guess(0, 1), guess(0, 3), guess(0, 4), guess(2, 3), guess(3, 3)];
        assert_eq!(figures(&classes, &answers).neutral_misread, Some(0.5));
        assert_eq!(figures(&classes, &answers[4..]).neutral_misread, None);
    }

    #[test]
    fn the_mood_distance_is_that_of_the_points_of_the_emotion_table() {
        let classes = ["happy", "neutral", "sad"];
        let table = EmotionTable::default();
        let far = table.place(MoodName::Happy).distance(&table.place(MoodName::Sad));
        let distance = |answers: &[Answer]| figures(&classes, answers).mood_distance;
        assert!(far > 0.3 && distance(&[answer(0, [1.0, 0.0, 0.0])]) < 1e-6);
        assert!((distance(&[answer(0, [0.0, 0.0, 1.0])]) - far).abs() < 1e-6);
        // Halfway between the two points, and a face that is read rightly beside one that is not.
        assert!((distance(&[answer(0, [0.5, 0.0, 0.5])]) - far / 2.0).abs() < 1e-6);
        assert!((distance(&[answer(2, [0.0, 0.0, 1.0]), answer(2, [1.0, 0.0, 0.0])]) - far / 2.0).abs() < 1e-6);
    }

    #[test]
    fn contempt_leads_to_the_same_mood_as_disgust() {
        let classes = &crate::classes::CLASSES;
        let contempt = expect_mood(classes, &[0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0]);
        assert_eq!(contempt, expect_mood(classes, &[0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0]));
    }

    #[test]
    fn the_area_under_the_curve_counts_pairs_in_the_right_order() {
        assert_eq!(area_under_curve(&[0.9, 0.4], &[0.1, 0.4]), Some(0.875));
        assert_eq!(area_under_curve(&[], &[0.1]), None);
    }

    #[test]
    fn a_class_without_faces_does_not_count() {
        let found = figures(&["happy", "neutral", "sad"], &[answer(0, [1.0, 0.0, 0.0])]);
        assert_eq!(found.macro_f1, 1.0);
        assert_eq!(figures(&["happy"], &[]).accuracy, 0.0);
    }
}
