//! A time limit for a call without one.

use std::sync::mpsc;
use std::thread;
use std::time::Duration;

/// Runs `work` on another thread. `None` if it has not ended within `limit` (the thread then continues on its own) or no
/// thread could be started.
pub fn within<T: Send + 'static>(limit: Duration, work: impl FnOnce() -> T + Send + 'static) -> Option<T> {
    let (done, result) = mpsc::channel();
    // The receiver is gone after the limit; the result is dropped then.
    let run = move || drop(done.send(work()));
    thread::Builder::new().name("limited".into()).spawn(run).ok()?;
    result.recv_timeout(limit).ok()
}
