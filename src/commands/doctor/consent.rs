//! What the owner has said about the camera.

use crate::commands::doctor::{Finding, library};
use crate::config;

pub(super) fn check() -> Finding {
    // A file with a fault is told by the check of the settings.
    if !config::load().unwrap_or_default().camera.enabled {
        return Finding::ok("consent", "not asked for: the camera is turned off in the settings");
    }
    match given() {
        Some(true) => Finding::ok("consent", "Moodring may use the camera; `moodring camera deny` withdraws that"),
        Some(false) => Finding::ok("consent", "Moodring never opens the camera, as you have said"),
        None => Finding::note(
            "consent",
            "Moodring has not been told yet whether it may use the camera, and does not open it",
            "start `moodring` and answer, in the terminal or in the tray's menu",
        ),
    }
}

/// The owner's answer; `None`: none yet. A broken library is its own finding.
pub(super) fn given() -> Option<bool> {
    library::open().ok()??.settings().ok()?.consent
}
