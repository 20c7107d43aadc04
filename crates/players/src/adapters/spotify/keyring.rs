//! The desktop's keyring (Secret Service), called on a thread of its own because a keyring may hang or ask for a password.

use std::collections::HashMap;
use std::fmt;
use std::sync::mpsc::channel;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use secret_service::blocking::{Item, SecretService};
use secret_service::{EncryptionType, Error};

const LABEL: &str = "Moodring: Spotify account";
/// A keyring may ask the user for a password.
const LIMIT: Duration = Duration::from_secs(60);
const READ_PATIENCE: Duration = Duration::from_secs(2);

/// The keyring has the account, and is locked.
#[derive(Debug)]
pub(super) struct Locked;

impl fmt::Display for Locked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the keyring is locked")
    }
}

impl std::error::Error for Locked {}

fn attributes() -> HashMap<&'static str, &'static str> {
    HashMap::from([("application", "moodring"), ("service", "spotify")])
}

/// The stored text; `None` where there is none, or no keyring answers. Never asks the user for a password.
///
/// # Errors
/// [`Locked`].
pub(super) fn read() -> Result<Option<String>> {
    let found = call_keyring(READ_PATIENCE, |service| {
        let found = service.search_items(attributes())?;
        match (found.unlocked.first(), found.locked.first()) {
            (Some(item), _) => Ok(Some(item.get_secret()?)),
            (None, Some(_)) => Err(Error::Locked),
            (None, None) => Ok(None),
        }
    });
    match found {
        Ok(secret) => secret.map(String::from_utf8).transpose().context("the keyring holds no text"),
        Err(error) if matches!(error.downcast_ref(), Some(Error::Locked)) => Err(Locked.into()),
        Err(error) => {
            tracing::debug!("no keyring: {error:#}");
            Ok(None)
        }
    }
}

/// Stores a text in place of an earlier one; unlocks the keyring first, which may ask the user.
pub(super) fn write(text: &str) -> Result<()> {
    let text = text.to_owned();
    call_keyring(LIMIT, move |service| {
        let collection = service.get_default_collection()?;
        if collection.is_locked()? {
            collection.unlock()?;
        }
        collection.create_item(LABEL, attributes(), text.as_bytes(), true, "application/json")?;
        Ok(())
    })
}

/// Removes it; false where there was none, or no keyring.
pub(super) fn remove() -> Result<bool> {
    let removed = call_keyring(LIMIT, |service| {
        let found = service.search_items(attributes())?;
        if !found.locked.is_empty() {
            service.unlock_all(&found.locked.iter().collect::<Vec<&Item>>())?;
        }
        let items: Vec<_> = found.unlocked.into_iter().chain(found.locked).collect();
        items.iter().try_for_each(Item::delete)?;
        Ok(!items.is_empty())
    });
    Ok(removed.unwrap_or(false))
}

fn call_keyring<T: Send + 'static>(
    limit: Duration,
    ask: impl FnOnce(&SecretService<'_>) -> Result<T, Error> + Send + 'static,
) -> Result<T> {
    let (sender, answer) = channel();
    std::thread::Builder::new().name("keyring".into()).spawn(move || {
        let done = SecretService::connect(EncryptionType::Dh).and_then(|service| ask(&service));
        let _ = sender.send(done);
    })?;
    match answer.recv_timeout(limit) {
        Ok(done) => Ok(done?),
        Err(_) => bail!("the keyring does not answer"),
    }
}
