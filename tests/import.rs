//! `moodring import`, with the real binary, a server on this machine that speaks ListenBrainz's shapes, and real files.

use std::collections::HashMap;
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};
use std::sync::LazyLock;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use lofty::config::WriteOptions;
use lofty::file::{AudioFile, TaggedFileExt};
use lofty::tag::ItemKey;
use moodring_core::domain::remote_song;
use moodring_music::library::Library;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Pid, PidfdFlags, pidfd_open};
use serde_json::{Value, json};

mod common;

use common::server::{Answer, Asked, Server};
use common::song;

const RECORDING: &str = "526bd613-fddd-4bd6-9137-ab709ac74cab";
const ADVISED: &str = "a6081bc1-2a76-4984-b21f-38bc3dcca3a5";
const ADVISED_HERE: &str = "b6081bc1-2a76-4984-b21f-38bc3dcca3a5";

struct Home(tempfile::TempDir);

impl Home {
    /// With songs "Alpha" and "Zulu" by Nobody in the library.
    fn new() -> Self {
        let home = Self(tempfile::tempdir().unwrap());
        song::write(&home.path("Music"), "a.flac", "Alpha", 2);
        song::write(&home.path("Music"), "z.flac", "Zulu", 2);
        home.said(&["scan"]);
        home
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn write(&self, name: &str, text: &str) -> String {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().into()
    }

    fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_moodring"));
        command.args(arguments).env("HOME", self.0.path()).env_remove("XDG_MUSIC_DIR");
        command.env("XDG_DATA_HOME", self.path("data")).env_remove("DBUS_SESSION_BUS_ADDRESS");
        command.env("XDG_RUNTIME_DIR", self.0.path()).env("XDG_CONFIG_HOME", self.path("config"));
        command.env("TZ", "UTC").env_remove("LISTENBRAINZ_TOKEN");
        command
    }

