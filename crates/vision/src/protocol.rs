//! The look: what the short-lived process that opens the camera says on its standard output, a JSON line a frame.
//!
//! The first line is an [`Header`] in an object of its own (`{"look": {"engine": …, "camera": …, "sandbox": …}}`), then
//! comes a [`FrameResult`] a frame; a [`CaptureError`] is the last line of a look that could not go on. A look by hand adds
//! `corrected` to each sighting: the scores of its faces with the owner's face at rest taken off.

use moodring_core::domain::observation::CaptureError;
use moodring_core::domain::observation::FrameResult;
use serde::{Deserialize, Serialize};

/// What a look says of itself before its first frame.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Header {
    /// What runs the models, with its version.
    pub engine: String,
    /// The device or the pictures that are looked at.
    pub camera: String,
    /// The same over restarts and other sockets; what is learned through the camera is kept under it.
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
