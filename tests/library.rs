//! The library on disk: killed while writing, from an older version, damaged, full, and shared.

use std::fs::{self, Permissions};
use std::io::{BufRead, BufReader};
use std::os::unix::ffi::OsStringExt;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use moodring_core::domain::song::Opinion;
use moodring_core::error;
use moodring_core::message::{PersistedState, PlayOutcome, Record};
use moodring_core::mood::{Intent, Mood, MoodName};
use moodring_music::library::{Details, FileRow, Forgotten, Library, Stamp};

const STAMP: Stamp = Stamp { size: 1, modified: 2, changed: 4, inode: 5, analysis: 3 };

fn now() -> Timestamp {
    "2026-11-20T20:00:00Z".parse().unwrap()
}

fn days_ago(days: i64) -> Timestamp {
    now() - SignedDuration::from_hours(24 * days)
}

fn song(path: impl Into<PathBuf>) -> FileRow {
    let details = Details {
        title: "Song".into(),
        artist: "Artist".into(),
        seconds: 200.0,
        valence: 0.7,
        energy: 0.2,
        valence_certainty: 0.5,
        energy_certainty: 0.5,
        heard: true,
        ..Details::default()
    };
    FileRow { path: path.into(), stamp: STAMP, found: Ok(details) }
}

fn heard(path: &str, outcome: PlayOutcome) -> Record {
    Record::Play {
        path: path.into(),
        outcome,
        ours: Some(Intent::Lift),
        judged: Some([0.75, 0.5]),
        lasted: Duration::from_secs(180),
    }
}

fn complaint(file: &Path) -> (String, String) {
    let error = Library::open(file).unwrap_err();
    let hint = error::find_user_error(&error).expect("a fault with a hint").hint.clone();
    (format!("{error:#}"), hint)
}

#[test]
fn what_was_put_in_is_read_back() {
    let mut library = Library::in_memory().unwrap();
    library.put(&[song("/music/a.ogg")]).unwrap();
    let songs = library.songs(now()).unwrap();
    assert_eq!(songs.len(), 1);
    assert_eq!((songs[0].title.as_str(), songs[0].valence, songs[0].energy), ("Song", 0.7, 0.2));
    assert_eq!(songs[0].evidence, moodring_core::domain::song::Evidence::default());
}

#[test]
fn plays_fade_by_half_in_ninety_days() {
    let mut library = Library::in_memory().unwrap();
    library.put(&[song("/music/a.ogg")]).unwrap();
    library.remember(&heard("/music/a.ogg", PlayOutcome::Finished), days_ago(90)).unwrap();
    library.remember(&heard("/music/a.ogg", PlayOutcome::Finished), days_ago(0)).unwrap();
    library.remember(&heard("/music/a.ogg", PlayOutcome::Skipped), days_ago(180)).unwrap();
    let evidence = library.songs(now()).unwrap()[0].evidence;
    assert!((evidence.finished - 1.5).abs() < 1e-3, "{evidence:?}");
    assert!((evidence.skipped - 0.25).abs() < 1e-3, "{evidence:?}");
    assert_eq!(evidence.last_played_days, Some(0.0));
}

#[test]
fn a_like_before_the_scan_is_not_lost() {
    let mut library = Library::in_memory().unwrap();
    let like = Record::Opinion { path: "/music/a.ogg".into(), opinion: Opinion::Like };
    library.remember(&like, now()).unwrap();
    library.put(&[song("/music/a.ogg")]).unwrap();
    assert_eq!(library.songs(now()).unwrap()[0].evidence.opinion, Opinion::Like);
}

#[test]
fn an_opinion_can_be_changed_and_taken_back() {
    let mut library = Library::in_memory().unwrap();
    library.put(&[song("/music/a.ogg")]).unwrap();
    for opinion in [Opinion::Like, Opinion::Dislike, Opinion::None] {
        library.remember(&Record::Opinion { path: "/music/a.ogg".into(), opinion }, now()).unwrap();
        assert_eq!(library.songs(now()).unwrap()[0].evidence.opinion, opinion);
    }
}

#[test]
fn vanished_and_broken_files_are_not_songs() {
    let mut library = Library::in_memory().unwrap();
    let broken = FileRow { found: Err("it is empty".into()), ..song("/music/broken.mp3") };
    library.put(&[song("/music/a.ogg"), song("/music/gone.ogg"), broken]).unwrap();
    library.mark_vanished(&["/music/gone.ogg".into()], now()).unwrap();
    let paths: Vec<_> = library.songs(now()).unwrap().into_iter().map(|song| song.path).collect();
    assert_eq!(paths, [PathBuf::from("/music/a.ogg")]);
    let counts = library.counts().unwrap();
    assert_eq!((counts.songs, counts.failed, counts.vanished), (1, 1, 1));
    library.mark_present(&["/music/gone.ogg".into()]).unwrap();
    assert_eq!(library.songs(now()).unwrap().len(), 2);
}

