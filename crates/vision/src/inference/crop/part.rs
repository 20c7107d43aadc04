//! A part of a frame in grey.

use crate::frame::Frame;
use crate::inference::crop::Place;

/// The grey values (ITU-R BT.601) of a part of a frame, because each of its pixels is read many times. The last column and row
/// are repeated, so that every pixel has a next one.
pub(super) struct Part {
    /// Position of its first pixel in the frame.
    corner: [f32; 2],
    /// Index of its last column and row.
    last: [f32; 2],
    stride: usize,
    pixels: Vec<f32>,
}

impl Part {
    /// The part that a square of `side` pixels at this position can read.
    pub(super) fn around(frame: &Frame, place: &Place, side: usize) -> Self {
        let (sin, cos) = place.angle.sin_cos();
        let reach = place.scale * side as f32 / 2.0 * (sin.abs() + cos.abs()) + 2.0;
        let [left, right] = within(place.centre[0], reach, frame.width);
        let [top, bottom] = within(place.centre[1], reach, frame.height);
        let stride = right - left + 1;
        let mut pixels = Vec::with_capacity(stride * (bottom - top + 1));
        for y in (top..bottom).chain([bottom - 1]) {
            let line = &frame.rgb[3 * y * frame.width as usize..];
            pixels.extend(line[3 * left..3 * right].chunks_exact(3).map(grey));
            pixels.push(grey(&line[3 * (right - 1)..3 * right]));
        }
        let last = [right - left - 1, bottom - top - 1].map(|k| k as f32);
        Self { corner: [left as f32, top as f32], last, stride, pixels }
    }

    /// Interpolates between the four nearest pixels.
    pub(super) fn sample(&self, x: f32, y: f32) -> f32 {
        let (x, y) = ((x - self.corner[0]).clamp(0.0, self.last[0]), (y - self.corner[1]).clamp(0.0, self.last[1]));
        // Through i32, for which the processor has one instruction.
        let (left, top) = (x as i32, y as i32);
        let (across, down) = (x - left as f32, y - top as f32);
        let four = &self.pixels[top as usize * self.stride + left as usize..][..self.stride + 2];
        let upper = four[0] + (four[1] - four[0]) * across;
        let lower = four[self.stride] + (four[self.stride + 1] - four[self.stride]) * across;
        upper + (lower - upper) * down
    }
}

/// The range of pixels at this distance; at least one.
fn within(middle: f32, reach: f32, length: u32) -> [usize; 2] {
    let from = ((middle - reach).max(0.0) as usize).min(length as usize - 1);
    [from, ((middle + reach).max(0.0) as usize).saturating_add(1).clamp(from + 1, length as usize)]
}

fn grey(pixel: &[u8]) -> f32 {
    0.299 * f32::from(pixel[0]) + 0.587 * f32::from(pixel[1]) + 0.114 * f32::from(pixel[2])
}
