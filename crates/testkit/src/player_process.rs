//! Real players on the private desktop, and the lists they report.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};

use crate::desktop::{Desktop, wait_until};
use crate::launch::{self, utf8_names};
use moodring_core::domain::address;
use moodring_core::domain::playback::PlaybackStatus;
use moodring_players::adapters::mpd::Mpd;
use moodring_players::adapters::mpd::wire::{Endpoint, Wire, number, value};
use moodring_players::manager::player_set;
use moodring_players::mpris::bus::{self, BusAddress, PREFIX, PlayerPeer};
use moodring_players::mpris::metadata;
use moodring_players::player::Player;
use moodring_players::process::LocalProcess;

/// How long a player may take to start playing. A second Play before that may start it twice.
const PLAY_RETRY: Duration = Duration::from_secs(3);

/// A song counts as playing after this position: Clementine sometimes reports Playing and stays in its first millisecond.
const MIN_PLAYED: Duration = Duration::from_millis(100);

/// The players that a [`Desktop`] can start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PlayerKind {
    Vlc,
    Mpd,
    Audacious,
    /// Its list is its library: the songs must be all in one folder, and it plays them by artist, album and title.
    Rhythmbox,
    /// Its list is its library as well.
    QuodLibet,
    Strawberry,
    Clementine,
    /// With its network remote.
    ClementineRemote,
    Celluloid,
    /// With a control socket.
    CelluloidSocket,
    /// With a control socket.
    Mpv,
    /// Without one; it stays when its list has ended.
    MpvAlone,
    Cmus,
}

impl PlayerKind {
    /// The name on the bus; MPD has none.
    pub fn bus_name(self) -> Option<String> {
        let short = match self {
            Self::Vlc => "vlc",
            Self::Audacious => "audacious",
            Self::Rhythmbox => "rhythmbox",
            Self::QuodLibet => "quodlibet",
            Self::Strawberry => "strawberry",
            Self::Clementine | Self::ClementineRemote => "clementine",
            Self::Celluloid | Self::CelluloidSocket => "io.github.celluloid_player.Celluloid",
            Self::Mpv | Self::MpvAlone => "mpv",
            Self::Cmus => "cmus",
            Self::Mpd => return None,
        };
        Some(format!("{PREFIX}{short}"))
    }
}

/// A running player. It ends with its desktop.
#[derive(Debug)]
pub struct PlayerProcess {
    pub kind: PlayerKind,
    pub pid: u32,
    bus: BusAddress,
    pub(super) folder: PathBuf,
    /// Port of MPD on 127.0.0.1, or of Clementine's network remote.
    pub port: u16,
}

impl PlayerProcess {
    pub(super) fn start(desktop: &mut Desktop, kind: PlayerKind, songs: &[PathBuf]) -> Result<Self> {
        let player = Self::launch(desktop, kind, songs)?;
        if player.wait_until_playing(songs).is_ok() {
            return Ok(player);
        }
        // A player sometimes starts and does not play. A user would start it again.
        desktop.end(player.pid);
        wait_until("the player that did not play has ended", || Ok(player.peer().is_err()))?;
        let player = Self::launch(desktop, kind, songs)?;
        player.wait_until_playing(songs)?;
        Ok(player)
    }

