//! The scan, with the real binary and real files.

mod containers;
mod faults;
mod likes;

use std::ffi::OsString;
use std::fs;
use std::os::unix::ffi::OsStringExt;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use jiff::Timestamp;
use lofty::config::WriteOptions;
use lofty::file::{AudioFile, TaggedFileExt};
use lofty::tag::{ItemKey, Tag, TagExt};
use moodring_core::domain::song::{Opinion, Song};
use moodring_core::message::Record;
use moodring_music::library::{Correction, Library};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Pid, PidfdFlags, pidfd_open};
use serde_json::Value;

/// A listener's home, with a music folder.
struct Home {
    folder: tempfile::TempDir,
}

impl Home {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("Music")).unwrap();
        Self { folder }
    }

    /// A path within the music folder; folders on the way are made.
    fn music(&self, name: impl AsRef<Path>) -> PathBuf {
        let path = self.folder.path().join("Music").join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        path
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_moodring"));
        command.arg("scan").args(arguments).stdin(Stdio::null());
        command.env("HOME", self.folder.path()).env_remove("XDG_MUSIC_DIR");
        command.env("XDG_DATA_HOME", self.folder.path().join("data"));
        command.env("XDG_CONFIG_HOME", self.folder.path().join("config"));
        command
    }

    fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    /// Scans the music folder; what came of it.
    fn scan(&self) -> Value {
        let output = self.run(&["--json", self.music("").to_str().unwrap()]);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice(&output.stdout).unwrap()
    }

    fn library(&self) -> Library {
        Library::open(&self.folder.path().join("data/moodring/library.db")).unwrap()
    }

    /// The songs in order of their paths.
    fn songs(&self) -> Vec<Song> {
        let mut songs = self.library().songs(Timestamp::now()).unwrap();
        songs.sort_by(|a, b| a.path.cmp(&b.path));
        songs
    }
}

/// Writes a mono WAV file of 16 bits and 22,050 Hz.
fn write_wav(path: &Path, seconds: f32, sound: impl Fn(f32) -> f32) {
    let samples = (0..(seconds * 22_050.0) as u32).map(|k| (sound(k as f32 / 22_050.0) * 32_767.0) as i16);
    let data: Vec<u8> = samples.flat_map(i16::to_le_bytes).collect();
    let size = data.len() as u32;
    let mut file = Vec::new();
    file.extend(b"RIFF");
    file.extend((36 + size).to_le_bytes());
    file.extend(b"WAVEfmt \x10\0\0\0\x01\0\x01\0");
    file.extend(22_050u32.to_le_bytes());
    file.extend(44_100u32.to_le_bytes());
    file.extend(b"\x02\0\x10\0data");
    file.extend(size.to_le_bytes());
    file.extend(data);
    fs::write(path, file).unwrap();
}

fn tone(path: &Path, hertz: f32) {
    write_wav(path, 2.0, |t| 0.5 * (std::f32::consts::TAU * hertz * t).sin());
}

/// What the scan says of a file that it skipped.
fn complaint<'a>(summary: &'a Value, name: &str) -> &'a str {
    let failed = summary["failed"].as_array().unwrap();
    let failure = failed.iter().find(|failure| failure["path"].as_str().unwrap().ends_with(name));
    failure.unwrap_or_else(|| panic!("nothing is said of {name}: {summary}"))["why"].as_str().unwrap()
}

/// Encodes a WAV file; says so and returns false where ffmpeg, or its encoder, is missing.
fn encoded(from: &Path, to: &Path, options: &[&str]) -> bool {
    let mut command = Command::new("ffmpeg");
    command.args(["-nostdin", "-loglevel", "error", "-y", "-i"]).arg(from).args(options).arg(to);
    let done = command.status().is_ok_and(|status| status.success());
    if !done {
        eprintln!("skipped {}: ffmpeg is not installed, or cannot encode it", to.display());
    }
    done
}

fn write_tags(path: &Path, tags: &[(ItemKey, &str)]) {
    let mut file = lofty::read_from_path(path).unwrap();
    let kind = file.primary_tag_type();
    let mut tag = Tag::new(kind);
    tags.iter().for_each(|(key, value)| assert!(tag.insert_text(*key, (*value).into()), "{key:?}"));
    file.insert_tag(tag);
    file.save_to_path(path, WriteOptions::default()).unwrap();
}

