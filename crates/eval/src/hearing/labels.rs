//! Songs and their quadrants in the plane of valence and energy.

use std::path::Path;

use anyhow::Result;

use crate::sheet::Sheet;
use moodring_core::error::usage_error;

/// A file, relative to the folder of the songs, and its label.
#[derive(Clone, Debug, PartialEq)]
pub struct LabelledSong {
    pub file: String,
    pub bright: bool,
    pub lively: bool,
}

/// Reads the columns file and quadrant.
///
/// # Errors
/// A usage error when the file or a column is missing, or a quadrant is not Q1 to Q4.
pub fn read_labels(path: &Path) -> Result<Vec<LabelledSong>> {
    let sheet = Sheet::read(path)?;
    let song = |(file, quadrant): (&str, &str)| {
        let (lively, bright) = match quadrant.to_ascii_uppercase().as_str() {
            "Q1" => (true, true),
            "Q2" => (true, false),
            "Q3" => (false, false),
            "Q4" => (false, true),
            _ => {
                let what = format!("{}: quadrant of {file} is \"{quadrant}\"", path.display());
                return Err(usage_error(what, "a quadrant is Q1, Q2, Q3 or Q4"));
            }
        };
        Ok(LabelledSong { file: file.into(), bright, lively })
    };
    sheet.texts("file")?.into_iter().zip(sheet.texts("quadrant")?).map(song).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(text: &str) -> Result<Vec<LabelledSong>> {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), text).unwrap();
        read_labels(file.path())
    }

    #[test]
    fn quadrants_go_against_the_clock_from_lively_and_bright() {
        let songs = labels("quadrant,file\nQ1,a\nQ2,b\nq3,c\nQ4,d\n").unwrap();
        let sides: Vec<_> = songs.iter().map(|song| (song.lively, song.bright)).collect();
        assert_eq!(sides, [(true, true), (true, false), (false, false), (false, true)]);
        assert_eq!(songs[3].file, "d");
    }

    #[test]
    fn an_unknown_quadrant_is_refused_and_named() {
        let error = labels("file,quadrant\na.mp3,Q5\n").unwrap_err().to_string();
        assert!(error.ends_with("quadrant of a.mp3 is \"Q5\""), "{error}");
        assert!(labels("file,mood\na.mp3,sad\n").is_err());
    }
}
