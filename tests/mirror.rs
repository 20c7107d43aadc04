//! Our own player on the bus, as widgets, `playerctl` and `gdbus` see it.

mod common;
mod desk;

use std::collections::BTreeMap;
use std::fs::File;
use std::net::Shutdown;
use std::os::fd::{AsRawFd, BorrowedFd, RawFd};
use std::os::unix::fs::MetadataExt;
use std::os::unix::net::UnixStream;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::time::{Duration, Instant};

use common::agent::{Evening, LONG};
use common::player_test::assert_list;
use common::song;
use desk::Desk;
use moodring::desktop::ipc::wire::Answer;
use moodring::desktop::mpris_server::{MprisServer, NAME, PATH};
use moodring_core::domain::pick::{Pick, PickReason};
use moodring_core::domain::playback::PlaybackStatus;
use moodring_core::domain::track::Track;
use moodring_core::domain::view::MprisSnapshot;
use moodring_core::message::Request;
use moodring_core::mood::MoodName;
use moodring_platform::bus::session_bus;
use zbus::blocking::Proxy;
use zbus::blocking::fdo::DBusProxy;
use zbus::fdo::RequestNameFlags;
use zbus::zvariant::OwnedValue;

const VLC: &str = "org.mpris.MediaPlayer2.vlc";
const MPRIS: &str = "[desktop]\nmpris = true";

/// A program that runs in the background until it is dropped.
struct Helper(Child);

impl Drop for Helper {
    fn drop(&mut self) {
        drop(self.0.kill().and_then(|()| self.0.wait()));
    }
}

/// What people use to look at players, on the evening's bus.
struct Tools<'a>(&'a Evening);

impl Tools<'_> {
    fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(words[0]);
        command.args(&words[1..]).env("DBUS_SESSION_BUS_ADDRESS", self.0.test.desktop.address()).stdin(Stdio::null());
        command
    }

    /// What it prints; empty when it fails.
    fn run(&self, words: &[&str]) -> String {
        let output = self.command(words).stderr(Stdio::null()).output().unwrap();
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    }

    fn until(&self, words: &[&str], is: impl Fn(&str) -> bool) -> String {
        let end = Instant::now() + LONG;
        loop {
            let said = self.run(words);
            if is(&said) {
                return said;
            }
            assert!(Instant::now() < end, "{words:?} says {said:?}");
            std::thread::sleep(Duration::from_millis(100));
        }
    }

    fn call(&self, method: &str, arguments: &[&str]) -> String {
        let start = ["gdbus", "call", "--session", "--dest", NAME, "--object-path", PATH, "--method"];
        let method = format!("org.mpris.MediaPlayer2.{method}");
        let output = self.command(&[&start[..], &[&method], arguments].concat()).output().unwrap();
        format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
    }

    fn get(&self, interface: &str, property: &str) -> String {
        let start = ["gdbus", "call", "--session", "--dest", NAME, "--object-path", PATH, "--method"];
        let interface = format!("org.mpris.MediaPlayer2.{interface}");
        self.run(&[&start[..], &["org.freedesktop.DBus.Properties.Get", &interface, property]].concat())
    }

    /// Paths of the tracks in our list.
    fn tracks(&self) -> Vec<String> {
        let said = self.get("TrackList", "Tracks");
        said.split('\'').filter(|part| part.starts_with("/org/moodring/")).map(str::to_owned).collect()
    }

    fn background(&self, words: &[&str]) -> Helper {
        Helper(self.command(words).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap())
    }
}

/// An evening with four songs in the library that Moodring may choose.
fn evening() -> Evening {
    let evening = Evening::with(MPRIS);
    let folder = evening.test.bravo.parent().unwrap().to_owned();
    for (name, title) in [("c.flac", "Charlie"), ("d.flac", "Delta"), ("e.flac", "Echo")] {
        song::write(&folder, name, title, 4);
    }
    assert!(evening.say(&["scan", &folder.display().to_string()]).status.success());
    evening
}