    fn launch(desktop: &mut Desktop, kind: PlayerKind, songs: &[PathBuf]) -> Result<Self> {
        let first = songs.first().context("a player needs a song to play")?;
        let port = if matches!(kind, PlayerKind::Mpd | PlayerKind::ClementineRemote) { free_port()? } else { 0 };
        let pid = match kind {
            PlayerKind::Vlc => launch::start_vlc(desktop, songs)?,
            PlayerKind::Mpd => launch::start_mpd(desktop, songs, port)?,
            PlayerKind::Audacious => launch::start_audacious(desktop, songs)?,
            PlayerKind::Rhythmbox => launch::start_rhythmbox(desktop, first)?,
            PlayerKind::QuodLibet => launch::start_quodlibet(desktop, first)?,
            PlayerKind::Strawberry => launch::start_strawberry(desktop, songs)?,
            PlayerKind::Clementine => launch::start_clementine(desktop, songs, None)?,
            PlayerKind::ClementineRemote => launch::start_clementine(desktop, songs, Some(port))?,
            PlayerKind::Celluloid => launch::start_celluloid(desktop, songs, false)?,
            PlayerKind::CelluloidSocket => launch::start_celluloid(desktop, songs, true)?,
            PlayerKind::Mpv => launch::start_mpv(desktop, songs, true)?,
            PlayerKind::MpvAlone => launch::start_mpv(desktop, songs, false)?,
            PlayerKind::Cmus => launch::start_cmus(desktop)?,
        };
        Ok(Self { kind, pid, bus: desktop.bus(), folder: desktop.folder.clone(), port })
    }

    /// The same interface that the agent uses.
    pub fn player(&self) -> Result<Box<dyn Player>> {
        match self.kind.bus_name() {
            Some(name) => {
                player_set::create_adapter(self.peer()?, &name, &moodring_core::config::PlayersConfig::default())
            }
            None => Ok(Box::new(Mpd::new(self.door()))),
        }
    }

    /// The socket of MPD.
    pub fn door(&self) -> Endpoint {
        Endpoint::Socket(self.folder.join("mpd.socket"))
    }

    pub(super) fn peer(&self) -> Result<PlayerPeer> {
        let wanted = self.kind.bus_name();
        let bus = self.bus.connect()?;
        let found = bus::players(&bus)?
            .into_iter()
            .find(|(name, ..)| wanted.as_ref().is_some_and(|wanted| name.starts_with(wanted)));
        let (_, owner, _) = found.context("the player is not on the bus")?;
        Ok(PlayerPeer { bus, owner })
    }

    /// Waits until the player runs, fills its list where its command line could not, and waits until it plays.
    fn wait_until_playing(&self, songs: &[PathBuf]) -> Result<()> {
        match self.kind {
            PlayerKind::Mpd => {
                wait_until("MPD answers", || Ok(Wire::open(&self.door()).is_ok()))?;
                load_mpd_list(&self.door(), songs)?;
            }
            _ => wait_until("the player is on the bus", || Ok(self.peer().is_ok()))?,
        }
        match self.kind {
            PlayerKind::Rhythmbox => self.load_rhythmbox_list(songs)?,
            PlayerKind::QuodLibet => self.load_quodlibet_list(songs)?,
            PlayerKind::Cmus => self.load_cmus_list(songs)?,
            _ => {}
        }
        let (mut player, mut pressed) = (None, None::<Instant>);
        wait_until("the player plays its first song", || {
            let again = pressed.is_none_or(|at| at.elapsed() > PLAY_RETRY);
            if again && self.needs_play() && self.press_play().is_ok() {
                pressed = Some(Instant::now());
            }
            if player.is_none() {
                player = self.player().ok();
            }
            let now = player.as_mut().and_then(|player| player.read_playback().ok());
            let begun = now.filter(|now| now.status == PlaybackStatus::Playing && now.position > Some(MIN_PLAYED));
            Ok(begun.and_then(|now| now.track?.path).as_ref() == songs.first())
        })
    }

    /// It adds the songs to its library by itself; the first is played from there.
    fn load_rhythmbox_list(&self, songs: &[PathBuf]) -> Result<()> {
        let peer = self.peer()?;
        let library = "/org/gnome/UPnP/MediaServer2/Library/all";
        wait_until("Rhythmbox has read its library", || {
            let name = "org.gnome.UPnP.MediaContainer2";
            let owner = Some(peer.owner.as_str());
            let reply = peer.bus.call_method(
                owner,
                library,
                Some("org.freedesktop.DBus.Properties"),
                "Get",
                &(name, "ChildCount"),
            );
            let Ok(reply) = reply else { return Ok(false) };
            let count: zbus::zvariant::OwnedValue = reply.body().deserialize()?;
            Ok(u32::try_from(&*count).is_ok_and(|count| count as usize >= songs.len()))
        })?;
        let first = address::to_file_uri(&songs[0]);
        let call = ("org.mpris.MediaPlayer2.Player", "OpenUri");
        peer.bus.call_method(Some(peer.owner.as_str()), bus::PATH, Some(call.0), call.1, &(first,))?;
        Ok(())
    }

