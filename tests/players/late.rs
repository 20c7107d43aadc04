//! Players that get a song of ours only at the last moment.

use std::time::{Duration, Instant};

use moodring_core::domain::address;
use moodring_core::domain::playback::{Dequeued, Playback, PlaybackStatus, QueueMethod};
use moodring_core::message::Event;
use moodring_players::manager::player_set;
use moodring_players::mpris::bus::{PlayerPeer, players};
use moodring_testkit::player_process::PlayerKind;

use crate::common::fake::{Fake, Habit, map};
use crate::common::show::{Show, Watch, accounts};
use crate::model::Model;
use crate::{COARSE, goes_on, plays_on};

/// The listener's last song plays: ours is held back, handed over shortly before the end, and plays; then what the listener
/// has added goes on.
fn hand_over_late(kind: PlayerKind) {
    let mut show = Show::new(30);
    let zulu = show.songs.pop().unwrap();
    let actor = show.start(kind);
    let watch = show.watch(None);
    assert_eq!(watch.plays("Alpha").way, QueueMethod::Append);
    let alone = actor.account().unwrap();
    let ticket = watch.queue(&show.bravo).unwrap();
    assert_eq!(watch.dequeue(&ticket), Ok(Dequeued::Removed));
    assert_eq!(watch.dequeue(&ticket), Ok(Dequeued::NotThere));
    let ticket = watch.queue(&show.bravo).unwrap();
    assert_eq!(actor.account().unwrap(), alone, "it is held back");
    let ends = goes_on(&actor);
    let known = watch.until(|event| if let Event::QueueSupportLearned(known) = event { Some(known) } else { None });
    assert_eq!(known.way, QueueMethod::Append);
    assert_ne!(actor.account().unwrap(), alone, "it is handed over");
    assert_eq!(watch.dequeue(&ticket), Ok(Dequeued::Cannot));
    actor.add(&zulu).unwrap();
    plays_on(&watch, ends, &["Bravo", "Zulu"]);
}

#[test]
fn strawberry_plays_our_song_after_the_last_of_its_list() {
    hand_over_late(PlayerKind::Strawberry);
}

#[test]
fn clementine_plays_our_song_after_the_last_of_its_list() {
    hand_over_late(PlayerKind::Clementine);
}

#[test]
fn celluloid_plays_our_song_after_the_last_of_its_list() {
    hand_over_late(PlayerKind::Celluloid);
}

#[test]
fn a_list_that_goes_on_is_not_lengthened() {
    let mut show = Show::new(60);
    let actor = show.start(PlayerKind::Celluloid);
    let watch = show.watch(None);
    let said = watch.plays("Alpha").obstacle.unwrap();
    assert!(said.contains("only behind its list"), "{said}");
    assert!(watch.queue(&show.bravo).unwrap_err().contains("only behind its list"));
    accounts(&actor, &["Alpha", "Zulu"]);
}

#[test]
fn an_mpv_without_a_socket_is_given_our_song_when_it_has_run_dry() {
    let mut show = Show::new(12);
    show.songs.pop();
    let actor = show.start(PlayerKind::MpvAlone);
    let watch = show.watch(None);
    assert_eq!(watch.plays("Alpha").way, QueueMethod::OpenAtEnd);
    watch.queue(&show.bravo).unwrap();
    assert_eq!(actor.account().unwrap(), ["Alpha"]);
    let ends = goes_on(&actor);
    assert_eq!(watch.plays("Bravo").status, PlaybackStatus::Playing);
    assert!(Instant::now() > ends, "Alpha was played to its end");
    assert!(ends.elapsed() < Duration::from_secs(20));
    // And once more, though it now says that it is stopped.
    watch.queue(&show.songs[0]).unwrap();
    assert_eq!(watch.plays("Alpha").status, PlaybackStatus::Playing);
}

