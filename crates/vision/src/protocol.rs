//! The JSON lines that a look writes to its standard output.
//!
//! 1. The first line is a [`Header`] in an object of its own (`{"look": {"engine": …, "camera": …, "sandbox": …}}`), then
//!    a [`FrameResult`] follows for each frame.
//! 2. A [`CaptureError`] is the last line of a look that failed.
//! 3. `moodring look` adds `corrected` to each frame: the scores of its faces after the user's baseline was subtracted.

use moodring_core::domain::observation::CaptureError;
use moodring_core::domain::observation::FrameResult;
use serde::{Deserialize, Serialize};

/// Facts about a look, written before its first frame.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Header {
    /// The engine that runs the networks, with its version.
    pub engine: String,
    /// The camera or the pictures, for people.
    pub camera: String,
    /// A name of the camera that stays the same after a restart or in another USB port; baselines are stored under it.
    #[serde(default)]
    pub lasting_name: String,
    pub sandbox: crate::sandbox::Sandbox,
}

/// A line of a look.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum OutputLine {
    Header { look: Header },
    CaptureError(CaptureError),
    FrameResult(FrameResult),
}
