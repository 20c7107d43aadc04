//! The user's jump to another song of the list.

use anyhow::{Context, Result};
use serde_json::json;

use crate::player_process::{PlayerKind, PlayerProcess};
use moodring_players::adapters::mpd::wire::Wire;
use moodring_players::adapters::mpv::ipc::Ipc;
use moodring_players::mpris::{bus, metadata, track_list};
use zbus::zvariant::ObjectPath;

impl PlayerProcess {
    /// Plays the song with this title.
    pub fn jump_to(&self, title: &str) -> Result<()> {
        if self.kind == PlayerKind::Vlc {
            return self.jump_by_id(title);
        }
        let at = self.account()?.iter().position(|listed| listed == title).context("the song is not in the list")?;
        let place = at.to_string();
        match self.kind {
            PlayerKind::Mpd => Wire::open(&self.door())?.ask(&["play", &place]).map(drop),
            PlayerKind::Audacious => {
                let (peer, name) = (self.peer()?, "org.atheme.audacious");
                let call = (Some(peer.owner.as_str()), "/org/atheme/audacious", Some(name));
                Ok(peer.bus.call_method(call.0, call.1, call.2, "Jump", &(at as u32,)).map(drop)?)
            }
            PlayerKind::Mpv | PlayerKind::CelluloidSocket => {
                let mut ipc = Ipc::open(&self.folder.join("mpv.socket"))?;
                ipc.ask(json!(["set_property", "playlist-pos", at])).map(drop)
            }
            _ => self.say(&["--play-track", &place]).map(drop),
        }
    }

    fn jump_by_id(&self, title: &str) -> Result<()> {
        let peer = self.peer()?;
        for id in track_list::ids(&peer)? {
            let found = track_list::describe(&peer, std::slice::from_ref(&id))?;
            let path = found.first().and_then(|fields| metadata::parse_track(fields).path);
            if path.is_some_and(|path| moodring_tags::tags::read(&path).title == title) {
                let call = (Some(peer.owner.as_str()), bus::PATH, Some("org.mpris.MediaPlayer2.TrackList"));
                let id = ObjectPath::try_from(id.as_str())?;
                return Ok(peer.bus.call_method(call.0, call.1, call.2, "GoTo", &(id,)).map(drop)?);
            }
        }
        anyhow::bail!("the song is not in the list")
    }
}
