//! Containers: decoded rightly, or known by their tags and said so, and never heard as noise.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::json;

use crate::{Home, complaint, encoded, tone, write_wav};

/// Puts a sub-block into the first block of a WavPack file: the header of the WAV file that it was made from, as the
/// official encoder does.
fn add_riff_header(wavpack: &Path, wav: &Path) {
    let header = &fs::read(wav).unwrap()[..44];
    let mut bytes = fs::read(wavpack).unwrap();
    let size = u32::from_le_bytes(bytes[4..8].try_into().unwrap()) + 46;
    bytes[4..8].copy_from_slice(&size.to_le_bytes());
    let sub_block = [&[0x21, 22], header].concat();
    bytes.splice(32..32, sub_block);
    fs::write(wavpack, bytes).unwrap();
}

#[test]
fn a_wavpack_file_of_the_official_encoder_is_not_heard_as_noise() {
    let home = Home::new();
    let original = home.folder.path().join("original.wav");
    tone(&original, 440.0);
    let file = home.music("lament.wv");
    if !encoded(&original, &file, &["-c:a", "wavpack", "-metadata", "title=Lament"]) {
        return;
    }
    add_riff_header(&file, &original);
    let summary = home.scan();
    assert_eq!(summary["by_tags_only"], json!({ "wv": 1 }), "{summary}");
    let song = home.songs().remove(0);
    assert_eq!((song.title.as_str(), song.certainty), ("Lament", 0.0));
}

#[test]
fn no_kind_of_music_is_passed_over_in_silence() {
    let home = Home::new();
    let original = home.folder.path().join("original.wav");
    tone(&original, 440.0);
    let kinds: [(&str, &[&str]); 5] = [
        ("a.tta", &["-metadata", "title=Song"]),
        ("a.w64", &[]),
        ("a.au", &[]),
        ("rf64.wav", &["-rf64", "always"]),
        ("mp3.wav", &["-c:a", "libmp3lame"]),
    ];
    let made: Vec<_> = kinds.iter().filter(|(name, options)| encoded(&original, &home.music(name), options)).collect();
    for (name, start) in
        [("a.ape", b"MAC \x96\x0f".as_slice()), ("a.mpc", b"MPCKSH".as_slice()), ("a.dsf", b"DSD \x1c\0".as_slice())]
    {
        fs::write(home.music(name), [start, &[1; 3000]].concat()).unwrap();
    }
    let summary = home.scan();
    let said = |name: &str| {
        let ending = name.rsplit('.').next().unwrap();
        let by_tags = summary["by_tags_only"].get(ending).is_some();
        by_tags || summary["failed"].as_array().unwrap().iter().any(|file| file["path"].to_string().contains(name))
    };
    assert!(made.iter().all(|(name, _)| said(name)), "{summary}");
    assert!(["a.ape", "a.mpc", "a.dsf"].iter().all(|name| said(name)), "{summary}");
    assert_eq!(complaint(&summary, "a.w64"), "Wave64 is not supported");
    assert!(home.songs().iter().all(|song| song.certainty == 0.0), "nothing was heard in any of them");
}

#[test]
fn the_length_of_a_file_that_does_not_tell_it_is_counted() {
    let home = Home::new();
    let original = home.folder.path().join("original.wav");
    let sound = |t: f32| if t < 20.0 { 0.0 } else { 0.5 * (t * 2_000.0 + 90.0 * (5.0 * t).sin()).sin() };
    write_wav(&original, 200.0, sound);
    let kinds: [(&str, &[&str]); 3] = [
        ("fragments.m4a", &["-c:a", "aac", "-movflags", "frag_keyframe+empty_moov"]),
        ("variable.mp3", &["-c:a", "libmp3lame", "-q:a", "4", "-write_xing", "0"]),
        ("raw.aac", &["-c:a", "aac", "-f", "adts"]),
    ];
    let made = kinds.iter().filter(|(name, options)| encoded(&original, &home.music(name), options)).count();
    home.scan();
    let songs = home.songs();
    assert_eq!(songs.len(), made);
    for song in songs {
        assert!((song.seconds - 200.0).abs() < 4.0, "{}: {} s", song.path.display(), song.seconds);
    }
}

#[test]
fn every_part_of_a_chained_ogg_is_heard() {
    let home = Home::new();
    let parts = ["a", "b"].map(|name| home.folder.path().join(name).with_extension("ogg"));
    for (part, seconds) in parts.iter().zip([10.0, 20.0]) {
        let wav = part.with_extension("wav");
        write_wav(&wav, seconds, |t| 0.5 * (t * 2_000.0).sin());
        if !encoded(&wav, part, &["-c:a", "libvorbis"]) {
            return;
        }
    }
    let chained: Vec<u8> = parts.iter().flat_map(|part| fs::read(part).unwrap()).collect();
    fs::write(home.music("chained.ogg"), chained).unwrap();
    home.scan();
    let seconds = home.songs().remove(0).seconds;
    assert!((seconds - 30.0).abs() < 0.6, "{seconds} s");
}

#[test]
fn empty_channels_do_not_make_a_song_quieter() {
    let home = Home::new();
    let original = home.folder.path().join("original.wav");
    write_wav(&original, 5.0, |t| 0.4 * (t * 2_000.0 + 9.0 * (7.0 * t).sin()).sin());
    let wide = home.music("wide.flac");
    let mut ffmpeg = Command::new("ffmpeg");
    ffmpeg.args(["-nostdin", "-loglevel", "error", "-y", "-i"]).arg(&original);
    let made = ffmpeg.args(["-af", "pan=7.1|FL=c0|FR=c0"]).arg(&wide).status();
    if !(made.is_ok_and(|status| status.success()) && encoded(&original, &home.music("plain.flac"), &[])) {
        return;
    }
    home.scan();
    let songs = home.songs();
    assert!((songs[0].energy - songs[1].energy).abs() < 0.02, "{} and {}", songs[0].energy, songs[1].energy);
}

#[test]
fn a_video_is_no_song() {
    let home = Home::new();
    let video = home.music("film.mp4");
    let mut ffmpeg = Command::new("ffmpeg");
    let sources = ["-f", "lavfi", "-i", "testsrc=d=2:s=64x64", "-f", "lavfi", "-i", "sine=d=2", "-shortest"];
    let made = ffmpeg.args(["-nostdin", "-loglevel", "error", "-y"]).args(sources).arg(&video).status();
    if made.is_ok_and(|status| status.success()) {
        assert_eq!(complaint(&home.scan(), "film.mp4"), "it is a video");
    }
}
