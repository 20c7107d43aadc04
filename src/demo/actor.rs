//! Real players on a stage, and what they themselves say of their lists.

use std::fs;
use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result};

use super::stage::{Stage, wait_until};
use crate::fault::fault;
use crate::player::bus::{self, Bus, PREFIX, Peer};
use crate::player::mpd::Mpd;
use crate::player::mpd::wire::{Door, Wire, number, value};
use crate::player::{Player, Status, address, seats};

/// A player that can be put on a stage.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Vlc,
    Mpd,
    Audacious,
    /// Its list is its library: the songs must be all in one folder, and it plays them by artist, album and title.
    Rhythmbox,
}

impl Kind {
    /// The name on the bus; MPD has none.
    pub fn bus_name(self) -> Option<String> {
        let short = match self {
            Self::Vlc => "vlc",
            Self::Audacious => "audacious",
            Self::Rhythmbox => "rhythmbox",
            Self::Mpd => return None,
        };
        Some(format!("{PREFIX}{short}"))
    }
}

/// A player on a stage; it ends with the stage.
#[derive(Debug)]
pub struct Actor {
    pub kind: Kind,
    pub pid: u32,
    bus: Bus,
    folder: PathBuf,
    /// Port of MPD on 127.0.0.1.
    pub port: u16,
}

impl Actor {
    pub(super) fn start(stage: &mut Stage, kind: Kind, songs: &[PathBuf]) -> Result<Self> {
        let first = songs.first().context("a player needs a song to play")?;
        let port = if kind == Kind::Mpd { free_port()? } else { 0 };
        let pid = match kind {
            Kind::Vlc => start_vlc(stage, songs)?,
            Kind::Mpd => start_mpd(stage, songs, port)?,
            Kind::Audacious => start_audacious(stage, songs)?,
            Kind::Rhythmbox => start_rhythmbox(stage, first)?,
        };
        let actor = Self { kind, pid, bus: stage.bus(), folder: stage.folder.clone(), port };
        actor.begin(songs)?;
        Ok(actor)
    }

    /// The same interface that the agent uses.
    pub fn player(&self) -> Result<Box<dyn Player>> {
        match self.kind.bus_name() {
            Some(name) => seats::meet(self.peer()?, &name),
            None => Ok(Box::new(Mpd::new(self.door()))),
        }
    }

    /// The socket of MPD.
    pub fn door(&self) -> Door {
        Door::Socket(self.folder.join("mpd.socket"))
    }

    /// The titles of its list, by its own account and not through what the agent uses. Rhythmbox names no songs, only
    /// the length of its queue: "Play Queue (1)".
    pub fn account(&self) -> Result<Vec<String>> {
        match self.kind {
            Kind::Vlc => vlc_account(&self.folder),
            Kind::Mpd => {
                let pairs = Wire::open(&self.door())?.ask(&["playlistinfo"])?;
                Ok(pairs.into_iter().filter(|(key, _)| key == "Title").map(|(_, title)| title).collect())
            }
            Kind::Audacious => self.audacious_account(),
            Kind::Rhythmbox => {
                let lists = self.peer()?.playlists()?.get_playlists(0, 1, "Alphabetical", false)?;
                Ok(lists.into_iter().map(|(_, name, _)| name).collect())
            }
        }
    }

    fn audacious_account(&self) -> Result<Vec<String>> {
        let peer = self.peer()?;
        let proxy = peer.audacious()?;
        let end = u32::try_from(proxy.length()?).unwrap_or(0);
        (0..end).map(|at| Ok(String::try_from(proxy.song_tuple(at, "title")?)?)).collect()
    }

    fn peer(&self) -> Result<Peer> {
        let wanted = self.kind.bus_name();
        let bus = self.bus.connect()?;
        let found = bus::players(&bus)?.into_iter().find(|(name, ..)| Some(name) == wanted.as_ref());
        let (_, owner, _) = found.context("the player is not on the bus")?;
        Ok(Peer { bus, owner })
    }

