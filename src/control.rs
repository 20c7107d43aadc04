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
mod underway;

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use zbus::blocking::{Connection, connection};
use zbus::fdo;

use crate::event::{Reply, Request};
pub use ask::{Ask, ask};
use client::farewell;
pub use client::{reload, request, tell};
use keeper::Keeper;
pub use limit::within;
pub(crate) use line::Line;
pub use morning::until_morning;
use underway::{Sent, Underway};

pub const NAME: &str = "org.moodring.Moodring";
pub const PATH: &str = "/org/moodring/Moodring";
pub const INTERFACE: &str = "org.moodring.Agent1";

/// How long a bus may take to let us in, and to answer.
pub(crate) const BUS_LIMIT: Duration = Duration::from_secs(3);

/// Whose the name is.
#[derive(Debug)]
pub enum Claim {
    Ours(Control),
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
pub struct Control {
    _keeper: Keeper,
}

/// Takes our name on the session bus and answers there.
///
/// `answer` is called on a thread of its own for each request and may block up to three seconds; `None` means that the
/// agent did not answer.
pub fn claim(answer: impl Fn(Request) -> Option<Reply> + Send + Sync + 'static) -> Result<Claim> {
    let agent = Agent { answer: Arc::new(answer), underway: Underway::default() };
    Ok(match take(&agent)? {
        Taking::Ours(connection) => Claim::Ours(Control { _keeper: Keeper::start(agent, connection)? }),
        Taking::Taken => Claim::Taken,
        Taking::NoBus => Claim::NoBus,
    })
}

/// The session bus, within three seconds; a call on it has the same limit.
pub fn session_bus() -> zbus::Result<Connection> {
    session_bus_for(BUS_LIMIT)
}

/// The session bus, within three seconds, for calls that may take `limit`.
fn session_bus_for(limit: Duration) -> zbus::Result<Connection> {
    session_bus_with(limit, Ok)
}

/// The session bus, prepared: what is to be called from outside must be served from the beginning. An object that comes
/// later is there some moments before its calls are heard, and those that come between are lost.
fn session_bus_with(
    limit: Duration,
    prepare: impl FnOnce(connection::Builder<'static>) -> zbus::Result<connection::Builder<'static>> + Send + 'static,
) -> zbus::Result<Connection> {
    let connect = move || prepare(connection::Builder::session()?.method_timeout(limit))?.build();
    within(BUS_LIMIT, connect).unwrap_or_else(|| Err(zbus::Error::Failure("the bus does not answer".into())))
}

enum Taking {
    Ours(Connection),
    Taken,
    NoBus,
}

fn take(agent: &Agent) -> Result<Taking> {
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
struct Agent {
    answer: Arc<dyn Fn(Request) -> Option<Reply> + Send + Sync>,
    underway: Underway,
}

#[zbus::interface(name = "org.moodring.Agent1")]
impl Agent {
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
