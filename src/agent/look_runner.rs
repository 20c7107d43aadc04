//! Starts a look, in a process of its own, and reports how it ended.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::mpsc::Sender;
use std::time::Duration;

use crate::agent::look_permission::LookPermission;
use crate::desktop::presence::PresenceMonitor;
use moodring_core::config::CameraConfig;
use moodring_core::domain::observation::CaptureError;
use moodring_core::message::Event;
use moodring_platform::deadline::within;
use moodring_vision::capture::usage;
use moodring_vision::client;

/// `/proc` answers in milliseconds. Where it does not, the look finds out by itself whether the camera is taken.
const ASKING: Duration = Duration::from_secs(2);
/// How long a face at rest is looked at.
pub const REST_SECONDS: u32 = 20;

/// Never waits: the report comes as an [`Event::Looked`], or where the camera stays closed as an [`Event::UserAway`] or
/// an [`Event::CameraInUse`].
pub fn look(camera: &CameraConfig, ears: Arc<PresenceMonitor>, permission: LookPermission, events: Sender<Event>) {
    let (camera, reports) = (camera.clone(), events.clone());
    let work = move || {
        if let Some(why) = permission.find_block() {
            send(&reports, Event::UserAway(why));
        } else if let Some(why) = ears.nobody_there() {
            send(&reports, Event::UserAway(why));
        } else if let Some(user) = user(&camera) {
            send(&reports, Event::CameraInUse(user));
        } else {
            send(&reports, Event::Looked(client::look(&camera)));
        }
    };
    if let Err(error) = moodring_platform::threads::spawn("look", work) {
        send(&events, Event::Looked(Err(CaptureError::Failed(format!("{error:#}")))));
    }
}

/// As [`look`], at the user's face at rest; the report is an [`Event::CalibrationFinished`]. `stop` ends it at once.
pub fn calibrate(camera: &CameraConfig, permission: LookPermission, stop: Arc<AtomicBool>, events: Sender<Event>) {
    let (camera, reports) = (camera.clone(), events.clone());
    let work = move || {
        if permission.find_block().is_some() {
            let refused = CaptureError::Failed("the camera may not be used now".into());
            return send(&reports, Event::CalibrationFinished(Err(refused)));
        }
        match user(&camera) {
            Some(user) => send(&reports, Event::CameraInUse(user)),
            None => send(&reports, Event::CalibrationFinished(client::look_for_seconds(&camera, REST_SECONDS, &stop))),
        }
    };
    if let Err(error) = moodring_platform::threads::spawn("calibration", work) {
        send(&events, Event::CalibrationFinished(Err(CaptureError::Failed(format!("{error:#}")))));
    }
}

fn send(events: &Sender<Event>, event: Event) {
    if events.send(event).is_err() {
        tracing::debug!("the agent has left before the look ended");
    }
}

/// The program that takes pictures through a camera, ours or another: its owner may be in a call.
fn user(camera: &CameraConfig) -> Option<String> {
    if camera.pictures.is_some() { None } else { within(ASKING, usage::find_streaming_anywhere).flatten() }
}
