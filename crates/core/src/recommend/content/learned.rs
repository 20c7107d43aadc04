//! What labelled songs say: the chance of each mood, from any number of features.
//!
//! Multinomial logistic regression with a ridge, fitted by Newton's method. It is convex, so that there is nothing to tune or
//! to seed; on a few hundred songs it takes milliseconds. A feature that a song lacks counts as the mean.

use crate::recommend::linear_algebra::{add_outer, dot, invert};

/// Holds every weight (of standardised features) back as if by one prior observation; intercepts next to nothing.
const RIDGE: f64 = 1.0;
const RIDGE_OF_INTERCEPT: f64 = 1e-3;
const STEPS: usize = 50;
/// A step below this changes nothing that could be seen.
const SMALL: f64 = 1e-7;

/// A fitted model.
#[derive(Clone, Debug, PartialEq)]
pub struct Learned {
    /// Mean and spread of each feature.
    usual: Vec<(f64, f64)>,
    /// For each mood its intercept, then a weight for each feature.
    weights: Vec<Vec<f64>>,
}

impl Learned {
    /// From rows of equally many features (NaN: not known) and the mood of each, a number below `moods`.
    pub fn fit(rows: &[Vec<f32>], labels: &[usize], moods: usize) -> Self {
        let features = rows.first().map_or(0, Vec::len);
        let usual = (0..features).map(|k| usual(rows.iter().map(|row| f64::from(row[k])))).collect();
        let mut learned = Self { usual, weights: vec![vec![0.0; features + 1]; moods] };
        let rows: Vec<Vec<f64>> = rows.iter().map(|row| learned.standard(row)).collect();
        let mut cost = learned.cost(&rows, labels);
        for _ in 0..STEPS {
            let step = learned.newton(&rows, labels);
            let before = learned.weights.clone();
            // Halved until it helps: a whole step may overshoot where moods can be told apart perfectly.
            let helped = (0..20).map(|halvings| 0.5_f64.powi(halvings)).any(|size| {
                learned.weights = moved(&before, &step, size);
                let now = learned.cost(&rows, labels);
                now <= cost && {
                    cost = now;
                    true
                }
            });
            if !helped {
                learned.weights = before;
            }
            if !helped || step.iter().all(|value| value.abs() < SMALL) {
                break;
            }
        }
        learned
    }

    /// The chance of each mood; they sum to one.
    pub fn chances(&self, row: &[f32]) -> Vec<f32> {
        self.of_standard(&self.standard(row)).into_iter().map(|chance| chance as f32).collect()
    }

    /// One for the intercept, then each feature in spreads from its mean.
    fn standard(&self, row: &[f32]) -> Vec<f64> {
        let feature = |(value, (mean, spread)): (&f32, &(f64, f64))| {
            let value = (f64::from(*value) - mean) / spread;
            if value.is_finite() { value } else { 0.0 }
        };
        std::iter::once(1.0).chain(row.iter().zip(&self.usual).map(feature)).collect()
    }

    fn of_standard(&self, row: &[f64]) -> Vec<f64> {
        let odds = self.weights.iter().map(|weights| dot(weights, row));
        let odds: Vec<f64> = odds.collect();
        let most = odds.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let shares: Vec<f64> = odds.iter().map(|odds| (odds - most).exp()).collect();
        let sum: f64 = shares.iter().sum();
        shares.into_iter().map(|share| share / sum).collect()
    }

    /// Surprise at the labels, and the ridge.
    fn cost(&self, rows: &[Vec<f64>], labels: &[usize]) -> f64 {
        let surprise = |(row, label): (&Vec<f64>, &usize)| -self.of_standard(row)[*label].max(1e-300).ln();
        let held = |weights: &Vec<f64>| -> f64 {
            weights.iter().enumerate().map(|(k, weight)| ridge(k) * weight * weight / 2.0).sum()
        };
        rows.iter().zip(labels).map(surprise).sum::<f64>() + self.weights.iter().map(held).sum::<f64>()
    }

