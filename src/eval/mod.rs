//! Measuring the eye on pictures whose faces and expressions are known, and the ranking on listeners whose taste is.

mod cost;
pub mod expressions;
pub mod faces;
pub mod figures;
mod histories;
pub mod hybrid;
pub mod manifest;
pub mod mood;
pub mod ranking;
mod sheet;
pub mod taste;
mod tracks;

use std::path::Path;
use std::process::ExitCode;

use anyhow::Result;

use crate::fault::fault;
use crate::look::frame::Frame;

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
}

pub fn run(args: &Args) -> Result<ExitCode> {
    match &args.what {
        What::Expressions(args) => expressions::run(args)?,
        What::Faces(args) => faces::run(args)?,
        What::Taste(args) => taste::run(args)?,
        What::Mood(args) => mood::run(args)?,
        What::Hybrid(args) => hybrid::run(args)?,
    }
    Ok(ExitCode::SUCCESS)
}

/// Reads a picture file, JPEG or PNG.
pub fn open(file: &Path) -> Result<Frame> {
    let read = image::ImageReader::open(file).map_err(image::ImageError::IoError);
    let picture = read.and_then(|reader| reader.with_guessed_format()?.decode()).map_err(|error| {
        fault(
            format!("cannot read {}: {error}", file.display()),
            "it should be a JPEG or PNG picture that opens elsewhere",
        )
    })?;
    let rgb = picture.into_rgb8();
    Ok(Frame { width: rgb.width(), height: rgb.height(), rgb: rgb.into_raw() })
}
