//! Scripted evenings: what the whole mind does, with no camera, player or clock.

use std::time::{Duration, Instant};

use moodring::desktop::ipc::wire::{Answer, PhaseReport, StatusReport};
use moodring_core::config::{Config, DesktopConfig};
use moodring_core::domain::observation::{CaptureError, DetectedFace, FrameResult, Look, Timing};
use moodring_core::domain::playback::{
    Dequeued, Playback, PlaybackStatus, QueueError, QueueHandle, QueueMethod, QueueSupport,
};
use moodring_core::domain::presence::LookBlock;
use moodring_core::domain::presence::Presence;
use moodring_core::domain::remote_song;
use moodring_core::domain::song::{Evidence, Opinion, Song};
use moodring_core::domain::track::Track;
use moodring_core::domain::view::MprisSnapshot;
use moodring_core::message::{Effect, Event, Notification, PersistedState, PlayOutcome, Record, Request};
use moodring_core::mood::{Expression, Intent, MoodName, Scores};
use moodring_core::recommend::mood_weight::Feedback;
use moodring_core::state::State;

const HAPPY: [f32; 7] = [0.05, 0.9, 0.01, 0.01, 0.01, 0.01, 0.01];
const SAD: [f32; 7] = [0.05, 0.01, 0.01, 0.9, 0.01, 0.01, 0.01];
const NEUTRAL: [f32; 7] = [0.9, 0.04, 0.02, 0.01, 0.01, 0.01, 0.01];
const ANGRY: [f32; 7] = [0.05, 0.01, 0.01, 0.01, 0.9, 0.01, 0.01];

/// A listener with forty songs spread over the plane, a player that plays, and a camera that may be used.
struct Evening {
    state: State,
    now: Instant,
    playback: Playback,
    /// What the last step asked for.
    effects: Vec<Effect>,
    view: Option<StatusReport>,
    /// The camera of the next looks.
    camera: &'static str,
    remembered: Vec<Record>,
}

fn handle(entry: &str) -> QueueHandle {
    QueueHandle { player: "player".into(), entry: entry.into(), song: format!("/music/{entry}.ogg").into() }
}

fn song(id: i64, valence: f32, energy: f32) -> Song {
    Song {
        id,
        path: format!("/music/{id}.ogg").into(),
        title: format!("Song {id}"),
        artist: format!("Artist {id}"),
        album: String::new(),
        genre: String::new(),
        mood: String::new(),
        seconds: 200.0,
        valence,
        energy,
        tempo: 100.0,
        certainty: 0.5,
        told: Default::default(),
        evidence: Evidence::default(),
    }
}

fn library() -> Vec<Song> {
    (0..49).map(|n| song(n, (n % 7) as f32 / 6.0, (n / 7) as f32 / 6.0)).collect()
}

fn track(name: &str, album: &str) -> Track {
    Track {
        path: Some(format!("/listener/{name}.ogg").into()),
        title: name.into(),
        artist: "Somebody".into(),
        album: album.into(),
        length: Some(Duration::from_secs(200)),
        streamed: false,
    }
}

fn sighting(scores: [f32; 7]) -> FrameResult {
    let bounds = [200.0, 100.0, 200.0, 200.0];
    let face = DetectedFace {
        bounds,
        confidence: 0.95,
        sharpness: 200.0,
        brightness: 0.5,
        turn: 0.0,
        scores: Scores::new(scores),
    };
    FrameResult { frame: 0, size: [640, 480], brightness: 0.4, faces: vec![face], ms: Timing::default() }
}

fn look(frames: Vec<FrameResult>) -> Look {
    look_through("front", frames)
}

fn look_through(camera: &str, frames: Vec<FrameResult>) -> Look {
    Look { camera: camera.into(), frames }
}

impl Evening {
    fn begin(start: PersistedState) -> Self {
        Self::with(Config::default(), start)
    }

    fn with(config: Config, start: PersistedState) -> Self {
        let now = Instant::now();
        let playback = Playback {
            player: "Test player".into(),
            way: QueueMethod::AfterCurrent { take_back: true },
            status: PlaybackStatus::Playing,
            track: Some(track("A", "")),
            position: Some(Duration::ZERO),
            upcoming: Some(vec![track("Z", "")]),
            shuffle: false,
            obstacle: None,
        };
        let state = State::new(config, start, now);
        let mut evening =
            Self { state, now, playback, effects: vec![], view: None, camera: "front", remembered: vec![] };
        evening.step(Event::LibraryLoaded(library()));
        evening
    }

    fn with_camera() -> Self {
        Self::begin(PersistedState { consent: Some(true), ..PersistedState::default() })
    }

    fn step(&mut self, event: Event) -> &mut Self {
        self.effects = self.state.handle(event, self.now);
        for effect in &self.effects {
            match effect {
                Effect::Show(view) => self.view = Some(view.clone().into()),
                Effect::Persist(memory) => self.remembered.push(memory.clone()),
                _ => {}
            }
        }
        self
    }

    fn wait(&mut self, seconds: u64) -> &mut Self {
        self.now += Duration::from_secs(seconds);
        self.step(Event::Tick)
    }

    /// The listener's player plays a song, from its start.
    fn plays(&mut self, track: Track) -> &mut Self {
        self.playback.track = Some(track);
        self.playback.status = PlaybackStatus::Playing;
        self.step(Event::Playback(Some(self.playback.clone())))
    }

    /// The player says how things stand.
    fn tells(&mut self) -> &mut Self {
        self.step(Event::Playback(Some(self.playback.clone())))
    }

    /// A look comes due and sees a face.
    fn sees(&mut self, scores: [f32; 7]) -> &mut Self {
        self.wait(120);
        assert!(self.effects.contains(&Effect::Look), "no look was due: {:?}", self.effects);
        self.step(Event::Looked(Ok(look_through(self.camera, vec![sighting(scores); 5]))))
    }

    fn ask(&mut self, request: Request) -> Answer {
        self.step(Event::Requested(request, 7));
        let answer =
            self.effects.iter().find_map(|e| if let Effect::Answer(7, reply) = e { Some(reply) } else { None });
        answer.cloned().expect("an answer").into()
    }

    /// What the last step answered to this request.
    fn answer(&self, id: u64) -> Option<Answer> {
        self.effects.iter().find_map(|effect| match effect {
            Effect::Answer(asker, reply) if *asker == id => Some(reply.clone().into()),
            _ => None,
        })
    }

    fn has_heard(&self, song: std::path::PathBuf, how: PlayOutcome, whose: Option<Intent>) -> bool {
        let is = |memory: &Record| match memory {
            Record::Play { path, outcome, ours, .. } => (path, *outcome, *ours) == (&song, how, whose),
            _ => false,
        };
        self.remembered.iter().any(is)
    }

    /// The song that was just asked to be queued.
    fn given(&self) -> Option<i64> {
        let path = self.effects.iter().find_map(|e| if let Effect::Queue(path) = e { Some(path) } else { None })?;
        path.file_stem()?.to_str()?.parse().ok()
    }

    fn accepts(&mut self, id: i64) -> &mut Self {
        self.step(Event::Queued(format!("/music/{id}.ogg").into(), Ok(handle(&id.to_string()))))
    }

    fn taken_back(&self) -> Option<&QueueHandle> {
        self.effects.iter().find_map(|e| if let Effect::Dequeue(ticket) = e { Some(ticket) } else { None })
    }

    fn returns(&mut self, id: i64) -> &mut Self {
        self.step(Event::Dequeued(handle(&id.to_string()), Ok(Dequeued::Removed)))
    }

    fn ours(id: i64) -> Track {
        Track { path: Some(format!("/music/{id}.ogg").into()), title: format!("Song {id}"), ..track("", "") }
    }

    fn place(id: i64) -> (f32, f32) {
        ((id % 7) as f32 / 6.0, (id / 7) as f32 / 6.0)
    }