    /// It adds the songs to its library by itself.
    fn load_quodlibet_list(&self, songs: &[PathBuf]) -> Result<()> {
        wait_until("Quod Libet has read its library", || {
            let listed = self.say(&["--print-playlist"]).unwrap_or_default();
            Ok(listed.lines().filter(|line| !line.is_empty()).count() >= songs.len())
        })?;
        self.say(&["--play-file", utf8_names(songs)?[0]]).map(drop)
    }

    fn load_cmus_list(&self, songs: &[PathBuf]) -> Result<()> {
        for song in utf8_names(songs)? {
            self.run_cmus_command(&format!("add -p {song}"))?;
        }
        wait_until("cmus has its list", || Ok(self.run_cmus_command("save -p -")?.lines().count() >= songs.len()))?;
        self.run_cmus_command("view playlist")?;
        self.run_cmus_command("win-activate").map(drop)
    }

    fn needs_play(&self) -> bool {
        matches!(self.kind, PlayerKind::Strawberry | PlayerKind::Clementine | PlayerKind::ClementineRemote)
    }

    /// Some players do not play the songs that they were started with.
    fn press_play(&self) -> Result<()> {
        let (peer, name) = (self.peer()?, "org.mpris.MediaPlayer2.Player");
        if metadata::parse_status(&peer.all(name)?) != PlaybackStatus::Playing {
            peer.bus.call_method(Some(peer.owner.as_str()), bus::PATH, Some(name), "Play", &())?;
        }
        Ok(())
    }

    /// Appends a song to the queue as the user would, or to the list where the player has no queue.
    pub fn add(&self, song: &Path) -> Result<()> {
        let name = song.to_str().context("the name of a song is not UTF-8")?;
        match self.kind {
            PlayerKind::Celluloid | PlayerKind::QuodLibet => self.say(&["--enqueue", name]).map(drop),
            PlayerKind::Rhythmbox => Ok(self.peer()?.play_queue()?.add_to_queue(&address::to_file_uri(song))?),
            PlayerKind::Cmus => self.run_cmus_command(&format!("add -q {name}")).map(drop),
            PlayerKind::Mpd => Wire::open(&self.door())?.ask(&["addid", name]).map(drop),
            _ => self.say(&["--append", name]).map(drop),
        }
    }

    /// Runs the player's program with arguments for the running instance; returns what it prints.
    pub(super) fn say(&self, words: &[&str]) -> Result<String> {
        let process = LocalProcess::new(self.peer()?.pid().context("the player has no process")?);
        let words: Vec<&OsStr> = words.iter().map(OsStr::new).collect();
        let output = process.command(&words)?.stderr(Stdio::null()).stdin(Stdio::null()).output()?;
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    }

    pub(super) fn run_cmus_command(&self, command: &str) -> Result<String> {
        let socket = self.folder.join("run/cmus-socket");
        let output = Command::new("cmus-remote").arg("--server").arg(socket).args(["-C", command]).output()?;
        Ok(String::from_utf8_lossy(&output.stdout).trim_end().to_owned())
    }
}

fn load_mpd_list(door: &Endpoint, songs: &[PathBuf]) -> Result<()> {
    let mut wire = Wire::open(door)?;
    wire.ask(&["update"])?;
    wait_until("MPD has read its library", || Ok(value(&wire.ask(&["status"])?, "updating_db").is_none()))?;
    for song in utf8_names(songs)? {
        wire.ask(&["addid", song])?;
    }
    wire.ask(&["play"])?;
    let playing = number::<u32>(&wire.ask(&["status"])?, "song");
    playing.map(|_| ()).context("MPD does not play")
}

fn free_port() -> Result<u16> {
    Ok(std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}
