//! The spectrum of each frame in bands, as ears divide it.

/// Triangular bands, evenly spaced on the mel scale (O'Shaughnessy 1987: 2595 log10(1 + f / 700)).
pub const MELS: usize = 40;
/// Hertz between which they lie. Every rate that the decoder gives for music (20 kHz and more) reaches so far.
const LOWEST: f32 = 40.0;
const HIGHEST: f32 = 10_000.0;
/// Regions from bass to treble: octaves, but for the lowest.
pub const REGIONS: usize = 6;
const EDGES: [f32; REGIONS + 1] = [0.0, 250.0, 500.0, 1000.0, 2000.0, 4000.0, 8000.0];
/// Added to powers before a logarithm is taken: 80 dB below a full-scale sine.
const FLOOR: f32 = 1e-8;

/// What a sound holds in each band: one entry a frame in each list.
#[derive(Clone, Debug, Default)]
pub struct Bands {
    /// Level of each mel band, dB below a full-scale sine.
    pub mels: Vec<[f32; MELS]>,
    /// Power in each region; a full-scale sine has 1.5 (a Hann window spreads it over three bins).
    pub regions: Vec<[f32; REGIONS]>,
    /// Power of the whole frame, in the same unit.
    pub powers: Vec<f32>,
    /// Mean rise of the loudness of the mel bands since the frame before; 0 for the first.
    pub rises: Vec<f32>,
}

/// Sorts the bins of a transform into bands.
#[derive(Clone, Debug)]
pub struct Bank {
    /// Bins that reach a mel band.
    bins: std::ops::Range<usize>,
    /// For each of these bins the triangle that it lies on the falling side of, one being the first, and its weight in the next.
    places: Vec<(usize, f32)>,
    /// First bin of each region, and the end of the last.
    edges: [usize; REGIONS + 1],
    loudness: [f32; MELS],
}

impl Bank {
    /// For magnitudes of `size / 2 + 1` bins of a sound of `rate` samples a second.
    pub fn new(rate: f32, size: usize) -> Self {
        let hertz = rate / size as f32;
        let width = (mel(HIGHEST) - mel(LOWEST)) / (MELS + 1) as f32;
        let bin_at = |frequency: f32| ((frequency / hertz).ceil() as usize).min(size / 2 + 1);
        let bins = bin_at(LOWEST)..bin_at(HIGHEST);
        let place = |bin: usize| ((mel(bin as f32 * hertz) - mel(LOWEST)) / width).clamp(0.0, MELS as f32 + 0.999);
        let places = bins.clone().map(|bin| (place(bin) as usize, place(bin).fract())).collect();
        Self { bins, places, edges: EDGES.map(bin_at), loudness: [0.0; MELS] }
    }

    /// Adds the magnitudes of the next frame.
    pub fn add(&mut self, magnitudes: &[f32], bands: &mut Bands) {
        let mels = self.mels(magnitudes);
        let rise = self.rise(&mels);
        bands.rises.push(if bands.rises.is_empty() { 0.0 } else { rise });
        bands.mels.push(mels.map(decibel));
        let power = |bins: &[f32]| bins.iter().map(|magnitude| magnitude * magnitude).sum::<f32>();
        let region = |k: usize| power(magnitudes.get(self.edges[k]..self.edges[k + 1]).unwrap_or_default());
        bands.regions.push(std::array::from_fn(region));
        bands.powers.push(power(magnitudes));
    }

    /// Power in each mel band.
    fn mels(&self, magnitudes: &[f32]) -> [f32; MELS] {
        let mut sums = [0.0; MELS + 2];
        for (magnitude, (place, weight)) in magnitudes[self.bins.clone()].iter().zip(&self.places) {
            let power = magnitude * magnitude;
            sums[*place] += power * (1.0 - weight);
            sums[place + 1] += power * weight;
        }
        std::array::from_fn(|k| sums[k + 1])
    }

    /// Compares loudness with the frame before, in steps as ears do, and remembers it.
    fn rise(&mut self, mels: &[f32; MELS]) -> f32 {
        let loudness = mels.map(|power| (1.0 + 1000.0 * power.sqrt()).ln());
        let rises = loudness.iter().zip(&self.loudness).map(|(now, before)| (now - before).max(0.0));
        let mean = rises.sum::<f32>() / MELS as f32;
        self.loudness = loudness;
        mean
    }
}

/// Level of a power, dB; at least -80.
pub fn decibel(power: f32) -> f32 {
    10.0 * (power + FLOOR).log10()
}

fn mel(hertz: f32) -> f32 {
    2595.0 * (1.0 + hertz / 700.0).log10()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tone_lies_in_the_band_of_its_pitch_at_any_rate() {
        for rate in [22_050.0, 24_000.0, 32_000.0] {
            let (mut bank, mut bands) = (Bank::new(rate, 1024), Bands::default());
            let mut magnitudes = vec![0.0; 513];
            magnitudes[(3000.0 / rate * 1024.0_f32).round() as usize] = 1.0;
            bank.add(&magnitudes, &mut bands);
            let mels = &bands.mels[0];
            let loudest = (0..MELS).max_by(|a, b| mels[*a].total_cmp(&mels[*b])).unwrap();
            assert!((24..=25).contains(&loudest), "{loudest} at {rate}");
            assert_eq!(bands.regions[0], [0.0, 0.0, 0.0, 0.0, 1.0, 0.0]);
        }
    }

    #[test]
    fn silence_has_the_lowest_level_and_nothing_rises() {
        let (mut bank, mut bands) = (Bank::new(8000.0, 1024), Bands::default());
        (0..2).for_each(|_| bank.add(&[0.0; 513], &mut bands));
        assert!(bands.mels[1].iter().all(|level| (level + 80.0).abs() < 1e-3) && bands.rises == [0.0, 0.0]);
    }
}
