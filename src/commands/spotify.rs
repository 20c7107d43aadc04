//! `moodring spotify`: connects a Spotify account, shows it, disconnects it.

use std::io::{self, BufRead, IsTerminal, Write};
use std::process::ExitCode;

use anyhow::Result;
use serde::Serialize;

use crate::desktop::ipc;
use moodring_core::error::usage_error;
use moodring_core::message::Request;
use moodring_players::adapters::spotify::account::{self, AccountFile};
use moodring_players::adapters::spotify::dto::Device;
use moodring_players::adapters::spotify::error::SpotifyError;
use moodring_players::adapters::spotify::login::{login, redirect};
use moodring_players::adapters::spotify::web::Web;

/// The user's app at Spotify has this port in its redirect URI.
const PORT: u16 = 8898;

#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    task: SpotifyAction,
}

#[derive(Debug, clap::Subcommand)]
enum SpotifyAction {
    /// Connect your Spotify account, step by step
    Login(Login),
    /// Show whether an account is connected, and its devices
    Status(SpotifyFormat),
    /// Disconnect the account
    Logout,
}

#[derive(Debug, clap::Args)]
struct Login {
    /// Client id of your app at Spotify; without it, Moodring asks
    #[arg(long, value_name = "ID")]
    client_id: Option<String>,
    /// Port on 127.0.0.1 that receives the browser's answer
    #[arg(long, default_value_t = PORT, value_parser = clap::value_parser!(u16).range(1024..))]
    port: u16,
    /// Print the login address instead of opening a browser
    #[arg(long)]
    no_browser: bool,
}

#[derive(Debug, clap::Args)]
struct SpotifyFormat {
    /// Print the answer as JSON
    #[arg(long)]
    json: bool,
}

pub fn run(args: &Args) -> Result<ExitCode> {
    match &args.task {
        SpotifyAction::Login(options) => begin(options),
        SpotifyAction::Status(form) => status(form.json),
        SpotifyAction::Logout => logout(),
    }?;
    Ok(ExitCode::SUCCESS)
}

fn begin(options: &Login) -> Result<()> {
    let known = || account::load().ok().flatten().map(|(account, _)| account.client_id);
    let id = match options.client_id.clone().or_else(known) {
        Some(id) => id,
        None => ask(options.port)?,
    };
    let place = login(id.trim(), options.port, !options.no_browser)?;
    ipc::tell(&Request::Account);
    writeln!(io::stdout(), "Connected; {}.", kept(place))?;
    writeln!(
        io::stdout(),
        "Play something in Spotify: Moodring queues the next songs there. `moodring spotify logout` ends it."
    )?;
    Ok(())
}

fn steps(port: u16) -> io::Result<()> {
    let mut out = io::stdout();
    writeln!(out, "Moodring queues songs through your own app at Spotify. You need a Premium account.\n")?;
    writeln!(out, "  1. Open https://developer.spotify.com/dashboard and log in.")?;
    writeln!(out, "  2. Create an app; name and description are yours to choose.")?;
    writeln!(out, "     Redirect URI: {}", redirect(port))?;
    writeln!(out, "     API: Web API.")?;
    writeln!(out, "  3. Copy its client id. The client secret is not needed.\n")
}

fn ask(port: u16) -> Result<String> {
    steps(port)?;
    if !io::stdin().is_terminal() {
        return Err(usage_error("no client id was given", "moodring spotify login --client-id ID"));
    }
    write!(io::stdout(), "Client id: ")?;
    io::stdout().flush()?;
    let mut id = String::new();
    io::stdin().lock().read_line(&mut id)?;
    Ok(id.trim().to_owned())
}

fn kept(place: AccountFile) -> &'static str {
    match place {
        AccountFile::Keyring => "the permission is kept in the desktop's keyring",
        AccountFile::File => "no keyring answers here, so the permission is kept in a file that only you can read",
    }
}

/// How the account stands, for people and programs.
#[derive(Serialize)]
struct Standing {
    connected: bool,
    kept: Option<AccountFile>,
    devices: Vec<String>,
    /// What is wrong, in a sentence.
    trouble: Option<String>,
}

fn standing() -> (Standing, Option<SpotifyError>) {
    let (found, trouble) = match account::load() {
        Ok(Some(found)) => (Some(found), None),
        Ok(None) => (None, None),
        Err(error) if account::locked(&error) => (None, Some(SpotifyError::Locked)),
        Err(error) => (None, Some(SpotifyError::Refused(format!("{error:#}")))),
    };
    let kept = found.as_ref().map(|(_, place)| *place);
    let asked = found.as_ref().map(|(account, _)| Web::new(account).devices());
    let (devices, trouble) = match asked {
        Some(Ok(devices)) => (devices.iter().map(device).collect(), None),
        Some(Err(trouble)) => (Vec::new(), Some(trouble)),
        None => (Vec::new(), trouble),
    };
    let words = trouble.as_ref().map(ToString::to_string);
    (Standing { connected: kept.is_some(), kept, devices, trouble: words }, trouble)
}

fn device(device: &Device) -> String {
    let active = if device.is_active { ", active" } else { "" };
    format!("{} ({}{active})", device.name, device.kind.to_lowercase())
}

fn status(json: bool) -> Result<()> {
    let (standing, trouble) = standing();
    if json {
        writeln!(io::stdout(), "{}", serde_json::to_string(&standing)?)?;
        return Ok(());
    }
    if let Some(trouble) = trouble {
        return Err(trouble.user_error());
    }
    match standing.kept {
        None => writeln!(io::stdout(), "No Spotify account is connected; `moodring spotify login` connects one.")?,
        Some(place) => writeln!(io::stdout(), "A Spotify account is connected; {}.", kept(place))?,
    }
    if standing.kept.is_some() {
        let devices = if standing.devices.is_empty() { "none that is on".into() } else { standing.devices.join(", ") };
        writeln!(io::stdout(), "Devices: {devices}")?;
    }
    Ok(())
}

fn logout() -> Result<()> {
    let words = if account::forget()? {
        ipc::tell(&Request::Account);
        "The Spotify account is forgotten here. At https://www.spotify.com/account/apps you can withdraw the permission as well."
    } else {
        "No Spotify account was connected."
    };
    writeln!(io::stdout(), "{words}")?;
    Ok(())
}
