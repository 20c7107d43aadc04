//! `moodring report`: the moods of the last days with the songs on them, as a page, a picture, or at a glance.
//!
//! The page is one file without scripts, and asks nothing of the network.

pub mod band;
pub mod glance;
pub mod markup;
pub mod page;
pub mod plane;
pub mod tally;
#[cfg(test)]
mod tests;
pub mod week;

use std::fs::OpenOptions;
use std::io::{self, IsTerminal, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Result;
use jiff::{ToSpan, ZonedDateTime};

use crate::config;
use crate::report::tally::Tally;
use crate::report::week::Week;
use moodring_core::error::user_error;
use moodring_core::mood::table::EmotionTable;
use moodring_music::library::{History, Library};
use moodring_platform::folders;

#[derive(Debug, clap::Args)]
pub struct Args {
    /// How many days, today included
    #[arg(long, value_name = "N", default_value_t = 7, value_parser = clap::value_parser!(u16).range(1..=366))]
    days: u16,
    /// One self-contained page; what is written where the output is not a terminal
    #[arg(long, group = "form")]
    html: bool,
    /// One picture
    #[arg(long, group = "form")]
    svg: bool,
    /// At a glance, for the terminal
    #[arg(long, group = "form")]
    text: bool,
    /// Write it there, as a page or, where the name ends in .svg, as a picture
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ReportFormat {
    Page,
    Picture,
    Glance,
}

/// All that the three forms show.
pub struct Report {
    week: Week,
    tally: Tally,
    table: EmotionTable,
}

impl Report {
    /// `now`: the end of the last day, in the zone whose days are shown.
    fn new(history: &History, table: EmotionTable, days: u16, now: &ZonedDateTime) -> Self {
        let week = Week::new(history, days, now);
        let tally = Tally::new(history, &week, &table);
        Self { week, tally, table }
    }

    fn drawn(&self, form: ReportFormat, width: usize, colours: bool) -> String {
        match form {
            ReportFormat::Page => page::page(self),
            ReportFormat::Picture => page::picture(self),
            ReportFormat::Glance => glance::glance(self, width, colours),
        }
    }
}

/// Reads the library and writes the report.
pub fn run(args: &Args) -> Result<ExitCode> {
    let now = ZonedDateTime::now();
    let first = now.checked_sub(i32::from(args.days - 1).days())?.start_of_day()?;
    let table = EmotionTable::with(&config::load()?.mood.table);
    let history = Library::open(&folders::library_file()?)?.history(first.timestamp())?;
    let report = Report::new(&history, table, args.days, &now);
    let text = report.drawn(args.form(), columns(), in_colours());
    match &args.output {
        Some(file) => {
            write(file, &text)?;
            writeln!(io::stdout(), "written to {}", file.display())?;
        }
        None => io::stdout().write_all(text.as_bytes())?,
    }
    Ok(ExitCode::SUCCESS)
}

impl Args {
    fn form(&self) -> ReportFormat {
        let named =
            |ending: &str| self.output.as_ref().is_some_and(|file| file.extension().is_some_and(|e| e == ending));
        if self.svg || (named("svg") && !self.html && !self.text) {
            ReportFormat::Picture
        } else if self.text || (!self.html && self.output.is_none() && io::stdout().is_terminal()) {
            ReportFormat::Glance
        } else {
            ReportFormat::Page
        }
    }
}

/// What somebody heard and how they looked is theirs: the file is for the owner alone.
fn write(file: &Path, text: &str) -> Result<()> {
    let opened = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(file);
    opened.and_then(|mut file| file.write_all(text.as_bytes())).map_err(|error| {
        user_error(format!("cannot write {}: {error}", file.display()), "choose another place for --output")
    })
}

fn columns() -> usize {
    rustix::termios::tcgetwinsize(io::stdout()).map_or(80, |size| usize::from(size.ws_col).clamp(40, 120))
}

fn in_colours() -> bool {
    io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none()
}