#[test]
fn playerctl_and_widgets_see_the_song_and_set_the_mood() {
    let evening = evening();
    let tools = Tools(&evening);
    let _agent = evening.start();
    tools.until(&["playerctl", "-p", "moodring", "status"], |status| status == "Playing");
    // playerctl 2.4 shows songs only of players that can be told to play.
    let song = tools.get("Player", "Metadata");
    for part in ["'xesam:title': <'Alpha'>", "/a.flac'>", "'xesam:artist': <['Nobody']>", "'mpris:length': <int64 59"] {
        assert!(song.contains(part), "{song}");
    }
    tools.until(&["playerctl", "-p", "moodring", "position"], |said| said.parse::<f32>().is_ok_and(|at| at > 2.0));

    let lists = tools.call("Playlists.GetPlaylists", &["0", "10", "User", "false"]);
    let names = ["No mood: choose no songs", "Happy", "Sad", "Angry", "Surprised", "Neutral"];
    assert!(names.iter().all(|name| lists.contains(&format!("'{name}'"))), "{lists}");
    tools.call("Playlists.ActivatePlaylist", &["/org/moodring/mood/happy"]);
    let view = evening.until("the mood is set and a song waits", |view| view.next.is_some());
    assert_eq!(view.by_hand, Some(MoodName::Happy));
    assert!(
        tools.get("Playlists", "ActivePlaylist").contains("(true, (objectpath '/org/moodring/mood/happy', 'Happy'")
    );
    assert!(tools.call("Playlists.ActivatePlaylist", &["/org/moodring/mood/merry"]).contains("is not a mood"));
    tools.call("Playlists.ActivatePlaylist", &["/org/moodring/mood/auto"]);
    evening.until("no mood is set", |view| view.by_hand.is_none());
}

#[test]
fn a_song_to_come_can_be_taken_off_the_list() {
    let evening = evening();
    let tools = Tools(&evening);
    let _agent = evening.start();
    evening.ask(&["mood", "happy"]);
    let view = evening.until("a song waits", |view| view.next.is_some());
    let first = view.next.unwrap().title;
    assert_list(&evening.player, &["Alpha", &first, "Zulu"]);
    let before = tools.tracks();
    assert_eq!(before.len(), 4, "all that may be chosen: {before:?}");
    let said = tools.call("TrackList.GetTracksMetadata", &[&format!("['{}']", before[0])]);
    assert!(said.contains(&format!("'xesam:title': <'{first}'>")) && said.contains("happy mood you set"), "{said}");

    assert_eq!(tools.call("TrackList.RemoveTrack", &[&before[0]]), "()\n");
    let view = evening.until("another takes its place", |view| view.next.as_ref().is_some_and(|p| p.title != first));
    assert_list(&evening.player, &["Alpha", &view.next.unwrap().title, "Zulu"]);
    let after = tools.tracks();
    assert_eq!(after.len(), 3, "{after:?}");
    assert!(after.iter().all(|track| before[1..].contains(track)), "{before:?} {after:?}");
    let reply = evening.ask(&["remove", "2"]);
    assert!(matches!(reply, Answer::Done(_)), "{reply:?}");
    assert_eq!(tools.tracks(), [after[0].clone(), after[2].clone()]);
    assert!(tools.call("TrackList.AddTrack", &["file:///x.ogg", &after[0], "true"]).contains("NotSupported"));
    assert!(tools.call("TrackList.GoTo", &[&after[0]]).contains("does not interrupt"));
}

#[test]
fn every_change_is_told_on_the_bus() {
    let evening = evening();
    let tools = Tools(&evening);
    let _agent = evening.start();
    tools.until(&["playerctl", "-p", "moodring", "status"], |status| status == "Playing");
    let notes = evening.test.desktop.folder.join("monitor");
    let mut monitor = tools.command(&["gdbus", "monitor", "--session", "--dest", NAME]);
    let _monitor = Helper(monitor.stdout(File::create(&notes).unwrap()).spawn().unwrap());
    let heard = |what: &[&str]| {
        let end = Instant::now() + LONG;
        loop {
            let said = std::fs::read_to_string(&notes).unwrap();
            if said.lines().any(|line| what.iter().all(|part| line.contains(part))) {
                return;
            }
            assert!(Instant::now() < end, "not heard: {what:?} in\n{said}");
            std::thread::sleep(Duration::from_millis(50));
        }
    };
    heard(&["is owned by"]);
    evening.ask(&["mood", "happy"]);
    heard(&["PropertiesChanged", "MediaPlayer2.Playlists", "ActivePlaylist", "'Happy'"]);
    heard(&["TrackList.TrackAdded", "xesam:title", "/TrackList/NoTrack"]);
    heard(&["PropertiesChanged", "MediaPlayer2.TrackList", "['Tracks']"]);
    evening.until("a song waits", |view| view.next.is_some());
    tools.call("TrackList.RemoveTrack", &[&tools.tracks()[0]]);
    heard(&["TrackList.TrackRemoved"]);
    tools.run(&["playerctl", "-p", "vlc", "position", "40"]);
    heard(&["Player.Seeked (int64 4"]);
    tools.run(&["playerctl", "-p", "vlc", "pause"]);
    heard(&["PropertiesChanged", "'PlaybackStatus': <'Paused'>"]);
    evening.ask(&["undo"]);
    tools.run(&["playerctl", "-p", "vlc", "next"]);
    heard(&["PropertiesChanged", "'Metadata'", "Zulu"]);
}

