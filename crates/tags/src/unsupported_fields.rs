//! What a file says of itself in ways that lofty's tags common to all formats leave out.

use lofty::ape::ApeTag;
use lofty::id3::v2::{Frame, Id3v2Tag};
use lofty::mp4::{AtomData, AtomIdent, Mp4File};
use lofty::mpeg::MpegFile;

/// As it is written; empty when the file does not say.
#[derive(Debug, Default, PartialEq)]
pub struct UnsupportedFields {
    pub mood: String,
    pub tempo: String,
    pub key: String,
}

impl UnsupportedFields {
    pub fn of_mpeg(file: &MpegFile) -> Self {
        file.id3v2().map(Self::of_id3).unwrap_or_default().or(file.ape().map(Self::of_ape).unwrap_or_default())
    }

    /// Whole beats a minute are a number, and no text, in MP4.
    pub fn of_mp4(file: &Mp4File) -> Self {
        let beats = file.ilst().and_then(|tag| tag.get(&AtomIdent::Fourcc(*b"tmpo")));
        let beats = beats.and_then(|atom| atom.data().next()).and_then(|data| match data {
            AtomData::SignedInteger(beats) => u32::try_from(*beats).ok(),
            AtomData::UnsignedInteger(beats) => Some(*beats),
            AtomData::Unknown { data, .. } if data.len() <= 4 => {
                Some(data.iter().fold(0, |beats, byte| beats << 8 | u32::from(*byte)))
            }
            _ => None,
        });
        Self { tempo: beats.map_or_else(String::new, |beats| beats.to_string()), ..Self::default() }
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
