//! The look: what the short-lived process that opens the camera says on its standard output, a JSON line a frame.

pub mod command;
pub mod crop;
pub mod engine;
pub mod expression;
pub mod eye;
pub mod face;
pub mod frame;
pub mod letterbox;
pub mod models;

use serde::{Deserialize, Serialize};

use crate::mood::Scores;

/// One frame, without its pixels.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Sighting {
    /// Counts from 0 within a look.
    pub frame: u32,
    /// Width and height of the frame in pixels.
    pub size: [u32; 2],
    /// Mean brightness of the frame, 0..1.
    pub brightness: f32,
    /// Largest first.
    pub faces: Vec<Face>,
    pub ms: Timing,
}

/// A face found in a frame.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Face {
    /// Left, top, width and height in pixels of the frame; may reach over its edge.
    pub bounds: [f32; 4],
    /// The detector's, 0..1.
    pub confidence: f32,
    /// Variance of the Laplacian over the face at 64x64 (Pech-Pacheco et al. 2000); under 20 is blurred.
    pub sharpness: f32,
    /// Mean brightness of the face, 0..1.
    pub brightness: f32,
    pub scores: Scores,
}

/// Milliseconds spent in each stage of a frame.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Timing {
    pub capture: f32,
    pub detection: f32,
    pub classification: f32,
}

/// Why a look saw nothing. The look process names it in its last JSON line and exits with 1.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "trouble", content = "detail", rename_all = "kebab-case")]
pub enum Trouble {
    NoCamera(String),
    Busy(String),
    Forbidden(String),
    Unplugged(String),
    /// It did not end within its limit and was killed.
    TimedOut(String),
    Failed(String),
}
