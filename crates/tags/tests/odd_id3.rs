//! A corpus of ID3v2 tags as programs of all ages wrote them, with the right value of each.
//!
//! Right is what the specification says; where a file breaks it, what mutagen or ffprobe make of it.

use std::fs;
use std::path::Path;

use moodring_tags::tags::{self, Tags};

/// A file of the corpus.
struct Case {
    name: String,
    tag: Vec<u8>,
    year: Option<u32>,
    genre: &'static str,
}

impl Case {
    fn new(name: impl Into<String>, tag: Vec<u8>) -> Self {
        Self { name: name.into(), tag, year: None, genre: "" }
    }
}

fn seven_bits(size: usize) -> [u8; 4] {
    [21, 14, 7, 0].map(|shift| (size >> shift) as u8 & 0x7f)
}

/// A frame of version 3 or 4.
fn frame(version: u8, name: &str, data: &[u8]) -> Vec<u8> {
    let size = if version == 4 { seven_bits(data.len()) } else { (data.len() as u32).to_be_bytes() };
    [name.as_bytes(), &size, &[0, 0], data].concat()
}

fn old_frame(name: &str, data: &[u8]) -> Vec<u8> {
    [name.as_bytes(), &(data.len() as u32).to_be_bytes()[1..], data].concat()
}

fn tag(version: u8, flags: u8, body: &[u8]) -> Vec<u8> {
    let padding = [0; 40];
    let size = seven_bits(body.len() + padding.len());
    [b"ID3".as_slice(), &[version, 0, flags], &size, body, &padding].concat()
}

fn latin(text: &str) -> Vec<u8> {
    [&[0], text.as_bytes()].concat()
}

/// Title, artist and album, in the order of the specification.
fn good(version: u8) -> Vec<u8> {
    let frames = [("TIT2", "Good Title"), ("TPE1", "Good Artist"), ("TALB", "Good Album")];
    frames.map(|(name, text)| frame(version, name, &latin(text))).concat()
}

fn utf16(text: &str, big_endian: bool) -> Vec<u8> {
    text.encode_utf16().flat_map(|unit| if big_endian { unit.to_be_bytes() } else { unit.to_le_bytes() }).collect()
}

/// Frames that hold what they may not, or nothing that anybody knows.
fn odd_frames() -> Vec<(&'static str, &'static str, Vec<u8>)> {
    let comment = |encoding: u8, text: &[u8]| [&[encoding], b"eng".as_slice(), text].concat();
    vec![
        ("comment in UTF-16 without a byte order mark", "COMM", comment(1, &utf16("x\0Text", false))),
        ("comment in UTF-16 of odd length", "COMM", comment(1, b"\xff\xfeT\0e\0x")),
        ("comment in invalid UTF-8", "COMM", comment(3, b"\0\xff\xfe\x80")),
        ("comment of an unknown encoding", "COMM", comment(9, b"\0text")),
        ("comment without a language", "COMM", vec![0]),
        ("comment that is empty", "COMM", Vec::new()),
        ("lyrics in UTF-16 without a byte order mark", "USLT", comment(1, &utf16("x\0La la", false))),
        ("lyrics of odd length", "USLT", comment(2, b"\0L\0")),
        ("rating without a rating", "POPM", b"user@example.org\0".to_vec()),
        ("rating without anything", "POPM", Vec::new()),
        ("volume that ends too early", "RVA2", b"track\0\x01".to_vec()),
        ("events without any", "ETCO", vec![2]),
        ("picture that ends too early", "APIC", b"\0image/jpeg".to_vec()),
        ("picture of an unknown encoding", "APIC", b"\x07image/png\0\x03\0\x89PNG".to_vec()),
        ("private data without an owner", "PRIV", vec![1, 2, 3]),
        ("disc id", "MCDI", vec![0, 1, 0xff, 0xfe]),
        ("file id without an owner", "UFID", vec![0xff; 5]),
        ("synchronised text that ends too early", "SYLT", b"\x01eng\x02".to_vec()),
        ("address in a broken encoding", "WXXX", b"\x01\xff".to_vec()),
        ("frame that nobody knows", "XYZ9", vec![0xff; 30]),
        ("empty text", "TENC", Vec::new()),
        ("text of an unknown encoding", "TENC", vec![0x80, 0x41]),
        ("user text without a description", "TXXX", vec![1]),
        ("user text in UTF-16 of odd length", "TXXX", b"\x01\xff\xfeA\0\0".to_vec()),
        ("chapter that ends too early", "CHAP", b"ch1\0\0\0".to_vec()),
        ("encapsulated object of nothing", "GEOB", vec![3]),
    ]
}

