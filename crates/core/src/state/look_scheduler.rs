//! When the next look is due, and how a look changes the mood.

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
use crate::state::{Pause, State, persist};

/// The second look that settles a mood comes after at most this long.
const CONFIRM: Duration = Duration::from_secs(20);
/// A suspended camera may need longer to its first frame than a look lasts. Soon afterwards it is still awake: the USB
/// bus suspends it after two seconds.
const STILL_AWAKE: Duration = Duration::from_secs(1);
/// The longest wait after failures in a row.
const LONGEST: Duration = Duration::from_secs(1800);
/// On battery, the interval between looks is this many times longer.
const RARER: u32 = 4;

/// The part of the state that concerns looks.
#[derive(Clone, Debug)]
pub(super) struct LookScheduler {
    /// `None`: a look is under way.
    next: Option<Instant>,
    failures: u32,
    pub trouble: Option<LookTrouble>,
    /// Why the last look that was due was not taken.
    pub block: Option<LookBlock>,
    /// The program that used a camera when the last look was due.
    pub camera_user: Option<String>,
    /// Of the last look, after correction.
    pub scores: Option<Scores>,
    /// Why the last look read nothing although it saw somebody.
    pub unread: Option<Unreadable>,
    /// The last reading of a look that saw somebody.
    pub last_reading: Option<Read>,
    /// The camera of the last look, by its permanent name.
    pub camera: String,
    /// Looks that changed the baseline since it was saved.
    pub unsaved_looks: u32,
    /// The user has asked for a calibration.
    pub calibration_requested: bool,
    /// A calibration is in progress.
    pub calibrating: bool,
}

impl LookScheduler {
    pub(crate) fn new(now: Instant) -> Self {
        Self {
            next: Some(now),
            failures: 0,
            trouble: None,
            block: None,
            camera_user: None,
            scores: None,
            unread: None,
            last_reading: None,
            camera: String::new(),
            unsaved_looks: 0,
            calibration_requested: false,
            calibrating: false,
        }
    }

    pub(crate) fn is_looking(&self) -> bool {
        self.next.is_none()
    }

    pub(crate) fn begin_calibration(&mut self) {
        (self.next, self.calibrating) = (None, true);
    }

    pub(crate) fn end_calibration(&mut self, next: Instant) {
        (self.next, self.calibrating) = (Some(next), false);
    }

    fn failed(&mut self, error: CaptureError, every: Duration, now: Instant) {
        let wait = every.saturating_mul(1 << self.failures.min(8)).min(LONGEST.max(every));
        let first = self.failures == 0;
        self.failures += 1;
        self.next = Some(now + wait);
        match error {
            CaptureError::TimedOut(_) if first => self.next = Some(now + STILL_AWAKE.min(wait)),
            // The camera works: the user is in a call, or takes a picture.
            CaptureError::Busy { detail, user } => self.set_camera_user(user.unwrap_or(detail)),
            error => self.trouble = Some(LookTrouble::Capture(error)),
        }
    }

    fn set_camera_user(&mut self, user: String) {
        self.camera_user = Some(user);
        self.block = Some(LookBlock::CameraInUse);
        self.trouble = None;
    }
}

impl State {
    /// Why no look is taken; `None`: one is taken when it is due. A look makes sense only while something plays that could
    /// follow it.
    pub(super) fn find_look_block(&self) -> Option<LookBlock> {
        let playing = self.playback.as_ref().is_some_and(|p| p.status == PlaybackStatus::Playing);
        let never = self.config.camera.battery == BatteryPolicy::Never;
        let reasons = [
            (!self.config.camera.enabled, LookBlock::TurnedOff),
            (self.consent.is_none(), LookBlock::ConsentPending),
            (self.consent == Some(false), LookBlock::ConsentDenied),
            (self.pause != Pause::Running, LookBlock::Paused),
            (self.by_hand.is_some(), LookBlock::ManualMood),
            (!playing, LookBlock::NothingPlays),
            (never && self.presence.on_battery == Some(true), LookBlock::Battery),
        ];
        let ours = reasons.into_iter().find(|(is, _)| *is).map(|(_, why)| why);
        ours.or_else(|| self.presence.no_look())
    }