#[test]
fn what_the_listener_adds_to_an_mpv_without_a_socket_goes_on_after_our_song() {
    let mut show = Show::new(8);
    let zulu = show.songs.pop().unwrap();
    // A script of the listener's, as such mpvs have them, puts Zulu behind the second song that is opened.
    let scripts = show.stage.folder.join("config/mpv/scripts");
    std::fs::create_dir_all(&scripts).unwrap();
    let add =
        format!("opened = opened + 1; if opened == 2 then mp.commandv('loadfile', '{}', 'append') end", zulu.display());
    let script = format!("opened = 0\nmp.register_event('file-loaded', function() {add} end)\n");
    std::fs::write(scripts.join("more.lua"), script).unwrap();
    let actor = show.start(PlayerKind::MpvAlone);
    let watch = show.watch(None);
    watch.plays("Alpha");
    watch.queue(&show.bravo).unwrap();
    let ends = goes_on(&actor);
    watch.plays("Bravo");
    assert!(Instant::now() > ends, "Alpha was played to its end");
    // Another of ours, which is held, is not opened in place of what follows.
    watch.queue(&show.songs[0]).unwrap();
    let goes_on = |playback: &Playback| playback.track.as_ref().is_some_and(|track| track.title == "Zulu");
    let zulu = watch.playback(|playback| goes_on(playback) && playback.status == PlaybackStatus::Playing);
    assert!(zulu.obstacle.unwrap().contains("would replace"));
}

#[test]
fn a_song_that_the_listener_stops_by_hand_is_not_followed_by_ours() {
    let mut show = Show::new(60);
    show.songs.pop();
    let actor = show.start(PlayerKind::MpvAlone);
    let watch = show.watch(None);
    assert_eq!(watch.plays("Alpha").way, QueueMethod::OpenAtEnd);
    let ticket = watch.queue(&show.bravo).unwrap();
    let name = (Some("org.mpris.MediaPlayer2.mpv"), "/org/mpris/MediaPlayer2", Some("org.mpris.MediaPlayer2.Player"));
    show.stage.bus().connect().unwrap().call_method(name.0, name.1, name.2, "Stop", &()).unwrap();
    // In the reading that finds a song at its end, ours is opened.
    watch.playback(|playback| playback.status == PlaybackStatus::Stopped);
    assert_eq!(watch.dequeue(&ticket), Ok(Dequeued::Removed), "it is still held");
    assert_eq!(actor.account().unwrap(), Vec::<String>::new());
}

#[test]
fn an_mpv_that_plays_a_list_keeps_it() {
    let mut show = Show::new(60);
    show.start(PlayerKind::MpvAlone);
    let watch = show.watch(None);
    watch.playback(|playback| playback.status == PlaybackStatus::Playing);
    // The first of two looks like the only one: ours is held, and given up when the second begins.
    watch.queue(&show.bravo).unwrap();
    watch.desk.order(moodring_players::manager::PlayerCommand::Skip);
    let zulu = watch.plays("Zulu");
    assert!(zulu.obstacle.unwrap().contains("would replace"));
    assert!(watch.queue(&show.bravo).is_err());
}

#[test]
fn a_player_by_the_book_is_steered_by_its_track_list() {
    let show = Show::new(8);
    let _model = Model::start(&show.stage.address(), true, &show.songs);
    let watch = show.watch(None);
    let first = watch.plays("Alpha");
    let ends = ends(&first);
    assert_eq!(first.way, QueueMethod::AfterCurrent { take_back: true });
    let ticket = watch.queue(&show.bravo).unwrap();
    assert_eq!(watch.dequeue(&ticket), Ok(Dequeued::Removed));
    watch.queue(&show.bravo).unwrap();
    plays_on(&watch, ends, &["Bravo", "Zulu"]);
}

/// When a song of the model ends, that was just told; later by as much as the telling took.
fn ends(said: &Playback) -> Instant {
    Instant::now() + said.track.as_ref().unwrap().length.unwrap() - said.position.unwrap()
}

#[test]
fn a_player_without_a_track_list_gets_suggestions_only() {
    let show = Show::new(6);
    let _model = Model::start(&show.stage.address(), false, &show.songs);
    let watch = show.watch(None);
    let first = watch.plays("Alpha");
    let ends = ends(&first);
    assert_eq!(first.way, QueueMethod::Unsupported);
    assert!(watch.queue(&show.bravo).is_err());
    plays_on(&watch, ends, &["Zulu"]);
}

