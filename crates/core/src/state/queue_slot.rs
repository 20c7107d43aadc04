//! The queue slot: at most one song of Moodring waits in the player, and it is the one that fits now.

use std::time::{Duration, Instant};

use crate::domain::pick::Pick;
use crate::domain::playback::{Dequeued, PlaybackStatus, QueueError, QueueHandle, QueueMethod};
use crate::domain::reason::{Done, QueueBlocker, Refusal};
use crate::message::{Effect, Reply};
use crate::mood::target::Target;
use crate::recommend::explanation::explain_pick;
use crate::recommend::selection::{SelectionContext, choose};
use crate::state::orphaned_entries::OrphanedEntries;
use crate::state::{Pause, State};

/// The wait after a player rejected a song.
const RETRY: Duration = Duration::from_secs(30);
/// If a player does not have a song: the wait before another one is tried, and how many are tried in a row.
const NEXT: (Duration, u32) = (Duration::from_secs(5), 6);

/// The one song of Moodring in the player, or on its way there.
#[derive(Clone, Debug, Default)]
pub(super) struct QueueSlot {
    state: SlotState,
    /// The waiting song is no longer the one that should come next.
    outdated: bool,
    /// The user removed the song: no other one is queued until the current song ends.
    pub undone: bool,
    rejected: Option<(String, Instant)>,
    /// Songs in a row that the player does not have.
    unavailable_songs: u32,
    /// The player did not remove the waiting song when asked.
    stuck: bool,
    /// The removal was requested once more since the track changed.
    removal_retried: bool,
    orphans: OrphanedEntries,
    /// Number of songs chosen so far; it varies the random factor.
    pub choices: u64,
}

#[derive(Clone, Debug, Default)]
enum SlotState {
    #[default]
    Empty,
    /// The player cannot be given songs; the user can add them.
    Suggested(Pick),
    Requested(Pick),
    Waiting(Pick, QueueHandle),
    Removing(Pick, QueueHandle),
}

impl QueueSlot {
    /// The song of Moodring that the player has, or was asked to add.
    pub(crate) fn pick(&self) -> Option<&Pick> {
        match &self.state {
            SlotState::Empty => None,
            SlotState::Suggested(pick)
            | SlotState::Requested(pick)
            | SlotState::Waiting(pick, _)
            | SlotState::Removing(pick, _) => Some(pick),
        }
    }

    pub(crate) fn is_only_suggested(&self) -> bool {
        matches!(self.state, SlotState::Suggested(_))
    }

    pub(crate) fn handle(&self) -> Option<QueueHandle> {
        match &self.state {
            SlotState::Waiting(_, entry) | SlotState::Removing(_, entry) => Some(entry.clone()),
            _ => None,
        }
    }

    /// Marks the waiting song as no longer the one that should come next.
    pub(crate) fn invalidate(&mut self) {
        self.outdated = !matches!(self.state, SlotState::Empty);
        self.rejected = None;
    }

    /// Empties the slot: the song has begun, or its player has gone.
    pub(crate) fn clear(&mut self) -> Option<Pick> {
        let pick = self.pick().cloned();
        self.state = SlotState::Empty;
        (self.outdated, self.stuck, self.removal_retried) = (false, false, false);
        pick
    }

    /// Another player is steered, or none: the song in the former player becomes an orphan.
    pub(crate) fn leave_player(&mut self) {
        self.orphans.extend(self.handle());
        self.clear();
        // Another player may accept what this one rejected.
        (self.rejected, self.unavailable_songs) = (None, 0);
    }

    pub(crate) fn has_orphans(&self) -> bool {
        self.orphans.is_waiting()
    }

    /// The player did not remove its song and no longer lists it among the next ones: it may stand before the current
    /// track. The removal is requested once more; until it is confirmed, the player gets no other song.
    pub(crate) fn retry_removal(&mut self) {
        if !self.removal_retried {
            (self.outdated, self.stuck, self.removal_retried) = (true, false, true);
        }
    }

    /// Something has changed, so a removal that failed before may succeed now.
    pub(crate) fn allow_retries(&mut self) {
        (self.stuck, self.removal_retried) = (false, false);
        self.orphans.retry();
    }

    /// The waiting song, if the player did not remove it when asked.
    pub(crate) fn kept_by_player(&self) -> Option<&Pick> {
        self.pick().filter(|_| self.stuck)
    }

    pub(crate) fn retry_at(&self) -> Option<Instant> {
        self.rejected.as_ref().map(|(_, at)| *at)
    }

    pub(crate) fn rejection(&self) -> Option<QueueBlocker> {
        self.rejected.as_ref().map(|(why, _)| QueueBlocker::Player(why.clone()))
    }
}

impl State {
    pub(super) fn handle_queued(
        &mut self,
        path: &std::path::Path,
        result: Result<QueueHandle, QueueError>,
        now: Instant,
    ) {
        let pick = match &self.queue_slot.state {
            SlotState::Requested(pick) if pick.path == path => pick.clone(),
            // It was added to a player that is no longer steered.
            _ => return self.queue_slot.orphans.extend(result.ok()),
        };
        match result {
            Ok(entry) => {
                self.queue_slot.unavailable_songs = 0;
                self.queue_slot.state = SlotState::Waiting(pick, entry);
            }
            Err(refusal) => {
                self.queue_slot.clear();
                self.queue_slot.rejected = Some((refusal.why().to_owned(), now + RETRY));
                if let QueueError::Song(_) = refusal {
                    self.try_another_song(path, now);
                }
            }
        }
    }

