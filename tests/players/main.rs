//! The players crate with real players of the distribution, each on a bus of its own, and with fake ones that misbehave.

#[path = "../common/mod.rs"]
mod common;
mod hostile;
mod jumps;
mod late;
mod liars;
mod model;
mod several;

use std::io::{Read, Write};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use common::fake::{Behavior, FakePlayer, map};
use common::player_test::{LONG, PlayerTest, TestManager, assert_list};
use common::song;
use moodring_core::domain::address;
use moodring_core::domain::playback::{Dequeued, PlaybackStatus, QueueError, QueueMethod};
use moodring_core::domain::track::Track;
use moodring_core::message::Event;
use moodring_players::adapters::clementine::wire::Message;
use moodring_players::adapters::mpd::wire::{Endpoint, Wire};
use moodring_players::call_limit::CALL_LIMIT;
use moodring_players::manager::PlayerCommand;
use moodring_players::manager::discovery::{discover_players, list_ignored};
use moodring_testkit::player_process::{PlayerKind, PlayerProcess};
use rustix::process::{Pid, Signal, kill_process};

/// Queues Bravo while Alpha plays, removes it, queues it again, and lets the player play on.
fn queue_dequeue_and_play(kind: PlayerKind, with: &[&str], without: &[&str]) {
    let mut test = PlayerTest::new(25);
    let process = test.start_player(kind);
    let manager = test.start_manager((kind == PlayerKind::Mpd).then(|| process.door()));
    let before = manager.wait_for_title("Alpha");
    assert_eq!((before.way, before.status), (QueueMethod::AfterCurrent { take_back: true }, PlaybackStatus::Playing));
    let handle = retry_while_busy(|| manager.queue(&test.bravo));
    assert_list(&process, with);
    wait_until_it_plays_on(&process);
    assert_eq!(retry_while_busy(|| manager.dequeue(&handle)), Dequeued::Removed);
    assert_list(&process, without);
    assert_eq!(retry_while_busy(|| manager.dequeue(&handle)), Dequeued::NotThere);
    retry_while_busy(|| manager.queue(&test.bravo));
    assert_list(&process, with);
    assert_plays_next(&manager, wait_until_it_plays_on(&process), &["Bravo", "Zulu"]);
}

/// On a busy machine a player may miss its time limit; then the call is repeated, as the agent does.
pub(crate) fn retry_while_busy<T: std::fmt::Debug>(ask: impl Fn() -> Result<T, String>) -> T {
    let end = Instant::now() + LONG;
    loop {
        match ask() {
            Err(why) if why.contains("answer") && Instant::now() < end => {
                std::thread::sleep(Duration::from_millis(200))
            }
            done => return done.unwrap(),
        }
    }
}

/// Players report positions in whole seconds, and the next song a moment before it is audible.
pub(crate) const COARSE: Duration = Duration::from_secs(2);

/// Waits until the position in Alpha has moved on, and returns when Alpha should end.
pub(crate) fn wait_until_it_plays_on(process: &PlayerProcess) -> Instant {
    let mut player = process.player().unwrap();
    let (first, end) = (player.read_playback().unwrap(), Instant::now() + LONG);
    loop {
        let asked = Instant::now();
        let now = player.read_playback().unwrap();
        let track = now.track.unwrap();
        assert_eq!((now.status, track.title.as_str()), (PlaybackStatus::Playing, "Alpha"));
        if now.position > first.position {
            return asked + track.length.unwrap() - now.position.unwrap();
        }
        assert!(Instant::now() < end, "the position does not move");
        std::thread::sleep(Duration::from_millis(100));
    }
}

/// Waits for these songs, one after the other without a stop, the first of them not before Alpha has ended.
pub(crate) fn assert_plays_next(manager: &TestManager, ends: Instant, titles: &[&str]) {
    let mut seen: Vec<(Option<PathBuf>, String)> = Vec::new();
    manager.wait_for(|event| {
        let Event::Playback(playback) = event else { return None };
        let playback = playback.expect("the player is gone");
        assert_ne!(playback.status, PlaybackStatus::Stopped, "after {seen:?}");
        let Track { path, title, .. } = playback.track.unwrap_or_default();
        match seen.last_mut() {
            // mpv first reports the file name as the title.
            Some((last, known)) if *last == path && path.is_some() => *known = title,
            Some((_, known)) if *known == title => {}
            _ if title.is_empty() || title == "Alpha" => {}
            _ => {
                let early = ends.saturating_duration_since(Instant::now());
                assert!(early < COARSE, "{title} begins {early:?} before the end of what played");
                seen.push((path, title));
            }
        }
        let complete =
            seen.len() == titles.len() && seen.last().is_some_and(|(_, title)| Some(&title.as_str()) == titles.last());
        (complete || seen.len() > titles.len()).then_some(())
    });
    let seen: Vec<String> = seen.into_iter().map(|(_, title)| title).collect();
    assert_eq!(seen, titles);
}

