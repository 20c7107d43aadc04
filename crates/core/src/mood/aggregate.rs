//! The frames of a look combined into one summary, or "not sure".

use crate::domain::observation::{DetectedFace, FrameResult};
use crate::domain::reason::Unreadable;
use crate::mood::Scores;

/// The frames of a look combined.
#[derive(Clone, Debug, PartialEq)]
pub enum LookSummary {
    /// One plausible face; confidence 0..1.
    Seen {
        scores: Scores,
        confidence: f32,
    },
    Nobody,
    /// Nothing can be seen, because of the camera or the light.
    Blind(Unreadable),
    /// A face is there that cannot be read, so it does not change the mood.
    Unsure(Unreadable),
}

/// Faces below this share of the picture's height are somebody in the background.
const SMALLEST: f32 = 0.08;
/// A second face of at least this share of the largest one's area makes it unclear whose mood counts.
const RIVAL: f32 = 0.5;
/// Mean brightness under which a whole picture is covered or black.
const BLACK: f32 = 0.02;
/// Mean brightness under which a face is too dark to read.
const DARK: f32 = 0.06;
/// Mean brightness over which a face, or a whole picture, is glare.
const GLARE: f32 = 0.9;
/// Sharpness under which a face is not read.
const SMEARED: f32 = 4.0;
/// A face turned further than this is nearly in profile; see [`DetectedFace::turn`]. Measured: a profile from both sides and at four
/// distances 0.89 to 1.45, one turned by three quarters 0.65, five frontal photographs up to 0.08 (2026-11).
const ASIDE: f32 = 0.6;
/// Sharpness at which a face counts half.
const BLURRED: f32 = 20.0;

/// Averages the frames of a look, weighted by sharpness, size and the detector's confidence.
pub fn combine(sightings: &[FrameResult]) -> LookSummary {
    let Some(first) = sightings.first() else { return LookSummary::Nobody };
    if sightings.iter().all(|s| s.brightness < BLACK) {
        return LookSummary::Blind(Unreadable::Covered);
    }
    let readings: Vec<Result<&DetectedFace, Unreadable>> = sightings.iter().filter_map(plausible).collect();
    let faces: Vec<&DetectedFace> = readings.iter().filter_map(|r| r.ok()).collect();
    if faces.len() * 2 < sightings.len() {
        let doubt = readings.iter().find_map(|r| r.err()).map(LookSummary::Unsure);
        return doubt.or_else(|| poor_light(sightings).map(LookSummary::Blind)).unwrap_or(LookSummary::Nobody);
    }
    let height = first.size[1].max(1) as f32;
    average(&faces, height, faces.len() as f32 / sightings.len() as f32)
}

/// Why this frame alone would not count although it shows a face; `None`: it counts, or shows none.
pub fn doubt(sighting: &FrameResult) -> Option<Unreadable> {
    plausible(sighting)?.err()
}

/// If no face is seen: whether the light may be the reason, as opposed to an empty chair.
fn poor_light(sightings: &[FrameResult]) -> Option<Unreadable> {
    let all = |is: fn(f32) -> bool| sightings.iter().all(|it| is(it.brightness));
    if all(|brightness| brightness < DARK) {
        return Some(Unreadable::TooDark);
    }
    all(|brightness| brightness > GLARE).then_some(Unreadable::TooBright)
}

/// The face of a frame, or why it cannot be used; `None`: there is none.
pub(super) fn plausible(sighting: &FrameResult) -> Option<Result<&DetectedFace, Unreadable>> {
    let face = sighting.faces.first()?;
    let area = |face: &DetectedFace| face.bounds[2] * face.bounds[3];
    let doubt = if face.bounds[3] < SMALLEST * sighting.size[1] as f32 {
        Unreadable::FaceTooFar
    } else if sighting.faces.get(1).is_some_and(|second| area(second) > RIVAL * area(face)) {
        Unreadable::SeveralFaces
    } else if face.brightness < DARK {
        Unreadable::FaceTooDark
    } else if face.brightness > GLARE {
        Unreadable::FaceTooBright
    } else if face.sharpness < SMEARED {
        Unreadable::FaceBlurred
    } else if face.turn > ASIDE {
        Unreadable::FaceTurnedAside
    } else {
        return Some(Ok(face));
    };
    Some(Err(doubt))
}

