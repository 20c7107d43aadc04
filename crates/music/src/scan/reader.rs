//! Reads one file: tags and sound, or why not.

use std::path::PathBuf;

use crate::audio::analysis::decode::{DecodeError, is_plausible};
use crate::audio::analysis::estimate::{Estimate, estimate};
use crate::audio::analysis::{self, Features};
use crate::audio::container::Container;
use crate::audio::source_file::FileAccess;
use crate::library::{Details, FileRow, Stamp};
use moodring_tags::tags::{self, Tags};

/// Of larger and longer files (concerts, audio books, whole days) only the tags are read.
const LARGEST: i64 = 500 * 1024 * 1024;
const LONGEST: f32 = 4.0 * 3600.0;

/// What came of reading a file.
#[derive(Clone, Debug, PartialEq)]
#[expect(clippy::large_enum_variant, reason = "nearly every outcome is the large one")]
pub enum ReadOutcome {
    /// What it holds, or what is wrong with its content: either is true until the file changes.
    Read(FileRow),
    /// It could not be reached, which says nothing about its content.
    Unreachable(Unreachable),
}

/// A file that could not be reached, and why.
#[derive(Clone, Debug, PartialEq)]
pub struct Unreachable {
    pub path: PathBuf,
    pub why: String,
}

impl ReadOutcome {
    pub fn unreachable(path: PathBuf, why: impl Into<String>) -> Self {
        Self::Unreachable(Unreachable { path, why: why.into() })
    }
}

/// Reads a file.
pub fn read(path: PathBuf, stamp: Stamp) -> ReadOutcome {
    let file = FileAccess::new(&path);
    let found = if stamp.size == 0 { Err("it is empty".into()) } else { read_full(&file, stamp.size) };
    match file.error() {
        Some(error) => ReadOutcome::unreachable(path, error.to_string()),
        None => ReadOutcome::Read(FileRow { path, stamp, found }),
    }
}

fn read_full(file: &FileAccess, size: i64) -> Result<Details, String> {
    let mut tags = tags::read_from(file.path(), file.open().ok());
    tags.seconds = tags.seconds.filter(|seconds| is_plausible(*seconds, size.unsigned_abs()));
    if size > LARGEST || tags.seconds.is_some_and(|seconds| seconds > LONGEST) {
        return if tags.recognised { Ok(details(tags, None)) } else { Err("it is too large to be read".into()) };
    }
    match analysis::listen(file) {
        Ok(features) => Ok(details(tags, Some(&features))),
        Err(DecodeError::NoDecoder) if tags.recognised => Ok(details(tags, None)),
        Err(error) => Err(why(file, error)),
    }
}

fn why(file: &FileAccess, error: DecodeError) -> String {
    let container = file.open().and_then(|mut open| Container::identify(&mut open, file.path()));
    match (error, container) {
        (DecodeError::Broken(why), _) => why,
        (DecodeError::NoDecoder, Ok(Container::Unknown)) => "it is no music, or in a format that we cannot read".into(),
        (DecodeError::NoDecoder, Ok(container)) => match container.undecodable_name() {
            Some(name) => format!("{name} is not supported"),
            None => "there is no sound in it that we can decode".into(),
        },
        (DecodeError::NoDecoder, Err(error)) => error.to_string(),
    }
}

fn details(tags: Tags, features: Option<&Features>) -> Details {
    let Estimate { valence, energy, valence_certainty, energy_certainty } = estimate(features, &tags.genre, &tags.mood);
    let heard_tempo = features.map_or(0.0, |features| features.tempo);
    Details {
        title: tags.title,
        artist: tags.artist,
        album: tags.album,
        genre: tags.genre,
        mood: tags.mood,
        year: tags.year,
        track: tags.track,
        recording: tags.recording,
        artist_id: tags.artist_id,
        release: tags.release,
        gain: tags.gain,
        seconds: features.and_then(|features| features.seconds).or(tags.seconds).unwrap_or(0.0),
        tempo: tags.tempo.unwrap_or(heard_tempo),
        key: tags.key.or(features.and_then(|features| features.key).map(|key| key.name())),
        valence,
        energy,
        valence_certainty,
        energy_certainty,
        heard: features.is_some(),
        print: features.and_then(|features| features.print),
        problem: tags.problem,
    }
}
