//! Who waits for which answer.

use std::collections::HashMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Sender, SyncSender, sync_channel};
use std::time::Duration;

use crate::desktop::ipc::wire::Answer;
use moodring_core::message::{Event, Request, RequestId};

/// How long an asker waits: a player may take its time to give a song back.
const PATIENCE: Duration = Duration::from_secs(4);
/// Stands for nobody: the tray shows what has changed, and needs no answer.
const NOBODY: RequestId = 0;

/// Passes requests to the loop, and its answers back.
pub struct PendingReplies {
    events: Mutex<Sender<Event>>,
    next: AtomicU64,
    waiting: Mutex<HashMap<RequestId, SyncSender<Answer>>>,
}

impl PendingReplies {
    pub fn new(events: Sender<Event>) -> Self {
        Self { events: Mutex::new(events), next: AtomicU64::new(NOBODY + 1), waiting: Mutex::default() }
    }

    /// Asks and waits; `None`: no answer in time.
    pub fn ask(&self, request: Request) -> Option<Answer> {
        let asker = self.next.fetch_add(1, Ordering::Relaxed);
        let (sender, answer) = sync_channel(1);
        lock(&self.waiting).insert(asker, sender);
        let sent = lock(&self.events).send(Event::Requested(request, asker));
        let reply = sent.ok().and_then(|()| answer.recv_timeout(PATIENCE).ok());
        lock(&self.waiting).remove(&asker);
        reply
    }

    /// Asks and does not wait.
    pub fn tell(&self, request: Request) {
        if lock(&self.events).send(Event::Requested(request, NOBODY)).is_err() {
            tracing::debug!("the agent has left");
        }
    }

    /// Nobody answers any more: who still waits is told so now.
    pub fn leave(&self) {
        lock(&self.waiting).clear();
    }

    pub fn give(&self, asker: RequestId, reply: Answer) {
        if let Some(sender) = lock(&self.waiting).remove(&asker)
            && sender.try_send(reply).is_err()
        {
            tracing::debug!("asker {asker} has gone");
        }
    }
}

/// A thread that panicked while holding one of these maps has left it whole.
fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;
    use std::sync::mpsc::channel;

    #[test]
    fn each_asker_gets_their_own_answer() {
        let (sender, events) = channel();
        let answers = Arc::new(PendingReplies::new(sender));
        let asking = [Request::Like, Request::Dislike].map(|request| {
            let answers = answers.clone();
            std::thread::spawn(move || (request.clone(), answers.ask(request)))
        });
        for _ in 0..2 {
            let Ok(Event::Requested(request, asker)) = events.recv() else { panic!() };
            answers.give(asker, Answer::Done(format!("{request:?}")));
        }
        for thread in asking {
            let (request, reply) = thread.join().unwrap();
            assert_eq!(reply, Some(Answer::Done(format!("{request:?}"))));
        }
        assert!(lock(&answers.waiting).is_empty());
    }

    #[test]
    fn without_an_agent_nobody_waits() {
        let (sender, events) = channel();
        drop(events);
        assert_eq!(PendingReplies::new(sender).ask(Request::Like), None);
    }
}
