//! Which entries of Moodring have begun: they belong to the user and are never removed.

/// More entries than this are not remembered.
const LIMIT: usize = 64;

/// Entries by the player's own ids, each with whether it was the current one.
#[derive(Debug, Default)]
pub struct BegunEntries {
    entries: Vec<(String, bool)>,
}

impl BegunEntries {
    /// Remembers an entry that was just queued.
    pub fn add(&mut self, id: &str) {
        self.entries.retain(|(known, _)| known != id);
        self.entries.push((id.to_owned(), false));
        self.entries.drain(..self.entries.len().saturating_sub(LIMIT));
    }

    /// To be called whenever the player is read, with the id of the current track.
    pub fn note_current(&mut self, id: &str) {
        self.entries.iter_mut().filter(|(known, _)| known == id).for_each(|(_, begun)| *begun = true);
    }

    pub fn has_begun(&self, id: &str) -> bool {
        self.entries.iter().any(|(known, begun)| known == id && *begun)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_has_begun_once_it_was_the_current_one() {
        let mut entries = BegunEntries::default();
        entries.add("7");
        entries.note_current("3");
        assert!(!entries.has_begun("7"));
        entries.note_current("7");
        entries.note_current("8");
        assert!(entries.has_begun("7") && !entries.has_begun("3"));
    }
}
