//! Errors of Spotify, and what the user can do about them.

use std::fmt;
use std::time::Duration;

use rspotify::ClientError;
use rspotify::http::HttpError;
use serde::Deserialize;

use moodring_core::error::user_error;

/// How long no request is sent after a failure that names no time.
const COOL_DOWN: Duration = Duration::from_secs(30);
/// The longest wait that an answer may ask for.
const LONGEST: Duration = Duration::from_secs(24 * 3600);

/// Why a song cannot be queued in Spotify.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SpotifyError {
    /// No account: `moodring spotify login` has not been done, or was undone.
    LoggedOut,
    /// The account is there, but the desktop's keyring is locked.
    Locked,
    /// The user withdrew the permission, or it has expired.
    Revoked,
    /// The account is not one of Premium, which queueing needs.
    NoPremium,
    /// Spotify plays on no device that can be steered.
    NoDevice,
    /// Too many requests (429); none is sent for this time.
    TooMany(Duration),
    /// Spotify's servers report an error (5xx).
    Server(u16),
    Offline,
    /// No answer within the time a player may take.
    Silent,
    /// This song is not there, as far as a search can tell.
    Unknown(String),
    /// Spotify accepted the song, and its queue does not show it.
    Lost,
    /// Anything else, in Spotify's own words.
    Refused(String),
}

impl SpotifyError {
    /// How long no request is sent; `None` where the next may go at once.
    pub fn cool_down(&self) -> Option<Duration> {
        match self {
            Self::TooMany(wait) => Some((*wait).min(LONGEST)),
            Self::Server(_) | Self::Offline => Some(COOL_DOWN),
            _ => None,
        }
    }

    /// The way out.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::LoggedOut => "`moodring spotify login` connects one",
            Self::Revoked => "`moodring spotify login` connects the account again",
            Self::Locked => "unlock the keyring of this desktop",
            Self::NoPremium => "only Premium accounts may queue songs from other programs",
            Self::NoDevice => "start a song in Spotify on the device that you listen to",
            Self::TooMany(_) | Self::Server(_) | Self::Offline | Self::Silent => "Moodring tries again by itself",
            Self::Unknown(_) | Self::Lost => "another song is tried next",
            Self::Refused(_) => "`moodring spotify status` says how the account stands",
        }
    }
}

impl fmt::Display for SpotifyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::LoggedOut => f.write_str("no Spotify account is connected"),
            Self::Locked => f.write_str("the Spotify account lies in a locked keyring"),
            Self::Revoked => f.write_str("Spotify no longer accepts the permission that was given"),
            Self::NoPremium => f.write_str("the Spotify account is not Premium, so nothing can be queued"),
            Self::NoDevice => f.write_str("Spotify plays on no device"),
            Self::TooMany(wait) => write!(f, "Spotify asks for patience, for another {} s", wait.as_secs().max(1)),
            Self::Server(status) => write!(f, "Spotify's servers report an error ({status})"),
            Self::Offline => f.write_str("Spotify cannot be reached"),
            Self::Silent => f.write_str("Spotify did not answer in time"),
            Self::Unknown(song) => write!(f, "“{song}” was not found on Spotify"),
            Self::Lost => f.write_str("Spotify took the song and does not show it in its queue"),
            Self::Refused(words) => write!(f, "Spotify refused: {words}"),
        }
    }
}

impl std::error::Error for SpotifyError {}

impl SpotifyError {
    /// An answer that is not what the documentation says.
    pub fn nonsense(error: &serde_json::Error) -> Self {
        Self::Refused(format!("an invalid response ({error})"))
    }

    /// As an error for people, with its way out.
    pub fn user_error(&self) -> anyhow::Error {
        user_error(self.to_string(), self.hint())
    }
}

/// The error object of the Web API, or of its accounts service.
#[derive(Default, Deserialize)]
struct Body {
    error: Option<serde_json::Value>,
}

impl Body {
    fn text(&self, name: &str) -> &str {
        self.error.as_ref().and_then(|error| error.get(name)).and_then(|value| value.as_str()).unwrap_or_default()
    }
}

impl From<ClientError> for SpotifyError {
    fn from(error: ClientError) -> Self {
        match error {
            ClientError::Http(http) => match *http {
                HttpError::StatusCode(answer) => {
                    let (status, wait) = (answer.status(), answer.header("retry-after").and_then(seconds));
                    refused(status, wait, &answer.into_json().unwrap_or_default())
                }
                HttpError::Transport(_) | HttpError::Io(_) => Self::Offline,
            },
            ClientError::InvalidToken => Self::Revoked,
            ClientError::ParseJson(error) => Self::nonsense(&error),
            other => Self::Refused(other.to_string()),
        }
    }
}

/// `Retry-After`: RFC 9110, section 10.2.3; Spotify sends seconds.
fn seconds(text: &str) -> Option<Duration> {
    text.trim().parse().ok().map(Duration::from_secs)
}

/// [Status codes](https://developer.spotify.com/documentation/web-api/concepts/api-calls) of the Web API; 400 with
/// `invalid_grant` is the accounts service's word for a permission taken back (RFC 6749, section 5.2).
fn refused(status: u16, wait: Option<Duration>, body: &Body) -> SpotifyError {
    let grant = body.error.as_ref().and_then(|error| error.as_str()) == Some("invalid_grant");
    match (status, body.text("reason")) {
        (401, _) => SpotifyError::Revoked,
        (400, _) if grant => SpotifyError::Revoked,
        (429, _) => SpotifyError::TooMany(wait.unwrap_or(COOL_DOWN)),
        (_, "PREMIUM_REQUIRED") => SpotifyError::NoPremium,
        (_, "NO_ACTIVE_DEVICE") => SpotifyError::NoDevice,
        (500.., _) => SpotifyError::Server(status),
        _ => SpotifyError::Refused(format!("{status} {}", body.text("message")).trim().to_owned()),
    }
}
