//! Output of the demo.

use crate::desktop::ipc::wire::StatusReport;
use moodring_core::mood::{Expression, Mood, Scores};

const WIDE: usize = 24;

pub fn heading(text: &str) {
    println!("\n\x1b[1m{text}\x1b[0m");
}

/// Prints what has changed between two moments.
pub fn changes(before: Option<&StatusReport>, now: &StatusReport) {
    let changed = |part: fn(&StatusReport) -> String| before.is_none_or(|before| part(before) != part(now));
    if changed(|view| format!("{:?}", view.scores))
        && let Some(scores) = &now.scores
    {
        println!("  look      {}", bars(scores));
    }
    if changed(|view| format!("{:?}", view.mood)) && now.mood.confidence > 0.0 {
        println!("  mood      {} ({})", point(&now.mood), now.mood_name.word());
    }
    if changed(|view| format!("{:?}", view.playing))
        && let Some(playing) = &now.playing
    {
        println!("  playing   {playing}");
    }
    if changed(|view| format!("{:?}", view.next))
        && let Some(next) = &now.next
    {
        println!("  next      {} – {}\n            because it is {}", next.title, next.artist, next.why);
    }
}

fn bars(scores: &Scores) -> String {
    let words: Vec<String> = Expression::ALL
        .into_iter()
        .zip(scores.values())
        .filter(|(_, value)| *value >= 0.05)
        .map(|(expression, value)| format!("{} {} {value:.2}", expression.word(), bar(value)))
        .collect();
    words.join("  ")
}

fn bar(value: f32) -> String {
    "█".repeat((value * WIDE as f32).round() as usize)
}

pub fn point(mood: &Mood) -> String {
    format!("valence {:.2}, energy {:.2}, confidence {:.2}", mood.valence, mood.energy, mood.confidence)
}

/// Prints the list that the player itself reports.
pub fn account(titles: &[String]) {
    println!("  the player's own list: {}", titles.join(", "));
}
