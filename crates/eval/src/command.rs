//! `moodring eval`: measurements of face detection and expressions on labelled pictures, and of ranking on real histories.

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
    /// Measure expressions on pictures sorted into one folder a class
    Expressions(crate::expressions::Args),
    /// Measure what known people read as before and after their face at rest is known
    Owner(crate::owner::Args),
    /// Measure face detection on pictures listed in a manifest.csv
    Faces(crate::faces::Args),
    /// Measure taste models: rank artists for listeners and compare with what they played
    Taste(crate::taste::Args),
    /// Measure content scores: rank songs for moods and compare with their labels
    Mood(crate::mood::Args),
    /// Measure taste and content together: rank artists for listeners in a mood
    Hybrid(crate::hybrid::Args),
    /// Measure what a feeling before a song predicts about liking it and the feeling after
    Feeling(crate::feeling::Args),
    /// Hear songs as a scan does, and compare valence and energy with the quadrants that listeners gave them
    Hearing(crate::hearing::Args),
}

pub fn run(args: &Args) -> Result<ExitCode> {
    // When `head` or a pager has read enough, this command ends without an error.
    // SAFETY: nothing else in this process handles the signal.
    unsafe { libc::signal(libc::SIGPIPE, libc::SIG_DFL) };
    match &args.what {
        Measurement::Expressions(args) => crate::expressions::run(args)?,
        Measurement::Owner(args) => crate::owner::run(args)?,
        Measurement::Faces(args) => crate::faces::run(args)?,
        Measurement::Taste(args) => crate::taste::run(args)?,
        Measurement::Mood(args) => crate::mood::run(args)?,
        Measurement::Hybrid(args) => crate::hybrid::run(args)?,
        Measurement::Feeling(args) => crate::feeling::run(args)?,
        Measurement::Hearing(args) => crate::hearing::run(args)?,
    }
    Ok(ExitCode::SUCCESS)
}

/// Reads a JPEG or PNG file, rotated as its EXIF says; an error names the file.
pub(crate) fn read_picture(file: &Path) -> Result<Frame> {
    let read = std::fs::read(file).map_err(|error| error.to_string());
    read.and_then(|bytes| pictures::decode(&bytes)).map_err(|why| anyhow!("cannot read {}: {why}", file.display()))
}
