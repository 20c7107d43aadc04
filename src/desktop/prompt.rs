//! A yes/no question on the terminal.

use std::io::{self, BufRead, IsTerminal, Write};

/// How often an unclear answer is asked again.
const ATTEMPTS: usize = 3;

/// Asks on the terminal and waits for the user without a limit; `None` without a terminal or a clear answer.
pub fn ask_yes_no(question: &str) -> Option<bool> {
    let (stdin, stdout) = (io::stdin(), io::stdout());
    if !(stdin.is_terminal() && stdout.is_terminal()) {
        return None;
    }
    // A terminal that cannot be written to or read from gives no answer.
    ask(question, &mut stdin.lock(), &mut stdout.lock()).ok().flatten()
}

fn ask(question: &str, input: &mut impl BufRead, output: &mut impl Write) -> io::Result<Option<bool>> {
    for _ in 0..ATTEMPTS {
        write!(output, "{question} [yes/no] ")?;
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

    fn answer(lines: &str) -> Option<bool> {
        ask("May I?", &mut lines.as_bytes(), &mut Vec::new()).unwrap()
    }

    #[test]
    fn yes_and_no_are_understood_as_people_type_them() {
        assert_eq!(answer("Yes\n"), Some(true));
        assert_eq!(answer(" n \n"), Some(false));
    }

    #[test]
    fn an_unclear_answer_is_asked_again_and_never_taken_for_a_yes() {
        assert_eq!(answer("\nperhaps\nyes\n"), Some(true));
        assert_eq!(answer("\n\n\nyes\n"), None);
        assert_eq!(answer(""), None);
    }
}
