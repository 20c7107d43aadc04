//! The notification daemon, by the Desktop Notifications Specification 1.2.

use std::collections::HashMap;

use anyhow::Result;
use zbus::MatchRule;
use zbus::blocking::{Connection, MessageIterator, Proxy};
use zbus::message::Type;
use zbus::zvariant::Value;

use crate::desktop::notifications::wording::Text;
use moodring_platform::bus::session_bus;
use moodring_platform::threads::spawn;

const NAME: &str = "org.freedesktop.Notifications";
const PATH: &str = "/org/freedesktop/Notifications";

/// A connection to it; closed when dropped.
#[derive(Debug)]
pub(super) struct Daemon {
    bus: Connection,
    /// What it can do, for instance "actions" and "body-markup".
    abilities: Vec<String>,
}

impl Daemon {
    /// `pressed` gets the id of a notice and the key of its button, from another thread, until it returns `false`.
    pub fn meet(pressed: impl Fn(u32, String) -> bool + Send + 'static) -> Result<Self> {
        let bus = session_bus()?;
        let abilities = Proxy::new(&bus, NAME, PATH, NAME)?.call("GetCapabilities", &())?;
        let daemon = Self { bus, abilities };
        if daemon.can("actions") {
            daemon.listen(pressed)?;
        }
        Ok(daemon)
    }

    fn can(&self, what: &str) -> bool {
        self.abilities.iter().any(|ability| ability == what)
    }

    fn listen(&self, pressed: impl Fn(u32, String) -> bool + Send + 'static) -> Result<()> {
        let rule = MatchRule::builder().msg_type(Type::Signal).sender(NAME)?.path(PATH)?.interface(NAME)?;
        let signals = MessageIterator::for_match_rule(rule.member("ActionInvoked")?.build(), &self.bus, None)?;
        spawn("notice buttons", move || {
            for message in signals.flatten() {
                // A daemon that sends something else has nothing to say to us.
                let Ok((id, key)) = message.body().deserialize::<(u32, String)>() else { continue };
                if !pressed(id, key) {
                    return;
                }
            }
        })
    }

    /// Shows it in place of the notice `before` (0: of none), and returns its id.
    pub fn show(&self, text: &Text, before: u32) -> Result<u32> {
        let mut hints = HashMap::from([
            ("desktop-entry", Value::from("org.moodring.Moodring")),
            ("urgency", Value::U8(u8::from(text.stays))),
        ]);
        if !text.stays {
            hints.insert("transient", Value::Bool(true));
        }
        let buttons = if self.can("actions") { text.buttons.as_slice() } else { &[] };
        let buttons: Vec<&str> = buttons.iter().flat_map(|(key, label)| [key.as_str(), label]).collect();
        let body = if self.can("body-markup") { escaped(&text.body) } else { text.body.clone() };
        let notice = ("Moodring", before, "moodring", text.summary.as_str(), body, buttons, hints, -1);
        Ok(Proxy::new(&self.bus, NAME, PATH, NAME)?.call("Notify", &notice)?)
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        // It may be gone already.
        let _ = self.bus.clone().close();
    }
}

/// A title from a file must not become markup.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
