//! A time limit for a call that has none of its own.

use std::sync::mpsc;
use std::thread;
use std::time::Duration;

/// Runs `work` on a thread of its own; `None` when it has not ended within `limit` (the thread is then left behind) or
/// no thread could be started.
pub fn within<T: Send + 'static>(limit: Duration, work: impl FnOnce() -> T + Send + 'static) -> Option<T> {
    let (done, result) = mpsc::channel();
    // The receiver is gone when the limit has passed; nobody wants the result then.
    let run = move || drop(done.send(work()));
    thread::Builder::new().name("limited".into()).spawn(run).ok()?;
    result.recv_timeout(limit).ok()
}
