//! Is there a tray to show the icon in? Without one, all can be done by commands.

use crate::commands::doctor::Finding;
use crate::desktop::tray::availability::{advice, desktop, is_there};
use moodring_platform::bus::session_bus;

pub(super) fn check() -> Finding {
    let Ok(bus) = session_bus() else {
        return Finding::note("tray", "not looked for: there is no session bus", "see the line above");
    };
    match is_there(&bus) {
        Ok(true) => Finding::ok("tray", "the panel shows tray icons"),
        Ok(false) => {
            let what = "nothing on this desktop shows tray icons; commands work without";
            Finding::note("tray", what, advice(&desktop()))
        }
        Err(error) => Finding::note("tray", format!("the bus does not tell: {error}"), "try again"),
    }
}
