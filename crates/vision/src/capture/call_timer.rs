//! A time limit for a system call of a library that waits without one.
//!
//! 1. nokhwa polls for a frame without a limit. A timer of the kernel sends a signal to the thread, and the call ends with
//!    EINTR.
//! 2. The signal is repeated, because the first one may arrive just before the call begins.

use std::io;
use std::mem::zeroed;
use std::ptr;
use std::time::Duration;

const REPEAT: Duration = Duration::from_millis(20);

/// A timer for the thread that created it.
pub struct CallTimer {
    timer: libc::timer_t,
}

impl CallTimer {
    pub fn new() -> io::Result<Self> {
        install_handler()?;
        let mut timer = ptr::null_mut();
        // SAFETY: both structures live during the call, and all zeroes is a value of the first.
        let made = unsafe {
            let mut event: libc::sigevent = zeroed();
            event.sigev_notify = libc::SIGEV_THREAD_ID;
            event.sigev_signo = libc::SIGALRM;
            event.sigev_notify_thread_id = libc::gettid();
            libc::timer_create(libc::CLOCK_MONOTONIC, &raw mut event, &raw mut timer)
        };
        if made == 0 { Ok(Self { timer }) } else { Err(io::Error::last_os_error()) }
    }

    /// Runs the call. A system call in it that still waits at the limit ends with EINTR.
    pub fn limit<T>(&self, limit: Duration, call: impl FnOnce() -> T) -> T {
        self.set(limit.max(Duration::from_millis(1)), REPEAT);
        let result = call();
        self.set(Duration::ZERO, Duration::ZERO);
        result
    }

    fn set(&self, first: Duration, repeat: Duration) {
        let value = libc::itimerspec { it_value: timespec(first), it_interval: timespec(repeat) };
        // SAFETY: the timer exists until this is dropped. If this fails, the watchdog ends the call.
        unsafe { libc::timer_settime(self.timer, 0, &raw const value, ptr::null_mut()) };
    }
}

impl Drop for CallTimer {
    fn drop(&mut self) {
        // SAFETY: created by `new`. In the sandbox this fails, and the timer, which is off, ends with the process.
        unsafe { libc::timer_delete(self.timer) };
    }
}

fn timespec(duration: Duration) -> libc::timespec {
    libc::timespec {
        tv_sec: i64::try_from(duration.as_secs()).unwrap_or(i64::MAX),
        tv_nsec: duration.subsec_nanos().into(),
    }
}

/// Without SA_RESTART, so that a call is interrupted and not restarted.
fn install_handler() -> io::Result<()> {
    extern "C" fn ignore(_: libc::c_int) {}
    // SAFETY: the handler does nothing, and all zeroes is a value of the structure.
    let installed = unsafe {
        let mut action: libc::sigaction = zeroed();
        action.sa_sigaction = ignore as *const () as libc::sighandler_t;
        libc::sigaction(libc::SIGALRM, &raw const action, ptr::null_mut())
    };
    if installed == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Instant;

    #[test]
    fn a_poll_without_a_limit_ends_at_the_timer() {
        let timer = CallTimer::new().unwrap();
        let begun = Instant::now();
        // SAFETY: no descriptors.
        let result = timer.limit(Duration::from_millis(50), || unsafe { libc::poll(ptr::null_mut(), 0, 10_000) });
        let error = io::Error::last_os_error();
        assert_eq!((result, error.raw_os_error()), (-1, Some(libc::EINTR)));
        assert!((50..5_000).contains(&begun.elapsed().as_millis()), "{:?}", begun.elapsed());
    }

    #[test]
    fn a_call_that_ends_in_time_is_not_interrupted() {
        let timer = CallTimer::new().unwrap();
        assert_eq!(timer.limit(Duration::from_secs(5), || 7), 7);
        // SAFETY: no descriptors.
        assert_eq!(unsafe { libc::poll(ptr::null_mut(), 0, 100) }, 0, "the timer is off again");
    }
}
