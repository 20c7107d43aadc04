//! What the terminal can show: width, colours, and characters beyond ASCII.
//!
//! 1. Output that is not a terminal is written unchanged: UTF-8, without colours, lines of any length.
//! 2. `NO_COLOR` and `TERM=dumb` turn colours off.
//! 3. In a locale without UTF-8 (`LANG=C`), characters that have an ASCII form are replaced by it.
//! 4. Lines longer than the terminal is wide are cut and end with "…", where the command asks for it.

use std::env;
use std::io::{self, IsTerminal, Write};

/// Width of the terminal in characters, 40 to 120; 80 where it is unknown.
pub fn columns() -> usize {
    rustix::termios::tcgetwinsize(io::stdout()).map_or(80, |size| usize::from(size.ws_col).clamp(40, 120))
}

/// Whether standard output shows colours.
pub fn shows_colours() -> bool {
    io::stdout().is_terminal() && allows_colours(env::var_os("NO_COLOR").is_some(), &variable("TERM"))
}

fn allows_colours(no_color: bool, term: &str) -> bool {
    !no_color && term != "dumb"
}

/// Writes a text and a line end to standard output, in characters that the terminal can show.
pub fn print_text(text: &str) -> io::Result<()> {
    if io::stdout().is_terminal() && !is_utf8(&locale()) {
        writeln!(io::stdout(), "{}", to_ascii(text))
    } else {
        writeln!(io::stdout(), "{text}")
    }
}

/// Like [`print_text`], with lines cut to the width of the terminal.
pub fn print_lines(text: &str) -> io::Result<()> {
    if !io::stdout().is_terminal() {
        return print_text(text);
    }
    let width = columns();
    print_text(&text.lines().map(|line| cut_line(line, width)).collect::<Vec<_>>().join("\n"))
}

fn cut_line(line: &str, width: usize) -> String {
    if line.chars().count() <= width {
        return line.into();
    }
    line.chars().take(width - 1).chain(['…']).collect()
}

/// The locale of characters: the first of these variables that is set decides.
fn locale() -> String {
    let set = ["LC_ALL", "LC_CTYPE", "LANG"].map(variable);
    set.into_iter().find(|it| !it.is_empty()).unwrap_or_default()
}

fn variable(name: &str) -> String {
    env::var(name).unwrap_or_default()
}

fn is_utf8(locale: &str) -> bool {
    let locale = locale.to_lowercase();
    locale.contains("utf-8") || locale.contains("utf8")
}

fn to_ascii(text: &str) -> String {
    let mut ascii = String::new();
    for character in text.chars() {
        match character {
            '“' | '”' | '„' => ascii.push('"'),
            '‘' | '’' => ascii.push('\''),
            '–' | '—' => ascii.push('-'),
            '…' => ascii.push_str("..."),
            '→' => ascii.push_str("->"),
            '←' => ascii.push_str("<-"),
            '·' => ascii.push('.'),
            '×' => ascii.push('x'),
            '●' => ascii.push('*'),
            '○' => ascii.push('o'),
            '█' => ascii.push('#'),
            other if other.is_ascii() => ascii.push(other),
            _ => ascii.push('?'),
        }
    }
    ascii
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dumb_terminal_and_no_color_get_no_colours() {
        assert!(allows_colours(false, "xterm-256color"));
        assert!(!allows_colours(false, "dumb") && !allows_colours(true, "xterm-256color"));
    }

    #[test]
    fn the_locale_decides_about_characters() {
        assert!(is_utf8("en_GB.UTF-8") && is_utf8("C.utf8"));
        assert!(!is_utf8("C") && !is_utf8("POSIX") && !is_utf8("") && !is_utf8("de_DE.ISO-8859-1"));
    }

    #[test]
    fn without_utf8_typographic_characters_become_ascii() {
        assert_eq!(to_ascii("“Rain” – 2× → …"), "\"Rain\" - 2x -> ...");
        assert!(to_ascii("Björk").is_ascii());
    }

    #[test]
    fn a_long_line_is_cut_at_the_width() {
        assert_eq!(cut_line("abcdefgh", 5), "abcd…");
        assert_eq!(cut_line("abcde", 5), "abcde");
    }
}
