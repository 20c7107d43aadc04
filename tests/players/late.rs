//! Players that get a song only shortly before it plays.

use std::time::{Duration, Instant};

use moodring_core::domain::address;
use moodring_core::domain::playback::{Dequeued, Playback, PlaybackStatus, QueueMethod};
use moodring_core::message::Event;
use moodring_players::manager::player_set;
use moodring_players::mpris::bus::{PlayerPeer, players};
use moodring_testkit::player_process::PlayerKind;

use crate::common::fake::{Behavior, FakePlayer, map};
use crate::common::player_test::{LONG, PlayerTest, TestManager, assert_list};
use crate::model::Model;
use crate::{COARSE, assert_plays_next, retry_while_busy, wait_until_it_plays_on};

/// The last song of the user plays: the song is held, appended shortly before the end, and plays; then a song that the user has
/// added plays.
fn append_before_the_end(kind: PlayerKind) {
    let mut test = PlayerTest::new(30);
    let zulu = test.songs.pop().unwrap();
    let process = test.start_player(kind);
    let manager = test.start_manager(None);
    assert_eq!(manager.wait_for_title("Alpha").way, QueueMethod::Append);
    let alone = process.account().unwrap();
    let handle = retry_while_busy(|| manager.queue(&test.bravo));
    assert_eq!(retry_while_busy(|| manager.dequeue(&handle)), Dequeued::Removed);
    assert_eq!(retry_while_busy(|| manager.dequeue(&handle)), Dequeued::NotThere);
    let handle = retry_while_busy(|| manager.queue(&test.bravo));
    assert_eq!(process.account().unwrap(), alone, "it is held");
    let ends = wait_until_it_plays_on(&process);
    let known =
        manager.wait_for(|event| if let Event::QueueSupportLearned(known) = event { Some(known) } else { None });
    assert_eq!(known.way, QueueMethod::Append);
    assert_ne!(process.account().unwrap(), alone, "it is appended");
    assert_eq!(retry_while_busy(|| manager.dequeue(&handle)), Dequeued::Cannot);
    process.add(&zulu).unwrap();
    assert_plays_next(&manager, ends, &["Bravo", "Zulu"]);
}

#[test]
fn strawberry_plays_a_queued_song_after_its_last() {
    append_before_the_end(PlayerKind::Strawberry);
}

#[test]
fn clementine_plays_a_queued_song_after_its_last() {
    append_before_the_end(PlayerKind::Clementine);
}

#[test]
fn celluloid_plays_a_queued_song_after_its_last() {
    append_before_the_end(PlayerKind::Celluloid);
}

#[test]
fn a_list_with_more_songs_is_not_extended() {
    let mut test = PlayerTest::new(60);
    let process = test.start_player(PlayerKind::Celluloid);
    let manager = test.start_manager(None);
    let reported = manager.wait_for_title("Alpha").obstacle.unwrap();
    assert!(reported.contains("only behind its list"), "{reported}");
    assert!(manager.queue(&test.bravo).unwrap_err().contains("only behind its list"));
    assert_list(&process, &["Alpha", "Zulu"]);
}

#[test]
fn an_mpv_without_a_socket_opens_a_held_song_when_its_list_has_ended() {
    let mut test = PlayerTest::new(12);
    test.songs.pop();
    let process = test.start_player(PlayerKind::MpvAlone);
    let manager = test.start_manager(None);
    assert_eq!(manager.wait_for_title("Alpha").way, QueueMethod::OpenAtEnd);
    retry_while_busy(|| manager.queue(&test.bravo));
    assert_eq!(process.account().unwrap(), ["Alpha"]);
    let ends = wait_until_it_plays_on(&process);
    assert_eq!(manager.wait_for_title("Bravo").status, PlaybackStatus::Playing);
    assert!(Instant::now() > ends, "Alpha was played to its end");
    assert!(ends.elapsed() < LONG);
    // And once more, although the status is "Stopped" now.
    retry_while_busy(|| manager.queue(&test.songs[0]));
    assert_eq!(manager.wait_for_title("Alpha").status, PlaybackStatus::Playing);
}

