//! The user's face at rest, and how a reading is corrected by it.
//!
//! 1. What a face reads as at rest differs from person to person and from camera to camera. It is taken off in log space:
//!    learned in one go by calibration, and from each look that shows a face at rest, fast at first and slowly later.
//! 2. When in doubt the network says "neutral". A small score for another expression is therefore evidence, if it is
//!    larger than the same score at rest.
//! 3. A correction by the user ("that was wrong") shifts the scores for good.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use crate::domain::observation::FrameResult;
use crate::domain::reason::CalibrationError;
use crate::mood::aggregate::plausible;
use crate::mood::{Expression, Scores};

/// Weight of each score. Disgust and fear are read least well and hardly change which songs fit; the others count in
/// full. In the order of [`Expression::ALL`].
const TRUST: [f32; 7] = [1.0, 1.0, 1.0, 1.0, 1.0, 0.6, 0.6];
/// What a corrected face at rest reads as.
const REST: [f32; 7] = [0.82, 0.03, 0.03, 0.04, 0.04, 0.02, 0.02];
/// The smallest score that counts: the logarithm of a guess nearer to zero is noise. With 0.01, as before 2026-12, a face
/// with P(sad) = 0.001 at rest was taken for one with 0.01, and its sadness was missed (docs/moods.md).
const FLOOR: f32 = 0.001;
/// How much of what a face reads as at rest is taken off. A little is left, so that a face that rests sad can look sad,
/// and one that rests neutral is not read as something else for a trace of it.
const SHARE: f32 = 0.9;
/// The face at rest weighs no expression up or down by more than this factor's logarithm: e^4 is 55.
const FURTHEST: f32 = 4.0;
/// The same for the user's corrections: e^2.5 is twelve.
const FURTHEST_SHIFT: f32 = 2.5;
/// The largest share of a smile in what is taken off. More is a smile held through calibration: of 152 faces at rest in
/// three sets 147 read as less than this (2026-11).
const MOST_SMILE: f32 = 0.12;
/// What is assumed before anything was seen weighs as much as this many looks at a face at rest.
const PRIOR_LOOKS: f32 = 15.0;
/// From this many looks on, each moves what is known by the same small step, so that it follows the user over months.
const MOST_LOOKS: f32 = 150.0;
/// Frames with a face that a calibration needs.
const FEWEST: usize = 10;

/// The user's neutral face through one camera. Natural logarithms, in the order of [`Expression::ALL`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Baseline {
    /// Of the scores at rest.
    rest: [f32; 7],
    /// What the user's corrections add to the scores.
    shift: [f32; 7],
    /// Looks at a face at rest that it was learned from; a calibration counts as many.
    #[serde(default = "most_looks")]
    looks: f32,
}

/// Baselines of earlier versions were learned at the slow rate.
fn most_looks() -> f32 {
    MOST_LOOKS
}

/// Baselines by the camera's permanent name.
pub type Baselines = HashMap<String, Baseline>;

impl Default for Baseline {
    /// The average neutral face.
    fn default() -> Self {
        Self { rest: logs(&REST), shift: [0.0; 7], looks: PRIOR_LOOKS }
    }
}

impl Baseline {
    /// From frames of a face at rest: the median of each score, so that a glance aside or a twitch does not count.
    ///
    /// # Errors
    /// Says why these frames do not show it.
    pub fn at_rest(sightings: &[FrameResult]) -> Result<Self, CalibrationError> {
        let mut resting = median_scores(sightings)?;
        let happy = &mut resting[Expression::Happy as usize];
        *happy = happy.min(MOST_SMILE);
        Ok(Self { rest: logs(&resting), looks: MOST_LOOKS, ..Self::default() })
    }

    /// How much of a smile (0..1) these frames of a face at rest show, if it is too much to be its rest. Only
    /// a part of it is then taken off by [`Baseline::at_rest`].
    pub fn smile_at_rest(sightings: &[FrameResult]) -> Option<f32> {
        let resting = median_scores(sightings).ok()?;
        Some(resting[Expression::Happy as usize]).filter(|&happy| happy > MOST_SMILE)
    }

    /// The scores at rest.
    pub fn resting(&self) -> Scores {
        Scores::normalised(self.rest.map(f32::exp))
    }

    /// Subtracts the neutral face from the scores, in log space, and weighs each score by its reliability.
    pub fn correct(&self, scores: &Scores) -> Scores {
        let (values, usual) = (scores.values(), logs(&REST));
        let rest = |k: usize| (SHARE * (usual[k] - self.rest[k])).clamp(-FURTHEST, FURTHEST);
        Scores::normalised(std::array::from_fn(|k| values[k] * TRUST[k] * (rest(k) + self.shift[k]).exp()))
    }

    /// A look refines the neutral face, the more neutral it is: a smile teaches nothing about it.
    pub fn learn(&mut self, raw: &Scores) {
        let weight = self.correct(raw).neutral.powi(2);
        self.looks = (self.looks + weight).min(MOST_LOOKS);
        let rate = weight / self.looks.max(PRIOR_LOOKS);
        for (rest, seen) in self.rest.iter_mut().zip(logs(&raw.values())) {
            *rest += rate * (seen - *rest);
        }
    }