    /// With a camera and this in the settings under `[desktop]`.
    fn on_a_desktop(desktop: DesktopConfig, start: PersistedState) -> Self {
        Self::with(Config { desktop, ..Config::default() }, PersistedState { consent: Some(true), ..start })
    }

    fn notice(&self) -> Option<&Notification> {
        self.effects.iter().find_map(|e| if let Effect::Notify(notice) = e { Some(notice) } else { None })
    }

    fn mirrored(&self) -> Option<&MprisSnapshot> {
        self.effects
            .iter()
            .rev()
            .find_map(|e| if let Effect::PublishMpris(mirrored) = e { Some(mirrored) } else { None })
    }

    fn view(&self) -> &StatusReport {
        self.view.as_ref().expect("a view")
    }
}

/// Two happy looks have settled the mood, and a fitting song waits in the player.
fn happy_evening() -> (Evening, i64) {
    let mut evening = Evening::with_camera();
    evening.plays(track("A", ""));
    evening.step(Event::Looked(Ok(look(vec![sighting(HAPPY); 5]))));
    evening.sees(HAPPY);
    let id = evening.given().expect("a song for the settled mood");
    evening.accepts(id);
    (evening, id)
}

#[test]
fn two_looks_settle_a_mood_and_a_fitting_song_is_queued() {
    let (evening, id) = happy_evening();
    let (valence, energy) = Evening::place(id);
    assert!(valence > 0.6 && energy > 0.6, "{valence} {energy}");
    let next = evening.view().next.as_ref().unwrap();
    assert!(next.why.contains("happy"), "{}", next.why);
    assert!(evening.remembered.iter().any(|m| matches!(m, Record::MoodSettled(mood) if mood.valence > 0.6)));
}

#[test]
fn a_grimace_changes_nothing() {
    let mut evening = Evening::with_camera();
    evening.plays(track("A", "")).step(Event::Looked(Ok(look(vec![sighting(NEUTRAL); 5]))));
    evening.sees(NEUTRAL);
    let id = evening.given().unwrap();
    evening.accepts(id);
    for scores in [NEUTRAL, NEUTRAL, ANGRY, NEUTRAL, NEUTRAL] {
        evening.sees(scores);
        assert!(evening.given().is_none() && evening.taken_back().is_none(), "{:?}", evening.effects);
    }
}

/// So many looks as settle any mood; the notices that they brought.
fn notices(evening: &mut Evening, scores: [f32; 7]) -> Vec<MoodName> {
    let name =
        |notice: &Notification| if let Notification::MoodSettled { name, .. } = notice { Some(*name) } else { None };
    (0..12).filter_map(|_| evening.sees(scores).notice().and_then(name)).collect()
}

#[test]
fn one_notice_tells_of_a_settled_mood_and_none_of_a_look() {
    let mut evening = Evening::on_a_desktop(
        DesktopConfig { notifications: true, ..DesktopConfig::default() },
        PersistedState::default(),
    );
    evening.plays(track("A", "")).step(Event::Looked(Ok(look(vec![sighting(NEUTRAL); 5]))));
    assert_eq!(notices(&mut evening, NEUTRAL), [], "neutral is how it begins");
    assert_eq!(notices(&mut evening, HAPPY), [MoodName::Happy]);
    assert_eq!(notices(&mut evening, HAPPY), [], "the mood only moved within its name");
    let way = evening.playback.way;
    assert_eq!(notices(&mut evening, SAD).last(), Some(&MoodName::Sad), "{way:?}");
}

#[test]
fn a_notice_that_is_called_wrong_gives_the_mood_before_it_back() {
    let mut evening = Evening::on_a_desktop(
        DesktopConfig { notifications: true, ..DesktopConfig::default() },
        PersistedState::default(),
    );
    evening.plays(track("A", "")).step(Event::Looked(Ok(look(vec![sighting(HAPPY); 5]))));
    let Some(Notification::MoodSettled { name: MoodName::Happy, before, .. }) = evening.sees(HAPPY).notice().cloned()
    else {
        panic!("{:?}", evening.effects)
    };
    assert_eq!(before, MoodName::Neutral);
    assert!(matches!(evening.ask(Request::Wrong(before)), Answer::Done(said) if said.contains("neutral")));
    let meant = |memory: &Record| matches!(memory, Record::Correction { meant: Expression::Neutral, .. });
    assert!(evening.remembered.iter().any(meant), "it is learned from");
    let told = [NEUTRAL, SAD].map(|scores| notices(&mut evening, scores)).concat();
    assert!(!told.contains(&MoodName::Neutral), "that it is neutral was said by the listener: {told:?}");
}

#[test]
fn a_notice_offers_to_undo_only_where_the_player_takes_songs_back() {
    for take_back in [true, false] {
        let desktop = DesktopConfig { notifications: true, ..DesktopConfig::default() };
        let mut evening = Evening::on_a_desktop(desktop, PersistedState::default());
        evening.playback.way = QueueMethod::AfterCurrent { take_back };
        evening.plays(track("A", "")).step(Event::Looked(Ok(look(vec![sighting(HAPPY); 5]))));
        evening.sees(HAPPY);
        let offered = matches!(evening.notice(), Some(Notification::MoodSettled { undo, .. }) if *undo);
        assert_eq!((offered, evening.notice().is_some()), (take_back, true));
    }
}

#[test]
fn nothing_is_told_by_default_nor_to_who_is_not_to_be_disturbed() {
    for (notifications, quiet) in [(false, None), (false, Some(false)), (true, Some(true))] {
        let desktop = DesktopConfig { notifications, ..DesktopConfig::default() };
        let mut evening = Evening::on_a_desktop(desktop, PersistedState::default());
        evening.step(Event::Presence(Presence { quiet, ..Presence::default() }));
        evening.plays(track("A", "")).step(Event::Looked(Ok(look(vec![sighting(HAPPY); 5]))));
        assert_eq!(notices(&mut evening, HAPPY), [], "{notifications} {quiet:?}");
        evening.step(Event::Presence(Presence::default()));
        assert_eq!(evening.notice(), None, "an old mood is no news");
    }
}

#[test]
fn how_gnome_comes_by_a_tray_is_told_once_and_not_while_a_panel_may_still_come() {
    let no_tray = || Event::TrayAvailability(Some("add the extension".into()));
    let mut evening = Evening::with_camera();
    evening.step(no_tray()).wait(59);
    assert_eq!(evening.notice(), None, "a panel may come late");
    evening.step(Event::TrayAvailability(None)).wait(60);
    assert_eq!(evening.notice(), None, "it came");
    evening.step(no_tray());
    evening.step(Event::Presence(Presence { quiet: Some(true), ..Presence::default() })).wait(90);
    assert_eq!(evening.notice(), None, "not to be disturbed");
    evening.step(Event::Presence(Presence::default()));
    assert_eq!(evening.notice(), Some(&Notification::NoTray("add the extension".into())));
    assert!(evening.remembered.contains(&Record::TrayAdviceShown));
    evening.step(no_tray()).wait(3600);
    assert_eq!(evening.notice(), None, "told already");
    let mut next_day = Evening::begin(PersistedState { told_of_tray: true, ..PersistedState::default() });
    next_day.step(no_tray()).wait(3600);
    assert_eq!(next_day.notice(), None);
}

#[test]
fn songs_to_come_are_shown_and_are_those_that_then_come() {
    let mut evening =
        Evening::on_a_desktop(DesktopConfig { mpris: true, ..DesktopConfig::default() }, PersistedState::default());
    evening.plays(track("A", ""));
    let reply = evening.ask(Request::Mood(Some(MoodName::Happy)));
    assert!(matches!(reply, Answer::Done(_)));
    let id = evening.given().unwrap();
    let picks = evening.mirrored().unwrap().picks.clone();
    assert_eq!(picks.len(), 6);
    assert_eq!(picks[0].title, format!("Song {id}"));
    evening.accepts(id).plays(Evening::ours(id));
    assert_eq!(evening.given().map(|id| format!("Song {id}")).as_ref(), Some(&picks[1].title));
    let mirrored = evening.mirrored().unwrap();
    assert_eq!(mirrored.reason.as_ref(), Some(&picks[0].reason));
    assert_eq!(mirrored.track.as_ref().map(|track| &track.title), Some(&picks[0].title));
    evening.ask(Request::Pause(None));
    assert!(evening.mirrored().unwrap().picks.len() <= 1, "nothing is to come during a pause");
}

