//! Finding faces: BlazeFace, full range (Bazarevsky et al. 2019; MediaPipe).

use std::borrow::Cow;

use anyhow::{Context, Result, ensure};

use super::engine::{Backend, Engine};
use super::frame::Frame;
use super::letterbox::Letterbox;

/// Side of the square the network looks at, and of its grid of anchors.
pub const SIDE: usize = 192;
const CELLS: usize = 48;
/// Numbers for each cell: centre, size, and six points.
const NUMBERS: usize = 16;
const STEP: f32 = (SIDE / CELLS) as f32;

/// Boxes that share more than this part of their union are the same face, as in MediaPipe.
const SAME: f32 = 0.3;

/// A face in a frame, in the frame's pixels.
#[derive(Clone, Debug, PartialEq)]
pub struct Found {
    /// 0..1.
    pub confidence: f32,
    pub centre: [f32; 2],
    /// Width and height of the box.
    pub size: [f32; 2],
    /// The eye on the picture's left, the one on its right, tip of the nose, middle of the mouth, left ear, right ear.
    pub points: [[f32; 2]; 6],
}

impl Found {
    /// Left, top, width and height.
    pub fn bounds(&self) -> [f32; 4] {
        let ([x, y], [width, height]) = (self.centre, self.size);
        [x - width / 2.0, y - height / 2.0, width, height]
    }

