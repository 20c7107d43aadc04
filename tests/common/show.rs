//! A stage with a player that plays Alpha, then Zulu, and a desk that watches it.

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

pub struct Show {
    pub stage: Desktop,
    /// The listener's: Alpha and Zulu.
    pub songs: Vec<PathBuf>,
    /// Ours, with spaces and more than ASCII in its name.
    pub bravo: PathBuf,
    // Last: what is in it must have ended.
    _folder: TempDir,
}

impl Show {
    /// `alpha`: length of the first song in seconds.
    pub fn new(alpha: u32) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (music, more) = (folder.path().join("music"), folder.path().join("more music"));
        let songs = vec![song::write(&music, "a.flac", "Alpha", alpha), song::write(&music, "z.flac", "Zulu", 4)];
        let bravo = song::write(&more, "b two ünï – späce 100%.flac", "Bravo", 4);
        let stage = Desktop::set(folder.path()).unwrap();
        Self { stage, songs, bravo, _folder: folder }
    }

    pub fn start(&mut self, kind: PlayerKind) -> PlayerProcess {
        self.stage.start(kind, &self.songs).unwrap()
    }

    pub fn watch(&self, mpd: Option<Endpoint>) -> Watch {
        let config = moodring_core::config::PlayersConfig {
            mpd: match mpd {
                None => String::new(),
                Some(Endpoint::Tcp(host)) => host,
                Some(Endpoint::Socket(path)) => path.display().to_string(),
            },
            ..Default::default()
        };
        Watch::new(self, &config)
    }
}

/// A desk, and all that it has reported.
pub struct Watch {
    pub desk: PlayerManager,
    news: Receiver<Event>,
}

impl Watch {
    pub fn new(show: &Show, config: &moodring_core::config::PlayersConfig) -> Self {
        Self::knowing(show, config, Vec::new())
    }

    /// With what was found out about players before.
    pub fn knowing(show: &Show, config: &moodring_core::config::PlayersConfig, known: Vec<QueueSupport>) -> Self {
        let (tell, news) = mpsc::channel();
        let desk =
            PlayerManager::start_on(show.stage.bus(), config, known, move |event| drop(tell.send(event))).unwrap();
        Self { desk, news }
    }

    /// Waits for an event that this takes.
    pub fn until<T>(&self, take: impl FnMut(Event) -> Option<T>) -> T {
        self.within(LONG, take).expect("what was waited for did not happen")
    }

    pub fn within<T>(&self, time: Duration, mut take: impl FnMut(Event) -> Option<T>) -> Option<T> {
        let end = Instant::now() + time;
        loop {
            let event = self.news.recv_timeout(end.saturating_duration_since(Instant::now())).ok()?;
            // Shown when a test fails.
            println!("{event:?}");
            if let Some(taken) = take(event) {
                return Some(taken);
            }
        }
    }

    /// Waits until the chosen player says so.
    pub fn playback(&self, is: impl Fn(&Playback) -> bool) -> Playback {
        self.until(|event| match event {
            Event::Playback(Some(playback)) if is(&playback) => Some(playback),
            _ => None,
        })
    }

    pub fn plays(&self, title: &str) -> Playback {
        self.playback(|playback| playback.track.as_ref().is_some_and(|track| track.title == title))
    }

    pub fn queue(&self, song: &std::path::Path) -> Result<QueueHandle, String> {
        self.desk.order(PlayerCommand::Queue(song.to_owned()));
        self.until(|event| match event {
            Event::Queued(path, done) if path == song => Some(done.map_err(|refusal| refusal.why().to_owned())),
            _ => None,
        })
    }

    pub fn dequeue(&self, ticket: &QueueHandle) -> Result<Dequeued, String> {
        self.desk.order(PlayerCommand::Dequeue(ticket.clone()));
        self.until(|event| match event {
            Event::Dequeued(back, done) if back == *ticket => Some(done),
            _ => None,
        })
    }
}

/// The account that a player gives, once it is this.
pub fn accounts(actor: &PlayerProcess, titles: &[&str]) {
    let end = Instant::now() + Duration::from_secs(10);
    loop {
        let said = actor.account().unwrap();
        if said == titles {
            return;
        }
        assert!(Instant::now() < end, "{:?} says {said:?} and not {titles:?}", actor.kind);
        std::thread::sleep(Duration::from_millis(100));
    }
}