#[test]
fn vlc_plays_a_queued_song_next_and_then_its_own() {
    queue_dequeue_and_play(PlayerKind::Vlc, &["Alpha", "Bravo", "Zulu"], &["Alpha", "Zulu"]);
}

#[test]
fn mpd_plays_a_queued_song_next_and_then_its_own() {
    queue_dequeue_and_play(PlayerKind::Mpd, &["Alpha", "Bravo", "Zulu"], &["Alpha", "Zulu"]);
}

#[test]
fn audacious_plays_a_queued_song_next_and_then_its_own() {
    queue_dequeue_and_play(PlayerKind::Audacious, &["Alpha", "Bravo", "Zulu"], &["Alpha", "Zulu"]);
}

#[test]
fn rhythmbox_plays_a_queued_song_next_and_then_its_own() {
    queue_dequeue_and_play(PlayerKind::Rhythmbox, &["Play Queue (1)"], &["Play Queue"]);
}

#[test]
fn quod_libet_plays_a_queued_song_next_and_then_its_own() {
    queue_dequeue_and_play(PlayerKind::QuodLibet, &["Bravo"], &[]);
}

#[test]
fn cmus_plays_a_queued_song_next_and_then_its_own() {
    queue_dequeue_and_play(PlayerKind::Cmus, &["Bravo"], &[]);
}

#[test]
fn mpv_with_a_socket_plays_a_queued_song_next_and_then_its_own() {
    queue_dequeue_and_play(PlayerKind::Mpv, &["Alpha", "Bravo", "Zulu"], &["Alpha", "Zulu"]);
}

#[test]
fn celluloid_with_a_socket_plays_a_queued_song_next_and_then_its_own() {
    queue_dequeue_and_play(PlayerKind::CelluloidSocket, &["Alpha", "Bravo", "Zulu"], &["Alpha", "Zulu"]);
}

#[test]
fn clementine_with_its_remote_plays_a_queued_song_next_and_then_its_own() {
    queue_dequeue_and_play(PlayerKind::ClementineRemote, &["Alpha", "Bravo", "Zulu"], &["Alpha", "Zulu"]);
}

/// A network remote like that of Clementine, as far as its greeting, in this process.
fn open_remote() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let song = Message::default().number(2, 0);
    let list = Message::default().number(1, 1).number(3, 1).number(4, 1);
    let messages = [
        Message::default().number(2, 41).bytes(16, &Message::default().bytes(1, &song.0).0),
        Message::default().number(2, 42).bytes(17, &Message::default().bytes(1, &list.0).0),
        Message::default().number(2, 48),
    ];
    let frame = |message: &Message| [&(message.0.len() as u32).to_be_bytes()[..], &message.0].concat();
    let greeting: Vec<u8> = messages.iter().flat_map(frame).collect();
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            // The client may leave at once.
            let _ = stream.read(&mut [0; 64]);
            let _ = stream.write_all(&greeting);
            let _ = stream.read(&mut [0; 64]);
        }
    });
}

#[test]
fn an_interface_that_a_player_opens_after_its_start_is_found() {
    let test = PlayerTest::new(4);
    let fake = FakePlayer::start(&test.desktop.address(), "clementine", Behavior::Drops);
    let manager = test.start_manager(None);
    manager.wait_for_playback(|playback| playback.way == QueueMethod::Append);
    open_remote();
    fake.set_metadata(map(vec![("mpris:trackid", "/2".into()), ("xesam:title", "Another".into())]));
    manager.wait_for_playback(|playback| playback.way == QueueMethod::AfterCurrent { take_back: true });
}

