//! The account: permission to steer Spotify, and where it is kept.

use std::fs;
use std::io::{ErrorKind, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use rspotify::Token;
use serde::{Deserialize, Serialize};

use crate::adapters::spotify::keyring::{self, Locked};
use moodring_platform::folders;

/// The client id of the user's app, and the tokens.
#[derive(Clone, Serialize, Deserialize)]
pub struct Account {
    pub client_id: String,
    pub token: Token,
}

/// Where an account is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum AccountFile {
    Keyring,
    /// A file with mode 0600, where no keyring answers.
    File,
}

/// The account, and where it is stored; `None` where there is none.
///
/// # Errors
/// `Locked` when the keyring has one and is locked.
pub fn load() -> Result<Option<(Account, AccountFile)>> {
    if let Some(text) = keyring::read()? {
        return Ok(Some((parse(&text)?, AccountFile::Keyring)));
    }
    match fs::read_to_string(file()?) {
        Ok(text) => Ok(Some((parse(&text)?, AccountFile::File))),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).with_context(|| format!("cannot read {}", file().unwrap_or_default().display())),
    }
}

/// Keeps it in the keyring, else in a file with mode 0600; says where.
pub fn save(account: &Account) -> Result<AccountFile> {
    let text = serde_json::to_string(account)?;
    match keyring::write(&text) {
        Ok(()) => {
            let _ = fs::remove_file(file()?);
            Ok(AccountFile::Keyring)
        }
        Err(error) => {
            tracing::info!("the Spotify account goes into a file: {error:#}");
            write(&file()?, &text)?;
            Ok(AccountFile::File)
        }
    }
}

/// Forgets it everywhere; `false`: there was none.
pub fn forget() -> Result<bool> {
    let kept = keyring::remove()?;
    match fs::remove_file(file()?) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(kept),
        Err(error) => Err(error).with_context(|| format!("cannot remove {}", file().unwrap_or_default().display())),
    }
}

/// Whether an error means that the keyring is locked.
pub fn locked(error: &anyhow::Error) -> bool {
    error.is::<Locked>()
}

fn file() -> Result<PathBuf> {
    Ok(folders::library_file()?.with_file_name("spotify.json"))
}

fn parse(text: &str) -> Result<Account> {
    serde_json::from_str(text).context("the kept Spotify account cannot be read")
}

/// Whole or not at all: a crash leaves the old one.
fn write(path: &Path, text: &str) -> Result<()> {
    let fresh = path.with_extension("new");
    let _ = fs::remove_file(&fresh);
    let mut options = fs::OpenOptions::new();
    let mut out = options.write(true).create_new(true).mode(0o600).open(&fresh)?;
    out.write_all(text.as_bytes())?;
    out.sync_all()?;
    fs::rename(&fresh, path).with_context(|| format!("cannot write {}", path.display()))
}
