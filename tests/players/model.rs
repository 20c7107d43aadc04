//! A player that keeps the MPRIS specification exactly, in a process of its own: this test program, started again.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use moodring_core::domain::address;
use moodring_tags::tags;
use mpris_server::zbus::{self, fdo};
use mpris_server::{
    LoopStatus, Metadata, PlaybackRate, PlaybackStatus, PlayerInterface, Property, RootInterface, Server, Signal, Time,
    TrackId, TrackListInterface, Uri, Volume,
};

/// Names the songs of a model in the process that plays them, with whether it has a track list first.
const SONGS: &str = "MOODRING_TEST_MODEL";

/// A running model; it ends when this is dropped.
pub struct Model(Child);

impl Model {
    pub fn start(bus: &str, listed: bool, songs: &[PathBuf]) -> Self {
        let words: Vec<String> = songs.iter().map(|song| song.display().to_string()).collect();
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args(["--ignored", "--exact", "model::a_model_player_plays"]);
        command.env("DBUS_SESSION_BUS_ADDRESS", bus).env(SONGS, format!("{listed}\n{}", words.join("\n")));
        command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        Self(command.spawn().unwrap())
    }

    /// The user jumps ahead in the current song.
    pub fn seek(&self, bus: &zbus::blocking::Connection, ahead: Duration) {
        let place = ("org.mpris.MediaPlayer2.model", "/org/mpris/MediaPlayer2", "org.mpris.MediaPlayer2.Player");
        bus.call_method(Some(place.0), place.1, Some(place.2), "Seek", &(ahead.as_micros() as i64,)).unwrap();
    }

    /// The user adds a song at the end of the list.
    pub fn add(&mut self, song: &Path) {
        writeln!(self.0.stdin.as_mut().unwrap(), "{}", song.display()).unwrap();
    }
}

impl Drop for Model {
    fn drop(&mut self) {
        self.0.kill().and_then(|()| self.0.wait()).unwrap();
    }
}

#[test]
#[ignore = "the player itself, which other tests start"]
fn a_model_player_plays() {
    let Ok(words) = std::env::var(SONGS) else { return };
    let mut lines = words.lines();
    let listed = lines.next() == Some("true");
    let mut list = List { listed, ..List::default() };
    for song in lines {
        list.add(Path::new(song), list.songs.len());
    }
    list.play(Some(0));
    let list = Arc::new(Mutex::new(list));
    let player = Player(list.clone());
    std::thread::spawn(move || {
        for song in std::io::stdin().lines() {
            let mut list = list.lock().unwrap();
            let end = list.songs.len();
            list.add(Path::new(&song.unwrap()), end);
        }
    });
    zbus::block_on(async {
        if listed {
            let server = Server::new_with_track_list("model", player).await.unwrap();
            play(&server).await;
        } else {
            let server = Server::new("model", player).await.unwrap();
            play(&server).await;
        }
    });
}

/// One song after the other, until the process is ended.
async fn play(server: &Server<Player>) {
    loop {
        std::thread::sleep(Duration::from_millis(20));
        let jump = server.imp().0.lock().unwrap().jump.as_mut().and_then(|jump| jump.untold.take());
        if let Some(to) = jump {
            server.emit(Signal::Seeked { position: time(to) }).await.unwrap();
        }
        let changed = server.imp().0.lock().unwrap().go_on();
        if changed {
            let list = server.imp().0.lock().unwrap().clone();
            let changed = [
                Property::Metadata(list.metadata()),
                Property::PlaybackStatus(list.status()),
                Property::CanGoNext(list.follows()),
            ];
            server.properties_changed(changed).await.unwrap();
        }
    }
}

#[derive(Clone, Default)]
struct List {
    listed: bool,
    songs: Vec<(TrackId, PathBuf, Duration)>,
    current: Option<usize>,
    since: Option<Instant>,
    made: usize,
    changed: bool,
    jump: Option<Jump>,
}

/// A jump in the current song, which for a moment is reported, and does not show in the position.
#[derive(Clone)]
struct Jump {
    from: Duration,
    at: Instant,
    untold: Option<Duration>,
}

/// How long a jump does not test, as in Strawberry.
const DELAY: Duration = Duration::from_millis(300);

fn time(span: Duration) -> Time {
    Time::from_micros(span.as_micros() as i64)
}