    /// This player does not have the song: another one is tried soon.
    fn try_another_song(&mut self, path: &std::path::Path, now: Instant) {
        self.queue_slot.unavailable_songs += 1;
        if self.queue_slot.unavailable_songs <= NEXT.1 {
            self.queue_slot.rejected = self.queue_slot.rejected.take().map(|(why, _)| (why, now + NEXT.0));
        }
        self.recent.put_aside(path, now, self.no_repeat());
    }

    pub(super) fn handle_dequeued(
        &mut self,
        entry: &QueueHandle,
        result: Result<Dequeued, String>,
        effects: &mut Vec<Effect>,
    ) {
        self.queue_slot.orphans.note_answer(entry, &result);
        let SlotState::Removing(pick, _) = &self.queue_slot.state else { return };
        if self.queue_slot.handle().as_ref() != Some(entry) {
            return;
        }
        let (pick, title) = (pick.clone(), pick.title.clone());
        let reply = match result {
            Ok(Dequeued::Removed) => Reply::Done(Done::Dequeued { title }),
            Ok(Dequeued::NotThere) => Reply::Refused(Refusal::NotQueuedAnyMore { title: Some(title) }),
            Ok(Dequeued::Cannot) => Reply::Refused(Refusal::DequeueUnsupported { title }),
            Err(ref error) => Reply::Refused(Refusal::DequeueFailed { title, error: error.clone() }),
        };
        if matches!(result, Ok(Dequeued::Removed | Dequeued::NotThere)) {
            self.queue_slot.clear();
        } else {
            // It is still in the queue.
            self.queue_slot.state = SlotState::Waiting(pick, entry.clone());
            self.queue_slot.stuck = true;
        }
        if let Some(asker) = self.undoing.take() {
            effects.push(Effect::Answer(asker, reply));
        }
    }

    /// Compares the queue slot with what it should hold, and acts on the difference.
    pub(super) fn reconcile(&mut self, now: Instant, effects: &mut Vec<Effect>) {
        if self.queue_slot.retry_at().is_some_and(|at| at <= now) {
            self.queue_slot.rejected = None;
        }
        let wanted = self.leaving.is_none() && self.find_queue_blocker().is_none();
        let unwanted = self.queue_slot.outdated || self.queue_slot.undone || !(wanted || self.is_player_paused());
        if unwanted && self.queue_slot.is_only_suggested() {
            self.queue_slot.clear();
        }
        self.finish_lost_undo(effects);
        effects.extend(self.queue_slot.orphans.take_due().into_iter().map(Effect::Dequeue));
        match &self.queue_slot.state {
            SlotState::Empty if wanted && self.queue_slot.rejected.is_none() => self.queue_next(effects),
            SlotState::Waiting(pick, entry) if unwanted && self.can_dequeue() && !self.queue_slot.stuck => {
                effects.push(Effect::Dequeue(entry.clone()));
                self.queue_slot.state = SlotState::Removing(pick.clone(), entry.clone());
            }
            _ => {}
        }
    }

    /// Answers an undo whose song has begun, or whose player has gone.
    fn finish_lost_undo(&mut self, effects: &mut Vec<Effect>) {
        if matches!(self.queue_slot.state, SlotState::Empty)
            && let Some(asker) = self.undoing.take()
        {
            effects.push(Effect::Answer(asker, Reply::Refused(Refusal::NotQueuedAnyMore { title: None })));
        }
    }

    /// While the user has paused the player, the waiting song may stay.
    fn is_player_paused(&self) -> bool {
        let halted = self.playback.as_ref().is_some_and(|p| p.status == PlaybackStatus::Paused);
        halted && self.pause == Pause::Running && self.leaving.is_none()
    }

    pub(super) fn can_dequeue(&self) -> bool {
        self.playback.as_ref().is_some_and(|playback| playback.way.takes_back())
    }

    /// What the next choice depends on.
    pub(super) fn selection_context<'a>(&'a self, target: &'a Target) -> SelectionContext<'a> {
        SelectionContext {
            target,
            ranker: &self.ranker,
            no_repeat: self.no_repeat(),
            recent: &self.recent,
            playing: self.current.as_ref().map(|current| &current.track),
            coming: self.playback.as_ref().and_then(|p| p.upcoming.as_deref()).unwrap_or_default(),
            streams: self
                .playback
                .as_ref()
                .is_some_and(|playback| playback.track.as_ref().is_some_and(|track| track.streamed)),
            turn: self.queue_slot.choices,
        }
    }

    fn queue_next(&mut self, effects: &mut Vec<Effect>) {
        let Some(target) = self.target() else { return };
        let Some(chosen) = choose(&self.songs, &self.selection_context(&target)) else { return };
        let pick = explain_pick(&chosen, &target, &self.ranker);
        self.queue_slot.choices += 1;
        if self.playback.as_ref().is_some_and(|p| p.way == QueueMethod::Unsupported) {
            self.queue_slot.state = SlotState::Suggested(pick);
        } else {
            self.user_queue.put_in(&pick.path);
            effects.push(Effect::Queue(pick.path.clone()));
            self.queue_slot.state = SlotState::Requested(pick);
        }
    }
}
