//! A connection to a player's socket, with one deadline for a whole operation.
//!
//! 1. The deadline holds however the peer spreads its bytes: each read and write gets only the time that is left.
//! 2. Connecting cannot block: a socket whose backlog is full is tried again until the deadline.
//! 3. What the peer sends between two [`DeadlineStream::expect`] is bounded.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use rustix::io::Errno;
use rustix::net::{AddressFamily, SocketAddrUnix, SocketFlags, SocketType, connect, socket_with};

/// Between two attempts to connect to a socket whose backlog is full.
const PAUSE: Duration = Duration::from_millis(20);

#[derive(Debug)]
enum Stream {
    Tcp(TcpStream),
    Unix(UnixStream),
}

#[derive(Debug)]
pub(crate) struct DeadlineStream {
    stream: Stream,
    /// `None` waits without limit.
    deadline: Option<Instant>,
    /// Bytes that may still come.
    left: usize,
}

impl DeadlineStream {
    pub(crate) fn connect_unix(path: &Path, deadline: Instant) -> io::Result<Self> {
        let address = SocketAddrUnix::new(path)?;
        loop {
            let flags = SocketFlags::CLOEXEC | SocketFlags::NONBLOCK;
            let socket = socket_with(AddressFamily::UNIX, SocketType::STREAM, flags, None)?;
            match connect(&socket, &address) {
                Ok(()) => {
                    let stream = UnixStream::from(socket);
                    stream.set_nonblocking(false)?;
                    return Ok(Self { stream: Stream::Unix(stream), deadline: Some(deadline), left: 0 });
                }
                Err(Errno::AGAIN) if Instant::now() + PAUSE < deadline => thread::sleep(PAUSE),
                Err(Errno::AGAIN) => return Err(ErrorKind::TimedOut.into()),
                Err(error) => return Err(error.into()),
            }
        }
    }

    pub(crate) fn connect_tcp(address: &SocketAddr, deadline: Instant) -> io::Result<Self> {
        let stream = TcpStream::connect_timeout(address, left_until(deadline)?)?;
        Ok(Self { stream: Stream::Tcp(stream), deadline: Some(deadline), left: 0 })
    }

    /// Begins another operation; `None` waits without limit.
    pub(crate) fn set_deadline(&mut self, deadline: Option<Instant>) {
        self.deadline = deadline;
    }

    /// Begins another answer, of at most this many bytes.
    pub(crate) fn expect(&mut self, bytes: usize) {
        self.left = bytes;
    }

    pub(crate) fn try_clone(&self) -> io::Result<Self> {
        let stream = match &self.stream {
            Stream::Tcp(stream) => Stream::Tcp(stream.try_clone()?),
            Stream::Unix(stream) => Stream::Unix(stream.try_clone()?),
        };
        Ok(Self { stream, deadline: self.deadline, left: 0 })
    }

    /// Ends the connection, also for a thread that waits on a clone of it.
    pub(crate) fn shut_down(&self) -> io::Result<()> {
        match &self.stream {
            Stream::Tcp(stream) => stream.shutdown(Shutdown::Both),
            Stream::Unix(stream) => stream.shutdown(Shutdown::Both),
        }
    }

    fn limit(&self) -> io::Result<()> {
        let left = self.deadline.map(left_until).transpose()?;
        match &self.stream {
            Stream::Tcp(stream) => stream.set_read_timeout(left).and(stream.set_write_timeout(left)),
            Stream::Unix(stream) => stream.set_read_timeout(left).and(stream.set_write_timeout(left)),
        }
    }
}

fn left_until(deadline: Instant) -> io::Result<Duration> {
    let left = deadline.saturating_duration_since(Instant::now());
    if left.is_zero() { Err(ErrorKind::TimedOut.into()) } else { Ok(left) }
}

impl Read for DeadlineStream {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if self.left == 0 {
            return Err(io::Error::new(ErrorKind::InvalidData, "the answer is too long"));
        }
        self.limit()?;
        let most = into.len().min(self.left);
        let count = match &mut self.stream {
            Stream::Tcp(stream) => stream.read(&mut into[..most]),
            Stream::Unix(stream) => stream.read(&mut into[..most]),
        }?;
        self.left -= count;
        Ok(count)
    }
}

impl Write for DeadlineStream {
    fn write(&mut self, from: &[u8]) -> io::Result<usize> {
        self.limit()?;
        match &mut self.stream {
            Stream::Tcp(stream) => stream.write(from),
            Stream::Unix(stream) => stream.write(from),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::io::BufRead;
    use std::os::unix::net::UnixListener;

    use super::*;

    fn limit() -> Instant {
        Instant::now() + Duration::from_millis(600)
    }

    #[test]
    fn a_peer_that_sends_byte_after_byte_is_cut_off_at_the_deadline() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("socket");
        let listener = UnixListener::bind(&path).unwrap();
        thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            while stream.write_all(b"x").is_ok() {
                thread::sleep(Duration::from_millis(100));
            }
        });
        let began = Instant::now();
        let mut stream = DeadlineStream::connect_unix(&path, limit()).unwrap();
        stream.expect(1 << 20);
        let error = io::BufReader::new(stream).read_until(b'\n', &mut Vec::new()).unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::TimedOut | ErrorKind::WouldBlock), "{error}");
        assert!(began.elapsed() < Duration::from_millis(1200), "{:?}", began.elapsed());
    }

    #[test]
    fn a_full_backlog_does_not_block() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("socket");
        let flags = SocketFlags::CLOEXEC;
        let listener = socket_with(AddressFamily::UNIX, SocketType::STREAM, flags, None).unwrap();
        rustix::net::bind(&listener, &SocketAddrUnix::new(&path).unwrap()).unwrap();
        rustix::net::listen(&listener, 0).unwrap();
        let _first = DeadlineStream::connect_unix(&path, limit()).unwrap();
        let began = Instant::now();
        let error = DeadlineStream::connect_unix(&path, limit()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::TimedOut);
        assert!(began.elapsed() < Duration::from_millis(1200), "{:?}", began.elapsed());
    }

    #[test]
    fn an_answer_without_end_is_cut_off() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("socket");
        let listener = UnixListener::bind(&path).unwrap();
        thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            while stream.write_all(&[b'x'; 4096]).is_ok() {}
        });
        let mut stream = DeadlineStream::connect_unix(&path, Instant::now() + Duration::from_secs(10)).unwrap();
        stream.expect(100_000);
        let mut bytes = Vec::new();
        let error = stream.read_to_end(&mut bytes).unwrap_err();
        assert_eq!((error.kind(), bytes.len()), (ErrorKind::InvalidData, 100_000));
    }
}
