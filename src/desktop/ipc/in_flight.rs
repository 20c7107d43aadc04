//! Answers that are on their way out: whoever leaves waits for them.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde::{Serialize, Serializer};
use zbus::zvariant::{Signature, Type};

/// Counts the requests that have come in and whose answers the bus does not have yet.
#[derive(Clone, Debug, Default)]
pub(super) struct InFlight(Arc<(Mutex<usize>, Condvar)>);

impl InFlight {
    pub fn begin(&self) -> Turn {
        *self.count() += 1;
        Turn(self.clone())
    }

    /// Returns when every answer was sent, or `limit` has passed.
    pub fn wait(&self, limit: Duration) {
        // Whoever is not answered by then is told by the bus that we have gone.
        drop(self.0.1.wait_timeout_while(self.count(), limit, |count| *count > 0));
    }

    fn count(&self) -> MutexGuard<'_, usize> {
        self.0.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One request, until its answer was sent or has failed.
#[derive(Debug)]
pub(super) struct Turn(InFlight);

impl Turn {
    pub fn send(self, text: String) -> Sent {
        Sent { text, _turn: self }
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        *self.0.count() -= 1;
        self.0.0.1.notify_all();
    }
}

/// An answer: a string on the bus, which lets go of what it returns only after sending it.
#[derive(Debug)]
pub(super) struct Sent {
    text: String,
    _turn: Turn,
}

impl Serialize for Sent {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.text.serialize(serializer)
    }
}

impl Type for Sent {
    const SIGNATURE: &'static Signature = String::SIGNATURE;
}
