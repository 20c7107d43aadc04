//! From what was heard, and what the tags say, to valence and energy.
//!
//! Energy is a logistic function of four standardised features. Their weights began as their correlation with annotated arousal,
//! measured on 22 annotated clips (onset rate 0.70, brightness 0.65, level 0.59, flux 0.50); flux counts more and brightness less since
//! real music was heard, where it is flux that tells battles from laments. Means and spreads (`*_USUAL`) were set by eye (2026-11) to lie
//! between the 41 orchestral pieces of Battle for Wesnoth and the eleven rock, metal and dance pieces of Frets on Fire and Frozen
//! Bubble, so that neither kind piles up at an end.
//!
//! Valence from audio is weak in everybody's hands. Little bass, much movement, a clear key and a clear pulse add to it, as studies of
//! timbre and rhythm have found; the mode, which should lead it, hardly tells anything on real music. The signs come from those studies,
//! the weights were set with an eye on 26 pieces whose titles say what they are. Its doubt is in the certainty, and genre and mood tags
//! weigh more there than they do on energy. `docs/music.md` has the figures, `tests/energy.rs` keeps them.

use crate::audio::analysis::Features;
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

/// Slopes of the logistic functions; they spread the library over the plane without crowding the corners.
const ENERGY_SLOPE: f32 = 1.15;
const VALENCE_SLOPE: f32 = 1.9;

/// How far the odds of words count beside those of the audio, at full trust: less where the audio knows by itself.
const WORDS_FOR_ENERGY: f32 = 0.9;
const WORDS_FOR_VALENCE: f32 = 2.3;

/// How far the audio alone can be trusted, after how well such estimates agree with listeners.
const VALENCE_ALONE: f32 = 0.25;
const ENERGY_ALONE: f32 = 0.7;

/// A place in the plane, and how far it can be trusted.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estimate {
    pub valence: f32,
    pub energy: f32,
    /// 0..1 each.
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

/// Adds odds, as independent witnesses do: a genre that all songs share shifts them all, and does not press them together.
fn blend(heard: &Features, words: Option<GenrePrior>) -> Estimate {
    let GenrePrior { valence, energy, trust } = words.unwrap_or(GenrePrior { valence: 0.5, energy: 0.5, trust: 0.0 });
    let (audio_valence, audio_energy) = (valence_odds(heard), energy_odds(heard));
    // Words that contradict the audio make us less sure, and words count more where the audio says little.
    let sure = |audio: f32, words: f32, alone: f32, gain: f32| {
        let disagreement = trust * (logistic(audio) - words).abs();
        (alone + gain * trust - 0.5 * disagreement).max(0.0) * heard.texture.sounding
    };
    Estimate {
        valence: logistic(audio_valence + WORDS_FOR_VALENCE * trust * odds(valence)),
        energy: logistic(audio_energy + WORDS_FOR_ENERGY * trust * odds(energy)),
        valence_certainty: sure(audio_valence, valence, VALENCE_ALONE, 0.6),
        energy_certainty: sure(audio_energy, energy, ENERGY_ALONE, 0.2),
    }
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