    pub(super) fn may_look(&self) -> bool {
        self.find_look_block().is_none()
    }

    /// Time between looks.
    pub(super) fn look_interval(&self) -> Duration {
        let every = self.config.camera.every;
        let spare = self.presence.on_battery == Some(true) && self.config.camera.battery == BatteryPolicy::Rarer;
        if spare { every.saturating_mul(RARER) } else { every }
    }

    pub(super) fn set_presence(&mut self, session: Presence, now: Instant) {
        self.presence = session;
        if session.no_look().is_some() {
            self.look_scheduler.block = None;
        }
        // On mains power again, the longer interval for the battery no longer applies.
        let latest = now + self.look_interval();
        self.look_scheduler.next = self.look_scheduler.next.map(|next| next.min(latest));
    }

    pub(super) fn note_user_away(&mut self, why: LookBlock, now: Instant) {
        self.look_scheduler.block = Some(why);
        self.look_scheduler.camera_user = None;
        self.look_scheduler.next = Some(now + self.look_interval());
    }

    /// Checking for other programs is cheap, so the waits do not grow: a look follows soon after a call.
    pub(super) fn note_camera_in_use(&mut self, user: String, now: Instant) {
        self.look_scheduler.set_camera_user(user);
        self.look_scheduler.end_calibration(now + self.look_interval());
    }

    pub(super) fn next_look(&self) -> Option<Instant> {
        if self.may_look() { self.look_scheduler.next } else { None }
    }

    pub(super) fn look_if_due(&mut self, now: Instant, effects: &mut Vec<Effect>) {
        if self.next_look().is_some_and(|due| due <= now) {
            self.look_scheduler.next = None;
            effects.push(Effect::Look);
        }
    }

    pub(super) fn handle_look(&mut self, result: Result<Look, CaptureError>, now: Instant, effects: &mut Vec<Effect>) {
        let every = self.look_interval();
        self.look_scheduler.block = None;
        self.look_scheduler.camera_user = None;
        match result {
            Err(error) => self.look_scheduler.failed(error, every, now),
            Ok(Look { camera, frames }) => {
                self.look_scheduler.camera = camera;
                self.look_scheduler.failures = 0;
                self.look_scheduler.trouble = None;
                // Frames may arrive just after the user paused or denied the camera; they must not count.
                if self.may_look() {
                    self.update_mood(&frames, now, effects);
                }
                let confirm = CONFIRM.mul_f32(every.as_secs_f32() / self.config.camera.every.as_secs_f32());
                let wait = if self.mood_filter.undecided() { every.min(confirm) } else { every };
                self.look_scheduler.next = Some(now + wait);
            }
        }
    }

    fn update_mood(&mut self, frames: &[FrameResult], now: Instant, effects: &mut Vec<Effect>) {
        self.look_scheduler.scores = None;
        self.look_scheduler.unread = None;
        let mood = match combine(frames) {
            LookSummary::Seen { scores, confidence } => {
                let scores = self.correct_scores(scores, now, effects);
                self.look_scheduler.scores = Some(scores);
                Some(self.table.expect(&scores, confidence))
            }
            LookSummary::Nobody => None,
            LookSummary::Blind(why) => return self.look_scheduler.trouble = Some(LookTrouble::Unreadable(why)),
            LookSummary::Unsure(why) => return self.look_scheduler.unread = Some(why),
        };
        if let Some(settled) = self.mood_filter.feel(mood, now) {
            effects.push(persist(Record::MoodSettled(settled)));
            self.notify_mood(settled, effects);
            self.invalidate_pick();
        }
    }
}
