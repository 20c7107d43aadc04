//! Harmony and melody: the key and its mode, chords and how often they change, intervals, and where the tune lies.

use super::notes::Notes;
use super::statistics::{deviation, mean};

/// How well each step of the scale fits a key: probe-tone experiments of Krumhansl and Kessler (1982).
const MAJOR: [f32; 12] = [6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88];
const MINOR: [f32; 12] = [6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17];
/// Seconds in which one chord is looked for.
const CHORD: f32 = 1.5;

type Chroma = [f32; 12];

/// Everything about pitch: 48 numbers. `rate`: frames of notes a second.
pub fn harmony(notes: &[Notes], rate: f32) -> Vec<f32> {
    let frames: Vec<Chroma> = notes.iter().map(|frame| frame.chroma).collect();
    let chords: Vec<Chroma> =
        frames.chunks_exact(((CHORD * rate) as usize).max(1)).map(|chord| unit(average(chord))).collect();
    [
        sound(notes).to_vec(),
        key(&average(&frames)),
        chord_figures(&chords).to_vec(),
        mode_over_time(&chords).to_vec(),
        vec![mean_step(&frames)],
        intervals(&frames).to_vec(),
        intervals(&chords).to_vec(),
        melody(notes).to_vec(),
    ]
    .concat()
}

/// Tonality, how many pitch classes sound at once (mean and deviation each), and tuning: 5 numbers.
fn sound(notes: &[Notes]) -> [f32; 5] {
    let of = |value: fn(&Notes) -> f32| {
        let values: Vec<f32> = notes.iter().map(value).collect();
        (mean(&values), deviation(&values))
    };
    let (tonality, entropy) = (of(|frame| frame.tonality), of(|frame| entropy(&frame.chroma)));
    let sum = |of: fn(&Notes) -> f32| notes.iter().map(of).sum::<f32>();
    let detuning = sum(|frame| frame.detuning.0) / (sum(|frame| frame.detuning.1) + 1e-9);
    [tonality.0, tonality.1, entropy.0, entropy.1, detuning]
}

/// Majorness, clarity, likeness to the best major and minor key, entropy, and the chroma from its strongest note upwards: 17 numbers.
fn key(chroma: &Chroma) -> Vec<f32> {
    let (major, minor) = (best_fit(chroma, &MAJOR), best_fit(chroma, &MINOR));
    let (_, strongest) = best(|k| chroma[k]);
    let figures = [major.0 - minor.0, major.0.max(minor.0), major.0, minor.0, entropy(chroma)];
    figures.into_iter().chain((0..12).map(|step| chroma[(step + strongest) % 12])).collect()
}

/// Share of major chords, by how much more major than minor they are, clarity, share of changes, mean change: 5 numbers.
fn chord_figures(chords: &[Chroma]) -> [f32; 5] {
    let triads: Vec<[(f32, usize); 2]> = chords.iter().map(|chord| [triad(chord, 4), triad(chord, 3)]).collect();
    let count = triads.len().max(1) as f32;
    let is_major = |[major, minor]: &[(f32, usize); 2]| major.0 >= minor.0;
    let name = |pair: &[(f32, usize); 2]| (is_major(pair), if is_major(pair) { pair[0].1 } else { pair[1].1 });
    let changes = triads.windows(2).filter(|pair| name(&pair[0]) != name(&pair[1])).count();
    let sum = |of: fn(&[(f32, usize); 2]) -> f32| triads.iter().map(of).sum::<f32>() / count;
    [
        triads.iter().filter(|pair| is_major(pair)).count() as f32 / count,
        sum(|[major, minor]| major.0 - minor.0),
        sum(|[major, minor]| major.0.max(minor.0)),
        changes as f32 / (count - 1.0).max(1.0),
        mean_step(chords),
    ]
}

