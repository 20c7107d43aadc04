//! The plane of valence and energy with a line from song to song, for one intent.

use std::fmt::Write;

use crate::report::markup::colour;
use crate::report::tally::Lead;
use moodring_core::mood::Mood;

/// Size of a plane with its labels.
pub const WIDTH: f32 = 300.0;
pub const HEIGHT: f32 = 300.0;
const SIDE: f32 = 240.0;
const LEFT: f32 = 30.0;
const TOP: f32 = 30.0;
/// Tiles along each side of the background.
const TILES: usize = 8;

/// A `<g>` of [`WIDTH`] and [`HEIGHT`].
pub fn plane(lead: &Lead) -> String {
    let mut drawn = String::from("<g>");
    let _ = write!(drawn, "<text class=\"intent\" x=\"{LEFT}\" y=\"18\">{}</text>", lead.intent.word());
    tiles(&mut drawn);
    words(&mut drawn);
    lead.runs.iter().for_each(|run| path(&mut drawn, run));
    drawn.push_str("</g>");
    drawn
}

fn tiles(drawn: &mut String) {
    let size = SIDE / TILES as f32;
    for (row, column) in (0..TILES * TILES).map(|k| (k / TILES, k % TILES)) {
        let middle = |n: usize| (n as f32 + 0.5) / TILES as f32;
        let mood = Mood { valence: middle(column), energy: middle(row), confidence: 1.0 };
        let (x, y) = (LEFT + column as f32 * size, TOP + SIDE - (row + 1) as f32 * size);
        let fill = colour(&mood);
        let _ = write!(
            drawn,
            "<rect class=\"tile\" x=\"{x}\" y=\"{y}\" width=\"{size}\" height=\"{size}\" fill=\"{fill}\"/>"
        );
    }
}

fn words(drawn: &mut String) {
    let (right, bottom, below) = (LEFT + SIDE, TOP + SIDE, TOP + SIDE + 18.0);
    let _ = write!(
        drawn,
        "<text class=\"end\" x=\"{LEFT}\" y=\"{below}\">gloomy</text>\
         <text class=\"end last\" x=\"{right}\" y=\"{below}\">bright</text>\
         <text class=\"end\" transform=\"translate({0} {bottom}) rotate(-90)\">calm</text>\
         <text class=\"end last\" transform=\"translate({0} {TOP}) rotate(-90)\">lively</text>",
        LEFT - 10.0
    );
}

/// From the first song, a ring, to the last, a dot.
fn path(drawn: &mut String, run: &[[f32; 2]]) {
    let at = |[valence, energy]: [f32; 2]| (LEFT + valence * SIDE, TOP + (1.0 - energy) * SIDE);
    let points: Vec<String> = run.iter().map(|point| at(*point)).map(|(x, y)| format!("{x:.1},{y:.1}")).collect();
    let _ = write!(drawn, "<polyline class=\"led\" points=\"{}\"/>", points.join(" "));
    for (point, class) in [(run.first(), "first"), (run.last(), "last")] {
        let Some((x, y)) = point.map(|point| at(*point)) else { continue };
        let _ = write!(drawn, "<circle class=\"{class}\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"4.5\"/>");
    }
}
