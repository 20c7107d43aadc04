//! Songs of Moodring in players that are no longer steered or did not answer. They are removed there later.
//!
//! 1. An orphan is forgotten only when its player says that the song is gone, also by having played it.
//! 2. A removal that fails is requested again when a player appears, when the track changes, and at pause, undo and quit.

use crate::domain::playback::{Dequeued, QueueHandle};

/// The largest number of orphans; older ones are forgotten.
const MOST: usize = 8;

#[derive(Clone, Debug, Default)]
pub(super) struct OrphanedEntries(Vec<(QueueHandle, RemovalAttempt)>);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum RemovalAttempt {
    Due,
    Requested,
    Failed,
}

impl OrphanedEntries {
    pub(crate) fn extend(&mut self, entry: Option<QueueHandle>) {
        self.0.extend(entry.map(|entry| (entry, RemovalAttempt::Due)));
        self.0.drain(..self.0.len().saturating_sub(MOST));
    }

    /// The orphans whose removal is to be requested now.
    pub(crate) fn take_due(&mut self) -> Vec<QueueHandle> {
        let due = self.0.iter_mut().filter(|(_, attempt)| *attempt == RemovalAttempt::Due);
        due.map(|(entry, attempt)| {
            *attempt = RemovalAttempt::Requested;
            entry.clone()
        })
        .collect()
    }

    pub(crate) fn retry(&mut self) {
        let failed = self.0.iter_mut().filter(|(_, attempt)| *attempt == RemovalAttempt::Failed);
        failed.for_each(|(_, attempt)| *attempt = RemovalAttempt::Due);
    }

    pub(crate) fn note_answer(&mut self, entry: &QueueHandle, result: &Result<Dequeued, String>) {
        if matches!(result, Ok(Dequeued::Removed | Dequeued::NotThere)) {
            return self.0.retain(|(orphan, _)| orphan != entry);
        }
        let answered = self.0.iter_mut().filter(|(orphan, _)| orphan == entry);
        answered.for_each(|(_, attempt)| *attempt = RemovalAttempt::Failed);
    }

    /// Whether an answer may still come.
    pub(crate) fn is_waiting(&self) -> bool {
        self.0.iter().any(|(_, attempt)| *attempt != RemovalAttempt::Failed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry() -> QueueHandle {
        QueueHandle { player: "player".into(), entry: "1".into(), song: "/music/1.ogg".into() }
    }

    #[test]
    fn a_song_that_a_player_cannot_remove_is_kept_and_asked_for_again() {
        let mut orphans = OrphanedEntries::default();
        orphans.extend(Some(entry()));
        for answer in [Ok(Dequeued::Cannot), Err("no answer".into())] {
            assert_eq!(orphans.take_due(), [entry()]);
            assert!(orphans.is_waiting());
            orphans.note_answer(&entry(), &answer);
            assert!(!orphans.is_waiting() && orphans.take_due().is_empty(), "it is not asked for without a reason");
            orphans.retry();
        }
        assert_eq!(orphans.take_due(), [entry()]);
        orphans.note_answer(&entry(), &Ok(Dequeued::NotThere));
        orphans.retry();
        assert!(orphans.take_due().is_empty());
    }
}
