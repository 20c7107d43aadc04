//! The whole program at work.

pub mod actor;
pub mod stage;

use std::process::ExitCode;

use anyhow::Result;

#[derive(Debug, clap::Args)]
pub struct Args {}

pub fn run(_args: &Args) -> Result<ExitCode> {
    unimplemented!()
}
