//! BlazeFace (Bazarevsky et al. 2019; MediaPipe), which finds faces in a square, for each cell of a grid.

use std::borrow::Cow;

use anyhow::{Result, ensure};

use crate::inference::engine::{Backend, Engine, Tensor};
use crate::inference::face::{Detection, merge};
use crate::inference::letterbox::Letterbox;

/// Values of each guess: centre, size, and six points.
const NUMBERS: usize = 16;

/// The shape of one of its networks.
pub struct Shape {
    /// Side of the input square, in pixels.
    pub side: usize,
    pub grids: &'static [Grid],
    /// Width of its box around a face, and how far the middle of the box lies below that of [`FAR`], in boxes of [`FAR`].
    pub frame: [f32; 2],
}

/// A grid of cells with a number of guesses each, and the names of its outputs: `boxes` [1, 16 * guesses, cells, cells] in pixels
/// of the square from the middle of the cell, `scores` [1, guesses, cells, cells] logits.
pub struct Grid {
    boxes: &'static str,
    scores: &'static str,
    cells: usize,
    guesses: usize,
}

/// Full range: faces up to about five metres away.
pub const FAR: Shape =
    Shape { side: 192, grids: &[Grid { boxes: "boxes", scores: "scores", cells: 48, guesses: 1 }], frame: [1.0, 0.0] };

/// Short range: a person who sits in front of the camera. Its frame is the median of 34 photographs (2026-11).
pub const NEAR: Shape = Shape {
    side: 128,
    grids: &[
        Grid { boxes: "boxes16", scores: "scores16", cells: 16, guesses: 2 },
        Grid { boxes: "boxes8", scores: "scores8", cells: 8, guesses: 6 },
    ],
    frame: [0.933, 0.05],
};

/// A loaded network.
pub struct Network {
    engine: Engine,
    shape: &'static Shape,
}

impl Network {
    /// From an ONNX file's bytes.
    pub fn load(backend: Backend, model: Cow<'static, [u8]>, shape: &'static Shape) -> Result<Self> {
        let outputs: Vec<&str> = shape.grids.iter().flat_map(|grid| [grid.boxes, grid.scores]).collect();
        Ok(Self { engine: Engine::load(backend, model, "picture", &outputs)?, shape })
    }

    pub fn side(&self) -> usize {
        self.shape.side
    }

    /// The faces of a square with at least this confidence, in pixels of the frame.
    pub fn search(&mut self, square: &Letterbox, threshold: f32) -> Result<Vec<Detection>> {
        let side = self.shape.side;
        let outputs = self.engine.run(&square.planes, &[1, 3, side, side])?;
        let mut guesses = Vec::new();
        for (grid, outputs) in self.shape.grids.iter().zip(outputs.chunks_exact(2)) {
            let [boxes, scores] = outputs else { continue };
            grid.check(boxes, scores)?;
            guesses.extend(grid.guesses(boxes, scores, side, threshold));
        }
        let placed = |face: &Detection| face.framed(self.shape.frame).placed(square);
        Ok(merge(guesses).iter().map(placed).collect())
    }
}

impl Grid {
    fn check(&self, boxes: &Tensor, scores: &Tensor) -> Result<()> {
        let fits = |tensor: &Tensor, planes| tensor.shape == [1, planes, self.cells, self.cells];
        let both = fits(boxes, NUMBERS * self.guesses) && fits(scores, self.guesses);
        ensure!(both, "the network gives {} {:?} and {} {:?}", self.boxes, boxes.shape, self.scores, scores.shape);
        Ok(())
    }

    /// The faces with enough confidence, in pixels of the square.
    fn guesses(&self, boxes: &Tensor, scores: &Tensor, side: usize, threshold: f32) -> Vec<Detection> {
        let sure = |(place, &logit): (usize, &f32)| {
            let confidence = 1.0 / (1.0 + (-logit).exp());
            (confidence >= threshold).then(|| self.guess(&boxes.values, place, side, confidence))
        };
        let guesses = scores.values.iter().enumerate().filter_map(sure);
        guesses.filter(|face| face.size[0] > 0.0 && face.size[1] > 0.0).collect()
    }

    /// `place` counts all guesses of the first kind, then those of the next.
    fn guess(&self, boxes: &[f32], place: usize, side: usize, confidence: f32) -> Detection {
        let (area, step) = (self.cells * self.cells, (side / self.cells) as f32);
        let (kind, cell) = (place / area, place % area);
        let middle = [(cell % self.cells) as f32 + 0.5, (cell / self.cells) as f32 + 0.5].map(|k| k * step);
        let number = |k: usize| boxes[(kind * NUMBERS + k) * area + cell];
        let point = |k: usize| [middle[0] + number(2 * k), middle[1] + number(2 * k + 1)];
        let points = std::array::from_fn(|k| point(k + 2));
        Detection { confidence, centre: point(0), size: [number(2), number(3)], points }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two guesses a cell; the second of the cell in row 1 and column 2 sees a face.
    fn outputs(grid: &Grid) -> [Tensor; 2] {
        let area = grid.cells * grid.cells;
        let cell = grid.cells + 2;
        let mut scores = vec![-9.0; grid.guesses * area];
        scores[area + cell] = 3.0;
        let mut boxes = vec![0.0; NUMBERS * grid.guesses * area];
        for (k, value) in [1.0, -1.0, 30.0, 40.0].into_iter().enumerate() {
            boxes[(NUMBERS + k) * area + cell] = value;
        }
        let shape = |planes| vec![1, planes, grid.cells, grid.cells];
        [
            Tensor { shape: shape(NUMBERS * grid.guesses), values: boxes },
            Tensor { shape: shape(grid.guesses), values: scores },
        ]
    }

    #[test]
    fn a_guess_is_placed_in_its_cell_and_an_uncertain_one_is_dropped() {
        let grid = &NEAR.grids[0];
        let [boxes, scores] = outputs(grid);
        let faces = grid.guesses(&boxes, &scores, NEAR.side, 0.5);
        assert_eq!(faces.len(), 1);
        assert_eq!((faces[0].centre, faces[0].size), ([21.0, 11.0], [30.0, 40.0]));
        assert!(grid.guesses(&boxes, &scores, NEAR.side, 0.99).is_empty());
    }

    #[test]
    fn outputs_of_another_shape_are_an_error() {
        let [boxes, scores] = outputs(&NEAR.grids[0]);
        assert!(NEAR.grids[0].check(&boxes, &scores).is_ok());
        assert!(NEAR.grids[1].check(&boxes, &scores).is_err());
        assert!(FAR.grids[0].check(&boxes, &scores).is_err());
    }
}
