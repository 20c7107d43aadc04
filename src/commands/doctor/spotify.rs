//! Whether a Spotify account is connected. The check does not use the network.

use crate::commands::doctor::Finding;
use moodring_players::adapters::spotify::account::{self, AccountFile};
use moodring_players::adapters::spotify::error::SpotifyError;

pub(super) fn check() -> Finding {
    match account::load() {
        Ok(None) => Finding::ok("spotify", "no account is connected; `moodring spotify login` connects one"),
        Ok(Some((_, AccountFile::Keyring))) => {
            Finding::ok("spotify", "an account is connected; its token is in the keyring")
        }
        Ok(Some((_, AccountFile::File))) => {
            Finding::ok("spotify", "an account is connected; its token is in a file that only you can read")
        }
        Err(error) if account::locked(&error) => {
            Finding::note("spotify", SpotifyError::Locked.to_string(), SpotifyError::Locked.hint())
        }
        Err(error) => {
            Finding::problem("spotify", format!("{error:#}"), "connect it again with `moodring spotify login`")
        }
    }
}
