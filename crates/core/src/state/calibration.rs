//! Calibration on the user's neutral face, and corrections of readings.

use std::time::{Duration, Instant};

use crate::domain::observation::{CaptureError, Look};
use crate::domain::presence::LookBlock;
use crate::domain::reason::{CalibrationBlock, CalibrationError, Done, LookTrouble, Refusal};
use crate::message::{Effect, Record, Reply};
use crate::mood::baseline::Baseline;
use crate::mood::{MoodName, Scores};
use crate::state::{State, persist};

/// A correction does not apply to an older reading.
const FRESH: Duration = Duration::from_secs(600);
/// The baseline is saved once in this many looks.
const LESSONS: u32 = 10;

/// What a look read, before the baseline is subtracted.
#[derive(Clone, Copy, Debug)]
pub(super) struct Read {
    pub raw: Scores,
    pub at: Instant,
}

impl State {
    pub(super) fn baseline(&self) -> Baseline {
        self.baselines.get(&self.look_scheduler.camera).cloned().unwrap_or_default()
    }

    fn update_baseline(&mut self, change: impl FnOnce(&mut Baseline)) {
        change(self.baselines.entry(self.look_scheduler.camera.clone()).or_default());
    }

    fn save_baseline(&mut self, effects: &mut Vec<Effect>) {
        self.look_scheduler.unsaved_looks = 0;
        effects
            .push(persist(Record::Baseline { camera: self.look_scheduler.camera.clone(), baseline: self.baseline() }));
    }

    /// Subtracts the baseline from scores, and refines the baseline by them.
    pub(super) fn correct_scores(&mut self, raw: Scores, now: Instant, effects: &mut Vec<Effect>) -> Scores {
        let corrected = self.baseline().correct(&raw);
        self.look_scheduler.last_reading = Some(Read { raw, at: now });
        self.update_baseline(|baseline| baseline.learn(&raw));
        self.look_scheduler.unsaved_looks += 1;
        if self.look_scheduler.unsaved_looks >= LESSONS {
            self.save_baseline(effects);
        }
        corrected
    }

    /// Requests a calibration of twenty seconds: at once, or when the current look has ended.
    pub(super) fn request_calibration(&mut self) -> Reply {
        match self.find_look_block() {
            Some(LookBlock::TurnedOff) => return refuse(CalibrationBlock::TurnedOff),
            Some(LookBlock::ConsentPending | LookBlock::ConsentDenied) => {
                return refuse(CalibrationBlock::ConsentMissing);
            }
            _ => {}
        }
        if let Some(block) = self.calibration_block() {
            return refuse(block);
        }
        self.look_scheduler.calibration_requested = true;
        Reply::Done(Done::CalibrationStarted)
    }

    /// Why the camera must stay closed although the user asks. A mood set by hand, silence, the battery or an
    /// idle machine is no reason: the user is there.
    fn calibration_block(&self) -> Option<CalibrationBlock> {
        let call =
            self.look_scheduler.camera_user.is_some() && self.look_scheduler.block == Some(LookBlock::CameraInUse);
        let away = self.presence.no_look().filter(|why| *why != LookBlock::Idle);
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
        self.look_scheduler.calibration_requested = false;
        if self.look_scheduler.calibrating {
            self.look_scheduler.end_calibration(now + self.look_interval());
            effects.push(Effect::StopCalibration);
        }
    }

    pub(super) fn start_calibration_if_requested(&mut self, effects: &mut Vec<Effect>) {
        if self.look_scheduler.calibration_requested && !self.look_scheduler.is_looking() {
            self.look_scheduler.calibration_requested = false;
            self.look_scheduler.begin_calibration();
            effects.push(Effect::Calibrate);
        }
    }

    pub(super) fn finish_calibration(
        &mut self,
        result: Result<Look, CaptureError>,
        now: Instant,
        effects: &mut Vec<Effect>,
    ) {
        // It was cancelled: what it saw does not count.
        if !self.look_scheduler.calibrating {
            return;
        }
        self.look_scheduler.end_calibration(now + self.look_interval());
        let smile = result.as_ref().is_ok_and(|look| Baseline::smile_at_rest(&look.frames).is_some());
        let baseline = result.map_err(CalibrationError::Capture).and_then(|look| {
            self.look_scheduler.camera = look.camera;
            Baseline::at_rest(&look.frames)
        });
        match baseline {
            Err(error) => self.look_scheduler.trouble = Some(LookTrouble::Calibration(error)),
            Ok(baseline) => {
                self.look_scheduler.trouble = smile.then_some(LookTrouble::SmileWhileCalibrating);
                self.update_baseline(|before| *before = baseline);
                self.save_baseline(effects);
                // The user wants to see the effect: the next look follows at once.
                self.look_scheduler.end_calibration(now);
            }
        }
    }

    /// The last reading was wrong: corrects the mood at once, and similar readings from now on.
    pub(super) fn correct_reading(&mut self, meant: MoodName, now: Instant, effects: &mut Vec<Effect>) -> Reply {
        if self.by_hand.is_some() {
            return Reply::Refused(Refusal::ManualMood);
        }
        let fresh = |read: &Read| now.saturating_duration_since(read.at) <= FRESH;
        let Some(Read { raw, .. }) = self.look_scheduler.last_reading.filter(fresh) else {
            return Reply::Refused(Refusal::NoReading { meant });
        };
        let read = self.baseline().correct(&raw).top().0;
        self.update_baseline(|baseline| baseline.tell(meant.expression(), &raw));
        self.look_scheduler.scores = Some(self.baseline().correct(&raw));
        let settled = self.mood_filter.tell(self.table.place(meant), now);
        self.set_known_mood(meant);
        effects.push(persist(Record::Correction {
            camera: self.look_scheduler.camera.clone(),
            read,
            meant: meant.expression(),
        }));
        self.save_baseline(effects);
        effects.push(persist(Record::MoodSettled(settled)));
        self.invalidate_pick();
        Reply::Done(Done::ReadingCorrected { read, meant })
    }
}

fn refuse(block: CalibrationBlock) -> Reply {
    Reply::Refused(Refusal::Calibration(block))
}
