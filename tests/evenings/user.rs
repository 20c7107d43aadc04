//! What a user does in an evening, step by step.

use std::time::Duration;

use moodring_core::message::Request;
use moodring_core::mood::MoodName;

use crate::agent::TestAgent;
use crate::player_list::PlayerList;
use crate::random::Random;

const MOODS: [Option<MoodName>; 4] = [Some(MoodName::Happy), Some(MoodName::Sad), Some(MoodName::Angry), None];

/// Takes a step and lets the agent react; describes the step.
///
/// The user never adds a copy of the song that waits: if they play such a copy, the agent takes it for its own song, and
/// the one that waits stays in the list. That gap is known.
pub fn take_random_step(random: &mut Random, list: &PlayerList, agent: &mut TestAgent) -> String {
    let request = match random.below(20) {
        0 => Request::Undo,
        1 => Request::Skip,
        2 => Request::Toggle,
        3..=5 => Request::Mood(*random.pick(&MOODS).unwrap_or(&None)),
        _ => {
            let step = edit_list(random, list);
            let time = Duration::from_secs(random.below(400) as u64);
            agent.read_player();
            agent.wait(time);
            return format!("{step}; {} s", time.as_secs());
        }
    };
    agent.request(request.clone());
    format!("{request:?}")
}

fn edit_list(random: &mut Random, list: &PlayerList) -> String {
    let mut content = list.lock();
    let length = content.songs.len();
    let position = random.below(length);
    let mut step = random.below(13);
    if matches!(step, 9 | 10) && !random.one_in(3) {
        step = 13;
    }
    match step {
        0..=3 => content.play_next(random),
        4 | 5 if length > 0 => content.play(Some(position)),
        6 | 7 if length > 0 => content.drag(position, random.below(length)),
        8 if length > 0 => content.delete_by_user(position),
        9 => content.crop(),
        10 => content.replace(random),
        11 => content.shuffle = !content.shuffle,
        12 => content.paused = !content.paused,
        _ => content.append_by_user(),
    }
    let names = ["next", "next", "next", "next", "jump to", "jump to", "drag", "drag", "delete"];
    let others = ["crop", "replace", "random order", "pause"];
    let name = names.get(step).or_else(|| others.get(step.wrapping_sub(names.len()))).unwrap_or(&"add");
    format!("{name} {position} of {length}")
}