#[test]
fn a_song_put_off_gives_way_to_another_and_the_rest_stay() {
    let (mut evening, id) = happy_evening();
    let Answer::Queue(queue) = evening.ask(Request::Queue) else { panic!() };
    let (first, later) = (queue.ours.unwrap(), queue.later);
    let reply = evening.ask(Request::Remove(later[2].path.clone()));
    assert!(matches!(reply, Answer::Done(said) if said.contains(&later[2].title)));
    assert_eq!(evening.taken_back(), None, "only what waits must be taken back");
    let Answer::Queue(queue) = evening.ask(Request::Queue) else { panic!() };
    assert!(!queue.later.iter().any(|pick| pick.path == later[2].path), "{queue:?}");
    assert_eq!(queue.later[..2], later[..2]);
    evening.ask(Request::Remove(first.path.clone()));
    assert_eq!(evening.taken_back(), Some(&handle(&id.to_string())));
    evening.returns(id);
    assert!(evening.given().is_some_and(|other| other != id), "another takes its place");
    assert!(matches!(evening.ask(Request::Remove("/music/none.ogg".into())), Answer::Refused(_)));
}

#[test]
fn a_player_that_gives_nothing_back_refuses_in_words() {
    let mut evening = Evening::with_camera();
    evening.playback.way = QueueMethod::AfterCurrent { take_back: false };
    evening.plays(track("A", "")).ask(Request::Mood(Some(MoodName::Happy)));
    let id = evening.view().next.clone().unwrap();
    for request in [Request::Remove(id.path.clone()), Request::Undo] {
        let reply = evening.ask(request);
        assert!(matches!(&reply, Answer::Refused(why) if why.contains("taken back")), "{reply:?}");
    }
}

#[test]
fn a_settled_change_of_mood_changes_the_next_song_and_not_the_current_one() {
    let (mut evening, happy) = happy_evening();
    let mut taken = None;
    for _ in 0..8 {
        evening.sees(SAD);
        assert!(!evening.effects.contains(&Effect::Skip));
        taken = evening.taken_back().cloned();
        if taken.is_some() {
            break;
        }
    }
    assert_eq!(taken, Some(handle(&happy.to_string())));
    evening.returns(happy);
    let sad = evening.given().expect("another song in its place");
    assert!(Evening::place(sad).0 < Evening::place(happy).0 && Evening::place(sad).1 < Evening::place(happy).1);
}

#[test]
fn only_one_of_our_songs_waits_at_a_time() {
    let (mut evening, id) = happy_evening();
    for _ in 0..4 {
        evening.sees(HAPPY);
        assert_eq!(evening.given(), None);
    }
    evening.plays(Evening::ours(id));
    let next = evening.given().expect("the next one, once ours has begun");
    assert_ne!(next, id);
}

#[test]
fn pause_is_a_pause() {
    let (mut evening, id) = happy_evening();
    assert!(matches!(evening.ask(Request::Pause(Some(Duration::from_secs(900)))), Answer::Done(_)));
    assert_eq!(evening.taken_back(), Some(&handle(&id.to_string())));
    evening.returns(id);
    assert!(matches!(evening.view().phase, PhaseReport::Paused(Some(_))));
    for _ in 0..4 {
        evening.wait(200);
        assert!(!evening.effects.contains(&Effect::Look) && evening.given().is_none());
    }
    evening.wait(200);
    assert!(evening.given().is_some() || evening.effects.contains(&Effect::Look), "{:?}", evening.effects);
    assert_eq!(evening.view().phase, PhaseReport::Looking);
}

#[test]
fn a_pause_for_good_is_remembered_over_a_restart() {
    let (mut evening, _) = happy_evening();
    evening.ask(Request::Pause(None));
    assert!(evening.remembered.contains(&Record::Paused(true)));
    let mut next = Evening::begin(PersistedState { consent: Some(true), paused: true, ..PersistedState::default() });
    next.plays(track("A", "")).wait(100_000);
    assert!(!next.effects.contains(&Effect::Look));
    next.ask(Request::Resume);
    assert!(next.effects.contains(&Effect::Look));
}

#[test]
fn a_picture_that_arrives_after_the_pause_does_not_count() {
    let mut evening = Evening::with_camera();
    evening.plays(track("A", ""));
    assert!(evening.effects.contains(&Effect::Look));
    evening.ask(Request::Pause(None));
    evening.step(Event::Looked(Ok(look(vec![sighting(HAPPY); 5]))));
    let Answer::Status(view) = evening.ask(Request::Status) else { panic!() };
    assert_eq!((view.mood.valence, view.mood.confidence), (0.5, 0.0));
}

#[test]
fn the_listeners_album_is_left_alone_to_its_end() {
    let (mut evening, id) = happy_evening();
    evening.playback.upcoming = Some(vec![track("Two", "Album"), track("Three", "Album")]);
    evening.plays(track("One", "Album"));
    assert_eq!(evening.taken_back(), Some(&handle(&id.to_string())), "ours must not stand in the album");
    evening.returns(id);
    assert_eq!(evening.given(), None);
    assert!(evening.view().waiting_for.as_ref().unwrap().contains("Album"));
    evening.playback.upcoming = Some(vec![track("Three", "Album")]);
    evening.wait(200).plays(track("Two", "Album"));
    assert_eq!(evening.given(), None);
    evening.playback.upcoming = Some(vec![track("Z", "Other")]);
    evening.wait(200).plays(track("Three", "Album"));
    assert!(evening.given().is_some(), "after its last song ours may follow");
}

#[test]
fn an_album_is_noticed_also_where_the_player_does_not_tell_what_comes() {
    let (mut evening, id) = happy_evening();
    evening.playback.upcoming = None;
    evening.plays(track("One", "Album"));
    evening.returns(id).wait(200).plays(track("Two", "Album"));
    assert!(evening.view().waiting_for.as_ref().unwrap().contains("Album"));
}

#[test]
fn what_a_player_tells_of_its_song_only_after_a_moment_counts() {
    let (mut evening, id) = happy_evening();
    evening.playback.upcoming = None;
    evening.plays(track("One", "Album"));
    evening.returns(id).wait(200).plays(Track { title: "Two.ogg".into(), album: "".into(), ..track("Two", "") });
    evening.plays(track("Two", "Album"));
    assert!(evening.view().playing.as_ref().unwrap().contains("Two – Somebody"));
    assert!(evening.view().waiting_for.as_ref().unwrap().contains("Album"));
}

#[test]
fn when_the_listener_jumps_elsewhere_our_song_follows_them() {
    let (mut evening, id) = happy_evening();
    evening.plays(track("Chosen", ""));
    assert_eq!(evening.taken_back(), Some(&handle(&id.to_string())));
    evening.returns(id);
    assert!(evening.given().is_some());
}

#[test]
fn songs_that_the_listener_adds_come_before_ours() {
    let (mut evening, id) = happy_evening();
    evening.playback.upcoming = Some(vec![Evening::ours(id), track("Z", ""), track("Added", "")]);
    evening.step(Event::Playback(Some(evening.playback.clone())));
    assert_eq!(evening.taken_back(), Some(&handle(&id.to_string())));
    evening.playback.upcoming = Some(vec![track("Z", ""), track("Added", "")]);
    evening.returns(id).tells();
    assert_eq!(evening.given(), None);
    assert!(evening.view().waiting_for.as_ref().unwrap().contains("come first"));
    evening.playback.upcoming = Some(vec![track("Added", "")]);
    evening.wait(190).plays(track("Z", ""));
    assert_eq!(evening.given(), None);
    evening.playback.upcoming = Some(vec![]);
    evening.wait(190).plays(track("Added", ""));
    assert!(evening.given().is_some(), "ours follows the added one");
}

