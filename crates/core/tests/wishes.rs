//! What the user wants holds: their song stays theirs, their like can be taken back, their camera closes at once.

use std::time::{Duration, Instant};

use moodring_core::config::Config;
use moodring_core::domain::emotion::MoodName;
use moodring_core::domain::observation::CaptureError;
use moodring_core::domain::playback::{Playback, PlaybackStatus, QueueMethod};
use moodring_core::domain::presence::Presence;
use moodring_core::domain::song::{Opinion, Song};
use moodring_core::domain::track::Track;
use moodring_core::domain::view::{Phase, View};
use moodring_core::message::{Effect, Event, PersistedState, Reply, Request};
use moodring_core::state::State;

struct Session {
    state: State,
    now: Instant,
    effects: Vec<Effect>,
    view: Option<View>,
}

fn song(id: i64) -> Song {
    Song {
        id,
        path: format!("/music/{id}.ogg").into(),
        title: format!("Song {id}"),
        artist: format!("Artist {id}"),
        valence: 0.8,
        energy: 0.8,
        certainty: 0.5,
        ..Song::default()
    }
}

/// Song 1 as a player describes it that tells no path.
fn track_without_path() -> Track {
    Track { title: "Song 1".into(), artist: "Artist 1".into(), ..Track::default() }
}

fn playback(track: Track, position: u64) -> Event {
    Event::Playback(Some(Playback {
        player: "Player".into(),
        way: QueueMethod::AfterCurrent { take_back: true },
        status: PlaybackStatus::Playing,
        track: Some(track),
        position: Some(Duration::from_secs(position)),
        upcoming: Some(vec![]),
        shuffle: false,
        obstacle: None,
    }))
}

impl Session {
    fn start(state: PersistedState) -> Self {
        let now = Instant::now();
        Self { state: State::new(Config::default(), state, now), now, effects: vec![], view: None }
    }

    fn with_happy_mood() -> Self {
        Self::start(PersistedState { by_hand: Some(MoodName::Happy), ..PersistedState::default() })
    }

    fn with_camera() -> Self {
        Self::start(PersistedState { consent: Some(true), ..PersistedState::default() })
    }

    fn send(&mut self, event: Event) -> &mut Self {
        self.effects = self.state.handle(event, self.now);
        for effect in &self.effects {
            if let Effect::Show(view) = effect {
                self.view = Some(view.clone());
            }
        }
        self
    }

    fn ask(&mut self, request: Request) -> Reply {
        self.send(Event::Requested(request, 1));
        let reply = self.effects.iter().find_map(|effect| match effect {
            Effect::Answer(1, reply) => Some(reply.clone()),
            _ => None,
        });
        reply.expect("a reply")
    }

    fn queued(&self) -> Option<String> {
        self.effects.iter().find_map(|effect| match effect {
            Effect::Queue(path) => Some(path.display().to_string()),
            _ => None,
        })
    }

    fn wait(&mut self, seconds: u64) -> &mut Self {
        self.now += Duration::from_secs(seconds);
        self.send(Event::Tick)
    }

    fn view(&self) -> &View {
        self.view.as_ref().expect("a view")
    }
}

#[test]
fn the_playing_song_is_not_queued_when_the_player_tells_no_path() {
    let mut session = Session::with_happy_mood();
    session.send(Event::LibraryLoaded(vec![song(1)])).send(playback(track_without_path(), 0));
    assert_eq!(session.queued(), None);
}

#[test]
fn the_playing_song_is_not_queued_when_the_library_is_read_later() {
    let mut session = Session::with_happy_mood();
    let track = Track { path: Some("/music/1.ogg".into()), ..track_without_path() };
    session.send(playback(track, 0)).send(Event::LibraryLoaded(vec![song(1)]));
    assert_eq!(session.queued(), None);
    session.send(Event::LibraryLoaded(vec![song(1), song(2)]));
    assert_eq!(session.queued().as_deref(), Some("/music/2.ogg"));
}

#[test]
fn a_song_whose_path_becomes_known_late_is_the_users() {
    let mut session = Session::with_happy_mood();
    session.send(Event::LibraryLoaded(vec![song(1)]));
    // MPD names the file until its tags are read.
    session.send(playback(Track { title: "1.ogg".into(), ..Track::default() }, 0));
    assert!(session.queued().is_some(), "nothing tells yet that this is song 1");
    session.wait(10);
    let track = Track { path: Some("/music/1.ogg".into()), ..track_without_path() };
    session.send(playback(track, 10));
    assert_eq!(session.view().ours, None, "the user began it");
}

#[test]
fn a_second_like_takes_the_first_one_back() {
    let mut session = Session::with_happy_mood();
    session.send(Event::LibraryLoaded(vec![song(1)]));
    session.send(playback(Track { path: Some("/music/1.ogg".into()), ..track_without_path() }, 0));
    for (request, opinion) in [
        (Request::Like, Opinion::Like),
        (Request::Like, Opinion::None),
        (Request::Dislike, Opinion::Dislike),
        (Request::Like, Opinion::Like),
    ] {
        assert!(matches!(session.ask(request), Reply::Done(_)));
        assert_eq!(session.view().opinion, opinion);
    }
    session.ask(Request::ClearOpinion);
    assert_eq!(session.view().opinion, Opinion::None);
}

#[test]
fn a_missing_camera_is_no_trouble_while_the_mood_is_set_by_hand() {
    let mut session = Session::with_camera();
    session.send(playback(track_without_path(), 0)).send(Event::Looked(Err(CaptureError::NoCamera("none".into()))));
    assert!(matches!(session.view().phase, Phase::Trouble(_)));
    session.ask(Request::Mood(Some(MoodName::Happy)));
    assert_eq!(session.view().phase, Phase::Watching);
    session.ask(Request::Mood(None));
    assert!(matches!(session.view().phase, Phase::Trouble(_)), "now the camera is wanted again");
}

#[test]
fn calibration_does_not_start_while_paused_or_locked() {
    let mut session = Session::with_camera();
    session.ask(Request::Pause(None));
    assert!(matches!(session.ask(Request::Calibrate), Reply::Refused(_)));
    session.ask(Request::Resume);
    session.send(Event::Presence(Presence { locked: Some(true), ..Presence::default() }));
    assert!(matches!(session.ask(Request::Calibrate), Reply::Refused(_)));
    session.send(Event::CameraInUse("Firefox".into())).send(Event::Presence(Presence::default()));
    assert!(!session.effects.contains(&Effect::Calibrate));
}

#[test]
fn calibration_ends_at_once_when_the_camera_has_to_be_closed() {
    let ends: [fn(&mut Session); 3] = [
        |session| drop(session.ask(Request::Pause(None))),
        |session| drop(session.ask(Request::Consent(false))),
        |session| {
            session.send(Event::Presence(Presence { locked: Some(true), ..Presence::default() }));
        },
    ];
    for end in ends {
        let mut session = Session::with_camera();
        assert!(matches!(session.ask(Request::Calibrate), Reply::Done(_)));
        assert!(session.effects.contains(&Effect::Calibrate));
        end(&mut session);
        assert!(session.effects.contains(&Effect::StopCalibration), "{:?}", session.effects);
        session.send(Event::CalibrationFinished(Err(CaptureError::Failed("cancelled".into()))));
        assert!(!matches!(session.view().phase, Phase::Trouble(_) | Phase::Calibrating), "{:?}", session.view().phase);
    }
}
