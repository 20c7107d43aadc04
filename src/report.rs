//! `moodring report`: moods and songs of the last days as text, page or picture.
//!
//! The page is one file without scripts, and loads nothing from the network.

pub mod band;
pub mod glance;
pub mod markup;
pub mod page;
pub mod plane;
pub mod tally;
#[cfg(test)]
mod tests;
pub mod week;

use std::fs::{File, OpenOptions, Permissions};
use std::io::{self, IsTerminal, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Result;
use jiff::{ToSpan, ZonedDateTime};

use crate::config;
use crate::report::tally::Tally;
use crate::report::week::Week;
use crate::terminal;
use moodring_core::error::user_error;
use moodring_core::mood::table::EmotionTable;
use moodring_music::library::{History, Library};
use moodring_platform::folders;

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Number of days, including today
    #[arg(long, value_name = "N", default_value_t = 7, value_parser = clap::value_parser!(u16).range(1..=366))]
    days: u16,
    /// Print one self-contained page; the default when the output is not a terminal
    #[arg(long, group = "form")]
    html: bool,
    /// Print one picture (SVG)
    #[arg(long, group = "form")]
    svg: bool,
    /// Print text for the terminal
    #[arg(long, group = "form")]
    text: bool,
    /// Write to this file: a picture if the name ends in .svg, else a page
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ReportFormat {
    Page,
    Picture,
    Glance,
}

/// The content that all three formats show.
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
    let text = report.drawn(args.form(), terminal::columns(), terminal::shows_colours());
    match &args.output {
        Some(file) => {
            write(file, &text)?;
            writeln!(io::stdout(), "written to {}", file.display())?;
        }
        None => terminal::print_text(text.trim_end())?,
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

/// The report is private: only its user can read the file.
fn write(file: &Path, text: &str) -> Result<()> {
    let opened = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(file);
    opened.and_then(|file| make_private(&file).and_then(|()| (&file).write_all(text.as_bytes()))).map_err(|error| {
        user_error(format!("cannot write {}: {error}", file.display()), "choose another file for --output")
    })
}

/// The mode at opening counts for a new file only. A terminal or `/dev/null` keeps its own.
fn make_private(file: &File) -> io::Result<()> {
    if file.metadata()?.is_file() { file.set_permissions(Permissions::from_mode(0o600)) } else { Ok(()) }
}
