//! What can be heard in a song: texture, rhythm and key, and from them valence and energy.
//!
//! Two minutes from the middle of the song are decoded to one channel of about 22 kHz ([`decode`]), cut into overlapping
//! frames ([`spectrum`], [`tempo`], [`key`]), and summed up in [`Features`]; [`hearing`] adds the figures that the learned model reads, and
//! [`estimate`] places the song in the plane.

pub mod content_hash;
pub mod decimate;
pub mod decode;
pub mod estimate;
pub mod hearing;
pub mod key;
pub mod spectrum;
pub mod tempo;

use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::audio::analysis::decode::DecodeError;
use crate::audio::analysis::hearing::features::{StretchFeatures, measure_stretches};
use crate::audio::analysis::spectrum::Texture;
use crate::audio::source_file::FileAccess;
use moodring_core::domain::musical_key::Key;

/// Goes up when the same file would give other figures; then the scan reads all songs again.
pub const VERSION: i64 = 5;

/// What was heard in a song.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Features {
    pub texture: Texture,
    /// Onsets a second.
    pub onset_rate: f32,
    /// Beats per minute; 0: no beat.
    pub tempo: f32,
    /// How like itself the song is a beat later, 0..1.
    pub pulse: f32,
    pub key: Option<Key>,
    /// What the learned model reads: one entry for each half minute. The library does not store them.
    pub stretches: Vec<StretchFeatures>,
    /// Length of the whole song; of what was heard, when the file does not say.
    pub seconds: Option<f32>,
    /// The same for the same coded sound; `None`: it came from no file.
    pub print: Option<i64>,
}

/// Listens to a file. A decoder that panics on damaged input is a damaged file, not the end of a scan.
pub fn listen(file: &FileAccess) -> Result<Features, DecodeError> {
    let heard = catch_unwind(AssertUnwindSafe(|| {
        let sound = decode::decode(file)?;
        let seconds = sound.seconds.or(Some(sound.samples.len() as f32 / sound.rate));
        Ok(Features { seconds, print: Some(sound.print), ..features(&sound.samples, sound.rate) })
    }));
    heard.unwrap_or_else(|_| Err(DecodeError::Broken("its decoder gave up".into())))
}

/// The features of mono samples.
pub fn features(samples: &[f32], rate: f32) -> Features {
    let (texture, onsets) = spectrum::texture(samples, rate);
    let (tempo, pulse) = tempo::beat(&onsets);
    Features {
        texture,
        onset_rate: tempo::onset_rate(&onsets),
        tempo,
        pulse,
        key: key::key(samples, rate),
        stretches: measure_stretches(samples, rate),
        seconds: None,
        print: None,
    }
}

#[cfg(test)]
mod tests {
    use std::f32::consts::TAU;

    use super::*;
    use crate::audio::analysis::estimate::{Estimate, estimate};

    const RATE: f32 = 22_050.0;

    fn sound(seconds: f32, of: impl Fn(f32) -> f32) -> Vec<f32> {
        (0..(seconds * RATE) as usize).map(|k| of(k as f32 / RATE)).collect()
    }