#[test]
fn a_path_may_hold_any_bytes() {
    let odd = PathBuf::from(std::ffi::OsString::from_vec(b"/music/\xff new\nline '\";--.ogg".to_vec()));
    let mut library = Library::in_memory().unwrap();
    library.put(&[song(&odd)]).unwrap();
    library.remember(&Record::Opinion { path: odd.clone(), opinion: Opinion::Like }, now()).unwrap();
    let songs = library.songs(now()).unwrap();
    assert_eq!((songs[0].path.clone(), songs[0].evidence.opinion), (odd.clone(), Opinion::Like));
    assert!(library.known().unwrap().contains_key(&odd));
}

#[test]
fn a_changed_song_keeps_its_number() {
    let mut library = Library::in_memory().unwrap();
    library.put(&[song("/music/a.ogg"), song("/music/b.ogg")]).unwrap();
    let before = library.songs(now()).unwrap()[0].id;
    library.put(&[FileRow { stamp: Stamp { size: 9, ..STAMP }, ..song("/music/a.ogg") }]).unwrap();
    let songs = library.songs(now()).unwrap();
    assert_eq!((songs.len(), songs[0].id), (2, before));
}

#[test]
fn settings_outlive_the_agent() {
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("library.db");
    let mut library = Library::open(&file).unwrap();
    assert_eq!(library.settings().unwrap(), PersistedState::default());
    let memories = [
        Record::Consent(true),
        Record::Intent(Intent::Calm),
        Record::ManualMood(Some(MoodName::Angry)),
        Record::Paused(true),
        Record::TrayAdviceShown,
        Record::MoodSettled(Mood { valence: 0.3, energy: 0.4, confidence: 0.5 }),
    ];
    memories.iter().for_each(|memory| library.remember(memory, now()).unwrap());
    drop(library);
    let mut library = Library::open(&file).unwrap();
    let expected = PersistedState {
        consent: Some(true),
        intent: Some(Intent::Calm),
        by_hand: Some(MoodName::Angry),
        paused: true,
        told_of_tray: true,
    };
    assert_eq!(library.settings().unwrap(), expected);
    assert_eq!(library.counts().unwrap().moods, 1);
    library.remember(&Record::ManualMood(None), now()).unwrap();
    library.remember(&Record::Consent(false), now()).unwrap();
    let settings = library.settings().unwrap();
    assert_eq!((settings.by_hand, settings.consent), (None, Some(false)));
}

#[test]
fn the_file_is_for_its_owner_alone() {
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("deep/moodring/library.db");
    let mut library = Library::open(&file).unwrap();
    library.remember(&Record::Consent(true), now()).unwrap();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&file), mode(file.parent().unwrap())), (0o600, 0o700));
    assert_eq!(mode(&file.with_extension("db-wal")), 0o600);
    drop(library);
    fs::set_permissions(&file, Permissions::from_mode(0o644)).unwrap();
    Library::open(&file).unwrap();
    assert_eq!(mode(&file), 0o600);
}

/// The first format, as files of that time have it.
const FIRST_FORMAT: &str = "CREATE TABLE songs (
        id INTEGER PRIMARY KEY, path BLOB NOT NULL UNIQUE, size INTEGER NOT NULL, modified INTEGER NOT NULL,
        analysis INTEGER NOT NULL, fault TEXT, vanished INTEGER, title TEXT NOT NULL DEFAULT '',
        artist TEXT NOT NULL DEFAULT '', album TEXT NOT NULL DEFAULT '', genre TEXT NOT NULL DEFAULT '',
        year INTEGER, track INTEGER, recording TEXT, seconds REAL NOT NULL DEFAULT 0,
        tempo REAL NOT NULL DEFAULT 0, key TEXT, valence REAL NOT NULL DEFAULT 0.5,
        energy REAL NOT NULL DEFAULT 0.5, certainty REAL NOT NULL DEFAULT 0, heard INTEGER NOT NULL DEFAULT 0
    ) STRICT;
    INSERT INTO songs (path, size, modified, analysis, title) VALUES (CAST('/music/old.ogg' AS BLOB), 1, 2, 3, 'Old');
    PRAGMA application_id = 0x6d6f6f64;
    PRAGMA user_version = 1;";

