//! Chooses a command, prints the error, sets the exit code.

use std::process::ExitCode;

use clap::Parser;
use moodring::cli::Cli;
use moodring::fault;

fn main() -> ExitCode {
    match Cli::parse().run() {
        Ok(code) => code,
        Err(error) => complain(&error),
    }
}

fn complain(error: &anyhow::Error) -> ExitCode {
    eprintln!("moodring: {error:#}");
    let fault = fault::of(error);
    if let Some(fault) = fault {
        eprintln!("hint: {}", fault.hint);
    }
    ExitCode::from(if fault.is_some_and(|f| f.usage) { 2 } else { 1 })
}
