//! A look from the open camera to its last line.
//!
//! Others may want the camera, so a look takes its frames first and lets it go before it reads them: under a second and a
//! half, most of which the exposure needs to settle. Following holds it, as its owner asked for.

use std::time::{Duration, Instant};

use anyhow::Result;

use super::camera::{Camera, Spot};
use super::eye::Eye;
use super::frame::Frame;
use super::voice::Voice;
use super::watchdog::Watchdog;
use super::{Opening, Trouble, holder, sandbox};

/// So long after it was opened, no further frame is asked of a camera that others may want.
const ENOUGH: Duration = Duration::from_millis(1100);
/// A camera that has given frames and gives no more is let go then.
const LONGEST: Duration = Duration::from_millis(1400);
/// A camera that gives no frame for so long gives none. Some take a second to their first.
const PATIENCE: Duration = Duration::from_secs(3);
/// When a face is watched for a while, a frame is read so often.
const PACE: Duration = Duration::from_millis(200);

/// How long to look.
#[derive(Clone, Copy, Debug)]
pub enum Length {
    /// So many frames; fewer where they would take more than about a second.
    Frames(u32),
    Time(Duration),
    /// Until interrupted, or until nobody reads any more.
    Endless,
}

/// Looks, and tells what is seen.
pub fn look(spot: &Spot, length: Length, mut voice: Voice) -> Result<()> {
    leave_in_peace(spot)?;
    sandbox::fence(spot.device().as_deref())?;
    let eye = Eye::open()?;
    let opened = Instant::now();
    let camera = spot.open()?;
    let sandbox = sandbox::seal()?;
    let (engine, camera_name) = (eye.engine().to_owned(), camera.name());
    voice.begin(Opening { engine, lasting_name: camera.lasting_name(), camera: camera_name, sandbox })?;
    let dog = watchdog(voice.clone(), camera.name())?;
    let gaze = Gaze { eye, camera, voice, dog, opened };
    match length {
        Length::Frames(count) if gaze.camera.is_shared() => gaze.glance(count),
        Length::Frames(count) => gaze.follow(|number, _| number < count, Duration::ZERO),
        Length::Time(time) => gaze.follow(|_, since| since < time, PACE),
        Length::Endless => gaze.follow(|_, _| true, Duration::ZERO),
    }
}

/// Who uses the camera can only be seen from outside the fence, and without touching it.
fn leave_in_peace(spot: &Spot) -> Result<(), Trouble> {
    let Some(device) = spot.device().map(|device| device.display().to_string()) else { return Ok(()) };
    match holder::streaming(&device) {
        Some(user) => Err(Trouble::Busy(format!("the camera {device} is in use by {user}"))),
        None => Ok(()),
    }
}

struct Gaze {
    eye: Eye,
    camera: Box<dyn Camera>,
    voice: Voice,
    dog: Watchdog,
    opened: Instant,
}

impl Gaze {
    fn glance(self, count: u32) -> Result<()> {
        let Self { mut eye, mut camera, voice, dog, opened } = self;
        let mut taken = Vec::new();
        while taken.len() < count as usize && (taken.is_empty() || opened.elapsed() < ENOUGH) {
            let limit = if taken.is_empty() { PATIENCE } else { LONGEST.saturating_sub(opened.elapsed()) };
            taken.push(take(camera.as_mut(), &dog, limit)?);
        }
        // The light goes off.
        drop(camera);
        for (number, (frame, ms)) in (0..).zip(taken) {
            voice.tell(&frame, eye.see(&frame, number, ms)?)?;
        }
        Ok(())
    }

    fn follow(mut self, goes_on: impl Fn(u32, Duration) -> bool, pace: Duration) -> Result<()> {
        let mut number = 0;
        while goes_on(number, self.opened.elapsed()) {
            let (mut frame, mut ms) = take(self.camera.as_mut(), &self.dog, PATIENCE)?;
            let due = self.opened + pace * number;
            while self.camera.is_shared() && Instant::now() < due {
                // The camera's frames in between must be fetched, or the next one would be old.
                (frame, ms) = take(self.camera.as_mut(), &self.dog, PATIENCE)?;
            }
            std::thread::sleep(due.saturating_duration_since(Instant::now()));
            self.voice.tell(&frame, self.eye.see(&frame, number, ms)?)?;
            number = number.saturating_add(1);
        }
        Ok(())
    }
}

/// A frame, and the milliseconds that it took.
fn take(camera: &mut dyn Camera, dog: &Watchdog, limit: Duration) -> Result<(Frame, f32), Trouble> {
    let begun = Instant::now();
    let frame = dog.guard(limit, || camera.frame())?;
    Ok((frame, begun.elapsed().as_secs_f32() * 1000.0))
}

fn watchdog(voice: Voice, camera: String) -> Result<Watchdog> {
    Ok(Watchdog::new(move |limit| {
        voice.complain(&Trouble::TimedOut(format!("no frame came from {camera} for {:.1} s", limit.as_secs_f32())));
        // SAFETY: always safe. Ending by `exit` would run the engine's clean-up under the feet of the waiting thread.
        unsafe { libc::_exit(1) }
    })?)
}
