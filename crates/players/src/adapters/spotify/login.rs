//! Logging in: Authorization Code with PKCE (RFC 7636), with the browser's answer taken on 127.0.0.1 (RFC 8252).

use std::io::{BufRead, BufReader, ErrorKind, Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use rspotify::AuthCodePkceSpotify;
use rspotify::clients::{BaseClient, OAuthClient};

use crate::adapters::spotify::account::{self, Account, AccountFile};
use crate::adapters::spotify::error::SpotifyError;
use crate::adapters::spotify::web::client;
use moodring_core::error::{usage_error, user_error};

/// Time to log in, in the browser.
const LIMIT: Duration = Duration::from_secs(600);
/// A browser sends its request at once.
const READING: Duration = Duration::from_secs(5);
const LONGEST_REQUEST: u64 = 16 * 1024;

/// Where Spotify sends the browser afterwards; the user enters the same address at Spotify.
pub fn redirect(port: u16) -> String {
    format!("http://127.0.0.1:{port}/callback")
}

/// Connects an account; returns where it is kept.
pub fn login(id: &str, port: u16, browser: bool) -> Result<AccountFile> {
    check(id)?;
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).map_err(|error| {
        user_error(
            format!("cannot wait for the browser on 127.0.0.1:{port}: {error}"),
            "choose another with --port, and add its address to the app at Spotify",
        )
    })?;
    let mut client = client(id, &redirect(port));
    let address = client.get_authorize_url(None).context("cannot make the address to log in at")?;
    println!("\nLog in here:\n\n  {address}\n");
    if browser {
        open(&address);
    }
    println!("Waiting for the browser, for ten minutes …");
    let code = wait(&listener, &client, Instant::now() + LIMIT)?;
    client.request_token(&code).map_err(|error| SpotifyError::from(error).user_error())?;
    let lock = client.get_token();
    let token = lock.lock().expect("unshared").clone().context("Spotify gave no token")?;
    account::save(&Account { client_id: id.to_owned(), token })
}

/// A client id is 32 hexadecimal digits.
fn check(id: &str) -> Result<()> {
    if id.len() == 32 && id.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Ok(());
    }
    Err(usage_error(
        format!("\"{id}\" is not a client id: 32 digits and letters a to f"),
        "copy it from the app's settings at Spotify",
    ))
}

fn open(address: &str) {
    let mut command = Command::new("xdg-open");
    command.arg(address).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    if command.spawn().is_err() {
        println!("(No browser could be started: open the address by hand.)");
    }
}

/// Waits for the code that the browser brings.
fn wait(listener: &TcpListener, client: &AuthCodePkceSpotify, until: Instant) -> Result<String> {
    listener.set_nonblocking(true)?;
    loop {
        match listener.accept() {
            Ok((stream, _)) => {
                if let Some(done) = receive(stream, client) {
                    return done;
                }
            }
            Err(error) if error.kind() == ErrorKind::WouldBlock => std::thread::sleep(Duration::from_millis(50)),
            Err(error) => return Err(error).context("cannot wait for the browser"),
        }
        if Instant::now() > until {
            return Err(user_error("no one logged in", "run `moodring spotify login` again"));
        }
    }
}

/// `None`: a request that is not the one waited for, such as a browser's for an icon.
fn receive(stream: TcpStream, client: &AuthCodePkceSpotify) -> Option<Result<String>> {
    stream.set_nonblocking(false).and_then(|()| stream.set_read_timeout(Some(READING))).ok()?;
    let mut line = String::new();
    BufReader::new((&stream).take(LONGEST_REQUEST)).read_line(&mut line).ok()?;
    let path = line.strip_prefix("GET ")?.split(' ').next()?;
    let address = format!("http://127.0.0.1{path}");
    if !path.starts_with("/callback?") {
        answer(&stream, "404 Not Found", "Nothing is here.");
        return None;
    }
    if path.contains("error=") {
        answer(&stream, "200 OK", "Moodring was not given the permission. You can close this page.");
        return Some(Err(user_error(
            "Spotify was not given the permission",
            "run `moodring spotify login` again to give it",
        )));
    }
    let Some(code) = client.parse_response_code(&address) else {
        answer(&stream, "400 Bad Request", "This answer does not belong to the question that Moodring asked.");
        return None;
    };
    answer(&stream, "200 OK", "Moodring may now queue songs in Spotify. You can close this page.");
    Some(Ok(code))
}

fn answer(mut stream: &TcpStream, status: &str, words: &str) {
    let head =
        format!("HTTP/1.1 {status}\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: {}", words.len());
    // The browser may have closed the connection.
    let _ = write!(stream, "{head}\r\nConnection: close\r\n\r\n{words}");
}