#[test]
fn a_song_that_the_user_adds_to_an_mpv_without_a_socket_plays_after_the_held_one() {
    let mut test = PlayerTest::new(8);
    let zulu = test.songs.pop().unwrap();
    // A script of the user puts Zulu behind the second song that is opened.
    let scripts = test.desktop.folder.join("config/mpv/scripts");
    std::fs::create_dir_all(&scripts).unwrap();
    let add =
        format!("opened = opened + 1; if opened == 2 then mp.commandv('loadfile', '{}', 'append') end", zulu.display());
    let script = format!("opened = 0\nmp.register_event('file-loaded', function() {add} end)\n");
    std::fs::write(scripts.join("more.lua"), script).unwrap();
    let process = test.start_player(PlayerKind::MpvAlone);
    let manager = test.start_manager(None);
    manager.wait_for_title("Alpha");
    retry_while_busy(|| manager.queue(&test.bravo));
    let ends = wait_until_it_plays_on(&process);
    manager.wait_for_title("Bravo");
    assert!(Instant::now() > ends, "Alpha was played to its end");
    // Another held song is not opened in place of the next one.
    retry_while_busy(|| manager.queue(&test.songs[0]));
    let is_zulu = |playback: &Playback| playback.track.as_ref().is_some_and(|track| track.title == "Zulu");
    let zulu = manager.wait_for_playback(|playback| is_zulu(playback) && playback.status == PlaybackStatus::Playing);
    assert!(zulu.obstacle.unwrap().contains("would replace"));
}

#[test]
fn no_held_song_is_opened_after_the_user_stops_the_player() {
    let mut test = PlayerTest::new(60);
    test.songs.pop();
    let process = test.start_player(PlayerKind::MpvAlone);
    let manager = test.start_manager(None);
    assert_eq!(manager.wait_for_title("Alpha").way, QueueMethod::OpenAtEnd);
    let handle = retry_while_busy(|| manager.queue(&test.bravo));
    let name = (Some("org.mpris.MediaPlayer2.mpv"), "/org/mpris/MediaPlayer2", Some("org.mpris.MediaPlayer2.Player"));
    test.desktop.bus().connect().unwrap().call_method(name.0, name.1, name.2, "Stop", &()).unwrap();
    // A held song is opened by the reading that finds the current one at its end.
    manager.wait_for_playback(|playback| playback.status == PlaybackStatus::Stopped);
    assert_eq!(retry_while_busy(|| manager.dequeue(&handle)), Dequeued::Removed, "it is still held");
    assert_eq!(process.account().unwrap(), Vec::<String>::new());
}

#[test]
fn an_mpv_that_plays_a_list_keeps_it() {
    let mut test = PlayerTest::new(60);
    test.start_player(PlayerKind::MpvAlone);
    let manager = test.start_manager(None);
    manager.wait_for_playback(|playback| playback.status == PlaybackStatus::Playing);
    // The first of two songs looks like the only one: the song is held, and given up when the second begins.
    retry_while_busy(|| manager.queue(&test.bravo));
    manager.send(moodring_players::manager::PlayerCommand::Skip);
    let zulu = manager.wait_for_title("Zulu");
    assert!(zulu.obstacle.unwrap().contains("would replace"));
    assert!(manager.queue(&test.bravo).is_err());
}

#[test]
fn a_player_that_keeps_the_specification_is_steered_by_its_track_list() {
    let test = PlayerTest::new(8);
    let _model = Model::start(&test.desktop.address(), true, &test.songs);
    let manager = test.start_manager(None);
    let first = manager.wait_for_title("Alpha");
    let ends = ends(&first);
    assert_eq!(first.way, QueueMethod::AfterCurrent { take_back: true });
    let handle = retry_while_busy(|| manager.queue(&test.bravo));
    assert_eq!(retry_while_busy(|| manager.dequeue(&handle)), Dequeued::Removed);
    retry_while_busy(|| manager.queue(&test.bravo));
    assert_plays_next(&manager, ends, &["Bravo", "Zulu"]);
}

/// When a song of the model ends, that was just reported; later by as much as the telling took.
fn ends(reported: &Playback) -> Instant {
    Instant::now() + reported.track.as_ref().unwrap().length.unwrap() - reported.position.unwrap()
}

#[test]
fn a_player_without_a_track_list_gets_suggestions_only() {
    let test = PlayerTest::new(6);
    let _model = Model::start(&test.desktop.address(), false, &test.songs);
    let manager = test.start_manager(None);
    let first = manager.wait_for_title("Alpha");
    let ends = ends(&first);
    assert_eq!(first.way, QueueMethod::Unsupported);
    assert!(manager.queue(&test.bravo).is_err());
    assert_plays_next(&manager, ends, &["Zulu"]);
}

