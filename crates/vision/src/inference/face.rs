//! Faces in a frame.

mod detector;
mod network;

pub use crate::inference::face::detector::{Detector, Search};

use crate::inference::letterbox::Letterbox;

/// Boxes that share more than this part of their union are the same face, as in MediaPipe.
const SAME: f32 = 0.3;

/// A face in a frame, in the frame's pixels.
#[derive(Clone, Debug, PartialEq)]
pub struct Detection {
    /// 0..1.
    pub confidence: f32,
    pub centre: [f32; 2],
    /// Width and height of the box.
    pub size: [f32; 2],
    /// The eye at the left of the picture, the eye at the right, tip of the nose, middle of the mouth, left ear, right ear.
    pub points: [[f32; 2]; 6],
}

impl Detection {
    /// Left, top, width and height.
    pub fn bounds(&self) -> [f32; 4] {
        let ([x, y], [width, height]) = (self.centre, self.size);
        [x - width / 2.0, y - height / 2.0, width, height]
    }

    /// Distance of the nose from the middle between the ears, across the face, as a share of the distance between the ears.
    pub fn turn(&self) -> f32 {
        let [_, _, nose, _, left, right] = self.points;
        let across = [right[0] - left[0], right[1] - left[1]];
        let from_middle = [nose[0] - (left[0] + right[0]) / 2.0, nose[1] - (left[1] + right[1]) / 2.0];
        let apart = across[0].hypot(across[1]).max(1.0);
        let along = (from_middle[0] * across[0] + from_middle[1] * across[1]) / apart;
        (along / apart).abs()
    }

    /// The same face in a box of another kind, which is `width` times as wide where it was and whose middle lay `below` it
    /// by that part of a box.
    fn framed(&self, [width, below]: [f32; 2]) -> Self {
        let size = self.size.map(|length| length / width);
        Self { size, centre: [self.centre[0], self.centre[1] - below * size[1]], ..self.clone() }
    }

    /// From pixels of the square to pixels of the frame.
    fn placed(&self, square: &Letterbox) -> Self {
        Self {
            confidence: self.confidence,
            centre: square.place(self.centre),
            size: self.size.map(|length| length * square.scale),
            points: self.points.map(|point| square.place(point)),
        }
    }

    fn area(&self) -> f32 {
        self.size[0] * self.size[1]
    }

    /// Shared area over united area.
    fn overlap(&self, other: &Self) -> f32 {
        let shared = |k: usize| {
            let low = (self.centre[k] - self.size[k] / 2.0).max(other.centre[k] - other.size[k] / 2.0);
            let high = (self.centre[k] + self.size[k] / 2.0).min(other.centre[k] + other.size[k] / 2.0);
            (high - low).max(0.0)
        };
        let both = shared(0) * shared(1);
        both / (self.area() + other.area() - both)
    }
}

/// Merges the detections of one face in neighbouring cells: their mean, weighted by confidence, varies less than the best.
fn merge(mut found: Vec<Detection>) -> Vec<Detection> {
    found.sort_by(|a, b| b.confidence.total_cmp(&a.confidence));
    let mut faces = Vec::new();
    while !found.is_empty() {
        let best = found.remove(0);
        let (mut same, rest): (Vec<_>, Vec<_>) = found.into_iter().partition(|other| other.overlap(&best) > SAME);
        same.push(best);
        faces.push(mean(&same));
        found = rest;
    }
    faces
}

fn mean(same: &[Detection]) -> Detection {
    let total: f32 = same.iter().map(|face| face.confidence).sum();
    let weigh = |of: &dyn Fn(&Detection) -> [f32; 2]| {
        same.iter().fold([0.0; 2], |sum, face| {
            let ([x, y], weight) = (of(face), face.confidence / total);
            [sum[0] + x * weight, sum[1] + y * weight]
        })
    };
    let points = std::array::from_fn(|k| weigh(&|face| face.points[k]));
    let confidence = same.iter().map(|face| face.confidence).fold(0.0, f32::max);
    Detection { confidence, centre: weigh(&|face| face.centre), size: weigh(&|face| face.size), points }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn face(x: f32, confidence: f32) -> Detection {
        Detection { confidence, centre: [x, 50.0], size: [20.0; 2], points: [[x, 45.0]; 6] }
    }

    #[test]
    fn overlapping_boxes_are_one_face_and_separate_ones_are_two() {
        let faces = merge(vec![face(50.0, 0.9), face(52.0, 0.6), face(120.0, 0.7)]);
        assert_eq!(faces.len(), 2);
        assert_eq!(faces[0].confidence, 0.9);
        assert!((faces[0].centre[0] - 50.8).abs() < 1e-4);
    }

    #[test]
    fn a_nose_nearer_to_one_ear_is_a_face_turned_aside_also_in_a_tilted_head() {
        let points = |nose: [f32; 2]| [[40.0, 40.0], [60.0, 40.0], nose, [50.0, 70.0], [30.0, 50.0], [70.0, 50.0]];
        let face = |nose| Detection { points: points(nose), size: [50.0; 2], ..face(50.0, 0.9) };
        assert_eq!(face([50.0, 55.0]).turn(), 0.0);
        assert_eq!(face([60.0, 55.0]).turn(), 0.25);
        assert_eq!(face([40.0, 55.0]).turn(), 0.25);
        let leaning = Detection {
            points: [[50.0, 40.0], [50.0, 60.0], [35.0, 50.0], [20.0, 50.0], [40.0, 30.0], [40.0, 70.0]],
            ..face([0.0; 2])
        };
        assert_eq!(leaning.turn(), 0.0);
    }
}
