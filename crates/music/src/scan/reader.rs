//! Reads one file: tags and sound, or why not.

use std::path::{Path, PathBuf};

use crate::audio::analysis::decode::{DecodeError, is_plausible};
use crate::audio::analysis::estimate::{Estimate, estimate};
use crate::audio::analysis::{self, Features};
use crate::library::{Details, FileRow, Stamp};
use crate::scan::codec::{SPEEX, undecodable};
use moodring_tags::tags::{self, Tags};

/// Of larger and longer files (concerts, audio books, whole days) only the tags are read.
const LARGEST: i64 = 500 * 1024 * 1024;
const LONGEST: f32 = 4.0 * 3600.0;

/// Reads a file; never fails, for what is wrong with the file is what was found.
pub fn read(path: PathBuf, stamp: Stamp) -> FileRow {
    let found = if stamp.size == 0 { Err("it is empty".into()) } else { read_full(&path, stamp.size) };
    FileRow { path, stamp, found }
}

fn read_full(path: &Path, size: i64) -> Result<Details, String> {
    let mut tags = tags::read(path);
    tags.seconds = tags.seconds.filter(|seconds| is_plausible(*seconds, size.unsigned_abs()));
    if size > LARGEST || tags.seconds.is_some_and(|seconds| seconds > LONGEST) {
        return if tags.recognised { Ok(details(tags, None)) } else { Err("it is too large to be read".into()) };
    }
    match analysis::listen(path) {
        Ok(features) => Ok(details(tags, Some(&features))),
        Err(deaf)
            if tags.recognised
                && tags.seconds.is_some()
                && (deaf == DecodeError::NoDecoder || undecodable(path) == Some(SPEEX)) =>
        {
            Ok(details(tags, None))
        }
        Err(deaf) => Err(why(path, deaf, tags.recognised)),
    }
}

fn why(path: &Path, deaf: DecodeError, recognised: bool) -> String {
    match (deaf, undecodable(path)) {
        (DecodeError::Broken(why), None) => why,
        (DecodeError::Broken(_) | DecodeError::NoDecoder, Some(kind)) if !recognised => {
            format!("{kind} is not supported")
        }
        (DecodeError::Broken(why), Some(_)) => why,
        (DecodeError::NoDecoder, _) if recognised => "there is no sound in it that we can decode".into(),
        (DecodeError::NoDecoder, _) => "it is no music, or in a format that we cannot read".into(),
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
        seconds: tags.seconds.or(features.and_then(|features| features.seconds)).unwrap_or(0.0),
        tempo: tags.tempo.unwrap_or(heard_tempo),
        key: tags.key.or(features.and_then(|features| features.key).map(|key| key.name())),
        valence,
        energy,
        valence_certainty,
        energy_certainty,
        heard: features.is_some(),
        print: features.and_then(|features| features.print),
    }
}