#[test]
fn every_common_format_is_heard() {
    let home = Home::new();
    let original = home.folder.path().join("original.wav");
    write_wav(&original, 4.0, |t| 0.5 * (std::f32::consts::TAU * 440.0 * t).sin() * (1.0 - (2.0 * t).fract()));
    let heard: [(&str, &[&str]); 16] = [
        ("a.mka", &["-c:a", "libvorbis"]),
        ("a.webm", &["-c:a", "libopus"]),
        ("a.mp4", &["-c:a", "aac"]),
        ("a.caf", &["-c:a", "pcm_s16be"]),
        ("a.mp3", &[]),
        ("a.flac", &[]),
        ("a.ogg", &["-c:a", "libvorbis"]),
        ("aac.m4a", &["-c:a", "aac"]),
        ("alac.m4a", &["-c:a", "alac"]),
        ("raw.aac", &["-c:a", "aac", "-f", "adts"]),
        ("a.opus", &["-c:a", "libopus"]),
        ("stereo.opus", &["-c:a", "libopus", "-ac", "2"]),
        ("a.aiff", &[]),
        ("a.mp2", &["-c:a", "mp2"]),
        ("24.wav", &["-c:a", "pcm_s24le", "-ar", "96000"]),
        ("float.wav", &["-c:a", "pcm_f32le", "-ac", "2"]),
    ];
    let mut expected: Vec<_> =
        heard.iter().filter(|(name, options)| encoded(&original, &home.music(name), options)).collect();
    fs::copy(&original, home.music("plain.wav")).unwrap();
    expected.push(&("plain.wav", &[]));
    let summary = home.scan();
    assert_eq!(summary["failed"], serde_json::json!([]), "{summary}");
    assert_eq!(summary["by_tags_only"], serde_json::json!({}), "{summary}");
    let songs = home.songs();
    assert_eq!(songs.len(), expected.len());
    let plain = songs.iter().find(|song| song.path.ends_with("plain.wav")).unwrap().clone();
    for (name, _) in expected {
        let song = songs.iter().find(|song| song.path.ends_with(name)).unwrap();
        assert!((song.seconds - 4.0).abs() < 0.3, "{name}: {}", song.seconds);
        assert!((song.energy - plain.energy).abs() < 0.1, "{name}: {} and {}", song.energy, plain.energy);
        assert!(song.certainty > 0.3, "{name}");
    }
}

#[test]
fn what_cannot_be_decoded_is_named_or_read_by_its_tags() {
    let home = Home::new();
    let original = home.folder.path().join("original.wav");
    tone(&original, 440.0);
    let wma = encoded(&original, &home.music("a.wma"), &["-c:a", "wmav2"]);
    let ac3 = encoded(&original, &home.music("a.ac3"), &["-c:a", "ac3"]);
    let wavpack = encoded(&original, &home.music("a.wv"), &["-c:a", "wavpack"]);
    let speex = encoded(&original, &home.music("a.spx"), &["-c:a", "libspeex", "-ar", "16000"]);
    if !(wma && ac3 && wavpack && speex) {
        return;
    }
    let summary = home.scan();
    assert_eq!(complaint(&summary, "a.wma"), "Windows Media Audio is not supported");
    assert_eq!(complaint(&summary, "a.ac3"), "AC-3 is not supported");
    assert_eq!(summary["by_tags_only"], serde_json::json!({ "spx": 1, "wv": 1 }), "{summary}");
}

#[test]
fn a_cue_sheet_beside_an_album_is_no_song_and_does_no_harm() {
    let home = Home::new();
    tone(&home.music("album.wav"), 300.0);
    let sheet =
        "FILE \"album.wav\" WAVE\n  TRACK 01 AUDIO\n    INDEX 01 00:00:00\n  TRACK 02 AUDIO\n    INDEX 01 00:01:00\n";
    fs::write(home.music("album.cue"), sheet).unwrap();
    fs::write(home.music("broken.cue"), "FILE \"../../etc/passwd\"").unwrap();
    let summary = home.scan();
    assert_eq!(
        (&summary["found"], &summary["songs"], &summary["failed"]),
        (&1.into(), &1.into(), &serde_json::json!([]))
    );
}

#[test]
fn all_that_the_tags_say_is_kept() {
    let home = Home::new();
    let (wav, file) = (home.folder.path().join("x.wav"), home.music("x.flac"));
    tone(&wav, 300.0);
    if !encoded(&wav, &file, &[]) {
        return;
    }
    let recording = "526bd613-fddd-4bd6-9137-ab709ac74cab";
    let tags = [
        (ItemKey::Genre, "Rock"),
        (ItemKey::Mood, "Happy; 17"),
        (ItemKey::InitialKey, "F#m"),
        (ItemKey::ReplayGainTrackGain, "-7.25 dB"),
        (ItemKey::MusicBrainzRecordingId, recording),
        (ItemKey::MusicBrainzArtistId, recording),
        (ItemKey::MusicBrainzReleaseId, recording),
        (ItemKey::TrackNumber, "3"),
    ];
    write_tags(&file, &tags);
    home.scan();
    let card = home.library().card(&file.canonicalize().unwrap()).unwrap().unwrap();
    let id = Some(recording.to_owned());
    assert_eq!((&card.recording, &card.artist_id, &card.release), (&id, &id, &id));
    assert_eq!((card.key.as_deref(), card.replay_gain, card.track), (Some("f# minor"), Some(-7.25), Some(3)));
    assert_eq!((card.genre.as_str(), card.mood.as_str()), ("rock", "happy, 17"));
    assert!(card.valence.value > 0.5 && card.valence.certainty > Some(0.4), "{card:?}");
}

