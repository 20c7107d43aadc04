//! Random evenings: a user who edits the list at will, and an agent that queues songs. When the agent quits, the list is as it
//! would be without the agent, apart from songs of the agent that have played.
//!
//! `MOODRING_EVENINGS` sets their number, and `MOODRING_EVENING_SEED` the first seed. A failure prints its seed.

mod agent;
mod fake_player;
mod player_list;
mod random;
mod user;

use agent::TestAgent;
use fake_player::{FakePlayer, Removal};
use player_list::PlayerList;
use random::Random;
use user::take_random_step;

/// How many evenings each test plays.
const EVENINGS: u64 = 1000;
const STEPS: usize = 40;

fn number_from_environment(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

/// Plays evenings with players that identify songs in one way.
fn play_evenings(removal: Removal) {
    let first = number_from_environment("MOODRING_EVENING_SEED").unwrap_or(1);
    let count = number_from_environment("MOODRING_EVENINGS").unwrap_or(EVENINGS);
    let mut queued = 0;
    for seed in first..first + count {
        queued += play_evening(seed, removal);
    }
    assert!(queued as u64 > count, "only {queued} songs were queued in {count} evenings");
}

/// Plays one evening; returns how many songs were queued.
fn play_evening(seed: u64, removal: Removal) -> usize {
    let mut random = Random::new(seed);
    let list = PlayerList::with_songs(&mut random);
    let player = FakePlayer::new(list.clone(), removal);
    let mut agent = TestAgent::start(player, list.clone());
    let mut steps = Vec::new();
    for _ in 0..STEPS {
        steps.push(take_random_step(&mut random, &list, &mut agent));
        list.assert_user_songs_kept(seed, &steps);
        let waiting = list.waiting_agent_songs();
        assert!(waiting.len() <= 1, "seed {seed}: {waiting:?} wait at once after {steps:#?}");
    }
    agent.quit();
    list.assert_user_songs_kept(seed, &steps);
    let left = list.waiting_agent_songs();
    assert!(left.is_empty(), "seed {seed}: {left:?} was left in {list:#?} after {steps:#?}");
    list.count_queued()
}

#[test]
fn nothing_is_left_in_a_player_whose_entries_have_ids() {
    play_evenings(Removal::Id);
}

#[test]
fn nothing_is_left_in_a_player_whose_entries_have_no_ids() {
    play_evenings(Removal::Position);
}

#[test]
fn nothing_is_left_in_a_player_that_fails_now_and_then() {
    play_evenings(Removal::IdWithFailures);
}
