//! Text for a frame result, an error and the reasons why a frame does not count.

use std::fmt::Write;

use moodring_core::domain::observation::{CaptureError, DetectedFace, FrameResult};
use moodring_core::domain::reason::Unreadable;
use moodring_core::mood::{Expression, Scores, aggregate};

/// The brightness (of 1) below which nothing is visible.
const BLACK: f32 = 0.02;
const BAR: usize = 24;

/// A frame in a few lines, each with a line feed. `corrected`: the scores of the faces after the baseline was subtracted.
pub fn frame(seen: &FrameResult, corrected: Option<&[Scores]>) -> String {
    let [width, height] = seen.size;
    let ms = &seen.ms;
    let mut text = format!(
        "frame {}: {width}x{height}, brightness {:.2}, capture {:.1} ms, detection {:.1} ms, classification {:.1} ms\n",
        seen.frame, seen.brightness, ms.capture, ms.detection, ms.classification
    );
    if seen.brightness < BLACK {
        text.push_str("  the camera sees nothing: it is covered, or the room is dark\n");
    } else if seen.faces.is_empty() {
        text.push_str("  no face\n");
    }
    for (k, it) in seen.faces.iter().enumerate() {
        face(&mut text, it, corrected.and_then(|scores| scores.get(k)));
    }
    if let Some(why) = aggregate::doubt(seen) {
        let _ = writeln!(text, "  this would not count: {}", describe_unreadable(why));
    }
    text
}

/// What the user can do about a look that failed.
pub fn find_hint(error: &CaptureError) -> &'static str {
    match error {
        CaptureError::NoCamera(_) => {
            "plug one in, choose another with --camera, or look at pictures with --pictures; \
             `moodring doctor` lists what is there"
        }
        CaptureError::Busy { .. } => "close the program that uses it, or look again later",
        CaptureError::Forbidden(_) => {
            "add yourself to the group \"video\" (`sudo adduser $USER video`), then log out and in again"
        }
        CaptureError::Unplugged(_) => "plug it in again",
        CaptureError::TimedOut(_) => {
            "unplug the camera and plug it in again; some need a moment after the computer wakes up"
        }
        CaptureError::Failed(_) => "`moodring doctor` checks the camera and the models",
    }
}

/// Why frames do not count for a mood.
pub fn describe_unreadable(reason: Unreadable) -> &'static str {
    match reason {
        Unreadable::Covered => "the camera sees nothing: it is covered, or the room is dark",
        Unreadable::TooDark => "it is too dark to see anybody",
        Unreadable::TooBright => "it is too bright to see anybody",
        Unreadable::FaceTooFar => "the face is too far away",
        Unreadable::SeveralFaces => "there are several faces",
        Unreadable::FaceTooDark => "the face is too dark",
        Unreadable::FaceTooBright => "the face is too bright",
        Unreadable::FaceBlurred => "the face is blurred",
        Unreadable::FaceTurnedAside => "the face is turned aside",
    }
}

fn face(text: &mut String, face: &DetectedFace, corrected: Option<&Scores>) {
    let [left, top, width, height] = face.bounds;
    let _ = writeln!(
        text,
        "  face at {left:.0},{top:.0}, {width:.0}x{height:.0} pixels, confidence {:.2}, sharpness {:.0}, brightness {:.2}",
        face.confidence, face.sharpness, face.brightness
    );
    match corrected {
        Some(corrected) => text.push_str(&both(&face.scores, corrected)),
        None => text.push_str(&bars(&face.scores)),
    }
}

/// As [`bars`], with the corrected scores beside the raw ones.
fn both(raw: &Scores, corrected: &Scores) -> String {
    let heading = format!("    {:<9} {:<BAR$}  raw {:<BAR$}  corrected\n", "", "", "");
    let scores = raw.values().into_iter().zip(corrected.values());
    let line = |(expression, (raw, corrected)): (Expression, (f32, f32))| {
        let (left, right) = (bar(raw), bar(corrected));
        format!("    {:<9} {left:<BAR$} {raw:.2} {right:<BAR$} {corrected:.2}\n", expression.word())
    };
    heading + &Expression::ALL.into_iter().zip(scores).map(line).collect::<String>()
}

/// A line for each expression: its name, a bar, its probability.
pub fn bars(scores: &Scores) -> String {
    let line = |(expression, score): (Expression, f32)| {
        format!("    {:<9} {:<BAR$} {score:.2}\n", expression.word(), bar(score))
    };
    Expression::ALL.into_iter().zip(scores.values()).map(line).collect()
}

fn bar(score: f32) -> String {
    const EIGHTHS: [&str; 8] = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];
    let eighths = (score.clamp(0.0, 1.0) * 8.0 * BAR as f32).round() as usize;
    "█".repeat(eighths / 8) + EIGHTHS[eighths % 8]
}

#[cfg(test)]
mod tests {
    use super::*;
    use moodring_core::domain::observation::Timing;

    fn seen(brightness: f32, faces: Vec<DetectedFace>) -> String {
        frame(&FrameResult { frame: 3, size: [640, 480], brightness, faces, ms: Timing::default() }, None)
    }

    #[test]
    fn bars_are_as_long_as_the_scores() {
        let text = bars(&Scores::new([0.5, 0.25, 0.125, 0.125, 0.0, 0.0, 0.0]));
        let lengths: Vec<usize> = text.lines().map(|line| line.matches('█').count()).collect();
        assert_eq!(lengths, [12, 6, 3, 3, 0, 0, 0]);
    }

    #[test]
    fn a_covered_camera_and_an_empty_room_are_distinguished() {
        assert!(seen(0.0, Vec::new()).contains("sees nothing"));
        assert!(seen(0.4, Vec::new()).contains("no face"));
    }

    #[test]
    fn a_face_is_described_with_its_position_and_scores() {
        let scores = Scores::new([0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0]);
        let face = DetectedFace {
            bounds: [10.0, 20.0, 99.6, 100.0],
            confidence: 0.9,
            sharpness: 50.0,
            brightness: 0.5,
            turn: 0.0,
            scores,
        };
        let text = seen(0.5, vec![face]);
        assert!(text.contains("face at 10,20, 100x100 pixels"), "{text}");
        assert!(text.contains("happy     ████████████████████████ 1.00"), "{text}");
    }
}
