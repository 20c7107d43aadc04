//! Songs that have no file here, by name alone: a player that streams may have them.

use std::path::{Path, PathBuf};

/// No file of the library is called so: their paths begin with a slash.
const PREFIX: &str = "elsewhere:";
/// Stands between artist and title, and in no name.
const BETWEEN: char = '\u{1f}';

/// What stands for such a song where others have the path of their file.
pub fn remote_song_path(artist: &str, title: &str) -> PathBuf {
    format!("{PREFIX}{artist}{BETWEEN}{title}").into()
}

/// Artist and title of such a song; `None`: it has a file.
pub fn parse_remote_path(path: &Path) -> Option<(&str, &str)> {
    path.to_str()?.strip_prefix(PREFIX)?.split_once(BETWEEN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_song_without_a_file_keeps_its_names_and_no_file_is_taken_for_one() {
        assert_eq!(
            parse_remote_path(&remote_song_path("Sigur Rós", "Hoppípolla: live")),
            Some(("Sigur Rós", "Hoppípolla: live"))
        );
        assert_eq!(parse_remote_path(Path::new("/music/elsewhere:a\u{1f}b.ogg")), None);
    }
}