#[test]
fn upcoming_songs_are_reported_with_their_albums() {
    // Quod Libet adds the queued song to its library, and may list it there again.
    for kind in [
        PlayerKind::Vlc,
        PlayerKind::Mpd,
        PlayerKind::Audacious,
        PlayerKind::Mpv,
        PlayerKind::ClementineRemote,
        PlayerKind::Cmus,
    ] {
        let mut test = PlayerTest::new(60);
        let process = test.start_player(kind);
        let mut player = process.player().unwrap();
        player.queue(&test.bravo).unwrap();
        let end = Instant::now() + LONG;
        loop {
            let upcoming = player.read_playback().unwrap().upcoming.unwrap();
            let paths: Vec<_> = upcoming.iter().map(|track| track.path.clone().unwrap()).collect();
            assert_eq!(paths, [test.bravo.clone(), test.songs[1].clone()], "{kind:?}");
            if upcoming[0].album == "Album Bravo" {
                break;
            }
            // VLC reads tags a moment later.
            assert!(Instant::now() < end, "{kind:?}: {upcoming:?}");
            std::thread::sleep(Duration::from_millis(100));
        }
    }
}

#[test]
fn a_song_queued_while_another_waits_comes_first_and_both_can_be_removed() {
    let mut test = PlayerTest::new(60);
    let process = test.start_player(PlayerKind::Vlc);
    let delta = song::write(test.songs[0].parent().unwrap(), "d.flac", "Delta", 4);
    let mut player = process.player().unwrap();
    let (bravo, second) = (player.queue(&test.bravo).unwrap(), player.queue(&delta).unwrap());
    assert_list(&process, &["Alpha", "Delta", "Bravo", "Zulu"]);
    assert_eq!(player.dequeue(&bravo).unwrap(), Dequeued::Removed);
    assert_list(&process, &["Alpha", "Delta", "Zulu"]);
    assert_eq!(player.dequeue(&second).unwrap(), Dequeued::Removed);
    assert_list(&process, &["Alpha", "Zulu"]);
}

#[test]
fn a_restarted_moodring_finds_its_song_in_a_list_that_it_changed_often() {
    let mut test = PlayerTest::new(60);
    let process = test.start_player(PlayerKind::Vlc);
    let mut before = process.player().unwrap();
    for _ in 0..8 {
        let handle = before.queue(&test.bravo).unwrap();
        assert_eq!(before.dequeue(&handle).unwrap(), Dequeued::Removed);
    }
    let mut player = process.player().unwrap();
    let handle = player.queue(&test.bravo).unwrap();
    assert_list(&process, &["Alpha", "Bravo", "Zulu"]);
    assert_eq!(player.dequeue(&handle).unwrap(), Dequeued::Removed);
    assert_list(&process, &["Alpha", "Zulu"]);
}

#[test]
fn a_song_that_was_played_is_not_removed() {
    let mut test = PlayerTest::new(30);
    let process = test.start_player(PlayerKind::Audacious);
    let manager = test.start_manager(None);
    manager.wait_for_title("Alpha");
    let handle = retry_while_busy(|| manager.queue(&test.bravo));
    manager.send(PlayerCommand::Skip);
    manager.wait_for_title("Bravo");
    assert_eq!(retry_while_busy(|| manager.dequeue(&handle)), Dequeued::NotThere);
    manager.wait_for_title("Zulu");
    assert_eq!(retry_while_busy(|| manager.dequeue(&handle)), Dequeued::NotThere);
    assert_list(&process, &["Alpha", "Bravo", "Zulu"]);
}

#[test]
fn vlc_in_random_order_is_refused_with_the_reason() {
    let mut test = PlayerTest::new(60);
    let _actor = test.start_player(PlayerKind::Vlc);
    let bus = test.desktop.bus().connect().unwrap();
    let call = (Some("org.mpris.MediaPlayer2.vlc"), "/org/mpris/MediaPlayer2", Some("org.freedesktop.DBus.Properties"));
    let set = ("org.mpris.MediaPlayer2.Player", "Shuffle", zbus::zvariant::Value::from(true));
    bus.call_method(call.0, call.1, call.2, "Set", &set).unwrap();
    let manager = test.start_manager(None);
    manager.wait_for_playback(|playback| playback.shuffle);
    assert!(manager.queue(&test.bravo).unwrap_err().contains("random order"));
}

