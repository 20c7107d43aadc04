//! Colour of a sound: the shape of its spectrum, and the balance of bass and treble.

use std::f32::consts::PI;

use super::bands::{Bands, MELS, REGIONS};
use super::statistics::{deviation, mean, step_deviation};

/// Cepstral coefficients that count: the finer shape of the spectrum is that of single notes.
const COEFFICIENTS: usize = 20;

/// Of each mel-frequency cepstral coefficient the mean, the deviation, and the deviation of its steps: 60 numbers.
pub fn cepstra(bands: &Bands) -> Vec<f32> {
    let transform = cosines();
    let series = |row: &[f32; MELS]| -> Vec<f32> {
        let dot = |mels: &[f32; MELS]| mels.iter().zip(row).map(|(level, weight)| level * weight).sum();
        bands.mels.iter().map(dot).collect()
    };
    let figures = |values: Vec<f32>| [mean(&values), deviation(&values), step_deviation(&values)];
    transform.iter().map(series).flat_map(figures).collect()
}

/// How much of the power lies in each region, dB; at least -50: 6 numbers.
pub fn balance(bands: &Bands) -> [f32; REGIONS] {
    let all = bands.powers.iter().sum::<f32>() + 1e-9;
    let share = |k: usize| bands.regions.iter().map(|regions| regions[k]).sum::<f32>() / all;
    std::array::from_fn(|k| 10.0 * (share(k) + 1e-5).log10())
}

/// Rows of the orthonormal cosine transform (DCT-II).
fn cosines() -> [[f32; MELS]; COEFFICIENTS] {
    let scale = |row: usize| (if row == 0 { 1.0 } else { 2.0 } / MELS as f32).sqrt();
    let angle = |row: usize, k: usize| PI * row as f32 * (k as f32 + 0.5) / MELS as f32;
    std::array::from_fn(|row| std::array::from_fn(|k| scale(row) * angle(row, k).cos()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_transform_keeps_lengths_and_its_rows_are_at_right_angles() {
        let rows = cosines();
        let dot = |a: usize, b: usize| rows[a].iter().zip(&rows[b]).map(|(x, y)| x * y).sum::<f32>();
        assert!((dot(0, 0) - 1.0).abs() < 1e-4 && (dot(7, 7) - 1.0).abs() < 1e-4 && dot(0, 5).abs() < 1e-4);
    }

    #[test]
    fn every_sound_gives_as_many_numbers() {
        assert_eq!((cepstra(&Bands::default()).len(), balance(&Bands::default()).len()), (60, 6));
    }
}
