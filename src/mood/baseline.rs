//! How far each expression is to be believed, before and after this owner's face at rest is known.

use super::Scores;

/// Positive evidence is trusted more than negative, and fear and disgust hardly act on their own: classifiers do worst on
/// negative expressions, and worst of all on faces unlike those they were trained on (see the model card).
/// In the order of [`super::Expression::ALL`].
const TRUST: [f32; 7] = [1.0, 1.0, 0.8, 0.7, 0.7, 0.4, 0.4];

/// What a face at rest is meant to read as.
const REST: [f32; 7] = [0.82, 0.03, 0.03, 0.04, 0.04, 0.02, 0.02];

/// The scores of this owner's face at rest, when known.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Baseline {
    pub resting: Option<Scores>,
}

impl Baseline {
    /// Takes the face at rest off the scores, in log space, and weighs what remains by how far it can be trusted.
    pub fn correct(&self, scores: &Scores) -> Scores {
        let mut values = scores.values();
        for (k, value) in values.iter_mut().enumerate() {
            let rest = self.resting.map_or(1.0, |resting| REST[k] / resting.values()[k].max(0.01));
            *value *= TRUST[k] * rest;
        }
        Scores::normalised(values)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mood::Expression;

    #[test]
    fn a_face_that_rests_sad_reads_as_neutral_and_its_smile_as_a_smile() {
        let resting = Scores::new([0.5, 0.02, 0.02, 0.4, 0.04, 0.01, 0.01]);
        let baseline = Baseline { resting: Some(resting) };
        assert_eq!(baseline.correct(&resting).top().0, Expression::Neutral);
        assert!(baseline.correct(&resting).neutral > 0.75);
        let smile = Scores::new([0.2, 0.5, 0.05, 0.2, 0.03, 0.01, 0.01]);
        assert_eq!(baseline.correct(&smile).top().0, Expression::Happy);
    }

    #[test]
    fn fear_alone_does_not_win_over_an_even_doubt() {
        let afraid = Scores::new([0.35, 0.0, 0.05, 0.0, 0.0, 0.1, 0.5]);
        assert_eq!(Baseline::default().correct(&afraid).top().0, Expression::Neutral);
    }
}