fn odd_frame_cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for version in [3, 4] {
        for (what, name, data) in odd_frames() {
            let odd = frame(version, name, &data);
            let first = [odd.clone(), good(version)].concat();
            let last = [good(version), odd].concat();
            cases.push(Case::new(format!("2.{version}, first: {what}"), tag(version, 0, &first)));
            cases.push(Case::new(format!("2.{version}, last: {what}"), tag(version, 0, &last)));
        }
    }
    cases
}

fn date_cases() -> Vec<Case> {
    let dates = [
        ("2003", Some(2003)),
        ("2003-05-06", Some(2003)),
        ("2003/05/06", Some(2003)),
        ("06.05.2003", Some(2003)),
        ("May 2003", Some(2003)),
        ("[1999]", Some(1999)),
        ("c1999", Some(1999)),
        ("20030506", Some(2003)),
        ("2003-2004", Some(2003)),
        ("2003-05-06T10:11:12", Some(2003)),
        ("????", None),
        (" ", None),
        ("", None),
        ("0000", None),
        ("99", None),
    ];
    let frames = [(3, "TYER"), (4, "TDRC"), (4, "TYER"), (4, "TDRL")];
    let case = |(version, name): (u8, &str), (date, year)| {
        let tag = tag(version, 0, &[frame(version, name, &latin(date)), good(version)].concat());
        Case { year, ..Case::new(format!("{name} of 2.{version}: {date:?}"), tag) }
    };
    frames.into_iter().flat_map(|frame| dates.map(|date| case(frame, date))).collect()
}

/// Texts in every encoding, rightly and wrongly declared.
fn encoding_cases() -> Vec<Case> {
    let marked = |text: &str| [b"\x01\xff\xfe".as_slice(), &utf16(text, false)].concat();
    let rest = |version| {
        [frame(version, "TPE1", &latin("Good Artist")), frame(version, "TALB", &latin("Good Album"))].concat()
    };
    let titles = [
        ("UTF-16", marked("Good Title")),
        ("UTF-16, other order", [b"\x01\xfe\xff".as_slice(), &utf16("Good Title", true)].concat()),
        ("UTF-16 without a mark", [b"\x01".as_slice(), &utf16("Good Title", false)].concat()),
        ("UTF-16, other order, without a mark", [b"\x02".as_slice(), &utf16("Good Title", true)].concat()),
        ("UTF-16 with an end", marked("Good Title\0")),
        ("UTF-8", b"\x03Good Title".to_vec()),
        ("UTF-8 with an end", b"\x03Good Title\0".to_vec()),
        ("Latin-1 with an end", b"\0Good Title\0\0".to_vec()),
        ("an unknown encoding", b"\x08Good Title".to_vec()),
    ];
    let both = [3, 4].into_iter().flat_map(|version| titles.clone().map(|title| (version, title)));
    both.map(|(version, (what, data))| {
        let body = [frame(version, "TIT2", &data), rest(version)].concat();
        Case::new(format!("2.{version}, title in {what}"), tag(version, 0, &body))
    })
    .collect()
}

