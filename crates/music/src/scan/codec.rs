//! The kinds of music that cannot be decoded, by their first bytes, so that a listener is told which it is.

use std::io::Read;

use crate::audio::source_file::FileAccess;

/// First bytes, and the name that people know.
const KINDS: [(&[u8], &str); 12] = [
    (b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", "Windows Media Audio"),
    (b"MAC ", "Monkey's Audio"),
    (b"wvpk", "WavPack"),
    (b"MPCK", "Musepack"),
    (b"MP+", "Musepack"),
    (b"TTA", "True Audio"),
    (b"DSD ", "DSD"),
    (b"FRM8", "DSD"),
    (b"\x0b\x77", "AC-3"),
    (b"#!AMR", "AMR"),
    (b".RMF", "RealAudio"),
    (b"\x1a\x45\xdf\xa3", "Matroska"),
];

/// Speech in an Ogg stream, which the reader of sound takes for a broken one.
pub const SPEEX: &str = "Speex";

/// The name of a kind that we know and cannot decode.
pub fn undecodable(file: &FileAccess) -> Option<&'static str> {
    let mut start = [0; 64];
    let mut file = file.open().ok()?;
    let read = file.read(&mut start).ok()?;
    let start = &start[..read];
    if start.starts_with(b"OggS") {
        let spoken = start.windows(8).any(|part| part == b"Speex   ");
        return Some(if spoken { SPEEX } else { "an Ogg stream of an unknown codec" });
    }
    KINDS.iter().find(|(head, _)| start.starts_with(head)).map(|(_, name)| *name)
}
