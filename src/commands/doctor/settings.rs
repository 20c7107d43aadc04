//! Whether the configuration file exists and is valid.

use crate::commands::doctor::Finding;
use crate::config;
use moodring_platform::folders;

pub(super) fn check() -> Finding {
    let file = match folders::config_file() {
        Ok(file) => file,
        Err(error) => return Finding::fault("settings", &error),
    };
    match config::load() {
        Ok(_) if file.exists() => Finding::ok("settings", format!("{} is valid", file.display())),
        Ok(_) => Finding::ok("settings", format!("defaults in use; {} does not exist", file.display())),
        Err(error) => Finding::fault("settings", &error),
    }
}
