//! When to look, and what a look does to the mood.

use std::time::{Duration, Instant};

use crate::config::BatteryPolicy;
use crate::domain::observation::{CaptureError, FrameResult, Look};
use crate::domain::playback::PlaybackStatus;
use crate::domain::presence::{LookBlock, Presence};
use crate::domain::reason::{LookTrouble, Unreadable};
use crate::message::{Effect, Record};
use crate::mood::Scores;
use crate::mood::aggregate::{LookSummary, combine};
use crate::state::calibration::Read;
use crate::state::{Pause, State, remember};

/// The second look that settles a mood comes after at most this long.
const CONFIRM: Duration = Duration::from_secs(20);
/// A camera that slept may need longer to its first frame than a look holds it. Soon afterwards it is still awake: the USB
/// bus lets it sleep after two seconds.
const STILL_AWAKE: Duration = Duration::from_secs(1);
/// The longest wait after failures in a row.
const LONGEST: Duration = Duration::from_secs(1800);
/// On battery, looks are so many times rarer.
const RARER: u32 = 4;

/// The camera's side of the state.
#[derive(Clone, Debug)]
pub(super) struct LookScheduler {
    /// `None`: a look is under way.
    next: Option<Instant>,
    failures: u32,
    pub trouble: Option<LookTrouble>,
    /// The last time a look was due, nobody was there.
    pub absent: Option<LookBlock>,
    /// The last time a look was due, this program used a camera.
    pub user: Option<String>,
    /// Of the last look, after correction.
    pub scores: Option<Scores>,
    /// Why the last look read nothing although somebody is there.
    pub unread: Option<Unreadable>,
    /// What the last look read that saw somebody.
    pub read: Option<Read>,
    /// The camera of the last look, by its name that lasts.
    pub camera: String,
    /// Looks that have taught something since it was written down.
    pub lessons: u32,
    /// The owner wants their face at rest to be learned.
    pub wants_rest: bool,
    /// It is being learned.
    pub resting: bool,
}

impl LookScheduler {
    pub fn new(now: Instant) -> Self {
        Self {
            next: Some(now),
            failures: 0,
            trouble: None,
            absent: None,
            user: None,
            scores: None,
            unread: None,
            read: None,
            camera: String::new(),
            lessons: 0,
            wants_rest: false,
            resting: false,
        }
    }

    pub fn looking(&self) -> bool {
        self.next.is_none()
    }

    pub fn begin_rest(&mut self) {
        (self.next, self.resting) = (None, true);
    }

    pub fn end_rest(&mut self, next: Instant) {
        (self.next, self.resting) = (Some(next), false);
    }

    fn failed(&mut self, error: CaptureError, every: Duration, now: Instant) {
        let wait = every.saturating_mul(1 << self.failures.min(8)).min(LONGEST.max(every));
        let first = self.failures == 0;
        self.failures += 1;
        self.next = Some(now + wait);
        match error {
            CaptureError::TimedOut(_) if first => self.next = Some(now + STILL_AWAKE.min(wait)),
            // The camera works: the user is in a call, or takes a picture.
            CaptureError::Busy { detail, user } => self.used_by(user.unwrap_or(detail)),
            error => self.trouble = Some(LookTrouble::Capture(error)),
        }
    }

    fn used_by(&mut self, user: String) {
        self.user = Some(user);
        self.absent = Some(LookBlock::CameraInUse);
        self.trouble = None;
    }
}

impl State {
    /// Why no look is taken; `None`: one is, when it is due. A look makes sense only while something plays that could
    /// follow it.
    pub(super) fn no_look(&self) -> Option<LookBlock> {
        let playing = self.playback.as_ref().is_some_and(|p| p.status == PlaybackStatus::Playing);
        let never = self.config.camera.battery == BatteryPolicy::Never;
        let reasons = [
            (!self.config.camera.enabled, LookBlock::TurnedOff),
            (self.consent.is_none(), LookBlock::ConsentPending),
            (self.consent == Some(false), LookBlock::ConsentDenied),
            (self.pause != Pause::Running, LookBlock::Paused),
            (self.by_hand.is_some(), LookBlock::ManualMood),
            (!playing, LookBlock::NothingPlays),
            (never && self.session.on_battery == Some(true), LookBlock::Battery),
        ];
        let ours = reasons.into_iter().find(|(is, _)| *is).map(|(_, why)| why);
        ours.or_else(|| self.session.no_look())
    }

    pub(super) fn may_look(&self) -> bool {
        self.no_look().is_none()
    }

    /// Time between looks.
    pub(super) fn every(&self) -> Duration {
        let every = self.config.camera.every;
        let spare = self.session.on_battery == Some(true) && self.config.camera.battery == BatteryPolicy::Rarer;
        if spare { every.saturating_mul(RARER) } else { every }
    }

    pub(super) fn hear_of_session(&mut self, session: Presence, now: Instant) {
        self.session = session;
        if session.no_look().is_some() {
            self.watch.absent = None;
        }
        // Back on mains, what was put off for the battery's sake is not.
        let latest = now + self.every();
        self.watch.next = self.watch.next.map(|next| next.min(latest));
    }

    pub(super) fn nobody_there(&mut self, why: LookBlock, now: Instant) {
        self.watch.absent = Some(why);
        self.watch.user = None;
        self.watch.next = Some(now + self.every());
    }

    /// Asking costs nothing and hinders nobody, so the waits do not grow: soon after a call there is a look again.
    pub(super) fn camera_in_use(&mut self, user: String, now: Instant) {
        self.watch.used_by(user);
        self.watch.end_rest(now + self.every());
    }

    pub(super) fn next_look(&self) -> Option<Instant> {
        if self.may_look() { self.watch.next } else { None }
    }

    pub(super) fn look_if_due(&mut self, now: Instant, effects: &mut Vec<Effect>) {
        if self.next_look().is_some_and(|due| due <= now) {
            self.watch.next = None;
            effects.push(Effect::Look);
        }
    }

    pub(super) fn looked(&mut self, result: Result<Look, CaptureError>, now: Instant, effects: &mut Vec<Effect>) {
        let every = self.every();
        self.watch.absent = None;
        self.watch.user = None;
        match result {
            Err(error) => self.watch.failed(error, every, now),
            Ok(Look { camera, frames }) => {
                self.watch.camera = camera;
                self.watch.failures = 0;
                self.watch.trouble = None;
                // A picture may arrive just after the listener paused or withdrew the camera; it must not count.
                if self.may_look() {
                    self.feel(&frames, now, effects);
                }
                let confirm = CONFIRM.mul_f32(every.as_secs_f32() / self.config.camera.every.as_secs_f32());
                let wait = if self.steady.undecided() { every.min(confirm) } else { every };
                self.watch.next = Some(now + wait);
            }
        }
    }

    fn feel(&mut self, frames: &[FrameResult], now: Instant, effects: &mut Vec<Effect>) {
        self.watch.scores = None;
        self.watch.unread = None;
        let mood = match combine(frames) {
            LookSummary::Seen { scores, confidence } => {
                let scores = self.correct(scores, now, effects);
                self.watch.scores = Some(scores);
                Some(self.table.expect(&scores, confidence))
            }
            LookSummary::Nobody => None,
            LookSummary::Blind(why) => return self.watch.trouble = Some(LookTrouble::Unreadable(why)),
            LookSummary::Unsure(why) => return self.watch.unread = Some(why),
        };
        if let Some(settled) = self.steady.feel(mood, now) {
            effects.push(remember(Record::MoodSettled(settled)));
            self.announce(settled, effects);
            self.turn();
        }
    }
}
