//! Face crops with the same framing as the training faces of the network.

mod part;

use crate::frame::Frame;
use crate::inference::crop::part::Part;
use crate::inference::face::Detection;

/// A square of grey values, 0..255, row by row.
pub struct GreyImage {
    pub side: usize,
    pub pixels: Vec<f32>,
}

/// Position of a square in a frame: middle, frame pixels for each pixel of the square, and its clockwise rotation.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Place {
    pub centre: [f32; 2],
    pub scale: f32,
    pub angle: f32,
}

/// FER2013's framing, in pixels of its 48x48 faces: medians of the detections in 1,500 of its training faces,
/// enlarged and padded (2026-11): eyes 17.1 apart, mouth 17.6 below them, box 41.4 wide; the middle of the picture lies
/// 4.4 above the point halfway between eyes and mouth, and 2.1 above the middle of the box.
mod fer {
    pub(super) const EYES: f32 = 17.1;
    pub(super) const MOUTH: f32 = 17.6;
    pub(super) const BOX: f32 = 41.4;
    pub(super) const ABOVE_FACE: f32 = 4.4;
    pub(super) const ABOVE_BOX: f32 = 2.1;
    /// A tenth closer than that: on validation faces enlarged, padded and found again, 0.9 gave 0.824 where 1 gave 0.808 and
    /// 0.8 gave 0.815 (n = 1,309, 2026-11).
    pub(super) const CLOSER: f32 = 0.9;
}

/// Faces that are rotated further than this are not turned upright, because their points are guesses.
const MOST_TURN: f32 = 0.7;

impl Place {
    /// The square that frames this face as FER2013 does.
    pub fn of(face: &Detection) -> Self {
        let [left, right, _, mouth, ..] = face.points;
        let eyes = middle(left, right);
        let across = [right[0] - left[0], right[1] - left[1]];
        let angle = across[1].atan2(across[0]);
        let angle = if angle.abs() > MOST_TURN { 0.0 } else { angle };
        // Three measures of the same face; one of them is wrong in profile, and the median ignores it.
        let mut scales =
            [distance(left, right) / fer::EYES, distance(eyes, mouth) / fer::MOUTH, face.size[0] / fer::BOX];
        scales.sort_by(f32::total_cmp);
        let scale = scales[1].max(f32::EPSILON);
        let by_points = above(middle(eyes, mouth), fer::ABOVE_FACE * scale, angle);
        let by_box = above(face.centre, fer::ABOVE_BOX * scale, angle);
        Self { centre: middle(by_points, by_box), scale: scale * fer::CLOSER, angle }
    }
}

fn middle(a: [f32; 2], b: [f32; 2]) -> [f32; 2] {
    [(a[0] + b[0]) / 2.0, (a[1] + b[1]) / 2.0]
}

fn distance(a: [f32; 2], b: [f32; 2]) -> f32 {
    (a[0] - b[0]).hypot(a[1] - b[1])
}

/// The point `by` above, in the direction of a head that is rotated by `angle`.
fn above([x, y]: [f32; 2], by: f32, angle: f32) -> [f32; 2] {
    [x + by * angle.sin(), y - by * angle.cos()]
}

impl GreyImage {
    /// Samples a square of `side` pixels. Each is the mean over its area; outside the frame, its edge is repeated.
    pub fn cut(frame: &Frame, place: &Place, side: usize) -> Self {
        let part = Part::around(frame, place, side);
        // Enough samples that neighbours are about one frame pixel apart; at most 8, because larger faces are sharp anyway.
        let samples = ((place.scale / 1.25).ceil() as usize).clamp(1, 8);
        let step = place.scale / samples as f32;
        let (sin, cos) = place.angle.sin_cos();
        let half = (side * samples) as f32 / 2.0;
        let offset = |k: usize| (k as f32 + 0.5 - half) * step;
        let mut pixels = vec![0.0; side * side];
        for row in 0..side * samples {
            let down = offset(row);
            let start = [place.centre[0] - down * sin - 0.5, place.centre[1] + down * cos - 0.5];
            for (column, pixel) in pixels[row / samples * side..][..side].iter_mut().enumerate() {
                for right in (column * samples..(column + 1) * samples).map(offset) {
                    *pixel += part.sample(start[0] + right * cos, start[1] + right * sin);
                }
            }
        }
        let share = 1.0 / (samples * samples) as f32;
        pixels.iter_mut().for_each(|pixel| *pixel *= share);
        Self { side, pixels }
    }

    /// A whole picture, scaled to a square.
    pub fn whole(frame: &Frame, side: usize) -> Self {
        let (width, height) = (frame.width as f32, frame.height as f32);
        let place = Place { centre: [width / 2.0, height / 2.0], scale: width.max(height) / side as f32, angle: 0.0 };
        Self::cut(frame, &place, side)
    }

    /// The middle `side` pixels.
    pub fn centre(&self, side: usize) -> Self {
        let edge = (self.side - side) / 2;
        let rows = self.pixels.chunks_exact(self.side).skip(edge).take(side);
        Self { side, pixels: rows.flat_map(|row| row[edge..edge + side].iter().copied()).collect() }
    }

    /// 0..1.
    pub fn brightness(&self) -> f32 {
        self.pixels.iter().sum::<f32>() / (255.0 * self.pixels.len() as f32)
    }

    /// Variance of the Laplacian (Pech-Pacheco et al. 2000).
    pub fn sharpness(&self) -> f32 {
        let (side, p) = (self.side, &self.pixels);
        let inner = (1..side - 1).flat_map(|y| (1..side - 1).map(move |x| y * side + x));
        let edges: Vec<f32> = inner.map(|k| p[k - 1] + p[k + 1] + p[k - side] + p[k + side] - 4.0 * p[k]).collect();
        let mean = edges.iter().sum::<f32>() / edges.len() as f32;
        edges.iter().map(|edge| (edge - mean).powi(2)).sum::<f32>() / edges.len() as f32
    }

    /// Left and right exchanged.
    pub fn mirrored(&self) -> Self {
        let pixels = self.pixels.chunks_exact(self.side).flat_map(|row| row.iter().rev().copied()).collect();
        Self { side: self.side, pixels }
    }
}

impl Drop for GreyImage {
    fn drop(&mut self) {
        self.pixels.fill(0.0);
        std::hint::black_box(&self.pixels);
    }
}
