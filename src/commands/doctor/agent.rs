//! Whether the agent runs and answers.

use zbus::blocking::Proxy;

use crate::commands::doctor::Finding;
use crate::desktop::ipc::wire::Answer;
use crate::desktop::ipc::wire::StatusReport;
use crate::desktop::ipc::{INTERFACE, NAME, PATH, request};
use crate::desktop::wording;
use moodring_core::message::Request;
use moodring_platform::bus::session_bus;

pub(super) fn check() -> Finding {
    let Some(version) = read_version() else {
        return Finding::note("agent", "Moodring is not running", "start it with `moodring`");
    };
    match request(&Request::Status) {
        Ok(_) if version != env!("CARGO_PKG_VERSION") => Finding::note(
            "agent",
            format!("Moodring {version} is running, but this program is {}", env!("CARGO_PKG_VERSION")),
            "restart it: `moodring quit`, then `moodring`",
        ),
        Ok(Answer::Status(view)) => {
            Finding::ok("agent", format!("Moodring is running: {}{}", wording::phase(&view.phase), looks(&view)))
        }
        Ok(other) => Finding::problem(
            "agent",
            format!("unexpected answer: {other:?}"),
            "restart it: `moodring quit`, then `moodring`",
        ),
        Err(error) => Finding::fault("agent", &error),
    }
}

/// The version of the running agent; `None` when none runs. Starts nothing.
fn read_version() -> Option<String> {
    let bus = session_bus().ok()?;
    let owner = zbus::blocking::fdo::DBusProxy::new(&bus).ok()?.get_name_owner(NAME.try_into().ok()?).ok()?;
    let proxy = Proxy::new(&bus, owner, PATH, INTERFACE).ok()?;
    Some(proxy.get_property("Version").unwrap_or_else(|_| "of an unknown version".into()))
}

fn looks(view: &StatusReport) -> String {
    view.no_look.map(|why| format!("; no looks {}", wording::no_look(why))).unwrap_or_default()
}
