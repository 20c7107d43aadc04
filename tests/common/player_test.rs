//! A private desktop with songs for a player, and a player manager that records its events.

use std::path::PathBuf;
use std::sync::mpsc::{self, Receiver};
use std::time::{Duration, Instant};

use moodring_core::domain::playback::{Dequeued, Playback, QueueHandle, QueueSupport};
use moodring_core::message::Event;
use moodring_players::adapters::mpd::wire::Endpoint;
use moodring_players::manager::{PlayerCommand, PlayerManager};
use moodring_testkit::desktop::Desktop;
use moodring_testkit::player_process::{PlayerKind, PlayerProcess};
use tempfile::TempDir;

use super::song;

/// Longer than anything takes on a busy machine.
pub const LONG: Duration = Duration::from_secs(60);

pub struct PlayerTest {
    pub desktop: Desktop,
    /// The list of the user: Alpha and Zulu.
    pub songs: Vec<PathBuf>,
    /// The song to queue, with spaces and more than ASCII in its name.
    pub bravo: PathBuf,
    // Last: what is in it must have ended.
    _folder: TempDir,
}

impl PlayerTest {
    /// `alpha`: length of the first song in seconds.
    pub fn new(alpha: u32) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (music, more) = (folder.path().join("music"), folder.path().join("more music"));
        let songs = vec![song::write(&music, "a.flac", "Alpha", alpha), song::write(&music, "z.flac", "Zulu", 4)];
        let bravo = song::write(&more, "b two ünï – späce 100%.flac", "Bravo", 4);
        let desktop = Desktop::set(folder.path()).unwrap();
        Self { desktop, songs, bravo, _folder: folder }
    }

    pub fn start_player(&mut self, kind: PlayerKind) -> PlayerProcess {
        self.desktop.start(kind, &self.songs).unwrap()
    }

    pub fn start_manager(&self, mpd: Option<Endpoint>) -> TestManager {
        let config = moodring_core::config::PlayersConfig {
            mpd: match mpd {
                None => String::new(),
                Some(Endpoint::Tcp(host)) => host,
                Some(Endpoint::Socket(path)) => path.display().to_string(),
            },
            ..Default::default()
        };
        TestManager::new(self, &config)
    }
}

/// A player manager, and the events that it has reported.
pub struct TestManager {
    manager: PlayerManager,
    events: Receiver<Event>,
}

impl TestManager {
    pub fn new(test: &PlayerTest, config: &moodring_core::config::PlayersConfig) -> Self {
        Self::with_learned(test, config, Vec::new())
    }

    /// With what earlier runs learned about players.
    pub fn with_learned(
        test: &PlayerTest,
        config: &moodring_core::config::PlayersConfig,
        known: Vec<QueueSupport>,
    ) -> Self {
        let (sender, events) = mpsc::channel();
        let manager =
            PlayerManager::start_on(test.desktop.bus(), config, known, move |event| drop(sender.send(event))).unwrap();
        Self { manager, events }
    }

    /// Waits for an event for which `take` returns a value.
    pub fn wait_for<T>(&self, take: impl FnMut(Event) -> Option<T>) -> T {
        self.wait_for_at_most(LONG, take).expect("the event did not arrive")
    }

    pub fn wait_for_at_most<T>(&self, time: Duration, mut take: impl FnMut(Event) -> Option<T>) -> Option<T> {
        let end = Instant::now() + time;
        loop {
            let event = self.events.recv_timeout(end.saturating_duration_since(Instant::now())).ok()?;
            // Shown when a test fails.
            println!("{event:?}");
            if let Some(taken) = take(event) {
                return Some(taken);
            }
        }
    }

    /// Waits until the chosen player reports such a playback.
    pub fn wait_for_playback(&self, is: impl Fn(&Playback) -> bool) -> Playback {
        self.wait_for(|event| match event {
            Event::Playback(Some(playback)) if is(&playback) => Some(playback),
            _ => None,
        })
    }

    pub fn wait_for_title(&self, title: &str) -> Playback {
        self.wait_for_playback(|playback| playback.track.as_ref().is_some_and(|track| track.title == title))
    }

    pub fn send(&self, command: PlayerCommand) {
        self.manager.send(command);
    }

    pub fn queue(&self, song: &std::path::Path) -> Result<QueueHandle, String> {
        self.send(PlayerCommand::Queue(song.to_owned()));
        self.wait_for(|event| match event {
            Event::Queued(path, done) if path == song => Some(done.map_err(|error| error.why().to_owned())),
            _ => None,
        })
    }

    pub fn dequeue(&self, handle: &QueueHandle) -> Result<Dequeued, String> {
        self.send(PlayerCommand::Dequeue(handle.clone()));
        self.wait_for(|event| match event {
            Event::Dequeued(back, done) if back == *handle => Some(done),
            _ => None,
        })
    }
}

/// Waits until the list of a player has these titles.
pub fn assert_list(process: &PlayerProcess, titles: &[&str]) {
    let end = Instant::now() + LONG;
    loop {
        let reported = process.account().unwrap();
        if reported == titles {
            return;
        }
        assert!(Instant::now() < end, "{:?} lists {reported:?} and not {titles:?}", process.kind);
        std::thread::sleep(Duration::from_millis(100));
    }
}
