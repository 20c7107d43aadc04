//! Songs of silence with tags: the smallest FLAC files that every player accepts (RFC 9639).

use std::path::{Path, PathBuf};

/// Samples in a frame, and in a second.
const BLOCK: u32 = 4096;
const RATE: u32 = 44_100;

/// Writes a song; its album is "Album" and the title.
pub fn write(folder: &Path, name: &str, title: &str, seconds: u32) -> PathBuf {
    std::fs::create_dir_all(folder).unwrap();
    let frames = seconds * RATE / BLOCK;
    let mut bytes = b"fLaC".to_vec();
    block(&mut bytes, 0, &stream_info(u64::from(frames * BLOCK)));
    block(&mut bytes, 0x84, &tags(&[("TITLE", title), ("ARTIST", "Nobody"), ("ALBUM", &format!("Album {title}"))]));
    (0..frames).for_each(|number| bytes.extend(frame(number)));
    let path = folder.join(name);
    std::fs::write(&path, bytes).unwrap();
    path
}

fn block(bytes: &mut Vec<u8>, kind: u8, body: &[u8]) {
    bytes.push(kind);
    bytes.extend(&(body.len() as u32).to_be_bytes()[1..]);
    bytes.extend(body);
}

/// Two channels of 16 bits; the checksum may be left out.
fn stream_info(samples: u64) -> Vec<u8> {
    let mut body = Vec::new();
    body.extend([(BLOCK as u16).to_be_bytes(), (BLOCK as u16).to_be_bytes()].concat());
    body.extend([0; 6]);
    body.extend((u64::from(RATE) << 44 | 1 << 41 | 15 << 36 | samples).to_be_bytes());
    body.extend([0; 16]);
    body
}

fn tags(pairs: &[(&str, &str)]) -> Vec<u8> {
    let mut body = 0_u32.to_le_bytes().to_vec();
    body.extend((pairs.len() as u32).to_le_bytes());
    for (key, value) in pairs {
        let text = format!("{key}={value}");
        body.extend((text.len() as u32).to_le_bytes());
        body.extend(text.as_bytes());
    }
    body
}

/// A frame whose two channels are constantly zero.
fn frame(number: u32) -> Vec<u8> {
    let mut bytes = vec![0xFF, 0xF8, 0xC9, 0x18];
    bytes.extend(char::from_u32(number).unwrap().to_string().as_bytes());
    bytes.push(crc(&bytes, 8, 0x07) as u8);
    bytes.extend([0; 6]);
    let check = crc(&bytes, 16, 0x8005);
    bytes.extend(check.to_be_bytes());
    bytes
}

fn crc(bytes: &[u8], width: u32, polynomial: u16) -> u16 {
    let (top, mask) = (1_u32 << (width - 1), (1_u32 << width) - 1);
    let step = |sum: u32| if sum & top == 0 { sum << 1 } else { sum << 1 ^ u32::from(polynomial) };
    let fold = |sum: u32, byte: &u8| (0..8).fold(sum ^ u32::from(*byte) << (width - 8), |sum, _| step(sum)) & mask;
    bytes.iter().fold(0, fold) as u16
}