    fn said(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    fn import(&self, arguments: &[&str]) -> Value {
        serde_json::from_str(&self.said(&[&["import", "--json"], arguments].concat())).unwrap()
    }

    fn library(&self) -> Library {
        Library::open(&self.path("data/moodring/library.db")).unwrap()
    }

    /// Fading counts of a song: heard to the end, skipped.
    fn evidence(&self, title: &str) -> (f32, f32) {
        let songs = self.library().songs(Timestamp::now()).unwrap();
        let evidence = songs.iter().find(|song| song.title == title).unwrap().evidence;
        (evidence.finished, evidence.skipped)
    }
}

fn near(found: (f32, f32), expected: (f32, f32)) {
    let close = (found.0 - expected.0).abs() < 0.05 && (found.1 - expected.1).abs() < 0.05;
    assert!(close, "{found:?} is not {expected:?}");
}

/// One moment for the whole run, so that the server's listens stay where they are.
static NOW: LazyLock<i64> = LazyLock::new(|| Timestamp::now().as_second());

fn days_ago(days: i64) -> i64 {
    *NOW - 86_400 * days
}

fn listen(at: i64, artist: &str, title: &str, recording: Option<&str>) -> Value {
    let mut about =
        json!({ "artist_name": artist, "track_name": title, "release_name": "First", "additional_info": {} });
    if let Some(recording) = recording {
        about["mbid_mapping"] = json!({ "recording_mbid": recording, "artist_mbids": [], "release_mbid": RECORDING });
    }
    json!({ "listened_at": at, "recording_msid": "x", "user_name": "ann", "inserted_at": at, "track_metadata": about })
}

/// Answers as the service's documentation has it, for the user ann.
fn listenbrainz(asked: &Asked) -> Answer {
    let (path, query) = asked.target.split_once('?').unwrap_or((&asked.target, ""));
    match path {
        "/1/validate-token" if asked.header("authorization") == Some("Token secret") => {
            Answer::json(&json!({ "code": 200, "message": "Token valid.", "valid": true, "user_name": "ann" }))
        }
        "/1/validate-token" => Answer::json(&json!({ "code": 200, "message": "Token invalid.", "valid": false })),
        "/1/user/ann/listens" => {
            let all = [
                listen(days_ago(90), "nobody", "ALPHA (Remastered 2011)", None),
                listen(days_ago(180), "Nobody", "Alpha", None),
                listen(days_ago(200), "Far Away", "Not Here", Some(RECORDING)),
            ];
            let before = query.split('&').find_map(|part| part.strip_prefix("max_ts=")?.parse::<i64>().ok());
            let older = |row: &&Value| before.is_none_or(|before| row["listened_at"].as_i64().unwrap() < before);
            // Two to a page, so that pages must be turned.
            let page: Vec<_> = all.iter().filter(older).take(2).collect();
            Answer::json(&json!({ "payload": { "count": page.len(), "user_id": "ann", "listens": page } }))
        }
        "/1/user/ann/similar-users" => Answer::json(&json!({ "payload": [
            { "user_name": "new", "similarity": 0.1 }, { "user_name": "bob & co", "similarity": 0.9 } ] })),
        "/1/stats/user/bob%20%26%20co/recordings" => Answer::json(&json!({ "payload": { "recordings": [
            { "artist_name": "Nobody", "track_name": "Zulu", "recording_mbid": null, "listen_count": 40, "release_name": "" },
            { "artist_name": "Far Away", "track_name": "Other", "recording_mbid": ADVISED, "listen_count": 7 } ],
            "count": 2, "range": "all_time", "user_id": "bob & co" } })),
        "/1/cf/recommendation/user/ann/recording" => Answer::json(&json!({ "payload": {
            "mbids": [{ "recording_mbid": ADVISED, "score": 9.345 }, { "recording_mbid": ADVISED_HERE, "score": 5.1 }], "entity": "recording", "user_name": "ann",
            "last_updated": 1, "count": 1, "total_mbid_count": 1, "offset": 0 } })),
        "/1/metadata/recording/" if asked.body.contains(ADVISED) => Answer::json(&json!({ ADVISED: {
            "artist": { "name": "Far Away", "artists": [] }, "recording": { "name": "Other", "length": 200_000 } }, ADVISED_HERE: {
            "artist": { "name": "Nobody", "artists": [] }, "recording": { "name": "Zulu", "length": 2000 } } })),
        _ => Answer::status(204),
    }
}

#[test]
fn listens_likenesses_and_advice_come_from_listenbrainz() {
    let home = Home::new();
    let server = Server::start(listenbrainz);
    let token = home.write("token", "secret\n");
    // The file goes before what the environment, or a script, names besides.
    let all = ["listenbrainz", "--token-file", &token, "--token", "another", "--server", &server.address];
    let report = home.import(&all);
    let told = [&report["listens"], &report["other_listeners"], &report["recommended"], &report["total"]["matched"]];
    assert_eq!(told, [3, 1, 2, 2], "{report}");
    assert!(report["notes"][0].as_str().unwrap().contains("new"), "{report}");
    near(home.evidence("Alpha"), (0.75, 0.0));
    // What is recommended counts as one play.
    near(home.evidence("Zulu"), (1.0, 0.0));
    let listed = home.import(&["list"]);
    let names: Vec<_> =
        listed["without_file"].as_array().unwrap().iter().map(|song| song["title"].as_str().unwrap()).collect();
    assert_eq!(names, ["Not Here", "Other"], "{listed}");
    assert_eq!(listed["without_file"][0]["recording"], RECORDING);
    let songs = home.library().songs_elsewhere(&[], Timestamp::now()).unwrap();
    let ranked: Vec<_> = songs
        .iter()
        .map(|song| (remote_song::parse_remote_path(&song.path).unwrap(), song.evidence.finished))
        .collect();
    assert_eq!(ranked, [(("Far Away", "Not Here"), 1.0), (("Far Away", "Other"), 1.0)]);
    let others = home.library().histories_alike(&HashMap::new(), 9).unwrap();
    assert_eq!(others["listenbrainz ann bob & co"]["nobody"], 40.0);
    for asked in server.asked() {
        assert!(asked.header("user-agent").unwrap().starts_with("Moodring/"), "{asked:?}");
    }
    // Again: what is known is not read again, and nothing counts twice.
    let before = server.asked().len();
    let again = home.import(&all);
    assert_eq!((&again["new_listens"], &again["new_songs"]), (&0.into(), &0.into()), "{again}");
    let pages = server.asked()[before..].iter().filter(|asked| asked.target.contains("/listens")).count();
    assert_eq!(pages, 1);
    near(home.evidence("Alpha"), (0.75, 0.0));
}

#[test]
fn the_server_is_asked_no_oftener_than_it_allows() {
    let home = Home::new();
    let mut calls = 0;
    let server = Server::start(move |asked| {
        calls += 1;
        match calls {
            1 => listenbrainz(asked).with("X-RateLimit-Remaining", 0).with("X-RateLimit-Reset-In", 3),
            2 => Answer::status(429).with("X-RateLimit-Remaining", 0).with("X-RateLimit-Reset-In", 2),
            _ => listenbrainz(asked).with("X-RateLimit-Remaining", 20).with("X-RateLimit-Reset-In", 9),
        }
    });
    let report = home.import(&["listenbrainz", "--token", "secret", "--similar", "0", "--server", &server.address]);
    assert_eq!(report["listens"], 3);
    let asked = server.asked();
    assert_eq!(asked[1].target, asked[2].target, "what was refused is asked again");
    let gap = |n: usize| asked[n].at - asked[n - 1].at;
    let lasting = |n: usize, seconds: f32| {
        gap(n) > Duration::from_secs_f32(seconds - 0.1) && gap(n) < Duration::from_secs_f32(seconds + 1.5)
    };
    assert!(
        lasting(1, 3.0) && lasting(2, 2.0) && lasting(3, 1.0),
        "{:?}",
        (1..asked.len()).map(gap).collect::<Vec<_>>()
    );
}

#[test]
fn a_newcomer_without_history_is_told_so_and_nothing_is_wrong() {
    let home = Home::new();
    let server = Server::start(|_| Answer::status(204));
    let report = home.import(&["listenbrainz", "--user", "new", "--server", &server.address]);
    assert_eq!((&report["listens"], &report["recommended"]), (&0.into(), &0.into()));
    assert!(report["notes"][0].as_str().unwrap().contains("no recommendations"), "{report}");
}

#[test]
fn a_refusal_is_one_clear_error_and_changes_nothing() {
    let home = Home::new();
    let refuse = |status: u16| Server::start(move |_| Answer::status(status));
    let (unknown, gone) = (refuse(401), refuse(404));
    let cases: [(&[&str], i32, &str); 5] = [
        (&["--token", "wrong", "--server", &unknown.address], 1, "does not accept the token"),
        (&["--user", "nobody at all", "--server", &gone.address], 1, "check the name"),
        (&["--user", "ann", "--server", "http://127.0.0.1:9"], 1, "cannot reach"),
        (&[], 2, "LISTENBRAINZ_TOKEN"),
        (&["--token-file", "/nowhere", "--server", &gone.address], 1, "/nowhere"),
    ];
    for (arguments, code, expected) in cases {
        let output = home.run(&[&["import", "listenbrainz"], arguments].concat());
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(code), "{said}");
        assert!(said.contains(expected) && !said.contains("wrong"), "{said}");
    }
    assert_eq!(home.import(&["list"])["total"]["songs"], 0);
    let server = Server::start(listenbrainz);
    let output = home.run(&["import", "listenbrainz", "--token", "other", "--server", &server.address]);
    assert!(String::from_utf8_lossy(&output.stderr).contains("does not know this token"));
}