#[test]
fn tags_are_read_from_every_kind_of_file() {
    let home = Home::new();
    tone(&home.music("x.wav"), 300.0);
    for name in ["x.mp3", "x.flac", "x.m4a"] {
        encoded(&home.music("x.wav"), &home.music(name), &[]);
    }
    encoded(&home.music("x.wav"), &home.music("x.ogg"), &["-c:a", "libvorbis"]);
    encoded(&home.music("x.wav"), &home.music("x.opus"), &["-c:a", "libopus"]);
    let tags = [
        (ItemKey::TrackTitle, "Grüße"),
        (ItemKey::TrackArtist, "Ann Example"),
        (ItemKey::AlbumTitle, "First"),
        (ItemKey::Genre, "Dream Pop"),
    ];
    let files: Vec<_> = fs::read_dir(home.music("")).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.iter().for_each(|file| write_tags(file, &tags));
    home.scan();
    let songs = home.songs();
    assert_eq!(songs.len(), files.len());
    for song in songs {
        let read = (song.title.as_str(), song.artist.as_str(), song.album.as_str(), song.genre.as_str());
        assert_eq!(read, ("Grüße", "Ann Example", "First", "dream pop"), "{}", song.path.display());
    }
}

#[test]
fn the_tempo_of_a_tag_counts_more_than_what_was_heard() {
    let home = Home::new();
    let file = home.music("x.flac");
    let wav = home.folder.path().join("x.wav");
    tone(&wav, 300.0);
    if encoded(&wav, &file, &[]) {
        write_tags(&file, &[(ItemKey::Bpm, "97.5"), (ItemKey::Genre, "(17)")]);
        home.scan();
        let song = home.songs().remove(0);
        assert_eq!((song.tempo, song.genre.as_str()), (97.5, "rock"));
    }
}

#[test]
fn tempo_and_mood_are_found_where_each_kind_of_file_hides_them() {
    let home = Home::new();
    let wav = home.folder.path().join("x.wav");
    tone(&wav, 300.0);
    let beats = |name: &str| {
        encoded(
            &wav,
            &home.music(name),
            &["-metadata", "tmpo=97", "-metadata", "BPM=97", "-metadata", "genre=Rock/Soul;rock"],
        )
    };
    if !(beats("x.m4a") && beats("x.mp3")) {
        return;
    }
    let m4a = home.music("x.m4a");
    let mut file = lofty::mp4::Mp4File::read_from(&mut fs::File::open(&m4a).unwrap(), Default::default()).unwrap();
    let number = lofty::mp4::AtomData::SignedInteger(97);
    let tag = file.ilst_mut().unwrap();
    tag.replace_atom(lofty::mp4::Atom::new(lofty::mp4::AtomIdent::Fourcc(*b"tmpo"), number));
    file.save_to_path(&m4a, WriteOptions::default()).unwrap();
    let mp3 = home.music("x.mp3");
    let mut tag = lofty::id3::v2::Id3v2Tag::new();
    for (name, value) in [("mood", "Sad"), ("BPM", "97"), ("genre", "ignored")] {
        tag.insert_user_text(name.into(), value.into());
    }
    tag.save_to_path(&mp3, WriteOptions::new().use_id3v23(true)).unwrap();
    home.scan();
    let songs = home.songs();
    assert_eq!(songs.iter().map(|song| song.tempo).collect::<Vec<_>>(), [97.0, 97.0]);
    assert_eq!((songs[0].genre.as_str(), songs[1].mood.as_str()), ("rock, soul", "sad"));
}

#[test]
fn a_second_scan_changes_nothing_and_reads_nothing() {
    let home = Home::new();
    for k in 0..20 {
        tone(&home.music(format!("{k}.wav")), 200.0 + 30.0 * k as f32);
    }
    fs::write(home.music("broken.mp3"), "no music").unwrap();
    assert_eq!(home.scan()["read"], 21);
    let before = home.songs();
    let again = home.scan();
    assert_eq!(
        (&again["read"], &again["unchanged"], &again["failed_before"]),
        (&0.into(), &21.into(), &1.into()),
        "{again}"
    );
    assert!(again["seconds"].as_f64().unwrap() < 1.0, "{again}");
    assert_eq!(home.songs(), before);
}