#[test]
fn media_keys_reach_the_player_and_not_its_mirror() {
    let evening = evening();
    let tools = Tools(&evening);
    let _agent = evening.start();
    tools.until(&["playerctl", "-p", "moodring", "status"], |status| status == "Playing");
    assert!(tools.get("Player", "CanControl").contains("false"));
    assert!(tools.call("Player.PlayPause", &[]).contains("that one has the controls"));
    // Ours is the only name that it may choose, then the first of all.
    assert!(tools.run(&["playerctl", "-p", "moodring", "pause"]).is_empty());
    assert_eq!(tools.run(&["playerctl", "-p", "vlc", "status"]), "Playing");
    tools.run(&["playerctl", "-p", "moodring,vlc", "pause"]);
    tools.until(&["playerctl", "-p", "vlc", "status"], |status| status == "Paused");
    tools.until(&["playerctl", "-p", "moodring", "status"], |status| status == "Paused");
}

#[test]
fn moodring_never_steers_itself_not_even_through_playerctld() {
    let evening = Evening::with(&format!("prefer = [\"moodring\", \"playerctld\"]\n{MPRIS}"));
    let _agent = evening.start();
    let _daemon = Tools(&evening).background(&["playerctld"]);
    Tools(&evening).until(&["playerctl", "-l"], |names| names.contains("moodring"));
    let mirror = ["playerctl", "-p", "playerctld", "metadata", "title"];
    Tools(&evening).until(&mirror, |title| title == "Alpha");
    assert_eq!(evening.view().unwrap().player.as_deref(), Some("VLC media player"));
    let quit = "org.mpris.MediaPlayer2.Quit";
    Tools(&evening).run(&["gdbus", "call", "--session", "--dest", VLC, "--object-path", PATH, "--method", quit]);
    evening.until("no player is left", |view| view.player.is_none());
    Tools(&evening).until(&["playerctl", "-p", "moodring", "status"], |status| status == "Stopped");
    assert_eq!(evening.view().unwrap().player, None);
}

#[test]
fn without_the_setting_there_is_no_player_of_ours() {
    let evening = Evening::new();
    let _agent = evening.start();
    let names = Tools(&evening).run(&["playerctl", "-l"]);
    assert!(names.contains("vlc") && !names.contains("moodring"), "{names}");
}

fn mirrored() -> MprisSnapshot {
    let track = Track { title: "Sun".into(), ..Track::default() };
    MprisSnapshot {
        status: PlaybackStatus::Paused,
        track: Some(track),
        position: None,
        reason: None,
        picks: vec![],
        seen: None,
        by_hand: None,
        blind: false,
    }
}

/// A mirror of ours, and what is asked through it; it answers what it is told to.
fn mirror(reply: Option<Answer>) -> (MprisServer, Receiver<Request>) {
    let (ask, asked) = mpsc::channel();
    let start = MprisServer::start(move |request| {
        ask.send(request).unwrap();
        reply.clone()
    });
    (start.expect("there is a bus"), asked)
}

fn owner() -> Option<String> {
    let bus = session_bus().unwrap();
    DBusProxy::new(&bus).unwrap().get_name_owner(NAME.try_into().unwrap()).ok().map(|owner| owner.to_string())
}

