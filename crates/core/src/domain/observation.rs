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
    /// Whether all numbers are in their ranges; another process is not trusted.
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

/// What a look saw.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Look {
    /// A name of the camera that stays the same when it is plugged in again.
    pub camera: String,
    pub frames: Vec<FrameResult>,
}

/// Why a look saw nothing. The look process writes it as its last JSON line and exits with 1.
///
/// The text in each variant names the device and the system's error.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "CaptureErrorLine", into = "CaptureErrorLine")]
pub enum CaptureError {
    NoCamera(String),
    /// Another program uses the camera.
    Busy {
        detail: String,
        /// The program, for instance "cheese (process 4711)"; `None`: another user's, which the system does not name.
        user: Option<String>,
    },
    Forbidden(String),
    Unplugged(String),
    /// It did not end within its limit and was killed.
    TimedOut(String),
    Failed(String),
}

impl CaptureError {
    /// What happened, with the device.
    pub fn detail(&self) -> &str {
        match self {
            Self::NoCamera(detail) | Self::Busy { detail, .. } | Self::Forbidden(detail) => detail,
            Self::Unplugged(detail) | Self::TimedOut(detail) | Self::Failed(detail) => detail,
        }
    }
}

impl fmt::Display for CaptureError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.detail())
    }
}

impl std::error::Error for CaptureError {}

/// A [`CaptureError`] as JSON.
#[derive(Clone, Serialize, Deserialize)]
struct CaptureErrorLine {
    trouble: CaptureErrorKind,
    detail: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    user: Option<String>,
}

#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum CaptureErrorKind {
    NoCamera,
    Busy,
    Forbidden,
    Unplugged,
    TimedOut,
    Failed,
}

impl From<CaptureErrorLine> for CaptureError {
    fn from(line: CaptureErrorLine) -> Self {
        let CaptureErrorLine { trouble, detail, user } = line;
        match trouble {
            CaptureErrorKind::NoCamera => Self::NoCamera(detail),
            CaptureErrorKind::Busy => Self::Busy { detail, user },
            CaptureErrorKind::Forbidden => Self::Forbidden(detail),
            CaptureErrorKind::Unplugged => Self::Unplugged(detail),
            CaptureErrorKind::TimedOut => Self::TimedOut(detail),
            CaptureErrorKind::Failed => Self::Failed(detail),
        }
    }
}

impl From<CaptureError> for CaptureErrorLine {
    fn from(error: CaptureError) -> Self {
        let detail = error.detail().to_owned();
        let (trouble, user) = match error {
            CaptureError::NoCamera(_) => (CaptureErrorKind::NoCamera, None),
            CaptureError::Busy { user, .. } => (CaptureErrorKind::Busy, user),
            CaptureError::Forbidden(_) => (CaptureErrorKind::Forbidden, None),
            CaptureError::Unplugged(_) => (CaptureErrorKind::Unplugged, None),
            CaptureError::TimedOut(_) => (CaptureErrorKind::TimedOut, None),
            CaptureError::Failed(_) => (CaptureErrorKind::Failed, None),
        };
        Self { trouble, detail, user }
    }
}