/// The listener puts on another list: One, then Two and Three of other albums.
fn another_list(evening: &mut Evening) {
    evening.playback.upcoming = Some(vec![track("Two", ""), track("Three", "")]);
    evening.plays(track("One", ""));
}

#[test]
fn a_list_that_the_listener_starts_is_left_alone_for_a_while() {
    let (mut evening, id) = happy_evening();
    another_list(&mut evening);
    assert_eq!(evening.taken_back(), Some(&handle(&id.to_string())));
    evening.returns(id).wait(590);
    assert_eq!(evening.given(), None);
    assert!(evening.state.wake_at().is_some_and(|at| at <= evening.now + Duration::from_secs(10)));
    evening.wait(10);
    assert!(evening.given().is_some(), "{:?}", evening.effects);
}

#[test]
fn a_listener_who_sets_a_mood_wants_its_songs_also_in_a_list_just_begun() {
    let (mut evening, id) = happy_evening();
    another_list(&mut evening);
    evening.returns(id);
    assert_eq!(evening.given(), None);
    evening.ask(Request::Mood(Some(MoodName::Sad)));
    assert!(evening.given().is_some());
}

#[test]
fn in_random_order_ours_is_taken_back_and_comes_again_when_that_is_over() {
    let (mut evening, id) = happy_evening();
    evening.playback.obstacle = Some("it plays in random order".into());
    evening.step(Event::Playback(Some(evening.playback.clone())));
    assert_eq!(evening.taken_back(), Some(&handle(&id.to_string())));
    evening.returns(id);
    assert_eq!(evening.given(), None);
    assert_eq!(evening.view().waiting_for.as_deref(), Some("it plays in random order"));
    evening.playback.obstacle = None;
    evening.step(Event::Playback(Some(evening.playback.clone())));
    assert!(evening.given().is_some());
}

#[test]
fn what_waits_in_a_player_that_the_listener_leaves_is_taken_back_there() {
    let (mut evening, id) = happy_evening();
    evening.playback.player = "Another".into();
    evening.plays(track("B", ""));
    assert_eq!(evening.taken_back(), Some(&handle(&id.to_string())));
    let next = evening.given().expect("one for the other player");
    evening.step(Event::Dequeued(handle(&id.to_string()), Ok(Dequeued::Removed)));
    assert!(evening.taken_back().is_none() && evening.view().next.is_some(), "{next}");
}

#[test]
fn a_song_that_got_into_a_player_just_as_that_fell_silent_is_taken_back() {
    let mut evening = Evening::begin(PersistedState { by_hand: Some(MoodName::Happy), ..PersistedState::default() });
    evening.plays(track("A", ""));
    let id = evening.given().unwrap();
    evening.step(Event::Playback(None));
    evening.step(Event::Queued(format!("/music/{id}.ogg").into(), Ok(handle("late"))));
    assert_eq!(evening.taken_back(), Some(&handle("late")));
}

#[test]
fn what_waits_in_a_player_that_does_not_answer_is_asked_for_again_when_it_does() {
    let (mut evening, id) = happy_evening();
    evening.step(Event::Playback(None));
    assert_eq!(evening.taken_back(), Some(&handle(&id.to_string())));
    evening.step(Event::Dequeued(handle(&id.to_string()), Err("no answer".into())));
    assert_eq!(evening.taken_back(), None);
    evening.plays(track("A", ""));
    assert_eq!(evening.taken_back(), Some(&handle(&id.to_string())));
}

#[test]
fn a_player_that_gives_nothing_back_is_asked_once() {
    let (mut evening, id) = happy_evening();
    evening.step(Event::Requested(Request::Undo, 9));
    evening.step(Event::Dequeued(handle(&id.to_string()), Err("it is not its way".into())));
    assert!(matches!(evening.answer(9), Some(Answer::Refused(said)) if said.contains("not its way")));
    evening.wait(10).sees(HAPPY);
    assert_eq!((evening.taken_back(), evening.given()), (None, None));
    evening.plays(Evening::ours(id));
    assert_eq!(evening.view().ours.as_ref().unwrap().title, format!("Song {id}"));
}

#[test]
fn a_song_that_could_not_be_removed_is_asked_for_again_and_gets_no_second_one_beside_it() {
    let (mut evening, id) = happy_evening();
    evening.step(Event::Requested(Request::Undo, 9));
    evening.step(Event::Dequeued(handle(&id.to_string()), Err("it is not its way".into())));
    evening.playback.upcoming = Some(vec![track("Z", "")]);
    evening.step(Event::Playback(Some(evening.playback.clone())));
    assert!(evening.taken_back().is_some() && evening.given().is_none(), "it may stand before the current track");
    evening.step(Event::Dequeued(handle(&id.to_string()), Ok(Dequeued::Cannot)));
    evening.step(Event::Playback(Some(evening.playback.clone())));
    assert_eq!((evening.taken_back(), evening.given()), (None, None), "not with every report of the player");
    evening.plays(track("Y", ""));
    assert!(evening.taken_back().is_some() && evening.given().is_none(), "with every track");
    evening.step(Event::Dequeued(handle(&id.to_string()), Ok(Dequeued::Cannot)));
    evening.ask(Request::Pause(None));
    assert!(evening.taken_back().is_some(), "at a pause");
    evening.step(Event::Dequeued(handle(&id.to_string()), Ok(Dequeued::NotThere)));
    assert_eq!(evening.view().next, None);
}

#[test]
fn what_is_found_out_about_a_player_is_remembered() {
    let mut evening = Evening::with_camera();
    let known = QueueSupport { player: "vlc".into(), build: "1".into(), way: QueueMethod::Unsupported };
    evening.step(Event::QueueSupportLearned(known.clone()));
    assert!(evening.remembered.contains(&Record::QueueSupport(known)));
}

#[test]
fn a_song_left_early_is_a_skip_and_one_heard_out_is_a_play() {
    let (mut evening, id) = happy_evening();
    evening.plays(Evening::ours(id)).wait(10).plays(track("Z", ""));
    let path = format!("/music/{id}.ogg").into();
    assert!(evening.has_heard(path, PlayOutcome::Skipped, Some(Intent::Match)));
    evening.wait(190).plays(track("Y", ""));
    let path = track("Z", "").path.unwrap();
    assert!(evening.has_heard(path, PlayOutcome::Finished, None));
}

#[test]
fn a_player_that_goes_or_is_left_early_in_a_song_says_nothing_against_the_song() {
    let skipped = |evening: &Evening| {
        let is = |memory: &Record| matches!(memory, Record::Play { outcome: PlayOutcome::Skipped, .. });
        evening.remembered.iter().any(is)
    };
    let (mut evening, id) = happy_evening();
    evening.wait(190).plays(Evening::ours(id)).wait(10).step(Event::Playback(None));
    assert!(!skipped(&evening));
    let (mut evening, id) = happy_evening();
    evening.wait(190).plays(Evening::ours(id)).wait(10);
    evening.playback.player = "Another".into();
    evening.plays(track("Z", ""));
    assert!(!skipped(&evening));
}

#[test]
fn what_became_of_a_song_is_kept_with_why_it_was_chosen() {
    let (mut evening, id) = happy_evening();
    let terms = evening.view().next.as_ref().expect("a song to come").terms;
    evening.plays(Evening::ours(id)).wait(10).plays(track("Z", "")).wait(190).plays(track("Y", ""));
    let kept = evening.remembered.iter().filter_map(|memory| match memory {
        Record::Play { ours, judged, .. } => Some((ours.is_some(), *judged)),
        _ => None,
    });
    assert_eq!(kept.collect::<Vec<_>>(), [(true, Some([terms.fit, terms.taste])), (false, None)]);
}

