//! A webcam: through nokhwa, or directly through V4L2 if nokhwa cannot read it.

use std::mem::ManuallyDrop;
use std::time::{Duration, Instant};

use moodring_core::domain::observation::CaptureError;

use crate::capture::camera::Camera;
use crate::capture::device::{self, Mode, Prepared};
use crate::capture::direct_stream::DirectStream;
use crate::capture::error;
use crate::capture::nokhwa_stream::NokhwaStream;
use crate::capture::pixels;
use crate::frame::Frame;

/// The first frames are dark until the exposure settles. These two limit the wait for it.
const SETTLE_FRAMES: u32 = 8;
const SETTLE_TIME: Duration = Duration::from_millis(400);
/// The wait also ends at this time after opening, because another program may want the camera.
const SETTLED_BY: Duration = Duration::from_millis(900);
/// A frame brighter than the one before by this much (of 1) means that the exposure still changes.
const SETTLING_STEP: f32 = 0.01;
/// Broken frames in a row after which the camera counts as broken; about a second of them.
const BROKEN_FRAMES: u32 = 30;

pub struct Webcam {
    index: u32,
    name: String,
    mode: Mode,
    stream: Stream,
    opened: Instant,
    settled: bool,
}

enum Stream {
    /// Dropped explicitly, because a stream that failed panics in nokhwa when it is dropped.
    Nokhwa(ManuallyDrop<NokhwaStream>),
    Direct(DirectStream),
}

impl Webcam {
    /// Opens `/dev/video<index>`. Streaming, and with it the light, starts with the first frame.
    pub fn open(index: u32) -> Result<Self, CaptureError> {
        let opened = Instant::now();
        let prepared = device::prepare(index)?;
        let (name, mode) = (prepared.node.card.clone(), prepared.mode);
        let stream = open_stream(index, prepared)?;
        Ok(Self { index, name, mode, stream, opened, settled: false })
    }

    /// Does everything up to the first frame, so the light stays off; the error is the one that a look would report.
    pub fn try_open(index: u32) -> Result<(), CaptureError> {
        Self::open(index).map(drop)
    }

    fn next_whole(&mut self, limit: Duration) -> Result<Frame, CaptureError> {
        let begun = Instant::now();
        for _ in 0..BROKEN_FRAMES {
            let left = limit.checked_sub(begun.elapsed()).filter(|left| !left.is_zero());
            let left = left.ok_or_else(|| error::no_frame(format!("/dev/video{}", self.index), limit))?;
            if let Some(frame) = self.next(left, limit)? {
                return Ok(frame);
            }
        }
        Err(CaptureError::Failed(format!("the camera /dev/video{} delivers only broken frames", self.index)))
    }

    /// The next frame, `None` if it is broken, within what is left of the limit.
    fn next(&mut self, left: Duration, limit: Duration) -> Result<Option<Frame>, CaptureError> {
        let (index, mode) = (self.index, &self.mode);
        // Decoded in the driver's buffer, because a copy would stay in memory.
        match &mut self.stream {
            Stream::Nokhwa(stream) => stream.next(left, |bytes| pixels::decode(bytes, mode)).map_err(|error| {
                if error::errno(&error) == Some(libc::EINTR) {
                    error::no_frame(format!("/dev/video{index}"), limit)
                } else {
                    error::from_text(index, "take a frame from", &error)
                }
            }),
            Stream::Direct(stream) => {
                stream.next(left).map(|bytes| pixels::decode(bytes?, mode)).map_err(|error| match error.kind() {
                    std::io::ErrorKind::TimedOut => error::no_frame(format!("/dev/video{index}"), limit),
                    _ => error::from_io_error(index, "take a frame from", &error),
                })
            }
        }
    }

    fn settle(&mut self, limit: Duration) -> Result<Frame, CaptureError> {
        let begun = Instant::now();
        let mut frame = self.next_whole(limit)?;
        let first = Instant::now();
        for _ in 0..SETTLE_FRAMES {
            // After a late first frame there is no time for another one.
            if first.elapsed() > SETTLE_TIME || self.opened.elapsed() > SETTLED_BY {
                break;
            }
            let next = match self.next_whole(limit.saturating_sub(begun.elapsed())) {
                // The earlier frame is still usable.
                Err(CaptureError::TimedOut(_)) => break,
                next => next?,
            };
            let settling = brightness(&next) > brightness(&frame) + SETTLING_STEP;
            frame = next;
            if !settling {
                break;
            }
        }
        Ok(frame)
    }
}

fn open_stream(index: u32, prepared: Prepared) -> Result<Stream, CaptureError> {
    let describe = |error| error::from_io_error(index, "take frames from", &error);
    let Some((format, rate)) = prepared.for_nokhwa() else {
        return DirectStream::open(prepared.node).map(Stream::Direct).map_err(describe);
    };
    // nokhwa opens the device itself.
    drop(prepared.node);
    match NokhwaStream::open(index, &prepared.mode, format, rate) {
        Ok(stream) => Ok(Stream::Nokhwa(ManuallyDrop::new(stream))),
        // An error of the kernel would occur again.
        Err(error) if error::errno(&error).is_some() => Err(error::from_text(index, "take frames from", &error)),
        Err(error) => {
            tracing::debug!("nokhwa cannot read /dev/video{index}: {error}");
            let stream = device::prepare(index)?.node;
            DirectStream::open(stream).map(Stream::Direct).map_err(describe)
        }
    }
}

impl Camera for Webcam {
    /// The first frame is one with a settled exposure.
    fn frame(&mut self, limit: Duration) -> Result<Frame, CaptureError> {
        let frame = if self.settled { self.next_whole(limit) } else { self.settle(limit) }?;
        self.settled = true;
        Ok(frame)
    }

    fn name(&self) -> String {
        let Mode { format, width, height, .. } = self.mode;
        format!("/dev/video{} ({} {width}x{height} {})", self.index, self.name, format.fourcc())
    }

    fn lasting_name(&self) -> String {
        device::lasting_name(self.index).unwrap_or_else(|| self.name.clone())
    }
}

impl Drop for Webcam {
    /// Closes the device, unless it failed in nokhwa; then the end of the process closes it.
    fn drop(&mut self) {
        if let Stream::Nokhwa(stream) = &mut self.stream
            && stream.is_sound()
        {
            // SAFETY: dropped only here, and `self` is not used after this.
            unsafe { ManuallyDrop::drop(stream) }
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
