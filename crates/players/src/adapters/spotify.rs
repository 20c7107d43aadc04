//! Spotify: its desktop client, spotifyd and others on the bus, steered through the Web API.
//!
//! What plays is read from the bus; only search, queue and devices are asked of Spotify, and nothing that it says goes into the
//! library or the ranking. Its queue plays before the list in progress, shuffled or not, and nothing can be taken out of it.

pub mod account;
pub mod api_worker;
pub mod dto;
pub mod error;
pub mod keyring;
pub mod login;
pub mod resolve;
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

/// Names on the bus, without what all have in common.
pub const CLIENTS: [&str; 4] = ["spotify", "spotifyd", "spotify_player", "ncspot"];

/// Within what a player may take.
const QUEUEING: Duration = Duration::from_millis(2800);
const READING: Duration = Duration::from_millis(1500);
/// For an account: so long, and no sooner than so long after the last time.
const LOOK: (Duration, Duration) = (Duration::from_millis(400), Duration::from_secs(2));
/// The service tells twenty.
const HORIZON: usize = 10;

pub struct Spotify {
    base: Mpris,
    line: ApiWorker,
    /// The song that played when Spotify was last asked.
    song: Option<String>,
    upcoming: Option<Vec<Item>>,
    /// Songs that were found, by file.
    found: HashMap<PathBuf, QueuedTracks>,
    /// The service may have taken this song after we gave up waiting; a retry looks first.
    doubt: Option<PathBuf>,
    /// When an account was last looked for.
    looked: Instant,
}

/// A song of the library as Spotify knows it.
struct QueuedTracks {
    uri: String,
    wanted: Wanted,
}

impl Spotify {
    pub fn new(base: Mpris) -> Self {
        let line = ApiWorker::open();
        line.check(LOOK.0);
        Self { base, line, song: None, upcoming: None, found: HashMap::new(), doubt: None, looked: Instant::now() }
    }

    /// Whether an account is connected; where none was, it is looked for again.
    fn connected(&mut self) -> bool {
        if !self.line.connected() && self.looked.elapsed() > LOOK.1 {
            self.line.check(LOOK.0);
            self.looked = Instant::now();
        }
        self.line.connected()
    }

    /// Asks what comes next, once for each song: requests are counted.
    fn look_ahead(&mut self, now: &CurrentState) {
        let song = now.id.clone().or_else(|| now.track.as_ref().map(|track| track.title.clone()));
        if song == self.song {
            return;
        }
        self.song = song;
        self.upcoming = self.line.ask(READING, Web::upcoming).map_err(|why| tracing::info!("{why}")).ok();
    }

    /// A track on the bus, with the file of ours that it stands for.
    fn streamed(&self, track: Track, uri: Option<&str>) -> Track {
        let is =
            |ours: &QueuedTracks| uri == Some(&*ours.uri) || ours.wanted.is(&track.title, &track.artist, track.length);
        let path = self.found.iter().find(|(_, ours)| is(ours)).map(|(path, _)| path.clone());
        Track { path, streamed: true, ..track }
    }

    fn told(&self, item: &Item) -> Track {
        let [title, album] = [&item.name, &item.album.name].map(|text| metadata::clean(text));
        let artist = item.artists.first().map(|artist| metadata::clean(&artist.name)).unwrap_or_default();
        let track = Track { title, artist, album, length: item.length(), ..Track::default() };
        self.streamed(track, Some(&item.uri))
    }

    /// Refuses what would not come next.
    fn ready(&self) -> Result<()> {
        let now = self.base.now()?;
        let reason = match (now.status, now.repeats_song) {
            (PlaybackStatus::Stopped, _) => "plays nothing",
            (_, true) => "repeats the current song",
            _ => return Ok(()),
        };
        Err(user_error(format!("{} {reason}, so no song can be next", self.base.name()), "change that in the player"))
    }

    fn hand_over(&mut self, song: &Path, wanted: &Wanted) -> Result<String, SpotifyError> {
        let known = self.found.get(song).map(|ours| ours.uri.clone());
        let doubt = self.doubt.take().as_deref() == Some(song);
        let wanted = wanted.clone();
        self.line.ask(QUEUEING, move |web| {
            let uri = known.map_or_else(|| web.find(&wanted).map(|item| item.uri), Ok)?;
            let waits = doubt && web.count(&uri)? > 0;
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
        if self.line.connected() { QueueMethod::AfterCurrent { take_back: false } } else { QueueMethod::Unsupported }
    }

    fn read_playback(&mut self) -> Result<Playback> {
        let mut now = self.base.now()?;
        if self.connected() {
            self.look_ahead(&now);
        } else {
            (self.song, self.upcoming) = (None, None);
        }
        let uri = now.id.as_deref().and_then(uri);
        now.track = now.track.map(|track| self.streamed(track, uri.as_deref()));
        let upcoming = self.upcoming.as_ref();
        let upcoming = upcoming.map(|items| items.iter().take(HORIZON).map(|item| self.told(item)).collect());
        // Its queue comes before its random order.
        let nobody = (!self.line.connected())
            .then(|| format!("{}: {}", SpotifyError::LoggedOut, SpotifyError::LoggedOut.hint()));
        let obstacle = nobody.or_else(|| self.base.repeats(&now));
        Ok(Playback { obstacle, ..self.base.playback_with(now, self.queue_method(), upcoming) })
    }

    fn queue(&mut self, song: &Path) -> Result<QueueEntry> {
        self.ready()?;
        let wanted = Wanted::of(song);
        let done = self.hand_over(song, &wanted);
        if matches!(done, Err(SpotifyError::Silent | SpotifyError::Lost)) {
            self.doubt = Some(song.to_owned());
        }
        let uri = done.map_err(|trouble| match trouble {
            SpotifyError::Unknown(_) => SongUnavailable(trouble.to_string()).into(),
            _ => trouble.user_error(),
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
        self.line.reload_credentials(LOOK.0);
        (self.song, self.upcoming) = (None, None);
    }

    /// It is the service that takes songs, whichever client plays them.
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
