//! Players that answer well and do something else: they get no second song, and keep none of the first.

use std::time::{Duration, Instant};

use moodring_core::domain::playback::{Dequeued, PlaybackStatus, QueueMethod};
use moodring_core::message::Event;

use crate::common::fake::{Fake, Habit};
use crate::common::show::{Show, Watch};

const USERS: [&str; 2] = ["file:///x/a.ogg", "file:///x/z.ogg"];

/// Longer than the first look for a song that came late.
const LATER: Duration = Duration::from_secs(8);

fn start(show: &Show, habit: Habit) -> (Fake, Watch) {
    let fake = Fake::new(&show.stage.address(), "fake", habit);
    let watch = show.watch(None);
    watch.playback(|playback| playback.status == PlaybackStatus::Playing);
    (fake, watch)
}

fn learns_that_nothing_works(watch: &Watch) {
    let known = watch.until(|event| if let Event::QueueSupportLearned(known) = event { Some(known) } else { None });
    assert_eq!(known.way, QueueMethod::Unsupported);
}

/// The first song finds the player out, and its list ends as the user's.
fn is_found_out(habit: Habit) {
    let show = Show::new(4);
    let (fake, watch) = start(&show, habit);
    watch.queue(&show.bravo).unwrap_err();
    learns_that_nothing_works(&watch);
    watch.queue(&show.bravo).unwrap_err();
    let end = Instant::now() + LATER;
    while Instant::now() < end {
        std::thread::sleep(Duration::from_millis(200));
    }
    assert_eq!(fake.tracks(), USERS);
    assert_eq!(fake.current(), USERS[0], "the user's song still plays");
}

#[test]
fn a_player_whose_ids_are_positions_is_found_out() {
    is_found_out(Habit::NumbersByPosition);
}

#[test]
fn a_player_that_gives_all_tracks_one_id_is_found_out() {
    is_found_out(Habit::NumbersAllTheSame);
}

#[test]
fn a_player_that_shows_a_song_only_after_seconds_is_found_out() {
    is_found_out(Habit::InsertsLate);
}

#[test]
fn a_player_that_tells_no_addresses_is_found_out() {
    is_found_out(Habit::HidesAddresses);
}

#[test]
fn a_player_that_refuses_to_describe_its_tracks_is_found_out() {
    is_found_out(Habit::HidesMetadata);
}

#[test]
fn a_player_that_refuses_songs_is_found_out() {
    is_found_out(Habit::Refuses);
}

#[test]
fn a_player_that_refuses_songs_and_takes_them_is_found_out() {
    is_found_out(Habit::RefusesAndAppends);
}

#[test]
fn a_player_that_says_its_list_cannot_be_edited_is_believed() {
    is_found_out(Habit::SaysFixed);
}

#[test]
fn a_player_that_starts_what_is_added_is_found_out() {
    is_found_out(Habit::Starts);
}

/// As Pragha 1.3.4 does: the first song stays, for nobody can take it out, and there never is a second.
#[test]
fn a_player_that_appends_and_gives_nothing_back_gets_one_song_and_no_second() {
    let show = Show::new(4);
    let (fake, watch) = start(&show, Habit::AppendsForGood);
    watch.queue(&show.bravo).unwrap_err();
    learns_that_nothing_works(&watch);
    watch.queue(&show.bravo).unwrap_err();
    assert_eq!(fake.tracks().len(), 3);
}

#[test]
fn a_player_that_gives_nothing_back_says_so_and_gets_no_second_song() {
    let show = Show::new(4);
    let (fake, watch) = start(&show, Habit::InsertsForGood);
    let handle = watch.queue(&show.bravo).unwrap();
    assert_eq!(watch.dequeue(&handle), Ok(Dequeued::Cannot));
    watch.queue(&show.bravo).unwrap_err();
    assert_eq!(fake.tracks().len(), 3);
}
