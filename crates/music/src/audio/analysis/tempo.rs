//! How often something starts, and the beat it keeps.

use crate::audio::analysis::spectrum::Onsets;

/// Beats per minute between which a beat is looked for.
const SLOWEST: f32 = 45.0;
const FASTEST: f32 = 210.0;
/// Where listeners tap when a pulse could be counted in halves or doubles, and how far they stray from it (octaves).
const USUAL: f32 = 120.0;
const SPREAD: f32 = 0.9;
/// Seconds around a frame among which an onset must stand out.
const AROUND: f32 = 0.25;
/// How far it must stand out of the mean rise there.
const CLEAR: f32 = 0.06;
/// An autocorrelation below this is no beat; nor is what chance gives a short envelope, about six parts of the root of its length.
const FAINTEST: f32 = 0.1;
const CHANCE: f32 = 6.0;
/// Nor is anything in an envelope that never rises by this much, as the noise of a silent recording does not.
const SOFTEST: f32 = 0.02;

/// Onsets a second: peaks of the envelope that stand out of their surroundings.
pub fn onset_rate(onsets: &Onsets) -> f32 {
    let strength = &onsets.strength;
    let near = ((AROUND * onsets.rate) as usize).max(1);
    let is_onset = |&k: &usize| {
        let around = &strength[k.saturating_sub(near)..(k + near + 1).min(strength.len())];
        let mean = around.iter().sum::<f32>() / around.len() as f32;
        let peak = strength[k.saturating_sub(2)..(k + 3).min(strength.len())].iter().all(|other| *other <= strength[k]);
        peak && strength[k] > mean + CLEAR
    };
    (0..strength.len()).filter(is_onset).count() as f32 * onsets.rate / strength.len().max(1) as f32
}

/// Beats per minute, by autocorrelation of the onset envelope, and the height of its peak, 0..1; both 0 when nothing keeps a beat.
pub fn beat(onsets: &Onsets) -> (f32, f32) {
    let envelope = above_surroundings(onsets);
    let lag_of = |bpm: f32| 60.0 * onsets.rate / bpm;
    let longest = lag_of(SLOWEST) as usize + 1;
    // Four beats are looked at below.
    let likeness = autocorrelation(&envelope, 4 * longest + 4);
    let shortest = lag_of(FASTEST) as usize;
    let weighed = |lag: usize| {
        let octaves = (60.0 * onsets.rate / lag as f32 / USUAL).log2() / SPREAD;
        (likeness[lag] + 0.5 * likeness[2 * lag]) * (-0.5 * octaves * octaves).exp()
    };
    let best = (shortest..=longest).max_by(|a, b| weighed(*a).total_cmp(&weighed(*b))).unwrap_or(longest);
    let loudest = onsets.strength.iter().copied().fold(0.0, f32::max);
    let faintest = FAINTEST.max(CHANCE / (envelope.len() as f32).sqrt());
    if loudest < SOFTEST || likeness[best].max(likeness[2 * best]) < faintest {
        return (0.0, 0.0);
    }
    (60.0 * onsets.rate / refine(&likeness, best), likeness[best].clamp(0.0, 1.0))
}

/// The envelope less its local mean, nothing below it, and smoothed, for beats fall between frames.
fn above_surroundings(onsets: &Onsets) -> Vec<f32> {
    let strength = &onsets.strength;
    let near = (onsets.rate as usize / 2).max(1);
    let mut running = vec![0.0; strength.len() + 1];
    strength.iter().enumerate().for_each(|(k, value)| running[k + 1] = running[k] + value);
    let above = |k: usize| {
        let (from, to) = (k.saturating_sub(near), (k + near + 1).min(strength.len()));
        (strength[k] - (running[to] - running[from]) / (to - from) as f32).max(0.0)
    };
    let sharp: Vec<f32> = (0..strength.len()).map(above).collect();
    sharp.windows(5).map(|near| near[2] / 3.0 + (near[1] + near[3]) * 2.0 / 9.0 + (near[0] + near[4]) / 9.0).collect()
}

/// Likeness to itself `lag` frames later, 1 at lag 0, 0 by chance; zeros where the envelope is too short.
fn autocorrelation(envelope: &[f32], lags: usize) -> Vec<f32> {
    let mean = envelope.iter().sum::<f32>() / envelope.len().max(1) as f32;
    let centred: Vec<f32> = envelope.iter().map(|value| value - mean).collect();
    let power = centred.iter().map(|value| value * value).sum::<f32>().max(1e-9);
    let product = |lag: usize| {
        let later = centred.get(lag..).unwrap_or_default();
        centred.iter().zip(later).map(|(a, b)| a * b).sum::<f32>() / power
    };
    (0..=lags).map(product).collect()
}

/// A lag to a part of a frame: by the peak four beats on, where an error counts a quarter, when there is one.
fn refine(likeness: &[f32], lag: usize) -> f32 {
    let once = peak(likeness, lag, 1);
    let far = peak(likeness, (4.0 * once).round() as usize, 2) / 4.0;
    if (far - once).abs() < 0.6 { far } else { once }
}

/// The highest lag within `reach`, with a parabola through it and its neighbours.
fn peak(likeness: &[f32], near: usize, reach: usize) -> f32 {
    let range = near.saturating_sub(reach).max(1)..=(near + reach).min(likeness.len() - 2);
    let Some(top) = range.max_by(|a, b| likeness[*a].total_cmp(&likeness[*b])) else { return near as f32 };
    let (before, at, after) = (likeness[top - 1], likeness[top], likeness[top + 1]);
    let bend = before - 2.0 * at + after;
    let shift = if bend < 0.0 { 0.5 * (before - after) / bend } else { 0.0 };
    top as f32 + shift.clamp(-0.5, 0.5)
}