#[test]
fn a_changed_file_is_read_again_and_a_broken_one_that_was_mended_too() {
    let home = Home::new();
    tone(&home.music("a.wav"), 300.0);
    fs::write(home.music("b.wav"), "").unwrap();
    assert_eq!(complaint(&home.scan(), "b.wav"), "it is empty");
    let before = home.songs().remove(0);
    write_wav(&home.music("a.wav"), 3.0, |t| 0.9 * (t * 54_321.0).sin() * (1.0 - (8.0 * t).fract()));
    tone(&home.music("b.wav"), 300.0);
    let summary = home.scan();
    assert_eq!((&summary["read"], &summary["failed_before"]), (&2.into(), &0.into()), "{summary}");
    let songs = home.songs();
    assert_eq!((songs.len(), songs[0].id), (2, before.id));
    assert!(songs[0].energy > before.energy + 0.1, "{} after {}", songs[0].energy, before.energy);
}

#[test]
fn songs_of_an_older_analysis_are_read_again_and_keep_their_corrections() {
    let home = Home::new();
    tone(&home.music("a.wav"), 300.0);
    tone(&home.music("b.wav"), 400.0);
    home.scan();
    let before = home.songs();
    let word = Correction { valence: Some(0.9), energy: None, tempo: None };
    home.library().correct(&before[0].path, word, Timestamp::now()).unwrap();
    let file = home.folder.path().join("data/moodring/library.db");
    let older = "UPDATE songs SET analysis = 4, valence = 0.1, energy = 0.9";
    rusqlite::Connection::open(file).unwrap().execute_batch(older).unwrap();
    let summary = home.scan();
    assert_eq!((&summary["read"], &summary["unchanged"]), (&2.into(), &0.into()), "{summary}");
    let songs = home.songs();
    assert_eq!((songs[0].id, songs[0].valence, songs[0].energy), (before[0].id, 0.9, before[0].energy));
    assert_eq!((songs[1].valence, songs[1].energy), (before[1].valence, before[1].energy));
}

#[test]
fn a_removed_song_is_gone_and_known_when_it_comes_back() {
    let home = Home::new();
    tone(&home.music("a.wav"), 300.0);
    tone(&home.music("b.wav"), 400.0);
    home.scan();
    let away = home.folder.path().join("away.wav");
    fs::rename(home.music("a.wav"), &away).unwrap();
    assert_eq!(home.scan()["vanished"], 1);
    assert_eq!(home.songs().len(), 1);
    assert_eq!(home.scan()["vanished"], 0);
    fs::rename(&away, home.music("a.wav")).unwrap();
    let summary = home.scan();
    assert_eq!((&summary["returned"], &summary["read"]), (&1.into(), &0.into()), "{summary}");
    assert_eq!(home.songs().len(), 2);
}

#[test]
fn a_moved_song_keeps_its_likes_without_being_heard_again() {
    let home = Home::new();
    tone(&home.music("a.wav"), 300.0);
    tone(&home.music("b.wav"), 300.0);
    home.scan();
    let like = Record::Opinion { path: home.songs()[0].path.clone(), opinion: Opinion::Like };
    home.library().remember(&like, Timestamp::now()).unwrap();
    fs::rename(home.music("a.wav"), home.music("new folder/c.wav")).unwrap();
    let summary = home.scan();
    assert_eq!(
        (&summary["moved"], &summary["read"], &summary["vanished"]),
        (&1.into(), &0.into(), &0.into()),
        "{summary}"
    );
    let songs = home.songs();
    assert_eq!(songs.len(), 2);
    assert!(songs[1].path.ends_with("new folder/c.wav"));
    assert_eq!((songs[0].evidence.opinion, songs[1].evidence.opinion), (Opinion::None, Opinion::Like));
}

#[test]
fn a_song_that_was_moved_and_tagged_anew_is_found_again_by_its_sound() {
    let home = Home::new();
    let wav = home.folder.path().join("x.wav");
    // Longer than the stretch that is heard, so that it must be found from its middle too.
    write_wav(&wav, 150.0, |t| 0.5 * (t * 2_000.0 + 30.0 * (0.3 * t).sin()).sin());
    let kinds: [(&str, &[&str]); 4] =
        [("mp3", &[]), ("flac", &[]), ("ogg", &["-c:a", "libvorbis"]), ("opus", &["-c:a", "libopus"])];
    let kinds: Vec<_> = kinds
        .iter()
        .filter(|(kind, options)| encoded(&wav, &home.music(format!("old.{kind}")), options))
        .map(|(kind, _)| *kind)
        .collect();
    home.scan();
    for song in home.songs() {
        let like = Record::Opinion { path: song.path, opinion: Opinion::Like };
        home.library().remember(&like, Timestamp::now()).unwrap();
    }
    for kind in &kinds {
        let new = home.music(format!("sorted/new name.{kind}"));
        // A copy has another date, and other tags another size.
        fs::copy(home.music(format!("old.{kind}")), &new).unwrap();
        fs::remove_file(home.music(format!("old.{kind}"))).unwrap();
        write_tags(&new, &[(ItemKey::TrackTitle, "A title that is longer than what there was before")]);
    }
    let summary = home.scan();
    let expected = serde_json::json!(kinds.len());
    assert_eq!(
        (&summary["moved"], &summary["vanished"], &summary["songs"]),
        (&expected, &0.into(), &expected),
        "{summary}"
    );
    let kept = |song: &Song| song.evidence.opinion == Opinion::Like && song.title.starts_with("A title that");
    assert!(home.songs().iter().all(kept), "{:?}", home.songs());
}