    /// The user says that this face was another expression than it was read as. Raises the one and lowers the other by
    /// most of the distance between them; a second correction of the same face makes it read as it should.
    pub fn tell(&mut self, meant: Expression, raw: &Scores) {
        let corrected = self.correct(raw);
        let (read, score) = corrected.top();
        if read == meant {
            return;
        }
        let gap = (score / corrected.values()[meant as usize].max(FLOOR)).ln();
        self.bend(meant, 0.6 * gap + 0.2);
        self.bend(read, -0.25 * gap - 0.1);
    }

    fn bend(&mut self, expression: Expression, step: f32) {
        let shift = &mut self.shift[expression as usize];
        *shift = (*shift + step).clamp(-FURTHEST_SHIFT, FURTHEST_SHIFT);
    }

    /// Whether all numbers are usable; a file may contain anything.
    pub fn is_sound(&self) -> bool {
        let logs = self.rest.iter().chain(&self.shift).all(|log| log.is_finite() && log.abs() < 20.0);
        logs && (0.0..=MOST_LOOKS).contains(&self.looks)
    }
}

/// The median of each score over the frames.
fn median_scores(sightings: &[FrameResult]) -> Result<[f32; 7], CalibrationError> {
    let readings: Vec<_> = sightings.iter().filter_map(plausible).collect();
    let faces: Vec<&Scores> = readings.iter().filter_map(|it| it.ok().map(|face| &face.scores)).collect();
    if faces.len() < FEWEST || faces.len() * 2 < sightings.len() {
        let doubt = readings.iter().find_map(|reading| reading.err());
        return Err(doubt.map_or(CalibrationError::NoFace, CalibrationError::Unreadable));
    }
    let median = |k: usize| {
        let mut scores: Vec<f32> = faces.iter().map(|scores| scores.values()[k]).collect();
        scores.sort_by(f32::total_cmp);
        scores[scores.len() / 2]
    };
    let resting: [f32; 7] = std::array::from_fn(median);
    if Scores::normalised(resting).top().0 == Expression::Happy {
        return Err(CalibrationError::Smile);
    }
    Ok(resting)
}