/// The best triad whose third has this many semitones: its cosine with the chord, and its root.
fn triad(chord: &Chroma, third: usize) -> (f32, usize) {
    let fit = |root: usize| (chord[root] + chord[(root + third) % 12] + chord[(root + 7) % 12]) / 3f32.sqrt();
    best(fit)
}

/// Mean and deviation of the majorness of each chord, and the share of those above 0.
fn mode_over_time(chords: &[Chroma]) -> [f32; 3] {
    let majorness = |chord: &Chroma| best_fit(chord, &MAJOR).0 - best_fit(chord, &MINOR).0;
    let values: Vec<f32> = chords.iter().map(majorness).collect();
    let above = values.iter().filter(|value| **value > 0.0).count() as f32;
    [mean(&values), deviation(&values), above / values.len().max(1) as f32]
}

/// How much of each interval of one to six semitones sounds at once, whatever the key.
fn intervals(chromas: &[Chroma]) -> [f32; 6] {
    let of = |chroma: &Chroma, step: usize| (0..12).map(|k| chroma[k] * chroma[(k + step) % 12]).sum::<f32>();
    let count = chromas.len().max(1) as f32;
    std::array::from_fn(|k| chromas.iter().map(|chroma| of(chroma, k + 1)).sum::<f32>() / count)
}

/// Mean pitch of the strongest peaks and its deviation, and the share that stays, steps (up to two semitones) and leaps (more than seven).
fn melody(notes: &[Notes]) -> [f32; 5] {
    let pitches: Vec<f32> = notes.iter().filter_map(|frame| frame.melody).collect();
    let steps: Vec<f32> = pitches.windows(2).map(|pair| (pair[1] - pair[0]).abs()).collect();
    let share = |is: fn(f32) -> bool| steps.iter().filter(|step| is(**step)).count() as f32 / steps.len().max(1) as f32;
    [
        mean(&pitches),
        deviation(&pitches),
        share(|step| step < 0.5),
        share(|step| (0.5..2.5).contains(&step)),
        share(|step| step > 7.0),
    ]
}

/// Mean distance from each chroma to the next.
fn mean_step(chromas: &[Chroma]) -> f32 {
    let distance = |pair: &[Chroma]| pair[0].iter().zip(&pair[1]).map(|(a, b)| (a - b).powi(2)).sum::<f32>().sqrt();
    mean(&chromas.windows(2).map(distance).collect::<Vec<_>>())
}

fn average(chromas: &[Chroma]) -> Chroma {
    std::array::from_fn(|k| chromas.iter().map(|chroma| chroma[k]).sum::<f32>() / chromas.len().max(1) as f32)
}

/// Of length 1.
fn unit(chroma: Chroma) -> Chroma {
    let length = chroma.iter().map(|share| share * share).sum::<f32>().sqrt() + 1e-9;
    chroma.map(|share| share / length)
}

/// In nats: 0 for a single pitch class, 2.5 for all twelve alike.
fn entropy(chroma: &Chroma) -> f32 {
    -chroma.iter().map(|share| share * (share + 1e-9).ln()).sum::<f32>()
}

/// The best correlation with a profile over its twelve tonics, and that tonic.
fn best_fit(chroma: &Chroma, profile: &Chroma) -> (f32, usize) {
    let (chroma, profile) = (standard(chroma), standard(profile));
    best(|tonic| (0..12).map(|step| chroma[(step + tonic) % 12] * profile[step]).sum::<f32>() / 12.0)
}

/// The best of twelve, and which it is.
fn best(fit: impl Fn(usize) -> f32) -> (f32, usize) {
    (0..12).map(|k| (fit(k), k)).fold((f32::NEG_INFINITY, 0), |best, next| if next.0 > best.0 { next } else { best })
}

/// Of mean 0 and deviation 1.
fn standard(values: &Chroma) -> Chroma {
    let (centre, spread) = (mean(values), deviation(values) + 1e-9);
    values.map(|value| (value - centre) / spread)
}

#[cfg(test)]
mod tests;
