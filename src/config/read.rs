//! Reads the owner's file.

use std::io::ErrorKind;
use std::path::Path;

use anyhow::Result;

use crate::config::check::{ConfigError, complaints};
use moodring_core::config::Config;
use moodring_core::error::{usage_error, user_error};
use moodring_platform::folders;

/// Reads the owner's file; the defaults when there is none.
pub fn load() -> Result<Config> {
    let file = folders::config_file()?;
    match std::fs::read_to_string(&file) {
        Ok(text) => read(&text, &file),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(Config::default()),
        Err(error) => {
            Err(user_error(format!("cannot read {}: {error}", file.display()), "check its owner and permissions"))
        }
    }
}

/// Reads and checks a text; the error names file, line, value and what is allowed, for all that is wrong with it.
pub fn read(text: &str, file: &Path) -> Result<Config> {
    let complaints = complaints(text);
    if !complaints.is_empty() {
        return Err(refusal(file, &complaints));
    }
    toml::from_str(text).map_err(|error| {
        let line = error.span().map_or(1, |span| text[..span.start].matches('\n').count() + 1);
        refusal(file, &[ConfigError { line, what: error.message().into() }])
    })
}

fn refusal(file: &Path, complaints: &[ConfigError]) -> anyhow::Error {
    let lines = complaints.iter().map(|complaint| format!("{}:{}: {}", file.display(), complaint.line, complaint.what));
    usage_error(
        lines.collect::<Vec<_>>().join("\n"),
        "`moodring config default` shows every setting; `moodring config edit` opens yours",
    )
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn complaint_about(text: &str) -> String {
        read(text, Path::new("config.toml")).unwrap_err().to_string()
    }

    #[test]
    fn an_empty_file_means_the_defaults() {
        assert_eq!(read("", Path::new("x")).unwrap(), Config::default());
    }

    #[test]
    fn lengths_of_time_are_read_as_people_write_them() {
        let config = read("[camera]\nevery = \"1m 30s\"", Path::new("x")).unwrap();
        assert_eq!(config.camera.every, Duration::from_secs(90));
    }

    #[test]
    fn the_camera_is_turned_off_with_one_word() {
        let config = read("camera = \"off\"\n[mood]\nintent = \"calm\"", Path::new("x")).unwrap();
        assert!(!config.camera.enabled);
        let said = complaint_about("\ncamera = \"of\"");
        assert!(said.contains("config.toml:2") && said.contains("\"off\"") && said.contains("[camera]"), "{said}");
    }

    #[test]
    fn all_that_is_wrong_is_said_at_once_each_in_a_line() {
        let said = complaint_about("[camera]\nevry = \"2m\"\nframes = \"many\"");
        let lines: Vec<&str> = said.lines().collect();
        assert!(lines[0].starts_with("config.toml:2: ") && lines[1].starts_with("config.toml:3: "), "{said}");
    }
}
