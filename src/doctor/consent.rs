//! What the owner has said about the camera.

use super::{Finding, library};

pub(super) fn check() -> Finding {
    let consent = match library::open() {
        // A broken library is its own finding.
        Ok(None) | Err(_) => None,
        Ok(Some(library)) => library.settings().ok().and_then(|settings| settings.consent),
    };
    match consent {
        Some(true) => Finding::ok("consent", "Moodring may use the camera; `moodring camera deny` withdraws that"),
        Some(false) => Finding::ok("consent", "Moodring never opens the camera, as you have said"),
        None => Finding::note(
            "consent",
            "Moodring has not been told yet whether it may use the camera, and does not open it",
            "start `moodring` and answer, in the terminal or in the tray's menu",
        ),
    }
}
