//! Several players at once, programs that mirror them, and what is learned about each.

use std::time::{Duration, Instant};

use moodring_core::domain::playback::{Dequeued, PlaybackStatus, QueueMethod, QueueSupport};
use moodring_core::message::Event;
use moodring_players::adapters::mpd::wire::Endpoint;
use moodring_players::manager::discovery::discover_players;
use moodring_players::mpris::bus;
use moodring_testkit::desktop::wait_until;
use moodring_testkit::player_process::PlayerKind;
use rustix::process::{Pid, Signal, kill_process};

use crate::common::fake::{Behavior, FakePlayer};
use crate::common::player_test::{PlayerTest, TestManager, assert_list};
use crate::common::song;
use crate::{assert_plays_next, retry_while_busy, wait_until_it_plays_on};

fn is_there(test: &PlayerTest, name: &str) {
    let connection = test.desktop.bus().connect().unwrap();
    let wanted = format!("org.mpris.MediaPlayer2.{name}");
    wait_until(name, || Ok(bus::players(&connection)?.iter().any(|(name, ..)| *name == wanted))).unwrap();
}

fn names(test: &PlayerTest, config: &moodring_core::config::PlayersConfig) -> Vec<(String, bool)> {
    let found = discover_players(&test.desktop.bus(), config, Vec::new());
    let short = |name: &str| name.trim_start_matches("org.mpris.MediaPlayer2.").to_owned();
    found.iter().map(|finding| (short(&finding.name), finding.chosen)).collect()
}

#[test]
fn mpd_and_its_bridge_on_the_bus_are_one_player() {
    let mut test = PlayerTest::new(30);
    let process = test.start_player(PlayerKind::Mpd);
    test.desktop.start_bridge(&process).unwrap();
    is_there(&test, "mpd");
    let Endpoint::Socket(socket) = process.door() else { panic!("MPD on the test desktop has a socket") };
    let config = moodring_core::config::PlayersConfig { mpd: socket.display().to_string(), ..Default::default() };
    assert_eq!(names(&test, &config), [("mpd".to_owned(), true)]);
    let manager = TestManager::new(&test, &config);
    manager.wait_for_playback(|playback| playback.player == "Music Player Daemon");
    let handle = retry_while_busy(|| manager.queue(&test.bravo));
    assert_list(&process, &["Alpha", "Bravo", "Zulu"]);
    assert_eq!(retry_while_busy(|| manager.dequeue(&handle)), Dequeued::Removed);
    // Without access to MPD itself, its bridge is only watched: it loses songs that it is given to open.
    let alone = moodring_core::config::PlayersConfig { mpd: String::new(), ..Default::default() };
    assert_eq!(TestManager::new(&test, &alone).wait_for_title("Alpha").way, QueueMethod::Unsupported);
    retry_while_busy(|| manager.queue(&test.bravo));
    assert_plays_next(&manager, wait_until_it_plays_on(&process), &["Bravo", "Zulu"]);
}

#[test]
fn a_mirror_of_players_is_no_player() {
    let mut test = PlayerTest::new(60);
    test.start_player(PlayerKind::Vlc);
    test.desktop.start_mirror().unwrap();
    is_there(&test, "playerctld");
    let config = moodring_core::config::PlayersConfig { mpd: String::new(), ..Default::default() };
    assert_eq!(names(&test, &config), [("vlc".to_owned(), true)]);
}

#[test]
fn of_two_that_play_the_chosen_one_is_kept_until_it_stops() {
    let mut test = PlayerTest::new(60);
    let mpd = test.start_player(PlayerKind::Mpd);
    let manager = test.start_manager(Some(mpd.door()));
    manager.wait_for_playback(|playback| playback.player == "Music Player Daemon");
    let vlc = test.start_player(PlayerKind::Vlc);
    retry_while_busy(|| manager.queue(&test.bravo));
    assert_list(&mpd, &["Alpha", "Bravo", "Zulu"]);
    assert_list(&vlc, &["Alpha", "Zulu"]);
    moodring_players::adapters::mpd::wire::Wire::open(&mpd.door()).unwrap().ask(&["pause", "1"]).unwrap();
    manager.wait_for_playback(|playback| playback.player == "VLC media player");
    retry_while_busy(|| manager.queue(&test.bravo));
    assert_list(&vlc, &["Alpha", "Bravo", "Zulu"]);
}

