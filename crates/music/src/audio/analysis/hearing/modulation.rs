//! Modulation: how fast the regions of the spectrum swell and fade.

use std::f32::consts::PI;

use realfft::RealFftPlanner;

use super::bands::{Bands, REGIONS, decibel};
use super::statistics::mean;

/// Frames in a window of the modulation spectrum: six seconds at 22 kHz.
const WINDOW: usize = 256;
/// Modulations a second between which the modulation spectrum is summed up.
const SPEEDS: [(f32, f32); 6] = [(0.3, 1.0), (1.0, 2.0), (2.0, 4.0), (4.0, 8.0), (8.0, 16.0), (16.0, 20.0)];

/// Logarithm of the power with which the level of each region swells and fades at each speed: 36 numbers (Tzanetakis and Cook 2002).
pub fn modulation(bands: &Bands, rate: f32) -> Vec<f32> {
    let transform = RealFftPlanner::<f32>::new().plan_fft_forward(WINDOW);
    let (mut input, mut output) = (transform.make_input_vec(), transform.make_output_vec());
    let starts = (0..=bands.regions.len().saturating_sub(WINDOW)).step_by(WINDOW / 2);
    let windows = starts.clone().count() as f32;
    let mut figures = Vec::with_capacity(REGIONS * SPEEDS.len());
    for region in 0..REGIONS {
        let mut powers = [0.0; WINDOW / 2 + 1];
        for start in starts.clone() {
            fill(&mut input, &bands.regions[start..], region);
            transform.process(&mut input, &mut output).expect("the buffers were made by this very transform");
            powers.iter_mut().zip(&output).for_each(|(power, bin)| *power += bin.norm_sqr() / windows);
        }
        figures.extend(SPEEDS.map(|speeds| power_between(&powers, speeds, rate / WINDOW as f32)));
    }
    figures
}

/// Levels of a region less their mean, under a Hann window; zeros after a short sound.
fn fill(input: &mut [f32], regions: &[[f32; REGIONS]], region: usize) {
    let levels: Vec<f32> = regions.iter().take(WINDOW).map(|regions| decibel(regions[region])).collect();
    let centre = mean(&levels);
    let hann = |k: usize| 0.5 - 0.5 * (2.0 * PI * k as f32 / WINDOW as f32).cos();
    let value = |k: usize| levels.get(k).map_or(0.0, |level| (level - centre) * hann(k));
    input.iter_mut().enumerate().for_each(|(k, place)| *place = value(k));
}

fn power_between(powers: &[f32], (slowest, fastest): (f32, f32), hertz: f32) -> f32 {
    let bin = |speed: f32| ((speed / hertz).ceil() as usize).min(powers.len());
    (mean(&powers[bin(slowest)..bin(fastest)]) + 1e-3).ln()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audio::analysis::hearing::rhythm::tests::{RATE, pulsing};

    #[test]
    fn a_region_that_swells_thrice_a_second_has_its_modulation_there() {
        let figures = modulation(&pulsing(3.0), RATE);
        let highest = (0..6).max_by(|a, b| figures[*a].total_cmp(&figures[*b])).unwrap();
        assert_eq!((figures.len(), highest), (36, 2));
    }
}
