//! A look from the open camera to its last line.
//!
//! 1. Other programs may want the camera, so a look takes its frames first and closes the camera before it reads them.
//! 2. It holds the camera for less than a second and a half; most of that is the wait for the exposure.
//! 3. The limit also ends a look whose camera never answers: the process ends, and the kernel closes the device.
//! 4. A look that follows the user holds the camera until it is ended, because the user asked for that.

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

/// No frame of a burst is requested later than this after the camera was opened.
const LAST_REQUEST: Duration = Duration::from_millis(1100);
/// The longest time that a burst holds the camera, also if it does not open or gives no frame.
const HOLD_LIMIT: Duration = Duration::from_millis(1300);
/// The wait for a frame ends this much before the watchdog ends the process, so that the frames before it are kept.
const WATCHDOG_MARGIN: Duration = Duration::from_millis(60);
/// How long a camera that is followed may take to open, and for a frame.
const FOLLOW_LIMIT: Duration = Duration::from_secs(3);
/// The time between two frames that are read when a look follows the user.
const FOLLOW_INTERVAL: Duration = Duration::from_millis(200);

/// How long to look.
#[derive(Clone, Copy, Debug)]
pub enum LookLength {
    /// This number of frames; fewer if they would take more than about a second.
    Frames(u32),
    Time(Duration),
    /// Until it is interrupted or its output is closed.
    Endless,
}

/// Takes frames, analyzes them and reports the results.
pub fn look(source: &ResolvedSource, length: LookLength, reporter: Reporter) -> Result<()> {
    check_not_in_use(source)?;
    sandbox::restrict_writes(source.device().as_deref())?;
    let analyzer = FaceAnalyzer::open()?;
    let watchdog = start_watchdog(reporter.clone(), source.place().display().to_string())?;
    let session = CaptureSession { analyzer, reporter, watchdog };
    match length {
        LookLength::Frames(count) if source.device().is_some() => session.read_burst(source, count),
        LookLength::Frames(count) => session.follow(source, |number, _| number < count, Duration::ZERO),
        LookLength::Time(time) => session.follow(source, |_, since| since < time, FOLLOW_INTERVAL),
        LookLength::Endless => session.follow(source, |_, _| true, Duration::ZERO),
    }
}

/// To be called before the sandbox is on: it reads `/proc`.
fn check_not_in_use(source: &ResolvedSource) -> Result<(), CaptureError> {
    let Some(device) = source.device().map(|device| device.display().to_string()) else { return Ok(()) };
    match usage::find_streaming(&device) {
        Some(user) => {
            Err(CaptureError::Busy { detail: format!("the camera {device} is in use by {user}"), user: Some(user) })
        }
        None => Ok(()),
    }
}

struct CaptureSession {
    analyzer: FaceAnalyzer,
    reporter: Reporter,
    watchdog: Watchdog,
}

impl CaptureSession {
    fn read_burst(mut self, source: &ResolvedSource, count: u32) -> Result<()> {
        let (analyzer, reporter) = (&self.analyzer, &mut self.reporter);
        let opened = Instant::now();
        let frames =
            self.watchdog.guard(HOLD_LIMIT, || take_frames(open(source, analyzer, reporter)?, count, opened))?;
        for (number, (frame, ms)) in (0..).zip(frames) {
            self.reporter.report(&frame, self.analyzer.analyze(&frame, number, ms)?)?;
        }
        Ok(())
    }

    fn follow(
        mut self,
        source: &ResolvedSource,
        continues: impl Fn(u32, Duration) -> bool,
        interval: Duration,
    ) -> Result<()> {
        let (analyzer, reporter, watchdog) = (&self.analyzer, &mut self.reporter, &self.watchdog);
        let opened = Instant::now();
        let mut camera = watchdog.guard(FOLLOW_LIMIT, || open(source, analyzer, reporter))?;
        let mut number = 0;
        while continues(number, opened.elapsed()) {
            let mut next =
                || watchdog.guard(FOLLOW_LIMIT, || take_frame(camera.as_mut(), FOLLOW_LIMIT - WATCHDOG_MARGIN));
            let (mut frame, mut ms) = next()?;
            let due = opened + interval * number;
            while source.device().is_some() && Instant::now() < due {
                // Unread frames are dropped, because the driver would return an old one next.
                (frame, ms) = next()?;
            }
            std::thread::sleep(due.saturating_duration_since(Instant::now()));
            self.reporter.report(&frame, self.analyzer.analyze(&frame, number, ms)?)?;
            number = number.saturating_add(1);
        }
        Ok(())
    }
}

/// Opens the camera, completes the sandbox, and reports the header.
fn open(source: &ResolvedSource, analyzer: &FaceAnalyzer, reporter: &mut Reporter) -> Result<Box<dyn Camera>> {
    let camera = source.open()?;
    let sandbox = sandbox::lock_down()?;
    let (engine, camera_name) = (analyzer.engine().to_owned(), camera.name());
    reporter.report_header(Header { engine, lasting_name: camera.lasting_name(), camera: camera_name, sandbox })?;
    Ok(camera)
}

/// The frames of a burst, with the milliseconds that each took. The camera is closed afterwards.
fn take_frames(mut camera: Box<dyn Camera>, count: u32, opened: Instant) -> Result<Vec<(Frame, f32)>> {
    let mut frames = Vec::new();
    loop {
        let begun = opened.elapsed();
        match take_frame(camera.as_mut(), HOLD_LIMIT.saturating_sub(WATCHDOG_MARGIN + begun)) {
            // A late frame must not cost the frames before it.
            Err(CaptureError::TimedOut(_)) if !frames.is_empty() => return Ok(frames),
            frame => frames.push(frame?),
        }
        let now = opened.elapsed();
        // The first result took at least two frames, to compare the exposure.
        let next = now + (now - begun) / if frames.len() == 1 { 2 } else { 1 };
        if frames.len() >= count as usize || now > LAST_REQUEST || next > HOLD_LIMIT {
            return Ok(frames);
        }
    }
}

/// A frame, and the milliseconds that it took.
fn take_frame(camera: &mut dyn Camera, limit: Duration) -> Result<(Frame, f32), CaptureError> {
    let begun = Instant::now();
    let frame = camera.frame(limit)?;
    Ok((frame, begun.elapsed().as_secs_f32() * 1000.0))
}

fn start_watchdog(reporter: Reporter, place: String) -> Result<Watchdog> {
    Ok(Watchdog::new(move |limit| {
        reporter.report_error(&error::no_frame(&place, limit));
        // SAFETY: always safe. `exit` would free the engine's memory while the other thread uses it.
        unsafe { libc::_exit(1) }
    })?)
}
