//! Players that report success and do something else: they get no second song, and the first is removed.

use std::time::{Duration, Instant};

use moodring_core::domain::playback::{Dequeued, PlaybackStatus, QueueMethod};
use moodring_core::message::Event;

use crate::common::fake::{Behavior, FakePlayer};
use crate::common::player_test::{PlayerTest, TestManager};
use crate::retry_while_busy;

const USERS: [&str; 2] = ["file:///x/a.ogg", "file:///x/z.ogg"];

/// Longer than until the first check for a song that arrives late.
const LATER: Duration = Duration::from_secs(8);

fn start(test: &PlayerTest, behavior: Behavior) -> (FakePlayer, TestManager) {
    let fake = FakePlayer::start(&test.desktop.address(), "fake", behavior);
    let manager = test.start_manager(None);
    manager.wait_for_playback(|playback| playback.status == PlaybackStatus::Playing);
    (fake, manager)
}

fn wait_for_unsupported(manager: &TestManager) {
    let known =
        manager.wait_for(|event| if let Event::QueueSupportLearned(known) = event { Some(known) } else { None });
    assert_eq!(known.way, QueueMethod::Unsupported);
}

/// The first song shows that the player cannot be steered, and its list ends as the user's.
fn assert_given_up(behavior: Behavior) {
    let test = PlayerTest::new(4);
    let (fake, manager) = start(&test, behavior);
    manager.queue(&test.bravo).unwrap_err();
    wait_for_unsupported(&manager);
    manager.queue(&test.bravo).unwrap_err();
    let end = Instant::now() + LATER;
    while Instant::now() < end {
        std::thread::sleep(Duration::from_millis(200));
    }
    assert_eq!(fake.tracks(), USERS);
    assert_eq!(fake.current(), USERS[0], "the user's song still plays");
}

#[test]
fn a_player_whose_ids_are_positions_is_given_up() {
    assert_given_up(Behavior::NumbersByPosition);
}

#[test]
fn a_player_that_gives_all_tracks_one_id_is_given_up() {
    assert_given_up(Behavior::NumbersAllTheSame);
}

#[test]
fn a_player_that_shows_a_song_only_after_seconds_is_given_up() {
    assert_given_up(Behavior::InsertsLate);
}

#[test]
fn a_player_that_tells_no_addresses_is_given_up() {
    assert_given_up(Behavior::HidesAddresses);
}

#[test]
fn a_player_that_refuses_to_describe_its_tracks_is_given_up() {
    assert_given_up(Behavior::HidesMetadata);
}

#[test]
fn a_player_that_refuses_songs_is_given_up() {
    assert_given_up(Behavior::Refuses);
}

#[test]
fn a_player_that_refuses_songs_and_takes_them_is_given_up() {
    assert_given_up(Behavior::RefusesAndAppends);
}

#[test]
fn a_player_that_says_its_list_cannot_be_edited_is_believed() {
    assert_given_up(Behavior::SaysFixed);
}

#[test]
fn a_player_that_starts_what_is_added_is_given_up() {
    assert_given_up(Behavior::Starts);
}

/// As Pragha 1.3.4 does: the first song stays, because it cannot be removed, and a second is never added.
#[test]
fn a_player_that_appends_and_cannot_remove_gets_no_second_song() {
    let test = PlayerTest::new(4);
    let (fake, manager) = start(&test, Behavior::AppendsForGood);
    manager.queue(&test.bravo).unwrap_err();
    wait_for_unsupported(&manager);
    manager.queue(&test.bravo).unwrap_err();
    assert_eq!(fake.tracks().len(), 3);
}

#[test]
fn a_player_that_cannot_remove_gets_no_second_song() {
    let test = PlayerTest::new(4);
    let (fake, manager) = start(&test, Behavior::InsertsForGood);
    let handle = retry_while_busy(|| manager.queue(&test.bravo));
    assert_eq!(retry_while_busy(|| manager.dequeue(&handle)), Dequeued::Cannot);
    manager.queue(&test.bravo).unwrap_err();
    assert_eq!(fake.tracks().len(), 3);
}
