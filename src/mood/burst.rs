//! A burst of frames becomes one glimpse, or an honest "not sure".

use super::Scores;
use crate::look::{Face, Sighting};

/// What a whole look amounts to.
#[derive(Clone, Debug, PartialEq)]
pub enum Glimpse {
    /// One plausible face; confidence 0..1.
    Seen {
        scores: Scores,
        confidence: f32,
    },
    Nobody,
    /// Something is there that must not change the mood; says what.
    Unsure(&'static str),
}

/// Faces under this share of the picture's height are somebody at the back.
const SMALLEST: f32 = 0.08;
/// A second face of at least this share of the largest one's area makes it unclear whose mood counts.
const RIVAL: f32 = 0.5;
/// Mean brightness under which a whole picture is covered or black.
const BLACK: f32 = 0.02;
/// Mean brightness under which a face is too dark to read.
const DARK: f32 = 0.06;
/// Sharpness at which a face counts half.
const BLURRED: f32 = 20.0;

/// Averages the frames of a look, weighted by sharpness, size and the detector's confidence.
pub fn combine(sightings: &[Sighting]) -> Glimpse {
    let Some(first) = sightings.first() else { return Glimpse::Nobody };
    if sightings.iter().all(|s| s.brightness < BLACK) {
        return Glimpse::Unsure("the camera sees nothing: it is covered, or the room is dark");
    }
    let readings: Vec<Result<&Face, &'static str>> = sightings.iter().filter_map(plausible).collect();
    let faces: Vec<&Face> = readings.iter().filter_map(|r| r.ok()).collect();
    if faces.len() * 2 < sightings.len() {
        let doubt = readings.iter().find_map(|r| r.err());
        return doubt.map_or(Glimpse::Nobody, Glimpse::Unsure);
    }
    let height = first.size[1].max(1) as f32;
    average(&faces, height, faces.len() as f32 / sightings.len() as f32)
}

/// The face of a frame, why it cannot be used, or `None` where there is none.
fn plausible(sighting: &Sighting) -> Option<Result<&Face, &'static str>> {
    let face = sighting.faces.first()?;
    let area = |face: &Face| face.bounds[2] * face.bounds[3];
    let doubt = if face.bounds[3] < SMALLEST * sighting.size[1] as f32 {
        "the face is too far away"
    } else if sighting.faces.get(1).is_some_and(|second| area(second) > RIVAL * area(face)) {
        "there are several faces"
    } else if face.brightness < DARK {
        "the face is too dark"
    } else {
        return Some(Ok(face));
    };
    Some(Err(doubt))
}

fn average(faces: &[&Face], height: f32, presence: f32) -> Glimpse {
    let clarity = |face: &Face| face.confidence * face.sharpness / (face.sharpness + BLURRED);
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
        return Glimpse::Unsure("the face is blurred");
    }
    Glimpse::Seen { scores: Scores::normalised(values), confidence: (presence * clear).clamp(0.0, 1.0) }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::look::Timing;

    pub(crate) const HAPPY: [f32; 7] = [0.05, 0.9, 0.01, 0.01, 0.01, 0.01, 0.01];

    pub(crate) fn face(scores: [f32; 7], height: f32) -> Face {
        let bounds = [100.0, 100.0, height, height];
        Face { bounds, confidence: 0.9, sharpness: 200.0, brightness: 0.5, scores: Scores::new(scores) }
    }

    pub(crate) fn sighting(faces: Vec<Face>) -> Sighting {
        Sighting { frame: 0, size: [640, 480], brightness: 0.4, faces, ms: Timing::default() }
    }

    fn doubt(sighting: &Sighting) -> &'static str {
        match combine(std::slice::from_ref(sighting)) {
            Glimpse::Unsure(why) => why,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn one_clear_face_is_seen_with_its_scores() {
        let Glimpse::Seen { scores, confidence } = combine(&[sighting(vec![face(HAPPY, 200.0)])]) else { panic!() };
        assert!((scores.happy - 0.9).abs() < 0.01 && confidence > 0.7);
    }

    #[test]
    fn a_blurred_frame_counts_less_than_a_sharp_one() {
        let mut blurred = face([0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0], 200.0);
        blurred.sharpness = 2.0;
        let burst = [sighting(vec![face(HAPPY, 200.0)]), sighting(vec![blurred])];
        let Glimpse::Seen { scores, .. } = combine(&burst) else { panic!() };
        assert!(scores.happy > 0.75, "{scores:?}");
    }

    #[test]
    fn an_empty_chair_is_nobody() {
        assert_eq!(combine(&[sighting(vec![])]), Glimpse::Nobody);
        assert_eq!(combine(&[]), Glimpse::Nobody);
    }

    #[test]
    fn doubtful_faces_change_nothing_and_say_why() {
        assert!(doubt(&sighting(vec![face(HAPPY, 30.0)])).contains("far away"));
        assert!(doubt(&sighting(vec![face(HAPPY, 200.0), face(HAPPY, 190.0)])).contains("several"));
        let mut dark = face(HAPPY, 200.0);
        dark.brightness = 0.03;
        assert!(doubt(&sighting(vec![dark])).contains("dark"));
        let mut covered = sighting(vec![]);
        covered.brightness = 0.0;
        assert!(doubt(&covered).contains("covered"));
    }

    #[test]
    fn a_small_face_at_the_back_is_no_rival() {
        let shown = sighting(vec![face(HAPPY, 200.0), face(HAPPY, 60.0)]);
        assert!(matches!(combine(&[shown]), Glimpse::Seen { .. }));
    }
}
