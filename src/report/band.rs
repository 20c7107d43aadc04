//! Days as bands: the colour of a mood while music followed it, with the songs below.
//!
//! A line in the band shows the valence without colour, and the name of the mood stands in it where it fits.

use std::fmt::Write;

use crate::commands::history::title;
use crate::report::Report;
use crate::report::markup::{clock, colour, safe};
use crate::report::week::{Day, Mark, Piece};
use moodring_core::message::PlayOutcome;

/// Sizes of a chart in its own units; the page scales it.
pub struct Layout {
    pub width: f32,
    /// Room for the names of the days.
    left: f32,
    /// The most hours between two labels.
    step: usize,
}

pub const WIDE: Layout = Layout { width: 960.0, left: 96.0, step: 2 };
/// For phones.
pub const NARROW: Layout = Layout { width: 380.0, left: 96.0, step: 6 };

/// Room for half of the last hour's label.
const RIGHT: f32 = 16.0;
const AXIS: f32 = 26.0;
const ROW: f32 = 66.0;
const BAND: f32 = 34.0;
/// Rows of songs below a band, so that songs close together stay apart.
const LANES: usize = 3;
const LANE: f32 = 8.0;
/// About the width of a letter in a band.
const LETTER: f32 = 7.0;

pub fn height(report: &Report) -> f32 {
    AXIS + ROW * report.week.days.len() as f32
}

/// Draws the days below each other with the hours above, as a `<g>`.
pub fn bands(report: &Report, layout: &Layout) -> String {
    let mut drawn = String::from("<g>");
    axis(&mut drawn, report, layout);
    for (n, day) in report.week.days.iter().enumerate() {
        let top = AXIS + ROW * n as f32;
        let name = day.date.strftime("%a %-d %b");
        let _ = write!(drawn, "<text class=\"day\" x=\"0\" y=\"{}\">{name}</text>", top + BAND / 2.0 + 5.0);
        let (left, width) = (layout.left, layout.width - layout.left - RIGHT);
        let _ = write!(
            drawn,
            "<rect class=\"track\" x=\"{left}\" y=\"{top}\" width=\"{width}\" height=\"{BAND}\" rx=\"6\"/>"
        );
        row(&mut drawn, report, day, top, layout);
    }
    drawn.push_str("</g>");
    drawn
}

fn row(drawn: &mut String, report: &Report, day: &Day, top: f32, layout: &Layout) {
    let scale = Scale { hours: report.week.hours, layout };
    day.stretches.iter().for_each(|piece| band(drawn, report, piece, &scale, top));
    let mut ends = [f32::NEG_INFINITY; LANES];
    for mark in &day.songs {
        let x = scale.position(mark.at);
        let lane = choose_lane(&ends, x);
        ends[lane] = x + LANE;
        note(drawn, mark, x, top + BAND + 8.0 + LANE * lane as f32);
    }
}

/// The first lane with room at `x`; without one, the lane whose last song is furthest away.
fn choose_lane(ends: &[f32; LANES], x: f32) -> usize {
    let free = ends.iter().position(|end| *end <= x);
    free.unwrap_or_else(|| (0..LANES).fold(0, |best, lane| if ends[lane] < ends[best] { lane } else { best }))
}

/// From hours to positions.
struct Scale<'a> {
    hours: (f32, f32),
    layout: &'a Layout,
}

impl Scale<'_> {
    fn position(&self, hour: f32) -> f32 {
        let (first, last) = self.hours;
        let width = self.layout.width - self.layout.left - RIGHT;
        self.layout.left + (hour - first) / (last - first) * width
    }
}

fn axis(drawn: &mut String, report: &Report, layout: &Layout) {
    let (first, last) = report.week.hours;
    let scale = Scale { hours: report.week.hours, layout };
    let step = if last - first > 12.0 { layout.step } else { layout.step / 2 };
    for hour in (first as u32..=last as u32).step_by(step) {
        let x = scale.position(hour as f32);
        let end = height(report) - ROW + BAND;
        let _ = write!(drawn, "<text class=\"hour\" x=\"{x:.1}\" y=\"14\">{hour}:00</text>");
        let _ = write!(drawn, "<path class=\"grid\" d=\"M{x:.1} 20V{end:.1}\"/>");
    }
}

fn band(drawn: &mut String, report: &Report, piece: &Piece, scale: &Scale, top: f32) {
    let (x, end) = (scale.position(piece.from), scale.position(piece.to));
    let width = (end - x).max(2.0);
    let name = report.table.nearest(&piece.mood).word();
    let how = if piece.by_hand { "set by you" } else { "by your expression" };
    let (fill, line) = (colour(&piece.mood), top + 4.0 + (1.0 - piece.mood.valence) * (BAND - 8.0));
    let class = if piece.by_hand { "mood hand" } else { "mood" };
    let when = format!("{}–{}", clock(piece.from), clock(piece.to));
    let _ = write!(drawn, "<g><title>{when} {name}, {how}</title>");
    let _ = write!(
        drawn,
        "<rect class=\"{class}\" x=\"{x:.1}\" y=\"{top}\" width=\"{width:.1}\" height=\"{BAND}\" rx=\"3\" fill=\"{fill}\"/>\
         <path class=\"valence\" d=\"M{x:.1} {line:.1}h{width:.1}\"/>"
    );
    if width > LETTER * name.len() as f32 + 8.0 {
        // Away from the valence line.
        let y = if piece.mood.valence > 0.5 { top + BAND - 7.0 } else { top + 15.0 };
        let _ = write!(drawn, "<text class=\"name\" x=\"{:.1}\" y=\"{y:.1}\">{name}</text>", x + 6.0);
    }
    drawn.push_str("</g>");
}

/// A dot for a song of Moodring, a ring for a song of the user, a cross when it was skipped.
fn note(drawn: &mut String, mark: &Mark, x: f32, y: f32) {
    let song = &mark.song;
    let (class, whose) = if song.ours { ("ours", "Moodring's") } else { ("own", "yours") };
    let skipped = song.outcome == PlayOutcome::Skipped;
    let how = if skipped { ", skipped" } else { "" };
    let _ = write!(drawn, "<g><title>{} {} ({whose}{how})</title>", clock(mark.at), safe(&title(song)));
    if skipped {
        let _ = write!(drawn, "<path class=\"skip\" d=\"M{:.1} {:.1}l6 6m0 -6l-6 6\"/>", x - 3.0, y - 3.0);
    } else {
        let _ = write!(drawn, "<circle class=\"{class}\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"3\"/>");
    }
    drawn.push_str("</g>");
}
