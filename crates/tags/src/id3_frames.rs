//! A second reader of ID3v2 tags, in which an odd frame costs no more than itself.
//!
//! 1. Only text frames are read; of all others only the size is used, to pass them over.
//! 2. Where a size cannot be right, the next frame that is known is searched for.
//! 3. A text that is not in the encoding that it claims is read in the one that fits.

use std::io::{Read, Seek, SeekFrom};

/// Bytes of a tag that are read; a tag of larger pictures is read up to here.
const LARGEST: u64 = 16 * 1024 * 1024;
/// Frames after which the search goes on behind damage.
const KNOWN: [&[u8]; 12] =
    [b"TIT2", b"TPE1", b"TPE2", b"TALB", b"TCON", b"TRCK", b"TYER", b"TDRC", b"TBPM", b"TKEY", b"TXXX", b"TT2\0"];
/// Names of version 2.2, and those of later versions.
const OLD_NAMES: [(&str, &str); 10] = [
    ("TT2", "TIT2"),
    ("TP1", "TPE1"),
    ("TP2", "TPE2"),
    ("TAL", "TALB"),
    ("TCO", "TCON"),
    ("TYE", "TYER"),
    ("TRK", "TRCK"),
    ("TBP", "TBPM"),
    ("TKE", "TKEY"),
    ("TXX", "TXXX"),
];

/// The text frames of a tag, in their order.
#[derive(Debug, Default, PartialEq)]
pub struct Id3Frames(Vec<(String, Vec<String>)>);

impl Id3Frames {
    /// Reads the tag at the file's start, or where a DSF file has it; `None`: there is none.
    pub fn read(file: &mut (impl Read + Seek)) -> Option<Self> {
        let head = read_at(file, 0, 28)?;
        let start = match head.strip_prefix(b"DSD ") {
            Some(rest) => u64::from_le_bytes(*rest.get(16..)?.first_chunk()?),
            None => 0,
        };
        let head = read_at(file, start, 10)?;
        let Some(&[b'I', b'D', b'3', version @ 2..=4, _, flags, a, b, c, d]) = head.first_chunk() else { return None };
        let size = size_of([a, b, c, d], [a, b, c, d].iter().all(|byte| byte & 0x80 == 0));
        let body = read_at(file, start + 10, u64::from(size).min(LARGEST))?;
        let body = if flags & 0x80 != 0 && version < 4 { without_unsync(&body) } else { body };
        Some(Tag { version, flags, body: &body }.frames())
    }

    /// The values of a frame, for instance `TIT2`.
    pub fn values(&self, name: &str) -> impl Iterator<Item = &str> {
        let frames = self.0.iter().filter(move |(frame, _)| frame == name);
        frames.flat_map(|(_, values)| values.iter().map(String::as_str))
    }

    /// The values of a frame that a program made up, by its description.
    pub fn user_values(&self, description: &str) -> impl Iterator<Item = &str> {
        let frames = self.0.iter().filter(|(frame, _)| frame == "TXXX").map(|(_, values)| values.as_slice());
        let named = frames.filter_map(|values| values.split_first());
        let named = named.filter(move |(name, _)| name.eq_ignore_ascii_case(description));
        named.flat_map(|(_, values)| values.iter().map(String::as_str))
    }
}

struct Tag<'a> {
    version: u8,
    flags: u8,
    body: &'a [u8],
}

/// Where a frame's parts lie.
struct Frame<'a> {
    name: &'a [u8],
    flags: u8,
    data: &'a [u8],
    next: usize,
}

impl<'a> Tag<'a> {
    fn frames(&self) -> Id3Frames {
        let mut found = Vec::new();
        let mut at = self.after_extended_header();
        while at < self.body.len() {
            let Some(frame) = self.frame(at) else {
                let Some(next) = self.known_frame_after(at) else { break };
                at = next;
                continue;
            };
            found.extend(self.text(&frame));
            at = frame.next;
        }
        Id3Frames(found)
    }

    /// An extended header counts itself in version 2.4 and does not in 2.3.
    fn after_extended_header(&self) -> usize {
        let Some(size) = self.body.first_chunk().copied().filter(|_| self.version > 2 && self.flags & 0x40 != 0) else {
            return 0;
        };
        let end = if self.version == 4 { size_of(size, true) } else { size_of(size, false).saturating_add(4) };
        let end = usize::try_from(end).unwrap_or(usize::MAX);
        if self.is_frame_or_end(end) { end } else { 0 }
    }

    fn name_length(&self) -> usize {
        if self.version == 2 { 3 } else { 4 }
    }

    /// Whether a frame may begin here, or padding, or the end.
    fn is_frame_or_end(&self, at: usize) -> bool {
        let rest = self.body.get(at..).unwrap_or(&[0]);
        at <= self.body.len() && (rest.is_empty() || rest[0] == 0 || is_name(rest.get(..self.name_length())))
    }

