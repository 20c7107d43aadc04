//! Handing songs over: at most one of ours waits in the player, and it always is the one that fits now.

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

/// After a player refused a song, it is left in peace so long.
const RETRY: Duration = Duration::from_secs(30);
/// Before another song is tried, where a player does not have the one; after so many in a row it may have none.
const NEXT: (Duration, u32) = (Duration::from_secs(5), 6);

/// Our one song on its way into the player.
#[derive(Clone, Debug, Default)]
pub(super) struct QueueSlot {
    at: SlotState,
    /// The waiting song no longer is what should come next.
    outdated: bool,
    /// The listener took it back: nothing more until the current song ends.
    pub held: bool,
    refused: Option<(String, Instant)>,
    /// Songs in a row that the player does not have.
    absent: u32,
    /// The player does not let what waits be taken back any more.
    stuck: bool,
    strays: OrphanedEntries,
    /// Counts choices.
    pub turn: u64,
}

#[derive(Clone, Debug, Default)]
enum SlotState {
    #[default]
    Nowhere,
    /// The player cannot be given songs; the listener may.
    Suggested(Pick),
    Given(Pick),
    Waiting(Pick, QueueHandle),
    TakingBack(Pick, QueueHandle),
}

impl QueueSlot {
    /// The song of ours that the player holds or is about to.
    pub fn pick(&self) -> Option<&Pick> {
        match &self.at {
            SlotState::Nowhere => None,
            SlotState::Suggested(pick)
            | SlotState::Given(pick)
            | SlotState::Waiting(pick, _)
            | SlotState::TakingBack(pick, _) => Some(pick),
        }
    }

    pub fn only_suggested(&self) -> bool {
        matches!(self.at, SlotState::Suggested(_))
    }

    pub fn ticket(&self) -> Option<QueueHandle> {
        match &self.at {
            SlotState::Waiting(_, ticket) | SlotState::TakingBack(_, ticket) => Some(ticket.clone()),
            _ => None,
        }
    }

    /// What waits is not what should come next.
    pub fn outdate(&mut self) {
        self.outdated = !matches!(self.at, SlotState::Nowhere);
        self.refused = None;
    }

    /// The song has begun, or its player has gone.
    pub fn forget(&mut self) -> Option<Pick> {
        let pick = self.pick().cloned();
        self.at = SlotState::Nowhere;
        (self.outdated, self.stuck) = (false, false);
        pick
    }

    /// Another player is steered, or none: what we gave to the one before is to be taken back there.
    pub fn leave_behind(&mut self) {
        self.strays.extend(self.ticket());
        self.forget();
        // What one player refuses, another may take.
        (self.refused, self.absent) = (None, 0);
    }

    /// A player is there again: perhaps the one that did not answer.
    pub fn ask_again(&mut self) {
        self.strays.ask_again();
    }

    pub fn strays(&self) -> bool {
        self.strays.any()
    }

    /// What waits in the player, which did not give it back.
    pub fn stuck(&self) -> Option<&Pick> {
        self.pick().filter(|_| self.stuck)
    }

    pub fn retry_at(&self) -> Option<Instant> {
        self.refused.as_ref().map(|(_, at)| *at)
    }

    pub fn refusal(&self) -> Option<QueueBlocker> {
        self.refused.as_ref().map(|(why, _)| QueueBlocker::Player(why.clone()))
    }
}

impl State {
    pub(super) fn queued(&mut self, path: &std::path::Path, result: Result<QueueHandle, QueueError>, now: Instant) {
        let pick = match &self.hand.at {
            SlotState::Given(pick) if pick.path == path => pick.clone(),
            // It was put into a player that we have left meanwhile.
            _ => return self.hand.strays.extend(result.ok()),
        };
        match result {
            Ok(ticket) => {
                self.hand.absent = 0;
                self.hand.at = SlotState::Waiting(pick, ticket);
            }
            Err(refusal) => {
                self.hand.forget();
                self.hand.refused = Some((refusal.why().to_owned(), now + RETRY));
                if let QueueError::Song(_) = refusal {
                    self.put_aside(path, now);
                }
            }
        }
    }

