//! Several players at once, real ones and what mirrors them, and what is remembered of each.

use std::time::{Duration, Instant};

use moodring_core::domain::playback::{Dequeued, PlaybackStatus, QueueMethod, QueueSupport};
use moodring_core::message::Event;
use moodring_players::adapters::mpd::wire::Endpoint;
use moodring_players::manager::discovery::survey;
use moodring_players::mpris::bus;
use moodring_testkit::desktop::wait_until;
use moodring_testkit::player_process::PlayerKind;
use rustix::process::{Pid, Signal, kill_process};

use crate::common::fake::{Fake, Habit};
use crate::common::show::{Show, Watch, accounts};
use crate::common::song;
use crate::{goes_on, plays_on};

fn is_there(show: &Show, name: &str) {
    let connection = show.stage.bus().connect().unwrap();
    let wanted = format!("org.mpris.MediaPlayer2.{name}");
    wait_until(name, || Ok(bus::players(&connection)?.iter().any(|(name, ..)| *name == wanted))).unwrap();
}

fn names(show: &Show, config: &moodring_core::config::PlayersConfig) -> Vec<(String, bool)> {
    let found = survey(&show.stage.bus(), config, Vec::new());
    let short = |name: &str| name.trim_start_matches("org.mpris.MediaPlayer2.").to_owned();
    found.iter().map(|finding| (short(&finding.name), finding.chosen)).collect()
}

#[test]
fn mpd_and_the_bridge_that_shows_it_on_the_bus_are_one_player() {
    let mut show = Show::new(30);
    let actor = show.start(PlayerKind::Mpd);
    show.stage.start_bridge(&actor).unwrap();
    is_there(&show, "mpd");
    let Endpoint::Socket(socket) = actor.door() else { panic!("MPD of the stage has a socket") };
    let config = moodring_core::config::PlayersConfig { mpd: socket.display().to_string(), ..Default::default() };
    assert_eq!(names(&show, &config), [("mpd".to_owned(), true)]);
    let watch = Watch::new(&show, &config);
    watch.playback(|playback| playback.player == "Music Player Daemon");
    let ticket = watch.queue(&show.bravo).unwrap();
    accounts(&actor, &["Alpha", "Bravo", "Zulu"]);
    assert_eq!(watch.dequeue(&ticket), Ok(Dequeued::Removed));
    // Where MPD itself must not be asked, its bridge can only be watched: what it is given to open, it loses.
    let alone = moodring_core::config::PlayersConfig { mpd: String::new(), ..Default::default() };
    assert_eq!(Watch::new(&show, &alone).plays("Alpha").way, QueueMethod::Unsupported);
    watch.queue(&show.bravo).unwrap();
    plays_on(&watch, goes_on(&actor), &["Bravo", "Zulu"]);
}

#[test]
fn a_mirror_of_players_is_no_player() {
    let mut show = Show::new(60);
    show.start(PlayerKind::Vlc);
    show.stage.start_mirror().unwrap();
    is_there(&show, "playerctld");
    let config = moodring_core::config::PlayersConfig { mpd: String::new(), ..Default::default() };
    assert_eq!(names(&show, &config), [("vlc".to_owned(), true)]);
}

#[test]
fn of_two_that_play_the_chosen_one_is_kept_until_it_stops() {
    let mut show = Show::new(60);
    let mpd = show.start(PlayerKind::Mpd);
    let watch = show.watch(Some(mpd.door()));
    watch.playback(|playback| playback.player == "Music Player Daemon");
    let vlc = show.start(PlayerKind::Vlc);
    watch.queue(&show.bravo).unwrap();
    accounts(&mpd, &["Alpha", "Bravo", "Zulu"]);
    accounts(&vlc, &["Alpha", "Zulu"]);
    moodring_players::adapters::mpd::wire::Wire::open(&mpd.door()).unwrap().ask(&["pause", "1"]).unwrap();
    watch.playback(|playback| playback.player == "VLC media player");
    watch.queue(&show.bravo).unwrap();
    accounts(&vlc, &["Alpha", "Bravo", "Zulu"]);
}

