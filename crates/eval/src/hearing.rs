//! `moodring eval hearing`: valence and energy from a scan, compared with the quadrants that listeners chose.

use std::path::{Path, PathBuf};

use anyhow::Result;
use rayon::prelude::*;

use crate::hearing::figures::HearingFigures;
use crate::hearing::labels::{LabelledSong, read_labels};
use moodring_core::error::user_error;
use moodring_music::library::{Details, Stamp};
use moodring_music::scan::reader::{self, ReadOutcome};

mod figures;
mod labels;

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Folder with the songs
    folder: PathBuf,
    /// CSV file with the columns file and quadrant: Q1 lively and bright, Q2 lively and dark, Q3 calm and dark, Q4 calm and bright
    #[arg(long)]
    labels: PathBuf,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

/// A song's label and what the scan stores of it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct HeardSong {
    pub bright: bool,
    pub lively: bool,
    pub valence: f32,
    pub energy: f32,
    pub valence_certainty: f32,
    pub energy_certainty: f32,
}

pub fn run(args: &Args) -> Result<()> {
    let labels = read_labels(&args.labels)?;
    let songs: Vec<HeardSong> = labels.par_iter().filter_map(|song| hear(&args.folder, song)).collect();
    if songs.is_empty() {
        let what = format!("none of the {} files could be heard in {}", labels.len(), args.folder.display());
        return Err(user_error(what, "give the folder that holds the files named in the labels"));
    }
    let figures = HearingFigures::new(&songs, labels.len() - songs.len());
    if args.json {
        println!("{}", serde_json::to_string(&figures)?);
    } else {
        figures.print();
    }
    Ok(())
}

/// Reads a song as a scan does; prints a line for a file that the scan would not hear.
fn hear(folder: &Path, song: &LabelledSong) -> Option<HeardSong> {
    let path = folder.join(&song.file);
    let size = std::fs::metadata(&path).map_or(0, |file| file.len().cast_signed());
    let outcome = reader::read(path.clone(), Stamp { size, modified: 0, changed: 0, inode: 0, analysis: 0 });
    let report = |why: &str| eprintln!("moodring: cannot hear {}: {why}", path.display());
    let found = match outcome {
        ReadOutcome::Read(row) => row.found,
        ReadOutcome::Unreachable(file) => Err(file.why),
    };
    match found {
        Ok(Details { heard: true, valence, energy, valence_certainty, energy_certainty, .. }) => Some(HeardSong {
            bright: song.bright,
            lively: song.lively,
            valence,
            energy,
            valence_certainty,
            energy_certainty,
        }),
        Ok(_) => {
            report("only its tags can be read");
            None
        }
        Err(why) => {
            report(&why);
            None
        }
    }
}
