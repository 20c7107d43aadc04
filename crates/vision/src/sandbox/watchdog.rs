//! A second limit on a camera call, in case the system call itself does not return.

use std::io;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::Duration;

/// Runs a callback once when a guarded call takes too long.
pub struct Watchdog {
    calls: Sender<CallEvent>,
}

enum CallEvent {
    /// A call started that may take this long.
    Begun(Duration),
    Ended,
}

impl Watchdog {
    /// A thread that calls `on_timeout`, with the limit, when a guarded call takes longer than that.
    pub fn new(on_timeout: impl FnOnce(Duration) + Send + 'static) -> io::Result<Self> {
        let (calls, receiver) = channel();
        thread::Builder::new().name("watchdog".into()).spawn(move || {
            if let Some(limit) = wait_for_timeout(&receiver) {
                on_timeout(limit);
            }
        })?;
        Ok(Self { calls })
    }

    /// Runs a call with a limit.
    pub fn guard<T>(&self, limit: Duration, call: impl FnOnce() -> T) -> T {
        // An error means that the callback has run; it ends the process.
        let _ = self.calls.send(CallEvent::Begun(limit));
        let result = call();
        let _ = self.calls.send(CallEvent::Ended);
        result
    }
}

/// The limit that a call has exceeded; `None` when the [`Watchdog`] was dropped.
fn wait_for_timeout(receiver: &Receiver<CallEvent>) -> Option<Duration> {
    while let Ok(round) = receiver.recv() {
        let CallEvent::Begun(limit) = round else { continue };
        match receiver.recv_timeout(limit) {
            Ok(_) => {}
            Err(RecvTimeoutError::Timeout) => return Some(limit),
            Err(RecvTimeoutError::Disconnected) => return None,
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_that_does_not_return_triggers_the_callback() {
        let (timeout, timed_out) = channel();
        let watchdog = Watchdog::new(move |limit| timeout.send(limit).unwrap()).unwrap();
        let limit = Duration::from_millis(20);
        assert_eq!(watchdog.guard(limit, || timed_out.recv_timeout(Duration::from_secs(5))), Ok(limit));
    }

    #[test]
    fn calls_that_return_trigger_nothing_and_the_thread_ends() {
        let (timeout, timed_out) = channel::<Duration>();
        let watchdog = Watchdog::new(move |limit| timeout.send(limit).unwrap()).unwrap();
        (0..100).for_each(|_| watchdog.guard(Duration::from_secs(60), || ()));
        drop(watchdog);
        assert_eq!(timed_out.recv_timeout(Duration::from_secs(5)), Err(RecvTimeoutError::Disconnected));
    }
}
