//! Real players on the private desktop, and the lists they report.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};

use crate::desktop::{Desktop, wait_until};
use crate::launch::{self, names};
use moodring_core::domain::address;
use moodring_core::domain::playback::PlaybackStatus;
use moodring_players::adapters::mpd::Mpd;
use moodring_players::adapters::mpd::wire::{Endpoint, Wire, number, value};
use moodring_players::manager::player_set;
use moodring_players::mpris::bus::{self, BusAddress, PREFIX, PlayerPeer};
use moodring_players::mpris::metadata;
use moodring_players::player::Player;
use moodring_players::process::LocalProcess;

/// A player that was told to play may need so long; told again meanwhile, it may start twice.
const REACTION: Duration = Duration::from_secs(3);

/// Played so far, a song plays indeed: Clementine now and then stands still in its first millisecond and says that it plays.
const UNDER_WAY: Duration = Duration::from_millis(100);

/// A player that can be put on a stage.
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

/// A player on a stage; it ends with the stage.
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
    pub(super) fn start(stage: &mut Desktop, kind: PlayerKind, songs: &[PathBuf]) -> Result<Self> {
        let actor = Self::launch(stage, kind, songs)?;
        if actor.begin(songs).is_ok() {
            return Ok(actor);
        }
        // Now and then a player comes up and stands still, whoever starts it. A listener would start it once more.
        stage.end(actor.pid);
        wait_until("the player that stood still is gone", || Ok(actor.peer().is_err()))?;
        let actor = Self::launch(stage, kind, songs)?;
        actor.begin(songs)?;
        Ok(actor)
    }

    fn launch(stage: &mut Desktop, kind: PlayerKind, songs: &[PathBuf]) -> Result<Self> {
        let first = songs.first().context("a player needs a song to play")?;
        let port = if matches!(kind, PlayerKind::Mpd | PlayerKind::ClementineRemote) { free_port()? } else { 0 };
        let pid = match kind {
            PlayerKind::Vlc => launch::vlc(stage, songs)?,
            PlayerKind::Mpd => launch::mpd(stage, songs, port)?,
            PlayerKind::Audacious => launch::audacious(stage, songs)?,
            PlayerKind::Rhythmbox => launch::rhythmbox(stage, first)?,
            PlayerKind::QuodLibet => launch::quodlibet(stage, first)?,
            PlayerKind::Strawberry => launch::strawberry(stage, songs)?,
            PlayerKind::Clementine => launch::clementine(stage, songs, None)?,
            PlayerKind::ClementineRemote => launch::clementine(stage, songs, Some(port))?,
            PlayerKind::Celluloid => launch::celluloid(stage, songs, false)?,
            PlayerKind::CelluloidSocket => launch::celluloid(stage, songs, true)?,
            PlayerKind::Mpv => launch::mpv(stage, songs, true)?,
            PlayerKind::MpvAlone => launch::mpv(stage, songs, false)?,
            PlayerKind::Cmus => launch::cmus(stage)?,
        };
        Ok(Self { kind, pid, bus: stage.bus(), folder: stage.folder.clone(), port })
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

    /// Waits until it is there, gives it what it could not be given before, and waits until it plays.
    fn begin(&self, songs: &[PathBuf]) -> Result<()> {
        match self.kind {
            PlayerKind::Mpd => {
                wait_until("MPD is there", || Ok(Wire::open(&self.door()).is_ok()))?;
                fill_mpd(&self.door(), songs)?;
            }
            _ => wait_until("the player is on the bus", || Ok(self.peer().is_ok()))?,
        }
        match self.kind {
            PlayerKind::Rhythmbox => self.fill_rhythmbox(songs)?,
            PlayerKind::QuodLibet => self.fill_quodlibet(songs)?,
            PlayerKind::Cmus => self.fill_cmus(songs)?,
            _ => {}
        }
        let (mut player, mut pressed) = (None, None::<Instant>);
        wait_until("the player plays its first song", || {
            let again = pressed.is_none_or(|at| at.elapsed() > REACTION);
            if again && self.waits() && self.press_play().is_ok() {
                pressed = Some(Instant::now());
            }
            if player.is_none() {
                player = self.player().ok();
            }
            let now = player.as_mut().and_then(|player| player.read_playback().ok());
            let begun = now.filter(|now| now.status == PlaybackStatus::Playing && now.position > Some(UNDER_WAY));
            Ok(begun.and_then(|now| now.track?.path).as_ref() == songs.first())
        })
    }

    /// It takes the songs into its library by itself; then the first is played from there.
    fn fill_rhythmbox(&self, songs: &[PathBuf]) -> Result<()> {
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

    /// It takes the songs into its library by itself, too.
    fn fill_quodlibet(&self, songs: &[PathBuf]) -> Result<()> {
        wait_until("Quod Libet has read its library", || {
            let listed = self.say(&["--print-playlist"]).unwrap_or_default();
            Ok(listed.lines().filter(|line| !line.is_empty()).count() >= songs.len())
        })?;
        self.say(&["--play-file", names(songs)?[0]]).map(drop)
    }

    fn fill_cmus(&self, songs: &[PathBuf]) -> Result<()> {
        for song in names(songs)? {
            self.cmus(&format!("add -p {song}"))?;
        }
        wait_until("cmus has its list", || Ok(self.cmus("save -p -")?.lines().count() >= songs.len()))?;
        self.cmus("view playlist")?;
        self.cmus("win-activate").map(drop)
    }

    fn waits(&self) -> bool {
        matches!(self.kind, PlayerKind::Strawberry | PlayerKind::Clementine | PlayerKind::ClementineRemote)
    }

    /// Those that are given songs to open do not play them by themselves.
    fn press_play(&self) -> Result<()> {
        let (peer, name) = (self.peer()?, "org.mpris.MediaPlayer2.Player");
        if metadata::parse_status(&peer.all(name)?) != PlaybackStatus::Playing {
            peer.bus.call_method(Some(peer.owner.as_str()), bus::PATH, Some(name), "Play", &())?;
        }
        Ok(())
    }

    /// The listener puts a song at the end of the queue, or of the list where there is no queue.
    pub fn add(&self, song: &Path) -> Result<()> {
        let name = song.to_str().context("the name of a song is not UTF-8")?;
        match self.kind {
            PlayerKind::Celluloid | PlayerKind::QuodLibet => self.say(&["--enqueue", name]).map(drop),
            PlayerKind::Rhythmbox => Ok(self.peer()?.play_queue()?.add_to_queue(&address::to_file_uri(song))?),
            PlayerKind::Cmus => self.cmus(&format!("add -q {name}")).map(drop),
            PlayerKind::Mpd => Wire::open(&self.door())?.ask(&["addid", name]).map(drop),
            _ => self.say(&["--append", name]).map(drop),
        }
    }

    /// Has the player's own program tell the one that runs something; what it prints.
    pub(super) fn say(&self, words: &[&str]) -> Result<String> {
        let process = LocalProcess::new(self.peer()?.pid().context("the player has no process")?);
        let words: Vec<&OsStr> = words.iter().map(OsStr::new).collect();
        let output = process.command(&words)?.stderr(Stdio::null()).stdin(Stdio::null()).output()?;
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    }

    pub(super) fn cmus(&self, command: &str) -> Result<String> {
        let socket = self.folder.join("run/cmus-socket");
        let output = Command::new("cmus-remote").arg("--server").arg(socket).args(["-C", command]).output()?;
        Ok(String::from_utf8_lossy(&output.stdout).trim_end().to_owned())
    }
}

fn fill_mpd(door: &Endpoint, songs: &[PathBuf]) -> Result<()> {
    let mut wire = Wire::open(door)?;
    wire.ask(&["update"])?;
    wait_until("MPD has read its library", || Ok(value(&wire.ask(&["status"])?, "updating_db").is_none()))?;
    for song in names(songs)? {
        wire.ask(&["addid", song])?;
    }
    wire.ask(&["play"])?;
    let playing = number::<u32>(&wire.ask(&["status"])?, "song");
    playing.map(|_| ()).context("MPD does not play")
}

fn free_port() -> Result<u16> {
    Ok(std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}