#[test]
fn a_copy_beside_the_original_is_a_song_of_its_own() {
    let home = Home::new();
    tone(&home.music("a.wav"), 300.0);
    home.scan();
    let like = Record::Opinion { path: home.songs()[0].path.clone(), opinion: Opinion::Like };
    home.library().remember(&like, Timestamp::now()).unwrap();
    fs::copy(home.music("a.wav"), home.music("b.wav")).unwrap();
    let summary = home.scan();
    assert_eq!((&summary["moved"], &summary["songs"]), (&0.into(), &2.into()), "{summary}");
    let opinions: Vec<_> = home.songs().iter().map(|song| song.evidence.opinion).collect();
    assert_eq!(opinions, [Opinion::Like, Opinion::None]);
}

/// Runs a scan in a mount namespace of its own, with another disk at a folder.
fn with_disk(home: &Home, folder: &Path, work: &str) -> Option<Value> {
    let music = home.music("");
    let script = format!("mount -t tmpfs none '{}' && {work} && exec \"$@\"", folder.display());
    let scan = home.command(&["--json", music.to_str().unwrap()]);
    let mut command = Command::new("unshare");
    command.args(["--user", "--map-root-user", "--mount", "sh", "-c", &script, "sh"]);
    command.arg(scan.get_program()).args(scan.get_args());
    command.envs(scan.get_envs().filter_map(|(name, value)| Some((name, value?))));
    let output = command.output().ok()?;
    if !output.status.success() {
        eprintln!("skipped: no disk can be mounted here: {}", String::from_utf8_lossy(&output.stderr));
        return None;
    }
    serde_json::from_slice(&output.stdout).ok()
}

#[test]
fn more_threads_than_a_machine_can_have_are_refused() {
    let home = Home::new();
    tone(&home.music("a.wav"), 300.0);
    for (threads, code) in [("100000", 2), ("0", 2), ("256", 0)] {
        assert_eq!(home.run(&["--threads", threads]).status.code(), Some(code), "{threads}");
    }
}

/// A song that waits to be scanned, and the folder whose lock says whose turn it is.
fn home_and_its_lock() -> (Home, fs::File) {
    let home = Home::new();
    tone(&home.music("a.wav"), 300.0);
    drop(home.library());
    let folder = fs::File::open(home.folder.path().join("data/moodring")).unwrap();
    (home, folder)
}

#[test]
fn the_agents_scan_waits_for_the_owners() {
    let (home, owners) = home_and_its_lock();
    owners.lock_shared().unwrap();
    let mut scan = home.command(&["--give-way", "600", home.music("").to_str().unwrap()]).spawn().unwrap();
    until_locks_show("-> FLOCK", &scan);
    assert_eq!(home.songs().len(), 0);
    assert_eq!(home.scan()["songs"], 1, "whoever asks for a scan need not wait");
    drop(owners);
    assert!(scan.wait().unwrap().success());
}

/// The kernel's list marks who waits for a lock with an arrow.
fn until_locks_show(what: &str, scan: &Child) {
    let deadline = Instant::now() + Duration::from_secs(30);
    let shows = |line: &str| line.contains(what) && line.contains(&format!(" {} ", scan.id()));
    while !fs::read_to_string("/proc/locks").unwrap().lines().any(shows) {
        assert!(Instant::now() < deadline, "no {what} of the scan");
        std::thread::yield_now();
    }
}

#[test]
fn a_scan_that_was_stopped_for_good_does_not_keep_the_agent_from_scanning() {
    let (home, owners) = home_and_its_lock();
    owners.lock_shared().unwrap();
    let mut scan = home.command(&["--give-way", "1", home.music("").to_str().unwrap()]).spawn().unwrap();
    assert!(ends(&mut scan), "it waits for ever");
    assert_eq!(home.songs().len(), 1);
}

fn ends(scan: &mut Child) -> bool {
    let process = pidfd_open(Pid::from_child(scan), PidfdFlags::empty()).unwrap();
    let limit = Timespec { tv_sec: 60, tv_nsec: 0 };
    let ended = poll(&mut [PollFd::new(&process, PollFlags::IN)], Some(&limit)).unwrap() == 1;
    if !ended {
        scan.kill().unwrap();
    }
    scan.wait().unwrap().success() && ended
}