fn status() -> zbus::Result<String> {
    Proxy::new(&session_bus()?, NAME, PATH, "org.mpris.MediaPlayer2.Player")?.get_property("PlaybackStatus")
}

fn call(member: &str, path: &str) -> zbus::Result<zbus::Message> {
    let interface = format!("org.mpris.MediaPlayer2.{member}");
    let (interface, method) = interface.rsplit_once('.').unwrap();
    let path = zbus::zvariant::ObjectPath::try_from(path).unwrap();
    session_bus().unwrap().call_method(Some(NAME), PATH, Some(interface), method, &(path,))
}

#[test]
fn a_second_one_does_not_take_the_name_and_nobody_takes_ours() {
    let _desk = Desk::new();
    let (first, _) = mirror(None);
    first.show(mirrored());
    first.show(MprisSnapshot { status: PlaybackStatus::Stopped, ..mirrored() });
    // A change is shown when the name is held.
    desk::until("the name is taken", || status().is_ok_and(|status| status == "Stopped"));
    let ours = owner();
    let (second, _) = mirror(None);
    second.show(mirrored());
    let bus = session_bus().unwrap();
    let replace = RequestNameFlags::ReplaceExisting | RequestNameFlags::DoNotQueue;
    assert!(matches!(bus.request_name_with_flags(NAME, replace), Err(zbus::Error::NameTaken)));
    second.show(MprisSnapshot { status: PlaybackStatus::Playing, ..mirrored() });
    assert_eq!(owner(), ours);
    let names = DBusProxy::new(&bus).unwrap();
    let begin = Instant::now();
    drop(first);
    let waited = begin.elapsed();
    // A connection that is there already asks sooner than the name goes by itself.
    let free = names.get_name_owner(NAME.try_into().unwrap()).is_err();
    assert!(free || waited >= Duration::from_secs(1), "it leaves without a wait for its name: {waited:?}");
    desk::until("the name goes with its owner", || owner().is_none());
}

#[test]
fn a_program_that_would_let_our_name_go_keeps_it() {
    let _desk = Desk::new();
    let other = session_bus().unwrap();
    let generous = RequestNameFlags::AllowReplacement | RequestNameFlags::DoNotQueue;
    other.request_name_with_flags(NAME, generous).unwrap();
    let (late, _) = mirror(None);
    late.show(mirrored());
    // What was to be shown is tried before it leaves.
    drop(late);
    assert_eq!(owner(), other.unique_name().map(|name| name.to_string()));
}

#[test]
fn what_cannot_be_changed_is_refused_in_words_and_what_is_not_known_is_left_out() {
    let _desk = Desk::new();
    let (shown, _) = mirror(None);
    shown.show(mirrored());
    desk::until("the name is taken", || owner().is_some());
    let bus = session_bus().unwrap();
    let all = |interface: &str| -> BTreeMap<String, OwnedValue> {
        let properties = Some("org.freedesktop.DBus.Properties");
        let interface = format!("org.mpris.MediaPlayer2{interface}");
        bus.call_method(Some(NAME), PATH, properties, "GetAll", &interface).unwrap().body().deserialize().unwrap()
    };
    let names = |interface| all(interface).into_keys().collect::<Vec<_>>().join(" ");
    assert_eq!(
        names(""),
        "CanQuit CanRaise CanSetFullscreen DesktopEntry Fullscreen HasTrackList Identity SupportedMimeTypes \
         SupportedUriSchemes"
    );
    assert_eq!(
        names(".Player"),
        "CanControl CanGoNext CanGoPrevious CanPause CanPlay CanSeek MaximumRate Metadata MinimumRate PlaybackStatus \
         Position Rate Volume"
    );
    assert_eq!(names(".TrackList"), "CanEditTracks Tracks");
    assert_eq!(names(".Playlists"), "ActivePlaylist Orderings PlaylistCount");
    let able = all(".Player").into_iter().filter(|(name, _)| name.starts_with("Can"));
    assert!(able.map(|(_, value)| bool::try_from(value).unwrap()).all(|able| !able));
    let player = Proxy::new(&bus, NAME, PATH, "org.mpris.MediaPlayer2.Player").unwrap();
    for error in [player.set_property("Volume", 0.5), player.set_property("Shuffle", true)] {
        assert!(error.unwrap_err().to_string().contains("that one has the controls"));
    }
}

