//! Short-time spectra, and the texture of sound: loud or soft, bright or dark, smooth or struck.

use std::f32::consts::PI;

use realfft::RealFftPlanner;

/// Samples in a frame for texture and rhythm: 46 ms at 22 kHz.
const FRAME: usize = 1024;
const HOP: usize = FRAME / 2;
/// Frames softer than this (dB below full scale) are silence.
const SILENCE: f32 = -60.0;
/// Bands for the onset envelope, evenly spaced in pitch from 60 Hz to the top.
const BANDS: usize = 32;
const LOWEST: f32 = 60.0;

/// The texture of a stretch of sound, frame by frame summed up.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Texture {
    /// Root mean square of the whole, dB below full scale (0 loudest); -90 for silence.
    pub level: f32,
    /// Distance between loud (90 %) and soft (10 %) frames, dB.
    pub dynamics: f32,
    /// Mean spectral centroid, octaves above 1 kHz.
    pub brightness: f32,
    /// Mean rise of the log spectrum from frame to frame.
    pub flux: f32,
    /// Zero crossings a second, octaves above 1 kHz.
    pub crossings: f32,
    /// Power above 3 kHz over power below 250 Hz, dB.
    pub tilt: f32,
    /// Power below 250 Hz over the whole, dB: 0 is all bass.
    pub depth: f32,
    /// Share of frames that are not silence.
    pub sounding: f32,
}

/// The onset envelope: how much starts at each frame.
#[derive(Clone, Debug, Default)]
pub struct Onsets {
    pub strength: Vec<f32>,
    /// Frames a second.
    pub rate: f32,
}

/// Calls with the magnitudes of each frame (bins 0 to size / 2) under a Hann window.
pub fn frames(samples: &[f32], size: usize, hop: usize, mut each: impl FnMut(&[f32], &[f32])) {
    let transform = RealFftPlanner::<f32>::new().plan_fft_forward(size);
    let window: Vec<f32> = (0..size).map(|k| 0.5 - 0.5 * (2.0 * PI * k as f32 / size as f32).cos()).collect();
    let (mut input, mut output) = (transform.make_input_vec(), transform.make_output_vec());
    let mut scratch = transform.make_scratch_vec();
    let mut magnitudes = vec![0.0; size / 2 + 1];
    // A full-scale sine has magnitude 1 in its bin.
    let scale = 4.0 / size as f32;
    for frame in samples.windows(size).step_by(hop) {
        input.iter_mut().zip(frame.iter().zip(&window)).for_each(|(input, (sample, weight))| *input = sample * weight);
        transform
            .process_with_scratch(&mut input, &mut output, &mut scratch)
            .expect("the buffers were made by this very transform");
        magnitudes.iter_mut().zip(&output).for_each(|(magnitude, bin)| *magnitude = bin.norm() * scale);
        each(frame, &magnitudes);
    }
}

/// Texture and onsets of a sound, in one pass.
pub fn texture(samples: &[f32], rate: f32) -> (Texture, Onsets) {
    let mut sums = Sums::new(rate);
    frames(samples, FRAME, HOP, |frame, magnitudes| sums.add(frame, magnitudes));
    let onsets = Onsets { strength: std::mem::take(&mut sums.onsets), rate: rate / HOP as f32 };
    (sums.texture(&onsets), onsets)
}

/// What is summed over the frames.
struct Sums {
    rate: f32,
    /// Index of the first bin of each band, and the end of the last.
    edges: Vec<usize>,
    bands: Vec<f32>,
    levels: Vec<f32>,
    onsets: Vec<f32>,
    power: f64,
    centroid: f64,
    crossings: f64,
    low: f64,
    high: f64,
    all: f64,
}

impl Sums {
    fn new(rate: f32) -> Self {
        let octaves = (rate / 2.0 / LOWEST).log2() / BANDS as f32;
        let edge = |k: usize| (LOWEST * (octaves * k as f32).exp2() * FRAME as f32 / rate) as usize;
        Self {
            rate,
            edges: (0..=BANDS).map(|k| edge(k).min(FRAME / 2 + 1)).collect(),
            bands: vec![0.0; BANDS],
            levels: Vec::new(),
            onsets: Vec::new(),
            power: 0.0,
            centroid: 0.0,
            crossings: 0.0,
            low: 0.0,
            high: 0.0,
            all: 0.0,
        }
    }

    fn add(&mut self, frame: &[f32], magnitudes: &[f32]) {
        let power = frame.iter().map(|sample| sample * sample).sum::<f32>() / frame.len() as f32;
        self.power += f64::from(power);
        self.levels.push(decibel(power));
        self.add_onset(magnitudes);
        if decibel(power) < SILENCE {
            return;
        }
        let hertz = self.rate / FRAME as f32;
        let (mut sum, mut moment) = (1e-9, 0.0);
        for (k, magnitude) in magnitudes.iter().enumerate() {
            let frequency = k as f32 * hertz;
            sum += magnitude;
            moment += magnitude * frequency;
            self.all += f64::from(magnitude * magnitude);
            match frequency {
                f if f < 250.0 => self.low += f64::from(magnitude * magnitude),
                f if f > 3000.0 => self.high += f64::from(magnitude * magnitude),
                _ => {}
            }
        }
        self.centroid += f64::from(octaves_above_1k(moment / sum));
        let crossed = frame.windows(2).filter(|pair| (pair[0] < 0.0) != (pair[1] < 0.0)).count();
        self.crossings += f64::from(octaves_above_1k(crossed as f32 * self.rate / FRAME as f32));
    }

    /// Compares the loudness of each band with the frame before, as ears do: in steps, not in watts.
    fn add_onset(&mut self, magnitudes: &[f32]) {
        let mut rise = 0.0;
        for (band, edges) in self.bands.iter_mut().zip(self.edges.windows(2)) {
            let bins = magnitudes.get(edges[0]..edges[1]).unwrap_or_default();
            let amplitude = bins.iter().map(|magnitude| magnitude * magnitude).sum::<f32>().sqrt();
            let loudness = (1.0 + 1000.0 * amplitude).ln();
            rise += (loudness - *band).max(0.0);
            *band = loudness;
        }
        // The first frame has nothing before it.
        self.onsets.push(if self.onsets.is_empty() { 0.0 } else { rise / BANDS as f32 });
    }

    fn texture(mut self, onsets: &Onsets) -> Texture {
        let count = self.levels.len().max(1);
        let sounding = self.levels.iter().filter(|level| **level >= SILENCE).count();
        let mean = |sum: f64| (sum / sounding.max(1) as f64) as f32;
        self.levels.sort_by(f32::total_cmp);
        let share = |part: f32| self.levels.get((part * count as f32) as usize).copied().unwrap_or(-90.0);
        Texture {
            level: decibel((self.power / count as f64) as f32),
            dynamics: share(0.9) - share(0.1).max(SILENCE).min(share(0.9)),
            brightness: mean(self.centroid),
            flux: onsets.strength.iter().sum::<f32>() / count as f32,
            crossings: mean(self.crossings),
            tilt: decibel(((self.high + 1e-9) / (self.low + 1e-9)) as f32),
            depth: decibel(((self.low + 1e-9) / (self.all + 1e-9)) as f32),
            sounding: sounding as f32 / count as f32,
        }
    }
}

/// Of a power; silence is -90.
fn decibel(power: f32) -> f32 {
    (10.0 * power.max(1e-9).log10()).max(-90.0)
}

fn octaves_above_1k(hertz: f32) -> f32 {
    (hertz.max(20.0) / 1000.0).log2()
}
