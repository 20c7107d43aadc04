//! The key: which of the 24 major and minor keys the notes speak for.

use moodring_core::domain::musical_key::Key;

use super::spectrum::frames;

/// Samples in a frame: 186 ms at 22 kHz, so that semitones stand apart from 110 Hz upwards.
const FRAME: usize = 4096;
const LOWEST: f32 = 110.0;
const HIGHEST: f32 = 2200.0;

/// How well each step of the scale fits a key, from Krumhansl and Kessler's probe-tone experiments (1982).
const MAJOR: [f32; 12] = [6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88];
const MINOR: [f32; 12] = [6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17];

/// The key of a sound; `None` without any notes in it.
pub fn key(samples: &[f32], rate: f32) -> Option<Key> {
    let chroma = chroma(samples, rate);
    if chroma.iter().sum::<f32>() <= 0.0 {
        return None;
    }
    let (major, major_tonic) = best_fit(&chroma, &MAJOR);
    let (minor, minor_tonic) = best_fit(&chroma, &MINOR);
    let tonic = if major >= minor { major_tonic } else { minor_tonic };
    Some(Key { tonic, majorness: major - minor, clarity: major.max(minor).clamp(0.0, 1.0) })
}

/// How much of each of the twelve notes there is, from a upwards; every frame counts alike.
fn chroma(samples: &[f32], rate: f32) -> [f32; 12] {
    let hertz = rate / FRAME as f32;
    let bins = ((LOWEST / hertz) as usize).max(1)..((HIGHEST / hertz) as usize).min(FRAME / 2);
    let mut total = [0.0; 12];
    frames(samples, FRAME, FRAME / 2, |_, magnitudes| {
        let mut notes = [0.0; 12];
        for k in bins.clone() {
            let (before, at, after) = (magnitudes[k - 1], magnitudes[k], magnitudes[k + 1]);
            // Only peaks are notes; what lies between is noise and the skirts of notes.
            if at > before && at >= after && at > 1e-4 {
                let bend = before - 2.0 * at + after;
                let frequency = (k as f32 + 0.5 * (before - after) / bend) * hertz;
                let semitone = (12.0 * (frequency / 440.0).log2()).round() as i32;
                notes[semitone.rem_euclid(12) as usize] += at.sqrt();
            }
        }
        let sum: f32 = notes.iter().sum();
        if sum > 0.0 {
            total.iter_mut().zip(notes).for_each(|(total, note)| *total += note / sum);
        }
    });
    total
}

/// The best correlation with a profile over its twelve tonics.
fn best_fit(chroma: &[f32; 12], profile: &[f32; 12]) -> (f32, usize) {
    let fit = |tonic: usize| correlation(|k| chroma[(k + tonic) % 12], |k| profile[k]);
    (0..12).map(|tonic| (fit(tonic), tonic)).fold((-1.0, 0), |best, next| if next.0 > best.0 { next } else { best })
}

fn correlation(a: impl Fn(usize) -> f32, b: impl Fn(usize) -> f32) -> f32 {
    let mean = |x: &dyn Fn(usize) -> f32| (0..12).map(x).sum::<f32>() / 12.0;
    let (mean_a, mean_b) = (mean(&a), mean(&b));
    let (mut ab, mut aa, mut bb) = (0.0, 1e-9, 1e-9);
    for k in 0..12 {
        let (x, y) = (a(k) - mean_a, b(k) - mean_b);
        ab += x * y;
        aa += x * x;
        bb += y * y;
    }
    ab / f32::sqrt(aa * bb)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_read_as_programs_write_them() {
        let named = |text| Key::named(text).map(|key| key.name());
        let cases =
            [("Am", "a minor"), ("Bb", "a# major"), ("F# minor", "f# minor"), ("C", "c major"), ("ab", "g# major")];
        for (text, name) in cases {
            assert_eq!(named(text).as_deref(), Some(name), "{text}");
        }
        assert_eq!(named("8A").as_deref(), Some("a minor"), "as DJ programs write keys");
        assert_eq!((named(""), named("off"), named("H")), (None, None, None));
    }
}
