//! What a look saw: its frames without their pixels, or why there are none.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::domain::emotion::Scores;

/// One frame, without its pixels.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FrameResult {
    /// Counts from 0 within a look.
    pub frame: u32,
    /// Width and height of the frame in pixels.
    pub size: [u32; 2],
    /// Mean brightness of the frame, 0..1.
    pub brightness: f32,
    /// Largest first.
    pub faces: Vec<DetectedFace>,
    pub ms: Timing,
}

impl FrameResult {
    /// Whether all its numbers can be what they say; another process's word is not trusted.
    pub fn is_sound(&self) -> bool {
        let share = |value: &f32| (0.0..=1.001).contains(value);
        let size = |value: &f32| value.abs() < 1e6;
        let sound = |face: &DetectedFace| {
            let shares = face.scores.values().into_iter().chain([face.confidence, face.brightness]);
            let measures = face.bounds.iter().chain([&face.turn]).all(size) && (0.0..1e6).contains(&face.sharpness);
            measures && shares.into_iter().all(|it| share(&it))
        };
        share(&self.brightness) && self.faces.iter().all(sound)
    }
}

/// A face found in a frame.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DetectedFace {
    /// Left, top, width and height in pixels of the frame; may reach over its edge.
    pub bounds: [f32; 4],
    /// The detector's, 0..1.
    pub confidence: f32,
    /// Variance of the Laplacian over the face at 64x64 (Pech-Pacheco et al. 2000); under 20 is blurred.
    pub sharpness: f32,
    /// Mean brightness of the face, 0..1.
    pub brightness: f32,
    /// How far the nose lies from the middle between the ears, in the distance between them: 0 looks at us, 0.6 is turned
    /// aside, 1 and more in profile.
    #[serde(default)]
    pub turn: f32,
    pub scores: Scores,
}

/// Milliseconds spent in each stage of a frame.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Timing {
    pub capture: f32,
    pub detection: f32,
    pub classification: f32,
}

/// Why a look saw nothing, in a sentence. The look process names it in its last JSON line and exits with 1.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "trouble", content = "detail", rename_all = "kebab-case")]
pub enum CaptureError {
    NoCamera(String),
    Busy(String),
    Forbidden(String),
    Unplugged(String),
    /// It did not end within its limit and was killed.
    TimedOut(String),
    Failed(String),
}

impl CaptureError {
    /// The sentence.
    pub fn detail(&self) -> &str {
        match self {
            Self::NoCamera(it) | Self::Busy(it) | Self::Forbidden(it) => it,
            Self::Unplugged(it) | Self::TimedOut(it) | Self::Failed(it) => it,
        }
    }

    /// The way out.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::NoCamera(_) => {
                "plug one in, choose another with --camera, or look at pictures with --pictures; `moodring doctor` lists what is there"
            }
            Self::Busy(_) => "close the program that uses it, or look again later",
            Self::Forbidden(_) => {
                "add yourself to the group \"video\" (`sudo adduser $USER video`), then log out and in again"
            }
            Self::Unplugged(_) => "plug it in again",
            Self::TimedOut(_) => "plug the camera out and in again; some need a moment after the computer wakes up",
            Self::Failed(_) => "`moodring doctor` checks the camera and the models",
        }
    }
}

impl fmt::Display for CaptureError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.detail())
    }
}

impl std::error::Error for CaptureError {}