#[test]
fn a_scan_begun_during_the_agents_is_waited_for_by_the_next() {
    let (home, agents) = home_and_its_lock();
    agents.lock().unwrap();
    // While another writes, the scan cannot come to its end.
    let writer = rusqlite::Connection::open(home.folder.path().join("data/moodring/library.db")).unwrap();
    writer.execute_batch("BEGIN IMMEDIATE").unwrap();
    let mut scan = home.command(&[home.music("").to_str().unwrap()]).spawn().unwrap();
    until_locks_show("-> FLOCK", &scan);
    drop(agents);
    until_locks_show(": FLOCK", &scan);
    writer.execute_batch("COMMIT").unwrap();
    assert!(ends(&mut scan));
    assert_eq!(home.songs().len(), 1);
}

#[test]
fn a_library_that_outgrows_its_disk_ends_the_scan_and_says_so() {
    let home = Home::new();
    (0..300).for_each(|k| write_wav(&home.music(format!("{k}.wav")), 0.6, |t| (t * (600.0 + k as f32)).sin()));
    let (music, data) = (home.music(""), home.folder.path().join("data"));
    fs::create_dir(&data).unwrap();
    let scan = home.command(&[music.to_str().unwrap()]);
    let script = format!("mount -t tmpfs -o size=400k none '{}' || exit 77; exec timeout 60 \"$@\"", data.display());
    let mut command = Command::new("unshare");
    command.args(["--user", "--map-root-user", "--mount", "sh", "-c", &script, "sh"]).arg(scan.get_program());
    command.args(scan.get_args()).envs(scan.get_envs().filter_map(|(name, value)| Some((name, value?))));
    let output = command.output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    if output.status.code() == Some(77) || said.contains("unshare") {
        eprintln!("skipped: no disk can be mounted here: {said}");
        return;
    }
    assert_eq!(output.status.code(), Some(1), "124: it hung; {said}");
    assert!(said.contains("the disk is full") && said.contains("hint: make room"), "{said}");
}

#[test]
fn songs_of_a_disk_that_is_not_mounted_are_kept_and_deleted_ones_are_not() {
    let home = Home::new();
    let disk = home.music("disk/x").parent().unwrap().to_owned();
    for name in ["here.wav", "spare/a.wav", "spare/b.wav"] {
        tone(&home.music(name), if name.contains('b') { 500.0 } else { 300.0 });
    }
    let spare = home.folder.path().join("spare");
    fs::rename(home.music("spare"), &spare).unwrap();
    let fill = format!("cp '{0}/a.wav' '{0}/b.wav' '{1}'", spare.display(), disk.display());
    let Some(full) = with_disk(&home, &disk, &fill) else { return };
    assert_eq!(full["songs"], 3, "{full}");
    let away = home.scan();
    assert_eq!((&away["vanished"], &away["songs"]), (&0.into(), &3.into()), "{away}");
    let note = away["notes"][0].as_str().unwrap();
    assert!(note.contains("disk") && note.contains("its 2 songs are kept"), "{note}");
    assert_eq!(home.songs().len(), 1, "what no player could open is not chosen");
    let less = format!("cp -p '{0}/a.wav' '{1}'", spare.display(), disk.display());
    let back = with_disk(&home, &disk, &less).unwrap();
    assert_eq!((&back["vanished"], &back["songs"]), (&1.into(), &2.into()), "{back}");
}

#[test]
fn a_link_to_a_disk_that_is_away_keeps_its_songs_and_a_link_that_was_removed_does_not() {
    let home = Home::new();
    // Shared memory is a disk of its own everywhere.
    let Ok(disk) = tempfile::tempdir_in("/dev/shm") else {
        eprintln!("skipped: there is no /dev/shm");
        return;
    };
    tone(&home.music("here.wav"), 300.0);
    tone(&disk.path().join("there.wav"), 500.0);
    symlink(disk.path(), home.music("disk")).unwrap();
    assert_eq!(home.scan()["songs"], 2);
    let hidden = disk.path().with_extension("away");
    fs::rename(disk.path(), &hidden).unwrap();
    let away = home.scan();
    assert_eq!((&away["vanished"], &away["songs"]), (&0.into(), &2.into()), "{away}");
    fs::rename(&hidden, disk.path()).unwrap();
    let back = home.scan();
    assert_eq!((&back["unchanged"], &back["songs"]), (&2.into(), &2.into()), "{back}");
    fs::remove_file(home.music("disk")).unwrap();
    assert_eq!(home.scan()["vanished"], 1);
}

#[test]
fn an_empty_folder_is_taken_for_a_disk_that_is_not_mounted() {
    let home = Home::new();
    tone(&home.music("disk/a.wav"), 300.0);
    home.scan();
    fs::remove_file(home.music("disk/a.wav")).unwrap();
    let summary = home.scan();
    assert_eq!(summary["vanished"], 0);
    assert!(summary["notes"][0].as_str().unwrap().contains("not mounted"), "{summary}");
    assert_eq!(home.songs().len(), 1);
}