#[test]
fn a_listener_who_skips_what_they_like_less_whatever_the_mood_is_given_more_of_what_they_like() {
    let weight = |lessons: Vec<Feedback>| {
        let mut evening = Evening::with_camera();
        let evidence = Evidence { finished: 1.0, ..Evidence::default() };
        evening.step(Event::LibraryLoaded(library().into_iter().map(|song| Song { evidence, ..song }).collect()));
        evening.step(Event::FeedbackLoaded(lessons)).plays(track("A", ""));
        evening.step(Event::Looked(Ok(look(vec![sighting(HAPPY); 5])))).sees(HAPPY);
        evening.view().next.as_ref().expect("a song to come").terms.mood_weight
    };
    let lesson = |n: u16| {
        let (fit, taste) = (f32::from(n % 7) / 7.0, f32::from(n % 5) / 5.0);
        Feedback { fit, taste, finished: taste > 0.5, left: 1.0 }
    };
    let (before, after) = (weight(vec![]), weight((0..300).map(lesson).collect()));
    assert_eq!(before, Config::default().music.mood_weight);
    assert!(after < before - 0.1, "{after} after {before}");
}

#[test]
fn time_while_the_player_is_halted_is_not_heard() {
    let (mut evening, id) = happy_evening();
    evening.plays(Evening::ours(id)).wait(5);
    evening.playback.status = PlaybackStatus::Paused;
    evening.playback.position = Some(Duration::from_secs(5));
    evening.step(Event::Playback(Some(evening.playback.clone()))).wait(3600);
    evening.playback.position = Some(Duration::ZERO);
    evening.plays(track("Z", ""));
    let path = format!("/music/{id}.ogg").into();
    assert!(evening.has_heard(path, PlayOutcome::Skipped, Some(Intent::Match)));
}

#[test]
fn undo_takes_ours_back_and_nothing_comes_until_the_next_song() {
    let (mut evening, id) = happy_evening();
    evening.step(Event::Requested(Request::Undo, 9));
    assert_eq!(evening.taken_back(), Some(&handle(&id.to_string())));
    evening.returns(id);
    assert!(matches!(evening.answer(9), Some(Answer::Done(said)) if said.contains("taken out")));
    evening.sees(HAPPY);
    assert_eq!(evening.given(), None);
    evening.plays(track("Z", ""));
    assert!(evening.given().is_some_and(|next| next != id), "{:?}", evening.effects);
}

#[test]
fn after_an_undo_a_mood_that_the_listener_sets_is_played_from_the_next_song_on() {
    let (mut evening, id) = happy_evening();
    evening.step(Event::Requested(Request::Undo, 9)).returns(id);
    evening.ask(Request::Mood(Some(MoodName::Sad)));
    let next = evening.given().expect("a song for the mood set");
    assert!(Evening::place(next).0 < 0.4, "{next}");
}

#[test]
fn undo_says_so_when_there_is_nothing_or_no_way() {
    let mut evening = Evening::with_camera();
    assert!(matches!(evening.ask(Request::Undo), Answer::Refused(_)));
    let (mut evening, _) = happy_evening();
    evening.playback.way = QueueMethod::AfterCurrent { take_back: false };
    evening.plays(track("A", ""));
    assert!(matches!(evening.ask(Request::Undo), Answer::Refused(why) if why.contains("player")));
}

#[test]
fn an_undo_that_comes_too_late_is_answered_all_the_same() {
    let (mut evening, id) = happy_evening();
    evening.step(Event::Requested(Request::Undo, 9)).plays(Evening::ours(id));
    assert!(matches!(evening.answer(9), Some(Answer::Refused(_))));
}

#[test]
fn the_camera_is_not_opened_before_the_listener_agreed() {
    let mut evening = Evening::begin(PersistedState::default());
    evening.plays(track("A", "")).wait(100_000);
    assert!(!evening.effects.contains(&Effect::Look));
    assert_eq!(evening.view().phase, PhaseReport::Asking);
    evening.ask(Request::Consent(true));
    assert!(evening.effects.contains(&Effect::Look) && evening.remembered.contains(&Record::Consent(true)));
}

#[test]
fn without_a_camera_moods_are_set_by_hand() {
    let mut evening = Evening::begin(PersistedState { consent: Some(false), ..PersistedState::default() });
    evening.plays(track("A", ""));
    assert!(evening.view().waiting_for.as_ref().unwrap().contains("by hand"));
    evening.ask(Request::Mood(Some(MoodName::Sad)));
    let id = evening.given().expect("a song for the mood set");
    assert!(Evening::place(id).0 < 0.4 && Evening::place(id).1 < 0.4);
}

#[test]
fn nothing_is_looked_at_while_nothing_plays() {
    let mut evening = Evening::with_camera();
    evening.wait(1000);
    assert!(!evening.effects.contains(&Effect::Look));
    evening.playback.status = PlaybackStatus::Paused;
    evening.step(Event::Playback(Some(evening.playback.clone()))).wait(1000);
    assert!(!evening.effects.contains(&Effect::Look));
}

#[test]
fn no_look_is_taken_while_a_mood_is_set_by_hand() {
    let mut evening = Evening::with_camera();
    evening.ask(Request::Mood(Some(MoodName::Happy)));
    evening.plays(track("A", "")).wait(1000);
    assert!(!evening.effects.contains(&Effect::Look));
    let Answer::Status(view) = evening.ask(Request::Status) else { panic!() };
    assert_eq!(view.no_look, Some(LookBlock::ManualMood));
    evening.ask(Request::Mood(None));
    assert!(evening.effects.contains(&Effect::Look));
}

#[test]
fn a_camera_in_use_is_tried_again_with_growing_waits() {
    let mut evening = Evening::with_camera();
    evening.plays(track("A", ""));
    let mut waits = Vec::new();
    for _ in 0..6 {
        evening.step(Event::Looked(Err(CaptureError::Busy {
            detail: "in use by someone".into(),
            user: Some("someone".into()),
        })));
        assert_eq!(evening.view().phase, PhaseReport::CameraInUse("someone".into()));
        assert_eq!(evening.view().no_look, Some(LookBlock::CameraInUse));
        let due = evening.state.wake_at().unwrap();
        waits.push((due - evening.now).as_secs());
        evening.now = due;
        evening.step(Event::Tick);
        assert!(evening.effects.contains(&Effect::Look));
    }
    assert!(waits.windows(2).all(|w| w[1] > w[0] || w[0] == 1800), "{waits:?}");
    evening.step(Event::Looked(Ok(look(vec![sighting(HAPPY); 5]))));
    assert_eq!(evening.view().phase, PhaseReport::Watching);
}

#[test]
fn a_camera_that_woke_up_too_slowly_is_tried_again_while_it_is_awake() {
    let mut evening = Evening::with_camera();
    evening.plays(track("A", ""));
    let slow = |evening: &mut Evening| {
        evening.step(Event::Looked(Err(CaptureError::TimedOut("no frame came".into()))));
        let (due, phase) = (evening.state.wake_at().unwrap(), evening.view().phase.clone());
        let wait = due - evening.now;
        evening.now = due;
        evening.step(Event::Tick);
        assert!(evening.effects.contains(&Effect::Look));
        (wait.as_secs(), phase)
    };
    assert_eq!(slow(&mut evening), (1, PhaseReport::Watching), "no complaint yet");
    evening.step(Event::Looked(Ok(look(vec![sighting(HAPPY); 5])))).wait(120);
    assert_eq!(slow(&mut evening), (1, PhaseReport::Watching), "the next time as well");
    let (once, twice) = (slow(&mut evening), slow(&mut evening));
    assert_eq!(once.1, PhaseReport::Trouble("the camera sends no pictures".into()));
    assert!(once.0 > 100 && twice.0 > once.0, "{once:?} {twice:?}");
}

