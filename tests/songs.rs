//! `moodring library` and `moodring song`, with the real binary and real files.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;
use std::process::{Command, Output};

use serde_json::Value;

mod common;

use common::song;

struct Home(tempfile::TempDir);

impl Home {
    /// With two songs that were scanned, and a file that could not be read.
    fn new() -> Self {
        let home = Self(tempfile::tempdir().unwrap());
        song::write(&home.music(), "a.flac", "Alpha", 3);
        song::write(&home.music(), "z.flac", "Zulu", 4);
        std::fs::write(home.music().join("broken.mp3"), "no music").unwrap();
        home.said(&["scan"]);
        home
    }

    fn music(&self) -> PathBuf {
        self.0.path().join("Music")
    }

    fn file(&self, name: &str) -> String {
        self.music().join(name).to_str().unwrap().into()
    }

    fn run(&self, arguments: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_moodring"));
        command.args(arguments).current_dir(self.music()).env("HOME", self.0.path()).env_remove("XDG_MUSIC_DIR");
        command.env("XDG_DATA_HOME", self.0.path().join("data")).env_remove("DBUS_SESSION_BUS_ADDRESS");
        command.env("XDG_RUNTIME_DIR", self.0.path()).env("XDG_CONFIG_HOME", self.0.path().join("config"));
        command.output().unwrap()
    }

