//! How far each expression is to be believed, before and after this owner's face at rest is known.
//!
//! A face at rest in front of a screen reads as sad or angry to every network, to each person's in their own way and
//! through each camera in another. What it reads as is taken off in log space: learned in one go by calibration, slowly by
//! every look that shows a face at rest, and from the owner's word that a reading was wrong.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use crate::domain::observation::FrameResult;
use crate::mood::aggregate::plausible;
use crate::mood::{Expression, Scores};

/// Positive evidence is trusted more than negative, and fear and disgust hardly act on their own: classifiers do worst on
/// negative expressions, and worst of all on faces unlike those they were trained on (see the model card).
/// In the order of [`Expression::ALL`].
const TRUST: [f32; 7] = [1.0, 1.0, 0.8, 0.7, 0.7, 0.4, 0.4];
/// What a face at rest is meant to read as.
const REST: [f32; 7] = [0.82, 0.03, 0.03, 0.04, 0.04, 0.02, 0.02];
/// Lower scores say nothing more: the logarithm of a guess near zero is noise.
const FLOOR: f32 = 0.01;
/// How much of what a face reads as at rest is taken off. All of it, and a face that rests sad could never look sad.
const SHARE: f32 = 0.75;
/// No expression is weighed up or down by more than this factor's logarithm: e^2.5 is twelve.
const FURTHEST: f32 = 2.5;
/// How much of the way a look at rest moves what is known: half of it in a hundred looks, three hours of listening.
const SLOW: f32 = 1.0 / 150.0;
/// A calibration needs so many frames with a face.
const FEWEST: usize = 10;

/// What is known of this owner's face through one camera. Natural logarithms, in the order of [`Expression::ALL`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Baseline {
    /// Of the scores at rest.
    rest: [f32; 7],
    /// What the owner's corrections add to the scores.
    shift: [f32; 7],
}

/// By the camera's name that lasts.
pub type Baselines = HashMap<String, Baseline>;

impl Default for Baseline {
    /// A face that rests as most do.
    fn default() -> Self {
        Self { rest: logs(&REST), shift: [0.0; 7] }
    }
}

impl Baseline {
    /// From frames of a face at rest: the median of each score, so that a glance aside or a twitch does not count.
    ///
    /// # Errors
    /// Says why these frames do not show it.
    pub fn at_rest(sightings: &[FrameResult]) -> Result<Self, &'static str> {
        let readings: Vec<_> = sightings.iter().filter_map(plausible).collect();
        let faces: Vec<&Scores> = readings.iter().filter_map(|it| it.ok().map(|face| &face.scores)).collect();
        if faces.len() < FEWEST || faces.len() * 2 < sightings.len() {
            return Err(readings.iter().find_map(|it| it.err()).unwrap_or("there was no face, or not for long enough"));
        }
        let median = |k: usize| {
            let mut scores: Vec<f32> = faces.iter().map(|scores| scores.values()[k]).collect();
            scores.sort_by(f32::total_cmp);
            scores[scores.len() / 2]
        };
        let resting: [f32; 7] = std::array::from_fn(median);
        if Scores::normalised(resting).top().0 == Expression::Happy {
            return Err("that was a smile, which is not to be taken off");
        }
        Ok(Self { rest: logs(&resting), ..Self::default() })
    }

    /// The scores at rest.
    pub fn resting(&self) -> Scores {
        Scores::normalised(self.rest.map(f32::exp))
    }

    /// Takes the face at rest off the scores, in log space, and weighs what remains by how far it can be trusted.
    pub fn correct(&self, scores: &Scores) -> Scores {
        let (values, usual) = (scores.values(), logs(&REST));
        let off = |k: usize| SHARE * (usual[k] - self.rest[k]) + self.shift[k];
        let factor = |k: usize| off(k).clamp(-FURTHEST, FURTHEST).exp();
        Scores::normalised(std::array::from_fn(|k| values[k] * TRUST[k] * factor(k)))
    }

    /// A look refines the face at rest, the more the surer it showed one: a smile teaches nothing about that.
    pub fn learn(&mut self, raw: &Scores) {
        let rate = SLOW * self.correct(raw).neutral.powi(2);
        for (rest, seen) in self.rest.iter_mut().zip(logs(&raw.values())) {
            *rest += rate * (seen - *rest);
        }
    }

    /// The owner says that this face was another expression than it was read as. Raises the one and lowers the other by most
    /// of what parts them; a second word about the same face makes it read as it should.
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
        *shift = (*shift + step).clamp(-FURTHEST, FURTHEST);
    }

    /// Whether all of it can be calculated with; what comes from disk may be anything.
    pub fn is_sound(&self) -> bool {
        self.rest.iter().chain(&self.shift).all(|log| log.is_finite() && log.abs() < 20.0)
    }
}

fn logs(scores: &[f32; 7]) -> [f32; 7] {
    scores.map(|score| score.clamp(FLOOR, 1.0).ln())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mood::aggregate::tests::{HAPPY, face, sighting};

    const RESTS_SAD: [f32; 7] = [0.5, 0.02, 0.02, 0.4, 0.04, 0.01, 0.01];
    const SMILE: [f32; 7] = [0.2, 0.5, 0.05, 0.2, 0.03, 0.01, 0.01];

    fn rests(scores: [f32; 7]) -> Result<Baseline, &'static str> {
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
        assert!(rests(HAPPY).unwrap_err().contains("smile"));
        assert!(Baseline::at_rest(&vec![sighting(vec![]); 100]).unwrap_err().contains("no face"));
        assert!(Baseline::at_rest(&vec![sighting(vec![face(RESTS_SAD, 20.0)]); 100]).unwrap_err().contains("far away"));
        assert!(Baseline::at_rest(&[]).is_err());
    }

    #[test]
    fn looks_refine_it_slowly_and_smiles_do_not() {
        let mut baseline = Baseline::default();
        let before = baseline.correct(&Scores::new(RESTS_SAD)).sad;
        baseline.learn(&Scores::new(RESTS_SAD));
        assert!(before - baseline.correct(&Scores::new(RESTS_SAD)).sad < 0.01, "one look changes next to nothing");
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
