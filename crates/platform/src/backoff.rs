//! Waits between attempts that double up to a limit.

use std::time::Duration;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Backoff {
    first: Duration,
    longest: Duration,
    next: Duration,
}

impl Backoff {
    pub const fn new(first: Duration, longest: Duration) -> Self {
        Self { first, longest, next: first }
    }

    /// The wait before the next attempt; the one after it is twice as long.
    pub fn next_wait(&mut self) -> Duration {
        let wait = self.next;
        self.next = (wait * 2).min(self.longest);
        wait
    }

    /// The wait that [`Backoff::next_wait`] returns next.
    pub fn wait(&self) -> Duration {
        self.next
    }

    /// Starts again with the first wait; called after a success.
    pub fn reset(&mut self) {
        self.next = self.first;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_the_longest_and_begin_again_after_a_success() {
        let mut backoff = Backoff::new(Duration::from_secs(1), Duration::from_secs(5));
        assert_eq!([1, 2, 4, 5, 5].map(Duration::from_secs), std::array::from_fn(|_| backoff.next_wait()));
        backoff.reset();
        assert_eq!((backoff.wait(), backoff.next_wait()), (Duration::from_secs(1), Duration::from_secs(1)));
        assert_eq!(backoff.wait(), Duration::from_secs(2));
    }
}
