//! `moodring scan`: reads songs into the library.

use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Result;

use moodring_core::error::user_error;
use moodring_music::scan;
use moodring_platform::folders;

use crate::config;
use crate::desktop::ipc;

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Folders to read; those of the configuration, else the desktop's music folder, when none is named
    #[arg(value_name = "DIR")]
    folders: Vec<PathBuf>,
    /// Songs to listen to at once [default: one for each processor]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    threads: Option<u16>,
    /// Read every file again, also those that have not changed
    #[arg(long)]
    again: bool,
    /// Print what came of it as JSON
    #[arg(long)]
    json: bool,
    /// Begin when no other scan runs any more, or after so many seconds
    #[arg(long, hide = true, value_name = "SECONDS")]
    give_way: Option<u64>,
    /// Leave a file that has not been read after so many seconds to the next scan
    #[arg(long, hide = true, value_name = "SECONDS", default_value_t = 120)]
    file_limit: u64,
}

/// Runs a scan and prints what came of it.
pub fn run(args: &Args) -> Result<ExitCode> {
    let options = scan::Options {
        threads: args.threads.map(usize::from),
        give_way: args.give_way.map(Duration::from_secs),
        again: args.again,
        file_limit: Duration::from_secs(args.file_limit),
    };
    let summary = scan::run(&chosen_folders(args)?, &options)?;
    ipc::reload();
    let mut out = io::stdout();
    if args.json {
        writeln!(out, "{}", serde_json::to_string_pretty(&summary)?)?;
    } else {
        summary.print(&mut out)?;
    }
    Ok(ExitCode::SUCCESS)
}

fn chosen_folders(args: &Args) -> Result<Vec<PathBuf>> {
    if !args.folders.is_empty() {
        return Ok(args.folders.clone());
    }
    let configured = config::load()?.music.folders;
    if !configured.is_empty() {
        return Ok(configured);
    }
    let music =
        folders::music().ok_or_else(|| user_error("no music folder is known", "name one: `moodring scan DIR`"))?;
    Ok(vec![music])
}
