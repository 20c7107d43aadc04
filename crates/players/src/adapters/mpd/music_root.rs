//! The file of a song in MPD, which names songs by paths within its music folder.

use std::path::{Path, PathBuf};

use anyhow::Result;

use crate::adapters::mpd::wire::{Pairs, Wire, value};
use moodring_core::domain::address;
use moodring_core::domain::playback::SongUnavailable;
use moodring_core::error::user_error;
use moodring_platform::folders;

/// The music folder of a daemon, as far as known.
#[derive(Default)]
pub(super) struct MusicRoot {
    root: Option<PathBuf>,
}

impl MusicRoot {
    /// Asks the daemon, which answers only over a local socket.
    pub(super) fn learn(&mut self, wire: &mut Wire) {
        if self.root.is_none()
            && wire.local
            && let Ok(settings) = wire.ask(&["config"])
        {
            self.root = value(&settings, "music_directory").map(PathBuf::from);
        }
    }

    /// The local file of a song.
    pub(super) fn file(&mut self, song: &str) -> Option<PathBuf> {
        if song.starts_with('/') || song.contains("://") {
            return address::parse_file_path(song);
        }
        if self.root.is_none() {
            self.root = list_likely_roots().into_iter().find(|root| root.join(song).is_file());
        }
        self.root.as_ref().map(|root| root.join(song))
    }

    /// The name that MPD has for a file.
    pub(super) fn song(&mut self, wire: &mut Wire, file: &Path) -> Result<String> {
        if let Some(inside) = self.inside(file)
            && !wire.ask(&["find", "file", &inside])?.is_empty()
        {
            return Ok(inside);
        }
        if wire.local {
            return Ok(text(file)?.to_owned());
        }
        self.search(wire, file)
    }

    fn inside(&self, file: &Path) -> Option<String> {
        let inside = file.strip_prefix(self.root.as_ref()?).ok()?;
        Some(inside.to_str()?.to_owned())
    }

    /// Among the songs with this file name, the one whose whole name ends the path.
    fn search(&mut self, wire: &mut Wire, file: &Path) -> Result<String> {
        let name = file.file_name().map(Path::new).unwrap_or(file);
        let found = wire.ask(&["search", "file", text(name)?])?;
        let Some(song) = find_longest_suffix(&found, file) else {
            // Over its socket, MPD takes any file.
            return Err(SongUnavailable(format!("MPD does not have {} in its music folder", file.display())).into());
        };
        self.root = file.ancestors().nth(Path::new(&song).components().count()).map(Into::into);
        Ok(song)
    }
}

/// The longest name that the path ends with, whole folders only.
fn find_longest_suffix(found: &Pairs, file: &Path) -> Option<String> {
    let names = found.iter().filter(|(key, _)| key == "file").map(|(_, name)| name);
    names.filter(|name| file.ends_with(name)).max_by_key(|name| name.len()).cloned()
}

fn text(file: &Path) -> Result<&str> {
    file.to_str().ok_or_else(|| user_error(format!("MPD cannot name {}", file.display()), "rename the file in UTF-8"))
}

/// Where music folders of MPD usually are.
fn list_likely_roots() -> Vec<PathBuf> {
    let home = std::env::var_os("HOME").map(PathBuf::from);
    let own = home.iter().flat_map(|home| [home.join(".config/mpd/mpd.conf"), home.join(".mpdconf")]);
    let files = own.chain([PathBuf::from("/etc/mpd.conf")]);
    let named = files.filter_map(|file| music_folder(&std::fs::read_to_string(file).ok()?, home.as_deref()));
    named.chain(folders::music()).chain(["/var/lib/mpd/music".into()]).collect()
}

/// The `music_directory` of a configuration file.
fn music_folder(settings: &str, home: Option<&Path>) -> Option<PathBuf> {
    let line = settings.lines().find_map(|line| line.trim_start().strip_prefix("music_directory"))?;
    let folder = line.trim().trim_matches('"');
    match (folder.strip_prefix("~/"), home) {
        (Some(rest), Some(home)) => Some(home.join(rest)),
        _ => Some(PathBuf::from(folder)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_song_is_the_one_whose_whole_name_ends_the_path() {
        let found = ["b/one.ogg", "one.ogg", "x/b/one.ogg", "a/b/one.ogg", "ta/b/one.ogg"];
        let found: Pairs = found.iter().map(|name| ("file".to_owned(), (*name).to_owned())).collect();
        assert_eq!(find_longest_suffix(&found, Path::new("/music/a/b/one.ogg")).as_deref(), Some("a/b/one.ogg"));
        assert_eq!(find_longest_suffix(&found, Path::new("/music/c/two.ogg")), None);
    }

    #[test]
    fn the_music_folder_is_read_from_the_settings_of_mpd() {
        let read = |text| music_folder(text, Some(Path::new("/home/me")));
        assert_eq!(read("# x\nmusic_directory\t\t\"~/Music\"\n"), Some("/home/me/Music".into()));
        assert_eq!(read("#music_directory \"/a\"\n"), None);
    }
}
