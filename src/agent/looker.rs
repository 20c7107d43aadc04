//! Starts a look, in a process of its own, and reports how it ended.

use std::sync::Arc;
use std::sync::mpsc::Sender;
use std::time::Duration;

use crate::config::Camera;
use crate::event::Event;
use crate::look::{Trouble, process};
use crate::session::Ears;

/// A look takes a second and a half; a camera that hangs is given up after this.
const LIMIT: Duration = Duration::from_secs(6);

/// Never waits: the report comes as an [`Event::Looked`], or as an [`Event::NobodyThere`] where the camera stays closed.
pub fn look(camera: &Camera, ears: Arc<Ears>, events: Sender<Event>) {
    let (camera, reports) = (camera.clone(), events.clone());
    let started = super::spawn("look", move || {
        let report = match ears.nobody_there() {
            Some(why) => Event::NobodyThere(why),
            None => Event::Looked(process::look(&camera, LIMIT)),
        };
        if reports.send(report).is_err() {
            tracing::debug!("the agent has left before the look ended");
        }
    });
    if let Err(error) = started {
        drop(events.send(Event::Looked(Err(Trouble::Failed(format!("{error:#}"))))));
    }
}
