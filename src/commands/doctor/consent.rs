//! The user's answer about the camera.

use crate::commands::doctor::{Finding, library};
use crate::config;

pub(super) fn check() -> Finding {
    // An invalid file is reported by the check of the settings.
    if !config::load().unwrap_or_default().camera.enabled {
        return Finding::ok("consent", "not asked for: the camera is turned off in the settings");
    }
    match given() {
        Some(true) => {
            Finding::ok("consent", "Moodring may use the camera; `moodring camera deny` withdraws the permission")
        }
        Some(false) => Finding::ok("consent", "Moodring never opens the camera, because you denied it"),
        None => Finding::note(
            "consent",
            "you have not answered yet whether Moodring may use the camera, so it does not open it",
            "start `moodring` and answer, in the terminal or in the tray's menu",
        ),
    }
}

/// The user's answer; `None`: not given yet. A broken library is reported by its own check.
pub(super) fn given() -> Option<bool> {
    library::open().ok()??.settings().ok()?.consent
}
