//! Playlists: M3U (extended or not) and XSPF.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::imported_data::{ImportedData, ImportedHistory};
use moodring_core::domain::address;
use moodring_core::error::user_error;
use moodring_core::text::sanitize::escape_path;
use moodring_core::text::song_names::{TrackRef, parse_mbid, split_artist_title};

/// What a song of a playlist counts for, in plays.
const CHOSEN: f32 = 1.0;

/// A song as a playlist gives it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Entry {
    pub song: TrackRef,
    /// On this machine.
    pub file: Option<PathBuf>,
}

/// Reads a playlist; `known` says what the library calls a file.
pub fn read(file: &Path, known: impl Fn(&Path) -> Option<TrackRef>) -> Result<ImportedData> {
    let bytes = std::fs::read(file).with_context(|| format!("cannot read {}", escape_path(file)))?;
    let text = text(&bytes).ok_or_else(|| no_songs(file))?;
    let folder = file.parent().unwrap_or(Path::new(""));
    let entries = if text.contains("<playlist") { xspf(&text, folder) } else { m3u(&text, folder) };
    let named = |entry: Entry| entry.file.as_deref().and_then(&known).unwrap_or(entry.song);
    let songs = entries.into_iter().map(named).filter(TrackRef::is_known);
    let plays: Vec<_> = songs.map(|song| (song, CHOSEN)).collect();
    if plays.is_empty() {
        return Err(no_songs(file));
    }
    let listener = file.file_name().unwrap_or_default().to_string_lossy().into();
    Ok(ImportedData { own: vec![ImportedHistory { listener, plays }], ..ImportedData::default() })
}

fn no_songs(file: &Path) -> anyhow::Error {
    let hint = "it should be an M3U or XSPF playlist that names files, or artists and titles";
    user_error(format!("{} names no songs", escape_path(file)), hint)
}

/// M3U is older than UTF-8, and was written in Latin-1; a list that programs of several ages added to has lines of both. `None`: it
/// is no text.
fn text(bytes: &[u8]) -> Option<String> {
    let line = |line: &[u8]| match std::str::from_utf8(line) {
        Ok(line) => line.to_owned(),
        Err(_) => line.iter().map(|byte| char::from(*byte)).collect(),
    };
    let lines: Vec<String> = bytes.split(|byte| *byte == b'\n').map(line).collect();
    (!bytes.contains(&0)).then(|| lines.join("\n"))
}

/// Lines: `#EXTINF:seconds,Artist - Title` belongs to the file or address in the next line that is no comment.
fn m3u(text: &str, folder: &Path) -> Vec<Entry> {
    let mut entries = Vec::new();
    let mut told = TrackRef::default();
    for line in text.trim_start_matches('\u{feff}').lines().map(str::trim).filter(|line| !line.is_empty()) {
        if let Some(about) = line.strip_prefix("#EXTINF:") {
            let name = about.split_once(',').map_or("", |(_, name)| name.trim());
            told = split_artist_title(name)
                .map_or_else(|| TrackRef::new("", name), |(artist, title)| TrackRef::new(artist, title));
        } else if !line.starts_with('#') {
            entries.push(entry(std::mem::take(&mut told), line, folder));
        }
    }
    entries
}

fn entry(mut song: TrackRef, location: &str, folder: &Path) -> Entry {
    let is_address = location.split_once(':').is_some_and(|(scheme, _)| scheme.len() > 1 && !scheme.contains('/'));
    let file = match (location.starts_with("file:"), is_address) {
        (true, _) => address::parse_file_path(location),
        (false, true) => None,
        (false, false) => Some(folder.join(location.replace('\\', "/"))),
    };
    song.address = (file.is_none() && is_address).then(|| location.to_owned());
    if song.title.is_empty() {
        // "Artist - Title.mp3"
        let stem = file.as_ref().and_then(|file| Some(file.file_stem()?.to_string_lossy().into_owned()));
        let stem = stem.unwrap_or_default();
        if let Some((artist, title)) = split_artist_title(&stem) {
            (song.artist, song.title) = (artist.into(), title.into());
        }
    }
    Entry { song, file }
}

fn xspf(text: &str, folder: &Path) -> Vec<Entry> {
    let text = without_comments(text);
    let (mut tracks, mut rest) = (Vec::new(), text.as_str());
    while let Some((track, after)) = inner(rest, "track") {
        tracks.push(track_of(track, folder));
        rest = after;
    }
    tracks
}

fn track_of(track: &str, folder: &Path) -> Entry {
    let text = |name: &str| inner(track, name).map(|(raw, _)| unescaped(raw.trim())).unwrap_or_default();
    let song = TrackRef { album: text("album"), ..TrackRef::new(text("creator"), text("title")) };
    let (location, identifier) = (text("location"), text("identifier"));
    let mut entry = if location.is_empty() { Entry { song, file: None } } else { entry(song, &location, folder) };
    let recording = |address: &String| address.contains("musicbrainz.org/").then(|| parse_mbid(address)).flatten();
    entry.song.recording = [identifier, location].iter().find_map(recording);
    entry
}

