//! Down to about 22 kHz and one channel, as the packets come.

use std::f32::consts::PI;

/// What the rate is brought near to: sound up to 11 kHz tells moods apart as well as all of it.
const RATE: f32 = 22_050.0;
/// Taps of the low-pass filter for each sample that is left out.
const TAPS: usize = 16;
/// Louder than this is an error of the decoder or of the file.
const LOUDEST: f32 = 4.0;

/// Mixes channels down and keeps one sample of `factor`, behind a low-pass filter (a sinc under a Hann window).
pub struct Decimator {
    rate: f32,
    factor: usize,
    taps: Vec<f32>,
    /// Which channels have held anything but silence so far.
    sounding: Vec<bool>,
    /// Mono samples that the filter still needs.
    pending: Vec<f32>,
    samples: Vec<f32>,
}

impl Decimator {
    /// For sound of so many samples a second.
    pub fn new(rate: u32) -> Self {
        let factor = ((rate as f32 / RATE).round() as usize).max(1);
        let taps = if factor == 1 { vec![1.0] } else { low_pass(factor) };
        Self {
            rate: rate as f32 / factor as f32,
            factor,
            taps,
            sounding: Vec::new(),
            pending: Vec::new(),
            samples: Vec::new(),
        }
    }

    /// Adds interleaved sound with the given number of channels. Channels that are empty do not count.
    pub fn push(&mut self, interleaved: &[f32], channels: usize) {
        self.note_sounding(interleaved, channels);
        let sounding = self.sounding.iter().filter(|sounds| **sounds).count().max(1);
        self.pending.extend(interleaved.chunks_exact(channels).map(|frame| {
            let mean = frame.iter().sum::<f32>() / sounding as f32;
            if mean.is_finite() { mean.clamp(-LOUDEST, LOUDEST) } else { 0.0 }
        }));
        let mut start = 0;
        while let Some(window) = self.pending.get(start..start + self.taps.len()) {
            self.samples.push(window.iter().zip(&self.taps).map(|(sample, tap)| sample * tap).sum());
            start += self.factor;
        }
        self.pending.drain(..start.min(self.pending.len()));
    }

    fn note_sounding(&mut self, interleaved: &[f32], channels: usize) {
        self.sounding.resize(channels, false);
        if self.sounding.iter().all(|sounds| *sounds) {
            return;
        }
        for frame in interleaved.chunks_exact(channels) {
            self.sounding.iter_mut().zip(frame).for_each(|(sounds, sample)| *sounds |= *sample != 0.0);
        }
    }

    /// Samples a second that come out.
    pub fn rate(&self) -> f32 {
        self.rate
    }

    /// How much has come out.
    pub fn seconds(&self) -> f32 {
        self.samples.len() as f32 / self.rate
    }

    pub fn into_samples(self) -> Vec<f32> {
        self.samples
    }
}

fn low_pass(factor: usize) -> Vec<f32> {
    let length = TAPS * factor + 1;
    let cutoff = 0.45 / factor as f32;
    let middle = (length - 1) as f32 / 2.0;
    let taps: Vec<f32> = (0..length)
        .map(|k| {
            let x = k as f32 - middle;
            let sinc = if x == 0.0 { 2.0 * cutoff } else { (2.0 * PI * cutoff * x).sin() / (PI * x) };
            sinc * (0.5 - 0.5 * (2.0 * PI * k as f32 / (length - 1) as f32).cos())
        })
        .collect();
    let sum: f32 = taps.iter().sum();
    taps.iter().map(|tap| tap / sum).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How loud a pure tone is after decimation from 44.1 kHz, 1.0 being as before.
    fn gain_at(hertz: f32) -> f32 {
        let tone: Vec<f32> = (0..44_100).map(|k| (2.0 * PI * hertz * k as f32 / 44_100.0).sin()).collect();
        let mut decimator = Decimator::new(44_100);
        tone.chunks(1000).for_each(|chunk| decimator.push(chunk, 1));
        let out = decimator.into_samples();
        (2.0 * out.iter().map(|sample| sample * sample).sum::<f32>() / out.len() as f32).sqrt()
    }

    #[test]
    fn what_can_be_heard_at_the_lower_rate_passes_and_the_rest_does_not() {
        assert!((gain_at(440.0) - 1.0).abs() < 0.01 && (gain_at(8000.0) - 1.0).abs() < 0.05);
        assert!(gain_at(14_000.0) < 0.01 && gain_at(20_000.0) < 0.01);
    }

    #[test]
    fn channels_are_mixed_and_nonsense_is_silence() {
        let mut decimator = Decimator::new(22_050);
        decimator.push(&[1.0, 0.0, f32::NAN, 1.0, 1e30, 0.0], 2);
        assert_eq!(decimator.into_samples(), [0.5, 0.0, LOUDEST]);
    }

    #[test]
    fn every_second_of_sound_stays_a_second() {
        for rate in [8_000, 22_050, 32_000, 44_100, 48_000, 96_000, 192_000] {
            let mut decimator = Decimator::new(rate);
            vec![0.0; rate as usize].chunks(777).for_each(|chunk| decimator.push(chunk, 1));
            assert!((decimator.seconds() - 1.0).abs() < 0.01, "{rate}: {}", decimator.seconds());
        }
    }
}
