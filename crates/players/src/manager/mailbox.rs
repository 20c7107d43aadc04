//! What the players thread has yet to process. Its size is bounded, however many signals arrive.

use std::collections::{BTreeSet, VecDeque};
use std::path::PathBuf;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use zbus::blocking::Connection;

use crate::adapters::mpd::wire::ShutdownHandle;
use moodring_core::domain::playback::QueueHandle;

/// A command of the agent for the chosen player, or for all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PlayerCommand {
    Queue(PathBuf),
    Dequeue(QueueHandle),
    Skip,
    /// An account that a player uses has changed outside.
    ReloadAccounts,
}

/// With more senders than this, all players are read again.
const SENDERS: usize = 1024;

/// Everything that arrived since it was last taken.
#[derive(Default)]
pub struct Pending {
    pub commands: VecDeque<PlayerCommand>,
    /// A new connection to the bus, or that the bus is gone.
    pub bus: Option<Option<Connection>>,
    /// The connection for probes, whose answers arrive as messages.
    pub probe: Option<Connection>,
    /// Whether MPD answers.
    pub mpd: Option<bool>,
    /// Players came or went.
    pub names: bool,
    /// Unique names of players that sent a signal, or "mpd".
    pub changed_senders: BTreeSet<String>,
    pub stop: bool,
}

impl Pending {
    pub fn is_any(&self) -> bool {
        let words = self.names || self.stop || self.bus.is_some() || self.mpd.is_some();
        words || !self.commands.is_empty() || !self.changed_senders.is_empty()
    }
}

#[derive(Default)]
pub(super) struct Mailbox {
    pending: Mutex<Pending>,
    condition: Condvar,
    closables: Mutex<Closables>,
}

/// Connections that listening threads wait on, closed when the manager stops.
#[derive(Default)]
struct Closables {
    bus: Option<Connection>,
    mpd: Option<ShutdownHandle>,
}

impl Mailbox {
    pub(super) fn send(&self, command: PlayerCommand) {
        self.put(|pending| pending.commands.push_back(command));
    }

    pub(super) fn note_change(&self, sender: &str) {
        self.put(|pending| {
            if pending.changed_senders.len() < SENDERS {
                pending.changed_senders.insert(sender.to_owned());
            } else {
                pending.names = true;
            }
        });
    }

    pub(super) fn note_names(&self) {
        self.put(|pending| pending.names = true);
    }

    /// `probe`: the connection for probes, whose messages the listener reads.
    pub(super) fn set_bus(&self, bus: Option<Connection>, probe: Option<Connection>) {
        self.put(|pending| (pending.bus, pending.probe) = (Some(bus), probe));
    }

    pub(super) fn set_mpd(&self, answers: bool) {
        self.put(|pending| pending.mpd = Some(answers));
    }

    /// Takes everything that has arrived; waits until something arrives or the time is up.
    pub(super) fn take(&self, until: Option<Instant>) -> Pending {
        let mut pending = lock(&self.pending);
        while !pending.is_any() {
            pending = match until.map(|until| until.saturating_duration_since(Instant::now())) {
                None => self.condition.wait(pending).unwrap_or_else(PoisonError::into_inner),
                Some(Duration::ZERO) => break,
                Some(rest) => self.condition.wait_timeout(pending, rest).unwrap_or_else(PoisonError::into_inner).0,
            };
        }
        let stop = pending.stop;
        Pending { stop, ..std::mem::replace(&mut *pending, Pending { stop, ..Pending::default() }) }
    }

    /// Lets a listening thread wait; false when the manager stops.
    pub(super) fn wait(&self, time: Duration) -> bool {
        let pending = lock(&self.pending);
        let waited = self.condition.wait_timeout_while(pending, time, |pending| !pending.stop);
        !waited.unwrap_or_else(PoisonError::into_inner).0.stop
    }

    pub(super) fn set_bus_to_close(&self, bus: Connection) {
        lock(&self.closables).bus = Some(bus);
    }

    pub(super) fn set_mpd_to_close(&self, handle: ShutdownHandle) {
        lock(&self.closables).mpd = Some(handle);
    }

    pub(super) fn stop(&self) {
        self.put(|pending| pending.stop = true);
        let closables = std::mem::take(&mut *lock(&self.closables));
        if let Some(bus) = closables.bus {
            // An error means that it is closed already.
            let _ = bus.close();
        }
        if let Some(handle) = closables.mpd {
            handle.shut_down();
        }
    }

    pub(super) fn stopped(&self) -> bool {
        lock(&self.pending).stop
    }

    fn put(&self, write: impl FnOnce(&mut Pending)) {
        write(&mut lock(&self.pending));
        self.condition.notify_all();
    }
}

/// A thread that panicked while it held the lock left complete values.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flood_of_signals_stays_small_and_loses_no_command() {
        let mailbox = Mailbox::default();
        for n in 0..100_000 {
            mailbox.note_change(&format!(":1.{n}"));
        }
        mailbox.send(PlayerCommand::Skip);
        let pending = mailbox.take(None);
        assert_eq!((pending.changed_senders.len(), pending.names, pending.commands.len()), (SENDERS, true, 1));
        assert!(!mailbox.take(Some(Instant::now())).is_any());
    }

    #[test]
    fn a_waiting_thread_wakes_when_the_manager_stops() {
        let mailbox = Mailbox::default();
        std::thread::scope(|scope| {
            let resting = scope.spawn(|| mailbox.wait(Duration::from_secs(60)));
            mailbox.stop();
            assert!(!resting.join().unwrap());
        });
    }
}
