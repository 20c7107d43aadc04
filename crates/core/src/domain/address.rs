//! Addresses of songs: how players write them, and how we do.

pub mod json;

use std::ffi::OsString;
use std::fmt::Write;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};

/// Longer addresses are nonsense: a path has at most 4096 bytes, and each may take three characters.
const LONGEST: usize = 3 * 4096 + 16;

/// The `file://` address of a local file, every byte that is not plain encoded (RFC 3986).
pub fn to_file_uri(path: &Path) -> String {
    let mut address = String::from("file://");
    for &byte in path.as_os_str().as_bytes() {
        if byte.is_ascii_alphanumeric() || b"/-._~".contains(&byte) {
            address.push(char::from(byte));
        } else {
            write!(address, "%{byte:02X}").expect("writing into a String cannot fail");
        }
    }
    address
}

/// The local file behind an address as players write it: encoded, raw, or a bare path; `None` for all else.
pub fn parse_file_path(address: &str) -> Option<PathBuf> {
    if address.len() > LONGEST || address.contains('\0') {
        return None;
    }
    if address.starts_with('/') {
        return Some(PathBuf::from(address));
    }
    let rest = address.strip_prefix("file://")?;
    let rest = rest.strip_prefix("localhost").unwrap_or(rest);
    if !rest.starts_with('/') {
        return None; // Another machine's file.
    }
    let bytes = decoded(rest.as_bytes());
    (!bytes.contains(&0)).then(|| PathBuf::from(OsString::from_vec(bytes)))
}

/// A raw address may hold a lone per cent sign; it stands for itself.
fn decoded(text: &[u8]) -> Vec<u8> {
    let digit = |at: usize| text.get(at).and_then(|&b| char::from(b).to_digit(16));
    let mut bytes = Vec::with_capacity(text.len());
    let mut at = 0;
    while at < text.len() {
        match (text[at], digit(at + 1), digit(at + 2)) {
            (b'%', Some(high), Some(low)) => {
                bytes.push((high * 16 + low) as u8);
                at += 3;
            }
            (plain, ..) => {
                bytes.push(plain);
                at += 1;
            }
        }
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(address: &str) -> Option<String> {
        parse_file_path(address).map(|p| p.to_string_lossy().into_owned())
    }

    #[test]
    fn what_we_write_reads_back_as_the_same_file() {
        let odd = Path::new("/m/100% two  ünï – späce#?.flac");
        assert_eq!(parse_file_path(&to_file_uri(odd)).as_deref(), Some(odd));
        assert_eq!(to_file_uri(Path::new("/a b")), "file:///a%20b");
    }

    #[test]
    fn every_form_that_players_use_is_understood() {
        for form in ["file:///m/a%20%C3%BC.ogg", "file:///m/a ü.ogg", "/m/a ü.ogg", "file://localhost/m/a%20ü.ogg"] {
            assert_eq!(read(form).as_deref(), Some("/m/a ü.ogg"), "{form}");
        }
        assert_eq!(read("file:///m/100%.ogg").as_deref(), Some("/m/100%.ogg"));
    }

    #[test]
    fn what_is_not_a_local_file_is_none() {
        let long = format!("/{}", "x".repeat(20_000));
        for form in ["", "https://example.org/a.ogg", "file://server/share/a.ogg", "spotify:track:1", "/a\0b", &long] {
            assert_eq!(read(form), None, "{form}");
        }
        assert_eq!(read("file:///a%00b"), None);
    }
}
