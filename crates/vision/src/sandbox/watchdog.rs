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
    /// A call that may take so long.
    Begun(Duration),
    Ended,
}

impl Watchdog {
    /// A thread that calls `bark`, with the limit, when a guarded call takes longer than that.
    pub fn new(bark: impl FnOnce(Duration) + Send + 'static) -> io::Result<Self> {
        let (rounds, heard) = channel();
        thread::Builder::new().name("watchdog".into()).spawn(move || {
            if let Some(limit) = watch(&heard) {
                bark(limit);
            }
        })?;
        Ok(Self { rounds })
    }

    /// Runs the call under watch.
    pub fn guard<T>(&self, limit: Duration, call: impl FnOnce() -> T) -> T {
        // An error means that the dog has barked, which ends the process elsewhere.
        let _ = self.rounds.send(Round::Begun(limit));
        let result = call();
        let _ = self.rounds.send(Round::Ended);
        result
    }
}

/// The limit that a call has passed; ends with `None` when nobody guards any more.
fn watch(heard: &Receiver<Round>) -> Option<Duration> {
    while let Ok(round) = heard.recv() {
        let Round::Begun(limit) = round else { continue };
        match heard.recv_timeout(limit) {
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
    fn a_call_that_does_not_return_is_barked_at() {
        let (bark, barked) = channel();
        let dog = Watchdog::new(move |limit| bark.send(limit).unwrap()).unwrap();
        let limit = Duration::from_millis(20);
        assert_eq!(dog.guard(limit, || barked.recv_timeout(Duration::from_secs(5))), Ok(limit));
    }

    #[test]
    fn calls_that_return_are_left_alone_and_the_dog_goes_home() {
        let (bark, barked) = channel::<Duration>();
        let dog = Watchdog::new(move |limit| bark.send(limit).unwrap()).unwrap();
        (0..100).for_each(|_| dog.guard(Duration::from_secs(60), || ()));
        drop(dog);
        assert_eq!(barked.recv_timeout(Duration::from_secs(5)), Err(RecvTimeoutError::Disconnected));
    }
}
