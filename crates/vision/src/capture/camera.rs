//! Where frames come from.

use std::path::PathBuf;
use std::time::Duration;

use crate::capture::pictures::Pictures;
use crate::capture::selection::FindCamera;
use crate::capture::webcam::Webcam;
use crate::frame::Frame;
use moodring_core::config::camera_selector::CameraSelector;
use moodring_core::domain::observation::CaptureError;

/// Something that gives frames. All that it needs is open: a confined look can open nothing more.
pub trait Camera {
    /// The next frame; [`CaptureError::TimedOut`] if it does not come within the limit. A driver that does not keep to
    /// the rules of V4L2 may take longer: the caller's watchdog ends that.
    fn frame(&mut self, limit: Duration) -> Result<Frame, CaptureError>;

    /// The device or the pictures, for people.
    fn name(&self) -> String;

    /// A name that stays the same over restarts and other sockets: what is learned through a camera is kept under it.
    fn lasting_name(&self) -> String;
}

/// What to look at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    Webcam(CameraSelector),
    /// A picture, or a folder of them.
    Pictures(PathBuf),
}

/// A source that was found and is not open yet.
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

    /// What must be opened for writing to take pictures. Others may want it: a look takes no longer than it must.
    pub fn device(&self) -> Option<PathBuf> {
        match self {
            Self::Webcam(_) => Some(self.place()),
            Self::Pictures(_) => None,
        }
    }

    /// Opens it. From here on others find the webcam taken; its light stays off until the first frame is asked for.
    pub fn open(&self) -> Result<Box<dyn Camera>, CaptureError> {
        Ok(match self {
            Self::Webcam(index) => Box::new(Webcam::open(*index)?),
            Self::Pictures(path) => Box::new(Pictures::open(path)?),
        })
    }
}
