//! Pieces of HTML and SVG.

use crate::desktop::tray::icon;
use moodring_core::mood::Mood;

/// Text that may stand anywhere in the page: without control characters, and never taken for markup.
pub fn safe(text: &str) -> String {
    let mut safe = String::new();
    for c in moodring_core::text::sanitize::sanitize_line(text).chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            other => safe.push(other),
        }
    }
    safe
}

/// The tray's colour for a mood, for instance "#ffc729".
pub fn colour(mood: &Mood) -> String {
    let [red, green, blue] = icon::bytes(mood);
    format!("#{red:02x}{green:02x}{blue:02x}")
}

/// "9:05" of hours from midnight.
pub fn clock(hours: f32) -> String {
    let minutes = (hours * 60.0).round() as u32;
    format!("{}:{:02}", minutes / 60, minutes % 60)
}

/// "1 song", "2 songs".
pub fn count(number: usize, one: &str) -> String {
    if number == 1 { format!("1 {one}") } else { format!("{number} {one}s") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_cannot_write_into_the_page() {
        assert_eq!(safe("<script>\"a\" & 'b'\u{1b}"), "&lt;script&gt;&quot;a&quot; &amp; &#39;b&#39;");
    }

    #[test]
    fn hours_read_as_a_clock_shows_them() {
        assert_eq!((clock(9.0833), clock(24.0)), ("9:05".into(), "24:00".into()));
    }
}