#[test]
fn a_last_fm_history_counts_as_plays_and_only_once() {
    let home = Home::new();
    let (new, old) = (days_ago(0), days_ago(90));
    let csv = format!(
        "uts,utc_time,artist,artist_mbid,album,album_mbid,track,track_mbid\n{new},x,Nobody,,,,Alpha,\n{old},x,NOBODY,,,,zulu,\n{new},x,Else,,,,Gone,{RECORDING}\n"
    );
    let file = home.write("scrobbles.csv", &csv);
    for expected in [3, 0] {
        let report = home.import(&["lastfm", &file]);
        assert_eq!(report["new_listens"], expected, "{report}");
        near(home.evidence("Alpha"), (1.0, 0.0));
        near(home.evidence("Zulu"), (0.5, 0.0));
    }
    let empty = home.write("letter.txt", "Dear friend,\nthis is no history.\n");
    let output = home.run(&["import", "lastfm", &empty]);
    assert!(String::from_utf8_lossy(&output.stderr).contains("hint: it should be an export"));
}

#[test]
fn a_song_is_known_by_its_musicbrainz_id_whatever_it_is_called() {
    let home = Home::new();
    let file = home.path("Music/z.flac");
    let mut tagged = lofty::read_from_path(&file).unwrap();
    assert!(tagged.primary_tag_mut().unwrap().insert_text(ItemKey::MusicBrainzRecordingId, RECORDING.to_uppercase()));
    tagged.save_to_path(&file, WriteOptions::default()).unwrap();
    home.said(&["scan"]);
    let now = days_ago(0);
    let csv = format!("uts,artist,track,track_mbid\n{now},Nemo,Alpha and Omega,{RECORDING}\n{now},Nemo,Alpha,\n");
    home.import(&["lastfm", &home.write("scrobbles.csv", &csv)]);
    near(home.evidence("Zulu"), (1.0, 0.0));
    near(home.evidence("Alpha"), (0.0, 0.0));
}

