//! The songs: how many are known, and what is known of them.

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

/// The library; `None` when none was made yet: looking does not make one.
pub(super) fn open() -> Result<Option<Library>> {
    let file = folders::library_file()?;
    if file.exists() { Library::open(&file).map(Some) } else { Ok(None) }
}

fn judge(counts: &Counts) -> Finding {
    if counts.songs == 0 {
        let advice = "run `moodring scan`, or `moodring scan FOLDER` for music in another place";
        return Finding::problem("library", "there are no songs in it", advice);
    }
    let Counts { songs, by_tags_only, failed, vanished, .. } = counts;
    let listened = songs - by_tags_only;
    let details = [(*failed, "could not be read"), (*vanished, "are gone from the disk")];
    let details = details.iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!("; {count} {what}"));
    let what = format!(
        "{}, {listened} of them listened to{}",
        with_count(*songs as usize, "song"),
        details.collect::<String>()
    );
    if *failed > songs / 2 {
        return Finding::note("library", what, "`moodring scan` says which files and why");
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
    fn songs_are_counted_with_what_is_known_of_them() {
        let finding = judge(&Counts { songs: 20, by_tags_only: 3, failed: 2, ..Counts::default() });
        assert_eq!(finding.what, "20 songs, 17 of them listened to; 2 could not be read");
        assert_eq!(finding.level, Level::Ok);
    }
}
