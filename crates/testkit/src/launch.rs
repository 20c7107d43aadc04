//! Starting each player on the private desktop: with the user's songs as its list, and without sound.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::desktop::Desktop;

const GSTREAMER: &str = "gstreamer1.0-plugins-good pulseaudio xvfb";

pub(super) fn start_vlc(desktop: &mut Desktop, songs: &[PathBuf]) -> Result<u32> {
    let socket = desktop.folder.join("vlc.socket").display().to_string();
    let mut arguments: Vec<&str> = "--intf oldrc --rc-fake-tty --aout adummy --no-video --no-interact --ignore-config \
        --no-random --no-loop --no-repeat --no-metadata-network-access --rc-unix"
        .split_whitespace()
        .collect();
    arguments.push(&socket);
    let songs = utf8_names(songs)?;
    arguments.extend(songs);
    desktop.run("vlc", "vlc-bin vlc-plugin-base", &arguments)
}

pub(super) fn start_mpd(desktop: &mut Desktop, songs: &[PathBuf], port: u16) -> Result<u32> {
    let music = songs[0].parent().unwrap_or(Path::new("/")).display();
    let data = desktop.make_folder("data/mpd")?;
    let file = desktop.folder.join("mpd.conf");
    let text = format!(
        "music_directory \"{music}\"\ndb_file \"{0}/db\"\nstate_file \"{0}/state\"\nbind_to_address \"{1}\"\n\
         bind_to_address \"127.0.0.1\"\nport \"{port}\"\nlog_file \"{0}/log\"\n\
         audio_output {{\n type \"null\"\n name \"silence\"\n sync \"yes\"\n}}\n",
        data.display(),
        desktop.folder.join("mpd.socket").display()
    );
    fs::write(&file, text)?;
    desktop.run("mpd", "mpd", &["--no-daemon", &file.display().to_string()])
}

/// The bridge that shows MPD on the bus.
pub(super) fn start_mpdris(desktop: &mut Desktop, port: u16) -> Result<u32> {
    desktop.run("mpDris2", "mpdris2", &["--host=127.0.0.1", &format!("--port={port}")])
}

pub(super) fn start_audacious(desktop: &mut Desktop, songs: &[PathBuf]) -> Result<u32> {
    desktop.start_sound_server()?;
    let arguments = [&["--headless"][..], &utf8_names(songs)?].concat();
    desktop.run("audacious", "audacious audacious-plugins pulseaudio", &arguments)
}

pub(super) fn start_rhythmbox(desktop: &mut Desktop, first: &Path) -> Result<u32> {
    desktop.start_display()?;
    let music = first.parent().unwrap_or(Path::new("/")).display();
    fs::write(desktop.folder.join("config/user-dirs.dirs"), format!("XDG_MUSIC_DIR=\"{music}\"\n"))?;
    desktop.run("rhythmbox", "rhythmbox rhythmbox-plugins gstreamer1.0-plugins-good", &[])
}

/// Its MPRIS face is a plugin; its list is its library.
pub(super) fn start_quodlibet(desktop: &mut Desktop, first: &Path) -> Result<u32> {
    desktop.start_display()?;
    desktop.start_sound_server()?;
    let folder = desktop.make_folder("config/quodlibet")?;
    let music = first.parent().unwrap_or(Path::new("/")).display();
    fs::write(folder.join("config"), format!("[plugins]\nactive_plugins = mpris\n[settings]\nscan = {music}\n"))?;
    desktop.hand_to_players(&folder.join("config"))?;
    desktop.run("quodlibet", &format!("quodlibet {GSTREAMER}"), &["--run"])
}

pub(super) fn start_strawberry(desktop: &mut Desktop, songs: &[PathBuf]) -> Result<u32> {
    desktop.start_display()?;
    desktop.start_sound_server()?;
    desktop.run("strawberry", &format!("strawberry {GSTREAMER}"), &utf8_names(songs)?)
}

/// With its network remote at a port, or without it.
pub(super) fn start_clementine(desktop: &mut Desktop, songs: &[PathBuf], remote: Option<u16>) -> Result<u32> {
    desktop.start_display()?;
    desktop.start_sound_server()?;
    // On a busy machine it may pause for its buffer and go on in the wrong order, and stand still for good.
    let folder = desktop.make_folder("config/Clementine")?;
    let remote = remote.map(|port| format!("[NetworkRemote]\nuse_remote=true\nport={port}\n")).unwrap_or_default();
    fs::write(folder.join("Clementine.conf"), format!("[GstEngine]\nbufferduration=0\n{remote}"))?;
    desktop.hand_to_players(&folder.join("Clementine.conf"))?;
    let arguments = [&["--quiet"][..], &utf8_names(songs)?].concat();
    desktop.run("clementine", &format!("clementine {GSTREAMER}"), &arguments)
}

/// With mpv's control socket, or without it.
pub(super) fn start_celluloid(desktop: &mut Desktop, songs: &[PathBuf], socket: bool) -> Result<u32> {
    desktop.start_display()?;
    let place = format!("--mpv-input-ipc-server={}", desktop.folder.join("mpv.socket").display());
    let choice = socket.then_some(place.as_str());
    let fixed = ["--mpv-ao=null", "--mpv-vid=no"].into_iter().chain(choice);
    let arguments: Vec<_> = fixed.chain(utf8_names(songs)?).collect();
    desktop.run("celluloid", "celluloid xvfb", &arguments)
}

/// With a control socket or without one; without one, it stays when its list has ended.
pub(super) fn start_mpv(desktop: &mut Desktop, songs: &[PathBuf], socket: bool) -> Result<u32> {
    let place = format!("--input-ipc-server={}", desktop.folder.join("mpv.socket").display());
    let choice = if socket { place.as_str() } else { "--idle=yes" };
    let fixed = ["--no-video", "--no-terminal", "--ao=null"];
    let arguments = [&fixed[..], &[choice], &utf8_names(songs)?].concat();
    desktop.run("mpv", "mpv mpv-mpris", &arguments)
}

/// It wants a terminal; its list is its playlist.
pub(super) fn start_cmus(desktop: &mut Desktop) -> Result<u32> {
    desktop.start_sound_server()?;
    let folder = desktop.make_folder("config/cmus")?;
    let settings = ["output_plugin=pulse", "mpris=true", "repeat=false", "continue=true", "play_library=false"];
    let text: String = settings.iter().map(|line| format!("set {line}\n")).collect();
    fs::write(folder.join("rc"), text)?;
    desktop.hand_to_players(&folder.join("rc"))?;
    desktop.run("script", "bsdutils cmus pulseaudio", &["-qfec", "TERM=xterm exec cmus", "/dev/null"])
}

pub(super) fn utf8_names(songs: &[PathBuf]) -> Result<Vec<&str>> {
    songs.iter().map(|song| song.to_str().context("the name of a song is not UTF-8")).collect()
}
