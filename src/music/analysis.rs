//! What can be heard in a song: texture, rhythm and key, and from them valence and energy.
//!
//! Two minutes from the middle of the song are decoded to one channel of about 22 kHz ([`decode`]), cut into overlapping
//! frames ([`spectrum`], [`tempo`], [`key`]), and summed up in [`Features`]; [`estimate`] places them in the plane.

pub mod decimate;
pub mod decode;
pub mod estimate;
pub mod genre;
pub mod key;
pub mod spectrum;
pub mod tempo;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use decode::Deaf;
use key::Key;
use spectrum::Texture;

/// Goes up when the same file would give other figures; then the scan reads all songs again.
pub const VERSION: i64 = 1;

/// What was heard in a song.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Features {
    pub texture: Texture,
    /// Onsets a second.
    pub onset_rate: f32,
    /// Beats per minute; 0: no beat.
    pub tempo: f32,
    pub key: Option<Key>,
    /// Length of the whole song; of what was heard, when the file does not say.
    pub seconds: Option<f32>,
}

/// Listens to a file. A decoder that panics on damaged input is a damaged file, not the end of a scan.
pub fn listen(path: &Path) -> Result<Features, Deaf> {
    let heard = catch_unwind(AssertUnwindSafe(|| {
        let sound = decode::decode(path)?;
        let seconds = sound.seconds.or(Some(sound.samples.len() as f32 / sound.rate));
        Ok(Features { seconds, ..features(&sound.samples, sound.rate) })
    }));
    heard.unwrap_or_else(|_| Err(Deaf::Broken("its decoder gave up".into())))
}

/// The features of mono samples.
pub fn features(samples: &[f32], rate: f32) -> Features {
    let (texture, onsets) = spectrum::texture(samples, rate);
    Features {
        texture,
        onset_rate: tempo::onset_rate(&onsets),
        tempo: tempo::tempo(&onsets),
        key: key::key(samples, rate),
        seconds: None,
    }
}
