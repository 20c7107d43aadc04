//! From expressions to a target for the music: baseline, aggregate of a look, smoothing, emotion table, target.

pub mod aggregate;
pub mod baseline;
pub mod smoothing;
pub mod table;
pub mod target;

pub use crate::domain::emotion::{Expression, Intent, Mood, MoodName, Scores};
