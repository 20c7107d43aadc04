//! Text from files and players, made safe to show.

use std::path::Path;

/// Without what a title from a file or a player could do to a terminal or a panel: control characters, lines, length.
pub fn sanitize_line(text: &str) -> String {
    const LONGEST: usize = 120;
    let words = text.split(|c: char| c.is_control() || c.is_whitespace()).filter(|word| !word.is_empty());
    let line = words.collect::<Vec<_>>().join(" ");
    if line.chars().count() <= LONGEST { line } else { line.chars().take(LONGEST - 1).chain(['…']).collect() }
}

/// A path as one line of text.
pub fn escape_path(path: &Path) -> String {
    let mut line = String::new();
    for c in path.to_string_lossy().chars() {
        if c.is_control() { line.extend(c.escape_default()) } else { line.push(c) }
    }
    line
}