#[test]
fn spotifys_account_data_teach_what_was_finished_skipped_and_saved() {
    let home = Home::new();
    let now = Timestamp::now();
    let row = |title: &str, ms: i64, end: &str| {
        json!({ "ts": now.to_string(), "ms_played": ms, "master_metadata_track_name": title,
        "master_metadata_album_artist_name": "Nobody", "spotify_track_uri": format!("spotify:track:{title}"), "reason_end": end,
        "skipped": end == "fwdbtn", "episode_name": null })
    };
    let rows =
        json!([row("Alpha", 200_000, "trackdone"), row("Zulu", 3000, "fwdbtn"), row("Stream", 200_000, "trackdone")]);
    home.write("my_spotify_data/Streaming_History_Audio_2026_0.json", &rows.to_string());
    home.write("my_spotify_data/Userdata.json", "{\"username\": \"ann\"}");
    let saved =
        json!({ "tracks": [{ "artist": "Nobody", "album": "x", "track": "Alpha", "uri": "spotify:track:Alpha" }] });
    home.write("my_spotify_data/YourLibrary.json", &saved.to_string());
    home.import(&["spotify", home.path("my_spotify_data").to_str().unwrap()]);
    near(home.evidence("Alpha"), (4.0, 0.0));
    near(home.evidence("Zulu"), (0.0, 1.0));
    let listed = home.import(&["list"]);
    assert_eq!(listed["without_file"][0]["address"], "spotify:track:Stream", "{listed}");
}

#[test]
fn a_table_of_ratings_holds_the_owners_and_other_listeners() {
    let home = Home::new();
    let file = home.write(
        "ratings.csv",
        "user,item,rating\nme,Nobody - Alpha,4\nbob,Nobody,12\nbob,Far Away - Song,2\nbad,x,much\n",
    );
    let report = home.import(&["csv", "--me", "me", &file]);
    assert_eq!((&report["lists"], &report["other_listeners"]), (&1.into(), &1.into()), "{report}");
    assert!(report["notes"][0].as_str().unwrap().starts_with("1 row "), "{report}");
    near(home.evidence("Alpha"), (4.0, 0.0));
    assert_eq!(home.library().histories_alike(&HashMap::new(), 9).unwrap()["csv bob"]["nobody"], 12.0);
    let output = home.run(&["import", "csv", "--me", "you", &file]);
    assert_eq!(output.status.code(), Some(2));
}

#[test]
fn an_import_waits_for_one_that_takes_long() {
    let home = Home::new();
    let scrobbles = home.write("x.csv", "Nobody,First,Zulu,29 Jun 2024 10:08\n");
    let other = rusqlite::Connection::open(home.path("data/moodring/library.db")).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let mut import = home.command(&["import", "lastfm", &scrobbles]).stdout(Stdio::null()).spawn().unwrap();
    until_it_has_opened(&import, "library.db-wal");
    // Longer than the agent would wait, which can write later.
    assert!(!ends_within(&import, 6), "it does not wait");
    other.execute_batch("COMMIT").unwrap();
    assert!(import.wait().unwrap().success());
    assert_eq!(home.import(&["list"])["total"]["listens"], 1);
}

fn until_it_has_opened(process: &Child, name: &str) {
    let deadline = Instant::now() + Duration::from_secs(60);
    let files = || std::fs::read_dir(format!("/proc/{}/fd", process.id())).unwrap().flatten();
    while !files().any(|file| std::fs::read_link(file.path()).is_ok_and(|path| path.ends_with(name))) {
        assert!(Instant::now() < deadline, "it does not open {name}");
        std::thread::yield_now();
    }
}

fn ends_within(process: &Child, seconds: i64) -> bool {
    let process = pidfd_open(Pid::from_child(process), PidfdFlags::empty()).unwrap();
    let limit = Timespec { tv_sec: seconds, tv_nsec: 0 };
    poll(&mut [PollFd::new(&process, PollFlags::IN)], Some(&limit)).unwrap() == 1
}

#[test]
fn an_import_can_be_taken_back_and_leaves_no_trace() {
    let home = Home::new();
    let mine = home.write("mine.csv", "user,item,rating\nann,Nobody - Zulu,5\nbob,Zed - Song,2\n");
    let list = home.write("list.m3u", "#EXTINF:1,Nobody - Zulu\nx.mp3\n");
    home.said(&["import", "playlist", &list]);
    let before = home.import(&["list"]);
    home.said(&["import", "csv", &mine, "--me", "ann"]);
    let said = home.said(&["import", "list"]);
    assert!(said.contains("from csv: 2 rows") && said.contains("from playlist: 1 row"), "{said}");
    let refused = home.run(&["import", "forget", "nobody"]);
    assert_eq!(refused.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&refused.stderr).contains("\"csv\", \"playlist\""));
    assert_eq!(home.import(&["forget", "csv"])["forgotten"], 2);
    assert_eq!(home.import(&["list"]), before);
}

