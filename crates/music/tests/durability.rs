//! What was written stays written, whatever is done to the library beside the running program.

use std::io::{BufRead, BufReader};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use jiff::Timestamp;
use moodring_core::domain::song::Opinion;
use moodring_core::message::{PlayOutcome, Record};
use moodring_music::library::Library;

/// Names the library to the child process that writes to it.
const FILE: &str = "MOODRING_TEST_LIBRARY";
/// How many times the writer is killed; a number in this variable replaces the default.
const ROUNDS: &str = "MOODRING_KILL_ROUNDS";

/// Locks of this process on this file, by the kernel's account.
fn locks(file: &Path) -> usize {
    let (inode, me) = (format!(":{} ", std::fs::metadata(file).unwrap().ino()), format!(" {} ", std::process::id()));
    let table = std::fs::read_to_string("/proc/locks").unwrap();
    table.lines().filter(|line| line.contains(&inode) && line.contains(&me)).count()
}

fn like(path: &str) -> Record {
    Record::Opinion { path: path.into(), opinion: Opinion::Like }
}

fn likes(file: &Path) -> u64 {
    Library::open(file).unwrap().counts().unwrap().likes
}

#[test]
fn another_open_in_the_same_process_keeps_the_locks_of_the_first() {
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("library.db");
    let mut library = Library::open(&file).unwrap();
    library.remember(&like("/a.ogg"), Timestamp::now()).unwrap();
    let before = locks(&file);
    assert!(before > 0, "an open library is locked");
    drop(Library::open(&file).unwrap());
    assert_eq!(locks(&file), before);
}

/// Versions of SQLite before 3.51 take an unlocked database for their own and delete its write-ahead log.
#[test]
fn a_read_by_the_sqlite_program_leaves_the_log_of_an_open_library_alone() {
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("library.db");
    let mut child = writer(&file);
    let mut said = BufReader::new(child.stdout.take().unwrap()).lines();
    assert_eq!(said.next().unwrap().unwrap(), "opened");
    let read =
        Command::new("sqlite3").arg(&file).arg("SELECT count(*) FROM songs").output().expect("sqlite3 is installed");
    assert_eq!(String::from_utf8_lossy(&read.stdout).trim(), "0", "{read:?}");
    assert!(home.path().join("library.db-wal").exists(), "the log was deleted under the open library");
    let last = said.by_ref().take(20).last().unwrap().unwrap();
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(likes(&file) >= last.parse().unwrap());
}

#[test]
fn what_was_reported_written_survives_a_kill_at_any_moment() {
    let rounds = std::env::var(ROUNDS).ok().and_then(|rounds| rounds.parse().ok()).unwrap_or(10);
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("library.db");
    for round in 0..rounds {
        let mut child = writer(&file);
        let said = BufReader::new(child.stdout.take().unwrap()).lines();
        let clock = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().subsec_nanos();
        std::thread::sleep(Duration::from_millis(20 + u64::from(clock / 1000) % 180));
        child.kill().unwrap();
        child.wait().unwrap();
        let last: Option<u64> = said.map_while(Result::ok).filter_map(|line| line.parse().ok()).last();
        let Some(last) = last else { continue };
        let library = Library::open(&file).unwrap();
        library.check_integrity().unwrap();
        let kept = library.counts().unwrap();
        // The one after it may have been written without being reported.
        assert!(kept.likes == last || kept.likes == last + 1, "round {round}: {last} reported, {} kept", kept.likes);
        assert!(kept.plays == last || kept.plays == last + 1, "round {round}: {last} reported, {} kept", kept.plays);
        let paused = library.settings().unwrap().paused;
        // It is written last, so another value means that all of the next round is there.
        assert!(paused == (last % 2 == 1) || kept.plays == last + 1, "round {round}: {last} reported");
    }
}

fn writer(file: &Path) -> std::process::Child {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "write_until_killed", "--ignored", "--nocapture"]).env(FILE, file);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    // The test harness says a few lines first.
    let mut said = child.stdout.take().unwrap();
    let mut line = Vec::new();
    while !line.ends_with(b"begin\n") {
        let mut byte = [0];
        std::io::Read::read_exact(&mut said, &mut byte).unwrap();
        line.push(byte[0]);
    }
    child.stdout = Some(said);
    child
}

/// The child's side: writes one like, one play and one setting after another, and reports each round once it is written.
#[test]
#[ignore = "a part of the other tests, run as a process of its own"]
fn write_until_killed() {
    let Some(file) = std::env::var_os(FILE).map(PathBuf::from) else { return };
    println!("begin");
    let mut library = Library::open(&file).unwrap();
    // As the agent's other threads do.
    drop(Library::open(&file).unwrap());
    println!("opened");
    // The play is written after the like of its round: where a kill came between them, the round is written again.
    let first = library.counts().unwrap().plays + 1;
    for number in first.. {
        let path = format!("/{number}.ogg");
        let play = Record::Play {
            path: path.clone().into(),
            outcome: PlayOutcome::Finished,
            ours: None,
            judged: None,
            lasted: Duration::from_secs(9),
        };
        for record in [like(&path), play, Record::Paused(number % 2 == 1)] {
            library.remember(&record, Timestamp::now()).unwrap();
        }
        println!("{number}");
    }
}