#[test]
fn only_the_folders_that_were_read_can_lose_songs() {
    let home = Home::new();
    tone(&home.music("a/a.wav"), 300.0);
    tone(&home.music("b/b.wav"), 300.0);
    home.scan();
    fs::remove_file(home.music("a/a.wav")).unwrap();
    home.run(&[home.music("b").to_str().unwrap()]);
    assert_eq!(home.songs().len(), 2);
}

#[test]
fn bad_files_cost_one_line_each_and_end_nothing() {
    let home = Home::new();
    tone(&home.music("good.wav"), 300.0);
    fs::write(home.music("empty.mp3"), "").unwrap();
    fs::write(home.music("text.mp3"), "Not music, but a letter.\n".repeat(500)).unwrap();
    fs::write(home.music("picture.flac"), [b"\x89PNG\r\n\x1a\n".as_slice(), &[7; 5000]].concat()).unwrap();
    fs::write(home.music("cut.ogg"), b"OggS\0\x02").unwrap();
    fs::write(home.music("old.wma"), [0x30; 4000]).unwrap();
    let mut wav = fs::read(home.music("good.wav")).unwrap();
    wav.truncate(50);
    fs::write(home.music("headless.wav"), &wav).unwrap();
    // So many channels make the decoder panic where arithmetic is checked.
    let mut wav = fs::read(home.music("good.wav")).unwrap();
    wav[22..24].copy_from_slice(&u16::MAX.to_le_bytes());
    fs::write(home.music("channels.wav"), &wav).unwrap();
    let output = home.run(&[home.music("").to_str().unwrap()]);
    let lines = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{lines}");
    let bad = ["empty.mp3", "text.mp3", "picture.flac", "cut.ogg", "old.wma", "headless.wav", "channels.wav"];
    for name in bad {
        assert_eq!(lines.lines().filter(|line| line.contains(name)).count(), 1, "{name} in {lines}");
    }
    assert_eq!(lines.lines().count(), bad.len(), "{lines}");
    assert!(String::from_utf8(output.stdout).unwrap().contains("1 read, 0 unchanged, 0 moved, 7 skipped"));
    assert_eq!(home.scan()["failed_before"], bad.len());
}

/// Copies of a file with bytes changed here and there, the same ones every time.
fn damaged(original: &[u8], copies: u64) -> Vec<Vec<u8>> {
    let damage = |copy: u64| {
        let mut state = copy.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
        let mut next = || {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            state as usize
        };
        let mut bytes = original.to_vec();
        for _ in 0..(1 << (copy % 8)) {
            // Every other wound is among the headers.
            let reach = if next() % 2 == 0 { bytes.len().min(200) } else { bytes.len() };
            let place = next() % reach;
            bytes[place] = next() as u8;
        }
        bytes
    };
    (0..copies).map(damage).collect()
}

#[test]
fn damaged_music_of_every_kind_ends_no_scan() {
    let home = Home::new();
    let wav = home.folder.path().join("x.wav");
    write_wav(&wav, 1.5, |t| 0.5 * (t * 3_000.0 + 40.0 * (7.0 * t).sin()).sin());
    let kinds = ["mp3", "flac", "ogg", "m4a", "aiff", "opus", "wma"];
    let mut originals = vec![wav.clone()];
    originals.extend(kinds.map(|kind| home.folder.path().join("x").with_extension(kind)));
    originals.retain(|original| original == &wav || encoded(&wav, original, &[]));
    let mut count = 0;
    for original in &originals {
        for (k, bytes) in damaged(&fs::read(original).unwrap(), 60).iter().enumerate() {
            let kind = original.extension().unwrap().to_str().unwrap();
            fs::write(home.music(format!("{k}.{kind}")), bytes).unwrap();
            count += 1;
        }
    }
    let summary = home.scan();
    assert_eq!((&summary["found"], &summary["read"]), (&count.into(), &count.into()), "{summary}");
    let numbers = |song: &Song| [song.valence, song.energy, song.certainty].iter().all(|x| (0.0..=1.0).contains(x));
    assert!(home.songs().iter().all(numbers));
}

#[test]
fn the_content_tells_what_a_file_is_and_not_its_name() {
    let home = Home::new();
    tone(&home.music("really a wave.mp3"), 300.0);
    tone(&home.music("no ending"), 300.0);
    fs::write(home.music("cover.jpg"), "a picture").unwrap();
    fs::write(home.music("notes.txt"), "RIFF is a word too").unwrap();
    let summary = home.scan();
    assert_eq!((&summary["found"], &summary["failed"]), (&2.into(), &serde_json::json!([])), "{summary}");
    assert_eq!(home.songs().len(), 2);
}