#[test]
fn a_player_in_players_hand_over_gets_a_song_when_its_list_has_ended() {
    let test = PlayerTest::new(6);
    let mut model = Model::start(&test.desktop.address(), false, &test.songs);
    let config = moodring_core::config::PlayersConfig {
        hand_over: vec!["model".into()],
        mpd: String::new(),
        ..Default::default()
    };
    let manager = TestManager::new(&test, &config);
    let first = manager.wait_for_title("Alpha");
    assert_eq!(first.way, QueueMethod::OpenAtEnd);
    assert!(first.obstacle.unwrap().contains("goes on"));
    assert!(manager.queue(&test.bravo).is_err(), "the user's song follows");
    let last = manager.wait_for_title("Zulu");
    let ends = ends(&last);
    assert_eq!(last.obstacle, None);
    let handle = retry_while_busy(|| manager.queue(&test.bravo));
    assert_eq!(retry_while_busy(|| manager.dequeue(&handle)), Dequeued::Removed);
    retry_while_busy(|| manager.queue(&test.bravo));
    let bravo = manager.wait_for_title("Bravo");
    let early = ends.saturating_duration_since(Instant::now());
    assert!(early < COARSE, "Zulu was played to its end, but for {early:?}");
    model.add(&test.songs[0]);
    assert_eq!(
        bravo.track.unwrap().path.map(|path| address::to_file_uri(&path)),
        Some(address::to_file_uri(&test.bravo))
    );
    assert_eq!(manager.wait_for_title("Alpha").status, PlaybackStatus::Playing, "what the listener has added goes on");
}

#[test]
fn our_song_still_comes_at_the_end_when_the_listener_jumps_close_to_it() {
    let mut test = PlayerTest::new(60);
    test.songs.pop();
    let model = Model::start(&test.desktop.address(), false, &test.songs);
    let config = moodring_core::config::PlayersConfig {
        hand_over: vec!["model".into()],
        mpd: String::new(),
        ..Default::default()
    };
    let manager = TestManager::new(&test, &config);
    manager.wait_for_title("Alpha");
    retry_while_busy(|| manager.queue(&test.bravo));
    model.seek(&test.desktop.bus().connect().unwrap(), Duration::from_secs(55));
    manager.wait_for_title("Bravo");
}

#[test]
fn an_mpv_that_takes_nothing_says_what_would_help() {
    let test = PlayerTest::new(4);
    let _fake = FakePlayer::start(&test.desktop.address(), "mpv", Behavior::Inserts);
    let reported = test.start_manager(None).wait_for_playback(|_| true);
    assert_eq!(reported.way, QueueMethod::Unsupported);
    assert!(reported.obstacle.unwrap().contains("input-ipc-server"));
}

#[test]
fn an_mpv_whose_song_begins_with_a_delay_is_not_taken_for_paused() {
    let test = PlayerTest::new(4);
    let fake = FakePlayer::start(&test.desktop.address(), "mpv", Behavior::Inserts);
    // One reading asks seven times at most: the position moves in the third.
    fake.move_after_reads(16);
    fake.set_status("Stopped");
    let manager = test.start_manager(None);
    manager.wait_for_playback(|playback| playback.status == PlaybackStatus::Paused);
    manager.wait_for_playback(|playback| playback.status == PlaybackStatus::Playing);
}

#[test]
fn a_song_that_begins_after_a_paused_one_is_checked_again() {
    let test = PlayerTest::new(4);
    let fake = FakePlayer::start(&test.desktop.address(), "mpv", Behavior::Inserts);
    fake.set_position(0_i64.into());
    fake.set_status("Stopped");
    let bus = test.desktop.bus().connect().unwrap();
    let (name, owner, _) = players(&bus).unwrap().remove(0);
    let mut mpv =
        player_set::create_adapter(PlayerPeer { bus, owner }, &name, &moodring_core::config::PlayersConfig::default())
            .unwrap();
    let mut again = || {
        assert_eq!(mpv.read_playback().unwrap().status, PlaybackStatus::Paused);
        mpv.next_read().is_some()
    };
    assert!(again(), "it may only begin");
    assert!((0..10).any(|_| !again()), "it is paused by now");
    fake.set_status("Playing");
    assert_eq!(mpv.read_playback().unwrap().status, PlaybackStatus::Playing);
    fake.set_status("Stopped");
    assert_eq!(mpv.read_playback().unwrap().status, PlaybackStatus::Paused);
    assert!(mpv.next_read().is_some(), "the next one may only begin");
}

#[test]
fn an_mpv_that_keeps_only_the_id_of_its_last_song_has_stopped() {
    let test = PlayerTest::new(4);
    let fake = FakePlayer::start(&test.desktop.address(), "mpv", Behavior::Inserts);
    fake.set_position(0_i64.into());
    fake.set_metadata(map(vec![("mpris:trackid", "/0".into())]));
    fake.set_status("Stopped");
    let reported = test.start_manager(None).wait_for_playback(|_| true);
    assert_eq!(reported.status, PlaybackStatus::Stopped);
}
