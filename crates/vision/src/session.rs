//! A look from the open camera to its last line.
//!
//! Others may want the camera, so a look takes its frames first and lets it go before it reads them: under a second and a
//! half, most of which the exposure needs to settle. That is a limit for the camera that never answers too: the process
//! ends, and with it the kernel closes the device. Following holds it, as its owner asked for.

use std::time::{Duration, Instant};

use anyhow::Result;

use crate::capture::camera::{Camera, ResolvedSource};
use crate::capture::error;
use crate::capture::usage;
use crate::frame::Frame;
use crate::inference::face_analyzer::FaceAnalyzer;
use crate::protocol::Header;
use crate::reporter::Reporter;
use crate::sandbox;
use crate::sandbox::watchdog::Watchdog;
use moodring_core::domain::observation::CaptureError;

/// So long after it was opened, no further frame is asked of a camera that others may want.
const ENOUGH: Duration = Duration::from_millis(1100);
/// A camera that others may want is let go then, whether it opened, gave frames, or did neither.
const LONGEST: Duration = Duration::from_millis(1300);
/// The wait for a frame ends this much before the watchdog ends the process.
const MARGIN: Duration = Duration::from_millis(60);
/// How long a camera that is followed may take to open, and for a frame.
const PATIENCE: Duration = Duration::from_secs(3);
/// When a face is watched for a while, a frame is read so often.
const PACE: Duration = Duration::from_millis(200);

/// How long to look.
#[derive(Clone, Copy, Debug)]
pub enum LookLength {
    /// So many frames; fewer where they would take more than about a second.
    Frames(u32),
    Time(Duration),
    /// Until interrupted, or until nobody reads any more.
    Endless,
}

/// Looks, and tells what is seen.
pub fn look(spot: &ResolvedSource, length: LookLength, voice: Reporter) -> Result<()> {
    leave_in_peace(spot)?;
    sandbox::fence(spot.device().as_deref())?;
    let eye = FaceAnalyzer::open()?;
    let dog = watchdog(voice.clone(), spot.place().display().to_string())?;
    let gaze = CaptureSession { eye, voice, dog };
    match length {
        LookLength::Frames(count) if spot.device().is_some() => gaze.glance(spot, count),
        LookLength::Frames(count) => gaze.follow(spot, |number, _| number < count, Duration::ZERO),
        LookLength::Time(time) => gaze.follow(spot, |_, since| since < time, PACE),
        LookLength::Endless => gaze.follow(spot, |_, _| true, Duration::ZERO),
    }
}

/// Who uses the camera can only be seen from outside the fence, and without touching it.
fn leave_in_peace(spot: &ResolvedSource) -> Result<(), CaptureError> {
    let Some(device) = spot.device().map(|device| device.display().to_string()) else { return Ok(()) };
    match usage::find_streaming(&device) {
        Some(user) => {
            Err(CaptureError::Busy { detail: format!("the camera {device} is in use by {user}"), user: Some(user) })
        }
        None => Ok(()),
    }
}

struct CaptureSession {
    eye: FaceAnalyzer,
    voice: Reporter,
    dog: Watchdog,
}

impl CaptureSession {
    fn glance(mut self, spot: &ResolvedSource, count: u32) -> Result<()> {
        let (eye, voice) = (&self.eye, &mut self.voice);
        let opened = Instant::now();
        let taken = self.dog.guard(LONGEST, || take_frames(open(spot, eye, voice)?, count, opened))?;
        for (number, (frame, ms)) in (0..).zip(taken) {
            self.voice.tell(&frame, self.eye.see(&frame, number, ms)?)?;
        }
        Ok(())
    }

    fn follow(mut self, spot: &ResolvedSource, goes_on: impl Fn(u32, Duration) -> bool, pace: Duration) -> Result<()> {
        let (eye, voice, dog) = (&self.eye, &mut self.voice, &self.dog);
        let opened = Instant::now();
        let mut camera = dog.guard(PATIENCE, || open(spot, eye, voice))?;
        let mut number = 0;
        while goes_on(number, opened.elapsed()) {
            let mut next = || dog.guard(PATIENCE, || take_frame(camera.as_mut(), PATIENCE - MARGIN));
            let (mut frame, mut ms) = next()?;
            let due = opened + pace * number;
            while spot.device().is_some() && Instant::now() < due {
                // The camera's frames in between must be fetched, or the next one would be old.
                (frame, ms) = next()?;
            }
            std::thread::sleep(due.saturating_duration_since(Instant::now()));
            self.voice.tell(&frame, self.eye.see(&frame, number, ms)?)?;
            number = number.saturating_add(1);
        }
        Ok(())
    }
}

/// Opens the camera, closes the sandbox behind it, and says so.
fn open(spot: &ResolvedSource, eye: &FaceAnalyzer, voice: &mut Reporter) -> Result<Box<dyn Camera>> {
    let camera = spot.open()?;
    let sandbox = sandbox::seal()?;
    let (engine, camera_name) = (eye.engine().to_owned(), camera.name());
    voice.begin(Header { engine, lasting_name: camera.lasting_name(), camera: camera_name, sandbox })?;
    Ok(camera)
}

/// The frames of a glance, with the milliseconds that each took. Afterwards the camera's light is off.
fn take_frames(mut camera: Box<dyn Camera>, count: u32, opened: Instant) -> Result<Vec<(Frame, f32)>> {
    let mut taken = Vec::new();
    loop {
        let begun = opened.elapsed();
        match take_frame(camera.as_mut(), LONGEST.saturating_sub(MARGIN + begun)) {
            // What there is must not be lost to a frame that comes late or never.
            Err(CaptureError::TimedOut(_)) if !taken.is_empty() => return Ok(taken),
            frame => taken.push(frame?),
        }
        let now = opened.elapsed();
        // The first one took two at least, to see the light settle.
        let next = now + (now - begun) / if taken.len() == 1 { 2 } else { 1 };
        if taken.len() >= count as usize || now > ENOUGH || next > LONGEST {
            return Ok(taken);
        }
    }
}

/// A frame, and the milliseconds that it took.
fn take_frame(camera: &mut dyn Camera, limit: Duration) -> Result<(Frame, f32), CaptureError> {
    let begun = Instant::now();
    let frame = camera.frame(limit)?;
    Ok((frame, begun.elapsed().as_secs_f32() * 1000.0))
}

fn watchdog(voice: Reporter, place: String) -> Result<Watchdog> {
    Ok(Watchdog::new(move |limit| {
        voice.complain(&error::no_frame(&place, limit));
        // SAFETY: always safe. Ending by `exit` would run the engine's clean-up under the feet of the waiting thread.
        unsafe { libc::_exit(1) }
    })?)
}
