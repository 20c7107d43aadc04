//! `moodring config`: shows, checks and opens the settings.

use std::env;
use std::fs::{DirBuilder, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use anyhow::{Context, Result};

use crate::config;
use crate::config::text::{Show, write_config};
use moodring_core::config::Config;
use moodring_core::error::user_error;
use moodring_platform::folders;

#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    what: ConfigAction,
}

#[derive(Debug, clap::Subcommand)]
enum ConfigAction {
    /// Print the settings in use, with the default beside each that differs
    Show(PrintFormat),
    /// Check the settings and list every error with its line
    Check {
        /// Check this file instead of your own
        file: Option<PathBuf>,
    },
    /// Open your settings in an editor ($VISUAL, else $EDITOR), then check them
    Edit,
    /// Print every setting with its default, explained
    Default,
}

#[derive(Debug, clap::Args)]
struct PrintFormat {
    /// Print them as JSON
    #[arg(long)]
    json: bool,
}

pub fn run(args: &Args) -> Result<ExitCode> {
    match &args.what {
        ConfigAction::Show(format) => show(&config::load()?, format)?,
        ConfigAction::Check { file } => check(file.as_deref())?,
        ConfigAction::Edit => edit(&folders::config_file()?)?,
        ConfigAction::Default => io::stdout().write_all(write_config(&Config::default(), Show::Values)?.as_bytes())?,
    }
    Ok(ExitCode::SUCCESS)
}

fn show(config: &Config, format: &PrintFormat) -> Result<()> {
    let shown =
        if format.json { serde_json::to_string_pretty(config)? + "\n" } else { write_config(config, Show::Values)? };
    Ok(io::stdout().write_all(shown.as_bytes())?)
}

fn check(file: Option<&Path>) -> Result<()> {
    let own = folders::config_file()?;
    let file = file.unwrap_or(&own);
    match std::fs::read_to_string(file) {
        Ok(text) => config::read(&text, file).map(drop)?,
        Err(error) if error.kind() == ErrorKind::NotFound && file == own => {
            return Ok(writeln!(io::stdout(), "{} does not exist: the defaults are in use", file.display())?);
        }
        Err(error) => return Err(user_error(format!("cannot read {}: {error}", file.display()), "check the path")),
    }
    Ok(writeln!(io::stdout(), "{} is valid", file.display())?)
}

/// A new file begins with every setting, commented out.
fn edit(file: &Path) -> Result<()> {
    create_sample(file).with_context(|| format!("cannot create {}", file.display()))?;
    let editor = editor();
    // An editor's variable may hold arguments too, as in "code --wait".
    let status = Command::new("sh").args(["-c", &format!("{editor} \"$1\""), "sh"]).arg(file).status();
    if !status.is_ok_and(|status| status.success()) {
        return Err(user_error(format!("the editor `{editor}` failed"), "set EDITOR to one that is installed"));
    }
    check(Some(file))?;
    Ok(writeln!(io::stdout(), "Restart Moodring to apply the changes.")?)
}

fn create_sample(file: &Path) -> Result<()> {
    if file.exists() {
        return Ok(());
    }
    if let Some(folder) = file.parent() {
        DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    }
    let mut new = OpenOptions::new().write(true).create_new(true).mode(0o600).open(file)?;
    Ok(new.write_all(write_config(&Config::default(), Show::Commented)?.as_bytes())?)
}

/// Debian's `editor` is a link to the editor that the administrator chose.
fn editor() -> String {
    let configured = ["VISUAL", "EDITOR"].into_iter().filter_map(|name| env::var(name).ok());
    configured.into_iter().find(|editor| !editor.trim().is_empty()).unwrap_or_else(|| {
        let debian = Path::new("/usr/bin/editor").exists();
        if debian { "editor".into() } else { "vi".into() }
    })
}