fn average(faces: &[&DetectedFace], height: f32, presence: f32) -> LookSummary {
    let clarity = |face: &DetectedFace| face.confidence * face.sharpness / (face.sharpness + BLURRED);
    let mut values = [0.0; 7];
    let (mut weights, mut clear) = (0.0, 0.0);
    for face in faces {
        let weight = clarity(face) * (face.bounds[3] / height).clamp(0.05, 0.5);
        for (sum, value) in values.iter_mut().zip(face.scores.values()) {
            *sum += weight * value;
        }
        weights += weight;
        clear += clarity(face) / faces.len() as f32;
    }
    if weights <= 0.0 || weights.is_nan() {
        return LookSummary::Unsure(Unreadable::FaceBlurred);
    }
    LookSummary::Seen { scores: Scores::normalised(values), confidence: (presence * clear).clamp(0.0, 1.0) }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::domain::observation::Timing;

    pub(crate) const HAPPY: [f32; 7] = [0.05, 0.9, 0.01, 0.01, 0.01, 0.01, 0.01];

    pub(crate) fn face(scores: [f32; 7], height: f32) -> DetectedFace {
        let bounds = [100.0, 100.0, height, height];
        DetectedFace {
            bounds,
            confidence: 0.9,
            sharpness: 200.0,
            brightness: 0.5,
            turn: 0.0,
            scores: Scores::new(scores),
        }
    }

    pub(crate) fn sighting(faces: Vec<DetectedFace>) -> FrameResult {
        FrameResult { frame: 0, size: [640, 480], brightness: 0.4, faces, ms: Timing::default() }
    }

    fn doubt(sighting: &FrameResult) -> Unreadable {
        match combine(std::slice::from_ref(sighting)) {
            LookSummary::Unsure(why) | LookSummary::Blind(why) => why,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn one_clear_face_is_seen_with_its_scores() {
        let LookSummary::Seen { scores, confidence } = combine(&[sighting(vec![face(HAPPY, 200.0)])]) else { panic!() };
        assert!((scores.happy - 0.9).abs() < 0.01 && confidence > 0.7);
    }

    #[test]
    fn a_blurred_frame_counts_less_than_a_sharp_one() {
        let mut blurred = face([0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0], 200.0);
        blurred.sharpness = 5.0;
        let burst = [sighting(vec![face(HAPPY, 200.0)]), sighting(vec![blurred])];
        let LookSummary::Seen { scores, .. } = combine(&burst) else { panic!() };
        assert!(scores.happy > 0.7, "{scores:?}");
    }

    #[test]
    fn an_empty_chair_is_nobody() {
        assert_eq!(combine(&[sighting(vec![])]), LookSummary::Nobody);
        assert_eq!(combine(&[]), LookSummary::Nobody);
    }

    #[test]
    fn doubtful_faces_change_nothing_and_say_why() {
        assert_eq!(doubt(&sighting(vec![face(HAPPY, 30.0)])), Unreadable::FaceTooFar);
        assert_eq!(doubt(&sighting(vec![face(HAPPY, 200.0), face(HAPPY, 190.0)])), Unreadable::SeveralFaces);
        let mut dark = face(HAPPY, 200.0);
        dark.brightness = 0.03;
        assert_eq!(doubt(&sighting(vec![dark])), Unreadable::FaceTooDark);
        assert_eq!(
            doubt(&sighting(vec![DetectedFace { brightness: 0.95, ..face(HAPPY, 200.0) }])),
            Unreadable::FaceTooBright
        );
        assert_eq!(
            doubt(&sighting(vec![DetectedFace { sharpness: 1.0, ..face(HAPPY, 200.0) }])),
            Unreadable::FaceBlurred
        );
        assert_eq!(
            doubt(&sighting(vec![DetectedFace { turn: 0.7, ..face(HAPPY, 200.0) }])),
            Unreadable::FaceTurnedAside
        );
        assert_eq!(doubt(&FrameResult { brightness: 0.04, ..sighting(vec![]) }), Unreadable::TooDark);
        assert_eq!(doubt(&FrameResult { brightness: 0.97, ..sighting(vec![]) }), Unreadable::TooBright);
        let mut covered = sighting(vec![]);
        covered.brightness = 0.0;
        assert_eq!(doubt(&covered), Unreadable::Covered);
    }

    #[test]
    fn a_small_face_at_the_back_is_no_rival() {
        let shown = sighting(vec![face(HAPPY, 200.0), face(HAPPY, 60.0)]);
        assert!(matches!(combine(&[shown]), LookSummary::Seen { .. }));
    }
}
