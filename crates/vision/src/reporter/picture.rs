//! The frame and its faces as a drawing on a terminal, with two pixels for each character. Unless the output is a terminal
//! with colours, no pixel is written.

use std::fmt::Write;
use std::io::{IsTerminal, stdout};

use rustix::termios::tcgetwinsize;

use crate::frame::Frame;
use crate::reporter::words;
use moodring_core::domain::observation::FrameResult;

/// Lines of text below the picture: one for the frame, eight for a face, one for a reason. More would scroll the picture.
const WORDS: u16 = 11;
/// The colour of the box around a face.
const BOX: [u8; 3] = [80, 220, 120];

/// The requirements for the picture.
pub const WANTED: &str =
    "--show needs a terminal of at least 20 columns and 17 rows in which COLORTERM is \"truecolor\"";

/// Columns and rows to draw on; `None` if the output cannot show the picture.
pub fn canvas() -> Option<(u16, u16)> {
    let colours = std::env::var("COLORTERM").is_ok_and(|it| it == "truecolor" || it == "24bit");
    if !colours || std::env::var_os("NO_COLOR").is_some() || !stdout().is_terminal() {
        return None;
    }
    let size = tcgetwinsize(stdout()).ok()?;
    (size.ws_col >= 20 && size.ws_row > WORDS + 5).then(|| (size.ws_col, size.ws_row - WORDS))
}

/// Moves to the top left corner and draws picture and text over what was there.
pub fn draw(frame: &Frame, seen: &FrameResult, canvas: (u16, u16)) -> String {
    let picture = shrink(frame, seen, canvas);
    let mut text = String::from("\x1b[H");
    for pair in picture.chunks(2) {
        for (column, upper) in pair[0].iter().enumerate() {
            let [r, g, b] = *upper;
            let [lower_r, lower_g, lower_b] = pair.get(1).map_or([0; 3], |row| row[column]);
            let _ = write!(text, "\x1b[38;2;{r};{g};{b};48;2;{lower_r};{lower_g};{lower_b}m▀");
        }
        text.push_str("\x1b[0m\x1b[K\n");
    }
    for line in words::frame(seen, None).lines().take(usize::from(WORDS) - 1) {
        // A line that wraps would scroll the picture.
        text.extend(line.chars().take(canvas.0.into()));
        text.push_str("\x1b[K\n");
    }
    text + "\x1b[J"
}

fn shrink(frame: &Frame, seen: &FrameResult, (columns, rows): (u16, u16)) -> Vec<Vec<[u8; 3]>> {
    let (width, height) = (frame.width as f32, frame.height as f32);
    let scale = (width / f32::from(columns)).max(height / (2.0 * f32::from(rows)));
    let count = |side: f32| ((side / scale) as usize).max(1);
    let pixel = |x: usize, y: usize| {
        let at = |cell: usize, side: u32| ((cell as f32 + 0.5) * scale) as u32 % side.max(1);
        let start = 3 * (at(y, frame.height) as usize * frame.width as usize + at(x, frame.width) as usize);
        frame.rgb.get(start..start + 3).map_or([0; 3], |it| [it[0], it[1], it[2]])
    };
    let on_box = |x: usize, y: usize| seen.faces.iter().any(|face| edge(face.bounds, scale, x as i32, y as i32));
    let cell = |x, y| if on_box(x, y) { BOX } else { pixel(x, y) };
    (0..count(height)).map(|y| (0..count(width)).map(|x| cell(x, y)).collect()).collect()
}

fn edge(bounds: [f32; 4], scale: f32, x: i32, y: i32) -> bool {
    let [left, top, width, height] = bounds;
    let cell = |value: f32| (value / scale) as i32;
    let (left, right, top, bottom) = (cell(left), cell(left + width), cell(top), cell(top + height));
    let (across, down) = ((left..=right).contains(&x), (top..=bottom).contains(&y));
    (across && (y == top || y == bottom)) || (down && (x == left || x == right))
}

#[cfg(test)]
mod tests {
    use super::*;
    use moodring_core::domain::observation::{DetectedFace, Timing};
    use moodring_core::mood::Scores;

    fn seen(bounds: [f32; 4]) -> FrameResult {
        let scores = Scores::new([1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]);
        let face = DetectedFace { bounds, confidence: 0.9, sharpness: 50.0, brightness: 0.5, turn: 0.0, scores };
        FrameResult { frame: 0, size: [80, 60], brightness: 0.5, faces: vec![face], ms: Timing::default() }
    }

    fn frame() -> Frame {
        Frame { width: 80, height: 60, rgb: [10, 20, 30].repeat(80 * 60) }
    }

    #[test]
    fn the_picture_fits_and_has_the_box() {
        let picture = shrink(&frame(), &seen([20.0, 10.0, 40.0, 40.0]), (40, 20));
        assert_eq!((picture.len(), picture[0].len()), (30, 40));
        assert_eq!(picture[5][10], BOX);
        assert_eq!(picture[25][30], BOX);
        assert_eq!(picture[15][20], [10, 20, 30]);
    }

    #[test]
    fn a_face_across_the_edge_and_a_tiny_canvas_are_drawn() {
        let text = draw(&frame(), &seen([-30.0, -30.0, 500.0, 500.0]), (20, 1));
        assert!(text.contains('▀') && text.contains("neutral") && !text.contains("brightness 0.50"));
        draw(&Frame { width: 0, height: 0, rgb: Vec::new() }, &seen([0.0; 4]), (40, 20));
    }
}
