//! Where frames come from.

use std::path::PathBuf;

use super::Trouble;
use super::frame::Frame;
use super::pictures::Pictures;
use super::webcam::Webcam;

/// Something that gives frames. All that it needs is open: a confined look can open nothing more.
pub trait Camera {
    /// The next frame; may take as long as the world likes.
    fn frame(&mut self) -> Result<Frame, Trouble>;

    /// The device or the pictures, for people.
    fn name(&self) -> String;

    /// Whether somebody else may want it: then a look takes no longer than it must.
    fn is_shared(&self) -> bool;
}

/// What to look at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// `/dev/video<index>`.
    Webcam(u32),
    /// A picture, or a folder of them.
    Pictures(PathBuf),
}

impl Source {
    /// Opens it. The light of a webcam stays off until the first frame is asked for.
    pub fn open(&self) -> Result<Box<dyn Camera>, Trouble> {
        Ok(match self {
            Self::Webcam(index) => Box::new(Webcam::open(*index)?),
            Self::Pictures(path) => Box::new(Pictures::open(path)?),
        })
    }
}
