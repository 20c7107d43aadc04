//! What a file says of itself in ways that lofty's tags common to all formats leave out.

use std::fs::File;
use std::io::BufReader;
use std::path::Path;

use lofty::ape::ApeTag;
use lofty::config::ParseOptions;
use lofty::file::FileType;
use lofty::id3::v2::{Frame, Id3v2Tag};
use lofty::mp4::{AtomData, AtomIdent, Ilst, Mp4File};
use lofty::mpeg::MpegFile;
use lofty::prelude::*;

/// As it is written; empty when the file does not say.
#[derive(Debug, Default, PartialEq)]
pub struct Rest {
    pub mood: String,
    pub tempo: String,
    pub key: String,
}

impl Rest {
    /// Of a file of a kind that has such ways; of any other there is nothing.
    pub fn read(path: &Path, kind: FileType) -> Self {
        let read = || {
            let (mut file, options) =
                (BufReader::new(File::open(path).ok()?), ParseOptions::new().read_cover_art(false));
            match kind {
                FileType::Mp4 => Mp4File::read_from(&mut file, options).ok()?.ilst().map(Self::of_mp4),
                FileType::Mpeg => {
                    let file = MpegFile::read_from(&mut file, options).ok()?;
                    let of = [file.id3v2().map(Self::of_id3), file.ape().map(Self::of_ape)];
                    Some(of.into_iter().flatten().fold(Self::default(), Self::or))
                }
                _ => None,
            }
        };
        read().unwrap_or_default()
    }

    /// What one way leaves open the other may tell.
    fn or(self, other: Self) -> Self {
        let first = |one: String, other: String| if one.is_empty() { other } else { one };
        Self {
            mood: first(self.mood, other.mood),
            tempo: first(self.tempo, other.tempo),
            key: first(self.key, other.key),
        }
    }

    /// Whole beats a minute are a number, and no text, in MP4.
    fn of_mp4(tag: &Ilst) -> Self {
        let beats = tag.get(&AtomIdent::Fourcc(*b"tmpo")).and_then(|atom| atom.data().next());
        let beats = beats.and_then(|data| match data {
            AtomData::SignedInteger(beats) => u32::try_from(*beats).ok(),
            AtomData::UnsignedInteger(beats) => Some(*beats),
            AtomData::Unknown { data, .. } if data.len() <= 4 => {
                Some(data.iter().fold(0, |beats, byte| beats << 8 | u32::from(*byte)))
            }
            _ => None,
        });
        Self { tempo: beats.map_or_else(String::new, |beats| beats.to_string()), ..Self::default() }
    }

    /// Before version 2.4 there was no frame for a mood, and programs made one up.
    fn of_id3(tag: &Id3v2Tag) -> Self {
        let named = |name: &str| {
            let found = tag.into_iter().find_map(|frame| match frame {
                Frame::UserText(text) if text.description.eq_ignore_ascii_case(name) => Some(text.content.to_string()),
                _ => None,
            });
            found.unwrap_or_default()
        };
        Self { mood: named("MOOD"), tempo: named("BPM"), key: named("INITIALKEY") }
    }

    fn of_ape(tag: &ApeTag) -> Self {
        let named = |name: &str| tag.get(name).and_then(|item| item.value().text()).unwrap_or_default().to_owned();
        Self { mood: named("MOOD"), tempo: named("BPM"), key: named("INITIALKEY") }
    }
}
