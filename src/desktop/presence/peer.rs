//! A program on a bus that is asked something. Each question ends with the connection's limit.

use std::collections::HashMap;

use serde::Serialize;
use zbus::blocking::Connection;
use zbus::blocking::fdo::DBusProxy;
use zbus::zvariant::{DynamicDeserialize, DynamicType, OwnedValue};

use moodring_platform::bus::timed_out;

pub(super) type Properties = HashMap<String, OwnedValue>;

const PROPERTIES: &str = "org.freedesktop.DBus.Properties";

pub(super) struct Peer<'a> {
    bus: &'a Connection,
    name: String,
    path: String,
}

impl<'a> Peer<'a> {
    /// By its well-known name; asking may start it.
    pub fn named(bus: &'a Connection, name: &str, path: impl Into<String>) -> Self {
        Self { bus, name: name.into(), path: path.into() }
    }

    /// The program that has this name now; asking starts nothing. `None`: nobody has it.
    pub fn present(bus: &'a Connection, name: &str, path: impl Into<String>) -> Option<Self> {
        let owner = DBusProxy::new(bus).ok()?.get_name_owner(name.try_into().ok()?).ok()?;
        Some(Self { bus, name: owner.to_string(), path: path.into() })
    }

    pub fn call<R>(&self, interface: &str, method: &str, body: &(impl Serialize + DynamicType)) -> zbus::Result<R>
    where
        R: for<'d> DynamicDeserialize<'d>,
    {
        let reply =
            self.bus.call_method(Some(self.name.as_str()), self.path.as_str(), Some(interface), method, body)?;
        reply.body().deserialize()
    }

    pub fn get(&self, interface: &str, property: &str) -> zbus::Result<OwnedValue> {
        self.call(PROPERTIES, "Get", &(interface, property))
    }

    pub fn all(&self, interface: &str) -> zbus::Result<Properties> {
        self.call(PROPERTIES, "GetAll", &interface)
    }
}

/// `None` for what is missing or not a truth value.
pub(super) fn flag(properties: &Properties, name: &str) -> Option<bool> {
    truth(properties.get(name)?)
}

pub(super) fn truth(value: &OwnedValue) -> Option<bool> {
    bool::try_from(value).ok()
}

/// The answer; `Ok(None)`: there is none to be had. An error only for one who did not answer in time.
pub(super) fn heard<T>(answer: zbus::Result<T>) -> anyhow::Result<Option<T>> {
    match answer.map_err(anyhow::Error::from) {
        Ok(answer) => Ok(Some(answer)),
        Err(error) if timed_out(&error) => Err(error),
        Err(_) => Ok(None),
    }
}