/// The text within the first element of this name, whatever attributes it has, and the text after it.
fn inner<'a>(text: &'a str, name: &str) -> Option<(&'a str, &'a str)> {
    let (_, rest) = text.match_indices(&format!("<{name}")).find_map(|(at, start)| {
        let (attributes, rest) = text[at + start.len()..].split_once('>')?;
        let is_it = attributes.is_empty() || attributes.starts_with(char::is_whitespace);
        (is_it && !attributes.ends_with('/')).then_some((attributes, rest))
    })?;
    rest.split_once(&format!("</{name}>"))
}

fn without_comments(text: &str) -> String {
    let mut kept = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("<!--") {
        kept += before;
        rest = after.split_once("-->").map_or("", |(_, after)| after);
    }
    kept + rest
}

/// The five entities of XML, numbers, and CDATA.
fn unescaped(text: &str) -> String {
    if let Some(data) = text.strip_prefix("<![CDATA[").and_then(|text| text.strip_suffix("]]>")) {
        return data.into();
    }
    let mut parts = text.split('&');
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| match part.split_once(';').and_then(|(name, rest)| Some((entity(name)?, rest))) {
        Some((c, rest)) => format!("{text}{c}{rest}"),
        None => format!("{text}&{part}"),
    })
}

fn entity(name: &str) -> Option<char> {
    match name {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        _ => {
            let number = name.strip_prefix('#')?;
            let code =
                number.strip_prefix('x').map_or_else(|| number.parse().ok(), |hex| u32::from_str_radix(hex, 16).ok());
            code.and_then(char::from_u32)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn songs_of_an_m3u_are_known_by_name_and_file() {
        let text = "#EXTM3U\n#EXTINF:215,Ann - Song, one\nalbum/a.mp3\n\nhttp://radio.example/x\n#EXTINF:1,Lone title\n/abs/Bob - Tune.ogg\nspotify:track:1";
        let entries = m3u(text, Path::new("/lists"));
        assert_eq!(entries[0].song, TrackRef::new("Ann", "Song, one"));
        assert_eq!(entries[0].file.as_deref(), Some(Path::new("/lists/album/a.mp3")));
        assert_eq!((entries[1].song.is_known(), entries[1].file.as_ref()), (false, None));
        assert_eq!(
            (entries[2].song.title.as_str(), entries[2].file.as_deref()),
            ("Lone title", Some(Path::new("/abs/Bob - Tune.ogg")))
        );
        assert_eq!(entries[3].song.address.as_deref(), Some("spotify:track:1"));
    }

    #[test]
    fn an_old_m3u_in_latin_1_is_read_and_a_program_is_no_playlist() {
        let latin = text(b"#EXTINF:1,Beyonc\xe9 - Halo\nx.mp3").unwrap();
        assert_eq!(m3u(&latin, Path::new("/"))[0].song, TrackRef::new("Beyoncé", "Halo"));
        assert_eq!(text(b"\x7fELF\0\0 a - b"), None);
    }

    #[test]
    fn one_old_line_spoils_no_other() {
        let mixed =
            text(b"#EXTINF:1,Bj\xc3\xb6rk - J\xc3\xb3ga\r\n1.mp3\r\n#EXTINF:1,Beyonc\xe9 - Halo\r\n2.mp3\r\n").unwrap();
        let songs: Vec<_> = m3u(&mixed, Path::new("/")).into_iter().map(|entry| entry.song).collect();
        assert_eq!(songs, [TrackRef::new("Björk", "Jóga"), TrackRef::new("Beyoncé", "Halo")]);
    }

    #[test]
    fn attributes_and_empty_tracks_of_an_xspf_do_no_harm() {
        let text = r#"<playlist><trackList><track/><track a="b"><title xml:lang="en">One</title><creator>Ann</creator></track>
            <track><image/><title>Two</title><creator>Bob</creator></track><track><title>cut"#;
        let titles: Vec<_> = xspf(text, Path::new("/")).into_iter().map(|entry| entry.song.title).collect();
        assert_eq!(titles, ["One", "Two"]);
    }

    #[test]
    fn songs_of_an_xspf_are_known_by_name_id_and_file() {
        let text = r#"<?xml version="1.0"?><playlist version="1"><title>Mine</title><trackList><!-- <track><title>no</title></track> -->
            <track><location>file:///music/a%20b.ogg</location><title>Rock &amp; Roll &#233;</title><creator>Ann</creator></track>
            <track><identifier>https://musicbrainz.org/recording/526bd613-fddd-4bd6-9137-ab709ac74cab</identifier>
              <title><![CDATA[<One>]]></title><creator>Bob</creator><album>First</album></track></trackList></playlist>"#;
        let entries = xspf(text, Path::new("/lists"));
        assert_eq!(entries.len(), 2);
        assert_eq!(
            (entries[0].song.title.as_str(), entries[0].file.as_deref()),
            ("Rock & Roll é", Some(Path::new("/music/a b.ogg")))
        );
        assert_eq!((entries[1].song.title.as_str(), entries[1].song.album.as_str()), ("<One>", "First"));
        assert_eq!(entries[1].song.recording.as_deref(), Some("526bd613-fddd-4bd6-9137-ab709ac74cab"));
    }
}
