//! Measuring the eye on pictures whose faces and expressions are known, and the ranking on listeners whose taste is.

use std::path::Path;
use std::process::ExitCode;

use anyhow::{Result, anyhow};

use moodring_vision::capture::pictures;
use moodring_vision::frame::Frame;

#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    what: Measurement,
}

#[derive(Debug, clap::Subcommand)]
enum Measurement {
    /// Read faces sorted into one folder a class, and compare
    Expressions(crate::expressions::Args),
    /// Count the faces of pictures listed in a manifest.csv, and compare
    Faces(crate::faces::Args),
    /// Rank artists for listeners by each algorithm, and compare with what else they played
    Taste(crate::taste::Args),
    /// Rank songs for moods by each content score, and compare with their labels
    Mood(crate::mood::Args),
    /// Rank artists for listeners in a mood by taste, content and both, and compare
    Hybrid(crate::hybrid::Args),
    /// Ask what a feeling before a song says of liking it and of the feeling after
    Feeling(crate::feeling::Args),
}

pub fn run(args: &Args) -> Result<ExitCode> {
    // Tables are read through `head` and pagers: when they leave, so does this command, without a word.
    // SAFETY: nothing else in this process handles the signal.
    unsafe { libc::signal(libc::SIGPIPE, libc::SIG_DFL) };
    match &args.what {
        Measurement::Expressions(args) => crate::expressions::run(args)?,
        Measurement::Faces(args) => crate::faces::run(args)?,
        Measurement::Taste(args) => crate::taste::run(args)?,
        Measurement::Mood(args) => crate::mood::run(args)?,
        Measurement::Hybrid(args) => crate::hybrid::run(args)?,
        Measurement::Feeling(args) => crate::feeling::run(args)?,
    }
    Ok(ExitCode::SUCCESS)
}

/// Reads a picture file, JPEG or PNG, turned as its EXIF says; an error names the file.
pub fn open(file: &Path) -> Result<Frame> {
    let read = std::fs::read(file).map_err(|error| error.to_string());
    read.and_then(|bytes| pictures::decode(&bytes)).map_err(|why| anyhow!("cannot read {}: {why}", file.display()))
}