    fn said(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    fn json(&self, arguments: &[&str]) -> Value {
        serde_json::from_str(&self.said(arguments)).unwrap()
    }
}

#[test]
fn the_library_shows_counts_failures_and_where_its_songs_lie() {
    let home = Home::new();
    let said = home.said(&["library"]);
    for expected in ["2 songs of 1 artist on", "broken.mp3: ", "1 file could not be read", "lively", "cheerful"] {
        assert!(said.contains(expected), "{expected} is missing in {said}");
    }
    let json = home.json(&["library", "--json"]);
    assert_eq!(
        (&json["songs"], &json["failed"], &json["failures"].as_array().unwrap().len()),
        (&2.into(), &1.into(), &1)
    );
    let cells = json["plane"]["cells"].as_array().unwrap().iter().flat_map(|row| row.as_array().unwrap());
    assert_eq!(cells.map(|count| count.as_u64().unwrap()).sum::<u64>(), 2);
    assert_eq!(json["folders"][0], home.music().canonicalize().unwrap().to_str().unwrap());
}

#[test]
fn all_that_is_known_of_a_song_is_told_by_its_file_or_its_name() {
    let home = Home::new();
    for asked in [home.file("a.flac").as_str(), "a.flac", "alpha", "nobody alpha"] {
        let said = home.said(&["song", asked]);
        for expected in ["Alpha", "Nobody", "Album Alpha", "0:03", "valence", "energy", "never"] {
            assert!(said.contains(expected), "{expected} is missing in {said}");
        }
    }
    assert!(home.said(&["song", "broken.mp3"]).contains("could not be read"));
    let json = home.json(&["song", "--json", "z.flac"]);
    assert_eq!(
        (&json["title"], &json["finished"], &json["valence"]["corrected"]),
        (&"Zulu".into(), &0.into(), &false.into())
    );
}

#[test]
fn the_owners_word_on_a_song_counts_also_after_it_was_scanned_again() {
    let home = Home::new();
    let json = home.json(&["song", "a.flac", "--valence", "0.8", "--tempo", "123", "--json"]);
    assert_eq!((&json["valence"]["corrected"], &json["energy"]["corrected"]), (&true.into(), &false.into()));
    assert!((json["valence"]["value"].as_f64().unwrap() - 0.8).abs() < 1e-6, "{json}");
    home.said(&["song", "a.flac", "--energy", "0.9"]);
    // A changed file is listened to again.
    song::write(&home.music(), "a.flac", "Alpha Two", 5);
    home.said(&["scan"]);
    let json = home.json(&["song", "a.flac", "--json"]);
    assert_eq!((&json["title"], &json["tempo"]["value"]), (&"Alpha Two".into(), &123.0.into()));
    let value = |axis: &str| (json[axis]["value"].as_f64().unwrap() * 10.0).round();
    assert_eq!((value("valence"), value("energy")), (8.0, 9.0));
    // And a moved one keeps it.
    std::fs::rename(home.file("a.flac"), home.file("b.flac")).unwrap();
    home.said(&["scan"]);
    assert_eq!(home.json(&["song", "b.flac", "--json"])["valence"]["corrected"], true);
    let picks = home.json(&["recommend", "--mood", "happy", "--json"]);
    assert_eq!(picks["songs"][0]["title"], "Alpha Two", "{picks}");
    assert_eq!(home.json(&["song", "b.flac", "--forget", "--json"])["valence"]["corrected"], false);
}

#[test]
fn a_song_is_known_in_whatever_folder_a_link_puts_its_file() {
    let home = Home::new();
    std::os::unix::fs::symlink(home.music(), home.0.path().join("other")).unwrap();
    let named = home.0.path().join("other/a.flac");
    assert!(home.said(&["song", named.to_str().unwrap()]).contains("Alpha"));
    std::os::unix::fs::symlink(home.file("a.flac"), home.0.path().join("favourite.flac")).unwrap();
    assert!(home.said(&["song", "../favourite.flac"]).contains("Alpha"));
    // And where the scan itself went through a link.
    let away = home.0.path().join("elsewhere");
    song::write(&away, "b.flac", "Beta", 3);
    std::os::unix::fs::symlink(&away, home.music().join("link")).unwrap();
    home.said(&["scan"]);
    for named in ["../elsewhere/b.flac", "../Music/link/b.flac", "link/b.flac"] {
        assert!(home.said(&["song", named]).contains("Beta"), "{named}");
    }
}

#[test]
fn a_file_whose_name_is_no_text_is_told_of_in_json_too() {
    let home = Home::new();
    let folder = home.music().join(OsStr::from_bytes(b"caf\xe9"));
    std::fs::create_dir(&folder).unwrap();
    std::fs::rename(home.file("a.flac"), folder.join(OsStr::from_bytes(b"a\xe9.flac"))).unwrap();
    std::fs::rename(home.file("broken.mp3"), folder.join("broken.mp3")).unwrap();
    home.said(&["scan"]);
    let card = home.json(&["song", "alpha", "--json"]);
    assert!(card["path"].as_str().unwrap().ends_with("/caf%E9/a%E9.flac"), "{card}");
    let library = home.json(&["library", "--json"]);
    assert!(library["failures"][0]["path"].as_str().unwrap().ends_with("/caf%E9/broken.mp3"), "{library}");
    let picks = home.json(&["recommend", "--json"]);
    let paths: Vec<_> = picks["songs"].as_array().unwrap().iter().map(|pick| pick["path"].as_str().unwrap()).collect();
    assert!(paths.iter().any(|path| path.starts_with("file:///") && path.ends_with("a%E9.flac")), "{picks}");
}

#[test]
fn a_pick_is_explained_by_figures_that_make_its_score() {
    let home = Home::new();
    let picks = home.json(&["recommend", "sad", "--json"]);
    assert_eq!(picks["mood"], "sad");
    for pick in picks["songs"].as_array().unwrap() {
        let term = |name: &str| pick["terms"][name].as_f64().unwrap();
        let mood = ((term("fit") + 0.25) / 1.25).powf(term("mood_weight"));
        let score = mood * ((term("taste") + 0.01) / 1.01).powf(1.0 - term("mood_weight"));
        assert!((score - term("score")).abs() < 1e-4, "{pick}");
        assert!((score * term("spacing") * term("chance") - pick["total"].as_f64().unwrap()).abs() < 1e-4, "{pick}");
    }
    let said = home.said(&["recommend", "--mood", "sad", "--explain"]);
    assert!(said.contains(" + 0.25) / 1.25) ^ 1.00 x ") && said.contains(" for spacing x "), "{said}");
    assert_eq!(home.run(&["recommend", "sad", "--mood", "happy"]).status.code(), Some(2));
}

#[test]
fn what_is_no_song_or_no_figure_is_refused_with_the_way_out() {
    let home = Home::new();
    std::fs::write(home.file("cover.jpg"), "a picture").unwrap();
    for (asked, code, hint) in
        [("cover.jpg", 1, "moodring scan"), ("nothing like it", 1, "moodring scan"), ("nobody", 2, "more words")]
    {
        let output = home.run(&["song", asked]);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(code), "{said}");
        assert!(said.contains("hint:") && said.contains(hint), "{said}");
    }
    for figure in ["1.2", "-0.1", "much"] {
        let output = home.run(&["song", "a.flac", "--valence", figure]);
        assert_eq!(output.status.code(), Some(2));
        assert!(String::from_utf8_lossy(&output.stderr).contains("it must be a number from 0 to 1"), "{figure}");
    }
    assert_eq!(home.run(&["song", "%"]).status.code(), Some(1), "a percent sign stands for itself");
}
