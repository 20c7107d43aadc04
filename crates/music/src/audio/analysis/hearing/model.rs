//! From features to valence and energy, as listeners of half-minute clips judged them.
//!
//! 1. A kernel ridge regression answers where a sound is like the clips it learned from.
//! 2. The further away a sound lies, the more a rule set by hand counts (and, for energy, a linear model with it): on unrated
//!    kinds of music a rule errs less.
//! 3. Both give odds, and the sum is calibrated on held-out clips.
//!
//! `models/train/hearing/train.py` fits all numbers and writes the weights; `models/hearing.md` names the data and the accuracy.

use super::features::{FEATURES, StretchFeatures};
use super::weights::Weights;

/// Standardised features beyond this count as this; one odd figure does not decide alone.
const FURTHEST: f32 = 3.0;
/// Nearest clips whose mean distance says how familiar a sound is.
const NEAREST: usize = 8;

/// Logarithms of the odds that a song is bright (valence) and lively (energy).
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Odds {
    pub valence: f32,
    pub energy: f32,
}

/// What the sound says of a song.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Judgement {
    /// Calibrated; genre and mood words add theirs to these.
    pub odds: Odds,
    /// How much like the clips that the model learned from: 1 alike, 0 unlike all of them.
    pub familiarity: f32,
}

/// What the model alone says of a sound.
#[derive(Clone, Copy, Debug, Default)]
struct Score {
    valence: f32,
    energy: f32,
    /// Energy by the linear model.
    linear: f32,
    /// Mean distance to the nearest clips, spreads per feature.
    distance: f32,
}

/// Judges a song by its stretches; `rule` is what the rule set by hand says of it. `None` when nothing sounds.
pub fn judge(stretches: &[StretchFeatures], rule: Odds, weights: &Weights) -> Option<Judgement> {
    let sounding: f32 = stretches.iter().map(|stretch| stretch.sounding).sum();
    let mut mean = Score::default();
    for stretch in stretches {
        let (score, share) = (score(&stretch.values, weights), stretch.sounding / sounding);
        mean.valence += share * score.valence;
        mean.energy += share * score.energy;
        mean.linear += share * score.linear;
        mean.distance += share * score.distance;
    }
    (sounding > 0.0).then(|| combine(&mean, rule, weights))
}

fn combine(score: &Score, rule: Odds, weights: &Weights) -> Judgement {
    let mix = |known: f32, learned: f32, fallback: f32| known * learned + (1.0 - known) * fallback;
    let (familiarity, known) =
        (weights.valence_ramp.weight_at(score.distance), weights.energy_ramp.weight_at(score.distance));
    let fallback = weights.linear_share * score.linear + rule.energy;
    let valence = weights.valence_scale.apply(mix(familiarity, score.valence, rule.valence), familiarity);
    let energy = weights.energy_scale.apply(mix(known, score.energy, fallback), known);
    Judgement { odds: Odds { valence, energy }, familiarity }
}

fn score(values: &[f32], weights: &Weights) -> Score {
    let place: Vec<f32> = standard(values, weights);
    let mut score = Score { valence: weights.valence_bias, energy: weights.energy_bias, ..Score::default() };
    let mut distances = Vec::with_capacity(weights.clips.len());
    for clip in &weights.clips {
        let square: f32 = place.iter().zip(&clip.place).map(|(a, b)| (a - b) * (a - b)).sum::<f32>() / FEATURES as f32;
        let likeness = (-weights.sharpness * square).exp();
        score.valence += likeness * clip.valence;
        score.energy += likeness * clip.energy;
        distances.push(square);
    }
    score.linear =
        weights.linear_bias + place.iter().zip(&weights.linear).map(|(value, weight)| value * weight).sum::<f32>();
    score.distance = nearest(distances);
    score
}

fn standard(values: &[f32], weights: &Weights) -> Vec<f32> {
    let spreads = |(value, (mean, spread)): (&f32, (&f32, &f32))| ((value - mean) / spread).clamp(-FURTHEST, FURTHEST);
    values.iter().zip(weights.means.iter().zip(&weights.spreads)).map(spreads).collect()
}

/// The mean of the least distances, of their squares.
fn nearest(mut squares: Vec<f32>) -> f32 {
    squares.sort_unstable_by(f32::total_cmp);
    squares.iter().take(NEAREST).map(|square| square.sqrt()).sum::<f32>() / NEAREST as f32
}

#[cfg(test)]
mod tests;