#[test]
fn a_listen_that_several_services_told_of_stays_until_the_last_is_taken_back() {
    let home = Home::new();
    let scrobbles = format!("uts,artist,track\n{},Nobody,Zulu\n", days_ago(90));
    let scrobbles = home.write("x.csv", &scrobbles);
    let server = Server::start(|asked: &Asked| match asked.target.split('?').next() {
        Some("/1/user/ann/listens") if !asked.target.contains("max_ts") => {
            let listens =
                [listen(days_ago(1), "Nobody", "Later", None), listen(days_ago(90) + 60, "Nobody", "Zulu", None)];
            Answer::json(&json!({ "payload": { "count": 2, "user_id": "ann", "listens": listens } }))
        }
        _ => Answer::status(204),
    });
    let brainz = ["listenbrainz", "--user", "ann", "--similar", "0", "--server", &server.address];
    home.import(&["lastfm", &scrobbles]);
    assert_eq!(home.import(&brainz)["new_listens"], 1);
    let at = Timestamp::from_second(days_ago(90)).unwrap();
    let streamed = format!(
        r#"[{{"ts": "{at}", "ms_played": 200000, "master_metadata_track_name": "Zulu", "master_metadata_album_artist_name": "Nobody"}}]"#
    );
    assert_eq!(home.import(&["spotify", &home.write("long.json", &streamed)])["new_listens"], 0);
    near(home.evidence("Zulu"), (0.5, 0.0));
    let kept = home.import(&["forget", "lastfm"]);
    assert_eq!((&kept["forgotten"], &kept["total"]["listens"]), (&1.into(), &2.into()), "{kept}");
    near(home.evidence("Zulu"), (0.5, 0.0));
    assert_eq!(home.import(&["lastfm", &scrobbles])["new_listens"], 0);
    assert_eq!(home.import(&["forget", "lastfm"])["total"]["listens"], 2);
    assert_eq!(home.import(&["forget", "listenbrainz ann"])["total"]["listens"], 1);
    near(home.evidence("Zulu"), (0.5, 0.0));
    assert_eq!(home.import(&["forget", "spotify"])["total"]["listens"], 0);
}

#[test]
fn one_listen_that_two_services_tell_of_counts_once() {
    let home = Home::new();
    let [short, long] = [
        r#"[{"endTime": "2024-06-29 10:11", "artistName": "Nobody", "trackName": "Zulu", "msPlayed": 200000}]"#,
        r#"[{"ts": "2024-06-29T10:11:37Z", "ms_played": 200000, "master_metadata_track_name": "Zulu", "master_metadata_album_artist_name": "Nobody"},
            {"ts": "2024-06-29T12:11:37Z", "ms_played": 200000, "master_metadata_track_name": "Zulu", "master_metadata_album_artist_name": "Nobody"}]"#,
    ];
    let (short, long) = (home.write("short.json", short), home.write("long.json", long));
    let scrobbles = home.write("x.csv", "Nobody,First,Zulu,29 Jun 2024 10:08\n");
    home.said(&["import", "spotify", &short]);
    assert_eq!(home.import(&["spotify", &long])["new_listens"], 1);
    assert_eq!(home.import(&["lastfm", &scrobbles])["new_listens"], 0);
}

#[test]
fn a_playlist_counts_its_songs_by_file_and_by_name() {
    let home = Home::new();
    let m3u = home
        .write("lists/mine.m3u", "#EXTM3U\n../Music/a.flac\n#EXTINF:10,Far Away - Song\nhttp://radio.example/song\n");
    let xspf = home.write("lists/mine.xspf", "<playlist version=\"1\"><trackList><track><title>zulu</title><creator>Nobody</creator></track></trackList></playlist>");
    let report = home.import(&["playlist", &m3u, &xspf]);
    assert_eq!((&report["lists"], &report["total"]["matched"]), (&2.into(), &2.into()), "{report}");
    near(home.evidence("Alpha"), (1.0, 0.0));
    near(home.evidence("Zulu"), (1.0, 0.0));
}

#[test]
fn what_was_imported_before_the_songs_came_is_matched_when_they_come() {
    let home = Home::new();
    let file = home.write("scrobbles.csv", &format!("artist,title,uts\nNobody,Late,{}\n", days_ago(0)));
    assert_eq!(home.import(&["lastfm", &file])["total"]["matched"], 0);
    song::write(&home.path("Music"), "late.flac", "Late", 2);
    home.said(&["scan"]);
    near(home.evidence("Late"), (1.0, 0.0));
}