fn logs(scores: &[f32; 7]) -> [f32; 7] {
    scores.map(|score| score.clamp(FLOOR, 1.0).ln())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::reason::Unreadable;
    use crate::mood::aggregate::tests::{HAPPY, face, sighting};

    const RESTS_SAD: [f32; 7] = [0.5, 0.02, 0.02, 0.4, 0.04, 0.01, 0.01];
    const SMILE: [f32; 7] = [0.2, 0.5, 0.05, 0.2, 0.03, 0.01, 0.01];

    fn rests(scores: [f32; 7]) -> Result<Baseline, CalibrationError> {
        Baseline::at_rest(&vec![sighting(vec![face(scores, 200.0)]); 100])
    }

    fn read(baseline: &Baseline, scores: [f32; 7]) -> (Expression, f32) {
        baseline.correct(&Scores::new(scores)).top()
    }

    #[test]
    fn a_face_that_rests_sad_reads_as_neutral_and_its_smile_as_a_smile() {
        let baseline = rests(RESTS_SAD).unwrap();
        let (expression, score) = read(&baseline, RESTS_SAD);
        assert!(expression == Expression::Neutral && score > 0.75, "{expression:?} {score}");
        assert_eq!(read(&baseline, SMILE).0, Expression::Happy);
        // It can still look sad, only not as easily.
        assert_eq!(read(&baseline, [0.05, 0.01, 0.01, 0.91, 0.01, 0.005, 0.005]).0, Expression::Sad);
    }

    #[test]
    fn a_face_that_rests_angry_for_the_most_part_reads_as_neutral_too() {
        let angry = [0.25, 0.02, 0.02, 0.1, 0.6, 0.005, 0.005];
        assert_eq!(read(&Baseline::default(), angry).0, Expression::Angry);
        assert_eq!(read(&rests(angry).unwrap(), angry).0, Expression::Neutral);
    }

    #[test]
    fn a_twitch_or_a_glance_aside_does_not_count_and_an_empty_chair_or_a_smile_is_refused() {
        let mut frames = vec![sighting(vec![face(RESTS_SAD, 200.0)]); 60];
        frames.extend(vec![sighting(vec![face(HAPPY, 200.0)]); 20]);
        frames.extend(vec![sighting(vec![]); 20]);
        assert_eq!(Baseline::at_rest(&frames), rests(RESTS_SAD));
        assert!(rests(HAPPY).unwrap_err() == CalibrationError::Smile);
        assert!(Baseline::at_rest(&vec![sighting(vec![]); 100]).unwrap_err() == CalibrationError::NoFace);
        assert!(
            Baseline::at_rest(&vec![sighting(vec![face(RESTS_SAD, 20.0)]); 100]).unwrap_err()
                == CalibrationError::Unreadable(Unreadable::FaceTooFar)
        );
        assert!(Baseline::at_rest(&[]).is_err());
    }

    #[test]
    fn a_trace_of_sadness_counts_in_a_face_that_has_none_at_rest() {
        let rest = [0.995, 0.001, 0.001, 0.001, 0.001, 0.0005, 0.0005];
        let baseline = rests(rest).unwrap();
        let hint = [0.75, 0.001, 0.001, 0.245, 0.002, 0.0005, 0.0005];
        assert_eq!(read(&Baseline::default(), hint).0, Expression::Neutral);
        assert_eq!(read(&baseline, hint).0, Expression::Sad);
        assert_eq!(read(&baseline, rest).0, Expression::Neutral);
    }

    #[test]
    fn a_smile_held_through_calibration_is_noticed_and_not_taken_off() {
        let smiles = [0.6, 0.35, 0.01, 0.02, 0.01, 0.005, 0.005];
        let frames = vec![sighting(vec![face(smiles, 200.0)]); 30];
        assert_eq!(Baseline::smile_at_rest(&frames), Some(0.35));
        let baseline = Baseline::at_rest(&frames).unwrap();
        assert!((baseline.rest[Expression::Happy as usize].exp() - MOST_SMILE).abs() < 1e-4);
        assert_eq!(Baseline::smile_at_rest(&vec![sighting(vec![face(RESTS_SAD, 200.0)]); 30]), None);
    }

    #[test]
    fn a_baseline_of_an_earlier_version_is_read() {
        let old: Baseline = serde_json::from_str(
            r#"{"rest":[-0.2,-4.6,-4.6,-2.0,-4.6,-4.6,-4.6],"shift":[0.0,0.0,0.0,0.0,0.0,0.0,0.0]}"#,
        )
        .unwrap();
        assert!(old.is_sound());
        assert_eq!(old.looks, MOST_LOOKS);
    }

    #[test]
    fn the_first_looks_teach_more_than_the_later_ones() {
        let (mut new, mut known) = (Baseline::default(), rests(REST).unwrap());
        let before = new.correct(&Scores::new(RESTS_SAD)).sad;
        for baseline in [&mut new, &mut known] {
            (0..60).for_each(|_| baseline.learn(&Scores::new(RESTS_SAD)));
        }
        let after = |baseline: &Baseline| baseline.correct(&Scores::new(RESTS_SAD)).sad;
        assert!(after(&new) < before / 2.0, "{} {before}", after(&new));
        assert!(after(&known) > after(&new) + 0.05, "{} {}", after(&known), after(&new));
    }

    #[test]
    fn looks_refine_it_and_smiles_do_not() {
        let mut baseline = Baseline::default();
        let before = baseline.correct(&Scores::new(RESTS_SAD)).sad;
        baseline.learn(&Scores::new(RESTS_SAD));
        assert!(before - baseline.correct(&Scores::new(RESTS_SAD)).sad < 0.05, "one look changes little");
        (0..300).for_each(|_| baseline.learn(&Scores::new(RESTS_SAD)));
        assert!(baseline.correct(&Scores::new(RESTS_SAD)).sad < before / 2.0);
        let rested = baseline.clone();
        (0..300).for_each(|_| baseline.learn(&Scores::new(HAPPY)));
        assert_eq!(read(&baseline, HAPPY).0, Expression::Happy);
        assert!((baseline.correct(&Scores::new(SMILE)).happy - rested.correct(&Scores::new(SMILE)).happy).abs() < 0.15);
    }

    #[test]
    fn a_reading_called_wrong_twice_is_read_as_it_was_meant() {
        let sad = [0.2, 0.05, 0.02, 0.68, 0.03, 0.01, 0.01];
        for meant in [Expression::Neutral, Expression::Happy, Expression::Angry] {
            let mut baseline = Baseline::default();
            assert_eq!(read(&baseline, sad).0, Expression::Sad);
            (0..2).for_each(|_| baseline.tell(meant, &Scores::new(sad)));
            assert_eq!(read(&baseline, sad).0, meant);
        }
    }

    #[test]
    fn no_number_of_corrections_makes_an_expression_unreadable() {
        let mut baseline = Baseline::default();
        (0..100).for_each(|_| baseline.tell(Expression::Sad, &Scores::new(HAPPY)));
        (0..100).for_each(|_| baseline.tell(Expression::Angry, &Scores::new(HAPPY)));
        assert!(baseline.is_sound());
        assert_eq!(read(&baseline, [0.001, 0.995, 0.001, 0.001, 0.001, 0.0005, 0.0005]).0, Expression::Happy);
    }

    #[test]
    fn fear_alone_does_not_win_over_an_even_doubt() {
        assert_eq!(read(&Baseline::default(), [0.35, 0.0, 0.05, 0.0, 0.0, 0.1, 0.5]).0, Expression::Neutral);
    }
}