#[test]
fn while_another_program_takes_pictures_no_look_is_taken_and_its_name_is_told() {
    let mut evening = Evening::with_camera();
    evening.plays(track("A", ""));
    for _ in 0..5 {
        assert!(evening.effects.contains(&Effect::Look), "asking hinders nobody: {:?}", evening.effects);
        evening.step(Event::CameraInUse("meeting (process 7)".into()));
        assert_eq!(evening.view().phase, PhaseReport::CameraInUse("meeting (process 7)".into()));
        evening.wait(120);
    }
    evening.step(Event::Looked(Ok(look(vec![sighting(HAPPY); 5]))));
    assert_eq!((evening.view().phase.clone(), evening.view().no_look), (PhaseReport::Watching, None));
}

#[test]
fn a_call_that_nothing_asks_about_any_more_is_not_told_for_ever() {
    let mut evening = Evening::with_camera();
    evening.plays(track("A", "")).step(Event::CameraInUse("meeting (process 7)".into()));
    evening.playback.status = PlaybackStatus::Paused;
    evening.step(Event::Playback(Some(evening.playback.clone())));
    assert_eq!(
        (evening.view().phase.clone(), evening.view().no_look),
        (PhaseReport::Watching, Some(LookBlock::NothingPlays))
    );
}

/// A face that reads as half sad when it rests.
const RESTS_SAD: [f32; 7] = [0.5, 0.02, 0.02, 0.4, 0.04, 0.01, 0.01];

/// The owner lets Moodring learn their face at rest, through a camera.
fn calibrate(evening: &mut Evening, camera: &str) {
    assert!(matches!(evening.ask(Request::Calibrate), Answer::Done(_)));
    if !evening.effects.contains(&Effect::Calibrate) {
        // A look was under way.
        evening.step(Event::Looked(Ok(look(vec![sighting(NEUTRAL); 5]))));
    }
    assert!(evening.effects.contains(&Effect::Calibrate), "{:?}", evening.effects);
    assert_eq!(evening.view().phase, PhaseReport::Calibrating);
    evening.step(Event::CalibrationFinished(Ok(look_through(camera, vec![sighting(RESTS_SAD); 100]))));
    assert!(evening.effects.contains(&Effect::Look), "what it reads now is seen at once: {:?}", evening.effects);
    evening.step(Event::Looked(Ok(look(vec![sighting(RESTS_SAD); 5]))));
}

#[test]
fn a_face_that_reads_sad_at_rest_ends_as_neutral_once_it_is_learned_and_its_smile_as_a_smile() {
    let mut evening = Evening::with_camera();
    evening.plays(track("A", ""));
    calibrate(&mut evening, "front");
    assert!(evening.remembered.iter().any(|m| matches!(m, Record::Baseline { camera, .. } if camera == "front")));
    for _ in 0..4 {
        evening.sees(RESTS_SAD);
    }
    assert_eq!(evening.view().mood_name, MoodName::Neutral);
    assert!(evening.view().scores.unwrap().neutral > 0.75);
    for _ in 0..6 {
        evening.sees([0.2, 0.5, 0.05, 0.2, 0.03, 0.01, 0.01]);
    }
    assert_eq!(evening.view().scores.unwrap().top().0, Expression::Happy);
    assert!(evening.view().mood.valence > 0.58, "{:?}", evening.view().mood);
}

#[test]
fn what_was_learned_holds_for_its_camera_alone_and_over_a_restart() {
    let mut evening = Evening::with_camera();
    evening.plays(track("A", ""));
    calibrate(&mut evening, "front");
    evening.camera = "back";
    evening.sees(RESTS_SAD);
    assert!(evening.view().scores.unwrap().sad > 0.2);
    let kept = evening.remembered.iter().find_map(|memory| match memory {
        Record::Baseline { camera, baseline } => Some((camera.clone(), baseline.clone())),
        _ => None,
    });
    let mut next = Evening::with_camera();
    next.step(Event::BaselinesLoaded(kept.into_iter().collect())).plays(track("A", ""));
    next.step(Event::Looked(Ok(look(vec![sighting(RESTS_SAD); 5]))));
    assert!(next.view().scores.unwrap().neutral > 0.75);
}

#[test]
fn looks_at_a_face_at_rest_are_written_down_now_and_then() {
    let mut evening = Evening::with_camera();
    evening.plays(track("A", "")).step(Event::Looked(Ok(look(vec![sighting(RESTS_SAD); 5]))));
    for _ in 0..25 {
        evening.sees(RESTS_SAD);
    }
    let kept = evening.remembered.iter().filter(|m| matches!(m, Record::Baseline { .. })).count();
    assert_eq!(kept, 2);
}

#[test]
fn a_face_at_rest_that_was_not_seen_is_told_and_changes_nothing() {
    let mut evening = Evening::with_camera();
    evening.plays(track("A", ""));
    for (seen, word) in [
        (Ok(look(vec![sighting(HAPPY); 100])), "smile"),
        (Ok(look(vec![])), "no face"),
        (Err(CaptureError::Unplugged("it".into())), "unplugged"),
    ] {
        evening.step(Event::Looked(Ok(look(vec![sighting(NEUTRAL); 5]))));
        evening.ask(Request::Calibrate);
        evening.step(Event::CalibrationFinished(seen));
        assert!(
            matches!(&evening.view().phase, PhaseReport::Trouble(why) if why.contains(word)),
            "{:?}",
            evening.view()
        );
        evening.wait(120);
    }
    assert!(!evening.remembered.iter().any(|m| matches!(m, Record::Baseline { .. })));
}

#[test]
fn a_face_at_rest_is_only_looked_at_where_the_camera_may_be_used() {
    let mut evening = Evening::begin(PersistedState { consent: Some(false), ..PersistedState::default() });
    assert!(matches!(evening.ask(Request::Calibrate), Answer::Refused(why) if why.contains("camera allow")));
    assert!(!evening.effects.contains(&Effect::Calibrate));
}

#[test]
fn a_reading_called_wrong_is_corrected_at_once_and_remembered() {
    let mut evening = Evening::with_camera();
    evening.plays(track("A", ""));
    evening.step(Event::Looked(Ok(look(vec![sighting(SAD); 5]))));
    evening.sees(SAD);
    let sad = evening.given().unwrap();
    evening.accepts(sad);
    let before = evening.view().scores.unwrap().sad;
    assert!(matches!(evening.ask(Request::Wrong(MoodName::Happy)), Answer::Done(said) if said.contains("happy")));
    assert_eq!(evening.taken_back(), Some(&handle(&sad.to_string())), "what waits no longer fits");
    evening.returns(sad);
    let happy = evening.given().expect("another song");
    assert!(Evening::place(happy).0 > Evening::place(sad).0);
    assert_eq!(evening.view().mood_name, MoodName::Happy);
    assert!(evening.view().scores.unwrap().sad < before);
    let wrong = Record::Correction { camera: "front".into(), read: Expression::Sad, meant: Expression::Happy };
    assert!(
        evening.remembered.contains(&wrong) && evening.remembered.iter().any(|m| matches!(m, Record::Baseline { .. }))
    );
    // Nothing was seen for long: there is nothing to correct.
    evening.wait(3600);
    assert!(
        matches!(evening.ask(Request::Wrong(MoodName::Sad)), Answer::Refused(why) if why.contains("moodring mood sad"))
    );
}

#[test]
fn a_player_that_refuses_is_left_in_peace_for_a_while() {
    let mut evening = Evening::begin(PersistedState { by_hand: Some(MoodName::Happy), ..PersistedState::default() });
    evening.plays(track("A", ""));
    let id = evening.given().unwrap();
    evening.step(Event::Queued(format!("/music/{id}.ogg").into(), Err(QueueError::Player("it does nothing".into()))));
    assert_eq!(evening.given(), None);
    assert_eq!(evening.view().waiting_for.as_deref(), Some("it does nothing"));
    evening.wait(10);
    assert_eq!(evening.given(), None);
    evening.wait(25);
    assert!(evening.given().is_some());
}

