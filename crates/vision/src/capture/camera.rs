//! The sources of frames: a webcam or pictures.

use std::path::PathBuf;
use std::time::Duration;

use crate::capture::pictures::Pictures;
use crate::capture::selection::FindCamera;
use crate::capture::webcam::Webcam;
use crate::frame::Frame;
use moodring_core::config::camera_selector::CameraSelector;
use moodring_core::domain::observation::CaptureError;

/// An open source of frames. It opens no further file, because the sandbox forbids that.
pub trait Camera {
    /// The next frame; [`CaptureError::TimedOut`] if it does not come within the limit. A driver that violates
    /// the rules of V4L2 may take longer; the watchdog of the caller ends that.
    fn frame(&mut self, limit: Duration) -> Result<Frame, CaptureError>;

    /// The camera or the pictures, for people.
    fn name(&self) -> String;

    /// A name that stays the same after a restart or in another USB port; baselines are stored under it.
    fn lasting_name(&self) -> String;
}

/// The source to look at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    Webcam(CameraSelector),
    /// A picture, or a folder of them.
    Pictures(PathBuf),
}

/// A source that was found and is not open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ResolvedSource {
    /// `/dev/video<index>`.
    Webcam(u32),
    Pictures(PathBuf),
}

impl Source {
    pub fn find(&self) -> Result<ResolvedSource, CaptureError> {
        Ok(match self {
            Self::Webcam(choice) => ResolvedSource::Webcam(choice.find()?),
            Self::Pictures(path) => ResolvedSource::Pictures(path.clone()),
        })
    }
}

impl ResolvedSource {
    /// The device or the pictures.
    pub fn place(&self) -> PathBuf {
        match self {
            Self::Webcam(index) => format!("/dev/video{index}").into(),
            Self::Pictures(path) => path.clone(),
        }
    }

    /// The file that must be opened for writing to take pictures; `None` for pictures.
    pub fn device(&self) -> Option<PathBuf> {
        match self {
            Self::Webcam(_) => Some(self.place()),
            Self::Pictures(_) => None,
        }
    }

    /// Opens it. A webcam is in use from then on; its light stays off until the first frame is requested.
    pub fn open(&self) -> Result<Box<dyn Camera>, CaptureError> {
        Ok(match self {
            Self::Webcam(index) => Box::new(Webcam::open(*index)?),
            Self::Pictures(path) => Box::new(Pictures::open(path)?),
        })
    }
}
