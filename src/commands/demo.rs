//! `moodring demo`: the whole program on a private desktop.
//!
//! Agent, player, bus and music are real. Only the user is simulated: a folder of pictures replaces the webcam, and the
//! simulated user jumps to the last seconds of a song, so that an evening fits into a minute.

pub mod evening;
pub mod print;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result};

use crate::commands::demo::evening::Evening;
use moodring_core::error::user_error;

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Use this camera instead of pictures; asks first
    #[arg(long, value_name = "N")]
    camera: Option<u32>,
    /// Music to use; without it, the free music of a game in Debian
    #[arg(long, value_name = "FOLDER")]
    music: Option<PathBuf>,
    /// Save the logs there, for a bug report
    #[arg(long, value_name = "FOLDER")]
    record: Option<PathBuf>,
}

/// Runs the demo; an error says which step did not happen.
pub fn run(args: &Args) -> Result<ExitCode> {
    if let Some(index) = args.camera {
        ask_for_camera(index)?;
    }
    let songs = moodring_testkit::music::find(args.music.as_deref())?;
    let folder = tempfile::Builder::new().prefix("moodring-demo-").tempdir().context("cannot make a folder")?;
    let outcome = Evening::prepare(folder.path(), args.camera, &songs).and_then(|mut evening| evening.run());
    if let Some(record) = &args.record {
        keep_logs(folder.path(), record)?;
    }
    outcome?;
    println!("\nThe demo is complete. On your desktop: start your player, then `moodring`.");
    Ok(ExitCode::SUCCESS)
}

fn ask_for_camera(index: u32) -> Result<()> {
    match crate::desktop::consent::ask_on_terminal() {
        Some(true) => Ok(()),
        _ => Err(user_error(format!("camera {index} may not be used"), "without --camera, the demo uses pictures")),
    }
}

fn keep_logs(from: &Path, to: &Path) -> Result<()> {
    std::fs::create_dir_all(to).with_context(|| format!("cannot make {}", to.display()))?;
    for entry in from.read_dir().context("cannot read the demo's folder")?.flatten() {
        let path = entry.path();
        if path.extension().is_some_and(|ending| ending == "log" || ending == "toml") {
            std::fs::copy(&path, to.join(entry.file_name()))
                .with_context(|| format!("cannot copy to {}", to.display()))?;
        }
    }
    println!("\nThe logs are in {}", to.display());
    Ok(())
}
