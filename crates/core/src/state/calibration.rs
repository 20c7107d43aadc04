//! The owner's face at rest, and their word that a reading was wrong.

use std::time::{Duration, Instant};

use crate::domain::observation::{CaptureError, Look};
use crate::domain::presence::LookBlock;
use crate::domain::reason::{CalibrationBlock, CalibrationError, Done, LookTrouble, Refusal};
use crate::message::{Effect, Record, Reply};
use crate::mood::baseline::Baseline;
use crate::mood::{MoodName, Scores};
use crate::state::{State, remember};

/// What was read longer ago is not what the owner speaks of.
const FRESH: Duration = Duration::from_secs(600);
/// What looks have taught is written down once in so many.
const LESSONS: u32 = 10;

/// What a look read, before correction.
#[derive(Clone, Copy, Debug)]
pub(super) struct Read {
    pub raw: Scores,
    pub at: Instant,
}

impl State {
    pub(super) fn baseline(&self) -> Baseline {
        self.baselines.get(&self.watch.camera).cloned().unwrap_or_default()
    }

    fn revise_baseline(&mut self, change: impl FnOnce(&mut Baseline)) {
        change(self.baselines.entry(self.watch.camera.clone()).or_default());
    }

    fn keep_baseline(&mut self, effects: &mut Vec<Effect>) {
        self.watch.lessons = 0;
        effects.push(remember(Record::Baseline { camera: self.watch.camera.clone(), baseline: self.baseline() }));
    }

    /// What a look read, corrected; it refines what is known of the face at rest.
    pub(super) fn correct(&mut self, raw: Scores, now: Instant, effects: &mut Vec<Effect>) -> Scores {
        let corrected = self.baseline().correct(&raw);
        self.watch.read = Some(Read { raw, at: now });
        self.revise_baseline(|baseline| baseline.learn(&raw));
        self.watch.lessons += 1;
        if self.watch.lessons >= LESSONS {
            self.keep_baseline(effects);
        }
        corrected
    }

    /// A look of twenty seconds at the owner's face at rest: at once, or when the look under way has ended.
    pub(super) fn calibrate(&mut self) -> Reply {
        match self.no_look() {
            Some(LookBlock::TurnedOff) => return refuse(CalibrationBlock::TurnedOff),
            Some(LookBlock::ConsentPending | LookBlock::ConsentDenied) => {
                return refuse(CalibrationBlock::ConsentMissing);
            }
            _ => {}
        }
        if let Some(block) = self.calibration_block() {
            return refuse(block);
        }
        self.watch.wants_rest = true;
        Reply::Done(Done::CalibrationStarted)
    }

    /// Why the camera must stay closed even for a user who asks. Neither a mood set by hand, silence, the battery nor an
    /// idle machine is a reason: who asks is there.
    fn calibration_block(&self) -> Option<CalibrationBlock> {
        let call = self.watch.user.is_some() && self.watch.absent == Some(LookBlock::CameraInUse);
        let away = self.session.no_look().filter(|why| *why != LookBlock::Idle);
        let reasons = [
            (self.consent != Some(true), CalibrationBlock::ConsentMissing),
            (self.paused(), CalibrationBlock::Paused),
            (away.is_some(), CalibrationBlock::UserAway),
            (call, CalibrationBlock::CameraInUse),
        ];
        reasons.into_iter().find(|(is, _)| *is).map(|(_, why)| why)
    }

    /// Ends a calibration at once when the camera has to be closed.
    pub(super) fn cancel_calibration_if_blocked(&mut self, now: Instant, effects: &mut Vec<Effect>) {
        if self.calibration_block().is_none() {
            return;
        }
        self.watch.wants_rest = false;
        if self.watch.resting {
            self.watch.end_rest(now + self.every());
            effects.push(Effect::StopCalibration);
        }
    }

    pub(super) fn calibrate_if_asked(&mut self, effects: &mut Vec<Effect>) {
        if self.watch.wants_rest && !self.watch.looking() {
            self.watch.wants_rest = false;
            self.watch.begin_rest();
            effects.push(Effect::Calibrate);
        }
    }

    pub(super) fn rested(&mut self, result: Result<Look, CaptureError>, now: Instant, effects: &mut Vec<Effect>) {
        // It was cancelled: what it saw until then does not count.
        if !self.watch.resting {
            return;
        }
        self.watch.end_rest(now + self.every());
        let smile = result.as_ref().is_ok_and(|look| Baseline::smile_at_rest(&look.frames).is_some());
        let baseline = result.map_err(CalibrationError::Capture).and_then(|look| {
            self.watch.camera = look.camera;
            Baseline::at_rest(&look.frames)
        });
        match baseline {
            Err(error) => self.watch.trouble = Some(LookTrouble::Calibration(error)),
            Ok(baseline) => {
                self.watch.trouble = smile.then_some(LookTrouble::SmileWhileCalibrating);
                self.revise_baseline(|before| *before = baseline);
                self.keep_baseline(effects);
                // What it reads now is what the owner wants to see next.
                self.watch.end_rest(now);
            }
        }
    }

    /// The last reading was wrong: corrects the mood at once, and the way such a face is read from now on.
    pub(super) fn wrong(&mut self, meant: MoodName, now: Instant, effects: &mut Vec<Effect>) -> Reply {
        if self.by_hand.is_some() {
            return Reply::Refused(Refusal::ManualMood);
        }
        let fresh = |read: &Read| now.saturating_duration_since(read.at) <= FRESH;
        let Some(Read { raw, .. }) = self.watch.read.filter(fresh) else {
            return Reply::Refused(Refusal::NoReading { meant });
        };
        let read = self.baseline().correct(&raw).top().0;
        self.revise_baseline(|baseline| baseline.tell(meant.expression(), &raw));
        self.watch.scores = Some(self.baseline().correct(&raw));
        let settled = self.steady.tell(self.table.place(meant), now);
        self.heard_of_mood(meant);
        effects.push(remember(Record::Correction {
            camera: self.watch.camera.clone(),
            read,
            meant: meant.expression(),
        }));
        self.keep_baseline(effects);
        effects.push(remember(Record::MoodSettled(settled)));
        self.turn();
        Reply::Done(Done::ReadingCorrected { read, meant })
    }
}

fn refuse(block: CalibrationBlock) -> Reply {
    Reply::Refused(Refusal::Calibration(block))
}
