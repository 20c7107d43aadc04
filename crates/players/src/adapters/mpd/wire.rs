//! The protocol of the Music Player Daemon: lines of text over a socket.
//!
//! <https://mpd.readthedocs.io/en/stable/protocol.html>

use std::io::{BufRead, BufReader, Write};
use std::net::ToSocketAddrs;
use std::path::PathBuf;
use std::time::Instant;

use anyhow::{Context, Result};

use crate::adapters::mpd::socket_owner::is_trusted;
use crate::call_limit::CALL_LIMIT;
use crate::deadline_stream::DeadlineStream;
use moodring_core::error::user_error;

/// No answer has more bytes: ours are about a few songs at a time.
const ANSWER: usize = 4 << 20;

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

/// A connection for one operation, which must end within [`CALL_LIMIT`]; only `idle` waits longer.
pub struct Wire {
    reader: BufReader<DeadlineStream>,
    /// Of the protocol: `(0, 23, 5)`.
    pub version: (u32, u32, u32),
    pub local: bool,
}

impl Wire {
    pub fn open(endpoint: &Endpoint) -> Result<Self> {
        let deadline = Instant::now() + CALL_LIMIT;
        let (stream, local) = match endpoint {
            Endpoint::Tcp(host) => (connect(host, deadline)?, false),
            Endpoint::Socket(path) => (DeadlineStream::connect_unix(path, deadline)?, true),
        };
        let mut wire = Self { reader: BufReader::new(stream), version: (0, 0, 0), local };
        wire.reader.get_mut().expect(ANSWER);
        let greeting = wire.line()?;
        let version = greeting.strip_prefix("OK MPD ").context("a program other than MPD answers there")?;
        let mut parts = version.split('.').map(|part| part.parse().unwrap_or(0));
        wire.version = (parts.next().unwrap_or(0), parts.next().unwrap_or(0), parts.next().unwrap_or(0));
        Ok(wire)
    }

    /// One command with its arguments, and its answer.
    pub fn ask(&mut self, command: &[&str]) -> Result<Pairs> {
        self.send(command)?;
        self.answer()
    }

    /// Waits without limit until one of these parts of the daemon changes.
    pub fn idle(&mut self, parts: &[&str]) -> Result<()> {
        self.reader.get_mut().set_deadline(Some(Instant::now() + CALL_LIMIT));
        self.send(&[&["idle"], parts].concat())?;
        self.reader.get_mut().set_deadline(None);
        self.answer().map(drop)
    }

    /// A handle that ends the connection from another thread.
    pub fn shutdown_handle(&self) -> Result<ShutdownHandle> {
        Ok(ShutdownHandle(self.reader.get_ref().try_clone()?))
    }

    fn send(&mut self, command: &[&str]) -> Result<()> {
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
        self.reader.get_mut().expect(ANSWER);
        loop {
            let line = self.line()?;
            if line == "OK" {
                return Ok(pairs);
            }
            if let Some(refusal) = line.strip_prefix("ACK ") {
                let reason = refusal.rsplit_once("} ").map_or(refusal, |(_, reason)| reason);
                return Err(user_error(format!("MPD refuses: {reason}"), "see the log of MPD"));
            }
            let (key, value) = line.split_once(": ").context("invalid response from MPD")?;
            pairs.push((key.to_owned(), value.to_owned()));
        }
    }

    fn line(&mut self) -> Result<String> {
        let mut bytes = Vec::new();
        self.reader.read_until(b'\n', &mut bytes)?;
        if bytes.pop() != Some(b'\n') {
            return Err(user_error("MPD ended the connection", "see the log of MPD"));
        }
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }
}

/// Ends a connection that another thread waits on.
pub struct ShutdownHandle(DeadlineStream);

impl ShutdownHandle {
    pub fn shut_down(&self) {
        // A connection that is gone already needs no ending.
        let _ = self.0.shut_down();
    }
}

fn connect(host: &str, deadline: Instant) -> Result<DeadlineStream> {
    let mut last_error = user_error(format!("{host} is no address"), "see players.mpd in the settings");
    for address in host.to_socket_addrs()? {
        if !is_trusted(&address) {
            let what = format!("the program at {address} belongs to another user");
            last_error = user_error(what, "set players.mpd to the socket of your own MPD");
            continue;
        }
        // The next address needs some time as well.
        match DeadlineStream::connect_tcp(&address, deadline.min(Instant::now() + CALL_LIMIT / 2)) {
            Ok(mut stream) => {
                stream.set_deadline(Some(deadline));
                return Ok(stream);
            }
            Err(error) => last_error = error.into(),
        }
    }
    Err(last_error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_that_drips_or_has_no_end_is_cut_off_in_time() {
        let flood = [vec![b'x'; 100_000], b": y\n".to_vec()].concat();
        let drip = |bytes: Vec<u8>, pause: u64| {
            let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
            let port = listener.local_addr().unwrap().port();
            std::thread::spawn(move || {
                let (mut stream, _) = listener.accept().unwrap();
                let mut alive = stream.write_all(b"OK MPD 0.23.5\n").is_ok();
                while alive {
                    std::thread::sleep(std::time::Duration::from_millis(pause));
                    alive = stream.write_all(&bytes).is_ok();
                }
            });
            Endpoint::Tcp(format!("127.0.0.1:{port}"))
        };
        for endpoint in [drip(b"a".to_vec(), 300), drip(b"a: b\n".to_vec(), 300), drip(flood, 0)] {
            let began = Instant::now();
            assert!(Wire::open(&endpoint).unwrap().ask(&["status"]).is_err());
            assert!(began.elapsed() < CALL_LIMIT * 3 / 2, "{:?}", began.elapsed());
        }
    }

    #[test]
    fn the_setting_names_a_host_or_a_socket() {
        assert_eq!(Endpoint::read(" "), None);
        assert_eq!(Endpoint::read("/run/mpd/socket"), Some(Endpoint::Socket("/run/mpd/socket".into())));
        assert_eq!(Endpoint::read("music"), Some(Endpoint::Tcp("music:6600".into())));
        assert_eq!(Endpoint::read("[::1]:7000"), Some(Endpoint::Tcp("[::1]:7000".into())));
    }
}
