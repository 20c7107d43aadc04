//! `moodring library restore`: puts a backup in the library's place.

use std::io::{self, BufRead, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Result;
use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::agent::instance_lock::InstanceLock;
use moodring_core::error::{usage_error, user_error};
use moodring_core::text::sanitize::escape_path;
use moodring_music::library::{BackupFile, find_good_backup, list_backups, restore};
use moodring_platform::folders;

#[derive(Debug, clap::Args)]
pub struct RestoreArgs {
    /// The backup to restore; without it, the newest that is not damaged
    #[arg(value_name = "FILE")]
    backup: Option<PathBuf>,
    /// Only list the backups
    #[arg(long)]
    list: bool,
    /// Do not ask first
    #[arg(long)]
    yes: bool,
}

pub fn run(args: &RestoreArgs) -> Result<ExitCode> {
    let library = folders::library_file()?;
    if args.list {
        return list(&library);
    }
    let _lock = InstanceLock::acquire(&library, Duration::ZERO)?;
    let backup = match &args.backup {
        Some(file) => file.clone(),
        None => find_good_backup(&library).ok_or_else(|| none(&library))?.path,
    };
    if !args.yes && !is_agreed(&backup)? {
        return Err(usage_error("nothing was restored", "--yes restores without a question"));
    }
    let former = restore(&library, &backup, Timestamp::now())?;
    let mut out = io::stdout().lock();
    writeln!(out, "restored {}", escape_path(&backup))?;
    if let Some(former) = former {
        writeln!(out, "the library that was there is kept as {}", escape_path(&former))?;
    }
    Ok(ExitCode::SUCCESS)
}

fn list(library: &Path) -> Result<ExitCode> {
    let backups = list_backups(library);
    let mut out = io::stdout().lock();
    for BackupFile { path, at } in &backups {
        let at = at.to_zoned_datetime(TimeZone::system()).strftime("%-d %B %Y, %H:%M:%S");
        writeln!(out, "{at}  {}", escape_path(path))?;
    }
    if backups.is_empty() {
        writeln!(out, "there is no backup yet; a running Moodring makes one each day")?;
    }
    Ok(ExitCode::SUCCESS)
}

fn none(library: &Path) -> anyhow::Error {
    let what = format!("there is no backup of {} that is not damaged", library.display());
    user_error(what, "move the library away, then run `moodring scan`")
}

/// A script must say `--yes`: where nobody can be asked, nothing is replaced.
fn is_agreed(backup: &Path) -> Result<bool> {
    if !io::stdin().is_terminal() {
        return Ok(false);
    }
    write!(io::stdout(), "Replace the library by {}? [yes/no] ", escape_path(backup))?;
    io::stdout().flush()?;
    let mut answer = String::new();
    io::stdin().lock().read_line(&mut answer)?;
    Ok(matches!(answer.trim().to_lowercase().as_str(), "y" | "yes"))
}