    /// Waits until it is there, gives it what it could not be given before, and waits until it plays.
    fn begin(&self, songs: &[PathBuf]) -> Result<()> {
        match self.kind {
            Kind::Mpd => {
                wait_until("MPD is there", || Ok(Wire::open(&self.door()).is_ok()))?;
                fill_mpd(&self.door(), songs)?;
            }
            _ => wait_until("the player is on the bus", || Ok(self.peer().is_ok()))?,
        }
        if self.kind == Kind::Rhythmbox {
            self.fill_rhythmbox(songs)?;
        }
        let mut player = None;
        wait_until("the player plays its first song", || {
            if player.is_none() {
                player = self.player().ok();
            }
            let now = player.as_mut().and_then(|player| player.playback().ok());
            let begun = now.filter(|now| now.status == Status::Playing && now.position > Some(Duration::ZERO));
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
        let first = address::of(&songs[0]);
        let call = ("org.mpris.MediaPlayer2.Player", "OpenUri");
        peer.bus.call_method(Some(peer.owner.as_str()), bus::PATH, Some(call.0), call.1, &(first,))?;
        Ok(())
    }
}

fn start_vlc(stage: &mut Stage, songs: &[PathBuf]) -> Result<u32> {
    let socket = stage.folder.join("vlc.socket").display().to_string();
    let mut arguments: Vec<&str> = "--intf oldrc --rc-fake-tty --aout adummy --no-video --no-interact --ignore-config \
        --no-random --no-loop --no-repeat --no-metadata-network-access --rc-unix"
        .split_whitespace()
        .collect();
    arguments.push(&socket);
    let songs = names(songs)?;
    arguments.extend(songs);
    stage.run("vlc", "vlc-bin vlc-plugin-base", &arguments)
}

/// Its control socket, which is not what the agent uses: indented lines of "title (length)".
fn vlc_account(folder: &Path) -> Result<Vec<String>> {
    let mut socket = UnixStream::connect(folder.join("vlc.socket"))?;
    socket.set_read_timeout(Some(bus::PATIENCE))?;
    socket.write_all(b"playlist\n")?;
    let mut text = String::new();
    while !text.contains("playlist: returned") {
        let mut bytes = [0; 4096];
        match socket.read(&mut bytes)? {
            0 => return Err(fault("VLC closed its control socket", "see vlc.log")),
            count => text.push_str(&String::from_utf8_lossy(&bytes[..count])),
        }
    }
    let items = text.lines().filter_map(|line| line.trim_end_matches('\r').strip_prefix("|  "));
    let title = |item: &str| {
        let item = item.trim_start().trim_start_matches(['-', '*', ' ']);
        item.rsplit_once(" (").map_or(item, |(title, _)| title).to_owned()
    };
    Ok(items.map(title).collect())
}

fn start_mpd(stage: &mut Stage, songs: &[PathBuf], port: u16) -> Result<u32> {
    let music = songs[0].parent().unwrap_or(Path::new("/")).display();
    let data = stage.make_folder("data/mpd")?;
    let file = stage.folder.join("mpd.conf");
    let text = format!(
        "music_directory \"{music}\"\ndb_file \"{0}/db\"\nstate_file \"{0}/state\"\nbind_to_address \"{1}\"\n\
         bind_to_address \"127.0.0.1\"\nport \"{port}\"\nlog_file \"{0}/log\"\n\
         audio_output {{\n type \"null\"\n name \"silence\"\n sync \"yes\"\n}}\n",
        data.display(),
        stage.folder.join("mpd.socket").display()
    );
    fs::write(&file, text)?;
    stage.run("mpd", "mpd", &["--no-daemon", &file.display().to_string()])
}

fn fill_mpd(door: &Door, songs: &[PathBuf]) -> Result<()> {
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

fn start_audacious(stage: &mut Stage, songs: &[PathBuf]) -> Result<u32> {
    stage.silence()?;
    let arguments = [&["--headless"][..], &names(songs)?].concat();
    stage.run("audacious", "audacious audacious-plugins pulseaudio", &arguments)
}

fn start_rhythmbox(stage: &mut Stage, first: &Path) -> Result<u32> {
    stage.light()?;
    let music = first.parent().unwrap_or(Path::new("/")).display();
    fs::write(stage.folder.join("config/user-dirs.dirs"), format!("XDG_MUSIC_DIR=\"{music}\"\n"))?;
    stage.run("rhythmbox", "rhythmbox rhythmbox-plugins gstreamer1.0-plugins-good", &[])
}

fn names(songs: &[PathBuf]) -> Result<Vec<&str>> {
    songs.iter().map(|song| song.to_str().context("the name of a song is not UTF-8")).collect()
}

fn free_port() -> Result<u16> {
    Ok(std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}