#[test]
fn mpd_in_random_order_plays_a_queued_song_next() {
    let mut test = PlayerTest::new(10);
    let more = (0..8).map(|n| song::write(test.songs[0].parent().unwrap(), &format!("{n}.flac"), &format!("N{n}"), 60));
    test.songs.extend(more.collect::<Vec<_>>());
    let process = test.start_player(PlayerKind::Mpd);
    Wire::open(&process.door()).unwrap().ask(&["random", "1"]).unwrap();
    let manager = test.start_manager(Some(process.door()));
    assert!(manager.wait_for_title("Alpha").shuffle);
    retry_while_busy(|| manager.queue(&test.bravo));
    assert_plays_next(&manager, wait_until_it_plays_on(&process), &["Bravo"]);
}

#[test]
fn over_the_network_mpd_gets_only_songs_of_its_library() {
    let mut test = PlayerTest::new(60);
    let inside = song::write(&test.songs[0].with_file_name("sub folder"), "b ü.flac", "Bravo", 4);
    let process = test.start_player(PlayerKind::Mpd);
    let manager = test.start_manager(Some(Endpoint::Tcp(format!("127.0.0.1:{}", process.port))));
    manager.wait_for_title("Alpha");
    manager.send(PlayerCommand::Queue(test.bravo.clone()));
    let error = manager.wait_for(|event| if let Event::Queued(_, done) = event { done.err() } else { None });
    assert!(matches!(error, QueueError::Song(why) if why.contains("does not have")), "another song may do");
    let handle = retry_while_busy(|| manager.queue(&inside));
    assert_list(&process, &["Alpha", "Bravo", "Zulu"]);
    let reported =
        manager.wait_for_playback(|playback| playback.upcoming.as_ref().is_some_and(|songs| songs.len() == 2));
    assert_eq!(reported.track.unwrap().path.as_ref(), Some(&test.songs[0]));
    assert_eq!(reported.upcoming.unwrap()[0].path.as_ref(), Some(&inside));
    assert_eq!(retry_while_busy(|| manager.dequeue(&handle)), Dequeued::Removed);
    assert_list(&process, &["Alpha", "Zulu"]);
}

#[test]
fn mpd_is_steered_without_a_bus() {
    let mut test = PlayerTest::new(60);
    let process = test.start_player(PlayerKind::Mpd);
    let Endpoint::Socket(socket) = process.door() else { panic!("MPD on the test desktop has a socket") };
    let config = moodring_core::config::PlayersConfig { mpd: socket.display().to_string(), ..Default::default() };
    let (sender, events) = std::sync::mpsc::channel();
    let nowhere = moodring_players::mpris::bus::BusAddress::At("unix:path=/nonexistent/bus".into());
    let manager = moodring_players::manager::PlayerManager::start_on(nowhere, &config, Vec::new(), move |event| {
        drop(sender.send(event))
    })
    .unwrap();
    let event = events.recv_timeout(LONG).unwrap();
    assert!(matches!(event, Event::Playback(Some(playback)) if playback.player == "Music Player Daemon"));
    drop(manager);
}

#[test]
fn a_vlc_that_hangs_costs_at_most_its_time_limit_and_is_steered_again_afterwards() {
    let mut test = PlayerTest::new(60);
    let process = test.start_player(PlayerKind::Vlc);
    let manager = test.start_manager(None);
    manager.wait_for_title("Alpha");
    let pid = Pid::from_raw(process.pid as i32).unwrap();
    kill_process(pid, Signal::STOP).unwrap();
    let start = Instant::now();
    let refused = manager.queue(&test.bravo);
    let took = start.elapsed();
    let gone = manager.wait_for_at_most(LONG, |event| matches!(event, Event::Playback(None)).then_some(()));
    kill_process(pid, Signal::CONT).unwrap();
    assert!(refused.is_err() && took < CALL_LIMIT * 2, "{refused:?} after {took:?}");
    assert!(gone.is_some());
    manager.wait_for_title("Alpha");
    retry_while_busy(|| manager.queue(&test.bravo));
    assert_list(&process, &["Alpha", "Bravo", "Zulu"]);
}

#[test]
fn a_song_that_arrives_after_the_time_limit_is_not_queued_twice() {
    for name in ["vlc", "other"] {
        let test = PlayerTest::new(4);
        let fake = FakePlayer::start(&test.desktop.address(), name, Behavior::InsertsAfterTimeout);
        let manager = test.start_manager(None);
        manager.wait_for_playback(|playback| playback.status == PlaybackStatus::Playing);
        assert!(manager.queue(&test.bravo).unwrap_err().contains("in time"));
        let handle = loop {
            if let Ok(handle) = manager.queue(&test.bravo) {
                break handle;
            }
        };
        let bravo = address::to_file_uri(&test.bravo);
        assert_eq!(fake.tracks(), ["file:///x/a.ogg", bravo.as_str(), "file:///x/z.ogg"]);
        assert_eq!(retry_while_busy(|| manager.dequeue(&handle)), Dequeued::Removed);
    }
}

