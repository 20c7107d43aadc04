//! What waits for the thread that deals with players. However much happens, it never holds much.

use std::collections::{BTreeSet, VecDeque};
use std::path::PathBuf;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use zbus::blocking::Connection;

use crate::adapters::mpd::wire::ShutdownHandle;
use moodring_core::domain::playback::QueueHandle;

/// What the agent wants done with the chosen player, or with all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PlayerCommand {
    Queue(PathBuf),
    Dequeue(QueueHandle),
    Skip,
    /// Something that players rest on, such as an account, has changed outside.
    ReloadAccounts,
}

/// More senders than this at once are a flood: everything is read again.
const SENDERS: usize = 1024;

/// All that has come since the last time.
#[derive(Default)]
pub struct Pending {
    pub orders: VecDeque<PlayerCommand>,
    /// The bus is there (again), or is gone.
    pub bus: Option<Option<Connection>>,
    /// Over which players are asked whether they answer, without waiting for it.
    pub probe: Option<Connection>,
    /// MPD answers (again), or does not any more.
    pub mpd: Option<bool>,
    /// Players came or went.
    pub names: bool,
    /// Unique names of players that said something, or "mpd".
    pub stirred: BTreeSet<String>,
    pub stop: bool,
}

impl Pending {
    pub fn any(&self) -> bool {
        let words = self.names || self.stop || self.bus.is_some() || self.mpd.is_some();
        words || !self.orders.is_empty() || !self.stirred.is_empty()
    }
}

#[derive(Default)]
pub struct Mailbox {
    letters: Mutex<Pending>,
    bell: Condvar,
    ends: Mutex<Ends>,
}

/// Connections that listening threads wait on, to be ended when all stops.
#[derive(Default)]
struct Ends {
    bus: Option<Connection>,
    mpd: Option<ShutdownHandle>,
}

impl Mailbox {
    pub fn order(&self, order: PlayerCommand) {
        self.put(|letters| letters.orders.push_back(order));
    }

    pub fn stir(&self, sender: &str) {
        self.put(|letters| {
            if letters.stirred.len() < SENDERS {
                letters.stirred.insert(sender.to_owned());
            } else {
                letters.names = true;
            }
        });
    }

    pub fn names(&self) {
        self.put(|letters| letters.names = true);
    }

    /// `probe`: the connection whose messages are listened to.
    pub fn bus(&self, bus: Option<Connection>, probe: Option<Connection>) {
        self.put(|letters| (letters.bus, letters.probe) = (Some(bus), probe));
    }

    pub fn mpd(&self, answers: bool) {
        self.put(|letters| letters.mpd = Some(answers));
    }

    /// Takes all that is there, waiting until something comes or the time is up.
    pub fn take(&self, until: Option<Instant>) -> Pending {
        let mut letters = held(&self.letters);
        while !letters.any() {
            letters = match until.map(|until| until.saturating_duration_since(Instant::now())) {
                None => self.bell.wait(letters).unwrap_or_else(PoisonError::into_inner),
                Some(Duration::ZERO) => break,
                Some(rest) => self.bell.wait_timeout(letters, rest).unwrap_or_else(PoisonError::into_inner).0,
            };
        }
        let stop = letters.stop;
        Pending { stop, ..std::mem::replace(&mut *letters, Pending { stop, ..Pending::default() }) }
    }

    /// Lets a listening thread rest; `false`: all stops.
    pub fn rest(&self, time: Duration) -> bool {
        let letters = held(&self.letters);
        let waited = self.bell.wait_timeout_while(letters, time, |letters| !letters.stop);
        !waited.unwrap_or_else(PoisonError::into_inner).0.stop
    }

    pub fn ends_with_bus(&self, bus: Connection) {
        held(&self.ends).bus = Some(bus);
    }

    pub fn ends_with_mpd(&self, plug: ShutdownHandle) {
        held(&self.ends).mpd = Some(plug);
    }

    pub fn stop(&self) {
        self.put(|letters| letters.stop = true);
        let ends = std::mem::take(&mut *held(&self.ends));
        if let Some(bus) = ends.bus {
            // It is gone either way.
            let _ = bus.close();
        }
        if let Some(plug) = ends.mpd {
            plug.pull();
        }
    }

    pub fn stopped(&self) -> bool {
        held(&self.letters).stop
    }

    fn put(&self, write: impl FnOnce(&mut Pending)) {
        write(&mut held(&self.letters));
        self.bell.notify_all();
    }
}

/// A thread that panicked left nothing half done here.
fn held<T>(lock: &Mutex<T>) -> MutexGuard<'_, T> {
    lock.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flood_of_signals_stays_small_and_loses_no_order() {
        let inbox = Mailbox::default();
        for n in 0..100_000 {
            inbox.stir(&format!(":1.{n}"));
        }
        inbox.order(PlayerCommand::Skip);
        let letters = inbox.take(None);
        assert_eq!((letters.stirred.len(), letters.names, letters.orders.len()), (SENDERS, true, 1));
        assert!(!inbox.take(Some(Instant::now())).any());
    }

    #[test]
    fn whoever_rests_is_woken_when_all_stops() {
        let inbox = Mailbox::default();
        std::thread::scope(|scope| {
            let resting = scope.spawn(|| inbox.rest(Duration::from_secs(60)));
            inbox.stop();
            assert!(!resting.join().unwrap());
        });
    }
}
