//! Our name on the session bus: single instance, and requests from the command line.
//!
//! The interface `org.moodring.Agent1` at `/org/moodring/Moodring` has one method, `Ask(s request) -> s reply`: a
//! [`Request`] and a [`Reply`] as JSON, closed enums on both sides, and one property, `Version`.

mod ask;
mod client;
mod keeper;
mod limit;
mod line;
mod morning;
mod print;

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use zbus::blocking::{Connection, connection};
use zbus::fdo;

use crate::event::{Reply, Request};
pub use ask::{Ask, ask};
pub use client::{reload, request};
use keeper::Keeper;
pub use limit::within;
pub(crate) use line::Line;
pub use morning::until_morning;

pub const NAME: &str = "org.moodring.Moodring";
pub const PATH: &str = "/org/moodring/Moodring";
pub const INTERFACE: &str = "org.moodring.Agent1";

/// How long a bus may take to let us in, and to answer.
const BUS_LIMIT: Duration = Duration::from_secs(3);

/// Whose the name is.
#[derive(Debug)]
pub enum Claim {
    Ours(Control),
    /// Another Moodring runs on this bus.
    Taken,
    /// There is no session bus, or it does not answer.
    NoBus,
}

/// Our hold on the name; it is given back when this is dropped, and claimed again when the bus was restarted.
#[derive(Debug)]
pub struct Control {
    _keeper: Keeper,
}

/// Takes our name on the session bus and answers there.
///
/// `answer` is called on a thread of its own for each request and may block up to three seconds; `None` means that the
/// agent did not answer.
pub fn claim(answer: impl Fn(Request) -> Option<Reply> + Send + Sync + 'static) -> Result<Claim> {
    let agent = Agent { answer: Arc::new(answer) };
    Ok(match take(&agent)? {
        Taking::Ours(connection) => Claim::Ours(Control { _keeper: Keeper::start(agent, connection)? }),
        Taking::Taken => Claim::Taken,
        Taking::NoBus => Claim::NoBus,
    })
}

/// The session bus, within three seconds; a call on it has the same limit.
pub fn session_bus() -> zbus::Result<Connection> {
    let connect = || connection::Builder::session()?.method_timeout(BUS_LIMIT).build();
    within(BUS_LIMIT, connect).unwrap_or_else(|| Err(zbus::Error::Failure("the bus does not answer".into())))
}

enum Taking {
    Ours(Connection),
    Taken,
    NoBus,
}

fn take(agent: &Agent) -> Result<Taking> {
    let connection = match session_bus() {
        Ok(connection) => connection,
        Err(error) => {
            tracing::debug!("no session bus: {error}");
            return Ok(Taking::NoBus);
        }
    };
    // The object comes before the name, so that nobody finds the name without it.
    connection.object_server().at(PATH, agent.clone()).context("cannot offer our object on the session bus")?;
    let flags = fdo::RequestNameFlags::DoNotQueue.into();
    match connection.request_name_with_flags(NAME, flags) {
        Ok(_) => Ok(Taking::Ours(connection)),
        Err(zbus::Error::NameTaken) => Ok(Taking::Taken),
        Err(error) => Err(error).with_context(|| format!("cannot take the name {NAME} on the session bus")),
    }
}

/// The object on the bus.
#[derive(Clone)]
struct Agent {
    answer: Arc<dyn Fn(Request) -> Option<Reply> + Send + Sync>,
}

#[zbus::interface(name = "org.moodring.Agent1")]
impl Agent {
    async fn ask(&self, request: String) -> fdo::Result<String> {
        let asked = serde_json::from_str(&request)
            .map_err(|error| fdo::Error::InvalidArgs(format!("unknown request {request}: {error}")))?;
        let answer = Arc::clone(&self.answer);
        let reply = blocking::unblock(move || answer(asked)).await;
        let reply = reply.ok_or_else(|| fdo::Error::NoReply("Moodring did not answer in time".into()))?;
        serde_json::to_string(&reply).map_err(|error| fdo::Error::Failed(error.to_string()))
    }

    #[zbus(property(emits_changed_signal = "const"))]
    fn version(&self) -> &str {
        env!("CARGO_PKG_VERSION")
    }
}
