//! `moodring doctor`: checks everything the program needs, with advice.

pub mod agent;
pub mod bus;
pub mod camera;
pub mod consent;
pub mod engine;
pub mod library;
pub mod models;
pub mod players;
pub mod sandbox;
pub mod session;
pub mod settings;
pub mod spotify;
pub mod tray;

use std::io::{self, Write};
use std::process::ExitCode;

use anyhow::Result;
use serde::Serialize;

use crate::terminal;
use moodring_core::error;

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Print the findings as JSON
    #[arg(long)]
    json: bool,
}

/// The result of one check.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    pub part: &'static str,
    pub level: Level,
    pub what: String,
    /// What the user can do about it.
    pub advice: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    Ok,
    /// Moodring works, but not as well as it could.
    Note,
    Problem,
}

impl Finding {
    pub fn ok(part: &'static str, what: impl Into<String>) -> Self {
        Self { part, level: Level::Ok, what: what.into(), advice: None }
    }

    pub fn note(part: &'static str, what: impl Into<String>, advice: impl Into<String>) -> Self {
        Self { part, level: Level::Note, what: what.into(), advice: Some(advice.into()) }
    }

    pub fn problem(part: &'static str, what: impl Into<String>, advice: impl Into<String>) -> Self {
        Self { part, level: Level::Problem, what: what.into(), advice: Some(advice.into()) }
    }

    /// A problem that an error describes.
    pub fn fault(part: &'static str, error: &anyhow::Error) -> Self {
        let advice = error::find_user_error(error).map(|fault| fault.hint.clone());
        Self { part, level: Level::Problem, what: format!("{error:#}"), advice }
    }

    fn print(&self, out: &mut impl Write) -> io::Result<()> {
        let level = match self.level {
            Level::Ok => "ok",
            Level::Note => "note",
            Level::Problem => "problem",
        };
        writeln!(out, "{level:<8} {:<9} {}", self.part, self.what)?;
        self.advice.iter().try_for_each(|advice| writeln!(out, "{:18} → {advice}", ""))
    }
}

/// First the desktop, then the camera, then the music. Each check ends within seconds.
const CHECKS: [fn() -> Finding; 13] = [
    settings::check,
    bus::check,
    tray::check,
    session::check,
    agent::check,
    consent::check,
    camera::check,
    sandbox::check,
    engine::check,
    models::check,
    library::check,
    players::check,
    spotify::check,
];

/// Runs all checks; the exit code is 1 if one found a problem.
pub fn run(args: &Args) -> Result<ExitCode> {
    let findings = CHECKS.iter().map(|check| check());
    let problem = if args.json { write_json(findings)? } else { write_lines(findings)? };
    Ok(ExitCode::from(u8::from(problem)))
}

fn write_json(findings: impl Iterator<Item = Finding>) -> Result<bool> {
    let findings: Vec<Finding> = findings.collect();
    writeln!(io::stdout(), "{}", serde_json::to_string_pretty(&findings)?)?;
    Ok(findings.iter().any(|finding| finding.level == Level::Problem))
}

/// Prints each finding at once, so that the user sees which check is slow.
fn write_lines(findings: impl Iterator<Item = Finding>) -> Result<bool> {
    let mut problem = false;
    for finding in findings {
        let mut text = Vec::new();
        finding.print(&mut text)?;
        terminal::print_text(String::from_utf8_lossy(&text).trim_end())?;
        problem |= finding.level == Level::Problem;
    }
    Ok(problem)
}
