//! The notes of each frame: peaks of a long spectrum, and the twelve pitch classes that they make.

/// Where notes are looked for: below, bins are wider than semitones; above, there are mostly overtones.
const LOWEST: f32 = 110.0;
const HIGHEST: f32 = 2200.0;
/// Softer peaks (80 dB below full scale) are noise.
const FAINTEST: f32 = 1e-4;

/// The notes of one frame.
#[derive(Clone, Debug, Default)]
pub struct Notes {
    /// Share of each pitch class from a upwards; all zero where there is no note.
    pub chroma: [f32; 12],
    /// Distance of the peaks from the tempered scale, semitones, and the weight of them all.
    pub detuning: (f32, f32),
    /// Share of the power that lies in the peaks themselves.
    pub tonality: f32,
    /// Pitch of the strongest peak, semitones above a' (440 Hz); `None` where there is no note.
    pub melody: Option<f32>,
}

/// Frequency, hertz, and magnitude.
type Peak = (f32, f32);

/// The notes in the magnitudes of a frame, whose bins lie so many hertz apart.
pub fn read_notes(magnitudes: &[f32], hertz: f32) -> Notes {
    let bins = ((LOWEST / hertz) as usize).max(1)..((HIGHEST / hertz) as usize).min(magnitudes.len() - 1);
    let peaks: Vec<Peak> = bins.clone().filter_map(|bin| peak(magnitudes, bin, hertz)).collect();
    let power = |values: &mut dyn Iterator<Item = f32>| values.map(|magnitude| magnitude * magnitude).sum::<f32>();
    let whole = power(&mut magnitudes[bins].iter().copied());
    let mut found = Notes {
        tonality: power(&mut peaks.iter().map(|peak| peak.1)) / (whole + 1e-12),
        melody: peaks.iter().max_by(|a, b| a.1.total_cmp(&b.1)).map(|peak| semitones(peak.0)),
        ..Notes::default()
    };
    for (frequency, magnitude) in &peaks {
        let (pitch, weight) = (semitones(*frequency), magnitude.sqrt());
        found.chroma[(pitch.round() as i32).rem_euclid(12) as usize] += weight;
        found.detuning.0 += weight * (pitch - pitch.round()).abs();
        found.detuning.1 += weight;
    }
    let sum = found.detuning.1.max(1e-9);
    found.chroma.iter_mut().for_each(|share| *share /= sum);
    found
}

/// A bin that is louder than its neighbours, with a parabola through the three.
fn peak(magnitudes: &[f32], bin: usize, hertz: f32) -> Option<Peak> {
    let (before, at, after) = (magnitudes[bin - 1], magnitudes[bin], magnitudes[bin + 1]);
    let bend = before - 2.0 * at + after;
    let is_peak = at > before && at >= after && at > FAINTEST;
    is_peak.then(|| ((bin as f32 + 0.5 * (before - after) / bend) * hertz, at))
}

/// Above a' (440 Hz).
fn semitones(hertz: f32) -> f32 {
    12.0 * (hertz / 440.0).log2()
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERTZ: f32 = 22_050.0 / 4096.0;

    /// Magnitudes of tones, each three bins wide.
    fn tones(frequencies: &[f32]) -> Vec<f32> {
        let mut magnitudes = vec![0.0; 2049];
        for frequency in frequencies {
            let bin = (frequency / HERTZ).round() as usize;
            [(bin - 1, 0.5), (bin, 1.0), (bin + 1, 0.5)].iter().for_each(|(bin, height)| magnitudes[*bin] += height);
        }
        magnitudes
    }

    #[test]
    fn a_triad_has_its_three_pitch_classes() {
        let found = read_notes(&tones(&[440.0, 554.37, 659.26]), HERTZ);
        let heard: Vec<usize> = (0..12).filter(|k| found.chroma[*k] > 0.3).collect();
        assert_eq!(heard, [0, 4, 7]);
    }

    #[test]
    fn silence_has_no_notes() {
        let found = read_notes(&tones(&[]), HERTZ);
        assert!(found.melody.is_none() && found.chroma == [0.0; 12] && found.tonality == 0.0);
    }
}