    fn frame(&self, at: usize) -> Option<Frame<'a>> {
        let length = self.name_length();
        let name = self.body.get(at..at + length).filter(|name| is_name(Some(*name)))?;
        if self.version == 2 {
            let [a, b, c] = *self.body.get(at + 3..)?.first_chunk()?;
            let next = at + 6 + size_of([0, a, b, c], false) as usize;
            let data = self.body.get(at + 6..next)?;
            return self.is_frame_or_end(next).then_some(Frame { name, flags: 0, data, next });
        }
        let size = *self.body.get(at + 4..)?.first_chunk()?;
        let flags = *self.body.get(at + 9)?;
        // iTunes writes plain sizes into version 2.4, and other programs the opposite into 2.3.
        let both = [size_of(size, self.version == 4), size_of(size, self.version != 4)];
        let ends = both.map(|size| at + 10 + size as usize);
        let next = ends.into_iter().find(|end| self.is_frame_or_end(*end))?;
        Some(Frame { name, flags, data: self.body.get(at + 10..next)?, next })
    }

    fn known_frame_after(&self, at: usize) -> Option<usize> {
        let name = |known: &[u8]| known[..self.name_length()].to_vec();
        let known: Vec<_> = KNOWN.iter().map(|known| name(known)).collect();
        let rest = self.body.get(at + 1..)?;
        let found = rest.windows(self.name_length()).position(|part| known.iter().any(|name| name == part))?;
        Some(at + 1 + found)
    }

    fn text(&self, frame: &Frame) -> Option<(String, Vec<String>)> {
        let name = std::str::from_utf8(frame.name).ok().filter(|name| name.starts_with('T'))?;
        let (hidden, grouped) = if self.version == 4 { (0x0c, 0x40) } else { (0xc0, 0x20) };
        if frame.flags & hidden != 0 {
            return None;
        }
        let mut skipped = usize::from(frame.flags & grouped != 0);
        let mut data = frame.data.to_vec();
        if self.version == 4 {
            skipped += if frame.flags & 1 != 0 { 4 } else { 0 };
            data = if (frame.flags & 2 | self.flags & 0x80) != 0 { without_unsync(&data) } else { data };
        }
        let name = OLD_NAMES.iter().find(|(old, _)| *old == name).map_or(name, |(_, new)| new);
        Some((name.into(), decode(data.get(skipped..)?)))
    }
}

fn is_name(bytes: Option<&[u8]>) -> bool {
    bytes.is_some_and(|bytes| {
        bytes[0].is_ascii_uppercase() && bytes.iter().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
    })
}

fn read_at(file: &mut (impl Read + Seek), at: u64, most: u64) -> Option<Vec<u8>> {
    file.seek(SeekFrom::Start(at)).ok()?;
    let mut bytes = Vec::new();
    file.take(most).read_to_end(&mut bytes).ok()?;
    Some(bytes)
}

/// A size of four bytes, of which either seven bits count or all.
fn size_of(bytes: [u8; 4], seven_bits: bool) -> u32 {
    let plain = u32::from_be_bytes(bytes);
    if seven_bits { bytes.iter().fold(0, |size, byte| size << 7 | u32::from(byte & 0x7f)) } else { plain }
}

fn without_unsync(bytes: &[u8]) -> Vec<u8> {
    let after_ff = |at: usize| at > 0 && bytes[at - 1] == 0xff;
    bytes.iter().enumerate().filter(|(at, byte)| **byte != 0 || !after_ff(*at)).map(|(_, byte)| *byte).collect()
}

/// The values of a text frame, which begins with its encoding.
fn decode(data: &[u8]) -> Vec<String> {
    let Some((encoding, text)) = data.split_first() else { return Vec::new() };
    let text = match encoding {
        0 => latin1(text),
        1 | 2 => utf16(text, *encoding == 2),
        3 => utf8(text),
        // No encoding at all: the text begins at once.
        _ if *encoding >= b' ' => utf8(data),
        _ => utf8(text),
    };
    text.split('\0').map(|value| value.trim_matches('\u{feff}').to_owned()).collect()
}

fn utf8(bytes: &[u8]) -> String {
    std::str::from_utf8(bytes).map_or_else(|_| latin1(bytes), str::to_owned)
}

fn latin1(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| char::from(*byte)).collect()
}

/// Without a byte order mark, the order in which more of the high bytes are zero.
fn utf16(bytes: &[u8], big_endian: bool) -> String {
    let (pairs, _) = bytes.as_chunks::<2>();
    let zeros = |at: usize| pairs.iter().filter(|pair| pair[at] == 0 && pair[1 - at] != 0).count();
    let is_big = match pairs.first() {
        Some([0xff, 0xfe]) => false,
        Some([0xfe, 0xff]) => true,
        _ if zeros(0) == zeros(1) => big_endian,
        _ => zeros(0) > zeros(1),
    };
    let unit = |pair: &[u8; 2]| if is_big { u16::from_be_bytes(*pair) } else { u16::from_le_bytes(*pair) };
    String::from_utf16_lossy(&pairs.iter().map(unit).collect::<Vec<_>>())
}
