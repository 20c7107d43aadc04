//! Clementine's network remote, where its owner has switched it on: messages over TCP, each behind its length.

use std::io::{ErrorKind, Read, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream};
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};

use crate::adapters::clementine::wire::{Message, bytes, each, number};
use crate::call_limit::CALL_LIMIT;
use crate::mpris::metadata;
use crate::process::LocalProcess;
use moodring_core::domain::address;
use moodring_core::domain::track::Track;
use moodring_core::error::user_error;
use moodring_platform::bus::timed_out;

/// No message is longer: a list of a hundred thousand songs has some thirty megabytes.
const LONGEST: usize = 64 << 20;

/// The protocol version of Clementine 1.4.
const VERSION: u64 = 21;

/// Kinds of messages.
const CONNECT: u64 = 1;
const DISCONNECT: u64 = 2;
const REQUEST_SONGS: u64 = 4;
const INSERT: u64 = 8;
const REMOVE: u64 = 9;
const CURRENT: u64 = 41;
const LISTS: u64 = 42;
const SONGS: u64 = 43;
const COMPLETE: u64 = 48;

/// A connection, with what the greeting said.
pub struct Remote {
    stream: TcpStream,
    /// The list that plays.
    list: u64,
    /// How many songs that has.
    pub count: u64,
    /// Where in it the current song is.
    pub row: Option<usize>,
}

impl Remote {
    /// The remote of this process, if it has one by now that asks for no code.
    pub fn find(process: &LocalProcess) -> Option<Self> {
        process.listening_ports().into_iter().find_map(|port| Self::open(port).ok())
    }

    /// By default Clementine accepts only private addresses; where it listens on ::1, it does not accept 127.0.0.1.
    pub fn open(port: u16) -> Result<Self> {
        let connect = |host: IpAddr| TcpStream::connect_timeout(&SocketAddr::new(host, port), CALL_LIMIT);
        let greet = |stream: TcpStream| Self { stream, list: 0, count: 0, row: None }.greet();
        match connect(Ipv6Addr::LOCALHOST.into()).map_err(anyhow::Error::from).and_then(greet) {
            Err(error) if !timed_out(&error) => greet(connect(Ipv4Addr::LOCALHOST.into())?),
            other => other,
        }
    }

    fn greet(mut self) -> Result<Self> {
        self.stream.set_write_timeout(Some(CALL_LIMIT))?;
        self.send(CONNECT, 21, &Message::default().number(2, 0))?;
        let end = Instant::now() + CALL_LIMIT;
        loop {
            let message = self.read_message(end)?;
            match number(&message, 2) {
                Some(COMPLETE) => return Ok(self),
                Some(CURRENT) => {
                    let song = bytes(&message, 16).and_then(|current| bytes(current, 1));
                    self.row = song.and_then(|song| usize::try_from(number(song, 2)?).ok());
                }
                Some(LISTS) => self.note_active_list(bytes(&message, 17).unwrap_or_default()),
                _ => {}
            }
        }
    }

    fn note_active_list(&mut self, lists: &[u8]) {
        if let Some(active) = each(lists, 1).find(|list| number(list, 4) == Some(1)) {
            self.list = number(active, 1).unwrap_or_default();
            self.count = number(active, 3).unwrap_or_default();
        }
    }

    /// The list that plays.
    pub fn songs(&mut self) -> Result<Vec<Track>> {
        self.send(REQUEST_SONGS, 10, &Message::default().number(1, self.list))?;
        let end = Instant::now() + CALL_LIMIT;
        loop {
            let message = self.read_message(end)?;
            let list = bytes(&message, 18).filter(|_| number(&message, 2) == Some(SONGS)).unwrap_or_default();
            // It also sends other lists when they change.
            if bytes(list, 1).and_then(|list| number(list, 1)) == Some(self.list) {
                return Ok(each(list, 2).map(track).collect());
            }
        }
    }