    /// The step that would end at the least cost, were it a parabola.
    fn newton(&self, rows: &[Vec<f64>], labels: &[usize]) -> Vec<f64> {
        let (moods, width) = (self.weights.len(), self.usual.len() + 1);
        let n = moods * width;
        let (mut slope, mut curve) = (vec![0.0; n], vec![0.0; n * n]);
        for (k, weight) in self.weights.iter().flatten().enumerate() {
            slope[k] = ridge(k % width) * weight;
            curve[k * n + k] = ridge(k % width);
        }
        for (row, label) in rows.iter().zip(labels) {
            let chances = self.of_standard(row);
            for a in 0..moods {
                let wrong = chances[a] - f64::from(u8::from(a == *label));
                row.iter().enumerate().for_each(|(k, value)| slope[a * width + k] += wrong * value);
                for b in 0..moods {
                    let bend = chances[a] * (f64::from(u8::from(a == b)) - chances[b]);
                    add_outer(&mut curve[a * width * n + b * width..], n, row, bend);
                }
            }
        }
        invert(&mut curve, n);
        curve.chunks(n.max(1)).map(|row| -dot(row, &slope)).collect()
    }
}

fn ridge(feature: usize) -> f64 {
    if feature == 0 { RIDGE_OF_INTERCEPT } else { RIDGE }
}

fn moved(weights: &[Vec<f64>], step: &[f64], size: f64) -> Vec<Vec<f64>> {
    let width = weights.first().map_or(1, Vec::len);
    let line = |(weights, step): (&Vec<f64>, &[f64])| weights.iter().zip(step).map(|(w, s)| w + size * s).collect();
    weights.iter().zip(step.chunks(width)).map(line).collect()
}

/// Mean and spread of what is known; a feature that never varies has a spread of one, to say nothing.
fn usual(values: impl Iterator<Item = f64> + Clone) -> (f64, f64) {
    let known = values.filter(|value| value.is_finite());
    let count = known.clone().count().max(1) as f64;
    let mean = known.clone().sum::<f64>() / count;
    let spread = (known.map(|value| (value - mean).powi(2)).sum::<f64>() / count).sqrt();
    (mean, if spread > 1e-9 { spread } else { 1.0 })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_even_halves_give_the_weight_where_the_slope_vanishes() {
        // One feature at -1 and 1, one mood each: by symmetry w and -w, with 4 (1 - s) = 2 w for s = logistic(2 w).
        let rows = [vec![-1.0], vec![1.0], vec![-1.0], vec![1.0]];
        let learned = Learned::fit(&rows, &[0, 1, 0, 1], 2);
        let w = learned.weights[1][1];
        let right = 1.0 / (1.0 + (-2.0 * w).exp());
        assert!((4.0 * (1.0 - right) - w).abs() < 1e-6, "{learned:?}");
        assert!((f64::from(learned.chances(&[1.0])[1]) - right).abs() < 1e-6);
    }

    #[test]
    fn a_mood_nobody_labelled_is_unlikely_and_an_unknown_feature_says_nothing() {
        let rows: Vec<Vec<f32>> = (0..40).map(|n| vec![(n % 2) as f32, n as f32]).collect();
        let labels: Vec<usize> = (0..40).map(|n| n % 2).collect();
        let learned = Learned::fit(&rows, &labels, 3);
        let chances = learned.chances(&[f32::NAN, f32::NAN]);
        assert!((chances[0] - chances[1]).abs() < 0.1 && chances[2] < 0.1, "{chances:?}");
        assert!(learned.chances(&[1.0, f32::NAN])[1] > 0.8);
        assert!((chances.iter().sum::<f32>() - 1.0).abs() < 1e-6);
    }

    #[test]
    fn features_that_never_vary_and_moods_told_apart_perfectly_do_no_harm() {
        let rows: Vec<Vec<f32>> = (0..20).map(|n| vec![7.0, if n < 10 { -1e6 } else { 1e6 }]).collect();
        let labels: Vec<usize> = (0..20).map(|n| usize::from(n >= 10)).collect();
        let chances = Learned::fit(&rows, &labels, 2).chances(&rows[0]);
        assert!(chances[0] > 0.9 && chances[0] < 1.0, "{chances:?}");
        assert_eq!(Learned::fit(&[], &[], 2).chances(&[]), [0.5, 0.5]);
    }
}
