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
    /// Measure expressions on pictures in one folder for each class
    Expressions(crate::expressions::Args),
    /// Measure readings of known people before and after a baseline was learned
    Owner(crate::owner::Args),
    /// Measure face detection on pictures listed in a manifest.csv
    Faces(crate::faces::Args),
    /// Measure taste models: rank artists for listeners and compare with what they played
    Taste(crate::taste::Args),
    /// Measure content scores: rank songs for moods and compare with their labels
    Mood(crate::mood::Args),
    /// Measure taste and content together: rank artists for listeners in a mood
    Hybrid(crate::hybrid::Args),
    /// Measure how well a feeling before a song predicts the opinion of it and the feeling after
    Feeling(crate::feeling::Args),
    /// Measure valence and energy from a scan: compare them with the quadrants that listeners chose
    Hearing(crate::hearing::Args),
}

pub fn run(args: &Args) -> Result<ExitCode> {
    // If `head` or a pager closes the output, this command ends without an error.
    // SAFETY: no other code in this process handles the signal.
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