#[test]
fn an_older_library_is_brought_up_to_date_with_its_songs() {
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("library.db");
    rusqlite::Connection::open(&file).unwrap().execute_batch(FIRST_FORMAT).unwrap();
    let mut library = Library::open(&file).unwrap();
    assert_eq!(library.songs(now()).unwrap()[0].title, "Old");
    library.remember(&heard("/music/old.ogg", PlayOutcome::Finished), now()).unwrap();
    drop(library);
    assert_eq!(Library::open(&file).unwrap().songs(now()).unwrap()[0].evidence.finished, 1.0);
}

#[test]
fn a_migration_that_fails_half_way_leaves_the_old_library() {
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("library.db");
    // The second step makes a table of this name as its third; the first two must not stay.
    let clash = format!("{FIRST_FORMAT} CREATE TABLE settings (x);");
    rusqlite::Connection::open(&file).unwrap().execute_batch(&clash).unwrap();
    assert!(complaint(&file).0.contains("settings"));
    let base = rusqlite::Connection::open(&file).unwrap();
    let tables: i64 =
        base.query_row("SELECT count(*) FROM sqlite_master WHERE type = 'table'", [], |r| r.get(0)).unwrap();
    let version: i64 = base.pragma_query_value(None, "user_version", |r| r.get(0)).unwrap();
    assert_eq!((tables, version), (2, 1));
}

#[test]
fn a_newer_library_is_refused_and_left_alone() {
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("library.db");
    let newer = FIRST_FORMAT.replace("user_version = 1", "user_version = 99");
    rusqlite::Connection::open(&file).unwrap().execute_batch(&newer).unwrap();
    let before = fs::read(&file).unwrap();
    let (what, hint) = complaint(&file);
    assert!(what.contains("library.db") && what.contains("newer") && hint.contains("update"), "{what} / {hint}");
    assert_eq!(fs::read(&file).unwrap(), before);
}

#[test]
fn another_programs_files_are_refused_and_left_alone() {
    let home = tempfile::tempdir().unwrap();
    let text = home.path().join("text.db");
    fs::write(&text, "Dear diary, this is not a database at all.\n".repeat(200)).unwrap();
    let foreign = home.path().join("foreign.db");
    rusqlite::Connection::open(&foreign).unwrap().execute_batch("CREATE TABLE bookmarks (url TEXT)").unwrap();
    for file in [text, foreign] {
        let before = fs::read(&file).unwrap();
        let (what, hint) = complaint(&file);
        assert!(what.contains(file.to_str().unwrap()) && hint.contains("move it away"), "{what} / {hint}");
        assert_eq!(fs::read(&file).unwrap(), before);
    }
}

#[test]
fn a_place_that_cannot_be_written_is_one_clear_fault() {
    let home = tempfile::tempdir().unwrap();
    let (what, hint) = complaint(home.path());
    assert!(what.contains("cannot open the library") && hint.contains("permissions"), "{what} / {hint}");
    fs::write(home.path().join("file"), "").unwrap();
    assert!(complaint(&home.path().join("file/library.db")).0.contains("cannot open the library"));
}

#[test]
fn many_may_open_a_new_library_at_once() {
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("library.db");
    std::thread::scope(|scope| {
        for k in 0..8 {
            let file = &file;
            scope.spawn(move || {
                let mut library = Library::open(file).unwrap();
                library.put(&[song(format!("/music/{k}.ogg"))]).unwrap();
            });
        }
    });
    assert_eq!(Library::open(&file).unwrap().songs(now()).unwrap().len(), 8);
}

/// Writes for ever, telling each row that it was promised; only ever run by the test below, in a process to be killed.
fn write_until_killed(file: &Path) -> ! {
    let mut library = Library::open(file).unwrap();
    for k in 0.. {
        library.put(&[song(format!("/music/{k}.ogg")), song(format!("/music/{k}.mp3"))]).unwrap();
        library.remember(&heard(&format!("/music/{k}.ogg"), PlayOutcome::Finished), now()).unwrap();
        println!("kept {k}");
    }
    unreachable!()
}

/// Kills a writer after it promised some rows; returns how many pairs it had promised.
fn promises_before_the_kill(file: &Path, promises: usize) -> usize {
    let name = "a_writer_killed_at_any_moment_loses_nothing_it_promised";
    let mut writer = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", name, "--nocapture"])
        .env("MOODRING_TEST_WRITER", file)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(writer.stdout.take().unwrap()).lines().map_while(Result::ok);
    let mut kept = lines.filter_map(|line| line.rsplit_once("kept ").and_then(|(_, k)| k.parse::<usize>().ok()));
    (&mut kept).take(promises).for_each(drop);
    writer.kill().unwrap();
    // What it still said between our last line and its death counts as well.
    let last = kept.last();
    writer.wait().unwrap();
    last.map_or(promises, |k| k + 1)
}

