//! Checks against numbers that other programs computed.

use std::slice::from_ref;

use super::features::{FEATURES, StretchFeatures, measure_stretches};
use super::model::{Odds, judge};
use super::weights::Weights;

const RATE: f32 = 22_050.0;

/// Twenty seconds of four chords of sawtooth waves and a little noise, struck twice a second. Integers alone, so that any program makes
/// the same samples.
fn example() -> Vec<f32> {
    let chords: [[u32; 3]; 4] = [[220, 277, 330], [196, 247, 294], [175, 220, 262], [220, 262, 330]];
    let (mut state, mut phases) = (1_u32, [0_u32; 3]);
    let sample = |k: usize| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let mut total = ((state >> 19) as i32 - 4096).div_euclid(4);
        for (phase, hertz) in phases.iter_mut().zip(chords[k / 22_050 % 4]) {
            *phase = phase.wrapping_add(hertz * 194_783);
            total += (*phase >> 19) as i32 - 4096;
        }
        let level = 256 - (200 * (k % 11_025) / 11_025) as i32;
        ((total * level) >> 8) as f32 / 32_768.0
    };
    (0..441_000).map(sample).collect()
}

#[test]
fn the_features_of_a_known_sound_are_those_that_the_model_was_trained_with() {
    // Written by the program that measured the training clips.
    let stored: Vec<f32> = include_str!("example.txt").lines().map(|line| line.parse().unwrap()).collect();
    let measured = measure_stretches(&example(), RATE);
    assert_eq!((measured.len(), stored.len()), (1, FEATURES));
    for (k, (measured, stored)) in measured[0].values.iter().zip(&stored).enumerate() {
        assert!((measured - stored).abs() <= 1e-3 * stored.abs().max(1.0), "figure {k}: {measured}, stored {stored}");
    }
}

#[test]
fn the_model_answers_as_the_training_script_does() {
    let weights = Weights::shipped();
    assert_eq!(weights.clips.len(), 448);
    let value = |k: usize| weights.means[k] + weights.spreads[k] * weights.clips[0].place[k];
    let clip = StretchFeatures { values: (0..FEATURES).map(value).collect(), sounding: 1.0 };
    let Odds { valence, energy } = judge(from_ref(&clip), Odds::default(), weights).unwrap().odds;
    // Computed from the same file of weights with numpy.
    assert!((valence + 2.2295).abs() < 5e-3 && (energy + 2.6719).abs() < 5e-3, "{valence} {energy}");
}
