//! The music of the demo: a folder of the user, or the free music of a game.

use std::path::{Path, PathBuf};

use anyhow::Result;
use walkdir::WalkDir;

use moodring_core::error::user_error;

/// A choice between fewer songs would mean little.
const MIN_SONGS: usize = 20;
const GAMES: &str = "/usr/share/games/wesnoth";

/// A folder of music, and what it is.
pub struct Songs {
    pub folder: PathBuf,
    pub origin: String,
    pub files: Vec<PathBuf>,
}

impl Songs {
    /// Two songs of different albums for the user's list: Moodring queues nothing into an album.
    pub fn own_list(&self) -> [PathBuf; 2] {
        let album = |path: &Path| moodring_tags::tags::read(path).album;
        let first = &self.files[0];
        let other = self.files[1..].iter().find(|path| album(path) != album(first)).unwrap_or(&self.files[1]);
        [first.clone(), other.clone()]
    }
}

/// # Errors
/// When there are too few songs, with the package that has some.
pub fn find(own: Option<&Path>) -> Result<Songs> {
    let (folder, origin) = match own {
        Some(folder) => (folder.to_owned(), "your own music".to_owned()),
        None => (game()?, "the music of The Battle for Wesnoth (GPL-2.0-or-later and CC BY-SA 4.0)".to_owned()),
    };
    let files = audio_files(&folder);
    if files.len() < MIN_SONGS {
        let what = format!("{} has {} songs, and the demo needs {MIN_SONGS}", folder.display(), files.len());
        return Err(user_error(
            what,
            "name a larger folder with --music, or install the Debian package wesnoth-1.16-music",
        ));
    }
    Ok(Songs { folder, origin, files })
}

fn game() -> Result<PathBuf> {
    let versions = std::fs::read_dir(GAMES).into_iter().flatten().flatten();
    let mut folders: Vec<PathBuf> = versions.map(|e| e.path().join("data/core/music")).filter(|p| p.is_dir()).collect();
    folders.sort();
    folders.pop().ok_or_else(|| {
        user_error(
            "there is no music for the demo",
            "install the Debian package wesnoth-1.16-music, or name a folder with --music",
        )
    })
}

fn audio_files(folder: &Path) -> Vec<PathBuf> {
    let known = ["ogg", "mp3", "flac", "m4a", "wav"];
    let audio = |path: &PathBuf| path.extension().and_then(|e| e.to_str()).is_some_and(|e| known.contains(&e));
    WalkDir::new(folder)
        .sort_by_file_name()
        .into_iter()
        .flatten()
        .filter(|entry| entry.file_type().is_file())
        .map(walkdir::DirEntry::into_path)
        .filter(audio)
        .collect()
}