    /// White noise that is the same every time.
    fn noise(seconds: f32) -> Vec<f32> {
        let mut state = 1u32;
        let mut next = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            state as f32 / u32::MAX as f32 * 2.0 - 1.0
        };
        (0..(seconds * RATE) as usize).map(|_| next()).collect()
    }

    /// Short bursts of noise, so many a minute.
    fn clicks(bpm: f32) -> Vec<f32> {
        let beat = |t: f32| (t * bpm / 60.0).fract() * 60.0 / bpm;
        let shape = sound(30.0, |t| (-60.0 * beat(t)).exp());
        noise(30.0).iter().zip(shape).map(|(noise, shape)| 0.8 * noise * shape).collect()
    }

    fn chord(notes: &[f32]) -> Vec<f32> {
        // Each note with three overtones, as strings and pipes have them.
        let note =
            |hertz: f32, t: f32| (1..=4).map(|k| (TAU * hertz * k as f32 * t).sin() / (4 * k) as f32).sum::<f32>();
        sound(6.0, |t| notes.iter().map(|hertz| note(*hertz, t)).sum::<f32>() / notes.len() as f32)
    }

    fn guess(samples: &[f32]) -> Estimate {
        estimate(Some(&features(samples, RATE)), "", "")
    }

    #[test]
    fn a_click_track_has_the_tempo_of_its_clicks() {
        for bpm in [70.0, 90.0, 100.0, 120.0, 128.0, 140.0] {
            let Features { tempo, pulse, .. } = features(&clicks(bpm), RATE);
            assert!((tempo - bpm).abs() < 2.0, "{tempo} for {bpm}");
            assert!(pulse > 0.5, "{pulse} for {bpm}");
        }
    }

    #[test]
    fn a_very_fast_beat_may_be_counted_in_halves() {
        let heard = features(&clicks(174.0), RATE).tempo;
        assert!((heard - 174.0).abs() < 2.0 || (heard - 87.0).abs() < 2.0, "{heard}");
    }

    #[test]
    fn what_keeps_no_beat_has_no_tempo() {
        for samples in [noise(20.0), vec![0.0; 400_000], sound(20.0, |t| 0.3 * (TAU * 440.0 * t).sin())] {
            assert_eq!(features(&samples, RATE).tempo, 0.0);
        }
    }

    #[test]
    fn chords_have_the_key_of_their_root() {
        let key_of = |notes: &[f32]| key::key(&chord(notes), RATE).unwrap().name();
        assert_eq!(key_of(&[220.0, 277.18, 329.63]), "a major");
        assert_eq!(key_of(&[220.0, 261.63, 329.63]), "a minor");
        assert_eq!(key_of(&[261.63, 329.63, 392.0]), "c major");
        assert_eq!(key_of(&[293.66, 349.23, 440.0]), "d minor");
    }

    #[test]
    fn loud_fast_bursts_have_more_energy_than_a_quiet_tone() {
        let (bursts, tone) = (guess(&clicks(400.0)), guess(&sound(30.0, |t| 0.02 * (TAU * 330.0 * t).sin())));
        assert!(bursts.energy > 0.7 && tone.energy < 0.2, "{bursts:?} {tone:?}");
    }

    #[test]
    fn a_sound_unlike_all_music_has_no_certainty_by_itself() {
        let estimate = guess(&sound(30.0, |t| 0.3 * (TAU * 440.0 * t).sin()));
        assert_eq!((estimate.valence_certainty, estimate.energy_certainty), (0.5, 0.5));
    }

    #[test]
    fn silence_is_calm_and_a_sound_too_short_for_the_model_is_judged_by_the_rule() {
        let silence = Estimate { valence: 0.5, energy: 0.0, valence_certainty: 0.0, energy_certainty: 0.0 };
        assert_eq!(estimate(Some(&features(&vec![0.0; 400_000], RATE)), "pop", "happy"), silence);
        let short = features(&noise(0.15), RATE);
        assert!(short.stretches.is_empty(), "{short:?}");
        assert_ne!(estimate(Some(&short), "", ""), silence);
    }

    #[test]
    fn a_major_chord_is_more_pleasant_than_a_minor_one() {
        let (major, minor) = (guess(&chord(&[220.0, 277.18, 329.63])), guess(&chord(&[220.0, 261.63, 329.63])));
        assert!(major.valence > minor.valence + 0.05, "{major:?} {minor:?}");
    }

    #[test]
    fn any_samples_give_numbers_within_bounds() {
        let extremes = [vec![], vec![0.5; 10], vec![0.0; 50_000], vec![1.0; 50_000], vec![-4.0; 3000], noise(1.0)];
        for (samples, rate) in
            extremes.iter().flat_map(|samples| [4000.0, 8000.0, RATE, 30_000.0].map(|rate| (samples, rate)))
        {
            let features = features(samples, rate);
            let Estimate { valence, energy, valence_certainty, energy_certainty } =
                estimate(Some(&features), "pop", "");
            let numbers = [valence, energy, valence_certainty, energy_certainty];
            assert!(numbers.iter().all(|value| (0.0..=1.0).contains(value)), "{features:?}");
            assert!((0.0..=300.0).contains(&features.tempo), "{features:?}");
        }
    }

    #[test]
    fn words_count_more_for_valence_than_for_energy() {
        let heard = features(&clicks(400.0), RATE);
        let (plain, sad) = (estimate(Some(&heard), "", ""), estimate(Some(&heard), "", "sad"));
        assert!(sad.valence < plain.valence && sad.energy > 0.5, "{plain:?} {sad:?}");
        assert!(plain.valence - sad.valence > plain.energy - sad.energy, "{plain:?} {sad:?}");
        assert!(sad.valence_certainty > plain.valence_certainty, "{plain:?} {sad:?}");
        assert!(estimate(None, "ambient", "").energy_certainty < plain.energy_certainty);
        let nothing = Estimate { valence: 0.5, energy: 0.5, valence_certainty: 0.0, energy_certainty: 0.0 };
        assert_eq!(estimate(None, "", ""), nothing);
    }
}
