//! Which signals are believed.
//!
//! Match rules bring the signals of a service, but the bus also delivers whatever another program addresses to this
//! connection. So each signal is checked: it must come from the program that has the service's name now, from the
//! service's object and interface.

use std::collections::HashMap;

use zbus::Message;
use zbus::blocking::Connection;
use zbus::blocking::fdo::DBusProxy;
use zbus::message::Type;
use zbus::names::{BusName, WellKnownName};

const BUS: &str = "org.freedesktop.DBus";

/// A service whose signals are believed.
#[derive(Clone, Copy, Debug)]
pub(super) struct SignalSource {
    pub name: &'static str,
    /// Objects that its signals come from, and all below them.
    pub paths: &'static [&'static str],
    pub interfaces: &'static [&'static str],
}

pub(super) struct TrustedSignals {
    sources: Vec<SignalSource>,
    /// The unique name of the program that has each source's name now.
    owners: HashMap<&'static str, String>,
}

impl TrustedSignals {
    /// Asks who has these names. To be made after the match rules, so that no change is missed.
    pub fn new(bus: &Connection, sources: Vec<SignalSource>) -> zbus::Result<Self> {
        let daemon = DBusProxy::new(bus)?;
        let owner = |source: &SignalSource| {
            let name: BusName = WellKnownName::from_static_str(source.name).ok()?.into();
            Some((source.name, daemon.get_name_owner(name).ok()?.to_string()))
        };
        let owners = sources.iter().filter_map(owner).collect();
        Ok(Self { sources, owners })
    }

    /// The service that this signal is about: one that sent it, or whose name has another owner now. `None` for
    /// everything else.
    pub fn check(&mut self, message: &Message) -> Option<&'static str> {
        let header = message.header();
        if header.message_type() != Type::Signal {
            return None;
        }
        let (sender, path, interface) =
            (header.sender()?.as_str(), header.path()?.as_str(), header.interface()?.as_str());
        if sender == BUS {
            let changed = interface == BUS && header.member().is_some_and(|member| member == "NameOwnerChanged");
            return if changed { self.change_owner(message) } else { None };
        }
        let sent = |source: &&SignalSource| {
            let owns = self.owners.get(source.name).is_some_and(|owner| owner == sender);
            owns && source.interfaces.contains(&interface) && source.paths.iter().any(|object| is_under(path, object))
        };
        self.sources.iter().find(sent).map(|source| source.name)
    }

    fn change_owner(&mut self, message: &Message) -> Option<&'static str> {
        let (name, _, owner): (String, String, String) = message.body().deserialize().ok()?;
        let source = self.sources.iter().find(|source| source.name == name)?;
        match owner.as_str() {
            "" => self.owners.remove(source.name),
            _ => self.owners.insert(source.name, owner),
        };
        Some(source.name)
    }
}

fn is_under(path: &str, object: &str) -> bool {
    path.strip_prefix(object).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOGIND: SignalSource = SignalSource {
        name: "org.freedesktop.login1",
        paths: &["/org/freedesktop/login1"],
        interfaces: &["org.freedesktop.login1.Manager"],
    };

    fn signal(sender: &str, path: &str, interface: &str) -> Message {
        let builder = Message::signal(path, interface, "PrepareForSleep").unwrap();
        builder.sender(sender).unwrap().build(&true).unwrap()
    }

    #[test]
    fn only_the_services_own_signals_are_believed() {
        let owners = HashMap::from([(LOGIND.name, ":1.5".to_owned())]);
        let mut trusted = TrustedSignals { sources: vec![LOGIND], owners };
        let mut check = |sender, path, interface| trusted.check(&signal(sender, path, interface)).is_some();
        let (path, interface) = (LOGIND.paths[0], LOGIND.interfaces[0]);
        assert!(check(":1.5", path, interface) && check(":1.5", "/org/freedesktop/login1/session/_32", interface));
        assert!(!check(":1.6", path, interface), "another sender");
        assert!(!check(":1.5", "/org/freedesktop/login1x", interface), "another object");
        assert!(!check(":1.5", path, "org.example.Manager"), "another interface");
    }

    #[test]
    fn a_name_with_another_owner_is_followed() {
        let owners = HashMap::from([(LOGIND.name, ":1.5".to_owned())]);
        let mut trusted = TrustedSignals { sources: vec![LOGIND], owners };
        let changed = Message::signal("/org/freedesktop/DBus", BUS, "NameOwnerChanged").unwrap();
        let changed = changed.sender(BUS).unwrap().build(&(LOGIND.name, ":1.5", ":1.6")).unwrap();
        assert_eq!(trusted.check(&changed), Some(LOGIND.name));
        assert!(trusted.check(&signal(":1.6", LOGIND.paths[0], LOGIND.interfaces[0])).is_some());
        assert!(trusted.check(&signal(":1.5", LOGIND.paths[0], LOGIND.interfaces[0])).is_none());
    }
}
