//! The weights of the model, as `models/train/hearing/train.py` writes them.
//!
//! Little-endian: the number of clips and of features (u32 each), 14 numbers ([`Weights::read`] names them in their order), means,
//! spreads and linear weights (f32, one a feature), then of each clip two weights (f32) and its place (i8, one a feature).

use std::sync::LazyLock;

use super::features::FEATURES;

static FILE: &[u8] = include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../models/hearing.bin"));
/// Spreads in a step of a clip's place.
const STEP: f32 = 3.0 / 127.0;

/// Calibration of odds, with an offset that fades with familiarity.
#[derive(Clone, Copy, Debug)]
pub struct Scale {
    slope: f32,
    offset: f32,
}

impl Scale {
    pub fn apply(self, odds: f32, known: f32) -> f32 {
        self.slope * odds + self.offset * known
    }
}

/// A share that falls with the distance.
#[derive(Clone, Copy, Debug)]
pub struct Ramp {
    /// Distance up to which it is `highest`, and from which on it is 0.
    near: f32,
    far: f32,
    highest: f32,
}

impl Ramp {
    pub fn weight_at(self, distance: f32) -> f32 {
        self.highest * ((self.far - distance) / (self.far - self.near)).clamp(0.0, 1.0)
    }
}

/// A clip that the model learned from: its features, standardised and rounded, and what likeness to it adds to the odds.
#[derive(Clone, Debug)]
pub struct Clip {
    pub place: Vec<f32>,
    pub valence: f32,
    pub energy: f32,
}

#[derive(Clone, Debug)]
pub struct Weights {
    /// How fast likeness falls with the mean square distance.
    pub sharpness: f32,
    pub valence_bias: f32,
    pub energy_bias: f32,
    pub linear_bias: f32,
    /// How far the linear model counts beside the rule.
    pub linear_share: f32,
    pub valence_ramp: Ramp,
    pub energy_ramp: Ramp,
    /// From mixed odds to calibrated ones.
    pub valence_scale: Scale,
    pub energy_scale: Scale,
    /// One a feature.
    pub means: Vec<f32>,
    pub spreads: Vec<f32>,
    pub linear: Vec<f32>,
    pub clips: Vec<Clip>,
}

impl Weights {
    /// Those that are part of the program.
    pub fn shipped() -> &'static Self {
        static SHIPPED: LazyLock<Weights> =
            LazyLock::new(|| Weights::read(FILE).expect("the weights in the program are those that training wrote"));
        &SHIPPED
    }

    /// `None` when the bytes are not of this form.
    pub fn read(bytes: &[u8]) -> Option<Self> {
        let mut reader = Reader(bytes);
        let (clips, features) = (reader.count()?, reader.count()?);
        (features == FEATURES).then_some(())?;
        let weights = Self {
            sharpness: reader.number()?,
            valence_bias: reader.number()?,
            energy_bias: reader.number()?,
            linear_bias: reader.number()?,
            linear_share: reader.number()?,
            valence_ramp: Ramp { near: reader.number()?, far: reader.number()?, highest: 1.0 },
            energy_ramp: Ramp { near: reader.number()?, far: reader.number()?, highest: reader.number()? },
            valence_scale: Scale { slope: reader.number()?, offset: reader.number()? },
            energy_scale: Scale { slope: reader.number()?, offset: reader.number()? },
            means: reader.numbers(features)?,
            spreads: reader.numbers(features)?,
            linear: reader.numbers(features)?,
            clips: (0..clips).map(|_| reader.clip(features)).collect::<Option<_>>()?,
        };
        reader.0.is_empty().then_some(weights)
    }
}

/// Takes values from the front of bytes; `None` when they end too early.
struct Reader<'a>(&'a [u8]);

impl Reader<'_> {
    fn count(&mut self) -> Option<usize> {
        let (first, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(u32::from_le_bytes(*first) as usize)
    }

    fn number(&mut self) -> Option<f32> {
        let (first, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(f32::from_le_bytes(*first))
    }

    fn numbers(&mut self, count: usize) -> Option<Vec<f32>> {
        (0..count).map(|_| self.number()).collect()
    }

    fn clip(&mut self, features: usize) -> Option<Clip> {
        let (valence, energy) = (self.number()?, self.number()?);
        let (first, rest) = self.0.split_at_checked(features)?;
        self.0 = rest;
        let place = first.iter().map(|byte| f32::from(byte.cast_signed()) * STEP).collect();
        Some(Clip { place, valence, energy })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_cut_off_or_too_long_is_refused() {
        assert!(Weights::read(FILE).is_some());
        assert!(Weights::read(&FILE[..FILE.len() - 1]).is_none() && Weights::read(&[]).is_none());
        assert!(Weights::read(&[FILE, &[0]].concat()).is_none());
    }
}
