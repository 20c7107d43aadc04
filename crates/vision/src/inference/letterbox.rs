//! A frame, or a part of one, shrunk to the square that the detector looks at; its sides are kept in proportion.

use crate::frame::Frame;

/// A square of three planes (red, green, blue) in -1..1, with black bars where the frame does not fill it.
pub struct Letterbox {
    pub planes: Vec<f32>,
    /// Side of the square.
    pub side: usize,
    /// Frame pixels for each pixel of the square.
    pub scale: f32,
    /// Position of the square's top left corner in the frame.
    corner: [f32; 2],
    /// Mean brightness, 0..1, by the weights of ITU-R BT.601.
    pub brightness: f32,
}

/// The pixels that one pixel of the result covers: where they start, and the share of each.
struct Span {
    start: usize,
    weights: Vec<f32>,
}

impl Letterbox {
    /// The whole frame.
    pub fn new(frame: &Frame, side: usize) -> Self {
        Self::part(frame, [0, 0, frame.width as usize, frame.height as usize], side)
    }

    /// A part of the frame: left, top, width, height. Averages over areas when it shrinks, interpolates when it enlarges.
    pub fn part(frame: &Frame, [left, top, width, height]: [usize; 4], side: usize) -> Self {
        let scale = width.max(height) as f32 / side as f32;
        let inner = [width, height].map(|length| ((length as f32 / scale).round() as usize).clamp(1, side));
        let bars = inner.map(|length| (side - length) / 2);
        let (columns, rows) = (spans(width, inner[0]), spans(height, inner[1]));
        let mut planes = vec![-1.0; 3 * side * side];
        let mut line = vec![0.0; 3 * width];
        let mut sums = [0.0f32; 3];
        for (y, span) in rows.iter().enumerate() {
            add_rows(frame, [left, top + span.start], &span.weights, &mut line);
            for (x, span) in columns.iter().enumerate() {
                let at = (y + bars[1]) * side + x + bars[0];
                for (channel, value) in average(&line, span).into_iter().enumerate() {
                    planes[channel * side * side + at] = value * (2.0 / 255.0) - 1.0;
                    sums[channel] += value;
                }
            }
        }
        let grey = 0.299 * sums[0] + 0.587 * sums[1] + 0.114 * sums[2];
        let brightness = grey / (255.0 * (inner[0] * inner[1]) as f32);
        let corner = [left as f32 - bars[0] as f32 * scale, top as f32 - bars[1] as f32 * scale];
        Self { planes, side, scale, corner, brightness }
    }

    /// Converts a position in the square to a position in the frame.
    pub fn place(&self, [x, y]: [f32; 2]) -> [f32; 2] {
        [self.corner[0] + x * self.scale, self.corner[1] + y * self.scale]
    }
}

/// For each of `to` pixels the share of each of `from` pixels it covers. Enlarged pixels cover one, shared between two
/// neighbours: that is linear interpolation.
fn spans(from: usize, to: usize) -> Vec<Span> {
    let step = from as f32 / to as f32;
    let half = step.max(1.0) / 2.0;
    (0..to)
        .map(|k| {
            let middle = (k as f32 + 0.5) * step;
            let (low, high) = ((middle - half).max(0.0), (middle + half).min(from as f32));
            let (start, end) = (low as usize, (high.ceil() as usize).min(from));
            let covered = (start..end).map(|i| (high.min(i as f32 + 1.0) - low.max(i as f32)) / (high - low));
            Span { start, weights: covered.collect() }
        })
        .collect()
}

/// The weighted sum of parts of rows, from a pixel on.
fn add_rows(frame: &Frame, [left, top]: [usize; 2], weights: &[f32], line: &mut [f32]) {
    let stride = 3 * frame.width as usize;
    line.fill(0.0);
    for (row, &weight) in frame.rgb[top * stride..].chunks_exact(stride).zip(weights) {
        for (sum, &value) in line.iter_mut().zip(&row[3 * left..]) {
            *sum += weight * f32::from(value);
        }
    }
}

fn average(line: &[f32], span: &Span) -> [f32; 3] {
    let mut sum = [0.0; 3];
    for (pixel, &weight) in line[3 * span.start..].chunks_exact(3).zip(&span.weights) {
        for channel in 0..3 {
            sum[channel] += weight * pixel[channel];
        }
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(width: u32, height: u32, pixel: impl Fn(u32, u32) -> [u8; 3]) -> Frame {
        let rgb = (0..height).flat_map(|y| (0..width).map(move |x| (x, y))).flat_map(|(x, y)| pixel(x, y)).collect();
        Frame { width, height, rgb }
    }

    #[test]
    fn a_wide_frame_gets_bars_above_and_below() {
        let square = Letterbox::new(&frame(640, 480, |_, _| [255, 0, 0]), 192);
        assert_eq!(square.place([0.0, 24.0]), [0.0, 0.0]);
        assert_eq!(square.planes[..192 * 24], vec![-1.0; 192 * 24]);
        assert!((square.planes[192 * 96 + 96] - 1.0).abs() < 1e-5);
        assert!((square.planes[192 * 192 + 192 * 96 + 96] + 1.0).abs() < 1e-5);
        assert!((square.brightness - 0.299).abs() < 1e-4);
        assert_eq!(square.place([96.0, 96.0]), [320.0, 240.0]);
    }

    #[test]
    fn shrinking_keeps_the_mean_of_every_area() {
        let square = Letterbox::new(&frame(500, 500, |x, y| [((x + y) % 256) as u8, 9, 9]), 192);
        // In double precision, because a quarter of a million terms lose single precision.
        let sum: f64 = square.planes[..192 * 192].iter().map(|v| (f64::from(*v) + 1.0) * 127.5).sum();
        let truth = (0..500).flat_map(|y| (0..500).map(move |x| f64::from((x + y) % 256))).sum::<f64>() / 250_000.0;
        assert!((sum / (192.0 * 192.0) - truth).abs() < 0.05);
    }

    #[test]
    fn a_part_shows_only_that_part_and_has_its_position() {
        let halves = frame(600, 300, |x, _| if x < 300 { [255; 3] } else { [0; 3] });
        let square = Letterbox::part(&halves, [300, 0, 300, 300], 192);
        assert!(square.planes.iter().all(|value| (value + 1.0).abs() < 1e-5));
        assert_eq!(square.place([96.0, 192.0]), [450.0, 300.0]);
    }

    #[test]
    fn a_frame_of_one_pixel_is_enlarged() {
        let square = Letterbox::new(&frame(1, 1, |_, _| [10, 20, 30]), 8);
        assert_eq!(square.planes.len(), 3 * 64);
        assert!((square.brightness * 255.0 - 18.15).abs() < 0.01);
    }
}
