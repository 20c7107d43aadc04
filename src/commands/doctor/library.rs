//! The songs of the library, and how many were analysed.

use anyhow::Result;

use crate::commands::doctor::Finding;
use moodring_core::text::plural::with_count;
use moodring_music::library::{Counts, Library};
use moodring_platform::folders;

pub(super) fn check() -> Finding {
    match open().and_then(|library| library.map(|library| library.counts()).transpose()) {
        Ok(counts) => judge(&counts.unwrap_or_default()),
        Err(error) => Finding::fault("library", &error),
    }
}

/// Opens the library; `None` when there is none yet. The check does not create one.
pub(super) fn open() -> Result<Option<Library>> {
    let file = folders::library_file()?;
    if file.exists() { Library::open(&file).map(Some) } else { Ok(None) }
}

fn judge(counts: &Counts) -> Finding {
    if counts.songs == 0 {
        let advice = "run `moodring scan`, or `moodring scan FOLDER` for another folder";
        return Finding::problem("library", "it has no songs", advice);
    }
    let Counts { songs, by_tags_only, failed, vanished, .. } = counts;
    let analysed = songs - by_tags_only;
    let details = [(*failed, "could not be read"), (*vanished, "are missing on disk")];
    let details = details.iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!("; {count} {what}"));
    let what =
        format!("{}, {analysed} of them analysed{}", with_count(*songs as usize, "song"), details.collect::<String>());
    if *failed > songs / 2 {
        return Finding::note("library", what, "`moodring scan` lists the files and the reasons");
    }
    Finding::ok("library", what)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::doctor::Level;

    #[test]
    fn an_empty_library_says_how_to_fill_it() {
        let finding = judge(&Counts::default());
        assert_eq!(finding.level, Level::Problem);
        assert!(finding.advice.unwrap().contains("moodring scan"));
    }

    #[test]
    fn songs_are_counted_with_those_that_were_analysed() {
        let finding = judge(&Counts { songs: 20, by_tags_only: 3, failed: 2, ..Counts::default() });
        assert_eq!(finding.what, "20 songs, 17 of them analysed; 2 could not be read");
        assert_eq!(finding.level, Level::Ok);
    }
}
