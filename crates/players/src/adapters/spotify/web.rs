//! The Web API: search, queue, devices; nothing else is ever asked of Spotify.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rspotify::clients::{BaseClient, OAuthClient};
use rspotify::http::Query;
use rspotify::model::{PlayableId, TrackId};
use rspotify::{AuthCodePkceSpotify, Config, Credentials, OAuth, scopes};
use serde::de::DeserializeOwned;

use crate::adapters::spotify::account::{self, Account};
use crate::adapters::spotify::dto::{Device, Devices, Item, Queue, SearchResult};
use crate::adapters::spotify::error::SpotifyError;
use crate::adapters::spotify::resolve::Wanted;

/// The queue may show a song a moment after it was taken.
const EFFECT: Duration = Duration::from_millis(1500);
const PAUSE: Duration = Duration::from_millis(200);
/// Apps in development get no more hits in one answer.
const HITS: &str = "10";

/// The Web API under one account.
pub struct Web {
    client: AuthCodePkceSpotify,
}

impl Web {
    pub fn new(account: &Account) -> Self {
        let client = client(&account.client_id, "");
        // A new lock: no other thread can hold it.
        *client.token.lock().expect("unshared") = Some(account.token.clone());
        Self { client }
    }

    /// The access token in use.
    pub fn access(&self) -> Option<String> {
        let lock = self.client.get_token();
        let token = lock.lock().expect("no thread panics with the token");
        token.as_ref().map(|token| token.access_token.clone())
    }

    /// The client id of the user's app, for which Spotify counts requests.
    pub fn app(&self) -> &str {
        &self.client.creds.id
    }

    /// The track that is this song.
    pub fn find(&self, wanted: &Wanted) -> Result<Item, SpotifyError> {
        for search in wanted.searches() {
            let query = Query::from([("q", &*search), ("type", "track"), ("limit", HITS)]);
            let found: SearchResult = self.get("search", &query)?;
            let items: Vec<Item> = found.tracks.items.into_iter().flatten().collect();
            if let Some(item) = wanted.best(&items) {
                return Ok(item.clone());
            }
        }
        Err(SpotifyError::Unknown(wanted.title.clone()))
    }

    /// What comes next, nearest first.
    pub fn upcoming(&self) -> Result<Vec<Item>, SpotifyError> {
        Ok(self.get::<Queue>("me/player/queue", &Query::new())?.queue)
    }

    pub fn devices(&self) -> Result<Vec<Device>, SpotifyError> {
        Ok(self.get::<Devices>("me/player/devices", &Query::new())?.devices)
    }

    /// Puts a track into the queue, and returns once the queue shows it.
    pub fn queue(&self, uri: &str) -> Result<(), SpotifyError> {
        let before = self.count(uri)?;
        match self.add(uri, None) {
            Err(SpotifyError::NoDevice) => self.add(uri, Some(&self.device()?))?,
            done => done?,
        }
        let until = Instant::now() + EFFECT;
        while self.count(uri)? <= before {
            if Instant::now() > until {
                return Err(SpotifyError::Lost);
            }
            std::thread::sleep(PAUSE);
        }
        Ok(())
    }

    /// How often a track waits in the queue.
    pub fn count(&self, uri: &str) -> Result<usize, SpotifyError> {
        Ok(self.upcoming()?.iter().filter(|item| item.uri == uri).count())
    }

    /// Where to play when nothing is active: the one device there is.
    fn device(&self) -> Result<String, SpotifyError> {
        let devices = self.devices()?;
        let mut usable = devices.into_iter().filter(|device| !device.is_restricted).filter_map(|device| device.id);
        match (usable.next(), usable.next()) {
            (Some(only), None) => Ok(only),
            _ => Err(SpotifyError::NoDevice),
        }
    }

    fn add(&self, uri: &str, device: Option<&str>) -> Result<(), SpotifyError> {
        self.refresh()?;
        let track = TrackId::from_uri(uri).map_err(|error| SpotifyError::Refused(error.to_string()))?;
        Ok(self.client.add_item_to_queue(PlayableId::Track(track), device)?)
    }

    fn get<T: DeserializeOwned>(&self, path: &str, query: &Query<'_>) -> Result<T, SpotifyError> {
        self.refresh()?;
        let text = self.client.api_get(path, query)?;
        serde_json::from_str(&text).map_err(|error| SpotifyError::nonsense(&error))
    }

    /// Gets a new token when the old one has run out. rspotify's own refreshing would lose the refresh token where the
    /// answer brings no new one, which RFC 6749, section 6, allows.
    fn refresh(&self) -> Result<(), SpotifyError> {
        let lock = self.client.get_token();
        let old = lock.lock().expect("no thread panics with the token").clone().ok_or(SpotifyError::LoggedOut)?;
        if !old.is_expired() {
            return Ok(());
        }
        let mut token = self.client.refetch_token()?.ok_or(SpotifyError::Revoked)?;
        token.refresh_token = token.refresh_token.or(old.refresh_token);
        *lock.lock().expect("no thread panics with the token") = Some(token.clone());
        let account = Account { client_id: self.client.creds.id.clone(), token };
        if let Err(error) = account::save(&account) {
            tracing::warn!("the refreshed Spotify token could not be kept: {error:#}");
        }
        Ok(())
    }
}

/// A client without token; `redirect` is where the browser goes after logging in.
pub fn client(id: &str, redirect: &str) -> AuthCodePkceSpotify {
    let scopes: HashSet<String> =
        scopes!("user-read-playback-state", "user-read-currently-playing", "user-modify-playback-state");
    let oauth = OAuth { redirect_uri: redirect.to_owned(), scopes, ..OAuth::default() };
    let mut config = Config { token_cached: false, token_refreshing: false, ..Config::default() };
    config.token_callback_fn = Arc::new(None);
    if let Ok(address) = std::env::var("MOODRING_SPOTIFY_API") {
        config.api_base_url = address;
    }
    if let Ok(address) = std::env::var("MOODRING_SPOTIFY_ACCOUNTS") {
        config.auth_base_url = address;
    }
    AuthCodePkceSpotify::with_config(Credentials::new_pkce(id), oauth, config)
}
