//! Folders by the XDG base directory specification.

use std::fs::DirBuilder;
use std::os::unix::fs::DirBuilderExt;
use std::path::PathBuf;

use anyhow::Result;
use directories::{BaseDirs, ProjectDirs, UserDirs};

use moodring_core::error::user_error;

/// The hint for a file of Moodring that cannot be written.
pub const PLACE: &str = "check the owner, the permissions and the free space of its folder";

fn project() -> Result<ProjectDirs> {
    ProjectDirs::from("", "", "moodring").ok_or_else(|| user_error("no home folder is known", "set HOME"))
}

/// `$XDG_CONFIG_HOME`.
pub fn config() -> Result<PathBuf> {
    BaseDirs::new()
        .map(|base| base.config_dir().into())
        .ok_or_else(|| user_error("no home folder is known", "set HOME"))
}

/// `$XDG_CONFIG_HOME/moodring/config.toml`.
pub fn config_file() -> Result<PathBuf> {
    Ok(project()?.config_dir().join("config.toml"))
}

/// `$XDG_DATA_HOME/moodring/library.db`; creates its folder, private to the user.
pub fn library_file() -> Result<PathBuf> {
    let project = project()?;
    let folder = project.data_dir();
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)
        .map_err(|error| user_error(format!("cannot make the folder {}: {error}", folder.display()), PLACE))?;
    Ok(folder.join("library.db"))
}

/// The XDG music folder, or `~/Music` if the desktop has none.
pub fn music() -> Option<PathBuf> {
    let user = UserDirs::new()?;
    Some(user.audio_dir().map_or_else(|| user.home_dir().join("Music"), Into::into))
}
