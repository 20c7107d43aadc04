//! Frames through nokhwa, with a limit on the wait for each.

use std::time::Duration;

use nokhwa::NokhwaError;
use nokhwa::utils::{CameraFormat, CameraIndex, FrameFormat, RequestedFormat, RequestedFormatType, Resolution};

use crate::capture::call_timer::CallTimer;
use crate::capture::device::Mode;
use crate::capture::error;

/// Its errors are texts of nokhwa that contain the errno as "… (os error 16)".
pub struct NokhwaStream {
    camera: nokhwa::Camera,
    timer: CallTimer,
    sound: bool,
}

impl NokhwaStream {
    /// Opens a device that is already set to this mode and rate.
    pub fn open(index: u32, mode: &Mode, format: FrameFormat, rate: u32) -> Result<Self, String> {
        let timer = CallTimer::new().map_err(|error| error.to_string())?;
        let wanted = CameraFormat::new(Resolution::new(mode.width, mode.height), format, rate);
        let formats = [format];
        let request = RequestedFormat::with_formats(RequestedFormatType::Exact(wanted), &formats);
        let camera = nokhwa::Camera::new(CameraIndex::Index(index), request).map_err(text)?;
        let mut stream = std::mem::ManuallyDrop::new(Self { camera, timer, sound: true });
        stream.camera.open_stream().map_err(text)?;
        Ok(std::mem::ManuallyDrop::into_inner(stream))
    }

    /// Reads the next frame's bytes in the driver's buffer; a wait that passes the limit ends with EINTR.
    pub fn next<T>(&mut self, limit: Duration, read: impl FnOnce(&[u8]) -> T) -> Result<T, String> {
        let taken = self.timer.limit(limit, || self.camera.frame_raw());
        let taken = taken.map(|bytes| read(&bytes)).map_err(text);
        // After an interrupted wait it can be dropped as usual.
        self.sound = taken.as_ref().err().is_none_or(|error| error::errno(error) == Some(libc::EINTR));
        taken
    }

    /// Whether it may be dropped; after an error, nokhwa can panic when dropped.
    pub fn is_sound(&self) -> bool {
        self.sound
    }
}

fn text(error: NokhwaError) -> String {
    error.to_string()
}
