//! Spotify: its desktop client, spotifyd and others on the bus, steered through the Web API.
//!
//! The current song is read from the bus. The Web API is used only for search, queue and devices, and nothing from it goes into
//! the library or the ranking. Its queue plays before the current list, shuffled or not, and nothing can be removed from it.

pub mod account;
mod api_worker;
pub mod dto;
pub mod error;
mod keyring;
pub mod login;
mod resolve;
pub mod web;

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::Result;

use crate::adapters::spotify::api_worker::ApiWorker;
use crate::adapters::spotify::dto::Item;
use crate::adapters::spotify::error::SpotifyError;
use crate::adapters::spotify::resolve::Wanted;
use crate::adapters::spotify::web::Web;
use crate::mpris::metadata;
use crate::mpris::playback::{CurrentState, Mpris};
use crate::player::{Player, QueueEntry};
use moodring_core::domain::playback::{Dequeued, Playback, PlaybackStatus, QueueMethod, SongUnavailable};
use moodring_core::domain::track::Track;
use moodring_core::error::user_error;

/// Names on the bus, without the common prefix.
pub const CLIENTS: [&str; 4] = ["spotify", "spotifyd", "spotify_player", "ncspot"];

/// Within the three seconds that a player may take.
const QUEUEING: Duration = Duration::from_millis(2800);
const READING: Duration = Duration::from_millis(1500);
/// How long a check for an account may take, and the time between two checks.
const ACCOUNT_CHECK: (Duration, Duration) = (Duration::from_millis(400), Duration::from_secs(2));
/// How many upcoming songs are shown; the service reports twenty.
const HORIZON: usize = 10;

pub struct Spotify {
    base: Mpris,
    worker: ApiWorker,
    /// The song that played at the last request.
    song: Option<String>,
    upcoming: Option<Vec<Item>>,
    /// Songs that the search found, by file.
    found: HashMap<PathBuf, QueuedTracks>,
    /// The service may have queued this song after the time limit; a retry checks that first.
    uncertain: Option<PathBuf>,
    /// When an account was last checked.
    looked: Instant,
}

/// A song of the library as Spotify knows it.
struct QueuedTracks {
    uri: String,
    wanted: Wanted,
}

impl Spotify {
    pub fn new(base: Mpris) -> Self {
        let worker = ApiWorker::open();
        worker.check(ACCOUNT_CHECK.0);
        Self {
            base,
            worker,
            song: None,
            upcoming: None,
            found: HashMap::new(),
            uncertain: None,
            looked: Instant::now(),
        }
    }

    /// Whether an account is connected; where none was, it is checked again.
    fn connected(&mut self) -> bool {
        if !self.worker.connected() && self.looked.elapsed() > ACCOUNT_CHECK.1 {
            self.worker.check(ACCOUNT_CHECK.0);
            self.looked = Instant::now();
        }
        self.worker.connected()
    }

    /// Reads the upcoming songs, once for each song: requests are limited.
    fn read_upcoming(&mut self, now: &CurrentState) {
        let song = now.id.clone().or_else(|| now.track.as_ref().map(|track| track.title.clone()));
        if song == self.song {
            return;
        }
        self.song = song;
        self.upcoming = self.worker.ask(READING, Web::upcoming).map_err(|why| tracing::info!("{why}")).ok();
    }

    /// A track on the bus, with the file of the library for which it was found.
    fn streamed(&self, track: Track, uri: Option<&str>) -> Track {
        let is_known = |known: &QueuedTracks| {
            uri == Some(&*known.uri) || known.wanted.matches(&track.title, &track.artist, track.length)
        };
        let path = self.found.iter().find(|(_, known)| is_known(known)).map(|(path, _)| path.clone());
        Track { path, streamed: true, ..track }
    }

    fn parse_item(&self, item: &Item) -> Track {
        let [title, album] = [&item.name, &item.album.name].map(|text| metadata::sanitize(text));
        let artist = item.artists.first().map(|artist| metadata::sanitize(&artist.name)).unwrap_or_default();
        let track = Track { title, artist, album, length: item.length(), ..Track::default() };
        self.streamed(track, Some(&item.uri))
    }

    /// Refuses where a song would not come next.
    fn check_ready(&self) -> Result<()> {
        let now = self.base.read_state()?;
        let reason = match (now.status, now.repeats_song) {
            (PlaybackStatus::Stopped, _) => "plays nothing",
            (_, true) => "repeats the current song",
            _ => return Ok(()),
        };
        Err(user_error(format!("{} {reason}, so no song can be next", self.base.name()), "change that in the player"))
    }

