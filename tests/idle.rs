//! A desk on which nothing happens sleeps. Alone in its process, so that every thread of it counts.

mod common;

use std::collections::BTreeMap;
use std::fs;
use std::time::Duration;

use common::player_test::PlayerTest;
use moodring_testkit::player_process::PlayerKind;

/// How often each thread of this process has gone to sleep so far.
fn sleeps() -> BTreeMap<String, u64> {
    let tasks = fs::read_dir("/proc/self/task").unwrap().map(|task| task.unwrap().path());
    let count = |status: &str| -> Option<u64> {
        status.lines().find_map(|line| line.strip_prefix("voluntary_ctxt_switches:"))?.trim().parse().ok()
    };
    tasks
        .map(|task| (task.display().to_string(), count(&fs::read_to_string(task.join("status")).unwrap()).unwrap()))
        .collect()
}

#[test]
fn while_a_song_plays_on_nobody_wakes() {
    let mut test = PlayerTest::new(120);
    let mpd = test.start_player(PlayerKind::Mpd);
    test.start_player(PlayerKind::Vlc);
    let manager = test.start_manager(Some(mpd.door()));
    manager.wait_for_title("Alpha");
    // VLC tells of positions in its first second.
    std::thread::sleep(Duration::from_secs(3));
    let before = sleeps();
    std::thread::sleep(Duration::from_secs(10));
    let woken: u64 = sleeps().iter().map(|(task, count)| count - before.get(task).unwrap_or(&0)).sum();
    // This thread's own sleep is one of them.
    assert!(woken <= 3, "{woken} wake-ups in ten seconds");
}