fn genre_cases() -> Vec<Case> {
    let genres = [
        ("Rock", "rock"),
        ("(17)", "rock"),
        ("17", "rock"),
        ("(17)Space Rock", "space rock"),
        ("255", ""),
        ("(200)", ""),
        ("Rock/Soul", "rock, soul"),
    ];
    let case = |(text, genre)| {
        let body = [frame(3, "TCON", &latin(text)), good(3)].concat();
        Case { genre, ..Case::new(format!("genre {text:?}"), tag(3, 0, &body)) }
    };
    genres.into_iter().map(case).collect()
}

/// Tags whose frames lie elsewhere than their sizes say.
fn layout_cases() -> Vec<Case> {
    let long = "x".repeat(300);
    let plain_size =
        |name: &str, data: &[u8]| [name.as_bytes(), &(data.len() as u32).to_be_bytes(), &[0, 0], data].concat();
    let itunes = [plain_size("TENC", &latin(&long)), good(4)].concat();
    let itunes_last = [good(4), plain_size("APIC", &[7; 400])].concat();
    let seven_in_3 = [&b"TENC"[..], &seven_bits(301), &[0, 0], &latin(&long), &good(3)].concat();
    let lower = [frame(3, "tenc", &latin("x")), good(3)].concat();
    let header_3 = [b"\0\0\0\x06\0\0\0\0\0\0".as_slice(), &good(3)].concat();
    let header_4 = [b"\0\0\0\x06\x01\0".as_slice(), &good(4)].concat();
    let too_long = [&b"TENC\0\0\x7f\x7f\0\0"[..], &good(3)].concat();
    let old = [("TT2", "Good Title"), ("TP1", "Good Artist"), ("TAL", "Good Album")];
    let old = old.map(|(name, text)| old_frame(name, &latin(text))).concat();
    vec![
        Case::new("plain sizes in 2.4, as iTunes writes them", tag(4, 0, &itunes)),
        Case::new("plain sizes in 2.4, in the last frame", tag(4, 0, &itunes_last)),
        Case::new("sizes of seven bits in 2.3", tag(3, 0, &seven_in_3)),
        Case::new("a name in lower case", tag(3, 0, &lower)),
        Case::new("an extended header in 2.3", tag(3, 0x40, &header_3)),
        Case::new("an extended header in 2.4", tag(4, 0x40, &header_4)),
        Case::new("a frame that reaches beyond the tag", tag(3, 0, &too_long)),
        Case::new("version 2.2", tag(2, 0, &old)),
    ]
}

/// The tag and some frames of silence.
fn write_mp3(path: &Path, tag: &[u8]) {
    let silence = [b"\xff\xfb\x90\x00".as_slice(), &[0; 413]].concat();
    fs::write(path, [tag.to_vec(), silence.repeat(40)].concat()).unwrap();
}

fn fault(case: &Case, tags: &Tags) -> Option<String> {
    let read = (tags.title.as_str(), tags.artist.as_str(), tags.album.as_str(), tags.year, tags.genre.as_str());
    let right = ("Good Title", "Good Artist", "Good Album", case.year, case.genre);
    (read != right).then(|| format!("{}: {read:?}", case.name))
}

#[test]
fn odd_tags_give_what_is_written_in_them() {
    let folder = tempfile::tempdir().unwrap();
    let cases = [odd_frame_cases(), date_cases(), encoding_cases(), genre_cases(), layout_cases()];
    let cases: Vec<Case> = cases.into_iter().flatten().collect();
    assert!(cases.len() >= 150, "{} files", cases.len());
    let mut faults = Vec::new();
    for (k, case) in cases.iter().enumerate() {
        let path = folder.path().join(format!("{k}.mp3"));
        write_mp3(&path, &case.tag);
        faults.extend(fault(case, &tags::read(&path)));
    }
    let right = cases.len() - faults.len();
    println!("{right} of {} files read rightly", cases.len());
    assert!(right * 100 >= cases.len() * 98, "{right} of {}:\n{}", cases.len(), faults.join("\n"));
}
