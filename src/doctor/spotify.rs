//! Whether a Spotify account is connected; nothing is asked over the network.

use super::Finding;
use crate::player::spotify::account::{self, Place};
use crate::player::spotify::trouble::Trouble;

pub(super) fn check() -> Finding {
    match account::load() {
        Ok(None) => Finding::ok("spotify", "no account is connected; `moodring spotify login` connects one"),
        Ok(Some((_, Place::Keyring))) => Finding::ok("spotify", "an account is connected, kept in the keyring"),
        Ok(Some((_, Place::File))) => Finding::ok("spotify", "an account is connected, kept in a file for you alone"),
        Err(error) if account::locked(&error) => {
            Finding::note("spotify", Trouble::Locked.to_string(), Trouble::Locked.hint())
        }
        Err(error) => {
            Finding::problem("spotify", format!("{error:#}"), "connect it again with `moodring spotify login`")
        }
    }
}
