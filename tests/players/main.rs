//! Real players from the distribution, each on a bus of its own, and false ones for bad days.

#[path = "../common/mod.rs"]
mod common;
mod hostile;
mod jumps;
mod late;
mod liars;
mod model;
mod several;

use std::io::{Read, Write};
use std::time::{Duration, Instant};

use common::fake::{Fake, Habit, map};
use common::show::{LONG, Show, Watch, accounts};
use common::song;
use moodring_core::domain::address;
use moodring_core::domain::playback::{Dequeued, PlaybackStatus, QueueError, QueueMethod};
use moodring_core::message::Event;
use moodring_players::adapters::clementine::wire::Message;
use moodring_players::adapters::mpd::wire::{Endpoint, Wire};
use moodring_players::call_limit::CALL_LIMIT;
use moodring_players::manager::PlayerCommand;
use moodring_players::manager::discovery::{left_alone, survey};
use moodring_testkit::player_process::{PlayerKind, PlayerProcess};
use rustix::process::{Pid, Signal, kill_process};

/// Queues Bravo while Alpha plays, takes it back, queues it again, and lets the player play on.
fn hand_over(kind: PlayerKind, with: &[&str], without: &[&str]) {
    let mut show = Show::new(25);
    let actor = show.start(kind);
    let watch = show.watch((kind == PlayerKind::Mpd).then(|| actor.door()));
    let before = watch.plays("Alpha");
    assert_eq!((before.way, before.status), (QueueMethod::AfterCurrent { take_back: true }, PlaybackStatus::Playing));
    let ticket = patiently(|| watch.queue(&show.bravo));
    accounts(&actor, with);
    goes_on(&actor);
    assert_eq!(patiently(|| watch.dequeue(&ticket)), Dequeued::Removed);
    accounts(&actor, without);
    assert_eq!(patiently(|| watch.dequeue(&ticket)), Dequeued::NotThere);
    patiently(|| watch.queue(&show.bravo));
    accounts(&actor, with);
    plays_on(&watch, goes_on(&actor), &["Bravo", "Zulu"]);
}

/// On a busy machine a player may miss its time, and is asked again as the agent would.
pub(crate) fn patiently<T: std::fmt::Debug>(ask: impl Fn() -> Result<T, String>) -> T {
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

/// Players tell their position in whole seconds, and name the next song a moment before it is heard.
pub(crate) const COARSE: Duration = Duration::from_secs(2);

/// Alpha was not disturbed: it is still there, and further on. When it ends if nobody cuts it short.
pub(crate) fn goes_on(actor: &PlayerProcess) -> Instant {
    let mut player = actor.player().unwrap();
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

/// The songs that follow, the first of them when Alpha has ended, one after the other without a stop that counts.
pub(crate) fn plays_on(watch: &Watch, ends: Instant, titles: &[&str]) {
    let mut seen: Vec<String> = Vec::new();
    watch.until(|event| {
        let Event::Playback(playback) = event else { return None };
        let playback = playback.expect("the player is gone");
        assert_ne!(playback.status, PlaybackStatus::Stopped, "after {seen:?}");
        let title = playback.track.map(|track| track.title).unwrap_or_default();
        if !title.is_empty() && title != "Alpha" && seen.last() != Some(&title) {
            let early = ends.saturating_duration_since(Instant::now());
            assert!(early < COARSE, "{title} begins {early:?} before the end of what played");
            seen.push(title);
        }
        (seen.len() == titles.len()).then_some(())
    });
    assert_eq!(seen, titles);
}

#[test]
fn vlc_plays_our_song_next_and_then_its_own() {
    hand_over(PlayerKind::Vlc, &["Alpha", "Bravo", "Zulu"], &["Alpha", "Zulu"]);
}

#[test]
fn mpd_plays_our_song_next_and_then_its_own() {
    hand_over(PlayerKind::Mpd, &["Alpha", "Bravo", "Zulu"], &["Alpha", "Zulu"]);
}

#[test]
fn audacious_plays_our_song_next_and_then_its_own() {
    hand_over(PlayerKind::Audacious, &["Alpha", "Bravo", "Zulu"], &["Alpha", "Zulu"]);
}

#[test]
fn rhythmbox_plays_our_song_next_and_then_its_own() {
    hand_over(PlayerKind::Rhythmbox, &["Play Queue (1)"], &["Play Queue"]);
}

#[test]
fn quod_libet_plays_our_song_next_and_then_its_own() {
    hand_over(PlayerKind::QuodLibet, &["Bravo"], &[]);
}

#[test]
fn cmus_plays_our_song_next_and_then_its_own() {
    hand_over(PlayerKind::Cmus, &["Bravo"], &[]);
}

#[test]
fn mpv_with_a_socket_plays_our_song_next_and_then_its_own() {
    hand_over(PlayerKind::Mpv, &["Alpha", "Bravo", "Zulu"], &["Alpha", "Zulu"]);
}

#[test]
fn celluloid_with_a_socket_plays_our_song_next_and_then_its_own() {
    hand_over(PlayerKind::CelluloidSocket, &["Alpha", "Bravo", "Zulu"], &["Alpha", "Zulu"]);
}

#[test]
fn clementine_with_its_remote_plays_our_song_next_and_then_its_own() {
    hand_over(PlayerKind::ClementineRemote, &["Alpha", "Bravo", "Zulu"], &["Alpha", "Zulu"]);
}

/// A network remote as Clementine has it, as far as its greeting, in this process.
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
            // Who is there may leave at once.
            let _ = stream.read(&mut [0; 64]);
            let _ = stream.write_all(&greeting);
            let _ = stream.read(&mut [0; 64]);
        }
    });
}

