//! What the name of a file says, where the file itself is silent.

use std::path::Path;

use crate::value::clean;

/// Folders that say nothing of the artist.
const PLAIN_FOLDERS: [&str; 8] = ["music", "musik", "musique", "songs", "audio", "downloads", "media", ""];

/// What a path says: "03 - Ann_Example - heroes_rite.ogg".
pub struct NameGuess {
    pub title: String,
    pub artist: Option<String>,
    pub folder: Option<String>,
}

impl NameGuess {
    pub fn new(path: &Path) -> Self {
        let stem = path.file_stem().unwrap_or_default().to_string_lossy().replace('_', " ");
        let stem = clean(&stem);
        let name = without_number(&stem);
        let (artist, title) = match name.split_once(" - ") {
            Some((artist, title)) => (Some(artist.trim().to_owned()), title.trim()),
            None => (None, name),
        };
        let folder = path.parent().and_then(Path::file_name).unwrap_or_default().to_string_lossy();
        let folder = Some(clean(&folder)).filter(|name| !PLAIN_FOLDERS.contains(&name.to_lowercase().as_str()));
        let title = if title.is_empty() { "Untitled" } else { title };
        Self { title: title.into(), artist, folder }
    }
}

/// Without a leading track number, unless that is all there is ("1979").
fn without_number(name: &str) -> &str {
    let rest = name.trim_start_matches(|c: char| c.is_ascii_digit());
    let digits = name.len() - rest.len();
    let title = rest.trim_start_matches(['.', '-', ')', ' ']);
    if (1..=3).contains(&digits) && title.len() < rest.len() && !title.is_empty() { title } else { name }
}