#[test]
fn a_player_that_cannot_queue_gets_a_suggestion_shown() {
    let mut evening = Evening::begin(PersistedState { by_hand: Some(MoodName::Happy), ..PersistedState::default() });
    evening.playback.way = QueueMethod::Unsupported;
    evening.plays(track("A", ""));
    assert_eq!(evening.given(), None);
    assert!(evening.view().next.is_some() && evening.view().waiting_for.as_ref().unwrap().contains("yourself"));
}

#[test]
fn likes_and_dislikes_are_remembered_and_a_disliked_song_is_gone() {
    let mut evening = Evening::begin(PersistedState { by_hand: Some(MoodName::Happy), ..PersistedState::default() });
    evening.plays(track("A", ""));
    let id = evening.given().unwrap();
    evening.accepts(id).plays(Evening::ours(id));
    assert!(matches!(evening.ask(Request::Dislike), Answer::Done(_)));
    let path = format!("/music/{id}.ogg").into();
    assert!(evening.remembered.contains(&Record::Opinion { path, opinion: Opinion::Dislike }));
    assert_eq!(evening.view().opinion, Opinion::Dislike);
    for _ in 0..60 {
        evening.wait(3600 * 5).plays(track("Z", ""));
        assert_ne!(evening.given(), Some(id));
    }
}

#[test]
fn lift_leads_upwards_song_by_song() {
    let mut evening = Evening::begin(PersistedState {
        by_hand: Some(MoodName::Sad),
        intent: Some(Intent::Lift),
        ..PersistedState::default()
    });
    evening.plays(track("A", ""));
    let mut valences = Vec::new();
    for _ in 0..10 {
        let id = evening.given().expect("a song");
        valences.push(Evening::place(id).0);
        evening.accepts(id).wait(200).plays(Evening::ours(id));
    }
    assert!(valences[0] < 0.4 && valences[9] > 0.6, "{valences:?}");
}

#[test]
fn quitting_takes_back_what_has_not_been_played_and_then_leaves() {
    let (mut evening, id) = happy_evening();
    evening.ask(Request::Quit);
    assert!(evening.taken_back().is_some() && !evening.effects.contains(&Effect::Quit));
    evening.returns(id);
    assert!(evening.effects.contains(&Effect::Quit));
}

#[test]
fn a_player_that_hangs_does_not_keep_us_from_leaving() {
    let (mut evening, _) = happy_evening();
    evening.step(Event::Stopping);
    let deadline = evening.state.wake_at().unwrap();
    assert!(deadline - evening.now <= Duration::from_secs(3));
    evening.now = deadline;
    evening.step(Event::Tick);
    assert!(evening.effects.contains(&Effect::Quit));
}

#[test]
fn a_song_on_its_way_into_the_player_is_taken_back_when_we_leave() {
    let mut evening = Evening::begin(PersistedState { by_hand: Some(MoodName::Happy), ..PersistedState::default() });
    evening.plays(track("A", ""));
    let id = evening.given().unwrap();
    evening.step(Event::Stopping);
    assert!(!evening.effects.contains(&Effect::Quit));
    evening.accepts(id);
    assert!(evening.taken_back().is_some());
    evening.returns(id);
    assert!(evening.effects.contains(&Effect::Quit));
}

#[test]
fn when_the_player_goes_and_comes_back_the_evening_goes_on() {
    let (mut evening, _) = happy_evening();
    evening.step(Event::Playback(None));
    assert!(evening.view().waiting_for.as_ref().unwrap().contains("no music player"));
    evening.plays(track("A", ""));
    assert!(evening.given().is_some());
}

fn looks(evening: &mut Evening, seconds: u64) -> bool {
    evening.wait(seconds).effects.contains(&Effect::Look)
}

#[test]
fn while_nobody_is_there_no_look_is_taken_and_the_reason_is_told() {
    let there = Presence::default();
    let absences = [
        (Presence { locked: Some(true), ..there }, LookBlock::Locked),
        (Presence { asleep: true, ..there }, LookBlock::Asleep),
        (Presence { waking: true, ..there }, LookBlock::PresenceUnknown),
        (Presence { lid_closed: Some(true), ..there }, LookBlock::LidClosed),
        (Presence { idle: Some(true), ..there }, LookBlock::Idle),
    ];
    for (session, why) in absences {
        let mut evening = Evening::with_camera();
        evening.step(Event::Presence(session));
        evening.plays(track("A", ""));
        assert!(!looks(&mut evening, 3600), "{why:?}");
        assert_eq!(evening.view.clone().unwrap().no_look, Some(why));
        evening.step(Event::Presence(there));
        assert!(evening.effects.contains(&Effect::Look), "after {why:?}");
        assert_eq!(evening.view.clone().unwrap().no_look, None);
    }
}

#[test]
fn a_picture_taken_as_the_screen_is_locked_does_not_count() {
    let mut evening = Evening::with_camera();
    evening.plays(track("A", "")).step(Event::Looked(Ok(look(vec![sighting(SAD); 5]))));
    evening.sees(SAD);
    let before = evening.view.clone().unwrap().mood;
    assert!(looks(&mut evening, 3600));
    evening.step(Event::Presence(Presence { locked: Some(true), ..Presence::default() }));
    evening.step(Event::Looked(Ok(look(vec![sighting(HAPPY); 5]))));
    assert_eq!(evening.view.clone().unwrap().mood, before);
}

#[test]
fn who_is_found_away_when_a_look_is_due_is_looked_for_again_later() {
    let mut evening = Evening::with_camera();
    evening.plays(track("A", ""));
    assert!(evening.effects.contains(&Effect::Look) || looks(&mut evening, 120));
    evening.step(Event::UserAway(LookBlock::Idle));
    assert_eq!(evening.view.clone().unwrap().no_look, Some(LookBlock::Idle));
    assert!(!looks(&mut evening, 119));
    assert!(looks(&mut evening, 1));
    evening.step(Event::Looked(Ok(look(vec![sighting(NEUTRAL); 5]))));
    assert_eq!(evening.view.clone().unwrap().no_look, None);
}

/// Seconds from one look to the next, with a settled mood.
fn gap(evening: &mut Evening) -> u64 {
    evening.step(Event::Looked(Ok(look(vec![sighting(HAPPY); 5]))));
    evening.sees(HAPPY).sees(HAPPY);
    (1..1000).find(|_| looks(evening, 1)).unwrap_or(1000)
}

#[test]
fn on_battery_looks_are_four_times_rarer_until_the_mains_are_back() {
    let battery = |is| Event::Presence(Presence { on_battery: Some(is), ..Presence::default() });
    let mut evening = Evening::with_camera();
    evening.plays(track("A", ""));
    assert_eq!(gap(&mut evening), 120);
    evening.step(Event::Looked(Ok(look(vec![sighting(HAPPY); 5])))).step(battery(true));
    evening.wait(120);
    assert!(evening.effects.contains(&Effect::Look), "what was due before stays due");
    evening.step(Event::Looked(Ok(look(vec![sighting(HAPPY); 5]))));
    assert!(!looks(&mut evening, 479));
    assert!(looks(&mut evening, 1));
    evening.step(Event::Looked(Ok(look(vec![sighting(HAPPY); 5])))).wait(60).step(battery(false));
    assert!(!looks(&mut evening, 119));
    assert!(looks(&mut evening, 1));
}

#[test]
fn on_battery_no_look_is_taken_where_the_settings_say_so() {
    let mut evening = Evening::with_camera();
    let config = moodring::config::read("[camera]\nbattery = \"never\"", std::path::Path::new("x")).unwrap();
    evening.state =
        State::new(config, PersistedState { consent: Some(true), ..PersistedState::default() }, evening.now);
    evening.step(Event::Presence(Presence { on_battery: Some(true), ..Presence::default() }));
    evening.plays(track("A", ""));
    assert!(!looks(&mut evening, 3600));
    assert_eq!(evening.view.clone().unwrap().no_look, Some(LookBlock::Battery));
    evening.step(Event::Presence(Presence { on_battery: Some(false), ..Presence::default() }));
    assert!(evening.effects.contains(&Effect::Look));
}