    /// How far the nose lies from the middle between the ears, across the face, in the distance between the ears.
    pub fn turn(&self) -> f32 {
        let [_, _, nose, _, left, right] = self.points;
        let across = [right[0] - left[0], right[1] - left[1]];
        let from_middle = [nose[0] - (left[0] + right[0]) / 2.0, nose[1] - (left[1] + right[1]) / 2.0];
        let apart = across[0].hypot(across[1]).max(1.0);
        let along = (from_middle[0] * across[0] + from_middle[1] * across[1]) / apart;
        (along / apart).abs()
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

/// The loaded network.
pub struct Detector {
    engine: Engine,
}

impl Detector {
    /// Found by trial on photographs with counted faces; see `models/README.md`.
    pub const THRESHOLD: f32 = 0.5;
    /// Closer up more things look like a face: of 25 pictures without one the surest reached 0.26 as a whole, 0.48 here.
    const END_THRESHOLD: f32 = 0.6;

    /// From an ONNX file's bytes.
    pub fn load(backend: Backend, model: Cow<'static, [u8]>) -> Result<Self> {
        let engine = Engine::load(backend, model, "picture", &["boxes", "scores"])?;
        Ok(Self { engine })
    }

    /// The faces of a frame, largest first. `whole` is the frame; when no face is found in it, the two squares at its ends
    /// are searched, in which a face far away is larger.
    pub fn find(&mut self, frame: &Frame, whole: &Letterbox) -> Result<Vec<Found>> {
        let mut faces = self.search(whole, Self::THRESHOLD)?;
        if faces.is_empty() {
            for part in ends(frame) {
                faces.extend(self.search(&Letterbox::part(frame, part, SIDE), Self::END_THRESHOLD)?);
            }
            faces = merge(faces);
        }
        faces.sort_by(|a, b| b.area().total_cmp(&a.area()));
        Ok(faces)
    }

    fn search(&mut self, square: &Letterbox, threshold: f32) -> Result<Vec<Found>> {
        let outputs = self.engine.run(&square.planes, &[1, 3, SIDE, SIDE])?;
        let [boxes, scores] = <[_; 2]>::try_from(outputs).ok().context("the network does not give boxes and scores")?;
        let fits = boxes.shape == [1, NUMBERS, CELLS, CELLS] && scores.shape == [1, 1, CELLS, CELLS];
        ensure!(fits, "the network gives boxes {:?} and scores {:?}", boxes.shape, scores.shape);
        let faces = merge(decode(&boxes.values, &scores.values, threshold));
        Ok(faces.into_iter().map(|face| face.placed(square)).collect())
    }
}

/// The squares at the ends of a frame that is not square, as left, top, width and height.
fn ends(frame: &Frame) -> Vec<[usize; 4]> {
    let (width, height) = (frame.width as usize, frame.height as usize);
    let side = width.min(height);
    if side * 8 > width.max(height) * 7 {
        return Vec::new();
    }
    vec![[0, 0, side, side], [width - side, height - side, side, side]]
}

/// The cells that are sure enough, in pixels of the square.
fn decode(boxes: &[f32], scores: &[f32], threshold: f32) -> Vec<Found> {
    let sure = |(cell, &logit): (usize, &f32)| {
        let confidence = 1.0 / (1.0 + (-logit).exp());
        (confidence >= threshold).then(|| cell_face(boxes, cell, confidence))
    };
    scores.iter().enumerate().filter_map(sure).filter(|face| face.size[0] > 0.0 && face.size[1] > 0.0).collect()
}

fn cell_face(boxes: &[f32], cell: usize, confidence: f32) -> Found {
    let anchor = [(cell % CELLS) as f32 + 0.5, (cell / CELLS) as f32 + 0.5].map(|k| k * STEP);
    let number = |k: usize| boxes[k * CELLS * CELLS + cell];
    let point = |k: usize| [anchor[0] + number(2 * k), anchor[1] + number(2 * k + 1)];
    Found { confidence, centre: point(0), size: [number(2), number(3)], points: std::array::from_fn(|k| point(k + 2)) }
}

/// Neighbouring cells see the same face: their mean, weighted by confidence, is steadier than the best of them.
fn merge(mut found: Vec<Found>) -> Vec<Found> {
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

fn mean(same: &[Found]) -> Found {
    let total: f32 = same.iter().map(|face| face.confidence).sum();
    let weigh = |of: &dyn Fn(&Found) -> [f32; 2]| {
        same.iter().fold([0.0; 2], |sum, face| {
            let ([x, y], weight) = (of(face), face.confidence / total);
            [sum[0] + x * weight, sum[1] + y * weight]
        })
    };
    let points = std::array::from_fn(|k| weigh(&|face| face.points[k]));
    let confidence = same.iter().map(|face| face.confidence).fold(0.0, f32::max);
    Found { confidence, centre: weigh(&|face| face.centre), size: weigh(&|face| face.size), points }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn face(x: f32, confidence: f32) -> Found {
        Found { confidence, centre: [x, 50.0], size: [20.0; 2], points: [[x, 45.0]; 6] }
    }

    #[test]
    fn neighbours_are_one_face_and_strangers_are_two() {
        let faces = merge(vec![face(50.0, 0.9), face(52.0, 0.6), face(120.0, 0.7)]);
        assert_eq!(faces.len(), 2);
        assert_eq!(faces[0].confidence, 0.9);
        assert!((faces[0].centre[0] - 50.8).abs() < 1e-4);
    }

    #[test]
    fn a_nose_nearer_to_one_ear_is_a_face_turned_aside_however_the_head_leans() {
        let points = |nose: [f32; 2]| [[40.0, 40.0], [60.0, 40.0], nose, [50.0, 70.0], [30.0, 50.0], [70.0, 50.0]];
        let face = |nose| Found { points: points(nose), size: [50.0; 2], ..face(50.0, 0.9) };
        assert_eq!(face([50.0, 55.0]).turn(), 0.0);
        assert_eq!(face([60.0, 55.0]).turn(), 0.25);
        assert_eq!(face([40.0, 55.0]).turn(), 0.25);
        let leaning = Found {
            points: [[50.0, 40.0], [50.0, 60.0], [35.0, 50.0], [20.0, 50.0], [40.0, 30.0], [40.0, 70.0]],
            ..face([0.0; 2])
        };
        assert_eq!(leaning.turn(), 0.0);
    }

    #[test]
    fn a_cell_that_is_not_sure_is_no_face() {
        let mut scores = vec![-9.0; CELLS * CELLS];
        scores[CELLS + 2] = 3.0;
        let mut boxes = vec![0.0; NUMBERS * CELLS * CELLS];
        for (k, value) in [1.0, -1.0, 30.0, 40.0].into_iter().enumerate() {
            boxes[k * CELLS * CELLS + CELLS + 2] = value;
        }
        let faces = decode(&boxes, &scores, 0.5);
        assert_eq!(faces.len(), 1);
        assert_eq!((faces[0].centre, faces[0].size), ([11.0, 5.0], [30.0, 40.0]));
        assert!(decode(&boxes, &scores, 0.99).is_empty());
    }
}