#[test]
fn a_player_that_the_listener_vouches_for_is_handed_a_song_when_its_list_has_ended() {
    let show = Show::new(6);
    let mut model = Model::start(&show.stage.address(), false, &show.songs);
    let config = moodring_core::config::PlayersConfig {
        hand_over: vec!["model".into()],
        mpd: String::new(),
        ..Default::default()
    };
    let watch = Watch::new(&show, &config);
    let first = watch.plays("Alpha");
    assert_eq!(first.way, QueueMethod::OpenAtEnd);
    assert!(first.obstacle.unwrap().contains("goes on"));
    assert!(watch.queue(&show.bravo).is_err(), "the listener's own song follows");
    let last = watch.plays("Zulu");
    let ends = ends(&last);
    assert_eq!(last.obstacle, None);
    let ticket = watch.queue(&show.bravo).unwrap();
    assert_eq!(watch.dequeue(&ticket), Ok(Dequeued::Removed));
    watch.queue(&show.bravo).unwrap();
    let bravo = watch.plays("Bravo");
    let early = ends.saturating_duration_since(Instant::now());
    assert!(early < COARSE, "Zulu was played to its end, but for {early:?}");
    model.add(&show.songs[0]);
    assert_eq!(
        bravo.track.unwrap().path.map(|path| address::to_file_uri(&path)),
        Some(address::to_file_uri(&show.bravo))
    );
    assert_eq!(watch.plays("Alpha").status, PlaybackStatus::Playing, "what the listener has added goes on");
}

#[test]
fn our_song_still_comes_at_the_end_when_the_listener_jumps_close_to_it() {
    let mut show = Show::new(60);
    show.songs.pop();
    let model = Model::start(&show.stage.address(), false, &show.songs);
    let config = moodring_core::config::PlayersConfig {
        hand_over: vec!["model".into()],
        mpd: String::new(),
        ..Default::default()
    };
    let watch = Watch::new(&show, &config);
    watch.plays("Alpha");
    watch.queue(&show.bravo).unwrap();
    model.seek(&show.stage.bus().connect().unwrap(), Duration::from_secs(55));
    watch.plays("Bravo");
}

#[test]
fn an_mpv_that_takes_nothing_says_what_would_help() {
    let show = Show::new(4);
    let _fake = Fake::new(&show.stage.address(), "mpv", Habit::Inserts);
    let said = show.watch(None).playback(|_| true);
    assert_eq!(said.way, QueueMethod::Unsupported);
    assert!(said.obstacle.unwrap().contains("input-ipc-server"));
}

#[test]
fn an_mpv_whose_song_begins_with_a_delay_is_not_taken_for_paused() {
    let show = Show::new(4);
    let fake = Fake::new(&show.stage.address(), "mpv", Habit::Inserts);
    // A look asks seven times at most: the song moves on in the third.
    fake.begins_after(16);
    fake.status("Stopped");
    let watch = show.watch(None);
    watch.playback(|playback| playback.status == PlaybackStatus::Paused);
    watch.playback(|playback| playback.status == PlaybackStatus::Playing);
}

#[test]
fn a_song_that_begins_after_one_that_was_paused_is_looked_at_again_too() {
    let show = Show::new(4);
    let fake = Fake::new(&show.stage.address(), "mpv", Habit::Inserts);
    fake.position(0_i64.into());
    fake.status("Stopped");
    let bus = show.stage.bus().connect().unwrap();
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
    fake.status("Playing");
    assert_eq!(mpv.read_playback().unwrap().status, PlaybackStatus::Playing);
    fake.status("Stopped");
    assert_eq!(mpv.read_playback().unwrap().status, PlaybackStatus::Paused);
    assert!(mpv.next_read().is_some(), "the next one may only begin");
}

#[test]
fn an_mpv_that_keeps_but_the_id_of_its_last_song_has_stopped() {
    let show = Show::new(4);
    let fake = Fake::new(&show.stage.address(), "mpv", Habit::Inserts);
    fake.position(0_i64.into());
    fake.metadata(map(vec![("mpris:trackid", "/0".into())]));
    fake.status("Stopped");
    let said = show.watch(None).playback(|_| true);
    assert_eq!(said.status, PlaybackStatus::Stopped);
}