impl List {
    fn add(&mut self, song: &Path, at: usize) {
        self.made += 1;
        let id = TrackId::try_from(format!("/model/{}", self.made)).unwrap();
        let length = Duration::from_secs_f32(tags::read(song).seconds.unwrap());
        self.songs.insert(at, (id, song.to_owned(), length));
        self.changed = true;
    }

    fn play(&mut self, at: Option<usize>) {
        (self.current, self.since, self.changed) = (at, Some(Instant::now()), true);
    }

    fn position(&self) -> Duration {
        self.since.filter(|_| self.current.is_some()).map_or(Duration::ZERO, |since| since.elapsed())
    }

    fn follows(&self) -> bool {
        self.current.is_some_and(|at| at + 1 < self.songs.len())
    }

    fn status(&self) -> PlaybackStatus {
        if self.current.is_some() { PlaybackStatus::Playing } else { PlaybackStatus::Stopped }
    }

    /// Whether something has changed.
    fn go_on(&mut self) -> bool {
        if let Some(at) = self.current.filter(|at| self.position() >= self.songs[*at].2) {
            self.play(Some(at + 1).filter(|next| *next < self.songs.len()));
        }
        std::mem::take(&mut self.changed)
    }

    fn metadata(&self) -> Metadata {
        self.current.map_or_else(Metadata::new, |at| self.about(at))
    }

    fn about(&self, at: usize) -> Metadata {
        let (id, path, length) = &self.songs[at];
        let (tags, length) = (tags::read(path), time(*length));
        let about = Metadata::builder().trackid(id.clone()).title(tags.title).artist([tags.artist]);
        about.album(tags.album).length(length).url(address::to_file_uri(path)).build()
    }

    fn place(&self, id: &TrackId) -> Option<usize> {
        self.songs.iter().position(|(other, ..)| other == id)
    }
}

struct Player(Arc<Mutex<List>>);

impl Player {
    fn list(&self) -> std::sync::MutexGuard<'_, List> {
        self.0.lock().unwrap()
    }
}

impl RootInterface for Player {
    async fn raise(&self) -> fdo::Result<()> {
        Ok(())
    }
    async fn quit(&self) -> fdo::Result<()> {
        Ok(())
    }
    async fn can_quit(&self) -> fdo::Result<bool> {
        Ok(false)
    }
    async fn fullscreen(&self) -> fdo::Result<bool> {
        Ok(false)
    }
    async fn set_fullscreen(&self, _fullscreen: bool) -> zbus::Result<()> {
        Ok(())
    }
    async fn can_set_fullscreen(&self) -> fdo::Result<bool> {
        Ok(false)
    }
    async fn can_raise(&self) -> fdo::Result<bool> {
        Ok(false)
    }
    async fn has_track_list(&self) -> fdo::Result<bool> {
        Ok(self.list().listed)
    }
    async fn identity(&self) -> fdo::Result<String> {
        Ok("Model".into())
    }
    async fn desktop_entry(&self) -> fdo::Result<String> {
        Ok("model".into())
    }
    async fn supported_uri_schemes(&self) -> fdo::Result<Vec<String>> {
        Ok(vec!["file".into()])
    }
    async fn supported_mime_types(&self) -> fdo::Result<Vec<String>> {
        Ok(vec!["audio/flac".into()])
    }
}

