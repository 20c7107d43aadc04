//! Keeps the name: when the bus goes away and comes back, it is claimed again.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use std::{io, thread};

use zbus::blocking::Connection;

use crate::desktop::ipc::session_link::{GRACE, SessionLink};
use crate::desktop::ipc::{AgentInterface, InFlight, NAME, Taking, take};

/// Waits between attempts double from the first to the longest.
const FIRST_WAIT: Duration = Duration::from_secs(1);
const LONGEST_WAIT: Duration = Duration::from_secs(30);
/// How long answers may take to be sent when we leave.
const FAREWELL: Duration = Duration::from_secs(1);

#[derive(Debug)]
pub(super) struct NameKeeper {
    hold: Arc<Hold>,
    underway: InFlight,
}

#[derive(Debug, Default)]
struct Hold {
    state: Mutex<NameState>,
    dropped: Condvar,
}

#[derive(Debug, Default)]
struct NameState {
    connection: Option<Connection>,
    dropped: bool,
}

impl Hold {
    fn state(&self) -> MutexGuard<'_, NameState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits; `false` when the name is not wanted any more.
    fn wait(&self, time: Duration) -> bool {
        let waited = self.dropped.wait_timeout_while(self.state(), time, |state| !state.dropped);
        !waited.unwrap_or_else(PoisonError::into_inner).0.dropped
    }

    /// Keeps the new connection; `false` when the name is not wanted any more.
    fn renew(&self, connection: Connection) -> bool {
        let mut state = self.state();
        state.connection = Some(connection);
        !state.dropped
    }
}

impl NameKeeper {
    pub(super) fn start(agent: AgentInterface, connection: Connection, session: Arc<SessionLink>) -> io::Result<Self> {
        let hold = Arc::new(Hold::default());
        hold.renew(connection.clone());
        let kept = Arc::clone(&hold);
        let underway = agent.underway.clone();
        thread::Builder::new().name("control".into()).spawn(move || keep(&kept, &agent, connection, &session))?;
        Ok(Self { hold, underway })
    }
}

impl Drop for NameKeeper {
    fn drop(&mut self) {
        let mut state = self.hold.state();
        state.dropped = true;
        self.hold.dropped.notify_all();
        let connection = state.connection.take();
        drop(state);
        if let Some(connection) = connection {
            // Both fail only when the bus is gone, and the name with it.
            let _ = connection.release_name(NAME);
            self.underway.wait(FAREWELL);
            let _ = connection.close();
        }
    }
}

fn keep(hold: &Hold, agent: &AgentInterface, mut connection: Connection, session: &SessionLink) {
    loop {
        connection.closed();
        session.set_alive(false);
        let end = Instant::now() + GRACE;
        let mut wait = FIRST_WAIT;
        connection = loop {
            if !hold.wait(wait.min(end.saturating_duration_since(Instant::now()))) {
                return;
            }
            if Instant::now() >= end {
                tracing::info!("the session bus has been gone for a minute: leaving");
                return session.end();
            }
            match take(agent) {
                Ok(Taking::Ours(connection)) => break connection,
                Ok(Taking::Taken) => tracing::warn!("another program has the name {NAME}; commands go to it"),
                Ok(Taking::NoBus) => {}
                Err(error) => tracing::warn!("{error:#}"),
            }
            wait = (wait * 2).min(LONGEST_WAIT);
        };
        if !hold.renew(connection.clone()) {
            return;
        }
        session.set_alive(true);
        tracing::info!("the session bus is back; commands reach us again");
    }
}