#[test]
fn what_the_listener_queues_comes_before_ours_and_stays_when_ours_is_taken_back() {
    for kind in [PlayerKind::QuodLibet, PlayerKind::Cmus, PlayerKind::Rhythmbox] {
        let mut show = Show::new(90);
        let delta = song::write(&show.songs[0].with_file_name("more"), "d.flac", "Delta", 4);
        let actor = show.start(kind);
        let watch = show.watch(None);
        watch.plays("Alpha");
        let ticket = watch.queue(&show.bravo).unwrap();
        actor.add(&delta).unwrap();
        let said = watch.playback(|playback| playback.obstacle.is_some()).obstacle.unwrap();
        assert!(said.contains("your own queue"), "{kind:?}: {said}");
        assert_eq!(watch.dequeue(&ticket), Ok(Dequeued::Removed), "{kind:?}");
        accounts(&actor, if kind == PlayerKind::Rhythmbox { &["Play Queue (1)"] } else { &["Delta"] });
    }
}

#[test]
fn a_player_that_hangs_does_not_hold_up_another() {
    let mut show = Show::new(60);
    let vlc = show.start(PlayerKind::Vlc);
    let mpd = show.start(PlayerKind::Mpd);
    let Endpoint::Socket(socket) = mpd.door() else { panic!("MPD of the stage has a socket") };
    let socket = socket.display().to_string();
    let config = moodring_core::config::PlayersConfig { mpd: socket, prefer: vec!["mpd".into()], ..Default::default() };
    let watch = Watch::new(&show, &config);
    watch.playback(|playback| playback.player == "Music Player Daemon");
    let pid = Pid::from_raw(vlc.pid as i32).unwrap();
    kill_process(pid, Signal::STOP).unwrap();
    let began = Instant::now();
    let ticket = watch.queue(&show.bravo).unwrap();
    assert_eq!(watch.dequeue(&ticket), Ok(Dequeued::Removed));
    assert!(began.elapsed() < Duration::from_secs(3), "{:?}", began.elapsed());
    kill_process(pid, Signal::CONT).unwrap();
}

#[test]
fn a_player_that_took_nothing_is_not_tried_again_before_its_next_build() {
    let show = Show::new(4);
    let fake = Fake::new(&show.stage.address(), "fake", Habit::Drops);
    let config = moodring_core::config::PlayersConfig { mpd: String::new(), ..Default::default() };
    let watch = Watch::new(&show, &config);
    watch.playback(|playback| playback.way == QueueMethod::AfterCurrent { take_back: true });
    watch.queue(&show.bravo).unwrap_err();
    let known = watch.until(|event| if let Event::QueueSupportLearned(known) = event { Some(known) } else { None });
    assert_eq!((known.player.as_str(), known.way), ("fake", QueueMethod::Unsupported));
    drop(watch);
    let watch = Watch::knowing(&show, &config, vec![known.clone()]);
    assert_eq!(watch.playback(|_| true).way, QueueMethod::Unsupported);
    watch.queue(&show.bravo).unwrap_err();
    assert_eq!(fake.tracks().len(), 2);
    let older = QueueSupport { build: "older".into(), ..known };
    assert_eq!(
        Watch::knowing(&show, &config, vec![older]).playback(|_| true).way,
        QueueMethod::AfterCurrent { take_back: true }
    );
}

#[test]
fn a_way_that_worked_is_told_to_be_remembered() {
    let show = Show::new(4);
    let _fake = Fake::new(&show.stage.address(), "fake.instance7", Habit::Inserts);
    let watch = show.watch(None);
    watch.playback(|playback| playback.status == PlaybackStatus::Playing);
    watch.queue(&show.bravo).unwrap();
    let known = watch.until(|event| if let Event::QueueSupportLearned(known) = event { Some(known) } else { None });
    assert_eq!((known.player.as_str(), known.way), ("fake", QueueMethod::AfterCurrent { take_back: true }));
}

#[test]
fn hundreds_of_silent_players_cost_the_one_that_plays_nothing() {
    let show = Show::new(4);
    // The bus limits how many names one connection may watch.
    let connect =
        || zbus::blocking::connection::Builder::address(show.stage.address().as_str()).unwrap().build().unwrap();
    let silent = [connect(), connect(), connect(), connect()];
    for n in 0..400 {
        silent[n / 100].request_name(format!("org.mpris.MediaPlayer2.silent{n}")).unwrap();
    }
    let _fake = Fake::new(&show.stage.address(), "sounding", Habit::Inserts);
    let began = Instant::now();
    let watch = show.watch(None);
    watch.playback(|playback| playback.status == PlaybackStatus::Playing);
    watch.queue(&show.bravo).unwrap();
    // A second on a quiet machine; each of the others would have cost two.
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
}
