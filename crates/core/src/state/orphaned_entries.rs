//! Songs of ours in players that we have left, or that did not answer: they are taken back there.

use crate::domain::playback::{Dequeued, QueueHandle};

/// The most players that may be left at once.
const MOST: usize = 8;

#[derive(Clone, Debug, Default)]
pub(super) struct OrphanedEntries(Vec<(QueueHandle, RemovalAttempt)>);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum RemovalAttempt {
    NotYet,
    Waiting,
    /// Until a player comes back.
    InVain,
}

impl OrphanedEntries {
    pub fn extend(&mut self, ticket: Option<QueueHandle>) {
        self.0.extend(ticket.map(|ticket| (ticket, RemovalAttempt::NotYet)));
        self.0.drain(..self.0.len().saturating_sub(MOST));
    }

    /// Those to ask for now.
    pub fn ask(&mut self) -> Vec<QueueHandle> {
        let fresh = self.0.iter_mut().filter(|(_, asked)| *asked == RemovalAttempt::NotYet);
        fresh
            .map(|(ticket, asked)| {
                *asked = RemovalAttempt::Waiting;
                ticket.clone()
            })
            .collect()
    }

    pub fn ask_again(&mut self) {
        self.0
            .iter_mut()
            .filter(|(_, asked)| *asked == RemovalAttempt::InVain)
            .for_each(|(_, asked)| *asked = RemovalAttempt::NotYet);
    }

    pub fn answer(&mut self, ticket: &QueueHandle, result: &Result<Dequeued, String>) {
        match result {
            Ok(_) => self.0.retain(|(stray, _)| stray != ticket),
            Err(_) => {
                self.0
                    .iter_mut()
                    .filter(|(stray, _)| stray == ticket)
                    .for_each(|(_, asked)| *asked = RemovalAttempt::InVain);
            }
        }
    }

    /// Whether an answer may still come.
    pub fn any(&self) -> bool {
        self.0.iter().any(|(_, asked)| *asked != RemovalAttempt::InVain)
    }
}
