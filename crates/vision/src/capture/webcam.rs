//! A webcam, through nokhwa.

use std::borrow::Cow;
use std::mem::ManuallyDrop;
use std::time::{Duration, Instant};

use nokhwa::utils::{CameraIndex, RequestedFormat, RequestedFormatType};

use crate::capture::camera::Camera;
use crate::capture::device::{self, Mode};
use crate::capture::error;
use crate::capture::pixels;
use crate::frame::Frame;
use moodring_core::domain::observation::CaptureError;

/// The first frames are dark until the exposure settles; waiting for that has an end.
const SETTLE_FRAMES: u32 = 8;
const SETTLE_TIME: Duration = Duration::from_millis(400);
/// After it was opened; somebody else may want it.
const SETTLED_BY: Duration = Duration::from_millis(900);
/// Brighter than the frame before by this much (of 1): the exposure still climbs.
const CLIMBS: f32 = 0.01;
/// A second of broken frames is no accident.
const BROKEN_FRAMES: u32 = 30;

pub struct Webcam {
    index: u32,
    mode: Mode,
    camera: ManuallyDrop<nokhwa::Camera>,
    opened: Instant,
    settled: bool,
    sound: bool,
}

impl Webcam {
    /// Opens `/dev/video<index>`. It streams, and shows its light, from the first frame on.
    pub fn open(index: u32) -> Result<Self, CaptureError> {
        let opened = Instant::now();
        let mode = device::prepare(index)?;
        let formats = [mode.format];
        let request = RequestedFormat::with_formats(RequestedFormatType::Exact(mode.request()), &formats);
        let said = |doing| move |error: nokhwa::NokhwaError| error::from_text(index, doing, &error.to_string());
        let mut camera = nokhwa::Camera::new(CameraIndex::Index(index), request).map_err(said("open"))?;
        let streams = camera.open_stream().map_err(said("take frames from"));
        let sound = streams.is_ok();
        let webcam = Self { index, mode, camera: ManuallyDrop::new(camera), opened, settled: false, sound };
        streams.map(|()| webcam)
    }

    fn whole(&mut self) -> Result<Frame, CaptureError> {
        for _ in 0..BROKEN_FRAMES {
            if let Some(frame) = self.any()? {
                return Ok(frame);
            }
        }
        Err(CaptureError::Failed(format!("the camera /dev/video{} gives only broken frames", self.index)))
    }

    fn any(&mut self) -> Result<Option<Frame>, CaptureError> {
        let (index, mode) = (self.index, self.mode);
        // Borrowed from the driver's buffer: `frame()` would leave a copy behind that nobody wipes.
        let taken = self.camera.frame_raw().map(|bytes: Cow<[u8]>| pixels::decode(&bytes, &mode));
        self.sound = taken.is_ok();
        taken.map_err(|error| error::from_text(index, "take a frame from", &error.to_string()))
    }

    fn settle(&mut self) -> Result<Frame, CaptureError> {
        let mut frame = self.whole()?;
        let begun = Instant::now();
        for _ in 0..SETTLE_FRAMES {
            // A camera that is late with its first frame is not asked for another one.
            if begun.elapsed() > SETTLE_TIME || self.opened.elapsed() > SETTLED_BY {
                break;
            }
            let next = self.whole()?;
            let climbs = brightness(&next) > brightness(&frame) + CLIMBS;
            frame = next;
            if !climbs {
                break;
            }
        }
        Ok(frame)
    }
}

impl Camera for Webcam {
    /// The first frame is one with a settled exposure. May block for ever where the driver delivers nothing.
    fn frame(&mut self) -> Result<Frame, CaptureError> {
        let frame = if self.settled { self.whole() } else { self.settle() }?;
        self.settled = true;
        Ok(frame)
    }

    fn name(&self) -> String {
        let Mode { format, width, height, .. } = self.mode;
        format!("/dev/video{} ({} {width}x{height} {format})", self.index, self.camera.info().human_name())
    }

    fn lasting_name(&self) -> String {
        device::lasting_name(self.index).unwrap_or_else(|| self.camera.info().human_name())
    }
}

impl Drop for Webcam {
    /// Closes the device, unless it failed: then nokhwa would panic here. The end of the process closes it as well.
    fn drop(&mut self) {
        if self.sound {
            // SAFETY: dropped here and nowhere else, and `self` is gone after this.
            unsafe { ManuallyDrop::drop(&mut self.camera) }
        }
    }
}

/// Mean brightness over every 16th pixel, 0..1.
fn brightness(frame: &Frame) -> f32 {
    let pixels = frame.rgb.as_chunks::<3>().0.iter().step_by(16);
    let (sum, count) = pixels
        .fold((0_u64, 0_u64), |(sum, count), &[r, g, b]| (sum + u64::from(r) + u64::from(g) + u64::from(b), count + 3));
    sum as f32 / count.max(1) as f32 / 255.0
}
