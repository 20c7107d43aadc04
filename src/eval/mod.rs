//! Measuring the eye on pictures whose faces and expressions are known, and the ranking on listeners whose taste is.

mod classes;
mod cost;
pub mod expressions;
pub mod faces;
pub mod feeling;
pub mod figures;
mod histories;
pub mod hybrid;
pub mod manifest;
pub mod mood;
pub mod ranking;
mod sheet;
mod spoil;
pub mod taste;
mod tracks;

use std::path::Path;
use std::process::ExitCode;

use anyhow::{Result, anyhow};

use crate::look::frame::Frame;
use crate::look::pictures;

#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, clap::Subcommand)]
enum What {
    /// Read faces sorted into one folder a class, and compare
    Expressions(expressions::Args),
    /// Count the faces of pictures listed in a manifest.csv, and compare
    Faces(faces::Args),
    /// Rank artists for listeners by each algorithm, and compare with what else they played
    Taste(taste::Args),
    /// Rank songs for moods by each content score, and compare with their labels
    Mood(mood::Args),
    /// Rank artists for listeners in a mood by taste, content and both, and compare
    Hybrid(hybrid::Args),
    /// Ask what a feeling before a song says of liking it and of the feeling after
    Feeling(feeling::Args),
}

pub fn run(args: &Args) -> Result<ExitCode> {
    // Tables are read through `head` and pagers: when they leave, so does this command, without a word.
    // SAFETY: nothing else in this process handles the signal.
    unsafe { libc::signal(libc::SIGPIPE, libc::SIG_DFL) };
    match &args.what {
        What::Expressions(args) => expressions::run(args)?,
        What::Faces(args) => faces::run(args)?,
        What::Taste(args) => taste::run(args)?,
        What::Mood(args) => mood::run(args)?,
        What::Hybrid(args) => hybrid::run(args)?,
        What::Feeling(args) => feeling::run(args)?,
    }
    Ok(ExitCode::SUCCESS)
}

/// Reads a picture file, JPEG or PNG, turned as its EXIF says; an error names the file.
pub fn open(file: &Path) -> Result<Frame> {
    let read = std::fs::read(file).map_err(|error| error.to_string());
    read.and_then(|bytes| pictures::decode(&bytes)).map_err(|why| anyhow!("cannot read {}: {why}", file.display()))
}
