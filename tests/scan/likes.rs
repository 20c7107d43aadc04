//! Likes stay with the song, wherever its file goes.

use std::collections::HashMap;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use moodring_core::domain::song::Opinion;
use moodring_core::message::Record;

use crate::{Home, tone, write_wav};

fn like(home: &Home, path: &Path) {
    let record = Record::Opinion { path: path.canonicalize().unwrap(), opinion: Opinion::Like };
    home.library().remember(&record, Timestamp::now()).unwrap();
}

/// The files whose songs are liked, by what they hold.
fn liked(home: &Home) -> Vec<Vec<u8>> {
    let songs = home.songs();
    let liked = songs.iter().filter(|song| song.evidence.opinion == Opinion::Like);
    let mut files: Vec<_> = liked.map(|song| fs::read(&song.path).unwrap()).collect();
    files.sort();
    files
}

/// Renames files all at once: each to the name that stands beside it.
fn rename(moves: &[(PathBuf, PathBuf)]) {
    let aside = |path: &Path| path.with_extension("aside");
    moves.iter().for_each(|(from, _)| fs::rename(from, aside(from)).unwrap());
    moves.iter().for_each(|(from, to)| fs::rename(aside(from), to).unwrap());
}

#[test]
fn a_like_follows_its_song_when_two_files_take_each_others_names() {
    let home = Home::new();
    let [one, two] = ["01.wav", "02.wav"].map(|name| home.music(name));
    tone(&one, 300.0);
    write_wav(&two, 3.0, |t| 0.5 * (t * 3_000.0).sin());
    home.scan();
    like(&home, &one);
    let song = fs::read(&one).unwrap();
    rename(&[(one.clone(), two.clone()), (two, one)]);
    home.scan();
    assert_eq!(liked(&home), [song]);
}

#[test]
fn likes_follow_their_songs_through_a_chain_of_new_numbers() {
    let home = Home::new();
    let name = |k: usize| home.music(format!("{k:02}.wav"));
    (0..5).for_each(|k| write_wav(&name(k), 2.0 + k as f32, |t| 0.5 * (t * 2_000.0).sin()));
    home.scan();
    (0..5).for_each(|k| like(&home, &name(k)));
    let before = liked(&home);
    rename(&(0..5).map(|k| (name(k), name(k + 1))).collect::<Vec<_>>());
    write_wav(&name(0), 9.0, |t| 0.5 * (t * 1_000.0).sin());
    home.scan();
    assert_eq!((liked(&home), home.songs().len()), (before, 6));
}

#[test]
fn random_moves_never_part_a_like_from_its_song() {
    let mut state = 7u64;
    let mut next = move |most: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % most
    };
    let home = Home::new();
    let name = |k: usize| home.music(format!("{k:02}.wav"));
    let mut files: Vec<PathBuf> = (0..6).map(name).collect();
    for (k, file) in files.iter().enumerate() {
        write_wav(file, 1.0 + 0.3 * k as f32, |t| 0.5 * (t * 2_000.0).sin());
    }
    home.scan();
    (0..3).for_each(|k| like(&home, &files[k]));
    let before = liked(&home);
    for round in 0..12 {
        let names: Vec<usize> = (0..9).collect();
        let mut free = names.clone();
        let targets: Vec<PathBuf> = files.iter().map(|_| name(free.remove(next(free.len())))).collect();
        rename(&files.iter().cloned().zip(targets.iter().cloned()).collect::<Vec<_>>());
        files = targets;
        // Some programs copy files and delete the old ones, so that neither date nor inode stays.
        let copied = &files[next(files.len())];
        let bytes = fs::read(copied).unwrap();
        fs::remove_file(copied).unwrap();
        fs::write(copied, bytes).unwrap();
        home.scan();
        assert_eq!(liked(&home), before, "after {} rounds", round + 1);
    }
}

#[test]
fn another_file_of_the_size_and_date_of_a_deleted_one_is_read() {
    let home = Home::new();
    tone(&home.music("old.wav"), 300.0);
    home.scan();
    like(&home, &home.music("old.wav"));
    let date = fs::metadata(home.music("old.wav")).unwrap().modified().unwrap();
    // Kept elsewhere, so that its inode is not given to the new file.
    fs::rename(home.music("old.wav"), home.folder.path().join("old.wav")).unwrap();
    tone(&home.music("new.wav"), 900.0);
    File::options().write(true).open(home.music("new.wav")).unwrap().set_modified(date).unwrap();
    let summary = home.scan();
    assert_eq!((&summary["read"], &summary["moved"]), (&1.into(), &0.into()), "{summary}");
    assert!(liked(&home).is_empty());
}

#[test]
fn a_file_that_was_changed_with_its_date_kept_is_read_again() {
    let home = Home::new();
    let file = home.music("a.wav");
    tone(&file, 300.0);
    home.scan();
    let date = fs::metadata(&file).unwrap().modified().unwrap();
    tone(&file, 900.0);
    File::options().write(true).open(&file).unwrap().set_modified(date).unwrap();
    assert_eq!(home.scan()["read"], 1);
    assert_eq!(home.scan()["read"], 0);
}

#[test]
fn a_second_file_of_the_same_sound_takes_no_like_away() {
    let home = Home::new();
    tone(&home.music("a.wav"), 300.0);
    home.scan();
    like(&home, &home.music("a.wav"));
    fs::copy(home.music("a.wav"), home.music("b.wav")).unwrap();
    let touched = File::options().write(true).open(home.music("a.wav")).unwrap();
    touched.set_modified(std::time::SystemTime::now()).unwrap();
    home.scan();
    let opinions: HashMap<_, _> = home.songs().into_iter().map(|song| (song.path, song.evidence.opinion)).collect();
    assert_eq!(opinions[&home.music("a.wav").canonicalize().unwrap()], Opinion::Like);
}