#[test]
fn a_door_that_a_player_opens_after_its_start_is_found() {
    let show = Show::new(4);
    let fake = Fake::new(&show.stage.address(), "clementine", Habit::Drops);
    let watch = show.watch(None);
    watch.playback(|playback| playback.way == QueueMethod::Append);
    open_remote();
    fake.metadata(map(vec![("mpris:trackid", "/2".into()), ("xesam:title", "Another".into())]));
    watch.playback(|playback| playback.way == QueueMethod::AfterCurrent { take_back: true });
}

#[test]
fn what_comes_next_is_told_with_its_album() {
    // Quod Libet, which takes our song into its library first, may come to it again there.
    for kind in [
        PlayerKind::Vlc,
        PlayerKind::Mpd,
        PlayerKind::Audacious,
        PlayerKind::Mpv,
        PlayerKind::ClementineRemote,
        PlayerKind::Cmus,
    ] {
        let mut show = Show::new(60);
        let actor = show.start(kind);
        let mut player = actor.player().unwrap();
        player.queue(&show.bravo).unwrap();
        let end = Instant::now() + Duration::from_secs(10);
        loop {
            let upcoming = player.read_playback().unwrap().upcoming.unwrap();
            let paths: Vec<_> = upcoming.iter().map(|track| track.path.clone().unwrap()).collect();
            assert_eq!(paths, [show.bravo.clone(), show.songs[1].clone()], "{kind:?}");
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
fn a_song_queued_while_another_of_ours_waits_comes_first_and_both_can_be_taken_back() {
    let mut show = Show::new(60);
    let actor = show.start(PlayerKind::Vlc);
    let delta = song::write(show.songs[0].parent().unwrap(), "d.flac", "Delta", 4);
    let mut player = actor.player().unwrap();
    let (bravo, second) = (player.queue(&show.bravo).unwrap(), player.queue(&delta).unwrap());
    accounts(&actor, &["Alpha", "Delta", "Bravo", "Zulu"]);
    assert_eq!(player.dequeue(&bravo).unwrap(), Dequeued::Removed);
    accounts(&actor, &["Alpha", "Delta", "Zulu"]);
    assert_eq!(player.dequeue(&second).unwrap(), Dequeued::Removed);
    accounts(&actor, &["Alpha", "Zulu"]);
}

#[test]
fn a_moodring_that_starts_anew_finds_its_song_in_a_list_that_it_changed_often_before() {
    let mut show = Show::new(60);
    let actor = show.start(PlayerKind::Vlc);
    let mut before = actor.player().unwrap();
    for _ in 0..8 {
        let ticket = before.queue(&show.bravo).unwrap();
        assert_eq!(before.dequeue(&ticket).unwrap(), Dequeued::Removed);
    }
    let mut player = actor.player().unwrap();
    let ticket = player.queue(&show.bravo).unwrap();
    accounts(&actor, &["Alpha", "Bravo", "Zulu"]);
    assert_eq!(player.dequeue(&ticket).unwrap(), Dequeued::Removed);
    accounts(&actor, &["Alpha", "Zulu"]);
}

#[test]
fn a_song_that_was_played_cannot_be_taken_back() {
    let mut show = Show::new(30);
    let actor = show.start(PlayerKind::Audacious);
    let watch = show.watch(None);
    watch.plays("Alpha");
    let ticket = watch.queue(&show.bravo).unwrap();
    watch.desk.order(PlayerCommand::Skip);
    watch.plays("Bravo");
    assert_eq!(watch.dequeue(&ticket), Ok(Dequeued::NotThere));
    watch.plays("Zulu");
    assert_eq!(watch.dequeue(&ticket), Ok(Dequeued::NotThere));
    accounts(&actor, &["Alpha", "Bravo", "Zulu"]);
}

#[test]
fn in_random_order_vlc_refuses_and_says_why() {
    let mut show = Show::new(60);
    let _actor = show.start(PlayerKind::Vlc);
    let bus = show.stage.bus().connect().unwrap();
    let call = (Some("org.mpris.MediaPlayer2.vlc"), "/org/mpris/MediaPlayer2", Some("org.freedesktop.DBus.Properties"));
    let set = ("org.mpris.MediaPlayer2.Player", "Shuffle", zbus::zvariant::Value::from(true));
    bus.call_method(call.0, call.1, call.2, "Set", &set).unwrap();
    let watch = show.watch(None);
    watch.playback(|playback| playback.shuffle);
    assert!(watch.queue(&show.bravo).unwrap_err().contains("random order"));
}

#[test]
fn in_random_order_mpd_still_plays_our_song_next() {
    let mut show = Show::new(10);
    let more = (0..8).map(|n| song::write(show.songs[0].parent().unwrap(), &format!("{n}.flac"), &format!("N{n}"), 60));
    show.songs.extend(more.collect::<Vec<_>>());
    let actor = show.start(PlayerKind::Mpd);
    Wire::open(&actor.door()).unwrap().ask(&["random", "1"]).unwrap();
    let watch = show.watch(Some(actor.door()));
    assert!(watch.plays("Alpha").shuffle);
    watch.queue(&show.bravo).unwrap();
    plays_on(&watch, goes_on(&actor), &["Bravo"]);
}

#[test]
fn over_the_network_mpd_is_given_songs_of_its_library_and_no_others() {
    let mut show = Show::new(60);
    let inside = song::write(&show.songs[0].with_file_name("sub folder"), "b ü.flac", "Bravo", 4);
    let actor = show.start(PlayerKind::Mpd);
    let watch = show.watch(Some(Endpoint::Tcp(format!("127.0.0.1:{}", actor.port))));
    watch.plays("Alpha");
    watch.desk.order(PlayerCommand::Queue(show.bravo.clone()));
    let refusal = watch.until(|event| if let Event::Queued(_, done) = event { done.err() } else { None });
    assert!(matches!(refusal, QueueError::Song(why) if why.contains("does not have")), "another song may do");
    let ticket = watch.queue(&inside).unwrap();
    accounts(&actor, &["Alpha", "Bravo", "Zulu"]);
    let told = watch.playback(|playback| playback.upcoming.as_ref().is_some_and(|songs| songs.len() == 2));
    assert_eq!(told.track.unwrap().path.as_ref(), Some(&show.songs[0]));
    assert_eq!(told.upcoming.unwrap()[0].path.as_ref(), Some(&inside));
    assert_eq!(watch.dequeue(&ticket), Ok(Dequeued::Removed));
    accounts(&actor, &["Alpha", "Zulu"]);
}

#[test]
fn without_any_bus_mpd_is_still_steered() {
    let mut show = Show::new(60);
    let actor = show.start(PlayerKind::Mpd);
    let Endpoint::Socket(socket) = actor.door() else { panic!("MPD of the stage has a socket") };
    let config = moodring_core::config::PlayersConfig { mpd: socket.display().to_string(), ..Default::default() };
    let (tell, news) = std::sync::mpsc::channel();
    let nowhere = moodring_players::mpris::bus::BusAddress::At("unix:path=/nonexistent/bus".into());
    let desk = moodring_players::manager::PlayerManager::start_on(nowhere, &config, Vec::new(), move |event| {
        drop(tell.send(event))
    })
    .unwrap();
    let event = news.recv_timeout(LONG).unwrap();
    assert!(matches!(event, Event::Playback(Some(playback)) if playback.player == "Music Player Daemon"));
    drop(desk);
}

#[test]
fn a_vlc_that_hangs_costs_no_more_than_its_deadline_and_is_steered_again_when_it_answers() {
    let mut show = Show::new(60);
    let actor = show.start(PlayerKind::Vlc);
    let watch = show.watch(None);
    watch.plays("Alpha");
    let pid = Pid::from_raw(actor.pid as i32).unwrap();
    kill_process(pid, Signal::STOP).unwrap();
    let start = Instant::now();
    let refused = watch.queue(&show.bravo);
    let took = start.elapsed();
    let gone = watch.within(LONG, |event| matches!(event, Event::Playback(None)).then_some(()));
    kill_process(pid, Signal::CONT).unwrap();
    assert!(refused.is_err() && took < CALL_LIMIT + Duration::from_millis(900), "{refused:?} after {took:?}");
    assert!(gone.is_some());
    watch.plays("Alpha");
    patiently(|| watch.queue(&show.bravo));
    accounts(&actor, &["Alpha", "Bravo", "Zulu"]);
}

#[test]
fn a_song_that_got_through_after_the_deadline_is_not_queued_twice() {
    for name in ["vlc", "other"] {
        let show = Show::new(4);
        let fake = Fake::new(&show.stage.address(), name, Habit::Dawdles);
        let watch = show.watch(None);
        watch.playback(|playback| playback.status == PlaybackStatus::Playing);
        assert!(watch.queue(&show.bravo).unwrap_err().contains("in time"));
        let ticket = loop {
            if let Ok(ticket) = watch.queue(&show.bravo) {
                break ticket;
            }
        };
        let bravo = address::to_file_uri(&show.bravo);
        assert_eq!(fake.tracks(), ["file:///x/a.ogg", bravo.as_str(), "file:///x/z.ogg"]);
        assert_eq!(watch.dequeue(&ticket), Ok(Dequeued::Removed));
    }
}

#[test]
fn when_the_bus_starts_anew_so_does_the_watch() {
    let mut show = Show::new(4);
    let fake = Fake::new(&show.stage.address(), "fake", Habit::Inserts);
    let watch = show.watch(None);
    watch.playback(|playback| playback.status == PlaybackStatus::Playing);
    show.stage.restart_bus().unwrap();
    drop(fake);
    watch.until(|event| matches!(event, Event::Playback(None)).then_some(()));
    let again = Fake::new(&show.stage.address(), "fake", Habit::Inserts);
    watch.playback(|playback| playback.status == PlaybackStatus::Playing);
    watch.queue(&show.bravo).unwrap();
    assert_eq!(again.tracks().len(), 3);
}

#[test]
fn a_vlc_that_is_killed_in_an_order_is_gone_at_once() {
    let mut show = Show::new(60);
    let actor = show.start(PlayerKind::Vlc);
    let watch = show.watch(None);
    watch.plays("Alpha");
    let pid = Pid::from_raw(actor.pid as i32).unwrap();
    kill_process(pid, Signal::STOP).unwrap();
    watch.desk.order(PlayerCommand::Queue(show.bravo.clone()));
    kill_process(pid, Signal::KILL).unwrap();
    let (mut failed, mut gone) = (false, false);
    watch.until(|event| {
        match event {
            Event::Queued(_, done) => failed = done.is_err(),
            Event::Playback(playback) => gone = playback.is_none(),
            _ => {}
        }
        (failed && gone).then_some(())
    });
}

#[test]
fn a_player_that_answers_well_and_does_nothing_is_found_out() {
    let show = Show::new(4);
    let fake = Fake::new(&show.stage.address(), "fake", Habit::Drops);
    let watch = show.watch(None);
    watch.playback(|playback| playback.way == QueueMethod::AfterCurrent { take_back: true });
    assert!(watch.queue(&show.bravo).unwrap_err().contains("did nothing with it"));
    watch.playback(|playback| playback.way == QueueMethod::Unsupported);
    assert!(watch.queue(&show.bravo).is_err());
    assert_eq!(fake.tracks().len(), 2);
}

#[test]
fn a_player_that_puts_songs_elsewhere_gets_none() {
    let show = Show::new(4);
    let fake = Fake::new(&show.stage.address(), "fake", Habit::Appends);
    let watch = show.watch(None);
    watch.playback(|playback| playback.status == PlaybackStatus::Playing);
    assert!(watch.queue(&show.bravo).unwrap_err().contains("elsewhere"));
    assert_eq!(fake.tracks(), ["file:///x/a.ogg", "file:///x/z.ogg"]);
}

#[test]
fn a_player_whose_track_list_works_is_steered_without_an_adapter() {
    let show = Show::new(4);
    let fake = Fake::new(&show.stage.address(), "fake", Habit::Inserts);
    let watch = show.watch(None);
    watch.playback(|playback| playback.status == PlaybackStatus::Playing);
    let ticket = watch.queue(&show.bravo).unwrap();
    let bravo = address::to_file_uri(&show.bravo);
    assert_eq!(fake.tracks(), ["file:///x/a.ogg", bravo.as_str(), "file:///x/z.ogg"]);
    assert_eq!(watch.dequeue(&ticket), Ok(Dequeued::Removed));
    assert_eq!(fake.tracks(), ["file:///x/a.ogg", "file:///x/z.ogg"]);
}

#[test]
fn garbage_is_survived_and_bounded() {
    let show = Show::new(4);
    let fake = Fake::new(&show.stage.address(), "fake", Habit::Drops);
    let watch = show.watch(None);
    assert_eq!(watch.playback(|_| true).player, "Fake  [2J player");
    fake.metadata(map(vec![
        ("mpris:trackid", 7.into()),
        ("mpris:length", "long".into()),
        ("xesam:url", "file://elsewhere/etc/passwd".into()),
        ("xesam:title", format!("T\u{1b}]0;\n{}", "x".repeat(10_000_000)).into()),
        ("xesam:artist", vec![1_u8, 2].into()),
    ]));
    let said = watch.playback(|playback| playback.track.as_ref().is_some_and(|track| track.title.starts_with('T')));
    let track = said.track.unwrap();
    assert!(track.title.chars().count() <= 200 && !track.title.contains(char::is_control));
    assert_eq!((track.path, track.length, said.position, said.shuffle), (None, None, None, false));
    fake.status("Dancing");
    watch.playback(|playback| playback.status == PlaybackStatus::Stopped);
}

#[test]
fn of_two_players_the_one_that_plays_is_steered_and_the_listener_followed() {
    let show = Show::new(4);
    let names = |playback: &moodring_core::domain::playback::Playback| playback.track.clone().unwrap().title;
    let one = Fake::new(&show.stage.address(), "one", Habit::Inserts);
    one.status("Paused");
    let two = Fake::new(&show.stage.address(), "two", Habit::Inserts);
    let titled = |title: &str| {
        map(vec![("mpris:trackid", "/org/videolan/vlc/playlist/3".into()), ("xesam:title", title.to_owned().into())])
    };
    one.metadata(titled("One"));
    two.metadata(titled("Two"));
    let watch = show.watch(None);
    watch.playback(|playback| names(playback) == "Two" && playback.status == PlaybackStatus::Playing);
    watch.queue(&show.bravo).unwrap();
    assert_eq!((one.tracks().len(), two.tracks().len()), (2, 3));
    one.status("Playing");
    two.status("Paused");
    watch.playback(|playback| names(playback) == "One" && playback.status == PlaybackStatus::Playing);
    drop(one);
    watch.playback(|playback| names(playback) == "Two");
    drop(two);
    watch.until(|event| matches!(event, Event::Playback(None)).then_some(()));
}

#[test]
fn a_flood_of_signals_does_not_keep_orders_waiting() {
    let show = Show::new(4);
    let fake = Fake::new(&show.stage.address(), "fake", Habit::Inserts);
    let watch = show.watch(None);
    watch.playback(|playback| playback.status == PlaybackStatus::Playing);
    std::thread::scope(|scope| {
        let flood = scope.spawn(|| fake.chatter(20_000));
        let start = Instant::now();
        watch.queue(&show.bravo).unwrap();
        assert!(start.elapsed() < Duration::from_secs(2), "{:?}", start.elapsed());
        flood.join().unwrap();
    });
    // Nothing but volume had changed, so nothing is told.
    let more = watch.within(Duration::from_millis(500), |event| match event {
        Event::Playback(Some(playback)) => Some(playback),
        _ => None,
    });
    let told = more.map(|playback| playback.upcoming.map(|songs| songs.len()));
    assert!(matches!(told, None | Some(Some(2))), "{told:?}");
}

#[test]
fn browsers_and_ignored_players_are_left_alone_and_a_survey_lists_the_rest() {
    let show = Show::new(4);
    let _browser = Fake::new(&show.stage.address(), "chromium.instance12", Habit::Inserts);
    let _ignored = Fake::new(&show.stage.address(), "mpv", Habit::Inserts);
    let _wanted = Fake::new(&show.stage.address(), "other", Habit::Inserts);
    let config =
        moodring_core::config::PlayersConfig { ignore: vec!["mpv".into()], mpd: String::new(), ..Default::default() };
    let found = survey(&show.stage.bus(), &config, Vec::new());
    let names: Vec<_> = found.iter().map(|finding| (finding.name.as_str(), finding.chosen)).collect();
    assert_eq!(names, [("org.mpris.MediaPlayer2.other", true)]);
    let alone = left_alone(&show.stage.bus(), &config);
    assert_eq!(alone, ["chromium (unless players.prefer names it)", "mpv (players.ignore names it)"]);
}
