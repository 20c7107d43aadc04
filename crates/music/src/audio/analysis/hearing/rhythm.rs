//! Rhythm: onsets and the beat.

use super::bands::{Bands, MELS};
use super::statistics::{deviation, mean, quantiles, skewness};

/// Seconds around a frame among which an onset must stand out, and how far: any, and a strong one.
const AROUND: f32 = 0.25;
const CLEAR: f32 = 0.06;
const STRONG: f32 = 0.2;
/// Seconds after an onset when its decay is measured.
const DECAY: (f32, f32) = (0.02, 0.17);
/// Shares at which a distribution is read.
const SHARES: [f32; 7] = [0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95];
/// Beats per minute between which a beat is looked for, where listeners tap, and how far they stray from it (octaves).
const BEATS: (f32, f32) = (45.0, 210.0);
const USUAL: f32 = 120.0;
const SPREAD: f32 = 0.9;

/// Distribution of the rises, figures of the onsets and of the beat: 23 numbers. `rate`: frames a second.
pub fn rhythm(bands: &Bands, rate: f32) -> Vec<f32> {
    let above = above_surroundings(&bands.rises, rate);
    [distribution(&bands.rises), onsets(bands, &above, rate).to_vec(), beat(&above, rate).to_vec()].concat()
}

/// Mean, deviation, quantiles and skewness: 10 numbers.
fn distribution(values: &[f32]) -> Vec<f32> {
    let ends = [skewness(values)];
    [mean(values), deviation(values)].into_iter().chain(quantiles(values, SHARES)).chain(ends).collect()
}

/// The rises less their mean in the half second around.
fn above_surroundings(rises: &[f32], rate: f32) -> Vec<f32> {
    let near = ((AROUND * rate) as usize).max(1);
    let around = |k: usize| &rises[k.saturating_sub(near)..(k + near + 1).min(rises.len())];
    rises.iter().enumerate().map(|(k, rise)| rise - mean(around(k))).collect()
}

/// Onsets a second, strong ones a second, logarithm of the median distance and its deviation, mean strength and its deviation, decay.
fn onsets(bands: &Bands, above: &[f32], rate: f32) -> [f32; 7] {
    let rises = &bands.rises;
    let highest = |k: usize| rises[k.saturating_sub(2)..(k + 3).min(rises.len())].iter().all(|rise| *rise <= rises[k]);
    let peaks: Vec<usize> = (0..rises.len()).filter(|k| above[*k] > CLEAR && highest(*k)).collect();
    let a_second = |count: usize| count as f32 * rate / rises.len().max(1) as f32;
    let strong = peaks.iter().filter(|peak| above[**peak] > STRONG).count();
    if peaks.len() < 4 {
        return [a_second(peaks.len()), a_second(strong), 1.0, 0.0, 0.0, 0.0, 0.0];
    }
    let gaps: Vec<f32> = peaks.windows(2).map(|pair| ((pair[1] - pair[0]) as f32 / rate).ln()).collect();
    let strengths: Vec<f32> = peaks.iter().map(|peak| above[*peak]).collect();
    let [median] = quantiles(&gaps, [0.5]);
    let decay = mean(&peaks.iter().map(|peak| decay(bands, *peak, rate)).collect::<Vec<_>>());
    [a_second(peaks.len()), a_second(strong), median, deviation(&gaps), mean(&strengths), deviation(&strengths), decay]
}

/// By how many dB the mel bands have faded a little after an onset.
fn decay(bands: &Bands, onset: usize, rate: f32) -> f32 {
    let level = |seconds: f32| {
        let frame = onset + (seconds * rate).round() as usize;
        bands.mels[frame.min(bands.mels.len() - 1)].iter().sum::<f32>() / MELS as f32
    };
    level(DECAY.1) - level(DECAY.0)
}

