//! The figures by which the model judges a stretch of sound.

use super::bands::{Bands, Bank};
use super::harmony::harmony;
use super::modulation::modulation;
use super::notes::{Notes, read_notes};
use super::rhythm::rhythm;
use super::timbre::{balance, cepstra};
use crate::audio::analysis::spectrum::frames;

/// Numbers of a stretch: cepstra 60, balance 6, rhythm 23, modulation 36, harmony 48.
pub const FEATURES: usize = 173;
/// Seconds in a stretch, as the clips that the model learned from. A longer sound is judged stretch by stretch.
const STRETCH: f32 = 30.0;
/// Samples in a frame for bands and for notes: 46 and 186 ms at 22 kHz.
const FRAME: usize = 1024;
const LONG_FRAME: usize = 4096;
/// Frames softer than this (dB below a full-scale sine) are silence.
const SILENCE: f32 = -60.0;

/// What a stretch sounds like.
#[derive(Clone, Debug, PartialEq)]
pub struct StretchFeatures {
    /// `FEATURES` numbers, all finite.
    pub values: Vec<f32>,
    /// Share of its frames that are not silence.
    pub sounding: f32,
}

/// StretchFeatures of each stretch of about half a minute of mono samples in -1..1, `rate` of them a second; none of less than a tenth of a second.
pub fn measure_stretches(samples: &[f32], rate: f32) -> Vec<StretchFeatures> {
    let stretches = (samples.len() as f32 / rate / STRETCH).round().max(1.0) as usize;
    let length = samples.len() / stretches;
    samples.chunks_exact(length.max(LONG_FRAME)).take(stretches).map(|stretch| measure_stretch(stretch, rate)).collect()
}

fn measure_stretch(samples: &[f32], rate: f32) -> StretchFeatures {
    let (bands, notes) = read_frames(samples, rate);
    let frame_rate = rate / (FRAME / 2) as f32;
    let values = [
        cepstra(&bands),
        balance(&bands).to_vec(),
        rhythm(&bands, frame_rate),
        modulation(&bands, frame_rate),
        harmony(&notes, rate / (LONG_FRAME / 2) as f32),
    ]
    .concat();
    let finite = |value: f32| if value.is_finite() { value } else { 0.0 };
    StretchFeatures { values: values.into_iter().map(finite).collect(), sounding: sounding_share(&bands) }
}

/// Both sizes of frames: short ones for bands, long ones for notes.
fn read_frames(samples: &[f32], rate: f32) -> (Bands, Vec<Notes>) {
    let (mut bank, mut bands, mut found) = (Bank::new(rate, FRAME), Bands::default(), Vec::new());
    frames(samples, FRAME, FRAME / 2, |_, magnitudes| bank.add(magnitudes, &mut bands));
    frames(samples, LONG_FRAME, LONG_FRAME / 2, |_, magnitudes| {
        found.push(read_notes(magnitudes, rate / LONG_FRAME as f32))
    });
    (bands, found)
}

fn sounding_share(bands: &Bands) -> f32 {
    let loud = bands.powers.iter().filter(|power| **power > 10_f32.powf(SILENCE / 10.0)).count();
    loud as f32 / bands.powers.len().max(1) as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tone(seconds: f32, rate: f32) -> Vec<f32> {
        (0..(seconds * rate) as usize).map(|k| 0.3 * (k as f32 / rate * 440.0 * std::f32::consts::TAU).sin()).collect()
    }

    #[test]
    fn a_song_is_cut_into_stretches_of_about_half_a_minute() {
        let count = |seconds| measure_stretches(&tone(seconds, 8000.0), 8000.0).len();
        assert_eq!([count(0.1), count(1.0), count(30.0), count(44.0), count(46.0), count(120.0)], [0, 1, 1, 1, 2, 4]);
    }

    #[test]
    fn any_sound_gives_finite_numbers() {
        let extremes = [vec![0.0; 50_000], vec![1.0; 50_000], vec![-4.0; 5000], tone(3.0, 22_050.0), vec![]];
        for (samples, rate) in
            extremes.iter().flat_map(|samples| [4000.0, 22_050.0, 48_000.0].map(|rate| (samples, rate)))
        {
            for stretch in measure_stretches(samples, rate) {
                assert_eq!(stretch.values.len(), FEATURES);
                assert!(
                    stretch.values.iter().all(|value| value.is_finite()) && (0.0..=1.0).contains(&stretch.sounding)
                );
            }
        }
    }
}
