//! A player's list, where possible read through another interface than the one that the agent uses.

use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;

use anyhow::Result;

use crate::player_process::{PlayerKind, PlayerProcess};
use moodring_core::domain::address;
use moodring_core::error::user_error;
use moodring_players::adapters::clementine::remote::Remote;
use moodring_players::adapters::mpd::wire::Wire;
use moodring_players::adapters::mpv::ipc::Ipc;
use moodring_players::call_limit::CALL_LIMIT;
use moodring_players::mpris::playback::Mpris;
use moodring_players::mpris::track_list;
use moodring_tags::tags;

impl PlayerProcess {
    /// The titles of its list.
    ///
    /// Rhythmbox reports only the length of its queue: "Play Queue (1)". Quod Libet and cmus report their queue and not the
    /// list after it. Strawberry, Clementine and an mpv without a socket report what plays, and whether "more" follows.
    pub fn account(&self) -> Result<Vec<String>> {
        match self.kind {
            PlayerKind::Vlc => read_vlc_list(&self.folder),
            PlayerKind::Mpd => {
                let pairs = Wire::open(&self.door())?.ask(&["playlistinfo"])?;
                Ok(pairs.into_iter().filter(|(key, _)| key == "Title").map(|(_, title)| title).collect())
            }
            PlayerKind::Audacious => self.read_audacious_list(),
            PlayerKind::Rhythmbox => {
                let lists = self.peer()?.playlists()?.get_playlists(0, 1, "Alphabetical", false)?;
                Ok(lists.into_iter().map(|(_, name, _)| name).collect())
            }
            PlayerKind::QuodLibet => Ok(read_titles(self.say(&["--print-queue"])?.lines())),
            PlayerKind::Cmus => Ok(read_titles(self.run_cmus_command("save -q -")?.lines())),
            PlayerKind::Celluloid => {
                let peer = self.peer()?;
                let tracks = track_list::describe(&peer, &track_list::ids(&peer)?)?;
                Ok(tracks.iter().map(|fields| moodring_players::mpris::metadata::parse_track(fields).title).collect())
            }
            PlayerKind::ClementineRemote => {
                Ok(Remote::open(self.port)?.songs()?.into_iter().map(|song| song.title).collect())
            }
            PlayerKind::Mpv | PlayerKind::CelluloidSocket => {
                let list = Ipc::open(&self.folder.join("mpv.socket"))?.playlist()?;
                Ok(list.iter().filter_map(|entry| entry.path.as_deref().map(read_title)).collect())
            }
            PlayerKind::Strawberry | PlayerKind::Clementine | PlayerKind::MpvAlone => self.outline(),
        }
    }

    fn read_audacious_list(&self) -> Result<Vec<String>> {
        let peer = self.peer()?;
        let proxy = peer.audacious()?;
        let end = u32::try_from(proxy.length()?).unwrap_or(0);
        (0..end).map(|at| Ok(String::try_from(proxy.song_tuple(at, "title")?)?)).collect()
    }

    fn outline(&self) -> Result<Vec<String>> {
        let now = Mpris::new(self.peer()?, "")?.read_state()?;
        let title = now.track.map(|track| track.title);
        let more = (now.goes_on == Some(true) && self.kind != PlayerKind::MpvAlone).then(|| "more".to_owned());
        Ok(title.into_iter().chain(more).collect())
    }
}

fn read_titles<'a>(lines: impl Iterator<Item = &'a str>) -> Vec<String> {
    lines.filter_map(|line| address::parse_file_path(line).map(|path| read_title(&path))).collect()
}

fn read_title(path: &Path) -> String {
    tags::read(path).title
}

/// Reads VLC's control socket, which the agent does not use: indented lines of "title (length)".
fn read_vlc_list(folder: &Path) -> Result<Vec<String>> {
    let mut socket = UnixStream::connect(folder.join("vlc.socket"))?;
    socket.set_read_timeout(Some(CALL_LIMIT))?;
    socket.write_all(b"playlist\n")?;
    let mut text = String::new();
    while !text.contains("playlist: returned") {
        let mut bytes = [0; 4096];
        match socket.read(&mut bytes)? {
            0 => return Err(user_error("VLC closed its control socket", "see vlc.log")),
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
