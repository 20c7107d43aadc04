//! The question of the first start, on a terminal; the tray asks the same in its menu.

use std::io::{self, BufRead, IsTerminal, Write};

const QUESTION: &str = "\
Moodring can look through the camera now and then (every two minutes unless you
change it) and choose the next songs by how your face looks.

  - Faces are read on this computer, by a process without network access.
  - Pictures stay in that process and are gone when it ends: they are never
    kept, shown or sent. What is kept is the settled mood, as two numbers.
  - You can withdraw this at any time with `moodring camera deny`.
  - Without the camera all else works: you set the mood by hand.

";
const PROMPT: &str = "May Moodring use the camera? [yes/no] ";

/// How often an answer that is neither is asked again.
const ATTEMPTS: usize = 3;

/// Asks on the terminal that we were started from; `None` when there is none, or no clear answer came.
///
/// It waits for the person, without a limit.
pub fn ask_on_terminal() -> Option<bool> {
    let (stdin, stdout) = (io::stdin(), io::stdout());
    if !(stdin.is_terminal() && stdout.is_terminal()) {
        return None;
    }
    // A terminal that cannot be written to or read from gives no answer.
    ask(&mut stdin.lock(), &mut stdout.lock()).ok().flatten()
}

fn ask(input: &mut impl BufRead, output: &mut impl Write) -> io::Result<Option<bool>> {
    output.write_all(QUESTION.as_bytes())?;
    for _ in 0..ATTEMPTS {
        output.write_all(PROMPT.as_bytes())?;
        output.flush()?;
        let mut answer = String::new();
        if input.read_line(&mut answer)? == 0 {
            return Ok(None);
        }
        match answer.trim().to_lowercase().as_str() {
            "yes" | "y" => return Ok(Some(true)),
            "no" | "n" => return Ok(Some(false)),
            _ => {}
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answered(lines: &str) -> (Option<bool>, String) {
        let mut said = Vec::new();
        let answer = ask(&mut lines.as_bytes(), &mut said).unwrap();
        (answer, String::from_utf8(said).unwrap())
    }

    #[test]
    fn yes_and_no_are_understood_as_people_type_them() {
        assert_eq!(answered("Yes\n").0, Some(true));
        assert_eq!(answered(" n \n").0, Some(false));
    }

    #[test]
    fn what_is_not_clear_is_asked_again_and_never_taken_for_a_yes() {
        assert_eq!(answered("\nperhaps\nyes\n").0, Some(true));
        assert_eq!(answered("\n\n\nyes\n").0, None);
        assert_eq!(answered("").0, None);
    }

    #[test]
    fn the_question_says_what_happens_to_pictures_and_how_to_withdraw() {
        let said = answered("no\n").1;
        assert!(said.contains("never\n    kept, shown or sent") && said.contains("moodring camera deny"), "{said}");
    }
}