    /// This player does not have the song: another is tried, soon.
    fn put_aside(&mut self, path: &std::path::Path, now: Instant) {
        self.hand.absent += 1;
        if self.hand.absent <= NEXT.1 {
            self.hand.refused = self.hand.refused.take().map(|(why, _)| (why, now + NEXT.0));
        }
        self.recent.put_aside(path, now, self.no_repeat());
    }

    pub(super) fn taken_back(
        &mut self,
        ticket: &QueueHandle,
        result: Result<Dequeued, String>,
        effects: &mut Vec<Effect>,
    ) {
        self.hand.strays.answer(ticket, &result);
        let SlotState::TakingBack(pick, _) = &self.hand.at else { return };
        if self.hand.ticket().as_ref() != Some(ticket) {
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
            self.hand.forget();
        } else {
            // It still comes, as it seems.
            self.hand.at = SlotState::Waiting(pick, ticket.clone());
            self.hand.stuck = true;
        }
        if let Some(asker) = self.undoing.take() {
            effects.push(Effect::Answer(asker, reply));
        }
    }

    /// Brings what waits in the player in line with what should.
    pub(super) fn reconcile(&mut self, now: Instant, effects: &mut Vec<Effect>) {
        if self.hand.retry_at().is_some_and(|at| at <= now) {
            self.hand.refused = None;
        }
        let wanted = self.leaving.is_none() && self.obstacle().is_none();
        let unwanted = self.hand.outdated || self.hand.held || !(wanted || self.only_halted());
        if unwanted && self.hand.only_suggested() {
            self.hand.forget();
        }
        self.give_up_undoing(effects);
        effects.extend(self.hand.strays.ask().into_iter().map(Effect::Dequeue));
        match &self.hand.at {
            SlotState::Nowhere if wanted && self.hand.refused.is_none() => self.give(effects),
            SlotState::Waiting(pick, ticket) if unwanted && self.can_take_back() && !self.hand.stuck => {
                effects.push(Effect::Dequeue(ticket.clone()));
                self.hand.at = SlotState::TakingBack(pick.clone(), ticket.clone());
            }
            _ => {}
        }
    }

    /// What was to be taken back has begun, or has gone with its player.
    fn give_up_undoing(&mut self, effects: &mut Vec<Effect>) {
        if matches!(self.hand.at, SlotState::Nowhere)
            && let Some(asker) = self.undoing.take()
        {
            effects.push(Effect::Answer(asker, Reply::Refused(Refusal::NotQueuedAnyMore { title: None })));
        }
    }

    /// The listener halted the player for a while: what waits may go on waiting.
    fn only_halted(&self) -> bool {
        let halted = self.playback.as_ref().is_some_and(|p| p.status == PlaybackStatus::Paused);
        halted && self.pause == Pause::Running && self.leaving.is_none()
    }

    pub(super) fn can_take_back(&self) -> bool {
        self.playback.as_ref().is_some_and(|playback| playback.way.takes_back())
    }

    /// What the next choice depends on.
    pub(super) fn choice<'a>(&'a self, target: &'a Target) -> SelectionContext<'a> {
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
            turn: self.hand.turn,
        }
    }

    fn give(&mut self, effects: &mut Vec<Effect>) {
        let Some(target) = self.target() else { return };
        let Some(chosen) = choose(&self.songs, &self.choice(&target)) else { return };
        let pick = explain_pick(&chosen, &target, &self.ranker);
        self.hand.turn += 1;
        if self.playback.as_ref().is_some_and(|p| p.way == QueueMethod::Unsupported) {
            self.hand.at = SlotState::Suggested(pick);
        } else {
            self.guest.put_in(&pick.path);
            effects.push(Effect::Queue(pick.path.clone()));
            self.hand.at = SlotState::Given(pick);
        }
    }
}
