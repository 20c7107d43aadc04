//! Our name on the session bus: single instance, and requests from the command line.

use std::process::ExitCode;

use anyhow::Result;

#[derive(Debug, clap::Subcommand)]
pub enum Ask {
    /// Show what Moodring is about
    Status,
}

pub fn ask(_ask: &Ask) -> Result<ExitCode> {
    unimplemented!()
}