#[test]
fn a_song_that_the_user_queues_stays_when_the_one_of_moodring_is_removed() {
    for kind in [PlayerKind::QuodLibet, PlayerKind::Cmus, PlayerKind::Rhythmbox] {
        let mut test = PlayerTest::new(90);
        let delta = song::write(&test.songs[0].with_file_name("more"), "d.flac", "Delta", 4);
        let process = test.start_player(kind);
        let manager = test.start_manager(None);
        manager.wait_for_title("Alpha");
        let handle = retry_while_busy(|| manager.queue(&test.bravo));
        process.add(&delta).unwrap();
        let reported = manager.wait_for_playback(|playback| playback.obstacle.is_some()).obstacle.unwrap();
        assert!(reported.contains("your own queue"), "{kind:?}: {reported}");
        assert_eq!(retry_while_busy(|| manager.dequeue(&handle)), Dequeued::Removed, "{kind:?}");
        assert_list(&process, if kind == PlayerKind::Rhythmbox { &["Play Queue (1)"] } else { &["Delta"] });
    }
}

#[test]
fn a_player_that_hangs_does_not_delay_another() {
    let mut test = PlayerTest::new(60);
    let vlc = test.start_player(PlayerKind::Vlc);
    let mpd = test.start_player(PlayerKind::Mpd);
    let Endpoint::Socket(socket) = mpd.door() else { panic!("MPD on the test desktop has a socket") };
    let socket = socket.display().to_string();
    let config = moodring_core::config::PlayersConfig { mpd: socket, prefer: vec!["mpd".into()], ..Default::default() };
    let manager = TestManager::new(&test, &config);
    manager.wait_for_playback(|playback| playback.player == "Music Player Daemon");
    let pid = Pid::from_raw(vlc.pid as i32).unwrap();
    kill_process(pid, Signal::STOP).unwrap();
    let began = Instant::now();
    let handle = retry_while_busy(|| manager.queue(&test.bravo));
    assert_eq!(retry_while_busy(|| manager.dequeue(&handle)), Dequeued::Removed);
    assert!(began.elapsed() < Duration::from_secs(3), "{:?}", began.elapsed());
    kill_process(pid, Signal::CONT).unwrap();
}

#[test]
fn a_player_that_took_no_song_is_tried_again_only_with_its_next_build() {
    let test = PlayerTest::new(4);
    let fake = FakePlayer::start(&test.desktop.address(), "fake", Behavior::Drops);
    let config = moodring_core::config::PlayersConfig { mpd: String::new(), ..Default::default() };
    let manager = TestManager::new(&test, &config);
    manager.wait_for_playback(|playback| playback.way == QueueMethod::AfterCurrent { take_back: true });
    manager.queue(&test.bravo).unwrap_err();
    let known =
        manager.wait_for(|event| if let Event::QueueSupportLearned(known) = event { Some(known) } else { None });
    assert_eq!((known.player.as_str(), known.way), ("fake", QueueMethod::Unsupported));
    drop(manager);
    let manager = TestManager::with_learned(&test, &config, vec![known.clone()]);
    assert_eq!(manager.wait_for_playback(|_| true).way, QueueMethod::Unsupported);
    manager.queue(&test.bravo).unwrap_err();
    assert_eq!(fake.tracks().len(), 2);
    let older = QueueSupport { build: "older".into(), ..known };
    assert_eq!(
        TestManager::with_learned(&test, &config, vec![older]).wait_for_playback(|_| true).way,
        QueueMethod::AfterCurrent { take_back: true }
    );
}

#[test]
fn a_method_that_worked_is_reported_to_be_remembered() {
    let test = PlayerTest::new(4);
    let _fake = FakePlayer::start(&test.desktop.address(), "fake.instance7", Behavior::Inserts);
    let manager = test.start_manager(None);
    manager.wait_for_playback(|playback| playback.status == PlaybackStatus::Playing);
    retry_while_busy(|| manager.queue(&test.bravo));
    let known =
        manager.wait_for(|event| if let Event::QueueSupportLearned(known) = event { Some(known) } else { None });
    assert_eq!((known.player.as_str(), known.way), ("fake", QueueMethod::AfterCurrent { take_back: true }));
}

#[test]
fn hundreds_of_silent_players_do_not_delay_the_one_that_plays() {
    let test = PlayerTest::new(4);
    // The bus limits how many names one connection may manager.
    let connect =
        || zbus::blocking::connection::Builder::address(test.desktop.address().as_str()).unwrap().build().unwrap();
    let silent = [connect(), connect(), connect(), connect()];
    for n in 0..400 {
        silent[n / 100].request_name(format!("org.mpris.MediaPlayer2.silent{n}")).unwrap();
    }
    let _fake = FakePlayer::start(&test.desktop.address(), "sounding", Behavior::Inserts);
    let began = Instant::now();
    let manager = test.start_manager(None);
    manager.wait_for_playback(|playback| playback.status == PlaybackStatus::Playing);
    retry_while_busy(|| manager.queue(&test.bravo));
    // A second on a quiet machine; each of the others would have cost two seconds.
    assert!(began.elapsed() < Duration::from_secs(40), "{:?}", began.elapsed());
}
