//! Whether the session bus is there, and what happens when it stays away.
//!
//! A session without systemd ends by its bus ending. An agent that stayed would go on looking, with no tray and no command
//! that reaches it.

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// How long the bus may be away before the session counts as ended.
pub const GRACE: Duration = Duration::from_secs(60);

/// The agent's link to its session: alive while our name is held on the session bus.
pub struct SessionLink {
    alive: AtomicBool,
    ended: Box<dyn Fn() + Send + Sync>,
}

impl SessionLink {
    /// `ended` is called once when the bus has been away for a minute.
    pub fn new(ended: impl Fn() + Send + Sync + 'static) -> Self {
        Self { alive: AtomicBool::new(true), ended: Box::new(ended) }
    }

    pub fn is_alive(&self) -> bool {
        self.alive.load(Ordering::Relaxed)
    }

    pub(super) fn set_alive(&self, alive: bool) {
        self.alive.store(alive, Ordering::Relaxed);
    }

    pub(super) fn end(&self) {
        (self.ended)();
    }
}

impl fmt::Debug for SessionLink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SessionLink").field("alive", &self.is_alive()).finish_non_exhaustive()
    }
}