#[test]
fn without_a_camera_nothing_is_asked_and_moods_are_set_by_hand() {
    let mut evening = Evening::begin(PersistedState::default());
    let config = moodring::config::read("camera = \"off\"", std::path::Path::new("x")).unwrap();
    evening.state = State::new(config, PersistedState::default(), evening.now);
    evening.step(Event::LibraryLoaded(library()));
    evening.plays(track("A", ""));
    assert!(!looks(&mut evening, 3600));
    let view = evening.view.clone().unwrap();
    assert_eq!((view.phase, view.no_look), (PhaseReport::Watching, Some(LookBlock::TurnedOff)));
    assert!(view.waiting_for.unwrap().contains("by hand"));
    assert!(matches!(evening.ask(Request::Consent(true)), Answer::Refused(why) if why.contains("settings")));
    assert!(!looks(&mut evening, 3600), "the settings decide, whatever was allowed");
    assert!(matches!(evening.ask(Request::Mood(Some(MoodName::Happy))), Answer::Done(_)));
    assert!(evening.given().is_some());
    assert!(matches!(evening.ask(Request::Mood(None)), Answer::Done(said) if said.contains("not in use")));
}

#[test]
fn a_song_that_the_player_does_not_have_gives_way_to_another_soon() {
    let mut evening = Evening::begin(PersistedState { by_hand: Some(MoodName::Happy), ..PersistedState::default() });
    evening.plays(track("A", ""));
    let id = evening.given().unwrap();
    let absent = QueueError::Song("it was not found".into());
    evening.step(Event::Queued(format!("/music/{id}.ogg").into(), Err(absent)));
    evening.wait(6);
    let other = evening.given().expect("another song is tried");
    assert_ne!(other, id);
}

#[test]
fn a_player_that_has_none_of_our_songs_is_not_asked_for_one_after_the_other() {
    let mut evening = Evening::begin(PersistedState { by_hand: Some(MoodName::Happy), ..PersistedState::default() });
    evening.plays(track("A", ""));
    let mut asked = 0;
    for _ in 0..60 {
        if let Some(id) = evening.given() {
            asked += 1;
            let absent = QueueError::Song("it was not found".into());
            evening.step(Event::Queued(format!("/music/{id}.ogg").into(), Err(absent)));
        }
        evening.wait(6);
    }
    assert!((14..30).contains(&asked), "{asked} in six minutes");
}

#[test]
fn what_one_player_refuses_the_next_one_is_given_at_once() {
    let mut evening = Evening::begin(PersistedState { by_hand: Some(MoodName::Happy), ..PersistedState::default() });
    evening.plays(track("A", ""));
    let id = evening.given().unwrap();
    let refusal = QueueError::Player("it takes none".into());
    evening.step(Event::Queued(format!("/music/{id}.ogg").into(), Err(refusal)));
    assert_eq!(evening.given(), None);
    evening.playback.player = "Another".into();
    evening.plays(track("A", ""));
    assert!(evening.given().is_some());
}

#[test]
fn songs_that_one_player_does_not_have_are_given_to_the_next_one() {
    let mut evening = Evening::begin(PersistedState { by_hand: Some(MoodName::Happy), ..PersistedState::default() });
    // As in an MPD that does not know the listener's folder.
    evening.plays(track("A", ""));
    let mut missing = Vec::new();
    while let Some(id) = evening.given() {
        assert!(!missing.contains(&id), "{id} was not there");
        missing.push(id);
        let absent = QueueError::Song("it is not in the database".into());
        evening.step(Event::Queued(format!("/music/{id}.ogg").into(), Err(absent)));
        evening.wait(31);
    }
    assert!(missing.len() > 6, "{missing:?}");
    evening.playback.player = "Another".into();
    evening.plays(track("A", ""));
    assert!(evening.given().is_some_and(|id| missing.contains(&id)));
}

#[test]
fn only_a_login_or_a_logout_lets_players_look_at_their_accounts_again() {
    let mut evening = Evening::begin(PersistedState::default());
    assert!(matches!(evening.ask(Request::Reload), Answer::Done(_)));
    assert!(evening.effects.contains(&Effect::ReloadLibrary) && !evening.effects.contains(&Effect::ReloadAccounts));
    assert!(matches!(evening.ask(Request::Account), Answer::Done(_)));
    assert!(evening.effects.contains(&Effect::ReloadAccounts) && !evening.effects.contains(&Effect::ReloadLibrary));
}

#[test]
fn what_comes_from_a_streaming_service_teaches_nothing() {
    let mut evening = Evening::begin(PersistedState { by_hand: Some(MoodName::Happy), ..PersistedState::default() });
    let mut streamed = Evening::ours(3);
    streamed.streamed = true;
    evening.plays(streamed);
    evening.wait(190);
    evening.plays(track("B", ""));
    let heard = |memory: &Record| matches!(memory, Record::Play { .. });
    assert!(!evening.remembered.iter().any(heard), "{:?}", evening.remembered);
}

#[test]
fn a_mood_set_by_hand_stands_in_the_history_until_it_is_given_back() {
    let mut evening = Evening::with_camera();
    evening.ask(Request::Mood(Some(MoodName::Sad)));
    evening.ask(Request::Mood(None));
    let kept = |memory: &&Record| matches!(memory, Record::ManualMoodSet(_));
    let kept: Vec<_> = evening.remembered.iter().filter(kept).collect();
    assert!(
        matches!(kept[..], [Record::ManualMoodSet(Some(mood)), Record::ManualMoodSet(None)] if mood.valence == 0.2)
    );
}

#[test]
fn why_songs_are_but_suggested_is_said_in_the_players_own_words() {
    let mut evening = Evening::begin(PersistedState { by_hand: Some(MoodName::Happy), ..PersistedState::default() });
    evening.playback.way = QueueMethod::Unsupported;
    evening.plays(track("A", ""));
    assert!(evening.view().next.is_some());
    assert!(evening.view().waiting_for.as_ref().unwrap().contains("knows no way"));
    evening.playback.obstacle = Some("no account is connected".into());
    evening.tells();
    assert!(evening.view().next.is_some(), "it is suggested all the same");
    assert_eq!(evening.view().waiting_for.as_deref(), Some("no account is connected"));
}

#[test]
fn who_wants_no_history_has_none() {
    let text = "[history]\nmoods = false\nplays = false";
    let config = moodring::config::read(text, std::path::Path::new("config.toml")).unwrap();
    let mut evening = Evening::with(config, PersistedState { consent: Some(true), ..PersistedState::default() });
    evening.plays(track("A", "")).step(Event::Looked(Ok(look(vec![sighting(HAPPY); 5]))));
    evening.sees(HAPPY).ask(Request::Mood(Some(MoodName::Sad)));
    assert_eq!(evening.view.as_ref().map(|view| view.by_hand), Some(Some(MoodName::Sad)));
    evening.plays(track("B", "")).wait(5).plays(track("C", ""));
    assert_eq!(evening.remembered, [Record::ManualMood(Some(MoodName::Sad))]);
}

#[test]
fn a_song_without_a_file_is_queued_where_the_player_streams_and_nowhere_else() {
    let path = remote_song::remote_song_path("Far Away", "Not Here");
    let evidence = Evidence { finished: 5.0, ..Evidence::default() };
    let unheard = Song { id: -1, path: path.clone(), evidence, ..song(-1, 0.8, 0.8) };
    let queued = |streamed: bool| {
        let mut evening = Evening::with_camera();
        evening.step(Event::LibraryLoaded(vec![unheard.clone()])).plays(Track { streamed, ..track("A", "") });
        evening.step(Event::Looked(Ok(look(vec![sighting(HAPPY); 5])))).sees(HAPPY);
        evening.effects.contains(&Effect::Queue(path.clone()))
    };
    assert_eq!((queued(true), queued(false)), (true, false));
}