#[test]
fn players_are_found_again_after_the_bus_restarts() {
    let mut test = PlayerTest::new(4);
    let fake = FakePlayer::start(&test.desktop.address(), "fake", Behavior::Inserts);
    let manager = test.start_manager(None);
    manager.wait_for_playback(|playback| playback.status == PlaybackStatus::Playing);
    test.desktop.restart_bus().unwrap();
    drop(fake);
    manager.wait_for(|event| matches!(event, Event::Playback(None)).then_some(()));
    let again = FakePlayer::start(&test.desktop.address(), "fake", Behavior::Inserts);
    manager.wait_for_playback(|playback| playback.status == PlaybackStatus::Playing);
    retry_while_busy(|| manager.queue(&test.bravo));
    assert_eq!(again.tracks().len(), 3);
}

#[test]
fn a_vlc_that_is_killed_during_a_call_is_gone_at_once() {
    let mut test = PlayerTest::new(60);
    let process = test.start_player(PlayerKind::Vlc);
    let manager = test.start_manager(None);
    manager.wait_for_title("Alpha");
    let pid = Pid::from_raw(process.pid as i32).unwrap();
    kill_process(pid, Signal::STOP).unwrap();
    manager.send(PlayerCommand::Queue(test.bravo.clone()));
    kill_process(pid, Signal::KILL).unwrap();
    let (mut failed, mut gone) = (false, false);
    manager.wait_for(|event| {
        match event {
            Event::Queued(_, done) => failed = done.is_err(),
            Event::Playback(playback) => gone = playback.is_none(),
            _ => {}
        }
        (failed && gone).then_some(())
    });
}

#[test]
fn a_player_that_answers_well_and_does_nothing_assert_given_up() {
    let test = PlayerTest::new(4);
    let fake = FakePlayer::start(&test.desktop.address(), "fake", Behavior::Drops);
    let manager = test.start_manager(None);
    manager.wait_for_playback(|playback| playback.way == QueueMethod::AfterCurrent { take_back: true });
    assert!(manager.queue(&test.bravo).unwrap_err().contains("did nothing with it"));
    manager.wait_for_playback(|playback| playback.way == QueueMethod::Unsupported);
    assert!(manager.queue(&test.bravo).is_err());
    assert_eq!(fake.tracks().len(), 2);
}

#[test]
fn a_player_that_puts_songs_elsewhere_is_given_up() {
    let test = PlayerTest::new(4);
    let fake = FakePlayer::start(&test.desktop.address(), "fake", Behavior::Appends);
    let manager = test.start_manager(None);
    manager.wait_for_playback(|playback| playback.status == PlaybackStatus::Playing);
    assert!(manager.queue(&test.bravo).unwrap_err().contains("elsewhere"));
    assert_eq!(fake.tracks(), ["file:///x/a.ogg", "file:///x/z.ogg"]);
}

#[test]
fn a_player_whose_track_list_works_is_steered_without_an_adapter() {
    let test = PlayerTest::new(4);
    let fake = FakePlayer::start(&test.desktop.address(), "fake", Behavior::Inserts);
    let manager = test.start_manager(None);
    manager.wait_for_playback(|playback| playback.status == PlaybackStatus::Playing);
    let handle = retry_while_busy(|| manager.queue(&test.bravo));
    let bravo = address::to_file_uri(&test.bravo);
    assert_eq!(fake.tracks(), ["file:///x/a.ogg", bravo.as_str(), "file:///x/z.ogg"]);
    assert_eq!(retry_while_busy(|| manager.dequeue(&handle)), Dequeued::Removed);
    assert_eq!(fake.tracks(), ["file:///x/a.ogg", "file:///x/z.ogg"]);
}

