//! The core's answers in words, as they go over D-Bus and into the tray.

use crate::desktop::ipc::wire::{Answer, PhaseReport, PickReport, QueueReport, StatusReport};
use crate::desktop::wording::{done, pick_reason, queue_blocker, refusal, trouble};
use moodring_core::domain::pick::Pick;
use moodring_core::domain::view::{Phase, QueueView, View};
use moodring_core::message::Reply;
use moodring_vision::reporter::words::describe_unreadable;

impl From<Reply> for Answer {
    fn from(reply: Reply) -> Self {
        match reply {
            Reply::Done(it) => Self::Done(done(&it)),
            Reply::Refused(it) => Self::Refused(refusal(&it)),
            Reply::Status(view) => Self::Status(view.into()),
            Reply::Why(pick) => Self::Why(pick.map(Into::into)),
            Reply::Queue(queue) => Self::Queue(queue.into()),
        }
    }
}

impl From<View> for StatusReport {
    fn from(view: View) -> Self {
        let View { no_look, mood, mood_name, scores, by_hand, intent, player, way, playing, opinion, songs, .. } = view;
        Self {
            phase: view.phase.into(),
            no_look,
            mood,
            mood_name,
            scores,
            unread: view.unread.map(|reason| describe_unreadable(reason).into()),
            by_hand,
            intent,
            player,
            way,
            playing,
            ours: view.ours.map(Into::into),
            opinion,
            next: view.next.map(Into::into),
            waiting_for: view.waiting_for.as_ref().map(queue_blocker),
            songs,
        }
    }
}

impl From<Phase> for PhaseReport {
    fn from(phase: Phase) -> Self {
        match phase {
            Phase::Asking => Self::Asking,
            Phase::Watching => Self::Watching,
            Phase::Looking => Self::Looking,
            Phase::Calibrating => Self::Calibrating,
            Phase::CameraInUse(user) => Self::CameraInUse(user),
            Phase::Paused(left) => Self::Paused(left),
            Phase::Trouble(what) => Self::Trouble(trouble(&what)),
        }
    }
}

impl From<Pick> for PickReport {
    fn from(pick: Pick) -> Self {
        let why = pick_reason(&pick.reason);
        Self { path: pick.path, title: pick.title, artist: pick.artist, why, terms: pick.terms }
    }
}

impl From<QueueView> for QueueReport {
    fn from(queue: QueueView) -> Self {
        Self {
            player: queue.player,
            upcoming: queue.upcoming,
            ours: queue.ours.map(Into::into),
            later: queue.later.into_iter().map(Into::into).collect(),
        }
    }
}
