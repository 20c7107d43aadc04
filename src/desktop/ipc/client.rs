//! The other end: a request to the agent that runs.

use std::time::{Duration, Instant};

use anyhow::Result;
use zbus::blocking::{Connection, Proxy};
use zbus::proxy::{CacheProperties, MethodFlags};

use crate::desktop::ipc::wire::Answer;
use crate::desktop::ipc::{INTERFACE, NAME, PATH};
use moodring_core::error::user_error;
use moodring_core::message::Request;
use moodring_platform::bus::{session_bus, session_bus_for};
use moodring_platform::deadline::within;

/// The agent has four seconds, the bus the rest.
const LIMIT: Duration = Duration::from_secs(5);
/// How long a leaving agent may take to give its songs back and its name up.
const FAREWELL: Duration = Duration::from_secs(6);

/// Asks the agent that runs; nothing is started.
///
/// Fails within five seconds with a hint when no agent runs, it does not answer, or it is of another version.
pub fn request(request: &Request) -> Result<Answer> {
    let text = serde_json::to_string(request)?;
    let answer = match within(LIMIT, move || call(&text)).unwrap_or(Err(ClientError::NoAnswer)) {
        Err(ClientError::Left) if *request == Request::Quit => return Ok(Answer::Done("Moodring has left".into())),
        answer => answer?,
    };
    serde_json::from_str(&answer).map_err(|error| ClientError::Stranger(error.to_string()).into())
}

/// Tells the agent that the library has changed; that none may run is no fault.
pub fn reload() {
    tell(&Request::Reload);
}

/// Tells the agent that something has changed outside; that none may run is no fault.
pub fn tell(news: &Request) {
    if let Err(error) = request(news) {
        tracing::debug!("no agent was told: {error:#}");
    }
}

/// Why there is no answer.
enum ClientError {
    NoBus(zbus::Error),
    NotRunning,
    /// It has left while it was asked.
    Left,
    NoAnswer,
    /// It speaks, but not as we do.
    Stranger(String),
}

fn call(text: &str) -> Result<String, ClientError> {
    let bus = session_bus_for(LIMIT).map_err(ClientError::NoBus)?;
    let answer = put(&bus, text);
    if matches!(answer, Err(ClientError::NoAnswer)) && has_left(&bus) { Err(ClientError::Left) } else { answer }
}

fn put(bus: &Connection, text: &str) -> Result<String, ClientError> {
    let proxy = zbus::blocking::proxy::Builder::<Proxy<'_>>::new(bus)
        .destination(NAME)
        .and_then(|builder| builder.path(PATH))
        .and_then(|builder| builder.interface(INTERFACE))
        .and_then(|builder| builder.cache_properties(CacheProperties::No).build())
        .map_err(silence)?;
    // No auto-start: a question must not wake what its owner has ended.
    let answer = proxy.call_with_flags("Ask", MethodFlags::NoAutoStart.into(), &text).map_err(silence)?;
    answer.ok_or(ClientError::NoAnswer)
}

fn has_left(bus: &Connection) -> bool {
    let dbus = zbus::blocking::fdo::DBusProxy::new(bus);
    dbus.and_then(|dbus| Ok(dbus.name_has_owner(NAME.try_into()?)?)).is_ok_and(|there| !there)
}

/// Waits until an agent that was asked to leave has done so, six seconds at most.
pub fn farewell() {
    let Ok(bus) = session_bus() else { return };
    let end = Instant::now() + FAREWELL;
    while Instant::now() < end && !bus.is_closed() && !has_left(&bus) {
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn silence(error: zbus::Error) -> ClientError {
    let zbus::Error::MethodError(name, text, _) = &error else { return ClientError::NoAnswer };
    match name.as_str().trim_start_matches("org.freedesktop.DBus.Error.") {
        "ServiceUnknown" | "NameHasNoOwner" => ClientError::NotRunning,
        "InvalidArgs" | "UnknownMethod" | "UnknownInterface" | "UnknownObject" => {
            ClientError::Stranger(text.clone().unwrap_or_default())
        }
        _ => ClientError::NoAnswer,
    }
}

impl From<ClientError> for anyhow::Error {
    fn from(silence: ClientError) -> Self {
        match silence {
            ClientError::NoBus(error) => user_error(
                format!("the session bus cannot be reached: {error}"),
                "run this inside your desktop session, where DBUS_SESSION_BUS_ADDRESS is set",
            ),
            ClientError::NotRunning | ClientError::Left => user_error(
                "Moodring is not running",
                "start it with `moodring`; `moodring autostart on` starts it at each login",
            ),
            ClientError::NoAnswer => user_error(
                "Moodring runs, but does not answer",
                "try again in a moment; if it stays silent, end its process and start `moodring` again",
            ),
            ClientError::Stranger(text) => user_error(
                format!("the Moodring that runs is of another version: {text}"),
                "start it anew: `moodring quit`, then `moodring`",
            ),
        }
    }
}