#[test]
fn invalid_data_is_ignored_and_bounded() {
    let test = PlayerTest::new(4);
    let fake = FakePlayer::start(&test.desktop.address(), "fake", Behavior::Drops);
    let manager = test.start_manager(None);
    assert_eq!(manager.wait_for_playback(|_| true).player, "FakePlayer  [2J player");
    fake.set_metadata(map(vec![
        ("mpris:trackid", 7.into()),
        ("mpris:length", "long".into()),
        ("xesam:url", "file://elsewhere/etc/passwd".into()),
        ("xesam:title", format!("T\u{1b}]0;\n{}", "x".repeat(10_000_000)).into()),
        ("xesam:artist", vec![1_u8, 2].into()),
    ]));
    let reported =
        manager.wait_for_playback(|playback| playback.track.as_ref().is_some_and(|track| track.title.starts_with('T')));
    let track = reported.track.unwrap();
    assert!(track.title.chars().count() <= 200 && !track.title.contains(char::is_control));
    assert_eq!((track.path, track.length, reported.position, reported.shuffle), (None, None, None, false));
    fake.set_status("Dancing");
    manager.wait_for_playback(|playback| playback.status == PlaybackStatus::Stopped);
}

#[test]
fn of_two_players_the_one_that_plays_is_steered() {
    let test = PlayerTest::new(4);
    let names = |playback: &moodring_core::domain::playback::Playback| playback.track.clone().unwrap().title;
    let one = FakePlayer::start(&test.desktop.address(), "one", Behavior::Inserts);
    one.set_status("Paused");
    let two = FakePlayer::start(&test.desktop.address(), "two", Behavior::Inserts);
    let titled = |title: &str| {
        map(vec![("mpris:trackid", "/org/videolan/vlc/playlist/3".into()), ("xesam:title", title.to_owned().into())])
    };
    one.set_metadata(titled("One"));
    two.set_metadata(titled("Two"));
    let manager = test.start_manager(None);
    manager.wait_for_playback(|playback| names(playback) == "Two" && playback.status == PlaybackStatus::Playing);
    retry_while_busy(|| manager.queue(&test.bravo));
    assert_eq!((one.tracks().len(), two.tracks().len()), (2, 3));
    one.set_status("Playing");
    two.set_status("Paused");
    manager.wait_for_playback(|playback| names(playback) == "One" && playback.status == PlaybackStatus::Playing);
    drop(one);
    manager.wait_for_playback(|playback| names(playback) == "Two");
    drop(two);
    manager.wait_for(|event| matches!(event, Event::Playback(None)).then_some(()));
}

#[test]
fn a_flood_of_signals_does_not_delay_commands() {
    let test = PlayerTest::new(4);
    let fake = FakePlayer::start(&test.desktop.address(), "fake", Behavior::Inserts);
    let manager = test.start_manager(None);
    manager.wait_for_playback(|playback| playback.status == PlaybackStatus::Playing);
    std::thread::scope(|scope| {
        let flood = scope.spawn(|| fake.send_signals(20_000));
        let start = Instant::now();
        retry_while_busy(|| manager.queue(&test.bravo));
        assert!(start.elapsed() < Duration::from_secs(10), "{:?}", start.elapsed());
        flood.join().unwrap();
    });
    // Only the volume has changed, so nothing is reported.
    let more = manager.wait_for_at_most(Duration::from_millis(500), |event| match event {
        Event::Playback(Some(playback)) => Some(playback),
        _ => None,
    });
    let reported = more.map(|playback| playback.upcoming.map(|songs| songs.len()));
    assert!(matches!(reported, None | Some(Some(2))), "{reported:?}");
}

#[test]
fn browsers_and_ignored_players_are_not_discovered() {
    let test = PlayerTest::new(4);
    let _browser = FakePlayer::start(&test.desktop.address(), "chromium.instance12", Behavior::Inserts);
    let _ignored = FakePlayer::start(&test.desktop.address(), "mpv", Behavior::Inserts);
    let _wanted = FakePlayer::start(&test.desktop.address(), "other", Behavior::Inserts);
    let config =
        moodring_core::config::PlayersConfig { ignore: vec!["mpv".into()], mpd: String::new(), ..Default::default() };
    let found = discover_players(&test.desktop.bus(), &config, Vec::new());
    let names: Vec<_> = found.iter().map(|finding| (finding.name.as_str(), finding.chosen)).collect();
    assert_eq!(names, [("org.mpris.MediaPlayer2.other", true)]);
    let alone = list_ignored(&test.desktop.bus(), &config);
    assert_eq!(alone, ["chromium (unless players.prefer names it)", "mpv (players.ignore names it)"]);
}
