//! Ends the process when a frame does not come: nokhwa waits for it without a limit.

use std::io;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::Duration;

/// Barks once when a guarded call takes too long.
pub struct Watchdog {
    rounds: Sender<Round>,
}

enum Round {
    Begun,
    Ended,
}

impl Watchdog {
    /// A thread that calls `bark` when a guarded call takes longer than `limit`.
    pub fn new(limit: Duration, bark: impl FnOnce() + Send + 'static) -> io::Result<Self> {
        let (rounds, heard) = channel();
        thread::Builder::new().name("watchdog".into()).spawn(move || {
            if watch(&heard, limit) {
                bark();
            }
        })?;
        Ok(Self { rounds })
    }

    /// Runs the call under watch.
    pub fn guard<T>(&self, call: impl FnOnce() -> T) -> T {
        // An error means that the dog has barked, which ends the process elsewhere.
        let _ = self.rounds.send(Round::Begun);
        let result = call();
        let _ = self.rounds.send(Round::Ended);
        result
    }
}

/// Whether a call took too long; ends when nobody guards any more.
fn watch(heard: &Receiver<Round>, limit: Duration) -> bool {
    while heard.recv().is_ok() {
        match heard.recv_timeout(limit) {
            Ok(_) => {}
            Err(RecvTimeoutError::Timeout) => return true,
            Err(RecvTimeoutError::Disconnected) => return false,
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_that_does_not_return_is_barked_at() {
        let (bark, barked) = channel();
        let dog = Watchdog::new(Duration::from_millis(20), move || bark.send(()).unwrap()).unwrap();
        assert_eq!(dog.guard(|| barked.recv_timeout(Duration::from_secs(5))), Ok(()));
    }

    #[test]
    fn calls_that_return_are_left_alone_and_the_dog_goes_home() {
        let (bark, barked) = channel::<()>();
        let dog = Watchdog::new(Duration::from_secs(60), move || bark.send(()).unwrap()).unwrap();
        (0..100).for_each(|_| dog.guard(|| ()));
        drop(dog);
        assert_eq!(barked.recv_timeout(Duration::from_secs(5)), Err(RecvTimeoutError::Disconnected));
    }
}