#[test]
fn a_writer_killed_at_any_moment_loses_nothing_it_promised() {
    if let Some(file) = std::env::var_os("MOODRING_TEST_WRITER") {
        write_until_killed(Path::new(&file));
    }
    for round in 1..=8 {
        let home = tempfile::tempdir().unwrap();
        let file = home.path().join("library.db");
        let promised = promises_before_the_kill(&file, round * 3);
        let library = Library::open(&file).unwrap();
        let songs = library.songs(now()).unwrap();
        let plays = library.counts().unwrap().plays as usize;
        assert!(songs.len() >= 2 * promised && plays >= promised, "{} songs, {promised} promised", songs.len());
        assert_eq!(songs.len() % 2, 0, "half of a batch was kept");
        assert!(songs.len() <= 2 * (promised + 1) && plays <= promised + 1);
    }
}

/// Whether the bytes lie in the library's file or in one beside it.
fn lies_there(file: &Path, bytes: &[u8]) -> bool {
    let files = fs::read_dir(file.parent().unwrap()).unwrap().map(|entry| fs::read(entry.unwrap().path()).unwrap());
    files.into_iter().any(|content| content.windows(bytes.len()).any(|window| window == bytes))
}

fn like(path: &str) -> Record {
    Record::Opinion { path: path.into(), opinion: Opinion::Like }
}

#[test]
fn what_is_forgotten_is_in_no_file_any_more_also_while_an_agent_has_the_library_open() {
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("library.db");
    let mut agent = Library::open(&file).unwrap();
    agent.put(&[song("/music/kept.ogg")]).unwrap();
    agent.remember(&Record::Consent(true), now()).unwrap();
    for n in 0..200 {
        agent.remember(&heard(&format!("/music/secret {n}.ogg"), PlayOutcome::Finished), now()).unwrap();
        agent.remember(&like(&format!("/music/secret {n}.ogg")), now()).unwrap();
    }
    assert!(lies_there(&file, b"/music/secret"));
    let forgotten = Library::open(&file).unwrap().forget(None).unwrap();
    assert_eq!(forgotten, Forgotten { moods: 0, plays: 200, opinions: 200 });
    assert!(!lies_there(&file, b"/music/secret"));
    assert!(lies_there(&file, b"/music/kept.ogg"));
    assert_eq!(agent.settings().unwrap().consent, Some(true));
    assert_eq!((agent.counts().unwrap().plays, agent.counts().unwrap().songs), (0, 1));
    agent.remember(&heard("/music/kept.ogg", PlayOutcome::Finished), now()).unwrap();
    assert_eq!(agent.counts().unwrap().plays, 1);
}

#[test]
fn forgetting_the_last_hours_leaves_what_was_before() {
    let mut library = Library::in_memory().unwrap();
    let hours = |hours| now() - SignedDuration::from_hours(hours);
    let mood = Record::MoodSettled(Mood { valence: 0.3, energy: 0.4, confidence: 0.5 });
    for at in [hours(5), hours(1)] {
        library.remember(&heard("/music/a.ogg", PlayOutcome::Finished), at).unwrap();
        library.remember(&mood, at).unwrap();
    }
    library.remember(&like("/music/a.ogg"), hours(5)).unwrap();
    assert_eq!(library.forget(Some(hours(2))).unwrap(), Forgotten { moods: 1, plays: 1, opinions: 0 });
    let counts = library.counts().unwrap();
    assert_eq!((counts.moods, counts.plays, counts.likes), (1, 1, 1));
}

#[test]
fn the_history_tells_moods_and_songs_with_who_chose_them() {
    let mut library = Library::in_memory().unwrap();
    library.put(&[song("/music/a.ogg")]).unwrap();
    let minutes = |minutes| now() - SignedDuration::from_mins(minutes);
    let sad = Mood { valence: 0.2, energy: 0.2, confidence: 1.0 };
    library.remember(&Record::ManualMoodSet(Some(sad)), minutes(30)).unwrap();
    library.remember(&heard("/music/a.ogg", PlayOutcome::Finished), minutes(10)).unwrap();
    library.remember(&Record::ManualMoodSet(None), minutes(5)).unwrap();
    let history = library.history(minutes(20)).unwrap();
    let moods: Vec<_> = history.moods.iter().map(|felt| (felt.mood, felt.by_hand)).collect();
    assert_eq!(moods, [(Some(sad), true), (None, false)], "the mood that the time began with is among them");
    let [played] = &history.songs[..] else { panic!("{:?}", history.songs) };
    assert_eq!((played.title.as_str(), played.ours, played.intent), ("Song", true, Some(Intent::Lift)));
    assert_eq!(played.to.duration_since(played.from), SignedDuration::from_secs(180));
}