#[test]
fn a_file_that_claims_to_be_huge_and_a_file_that_is_are_no_burden() {
    let home = Home::new();
    tone(&home.music("claims.wav"), 300.0);
    let mut wav = fs::read(home.music("claims.wav")).unwrap();
    wav[4..8].copy_from_slice(&u32::MAX.to_le_bytes());
    wav[40..44].copy_from_slice(&(u32::MAX - 36).to_le_bytes());
    fs::write(home.music("claims.wav"), wav).unwrap();
    // Sparse: two gigabytes that take no room.
    let huge = fs::File::create(home.music("huge.mp3")).unwrap();
    huge.set_len(2 << 30).unwrap();
    let started = Instant::now();
    let summary = home.scan();
    assert!(started.elapsed() < Duration::from_secs(20));
    assert_eq!(complaint(&summary, "huge.mp3"), "it is too large to be read");
    let song = home.songs().remove(0);
    assert!((song.seconds - 2.0).abs() < 0.1, "{}", song.seconds);
}

#[test]
fn links_are_followed_once_and_round_no_loop() {
    let home = Home::new();
    tone(&home.music("album/a.wav"), 300.0);
    symlink(home.music(""), home.music("album/loop")).unwrap();
    symlink(home.music("album"), home.music("zweitens")).unwrap();
    symlink("nowhere.wav", home.music("dead.wav")).unwrap();
    let summary = home.scan();
    assert_eq!((&summary["found"], &summary["notes"]), (&1.into(), &serde_json::json!([])), "{summary}");
    let elsewhere = home.folder.path().join("elsewhere");
    fs::create_dir(&elsewhere).unwrap();
    tone(&elsewhere.join("b.wav"), 300.0);
    symlink(&elsewhere, home.music("more")).unwrap();
    assert_eq!(home.scan()["songs"], 2);
}

#[test]
fn a_path_may_hold_newlines_and_bytes_that_are_no_text() {
    let home = Home::new();
    let odd = OsString::from_vec(b"two\nlines \xff\xfe.wav".to_vec());
    tone(&home.music(&odd), 300.0);
    fs::write(home.music(OsString::from_vec(b"bad\n\x1b[31m\xff.mp3".to_vec())), "").unwrap();
    let output = home.run(&[home.music("").to_str().unwrap()]);
    let lines = String::from_utf8(output.stderr).unwrap();
    assert!(lines.lines().count() == 1 && !lines.contains('\x1b'), "{lines:?}");
    assert_eq!(home.songs()[0].path, home.music(&odd).canonicalize().unwrap());
    assert_eq!(home.scan()["unchanged"], 2);
}

#[test]
fn without_folders_the_music_folder_is_read_and_none_at_all_is_an_error() {
    let home = Home::new();
    tone(&home.music("a.wav"), 300.0);
    assert!(home.run(&[]).status.success());
    assert_eq!(home.songs().len(), 1);
    let output = home.run(&["/nowhere/at/all"]);
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(said.contains("/nowhere/at/all") && said.contains("hint:"), "{said}");
}

#[test]
fn a_scan_killed_again_and_again_goes_on_where_it_was() {
    let home = Home::new();
    let total = 400;
    for k in 0..total {
        write_wav(&home.music(format!("{k}.wav")), 1.0 + k as f32 / 200.0, |t| {
            0.5 * (t * 2_000.0 + k as f32 * t * t).sin()
        });
    }
    let (mut kept, mut kills) = (0, 0);
    // At its very beginning, in the first batch, and so on.
    for songs in [0, 1, 40, 100, 200, 330] {
        kills += u32::from(killed_after(&home, songs));
        let now = home.library().counts().unwrap().songs;
        assert!(now >= kept && now >= songs, "{now} after {kept}");
        kept = now;
    }
    assert!(kills >= 4 && kept < total, "it was too quick to be killed");
    let summary = home.scan();
    assert_eq!(summary["unchanged"], kept, "{summary}");
    let resumed = home.songs();
    fs::remove_dir_all(home.folder.path().join("data")).unwrap();
    home.scan();
    let fresh = home.songs();
    assert_eq!(resumed.len() as u64, total);
    for (resumed, fresh) in resumed.into_iter().zip(fresh) {
        assert_eq!(Song { id: 0, ..resumed }, Song { id: 0, ..fresh });
    }
}

/// Kills a scan as soon as the library holds so many songs; whether it still ran then.
fn killed_after(home: &Home, songs: u64) -> bool {
    let music = home.music("");
    let mut scan = home.command(&["--threads", "1", music.to_str().unwrap()]).stderr(Stdio::null()).spawn().unwrap();
    let deadline = Instant::now() + Duration::from_secs(60);
    while home.library().counts().unwrap().songs < songs {
        assert!(Instant::now() < deadline, "the scan writes nothing");
        std::thread::yield_now();
    }
    let ran = scan.try_wait().unwrap().is_none();
    scan.kill().unwrap();
    scan.wait().unwrap();
    ran
}
