//! The JSON protocol of mpv, over a socket that the user has set up.
//!
//! <https://mpv.io/manual/stable/#json-ipc>

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context, Result};
use serde_json::{Value, json};

use crate::call_limit::CALL_LIMIT;
use crate::deadline_stream::DeadlineStream;
use moodring_core::domain::address;
use moodring_core::domain::playback::{Dequeued, PlaybackStatus};
use moodring_core::error::user_error;

/// No message is longer: a playlist of a hundred thousand songs has some megabytes.
const LONGEST: usize = 32 << 20;

pub struct Ipc {
    reader: BufReader<DeadlineStream>,
    last_request: u64,
}

/// An entry of the playlist.
#[derive(Clone, Debug, PartialEq)]
pub struct PlaylistEntry {
    /// Stays the same while the entry is in the list.
    pub id: u64,
    /// Local files only.
    pub path: Option<PathBuf>,
    pub title: String,
    pub current: bool,
}

impl Ipc {
    /// A connection for one operation, which must end within [`CALL_LIMIT`].
    pub fn open(socket: &Path) -> Result<Self> {
        let stream = DeadlineStream::connect_unix(socket, Instant::now() + CALL_LIMIT)?;
        Ok(Self { reader: BufReader::new(stream), last_request: 0 })
    }

    /// Sends a command and reads its answer; events in between are skipped.
    pub fn ask(&mut self, command: Value) -> Result<Value> {
        self.last_request += 1;
        let text = format!("{}\n", json!({ "command": command, "request_id": self.last_request }));
        self.reader.get_mut().write_all(text.as_bytes())?;
        self.reader.get_mut().expect(LONGEST);
        loop {
            let message = self.message()?;
            if message["request_id"] == self.last_request && message.get("event").is_none() {
                return answer(message);
            }
        }
    }

    pub fn property(&mut self, name: &str) -> Result<Value> {
        self.ask(json!(["get_property", name]))
    }

    fn message(&mut self) -> Result<Value> {
        let mut bytes = Vec::new();
        self.reader.read_until(b'\n', &mut bytes)?;
        if bytes.last() != Some(&b'\n') {
            return Err(user_error("mpv ended the connection", "restart it"));
        }
        Ok(serde_json::from_slice(&bytes)?)
    }

    /// Its status, which its MPRIS script reports wrongly after it has been idle.
    pub fn status(&mut self) -> Result<PlaybackStatus> {
        Ok(if self.property("idle-active")? == true {
            PlaybackStatus::Stopped
        } else if self.property("pause")? == true {
            PlaybackStatus::Paused
        } else {
            PlaybackStatus::Playing
        })
    }

    pub fn repeats_song(&mut self) -> Result<bool> {
        Ok(!matches!(self.property("loop-file")?, Value::Bool(false) | Value::Null))
    }

    pub fn playlist(&mut self) -> Result<Vec<PlaylistEntry>> {
        let folder = self.property("working-directory").ok();
        let folder = folder.as_ref().and_then(Value::as_str).map(PathBuf::from).unwrap_or_default();
        let list = self.property("playlist")?;
        Ok(list.as_array().into_iter().flatten().filter_map(|entry| read(entry, &folder)).collect())
    }

    /// Puts a song right after the current one; its id.
    pub fn insert(&mut self, song: &Path) -> Result<u64> {
        let name = song.to_str().with_context(|| format!("mpv cannot open {}", song.display()))?;
        let added = self.ask(json!(["loadfile", name, "append"]))?;
        let id = added["playlist_entry_id"].as_u64().context("mpv gave the song no number")?;
        let list = self.playlist()?;
        let current = list.iter().position(|entry| entry.current).context("mpv plays nothing")?;
        let from = list.iter().position(|entry| entry.id == id).context("mpv did not put the song into its list")?;
        self.ask(json!(["playlist-move", from, current + 1]))?;
        Ok(id)
    }

    /// Removes an entry that holds this song, wherever it stands; never the current one.
    pub fn remove(&mut self, id: u64, song: &Path) -> Result<Dequeued> {
        let ours = |entry: &PlaylistEntry| entry.id == id && entry.path.as_deref() == Some(song);
        if self.playlist()?.iter().any(ours) { self.remove_entry(id) } else { Ok(Dequeued::NotThere) }
    }

    /// Removes an entry, unless it is the current one.
    pub fn remove_entry(&mut self, id: u64) -> Result<Dequeued> {
        let at = self.playlist()?.iter().position(|entry| entry.id == id && !entry.current);
        let Some(at) = at else { return Ok(Dequeued::NotThere) };
        self.ask(json!(["playlist-remove", at]))?;
        let gone = !self.playlist()?.iter().any(|entry| entry.id == id);
        Ok(if gone { Dequeued::Removed } else { Dequeued::Cannot })
    }
}

fn answer(mut message: Value) -> Result<Value> {
    match message["error"].as_str() {
        Some("success") => Ok(message["data"].take()),
        other => Err(user_error(format!("mpv refuses: {}", other.unwrap_or("no reason")), "queue the song by hand")),
    }
}

fn read(entry: &Value, folder: &Path) -> Option<PlaylistEntry> {
    let name = entry["filename"].as_str()?;
    let path = if name.contains("://") { address::parse_file_path(name) } else { Some(folder.join(name)) };
    Some(PlaylistEntry {
        id: entry["id"].as_u64()?,
        path,
        title: entry["title"].as_str().map(crate::mpris::metadata::sanitize).unwrap_or_default(),
        current: entry["current"] == true,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_are_local_files_or_have_none() {
        let file = |name: &str| read(&json!({ "filename": name, "id": 1 }), Path::new("/home/me")).unwrap().path;
        assert_eq!(file("/m/a b.ogg"), Some("/m/a b.ogg".into()));
        assert_eq!(file("a.ogg"), Some("/home/me/a.ogg".into()));
        assert_eq!(file("file:///m/a%20b.ogg"), Some("/m/a b.ogg".into()));
        assert_eq!(file("https://example.org/a.ogg"), None);
    }
}
