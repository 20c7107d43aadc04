//! What came of an import, for people and for programs.

use std::io::{self, Write};

use anyhow::Result;
use serde::Serialize;

use moodring_core::text::plural::with_count;
use moodring_core::text::sanitize::sanitize_line;
use moodring_music::imported_data::ImportedData;
use moodring_music::library::{OutsideCounts, Raters};

/// What a source told.
#[derive(Debug, Default, Serialize)]
pub struct ImportSummary {
    listens: usize,
    lists: usize,
    other_listeners: usize,
    recommended: usize,
    notes: Vec<String>,
}

impl ImportSummary {
    pub fn of(found: ImportedData) -> Self {
        Self {
            listens: found.listens.len(),
            lists: found.own.len(),
            other_listeners: found.others.len(),
            recommended: found.advice.len(),
            notes: found.notes,
        }
    }

    pub fn of_ratings(raters: Raters, notes: Vec<String>) -> Self {
        Self { lists: raters.owner.into(), other_listeners: raters.others, notes, ..Self::default() }
    }
}

/// What came of an import.
#[derive(Debug, Serialize)]
pub struct ImportReport {
    source: String,
    #[serde(flatten)]
    told: ImportSummary,
    /// New by this import.
    new_listens: u64,
    new_songs: u64,
    /// All that was ever imported.
    total: OutsideCounts,
}

impl ImportReport {
    pub fn new(source: String, told: ImportSummary, before: OutsideCounts, total: OutsideCounts) -> Self {
        let (new_listens, new_songs) = (total.listens - before.listens, total.songs - before.songs);
        Self { source, told, new_listens, new_songs, total }
    }

    pub fn print(&self, json: bool) -> Result<()> {
        let mut out = io::stdout().lock();
        if json {
            writeln!(out, "{}", serde_json::to_string_pretty(self)?)?;
            return Ok(());
        }
        let parts = [
            (self.told.listens, "listen"),
            (self.told.lists, "own list"),
            (self.told.other_listeners, "other listener"),
            (self.told.recommended, "recommended song"),
        ];
        let told: Vec<_> =
            parts.iter().filter(|(count, _)| *count > 0).map(|(count, what)| with_count(*count, what)).collect();
        let told = if told.is_empty() { "nothing".into() } else { told.join(", ") };
        let new =
            [(self.new_listens, "listen"), (self.new_songs, "song")].map(|(n, what)| with_count(n as usize, what));
        writeln!(out, "{told}; new: {}", new.join(", "))?;
        self.told.notes.iter().try_for_each(|note| writeln!(out, "{}", sanitize_line(note)))?;
        writeln!(out, "{}", summary(&self.total))?;
        Ok(())
    }
}

pub fn summary(counts: &OutsideCounts) -> String {
    let OutsideCounts { songs, matched, listens, other_listeners, recommended } = counts;
    let counted = |number: &u64, what| with_count(*number as usize, what);
    format!(
        "imported so far: {}, {matched} of them in the library; {}, {}, {}",
        counted(songs, "song"),
        counted(listens, "listen"),
        counted(other_listeners, "other listener"),
        counted(recommended, "recommendation")
    )
}
