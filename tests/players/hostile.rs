//! Players on their worst days.

use std::time::Duration;

use moodring_core::domain::playback::{Dequeued, Playback, PlaybackStatus};
use moodring_core::message::Event;
use zbus::zvariant::{ObjectPath, Value};

use crate::common::fake::{Fake, Habit, map};
use crate::common::show::{Show, Watch};

/// Reports of one change come at most so often.
const GAP: Duration = Duration::from_millis(100);

#[test]
fn a_player_that_comes_back_under_another_name_is_steered_again() {
    let show = Show::new(4);
    let watch = show.watch(None);
    for name in ["fake", "fake.instance9", "other"] {
        let fake = Fake::new(&show.stage.address(), name, Habit::Inserts);
        watch.playback(|playback| playback.status == PlaybackStatus::Playing);
        let ticket = watch.queue(&show.bravo).unwrap();
        assert_eq!(fake.tracks().len(), 3, "{name}");
        drop(fake);
        watch.until(|event| matches!(event, Event::Playback(None)).then_some(()));
        assert_eq!(watch.dequeue(&ticket), Ok(Dequeued::NotThere), "{name}");
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
fn lies_about_length_and_position_are_not_believed() {
    let show = Show::new(4);
    let fake = Fake::new(&show.stage.address(), "fake", Habit::Inserts);
    let watch = show.watch(None);
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
        fake.position(position);
        fake.metadata(about(&title, length));
        let said = watch.plays(&title);
        let month = Duration::from_secs(30 * 24 * 3600);
        assert!(said.position.is_none_or(|at| at < month), "{said:?}");
        assert!(said.track.unwrap().length.is_none_or(|length| length < month));
    }
    watch.queue(&show.bravo).unwrap();
    assert_eq!(fake.tracks().len(), 3);
}

#[test]
fn a_position_that_leaps_about_is_told_no_more_often_than_it_is_read() {
    let show = Show::new(4);
    let fake = Fake::new(&show.stage.address(), "fake", Habit::Inserts);
    fake.metadata(about("Leaps", 100_000_000_i64.into()));
    let watch = show.watch(None);
    watch.plays("Leaps");
    let began = std::time::Instant::now();
    for n in 0..2000_i64 {
        fake.position(((n % 2) * 90_000_000).into());
        fake.chatter(1);
    }
    let mut told = 0;
    watch.within(GAP * 3, |event| {
        told += u32::from(matches!(event, Event::Playback(_)));
        None::<()>
    });
    let most = (began.elapsed().as_millis() / GAP.as_millis()) as u32 + 2;
    assert!(told <= most, "{told} reports in {:?}", began.elapsed());
}

/// Resident memory of this process in KiB.
fn memory() -> u64 {
    let text = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = text.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

#[test]
fn a_flood_of_signals_and_of_huge_metadata_leaves_no_memory_behind() {
    let show = Show::new(4);
    let fake = Fake::new(&show.stage.address(), "fake", Habit::Inserts);
    let watch = show.watch(None);
    let flood = |watch: &Watch, round: usize| {
        fake.chatter(5000);
        for n in 0..3 {
            let title = format!("T{round}.{n}");
            let mut huge = about(&title, 1.into());
            huge.insert("xesam:comment".into(), Value::from("x".repeat(4_000_000)).try_to_owned().unwrap());
            fake.metadata(huge);
            watch.plays(&title);
        }
    };
    flood(&watch, 0);
    flood(&watch, 1);
    let before = memory();
    (2..8).for_each(|round| flood(&watch, round));
    let grown = memory().saturating_sub(before);
    // Other tests run in this process at the same time; a leak would be some hundred MiB.
    assert!(grown < 96 * 1024, "{grown} KiB");
}

#[test]
fn a_player_that_stops_and_starts_without_end_is_followed_and_not_lost() {
    let show = Show::new(4);
    let fake = Fake::new(&show.stage.address(), "fake", Habit::Inserts);
    let watch = show.watch(None);
    for _ in 0..200 {
        fake.status("Paused");
        fake.status("Playing");
    }
    fake.status("Stopped");
    let last = watch.playback(|playback: &Playback| playback.status == PlaybackStatus::Stopped);
    assert!(last.player.starts_with("Fake"));
}
