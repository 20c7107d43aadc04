//! Text from files and players, made safe to show.

use std::path::Path;

/// Marks that turn the direction of the text around them, up to the end of the line and beyond a title.
fn is_direction_override(c: char) -> bool {
    matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Without what a title from a file or a player could do to a terminal or a panel: control characters, marks that
/// turn the direction of text, lines, length.
pub fn sanitize_line(text: &str) -> String {
    const LONGEST: usize = 120;
    let text: String = text.chars().filter(|c| !is_direction_override(*c)).collect();
    let words = text.split(|c: char| c.is_control() || c.is_whitespace()).filter(|word| !word.is_empty());
    let line = words.collect::<Vec<_>>().join(" ");
    if line.chars().count() <= LONGEST { line } else { line.chars().take(LONGEST - 1).chain(['…']).collect() }
}

/// A path as one line of text.
pub fn escape_path(path: &Path) -> String {
    let mut line = String::new();
    for c in path.to_string_lossy().chars() {
        if c.is_control() || is_direction_override(c) { line.extend(c.escape_default()) } else { line.push(c) }
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_that_turn_the_direction_of_text_are_taken_out() {
        assert_eq!(sanitize_line("So\u{202e}ng\u{2066} \u{1b}[31m"), "Song [31m");
        assert_eq!(escape_path(Path::new("/a\u{202e}b")), "/a\\u{202e}b");
    }
}
