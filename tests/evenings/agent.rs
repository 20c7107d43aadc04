//! The state of the agent, with a player whose calls it makes as the agent does. Time is an argument.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use moodring_core::config::Config;
use moodring_core::domain::playback::{QueueError, QueueHandle, SongUnavailable};
use moodring_core::domain::song::{Evidence, Song};
use moodring_core::message::{Effect, Event, PersistedState, Request};
use moodring_core::state::State;
use moodring_players::player::{Player, QueueEntry};

use crate::fake_player::FakePlayer;
use crate::player_list::PlayerList;

pub struct TestAgent {
    state: State,
    player: FakePlayer,
    list: PlayerList,
    now: Instant,
}

/// Songs spread over the plane of valence and energy.
fn library() -> Vec<Song> {
    let grid = |at: i64| at as f32 / 6.0;
    let song = |id: i64| Song {
        id,
        path: format!("/library/{id}.ogg").into(),
        title: format!("Song {id}"),
        artist: format!("Artist {id}"),
        album: String::new(),
        genre: String::new(),
        mood: String::new(),
        seconds: 200.0,
        valence: grid(id % 7),
        energy: grid(id / 7),
        tempo: 100.0,
        certainty: 0.5,
        told: Default::default(),
        evidence: Evidence::default(),
    };
    (0..49).map(song).collect()
}

impl TestAgent {
    pub fn start(player: FakePlayer, list: PlayerList) -> Self {
        let now = Instant::now();
        let state = State::new(Config::default(), PersistedState::default(), now);
        let mut agent = Self { state, player, list, now };
        agent.handle(Event::LibraryLoaded(library()));
        agent.read_player();
        agent
    }

    pub fn wait(&mut self, time: Duration) {
        self.now += time;
        self.handle(Event::Tick);
        self.read_player();
    }

    pub fn request(&mut self, request: Request) {
        self.handle(Event::Requested(request, 1));
        self.read_player();
    }

    /// Reports the playback, as the manager does after each change.
    pub fn read_player(&mut self) {
        let playback = self.player.read_playback().ok();
        self.handle(Event::Playback(playback));
    }

    pub fn quit(&mut self) {
        self.player.fails = false;
        self.request(Request::Quit);
    }

    /// Handles an event and all that follow from its effects.
    fn handle(&mut self, event: Event) {
        let mut events = VecDeque::from([event]);
        while let Some(event) = events.pop_front() {
            for effect in self.state.handle(event, self.now) {
                let (touched, follows) = self.perform(effect);
                events.extend(follows);
                if touched {
                    events.push_back(Event::Playback(self.player.read_playback().ok()));
                }
            }
        }
    }

    /// Whether the player was called, and the event that follows.
    fn perform(&mut self, effect: Effect) -> (bool, Option<Event>) {
        match effect {
            Effect::Queue(path) => {
                let queued = self.player.queue(&path).map(|QueueEntry { id, song }| QueueHandle {
                    player: "fake".into(),
                    entry: id,
                    song,
                });
                let error = |error: anyhow::Error| {
                    let kind = if error.is::<SongUnavailable>() { QueueError::Song } else { QueueError::Player };
                    kind(format!("{error:#}"))
                };
                (true, Some(Event::Queued(path, queued.map_err(error))))
            }
            Effect::Dequeue(handle) => {
                let entry = QueueEntry::new(&*handle.entry, &handle.song);
                let result = self.player.dequeue(&entry).map_err(|error| format!("{error:#}"));
                (true, Some(Event::Dequeued(handle, result)))
            }
            Effect::Skip => {
                let next = self.list.lock().current.map(|at| at + 1);
                self.list.lock().play(next);
                (true, None)
            }
            _ => (false, None),
        }
    }
}
