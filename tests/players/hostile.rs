//! Players that send absurd data, floods of signals, or come and go.

use std::time::Duration;

use moodring_core::domain::playback::{Dequeued, Playback, PlaybackStatus};
use moodring_core::message::Event;
use zbus::zvariant::{ObjectPath, Value};

use crate::common::fake::{Behavior, FakePlayer, map};
use crate::common::player_test::{PlayerTest, TestManager};
use crate::retry_while_busy;

/// The shortest time between two reports of the manager.
const GAP: Duration = Duration::from_millis(100);

#[test]
fn a_player_that_returns_under_another_name_is_steered_again() {
    let test = PlayerTest::new(4);
    let manager = test.start_manager(None);
    for name in ["fake", "fake.instance9", "other"] {
        let fake = FakePlayer::start(&test.desktop.address(), name, Behavior::Inserts);
        manager.wait_for_playback(|playback| playback.status == PlaybackStatus::Playing);
        let handle = retry_while_busy(|| manager.queue(&test.bravo));
        assert_eq!(fake.tracks().len(), 3, "{name}");
        drop(fake);
        manager.wait_for(|event| matches!(event, Event::Playback(None)).then_some(()));
        assert_eq!(retry_while_busy(|| manager.dequeue(&handle)), Dequeued::NotThere, "{name}");
    }
}

fn about(title: &str, length: Value<'static>) -> std::collections::HashMap<String, zbus::zvariant::OwnedValue> {
    map(vec![
        ("mpris:trackid", ObjectPath::try_from("/org/videolan/vlc/playlist/3").unwrap().into()),
        ("xesam:title", title.to_owned().into()),
        ("mpris:length", length),
    ])
}

#[test]
fn absurd_lengths_and_positions_are_discarded() {
    let test = PlayerTest::new(4);
    let fake = FakePlayer::start(&test.desktop.address(), "fake", Behavior::Inserts);
    let manager = test.start_manager(None);
    let lies: [(Value<'static>, Value<'static>); 7] = [
        (i64::MAX.into(), i64::MAX.into()),
        (i64::MIN.into(), i64::MIN.into()),
        (f64::NAN.into(), f64::INFINITY.into()),
        (0_i64.into(), 10_000_000_000_000_000_i64.into()),
        (20_000_000_i64.into(), 90_000_000_i64.into()),
        ("long".into(), vec![1_u8].into()),
        (u64::MAX.into(), u64::MAX.into()),
    ];
    for (n, (length, position)) in lies.into_iter().enumerate() {
        let title = format!("Lie {n}");
        fake.set_position(position);
        fake.set_metadata(about(&title, length));
        let reported = manager.wait_for_title(&title);
        let month = Duration::from_secs(30 * 24 * 3600);
        assert!(reported.position.is_none_or(|at| at < month), "{reported:?}");
        assert!(reported.track.unwrap().length.is_none_or(|length| length < month));
    }
    retry_while_busy(|| manager.queue(&test.bravo));
    assert_eq!(fake.tracks().len(), 3);
}

#[test]
fn a_jumping_position_is_reported_no_more_often_than_it_is_read() {
    let test = PlayerTest::new(4);
    let fake = FakePlayer::start(&test.desktop.address(), "fake", Behavior::Inserts);
    fake.set_metadata(about("Leaps", 100_000_000_i64.into()));
    let manager = test.start_manager(None);
    manager.wait_for_title("Leaps");
    let began = std::time::Instant::now();
    for n in 0..2000_i64 {
        fake.set_position(((n % 2) * 90_000_000).into());
        fake.send_signals(1);
    }
    let mut reported = 0;
    manager.wait_for_at_most(GAP * 3, |event| {
        reported += u32::from(matches!(event, Event::Playback(_)));
        None::<()>
    });
    let most = (began.elapsed().as_millis() / GAP.as_millis()) as u32 + 2;
    assert!(reported <= most, "{reported} reports in {:?}", began.elapsed());
}

/// Resident memory of this process in KiB.
fn memory() -> u64 {
    let text = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = text.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

#[test]
fn a_flood_of_signals_and_of_huge_metadata_does_not_leak_memory() {
    let test = PlayerTest::new(4);
    let fake = FakePlayer::start(&test.desktop.address(), "fake", Behavior::Inserts);
    let manager = test.start_manager(None);
    let flood = |manager: &TestManager, round: usize| {
        fake.send_signals(5000);
        for n in 0..3 {
            let title = format!("T{round}.{n}");
            let mut huge = about(&title, 1.into());
            huge.insert("xesam:comment".into(), Value::from("x".repeat(4_000_000)).try_to_owned().unwrap());
            fake.set_metadata(huge);
            manager.wait_for_title(&title);
        }
    };
    flood(&manager, 0);
    flood(&manager, 1);
    let before = memory();
    (2..8).for_each(|round| flood(&manager, round));
    let grown = memory().saturating_sub(before);
    // Other tests run in this process at the same time; a leak would be some hundred MiB.
    assert!(grown < 96 * 1024, "{grown} KiB");
}

#[test]
fn a_player_that_stops_and_starts_all_the_time_is_followed() {
    let test = PlayerTest::new(4);
    let fake = FakePlayer::start(&test.desktop.address(), "fake", Behavior::Inserts);
    let manager = test.start_manager(None);
    for _ in 0..200 {
        fake.set_status("Paused");
        fake.set_status("Playing");
    }
    fake.set_status("Stopped");
    let last = manager.wait_for_playback(|playback: &Playback| playback.status == PlaybackStatus::Stopped);
    assert!(last.player.starts_with("FakePlayer"));
}

#[test]
fn a_player_without_signals_is_read_again_after_its_song() {
    let test = PlayerTest::new(4);
    let fake = FakePlayer::start(&test.desktop.address(), "fake", Behavior::Inserts);
    fake.set_metadata(about("Short", 2_000_000_i64.into()));
    let manager = test.start_manager(None);
    manager.wait_for_title("Short");
    fake.set_status_silently("Stopped");
    manager.wait_for_playback(|playback| playback.status == PlaybackStatus::Stopped);
}
