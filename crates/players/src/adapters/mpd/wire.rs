//! The protocol of the Music Player Daemon: lines of text over a socket.
//!
//! <https://mpd.readthedocs.io/en/stable/protocol.html>

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, TcpStream, ToSocketAddrs};
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result};

use crate::call_limit::CALL_LIMIT;
use moodring_core::error::user_error;

/// A reply may not have more lines than this, and a line not more bytes.
const LINES: usize = 100_000;
const LINE: u64 = 64 * 1024;

/// Where a daemon listens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Endpoint {
    Tcp(String),
    Socket(PathBuf),
}

impl Endpoint {
    /// From the settings: "host:port", "host", or the path of a socket; `None` when empty.
    pub fn read(text: &str) -> Option<Self> {
        match text.trim() {
            "" => None,
            path if path.starts_with('/') => Some(Self::Socket(path.into())),
            host if host.rsplit_once(':').is_some_and(|(_, port)| port.parse::<u16>().is_ok()) => {
                Some(Self::Tcp(host.into()))
            }
            host => Some(Self::Tcp(format!("{host}:6600"))),
        }
    }
}

/// A key and its value, in the order of the reply; keys may come several times.
pub type Pairs = Vec<(String, String)>;

/// The value of the first pair with this key.
pub fn value<'a>(pairs: &'a [(String, String)], key: &str) -> Option<&'a str> {
    pairs.iter().find(|(name, _)| name == key).map(|(_, value)| value.as_str())
}

pub fn number<T: std::str::FromStr>(pairs: &[(String, String)], key: &str) -> Option<T> {
    value(pairs, key)?.parse().ok()
}

enum Stream {
    Tcp(TcpStream),
    Socket(UnixStream),
}

/// A connection; each answer must come within [`CALL_LIMIT`], those to `idle` excepted.
pub struct Wire {
    reader: BufReader<Stream>,
    /// Of the protocol: `(0, 23, 5)`.
    pub version: (u32, u32, u32),
    pub local: bool,
}

impl Wire {
    pub fn open(door: &Endpoint) -> Result<Self> {
        let (stream, local) = match door {
            Endpoint::Tcp(host) => (Stream::Tcp(reach(host)?), false),
            Endpoint::Socket(path) => (Stream::Socket(UnixStream::connect(path)?), true),
        };
        stream.limit(Some(CALL_LIMIT))?;
        let mut wire = Self { reader: BufReader::new(stream), version: (0, 0, 0), local };
        let greeting = wire.line()?;
        let version = greeting.strip_prefix("OK MPD ").context("something else than MPD answers there")?;
        let mut parts = version.split('.').map(|part| part.parse().unwrap_or(0));
        wire.version = (parts.next().unwrap_or(0), parts.next().unwrap_or(0), parts.next().unwrap_or(0));
        Ok(wire)
    }

    /// One command with its arguments, and its answer.
    pub fn ask(&mut self, command: &[&str]) -> Result<Pairs> {
        self.say(command)?;
        self.answer()
    }

    /// Waits without limit until one of these parts of the daemon changes.
    pub fn idle(&mut self, parts: &[&str]) -> Result<()> {
        self.say(&[&["idle"], parts].concat())?;
        self.reader.get_ref().limit(None)?;
        self.answer()?;
        self.reader.get_ref().limit(Some(CALL_LIMIT))
    }

    /// A handle that ends the connection from another thread.
    pub fn plug(&self) -> Result<ShutdownHandle> {
        Ok(ShutdownHandle(match self.reader.get_ref() {
            Stream::Tcp(stream) => Stream::Tcp(stream.try_clone()?),
            Stream::Socket(stream) => Stream::Socket(stream.try_clone()?),
        }))
    }

    fn say(&mut self, command: &[&str]) -> Result<()> {
        let mut text = String::new();
        for (at, word) in command.iter().enumerate() {
            if word.contains('\n') {
                return Err(user_error("MPD cannot take a name with a line break", "rename the file"));
            }
            let quoted = format!(" \"{}\"", word.replace('\\', "\\\\").replace('"', "\\\""));
            text.push_str(if at == 0 { word } else { &quoted });
        }
        text.push('\n');
        Ok(self.reader.get_mut().write_all(text.as_bytes())?)
    }

    fn answer(&mut self) -> Result<Pairs> {
        let mut pairs = Pairs::new();
        while pairs.len() < LINES {
            let line = self.line()?;
            if line == "OK" {
                return Ok(pairs);
            }
            if let Some(complaint) = line.strip_prefix("ACK ") {
                let reason = complaint.rsplit_once("} ").map_or(complaint, |(_, reason)| reason);
                return Err(user_error(format!("MPD refuses: {reason}"), "see the log of MPD"));
            }
            let (key, value) = line.split_once(": ").context("MPD gave an answer that is none")?;
            pairs.push((key.to_owned(), value.to_owned()));
        }
        Err(user_error("MPD gave an endless answer", "see the log of MPD"))
    }

    fn line(&mut self) -> Result<String> {
        let mut bytes = Vec::new();
        self.reader.by_ref().take(LINE).read_until(b'\n', &mut bytes)?;
        if bytes.pop() != Some(b'\n') {
            return Err(user_error("MPD ended the connection", "see the log of MPD"));
        }
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }
}

/// Ends a connection that another thread waits on.
pub struct ShutdownHandle(Stream);

impl ShutdownHandle {
    pub fn pull(&self) {
        // A connection that is gone already needs no ending.
        let _ = match &self.0 {
            Stream::Tcp(stream) => stream.shutdown(Shutdown::Both),
            Stream::Socket(stream) => stream.shutdown(Shutdown::Both),
        };
    }
}

fn reach(host: &str) -> Result<TcpStream> {
    let mut trouble = user_error(format!("{host} is no address"), "see players.mpd in the settings");
    for address in host.to_socket_addrs()? {
        match TcpStream::connect_timeout(&address, CALL_LIMIT / 2) {
            Ok(stream) => return Ok(stream),
            Err(error) => trouble = error.into(),
        }
    }
    Err(trouble)
}

impl Stream {
    fn limit(&self, time: Option<Duration>) -> Result<()> {
        let set = match self {
            Self::Tcp(stream) => stream.set_read_timeout(time).and(stream.set_write_timeout(time)),
            Self::Socket(stream) => stream.set_read_timeout(time).and(stream.set_write_timeout(time)),
        };
        Ok(set?)
    }
}

impl Read for Stream {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        match self {
            Self::Tcp(stream) => stream.read(into),
            Self::Socket(stream) => stream.read(into),
        }
    }
}

impl Write for Stream {
    fn write(&mut self, from: &[u8]) -> std::io::Result<usize> {
        match self {
            Self::Tcp(stream) => stream.write(from),
            Self::Socket(stream) => stream.write(from),
        }
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_setting_names_a_host_or_a_socket() {
        assert_eq!(Endpoint::read(" "), None);
        assert_eq!(Endpoint::read("/run/mpd/socket"), Some(Endpoint::Socket("/run/mpd/socket".into())));
        assert_eq!(Endpoint::read("music"), Some(Endpoint::Tcp("music:6600".into())));
        assert_eq!(Endpoint::read("[::1]:7000"), Some(Endpoint::Tcp("[::1]:7000".into())));
    }
}
