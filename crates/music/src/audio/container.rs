//! The container of a music file, told by the bytes that it begins with.
//!
//! 1. The container is settled before anything is decoded, and only its own reader is tried. A search for any known
//!    beginning finds one within other files too: a WavPack file holds the header of the WAV file that it was made from.
//! 2. ID3v2 tags stand before any container and are skipped.
//! 3. MPEG audio may follow some bytes that belong to nothing, as players accept it: it is taken for granted where the
//!    name or an ID3v2 tag says so.

use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;

use symphonia::core::formats::probe::Probe;
use symphonia::default::{formats, meta};

/// Bytes at the beginning that are looked at.
const HEAD: usize = 512;
/// ID3v2 tags in a row that are skipped.
const MOST_TAGS: usize = 8;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Container {
    Mpeg,
    Adts,
    Flac,
    Ogg,
    /// Speech in Ogg, which has no decoder here.
    Speex,
    Wav,
    Aiff,
    Mp4,
    Matroska,
    Caf,
    /// Known by this name, and not decoded.
    Undecodable(&'static str),
    Unknown,
}

/// First bytes, and what they stand for.
const MAGIC: [(&[u8], Container); 25] = [
    (b"fLaC", Container::Flac),
    (b"OggS", Container::Ogg),
    (b"caff", Container::Caf),
    (b"\x1a\x45\xdf\xa3", Container::Matroska),
    (b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", Container::Undecodable("Windows Media Audio")),
    (b"MAC ", Container::Undecodable("Monkey's Audio")),
    (b"wvpk", Container::Undecodable("WavPack")),
    (b"MPCK", Container::Undecodable("Musepack")),
    (b"MP+", Container::Undecodable("Musepack")),
    (b"TTA", Container::Undecodable("True Audio")),
    (b"DSD ", Container::Undecodable("DSD")),
    (b"FRM8", Container::Undecodable("DSD")),
    (b"riff\x2e\x91\xcf\x11", Container::Undecodable("Wave64")),
    (b"RF64", Container::Undecodable("RF64")),
    (b"BW64", Container::Undecodable("RF64")),
    (b".snd", Container::Undecodable("Sun AU")),
    (b"OFR ", Container::Undecodable("OptimFROG")),
    (b"tBaK", Container::Undecodable("TAK")),
    (b"ajkg", Container::Undecodable("Shorten")),
    (b"\x0b\x77", Container::Undecodable("AC-3")),
    (b"\x7f\xfe\x80\x01", Container::Undecodable("DTS")),
    (b"#!AMR", Container::Undecodable("AMR")),
    (b".RMF", Container::Undecodable("RealAudio")),
    (b"MThd", Container::Undecodable("MIDI")),
    (b"FLV", Container::Undecodable("Flash video")),
];

impl Container {
    /// Reads from the start; the place in the file is another one afterwards.
    pub fn identify(file: &mut (impl Read + Seek), path: &Path) -> io::Result<Self> {
        let (start, tagged) = skip_tags(file)?;
        let head = read_head(file, start)?;
        let claims = tagged || has_ending(path, &["mp3", "mp2", "mp1", "mpa", "mpga"]);
        Ok(match Self::of_head(&head) {
            Self::Unknown if claims => Self::Mpeg,
            found => found,
        })
    }

    /// Whether the container tells its length for certain. MPEG audio does so only in a header that not all files have,
    /// and a bare stream of AAC never.
    pub fn tells_length(self, file: &mut (impl Read + Seek)) -> io::Result<bool> {
        if self != Self::Mpeg {
            return Ok(self != Self::Adts);
        }
        let (start, _) = skip_tags(file)?;
        let head = read_head(file, start)?;
        Ok(head.windows(4).any(|part| [b"Xing", b"Info", b"VBRI"].contains(&part.first_chunk().unwrap_or(b"none"))))
    }

    /// What these first bytes stand for.
    pub fn of_head(head: &[u8]) -> Self {
        let named = |at: usize, name: &[u8]| head.get(at..).is_some_and(|rest| rest.starts_with(name));
        match head {
            _ if named(0, b"RIFF") && named(8, b"WAVE") => Self::Wav,
            _ if named(0, b"FORM") && (named(8, b"AIFF") || named(8, b"AIFC")) => Self::Aiff,
            _ if ["ftyp", "moov", "mdat", "wide"].iter().any(|name| named(4, name.as_bytes())) => Self::Mp4,
            _ if named(0, b"OggS") && head.windows(8).any(|part| part == b"Speex   ") => Self::Speex,
            [0xff, second, third, ..] if second & 0xe0 == 0xe0 => of_sync(*second, *third),
            _ => MAGIC.iter().find(|(magic, _)| named(0, magic)).map_or(Self::Unknown, |(_, container)| *container),
        }
    }

    /// The name of a kind that is known and not decoded.
    pub fn undecodable_name(self) -> Option<&'static str> {
        match self {
            Self::Undecodable(name) => Some(name),
            Self::Speex => Some("Speex"),
            _ => None,
        }
    }

    /// What finds the beginning of this container, and of no other; `None`: it is not decoded.
    pub fn probe(self) -> Option<Probe> {
        let mut probe = Probe::new();
        match self {
            Self::Mpeg => probe.register_format::<formats::MpaReader<'_>>(),
            Self::Adts => probe.register_format::<formats::AdtsReader<'_>>(),
            Self::Flac => probe.register_format::<formats::FlacReader<'_>>(),
            Self::Ogg => probe.register_format::<formats::OggReader<'_>>(),
            Self::Wav => probe.register_format::<formats::WavReader<'_>>(),
            Self::Aiff => probe.register_format::<formats::AiffReader<'_>>(),
            Self::Mp4 => probe.register_format::<formats::IsoMp4Reader<'_>>(),
            Self::Matroska => probe.register_format::<formats::MkvReader<'_>>(),
            Self::Caf => probe.register_format::<formats::CafReader<'_>>(),
            Self::Speex | Self::Undecodable(_) | Self::Unknown => return None,
        }
        probe.register_metadata::<meta::ApeReader<'_>>();
        probe.register_metadata::<meta::Id3v1Reader<'_>>();
        probe.register_metadata::<meta::Id3v2Reader<'_>>();
        Some(probe)
    }
}

/// A frame of MPEG audio, or of AAC, which has no layer.
fn of_sync(second: u8, third: u8) -> Container {
    let (version, layer) = (second >> 3 & 3, second >> 1 & 3);
    let (bit_rate, sample_rate) = (third >> 4, third >> 2 & 3);
    match (layer, second & 0xf0) {
        (0, 0xf0) => Container::Adts,
        (1..=3, _) if version != 1 && bit_rate != 15 && sample_rate != 3 => Container::Mpeg,
        _ => Container::Unknown,
    }
}

/// Whether the name ends in one of these, which are in lower case.
pub fn has_ending(path: &Path, endings: &[&str]) -> bool {
    let ending = path.extension().unwrap_or_default().to_string_lossy().to_lowercase();
    endings.contains(&ending.as_str())
}

/// Where the container begins, and whether an ID3v2 tag stands before it.
fn skip_tags(file: &mut (impl Read + Seek)) -> io::Result<(u64, bool)> {
    let mut start = 0;
    for _ in 0..MOST_TAGS {
        let head = read_head(file, start)?;
        let Some(&[b'I', b'D', b'3', _, _, flags, a, b, c, d]) = head.first_chunk() else { break };
        let size = [a, b, c, d].iter().fold(0, |size, byte| size << 7 | u64::from(byte & 0x7f));
        let footer = if flags & 0x10 == 0 { 0 } else { 10 };
        start += 10 + size + footer;
    }
    Ok((start, start > 0))
}

fn read_head(file: &mut (impl Read + Seek), start: u64) -> io::Result<Vec<u8>> {
    file.seek(SeekFrom::Start(start))?;
    let mut head = Vec::new();
    file.take(HEAD as u64).read_to_end(&mut head)?;
    Ok(head)
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    fn identify(bytes: &[u8], name: &str) -> Container {
        Container::identify(&mut Cursor::new(bytes), Path::new(name)).unwrap()
    }

    #[test]
    fn the_first_bytes_tell_the_container_and_later_ones_do_not() {
        let wav_within = [b"wvpk\x20\0\0\0\x10\x04".as_slice(), &[0; 30], b"RIFF\0\0\0\0WAVEfmt "].concat();
        assert_eq!(identify(&wav_within, "a.wav"), Container::Undecodable("WavPack"));
        assert_eq!(identify(b"RIFF\0\0\0\0WAVEfmt ", "a.wv"), Container::Wav);
        assert_eq!(identify(b"RIFF\0\0\0\0AVI LIST", "a.wav"), Container::Unknown);
        assert_eq!(identify(b"\xff\xfb\x90\x00", "a"), Container::Mpeg);
        assert_eq!(identify(b"\xff\xf1\x50\x80", "a"), Container::Adts);
        assert_eq!(identify(b"\xff\xd8\xff\xe0", "a.jpg"), Container::Unknown);
        assert_eq!(identify(b"\0\0\0\x20ftypM4A ", "a.m4a"), Container::Mp4);
        assert_eq!(identify(b"", "a.ogg"), Container::Unknown);
    }

    #[test]
    fn tags_before_the_container_are_skipped() {
        let tag = |size: u8| [b"ID3\x03\0\0\0\0\0".as_slice(), &[size], &vec![0; size.into()]].concat();
        assert_eq!(identify(&[tag(20), b"fLaC".to_vec()].concat(), "a"), Container::Flac);
        assert_eq!(identify(&[tag(7), tag(90), b"TTA1".to_vec()].concat(), "a"), Container::Undecodable("True Audio"));
        assert_eq!(identify(&[tag(7), b"\0\0\0\xff\xfb\x90\x00".to_vec()].concat(), "a"), Container::Mpeg);
        assert_eq!(identify(&tag(0), "a"), Container::Mpeg);
    }

    #[test]
    fn bytes_before_the_first_frame_are_forgiven_where_the_name_says_mp3() {
        let junk = b"junk\xff\xfb\x90\x00";
        assert_eq!((identify(junk, "a.MP3"), identify(junk, "a.flac")), (Container::Mpeg, Container::Unknown));
    }
}
