//! Files that cannot be reached: what is known of them stays, and the next scan tries again.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant, SystemTime};

use jiff::Timestamp;
use moodring_core::domain::song::{Opinion, Song};
use moodring_core::message::Record;
use serde_json::Value;

use crate::{Home, tone, write_wav};

/// Builds the library that stands before the C library; `None` where there is no compiler.
fn shim(home: &Home) -> Option<PathBuf> {
    let shim = home.folder.path().join("fault.so");
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/scan/fault.c");
    let built = Command::new("cc").args(["-shared", "-fPIC", "-o"]).arg(&shim).arg(source).status();
    if !built.is_ok_and(|status| status.success()) {
        eprintln!("skipped: there is no C compiler");
        return None;
    }
    Some(shim)
}

/// A scan during which files whose path holds `target` have a fault.
fn scan_with_fault(home: &Home, shim: &Path, target: &str, fault: &str, after: u32) -> Value {
    let music = home.music("");
    let mut command = home.command(&["--json", "--file-limit", "1", music.to_str().unwrap()]);
    command.env("LD_PRELOAD", shim).env("FAULT_PATH", target).env("FAULT", fault);
    let output = command.env("FAULT_AFTER", after.to_string()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

fn touch(path: &Path) {
    File::options().write(true).open(path).unwrap().set_modified(SystemTime::now()).unwrap();
}

fn unreachable(summary: &Value) -> Vec<&str> {
    let files = summary["unreachable"].as_array().unwrap();
    files.iter().map(|file| file["path"].as_str().unwrap().rsplit('/').next().unwrap()).collect()
}

#[test]
fn a_known_song_that_cannot_be_reached_stays_as_it_was_and_is_tried_again() {
    for (fault, after) in [("refused", 0), ("broken", 0), ("broken", 100), ("broken", 50_000)] {
        let home = Home::new();
        let Some(shim) = shim(&home) else { return };
        tone(&home.music("a.wav"), 300.0);
        tone(&home.music("b.wav"), 400.0);
        home.scan();
        let like = Record::Opinion { path: home.songs()[0].path.clone(), opinion: Opinion::Like };
        home.library().remember(&like, Timestamp::now()).unwrap();
        let before = home.songs();
        touch(&home.music("a.wav"));
        let summary = scan_with_fault(&home, &shim, "/a.wav", fault, after);
        assert_eq!((unreachable(&summary), &summary["read"]), (vec!["a.wav"], &0.into()), "{fault} {after}: {summary}");
        assert_eq!(home.songs(), before, "{fault} after {after} bytes");
        let again = home.scan();
        assert_eq!((&again["read"], &again["failed_before"]), (&1.into(), &0.into()), "{fault} {after}: {again}");
        assert_eq!(home.songs(), before, "{fault} after {after} bytes, read again");
    }
}

#[test]
fn a_new_song_that_cannot_be_reached_is_read_by_the_next_scan() {
    let home = Home::new();
    let Some(shim) = shim(&home) else { return };
    (0..5).for_each(|k| tone(&home.music(format!("{k}.wav")), 300.0 + 40.0 * k as f32));
    let summary = scan_with_fault(&home, &shim, "/Music/", "broken", 40_000);
    assert_eq!((unreachable(&summary).len(), &summary["songs"]), (5, &0.into()), "{summary}");
    let mended = home.scan();
    assert_eq!((&mended["read"], &mended["songs"]), (&5.into(), &5.into()), "{mended}");
}

#[test]
fn a_file_that_blocks_holds_up_no_other() {
    let home = Home::new();
    let Some(shim) = shim(&home) else { return };
    (0..5).for_each(|k| tone(&home.music(format!("{k}.wav")), 300.0 + 40.0 * k as f32));
    let started = Instant::now();
    let summary = scan_with_fault(&home, &shim, "/2.wav", "blocked", 0);
    assert!(started.elapsed() < Duration::from_secs(60));
    assert_eq!((unreachable(&summary), &summary["songs"]), (vec!["2.wav"], &4.into()), "{summary}");
    assert!(summary["unreachable"][0]["why"].as_str().unwrap().contains("within 1 s"), "{summary}");
    assert_eq!(home.scan()["songs"], 5);
}

#[test]
fn a_disk_on_which_everything_blocks_ends_the_scan() {
    let home = Home::new();
    let Some(shim) = shim(&home) else { return };
    (0..40).for_each(|k| tone(&home.music(format!("{k}.wav")), 300.0 + 4.0 * k as f32));
    let started = Instant::now();
    let summary = scan_with_fault(&home, &shim, "/Music/", "blocked", 0);
    assert!(started.elapsed() < Duration::from_secs(60));
    assert_eq!((unreachable(&summary).len(), &summary["songs"]), (40, &0.into()), "{summary}");
}

#[test]
fn a_folder_that_goes_away_during_a_scan_loses_nothing_and_is_named() {
    let home = Home::new();
    let total = 300;
    for k in 0..total {
        let sound = |t: f32| 0.5 * (t * 2_000.0 + k as f32 * t * t).sin();
        write_wav(&home.music(format!("{k}.wav")), 2.0, sound);
    }
    let (music, away) = (home.music("").canonicalize().unwrap(), home.folder.path().join("away"));
    let mut command = home.command(&["--json", "--threads", "1", music.to_str().unwrap()]);
    let mut scan = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let deadline = Instant::now() + Duration::from_secs(60);
    while home.library().counts().unwrap().songs == 0 {
        assert!(Instant::now() < deadline, "the scan writes nothing");
        std::thread::yield_now();
    }
    fs::rename(&music, &away).unwrap();
    assert!(scan.wait().unwrap().success());
    let summary: Value = serde_json::from_reader(scan.stdout.take().unwrap()).unwrap();
    assert!(!unreachable(&summary).is_empty() && summary["vanished"] == 0, "{summary}");
    let note = summary["notes"][0].as_str().unwrap();
    assert!(note.contains("Music") && note.contains("went away"), "{note}");
    let kept = home.songs().len();
    assert!(kept > 0 && kept < total, "{kept} songs");
    fs::rename(&away, &music).unwrap();
    assert_eq!(home.scan()["songs"], total);
}

#[test]
fn a_scan_can_be_told_to_read_every_file_again() {
    let home = Home::new();
    (0..3).for_each(|k| tone(&home.music(format!("{k}.wav")), 300.0 + 40.0 * k as f32));
    home.scan();
    let ids = |songs: Vec<Song>| songs.iter().map(|song| song.id).collect::<Vec<_>>();
    let before = ids(home.songs());
    let output = home.run(&["--json", "--again", home.music("").to_str().unwrap()]);
    let summary: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((&summary["read"], &summary["unchanged"]), (&3.into(), &0.into()), "{summary}");
    assert_eq!(ids(home.songs()), before);
}
