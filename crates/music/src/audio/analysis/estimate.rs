//! Valence and energy of a song, from its sound and from its tags.
//!
//! 1. A model that was trained on rated clips ([`crate::audio::analysis::hearing`]) judges the sound. A rule set by hand, below,
//!    answers for sounds unlike all of those clips.
//! 2. Genre and mood tags are independent evidence: their odds are added to those of the sound. They count less for valence where the
//!    model knows the sound. Their weights are set by hand: no data at hand has sound, tags and ratings.
//! 3. The position grows with the odds; even odds are 0.5. A certainty is the chance that the song is on the stated side of 0.5. It is
//!    0.5 for a sound unlike everything the model knows. Only a song that was not heard has less: half the trust in its tags, or 0.
//!
//! The rule: energy is a logistic function of four standardised features, weighted by their correlation with annotated arousal on 22
//! clips, corrected on 41 orchestral pieces and eleven rock, metal and dance pieces. The signs in valence come from studies of timbre
//! and rhythm, the weights from 26 pieces whose titles say what they are. `docs/music.md` has the figures, `tests/energy.rs` keeps them.

use crate::audio::analysis::Features;
use crate::audio::analysis::hearing::model::{Judgement, Odds, judge};
use crate::audio::analysis::hearing::weights::Weights;
use moodring_core::recommend::content::genre_prior::{GenrePrior, prior};

/// Mean and spread over music at large.
struct Usual(f32, f32);

const ONSETS_USUAL: Usual = Usual(3.7, 1.6);
const BRIGHTNESS_USUAL: Usual = Usual(0.45, 0.6);
const LEVEL_USUAL: Usual = Usual(-18.0, 4.5);
const FLUX_USUAL: Usual = Usual(0.13, 0.037);
const MAJORNESS_USUAL: Usual = Usual(-0.06, 0.15);
const CLARITY_USUAL: Usual = Usual(0.68, 0.17);
const DEPTH_USUAL: Usual = Usual(-3.5, 2.3);
const PULSE_USUAL: Usual = Usual(0.30, 0.18);

/// Odds of the rule for each standardised unit.
const ENERGY_SLOPE: f32 = 1.15;
const VALENCE_SLOPE: f32 = 1.9;

/// Weight of the odds of tags beside those of the sound, at full trust. That for valence was chosen for the rule alone, and is halved where
/// the model knows the sound.
const WORDS_FOR_ENERGY: f32 = 0.9;
const WORDS_FOR_VALENCE: f32 = 2.3;

/// Distance from 0.5 for each unit of odds. Positions are not chances, which press the surest songs together at 0 and 1: where an
/// orchestral library is calm throughout, its battles must still stand apart from its laments.
const POSITION_STEP: f32 = 0.08;

/// A place in the plane, and how far it can be trusted.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estimate {
    pub valence: f32,
    pub energy: f32,
    /// The chance that the song is on this side of 0.5: 0.5..1 when it was heard, less when it was not.
    pub valence_certainty: f32,
    pub energy_certainty: f32,
}

impl Estimate {
    const fn new(valence: f32, energy: f32, valence_certainty: f32, energy_certainty: f32) -> Self {
        Self { valence, energy, valence_certainty, energy_certainty }
    }
}

/// From the audio where it was heard, and from genre and mood tags (empty when there are none).
pub fn estimate(heard: Option<&Features>, genre: &str, mood: &str) -> Estimate {
    match (heard, prior(genre, mood)) {
        (None, None) => Estimate::new(0.5, 0.5, 0.0, 0.0),
        (None, Some(words)) => Estimate::new(words.valence, words.energy, words.trust / 2.0, words.trust / 2.0),
        // Silence is calm, whatever its tags say.
        (Some(heard), _) if heard.texture.sounding == 0.0 => Estimate::new(0.5, 0.0, 0.0, 0.0),
        (Some(heard), words) => blend(heard, words),
    }
}

/// Adds the odds of sound and tags: a genre that all songs share shifts them all and keeps their distances.
fn blend(heard: &Features, words: Option<GenrePrior>) -> Estimate {
    let GenrePrior { valence, energy, trust } = words.unwrap_or(GenrePrior { valence: 0.5, energy: 0.5, trust: 0.0 });
    let (sound, familiarity) = judge_sound(heard);
    let for_valence = WORDS_FOR_VALENCE * (1.0 - 0.5 * familiarity);
    let bright = sound.valence + for_valence * trust * odds(valence);
    let lively = sound.energy + WORDS_FOR_ENERGY * trust * odds(energy);
    // Tags vouch for a place half as well as a familiar sound does.
    let known = (2.0 * familiarity).min(1.0).max(0.5 * trust);
    let certainty = |odds: f32| 0.5 + (logistic(odds) - 0.5).abs() * known;
    Estimate::new(position(bright), position(lively), certainty(bright), certainty(lively))
}

/// Odds by the sound alone, and its familiarity; by the rule when it is too short for the model.
fn judge_sound(heard: &Features) -> (Odds, f32) {
    let rule = judge_by_rule(heard);
    judge(&heard.stretches, rule, Weights::shipped())
        .map_or((rule, 0.0), |Judgement { odds, familiarity, .. }| (odds, familiarity))
}

/// Odds by the rule set by hand, which needs no training and knows no kind of music better than another.
pub fn judge_by_rule(heard: &Features) -> Odds {
    Odds { valence: valence_odds(heard), energy: energy_odds(heard) }
}

/// Position on an axis of the plane; even odds are 0.5.
fn position(odds: f32) -> f32 {
    (0.5 + POSITION_STEP * odds).clamp(0.0, 1.0)
}

/// Logarithm of the odds that a song is lively.
fn energy_odds(heard: &Features) -> f32 {
    let parts = [
        (0.70, standard(heard.onset_rate, &ONSETS_USUAL)),
        (0.35, standard(heard.texture.brightness, &BRIGHTNESS_USUAL)),
        (0.59, standard(heard.texture.level, &LEVEL_USUAL)),
        (0.80, standard(heard.texture.flux, &FLUX_USUAL)),
    ];
    ENERGY_SLOPE * weighed(&parts)
}

/// Logarithm of the odds that a song is pleasant.
fn valence_odds(heard: &Features) -> f32 {
    let key = heard
        .key
        .map_or((0.0, 0.0), |key| (standard(key.majorness, &MAJORNESS_USUAL), standard(key.clarity, &CLARITY_USUAL)));
    let parts = [
        (-0.35, standard(heard.texture.depth, &DEPTH_USUAL)),
        (0.15, standard(heard.pulse, &PULSE_USUAL)),
        (0.20, key.1),
        (0.25, standard(heard.texture.flux, &FLUX_USUAL)),
        (0.10, key.0),
    ];
    VALENCE_SLOPE * parts.iter().map(|(weight, value)| weight * value).sum::<f32>()
}

/// A weighted sum with the spread of one of its parts.
fn weighed(parts: &[(f32, f32)]) -> f32 {
    let norm = parts.iter().map(|(weight, _)| weight * weight).sum::<f32>().sqrt();
    parts.iter().map(|(weight, value)| weight * value).sum::<f32>() / norm
}

/// Spreads from the usual; one odd feature does not decide alone.
fn standard(value: f32, usual: &Usual) -> f32 {
    let spreads = (value - usual.0) / usual.1;
    if spreads.is_finite() { spreads.clamp(-2.5, 2.5) } else { 0.0 }
}

/// The inverse of the logistic function.
fn odds(share: f32) -> f32 {
    (share / (1.0 - share)).ln()
}

fn logistic(x: f32) -> f32 {
    1.0 / (1.0 + (-x).exp())
}