impl PlayerInterface for Player {
    async fn next(&self) -> fdo::Result<()> {
        let mut list = self.list();
        let next = list.current.map(|at| at + 1).filter(|next| *next < list.songs.len());
        list.play(next);
        Ok(())
    }
    async fn previous(&self) -> fdo::Result<()> {
        Ok(())
    }
    async fn pause(&self) -> fdo::Result<()> {
        Ok(())
    }
    async fn play_pause(&self) -> fdo::Result<()> {
        Ok(())
    }
    async fn stop(&self) -> fdo::Result<()> {
        self.list().play(None);
        Ok(())
    }
    async fn play(&self) -> fdo::Result<()> {
        Ok(())
    }
    async fn seek(&self, offset: Time) -> fdo::Result<()> {
        let mut list = self.list();
        let (from, ahead) = (list.position(), Duration::from_micros(offset.as_micros() as u64));
        list.since = list.since.map(|since| since - ahead);
        list.jump = Some(Jump { from, at: Instant::now(), untold: Some(from + ahead) });
        Ok(())
    }
    async fn set_position(&self, _id: TrackId, _position: Time) -> fdo::Result<()> {
        Ok(())
    }
    async fn open_uri(&self, uri: String) -> fdo::Result<()> {
        let song = address::parse_file_path(&uri).ok_or_else(|| fdo::Error::InvalidArgs(uri))?;
        let mut list = self.list();
        let end = list.songs.len();
        list.add(&song, end);
        list.play(Some(end));
        Ok(())
    }
    async fn playback_status(&self) -> fdo::Result<PlaybackStatus> {
        Ok(self.list().status())
    }
    async fn loop_status(&self) -> fdo::Result<LoopStatus> {
        Ok(LoopStatus::None)
    }
    async fn set_loop_status(&self, _status: LoopStatus) -> zbus::Result<()> {
        Ok(())
    }
    async fn rate(&self) -> fdo::Result<PlaybackRate> {
        Ok(1.0)
    }
    async fn set_rate(&self, _rate: PlaybackRate) -> zbus::Result<()> {
        Ok(())
    }
    async fn shuffle(&self) -> fdo::Result<bool> {
        Ok(false)
    }
    async fn set_shuffle(&self, _shuffle: bool) -> zbus::Result<()> {
        Ok(())
    }
    async fn metadata(&self) -> fdo::Result<Metadata> {
        Ok(self.list().metadata())
    }
    async fn volume(&self) -> fdo::Result<Volume> {
        Ok(1.0)
    }
    async fn set_volume(&self, _volume: Volume) -> zbus::Result<()> {
        Ok(())
    }
    async fn position(&self) -> fdo::Result<Time> {
        let list = self.list();
        let before = list.jump.as_ref().filter(|jump| jump.at.elapsed() < DELAY).map(|jump| jump.from);
        Ok(time(before.unwrap_or_else(|| list.position())))
    }
    async fn minimum_rate(&self) -> fdo::Result<PlaybackRate> {
        Ok(1.0)
    }
    async fn maximum_rate(&self) -> fdo::Result<PlaybackRate> {
        Ok(1.0)
    }
    async fn can_go_next(&self) -> fdo::Result<bool> {
        Ok(self.list().follows())
    }
    async fn can_go_previous(&self) -> fdo::Result<bool> {
        Ok(false)
    }
    async fn can_play(&self) -> fdo::Result<bool> {
        Ok(true)
    }
    async fn can_pause(&self) -> fdo::Result<bool> {
        Ok(true)
    }
    async fn can_seek(&self) -> fdo::Result<bool> {
        Ok(false)
    }
    async fn can_control(&self) -> fdo::Result<bool> {
        Ok(true)
    }
}

impl TrackListInterface for Player {
    async fn get_tracks_metadata(&self, ids: Vec<TrackId>) -> fdo::Result<Vec<Metadata>> {
        let list = self.list();
        Ok(ids.iter().filter_map(|id| list.place(id)).map(|at| list.about(at)).collect())
    }
    async fn add_track(&self, uri: Uri, after: TrackId, play: bool) -> fdo::Result<()> {
        let song = address::parse_file_path(&uri).ok_or_else(|| fdo::Error::InvalidArgs(uri))?;
        let mut list = self.list();
        let at = list.place(&after).map_or(0, |at| at + 1);
        list.add(&song, at);
        if play {
            list.play(Some(at));
        }
        Ok(())
    }
    async fn remove_track(&self, id: TrackId) -> fdo::Result<()> {
        let mut list = self.list();
        if let Some(at) = list.place(&id).filter(|at| Some(*at) != list.current) {
            list.songs.remove(at);
            list.current = list.current.map(|now| if at < now { now - 1 } else { now });
            list.changed = true;
        }
        Ok(())
    }
    async fn go_to(&self, id: TrackId) -> fdo::Result<()> {
        let mut list = self.list();
        let place = list.place(&id);
        list.play(place);
        Ok(())
    }
    async fn tracks(&self) -> fdo::Result<Vec<TrackId>> {
        Ok(self.list().songs.iter().map(|(id, ..)| id.clone()).collect())
    }
    async fn can_edit_tracks(&self) -> fdo::Result<bool> {
        Ok(true)
    }
}