/// Tempo (octaves above 120 a minute), likeness to itself a beat, two beats and half a beat later, the highest and the deviation.
fn beat(above: &[f32], rate: f32) -> [f32; 6] {
    let lag_at = |tempo: f32| (60.0 * rate / tempo) as usize;
    let (shortest, longest) = (lag_at(BEATS.1).max(2), lag_at(BEATS.0) + 1);
    let likeness = autocorrelation(&smooth(above), 2 * longest);
    let octaves = |lag: usize| (60.0 * rate / lag as f32 / USUAL).log2();
    let weighed =
        |lag: usize| (likeness[lag] + 0.5 * likeness[2 * lag]) * (-0.5 * (octaves(lag) / SPREAD).powi(2)).exp();
    let best = (shortest..longest).max_by(|a, b| weighed(*a).total_cmp(&weighed(*b))).unwrap_or(longest);
    let highest = likeness[shortest..].iter().copied().fold(0.0, f32::max);
    let spread = deviation(&likeness[shortest..]);
    [octaves(best), likeness[best], likeness[2 * best], likeness[best / 2], highest, spread]
}

/// What is above zero, smoothed over five frames, for beats fall between frames.
fn smooth(above: &[f32]) -> Vec<f32> {
    let at = |k: usize| above.get(k).map_or(0.0, |value| value.max(0.0));
    let near = |k: usize| [at(k.wrapping_sub(2)), at(k.wrapping_sub(1)), at(k), at(k + 1), at(k + 2)];
    (0..above.len()).map(near).map(|[a, b, c, d, e]| c / 3.0 + (b + d) * 2.0 / 9.0 + (a + e) / 9.0).collect()
}

/// Likeness to itself 0 to `lags` frames later: 1 for none, 0 by chance and where the sound is too short.
fn autocorrelation(envelope: &[f32], lags: usize) -> Vec<f32> {
    let centre = mean(envelope);
    let centred: Vec<f32> = envelope.iter().map(|value| value - centre).collect();
    let product = |lag: usize| -> f32 {
        centred.iter().zip(centred.get(lag..).unwrap_or_default()).map(|(now, later)| now * later).sum()
    };
    let power = product(0) + 1e-9;
    (0..=lags).map(|lag| product(lag) / power).collect()
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::audio::analysis::hearing::bands::REGIONS;
    use crate::audio::analysis::hearing::modulation::modulation;
    use std::f32::consts::PI;

    pub const RATE: f32 = 43.0;

    /// Bands that all swell so many times a second.
    pub fn pulsing(hertz: f32) -> Bands {
        let wave = |k: usize| (2.0 * PI * hertz * k as f32 / RATE).cos();
        let frames = 0..1290;
        Bands {
            mels: vec![[-30.0; MELS]; 1290],
            regions: frames.clone().map(|k| [10_f32.powf(-3.0 + wave(k)); REGIONS]).collect(),
            powers: vec![0.1; 1290],
            rises: frames.map(|k| wave(k).max(0.0).powi(8)).collect(),
        }
    }

    #[test]
    fn the_beat_and_the_onsets_are_those_of_the_pulse() {
        let figures = rhythm(&pulsing(2.0), RATE);
        assert_eq!(figures.len(), 23);
        assert!((figures[10] - 2.0).abs() < 0.1, "onsets a second: {}", figures[10]);
        assert!(figures[17].abs() < 0.1 && figures[18] > 0.8, "tempo and pulse: {:?}", &figures[17..19]);
    }

    #[test]
    fn short_sounds_give_finite_numbers() {
        for frames in [0, 1, 3, 40] {
            let mut bands = pulsing(2.0);
            [&mut bands.rises, &mut bands.powers].iter_mut().for_each(|list| list.truncate(frames));
            bands.mels.truncate(frames);
            bands.regions.truncate(frames);
            let figures = [rhythm(&bands, RATE), modulation(&bands, RATE)].concat();
            assert!(figures.iter().all(|figure| figure.is_finite()), "{frames}: {figures:?}");
        }
    }
}
