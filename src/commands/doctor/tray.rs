//! Whether the desktop shows tray icons. Without a tray, commands do everything.

use crate::commands::doctor::Finding;
use crate::desktop::tray::availability::{advice, desktop, is_there};
use moodring_platform::bus::session_bus;

pub(super) fn check() -> Finding {
    let Ok(bus) = session_bus() else {
        return Finding::note("tray", "not checked: there is no session bus", "see the line above");
    };
    match is_there(&bus) {
        Ok(true) => Finding::ok("tray", "the panel shows tray icons"),
        Ok(false) => {
            let what = "nothing on this desktop shows tray icons; commands work without a tray";
            Finding::note("tray", what, advice(&desktop()))
        }
        Err(error) => Finding::note("tray", format!("unknown: {error}"), "try again"),
    }
}
