//! Our name on the session bus: single instance, and requests from the command line.
//!
//! The interface `org.moodring.Agent1` at `/org/moodring/Moodring` has one method, `Ask(s request) -> s reply`: a
//! [`Request`] and a [`Answer`] as JSON, closed enums on both sides, and one property, `Version`.

pub mod client;
pub mod in_flight;
pub mod name_keeper;
pub mod session_link;
pub mod wire;

use moodring_platform::bus::BUS_LIMIT;
use moodring_platform::bus::session_bus_with;
use std::sync::Arc;

use anyhow::{Context, Result};
use zbus::blocking::Connection;
use zbus::fdo;

pub use crate::desktop::ipc::client::{farewell, reload, request, tell};
use crate::desktop::ipc::in_flight::{InFlight, Sent};
use crate::desktop::ipc::name_keeper::NameKeeper;
pub use crate::desktop::ipc::session_link::SessionLink;
use crate::desktop::ipc::wire::Answer;
use moodring_core::message::Request;

pub const NAME: &str = "org.moodring.Moodring";
pub const PATH: &str = "/org/moodring/Moodring";
pub const INTERFACE: &str = "org.moodring.Agent1";

/// Whose the name is.
#[derive(Debug)]
pub enum Claim {
    Ours(BusName),
    /// Another Moodring runs on this bus.
    Taken,
    /// There is no session bus, or it does not answer.
    NoBus,
}

/// Our hold on the name; it is claimed again when the bus was restarted.
///
/// When this is dropped the name is given back first, and then the answers that were on their way are sent, which takes a
/// second at most: who asked last is answered too, and who asks later is told that nobody is there.
#[derive(Debug)]
pub struct BusName {
    _keeper: NameKeeper,
}

/// Takes our name on the session bus and answers there.
///
/// `answer` is called on a thread of its own for each request and may block up to three seconds; `None` means that the
/// agent did not answer.
pub fn claim(answer: impl Fn(Request) -> Option<Answer> + Send + Sync + 'static) -> Result<Claim> {
    claim_for_session(answer, Arc::new(SessionLink::new(|| {})))
}

/// The same; `session` is kept up to date while the claim lasts.
pub fn claim_for_session(
    answer: impl Fn(Request) -> Option<Answer> + Send + Sync + 'static,
    session: Arc<SessionLink>,
) -> Result<Claim> {
    let agent = AgentInterface { answer: Arc::new(answer), underway: InFlight::default() };
    Ok(match take(&agent)? {
        Taking::Ours(connection) => Claim::Ours(BusName { _keeper: NameKeeper::start(agent, connection, session)? }),
        Taking::Taken => Claim::Taken,
        Taking::NoBus => Claim::NoBus,
    })
}

enum Taking {
    Ours(Connection),
    Taken,
    NoBus,
}

fn take(agent: &AgentInterface) -> Result<Taking> {
    // The object comes before the name, so that nobody finds the name without it.
    let object = agent.clone();
    let connection = match session_bus_with(BUS_LIMIT, move |builder| builder.serve_at(PATH, object)) {
        Ok(connection) => connection,
        Err(error) => {
            tracing::debug!("no session bus: {error}");
            return Ok(Taking::NoBus);
        }
    };
    let flags = fdo::RequestNameFlags::DoNotQueue.into();
    match connection.request_name_with_flags(NAME, flags) {
        Ok(_) => Ok(Taking::Ours(connection)),
        Err(zbus::Error::NameTaken) => Ok(Taking::Taken),
        Err(error) => Err(error).with_context(|| format!("cannot take the name {NAME} on the session bus")),
    }
}

/// The object on the bus.
#[derive(Clone)]
struct AgentInterface {
    answer: Arc<dyn Fn(Request) -> Option<Answer> + Send + Sync>,
    underway: InFlight,
}

#[zbus::interface(name = "org.moodring.Agent1")]
impl AgentInterface {
    async fn ask(&self, request: String) -> fdo::Result<Sent> {
        let turn = self.underway.begin();
        let asked = serde_json::from_str(&request)
            .map_err(|error| fdo::Error::InvalidArgs(format!("unknown request {request}: {error}")))?;
        let answer = Arc::clone(&self.answer);
        let reply = blocking::unblock(move || answer(asked)).await;
        let reply = reply.ok_or_else(|| fdo::Error::NoReply("Moodring did not answer in time".into()))?;
        let text = serde_json::to_string(&reply).map_err(|error| fdo::Error::Failed(error.to_string()))?;
        Ok(turn.send(text))
    }

    #[zbus(property(emits_changed_signal = "const"))]
    fn version(&self) -> &str {
        env!("CARGO_PKG_VERSION")
    }
}
