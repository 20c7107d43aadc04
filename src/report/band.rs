//! Days as bands: a mood's colour for as long as it was followed, with the songs below it.
//!
//! What the colour shows, a line within the band shows too (the higher, the brighter the mood), and words where they fit.

use std::fmt::Write;

use crate::commands::history::title;
use crate::report::Report;
use crate::report::markup::{clock, colour, safe};
use crate::report::week::{Day, Mark, Piece};
use moodring_core::message::PlayOutcome;

pub const WIDTH: f32 = 960.0;
/// Room for the days' names, and to the right for the last hour's.
const LEFT: f32 = 96.0;
const RIGHT: f32 = 16.0;
const AXIS: f32 = 26.0;
const ROW: f32 = 58.0;
const BAND: f32 = 34.0;
/// About the width of a letter in a band.
const LETTER: f32 = 7.0;

pub fn height(report: &Report) -> f32 {
    AXIS + ROW * report.week.days.len() as f32
}

/// The days below each other, their hours above; a `<g>` without a place of its own.
pub fn bands(report: &Report) -> String {
    let mut drawn = String::from("<g>");
    axis(&mut drawn, report);
    for (n, day) in report.week.days.iter().enumerate() {
        let top = AXIS + ROW * n as f32;
        let name = day.date.strftime("%a %-d %b");
        let _ = write!(drawn, "<text class=\"day\" x=\"0\" y=\"{}\">{name}</text>", top + BAND / 2.0 + 5.0);
        let width = WIDTH - LEFT - RIGHT;
        let _ = write!(
            drawn,
            "<rect class=\"track\" x=\"{LEFT}\" y=\"{top}\" width=\"{width}\" height=\"{BAND}\" rx=\"6\"/>"
        );
        row(&mut drawn, report, day, top);
    }
    drawn.push_str("</g>");
    drawn
}

fn row(drawn: &mut String, report: &Report, day: &Day, top: f32) {
    let hours = report.week.hours;
    day.stretches.iter().for_each(|piece| band(drawn, report, piece, hours, top));
    day.songs.iter().for_each(|mark| note(drawn, mark, hours, top + BAND + 10.0));
}

fn place(hour: f32, (first, last): (f32, f32)) -> f32 {
    LEFT + (hour - first) / (last - first) * (WIDTH - LEFT - RIGHT)
}

fn axis(drawn: &mut String, report: &Report) {
    let hours @ (first, last) = report.week.hours;
    let step = if last - first > 12.0 { 2 } else { 1 };
    for hour in (first as u32..=last as u32).step_by(step) {
        let x = place(hour as f32, hours);
        let end = height(report) - ROW + BAND;
        let _ = write!(drawn, "<text class=\"hour\" x=\"{x:.1}\" y=\"14\">{hour}:00</text>");
        let _ = write!(drawn, "<path class=\"grid\" d=\"M{x:.1} 20V{end:.1}\"/>");
    }
}

fn band(drawn: &mut String, report: &Report, piece: &Piece, hours: (f32, f32), top: f32) {
    let (x, end) = (place(piece.from, hours), place(piece.to, hours));
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
        // Away from the line.
        let y = if piece.mood.valence > 0.5 { top + BAND - 7.0 } else { top + 15.0 };
        let _ = write!(drawn, "<text class=\"name\" x=\"{:.1}\" y=\"{y:.1}\">{name}</text>", x + 6.0);
    }
    drawn.push_str("</g>");
}

/// A dot for a song of Moodring's, a ring for one of the listener's, a cross through either when it was skipped.
fn note(drawn: &mut String, mark: &Mark, hours: (f32, f32), y: f32) {
    let x = place(mark.at, hours);
    let song = &mark.song;
    let (class, whose) = if song.ours { ("ours", "Moodring's") } else { ("own", "yours") };
    let skipped = song.outcome == PlayOutcome::Skipped;
    let how = if skipped { ", skipped" } else { "" };
    let _ = write!(drawn, "<g><title>{} {} ({whose}{how})</title>", clock(mark.at), safe(&title(song)));
    if skipped {
        let _ = write!(drawn, "<path class=\"skip\" d=\"M{:.1} {:.1}l7 7m0 -7l-7 7\"/>", x - 3.5, y - 3.5);
    } else {
        let _ = write!(drawn, "<circle class=\"{class}\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"3.5\"/>");
    }
    drawn.push_str("</g>");
}
