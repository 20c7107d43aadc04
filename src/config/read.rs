//! Reading the configuration file.

use std::io::ErrorKind;
use std::path::Path;

use anyhow::Result;

use crate::config::check::{ConfigError, find_errors};
use moodring_core::config::Config;
use moodring_core::error::{usage_error, user_error};
use moodring_platform::folders;

/// Reads the configuration file; without one, the defaults.
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

/// Reads and checks a configuration text; the error lists file, line, value and what was expected for each mistake.
pub fn read(text: &str, file: &Path) -> Result<Config> {
    let errors = find_errors(text);
    if !errors.is_empty() {
        return Err(describe_errors(file, &errors));
    }
    toml::from_str(text).map_err(|error| {
        let line = error.span().map_or(1, |span| text[..span.start].matches('\n').count() + 1);
        describe_errors(file, &[ConfigError { line, what: error.message().into() }])
    })
}

fn describe_errors(file: &Path, errors: &[ConfigError]) -> anyhow::Error {
    let lines = errors.iter().map(|error| format!("{}:{}: {}", file.display(), error.line, error.what));
    usage_error(
        lines.collect::<Vec<_>>().join("\n"),
        "`moodring config default` shows every setting; `moodring config edit` opens yours",
    )
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn error_of(text: &str) -> String {
        read(text, Path::new("config.toml")).unwrap_err().to_string()
    }

    #[test]
    fn an_empty_file_means_the_defaults() {
        assert_eq!(read("", Path::new("x")).unwrap(), Config::default());
    }

    #[test]
    fn durations_are_read_as_people_write_them() {
        let config = read("[camera]\nevery = \"1m 30s\"", Path::new("x")).unwrap();
        assert_eq!(config.camera.every, Duration::from_secs(90));
    }

    #[test]
    fn the_camera_is_turned_off_with_one_word() {
        let config = read("camera = \"off\"\n[mood]\nintent = \"calm\"", Path::new("x")).unwrap();
        assert!(!config.camera.enabled);
        let said = error_of("\ncamera = \"of\"");
        assert!(said.contains("config.toml:2") && said.contains("\"off\"") && said.contains("[camera]"), "{said}");
    }

    #[test]
    fn all_errors_are_reported_at_once_one_a_line() {
        let said = error_of("[camera]\nevry = \"2m\"\nframes = \"many\"");
        let lines: Vec<&str> = said.lines().collect();
        assert!(lines[0].starts_with("config.toml:2: ") && lines[1].starts_with("config.toml:3: "), "{said}");
    }
}
