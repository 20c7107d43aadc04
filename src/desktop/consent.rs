//! The question of the first start, on a terminal; the tray asks the same in its menu.

use std::io::{self, IsTerminal, Write};

use crate::desktop::prompt::ask_yes_no;

const EXPLANATION: &str = "\
Moodring can look through the camera now and then (every two minutes unless you
change it) and choose the next songs by how your face looks.

  - Faces are read on this computer, by a process without network access.
  - Pictures stay in that process and are gone when it ends: they are never
    kept, shown or sent. Kept are numbers: each settled mood as two, with how
    sure it is; your face at rest as fourteen for each camera; and each reading
    that you call wrong. `moodring forget --all` deletes them.
  - You can withdraw this at any time with `moodring camera deny`.
  - Without the camera everything else works: you set the mood by hand.

";

/// Explains the camera and asks for it; `None` without a terminal or a clear answer.
pub fn ask_on_terminal() -> Option<bool> {
    if io::stdin().is_terminal() && io::stdout().is_terminal() {
        io::stdout().write_all(EXPLANATION.as_bytes()).ok()?;
    }
    ask_yes_no("May Moodring use the camera?")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_question_says_what_happens_to_pictures_and_how_to_withdraw() {
        let pictures = EXPLANATION.contains("never\n    kept, shown or sent");
        assert!(pictures && EXPLANATION.contains("moodring camera deny"), "{EXPLANATION}");
    }
}