    /// Puts a song at this place of the list; nothing is answered.
    pub fn insert(&mut self, song: &Path, row: usize) -> Result<()> {
        let body = Message::default().number(1, self.list).bytes(2, address::to_file_uri(song).as_bytes());
        self.send(INSERT, 25, &body.number(3, row as u64))
    }

    /// Takes the song at this place out of the list; nothing is answered.
    pub fn remove(&mut self, row: usize) -> Result<()> {
        self.send(REMOVE, 26, &Message::default().number(1, self.list).number(2, row as u64))
    }

    fn send(&mut self, kind: u64, field: u32, body: &Message) -> Result<()> {
        let message = Message::default().number(1, VERSION).number(2, kind).bytes(field, &body.0).0;
        let length = u32::try_from(message.len())?.to_be_bytes();
        Ok(self.stream.write_all(&[&length[..], &message].concat())?)
    }

    fn read_message(&mut self, end: Instant) -> Result<Vec<u8>> {
        let length = self.read(4, end)?;
        let length = length.iter().fold(0, |sum, byte| sum << 8 | usize::from(*byte));
        if length > LONGEST {
            return Err(user_error("invalid message from Clementine's network remote", "restart Clementine"));
        }
        let message = self.read(length, end)?;
        if number(&message, 2) == Some(DISCONNECT) {
            return Err(user_error(
                "Clementine's network remote asks for a code",
                "switch its code off, or the remote",
            ));
        }
        Ok(message)
    }

    /// Reads piece by piece, so that an announced length alone takes no memory.
    fn read(&mut self, length: usize, end: Instant) -> Result<Vec<u8>> {
        let mut bytes = Vec::new();
        while bytes.len() < length {
            let rest = end.saturating_duration_since(Instant::now()).max(Duration::from_micros(1));
            self.stream.set_read_timeout(Some(rest))?;
            let mut piece = [0; 16 * 1024];
            let wanted = piece.len().min(length - bytes.len());
            match self.stream.read(&mut piece[..wanted]) {
                Ok(0) => {
                    return Err(user_error("Clementine ended the connection", "see its network remote's settings"));
                }
                Ok(count) => bytes.extend(&piece[..count]),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error).context("Clementine's network remote does not answer"),
            }
        }
        Ok(bytes)
    }
}

fn track(song: &[u8]) -> Track {
    let text = |field| metadata::sanitize(&String::from_utf8_lossy(bytes(song, field).unwrap_or_default()));
    let seconds = number(song, 14).filter(|seconds| i64::try_from(*seconds).is_ok_and(|seconds| seconds > 0));
    Track {
        path: bytes(song, 19).and_then(|url| address::parse_file_path(std::str::from_utf8(url).ok()?)),
        title: text(3),
        artist: text(5),
        album: text(4),
        length: seconds.and_then(|seconds| metadata::discard_absurd(Duration::from_secs(seconds))),
        streamed: false,
    }
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use super::*;

    /// A server that answers with these bytes.
    fn answer(bytes: Vec<u8>) -> u16 {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            // The client may leave at once.
            let _ = stream.write_all(&bytes);
            let _ = stream.read(&mut [0; 64]);
        });
        port
    }

    fn framed(message: Message) -> Vec<u8> {
        [&u32::try_from(message.0.len()).unwrap().to_be_bytes()[..], &message.0].concat()
    }

    #[test]
    fn a_remote_that_wants_a_code_is_not_used() {
        let refused = framed(Message::default().number(2, DISCONNECT));
        let error = Remote::open(answer(refused)).err().unwrap();
        assert!(format!("{error:#}").contains("code"), "{error:#}");
    }

    #[test]
    fn another_protocol_is_no_remote_and_fills_no_memory() {
        for nonsense in [b"HTTP/1.1 400 Bad Request".to_vec(), vec![0, 0, 0, 9, 0xff], vec![]] {
            assert!(Remote::open(answer(nonsense)).is_err());
        }
    }
}