    fn send_to_queue(&mut self, song: &Path, wanted: &Wanted) -> Result<String, SpotifyError> {
        let known = self.found.get(song).map(|known| known.uri.clone());
        let uncertain = self.uncertain.take().as_deref() == Some(song);
        let wanted = wanted.clone();
        self.worker.ask(QUEUEING, move |web| {
            let uri = known.map_or_else(|| web.find(&wanted).map(|item| item.uri), Ok)?;
            let waits = uncertain && web.count(&uri)? > 0;
            if !waits {
                web.queue(&uri)?;
            }
            Ok(uri)
        })
    }
}

impl Player for Spotify {
    fn name(&self) -> &str {
        self.base.name()
    }

    fn queue_method(&self) -> QueueMethod {
        if self.worker.connected() { QueueMethod::AfterCurrent { take_back: false } } else { QueueMethod::Unsupported }
    }

    fn read_playback(&mut self) -> Result<Playback> {
        let mut now = self.base.read_state()?;
        if self.connected() {
            self.read_upcoming(&now);
        } else {
            (self.song, self.upcoming) = (None, None);
        }
        let uri = now.id.as_deref().and_then(uri);
        now.track = now.track.map(|track| self.streamed(track, uri.as_deref()));
        let upcoming = self.upcoming.as_ref();
        let upcoming = upcoming.map(|items| items.iter().take(HORIZON).map(|item| self.parse_item(item)).collect());
        // Its queue comes before its random order.
        let no_account = (!self.worker.connected())
            .then(|| format!("{}: {}", SpotifyError::LoggedOut, SpotifyError::LoggedOut.hint()));
        let obstacle = no_account.or_else(|| self.base.find_repeat_obstacle(&now));
        Ok(Playback { obstacle, ..self.base.playback_with(now, self.queue_method(), upcoming) })
    }

    fn queue(&mut self, song: &Path) -> Result<QueueEntry> {
        self.check_ready()?;
        let wanted = Wanted::read(song);
        let done = self.send_to_queue(song, &wanted);
        if matches!(done, Err(SpotifyError::Silent | SpotifyError::Lost)) {
            self.uncertain = Some(song.to_owned());
        }
        let uri = done.map_err(|error| match error {
            SpotifyError::Unknown(_) => SongUnavailable(error.to_string()).into(),
            _ => error.user_error(),
        })?;
        self.found.insert(song.to_owned(), QueuedTracks { uri: uri.clone(), wanted });
        self.song = None;
        Ok(QueueEntry::new(uri, song))
    }

    /// The service has no way to do so.
    fn dequeue(&mut self, _entry: &QueueEntry) -> Result<Dequeued> {
        Ok(Dequeued::Cannot)
    }

    fn skip(&mut self) -> Result<()> {
        self.base.skip()
    }

    fn reload_credentials(&mut self) {
        self.worker.reload_credentials(ACCOUNT_CHECK.0);
        (self.song, self.upcoming) = (None, None);
    }

    /// The service takes songs, whichever client plays them.
    fn build_id(&self) -> Option<String> {
        None
    }
}

/// The address of a track within the id that a client gives it: `/com/spotify/track/ID`, `spotify:track:ID`.
fn uri(id: &str) -> Option<String> {
    let (_, id) = id.rsplit_once("track").map(|(head, tail)| (head, tail.trim_start_matches(['/', ':'])))?;
    let whole = id.len() == 22 && id.bytes().all(|byte| byte.is_ascii_alphanumeric());
    whole.then(|| format!("spotify:track:{id}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_client_names_a_track_in_its_own_way() {
        let track = Some("spotify:track:3n3Ppam7vgaVa1iaRUc9Lp".to_owned());
        assert_eq!(uri("/com/spotify/track/3n3Ppam7vgaVa1iaRUc9Lp"), track);
        assert_eq!(uri("/org/ncspot/spotify/track/3n3Ppam7vgaVa1iaRUc9Lp"), track);
        assert_eq!(uri("spotify:track:3n3Ppam7vgaVa1iaRUc9Lp"), track);
        assert_eq!(uri("/com/spotify/ad/000000016f3a5e0d00000000"), None);
        assert_eq!(uri("/org/mpris/MediaPlayer2/TrackList/NoTrack"), None);
    }
}