#[test]
fn a_refusal_reaches_the_widget_in_words() {
    let _desk = Desk::new();
    let pick = Pick {
        path: "/music/a.ogg".into(),
        title: "A".into(),
        artist: String::new(),
        reason: PickReason::default(),
        terms: Default::default(),
    };
    let (shown, asked) = mirror(Some(Answer::Refused("this player does not let “A” be taken back".into())));
    shown.show(MprisSnapshot { picks: vec![pick], seen: Some(MoodName::Sad), ..mirrored() });
    desk::until("the name is taken", || owner().is_some());
    let bus = session_bus().unwrap();
    let list = Proxy::new(&bus, NAME, PATH, "org.mpris.MediaPlayer2.TrackList").unwrap();
    let tracks: Vec<zbus::zvariant::OwnedObjectPath> = list.get_property("Tracks").unwrap();
    let error = call("TrackList.RemoveTrack", tracks[0].as_str()).unwrap_err();
    assert!(error.to_string().contains("does not let “A” be taken back"), "{error}");
    assert_eq!(asked.recv().unwrap(), Request::Remove("/music/a.ogg".into()));
    call("TrackList.RemoveTrack", "/org/moodring/song/0").expect("what is not in the list has gone");
    assert!(asked.try_recv().is_err());
    let (silent, asked) = (call("Playlists.ActivatePlaylist", "/org/moodring/mood/auto"), asked);
    assert!(silent.is_err() && asked.recv().unwrap() == Request::Mood(None));
    let active: (bool, (zbus::zvariant::OwnedObjectPath, String, String)) =
        Proxy::new(&bus, NAME, PATH, "org.mpris.MediaPlayer2.Playlists")
            .unwrap()
            .get_property("ActivePlaylist")
            .unwrap();
    assert_eq!(active.1.1, "As I look: sad");
}

#[test]
fn it_comes_back_after_a_restart_of_the_bus() {
    let mut desk = Desk::new();
    let (shown, _) = mirror(None);
    shown.show(mirrored());
    desk::until("the name is taken", || owner().is_some());
    desk.stop_bus();
    desk.start_bus();
    desk::until("the name is taken again", || owner().is_some());
}

/// This process's connections to the desk's bus, by inode.
fn connections() -> BTreeMap<u64, UnixStream> {
    let bus = std::env::var("DBUS_SESSION_BUS_ADDRESS").unwrap();
    let numbers: Vec<_> = std::fs::read_dir("/proc/self/fd").unwrap().map(|fd| fd.unwrap().file_name()).collect();
    let connection = |number: RawFd| {
        // SAFETY: it is only copied; where it was closed meanwhile, that fails.
        let stream = UnixStream::from(unsafe { BorrowedFd::borrow_raw(number) }.try_clone_to_owned().ok()?);
        let leads = stream.peer_addr().ok()?.as_pathname().map(|path| format!("unix:path={}", path.display()));
        let inode = std::fs::metadata(format!("/proc/self/fd/{}", stream.as_raw_fd())).ok()?.ino();
        (leads.as_ref() == Some(&bus)).then_some((inode, stream))
    };
    numbers.iter().filter_map(|number| connection(number.to_str()?.parse().ok()?)).collect()
}

#[test]
fn it_comes_back_with_the_next_changes_when_only_its_own_connection_broke() {
    let _desk = Desk::new();
    let bus = session_bus().unwrap();
    let names = DBusProxy::new(&bus).unwrap();
    let owner = || names.get_name_owner(NAME.try_into().unwrap()).ok();
    let (shown, _) = mirror(None);
    let others: Vec<_> = connections().into_keys().collect();
    shown.show(mirrored());
    desk::until("the name is taken", || owner().is_some());
    let own = connections().into_iter().filter(|(inode, _)| !others.contains(inode));
    own.for_each(|(_, connection)| connection.shutdown(Shutdown::Both).unwrap());
    desk::until("the name goes with its connection", || owner().is_none());
    // The bus knows a moment before us.
    desk::until("the name is taken again", || {
        shown.show(MprisSnapshot { status: PlaybackStatus::Playing, ..mirrored() });
        owner().is_some()
    });
    assert_eq!(status().unwrap(), "Playing");
}
