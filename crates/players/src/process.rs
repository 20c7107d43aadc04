//! What the kernel tells of a player's process: where it listens, how it was started, which build it is.

use std::collections::BTreeSet;
use std::ffi::{OsStr, OsString};
use std::fs::{self, File};
use std::io::Read;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::fs::{FileTypeExt, MetadataExt};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};

use crate::call_limit::CALL_LIMIT;
use moodring_core::error::user_error;

/// No command line and no environment of a player is longer.
const LONGEST: u64 = 1 << 20;

/// How often to see whether a program has ended.
const GLANCE: Duration = Duration::from_millis(20);

/// A process on this machine; what it does not let us see is empty.
#[derive(Clone, Debug)]
pub struct Process {
    folder: PathBuf,
}

impl Process {
    pub fn new(pid: u32) -> Self {
        Self { folder: Path::new("/proc").join(pid.to_string()) }
    }

    /// The sockets at which it listens, by their paths.
    pub fn sockets(&self) -> Vec<PathBuf> {
        let own = self.inodes();
        let table = fs::read(self.folder.join("net/unix")).unwrap_or_default();
        let listening = table.split(|byte| *byte == b'\n').filter_map(listener);
        let own = listening.filter(|(inode, _)| own.contains(inode));
        own.map(|(_, path)| self.place(&path)).collect()
    }

    /// The ports at which it listens for this machine.
    pub fn ports(&self) -> BTreeSet<u16> {
        let own = self.inodes();
        let tables = ["net/tcp6", "net/tcp"].map(|name| fs::read_to_string(self.folder.join(name)).unwrap_or_default());
        let listening = tables.iter().flat_map(|table| table.lines().filter_map(open_port));
        listening.filter(|(inode, _)| own.contains(inode)).map(|(_, port)| port).collect()
    }

    /// The named pipe of this name that it holds open.
    pub fn pipe(&self, name: &str) -> Option<PathBuf> {
        let is_pipe = |path: &PathBuf| fs::symlink_metadata(path).is_ok_and(|meta| meta.file_type().is_fifo());
        self.links().into_iter().find(|path| path.file_name() == Some(OsStr::new(name)) && is_pipe(path))
    }

    /// Its command line, program first.
    pub fn words(&self) -> Vec<OsString> {
        self.list("cmdline")
    }

    /// The file it runs: the script, where an interpreter runs one.
    pub fn program(&self) -> Option<PathBuf> {
        let file = fs::read_link(self.folder.join("exe")).ok()?;
        let interprets = file.file_name().is_some_and(|name| name.as_bytes().starts_with(b"python"));
        let script = self.words().into_iter().skip(1).map(PathBuf::from).find(|word| word.is_absolute());
        if interprets { script } else { Some(file) }
    }

    /// Changes with every other build of the program.
    pub fn build_id(&self) -> Option<String> {
        let file = fs::metadata(self.program()?).ok()?;
        Some(format!("{}-{}", file.mtime(), file.size()))
    }

    /// Its own program, to be started as its owner would: in its environment.
    pub fn command(&self, words: &[&OsStr]) -> Result<Command> {
        let mut command = Command::new(self.program().context("it does not show which program it is")?);
        command.args(words).env_clear().envs(self.environment()).current_dir("/").process_group(0);
        if let Ok(owner) = fs::metadata(&self.folder)
            && rustix::process::geteuid().is_root()
        {
            command.gid(owner.gid()).uid(owner.uid());
        }
        Ok(command)
    }

    /// Has its own program tell the running one something, in good time.
    pub fn tell(&self, words: &[&OsStr]) -> Result<()> {
        let mut command = self.command(words)?;
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let program = PathBuf::from(command.get_program());
        let mut child = command.spawn().with_context(|| format!("cannot start {}", program.display()))?;
        let end = Instant::now() + CALL_LIMIT;
        while Instant::now() < end {
            if let Some(status) = child.try_wait()? {
                return if status.success() { Ok(()) } else { Err(refused(&program)) };
            }
            std::thread::sleep(GLANCE);
        }
        child.kill()?;
        child.wait()?;
        Err(refused(&program))
    }

    /// Lets it read and write a file of ours.
    pub fn share(&self, file: &Path) -> Result<()> {
        let owner = fs::metadata(&self.folder)?;
        Ok(std::os::unix::fs::chown(file, Some(owner.uid()), Some(owner.gid()))?)
    }

    /// A path as it means it.
    pub fn place(&self, path: &Path) -> PathBuf {
        let folder = if path.is_absolute() { Ok("/".into()) } else { fs::read_link(self.folder.join("cwd")) };
        folder.unwrap_or_default().join(path)
    }

    fn environment(&self) -> Vec<(OsString, OsString)> {
        let pair = |word: OsString| {
            let bytes = word.as_bytes();
            let at = bytes.iter().position(|byte| *byte == b'=')?;
            Some((OsStr::from_bytes(&bytes[..at]).to_owned(), OsStr::from_bytes(&bytes[at + 1..]).to_owned()))
        };
        self.list("environ").into_iter().filter_map(pair).collect()
    }

    fn list(&self, name: &str) -> Vec<OsString> {
        let mut bytes = Vec::new();
        // What cannot be read is as good as empty.
        let _ = File::open(self.folder.join(name)).map(|file| file.take(LONGEST).read_to_end(&mut bytes));
        let words = bytes.split(|byte| *byte == 0).filter(|word| !word.is_empty());
        words.map(|word| OsString::from_vec(word.to_vec())).collect()
    }

    /// The numbers of its sockets.
    fn inodes(&self) -> BTreeSet<String> {
        self.links().iter().filter_map(|link| inode(link)).collect()
    }

    /// What its open files are.
    fn links(&self) -> Vec<PathBuf> {
        let entries = fs::read_dir(self.folder.join("fd")).into_iter().flatten().flatten();
        entries.filter_map(|entry| fs::read_link(entry.path()).ok()).collect()
    }
}

fn refused(program: &Path) -> anyhow::Error {
    user_error(format!("{} did not take the song", program.display()), "queue it by hand, or start the player anew")
}

/// The number in `socket:[123]`.
fn inode(link: &Path) -> Option<String> {
    let number = link.to_str()?.strip_prefix("socket:[")?.strip_suffix(']')?;
    Some(number.to_owned())
}

/// Number and path of a listening socket, from a line of `/proc/net/unix`.
fn listener(line: &[u8]) -> Option<(String, PathBuf)> {
    // Num RefCount Protocol Flags Type St Inode Path
    const LISTENS: &[u8] = b"00010000";
    let mut rest = line;
    let mut words = Vec::new();
    for _ in 0..7 {
        rest = rest.trim_ascii_start();
        let end = rest.iter().position(|byte| *byte == b' ')?;
        words.push(&rest[..end]);
        rest = &rest[end..];
    }
    let path = rest.get(1..).filter(|path| !path.is_empty() && path[0] != b'@')?;
    let number = String::from_utf8(words[6].to_vec()).ok()?;
    (words[3] == LISTENS).then(|| (number, PathBuf::from(OsStr::from_bytes(path))))
}

/// Number and port of a listening socket, from a line of `/proc/net/tcp`.
fn open_port(line: &str) -> Option<(String, u16)> {
    // sl local_address rem_address st tx_queue:rx_queue tr:tm->when retrnsmt uid timeout inode
    const LISTENS: &str = "0A";
    let words: Vec<_> = line.split_whitespace().take(10).collect();
    let (_, port) = words.get(1)?.rsplit_once(':')?;
    let port = u16::from_str_radix(port, 16).ok()?;
    (words.get(3) == Some(&LISTENS)).then(|| Some(((*words.get(9)?).to_owned(), port)))?
}

#[cfg(test)]
mod tests {
    use std::os::unix::net::UnixListener;

    use super::*;

    #[test]
    fn a_process_shows_where_it_listens_and_what_it_is() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("a socket");
        let _listener = UnixListener::bind(&path).unwrap();
        let door = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let ourselves = Process::new(std::process::id());
        assert!(ourselves.ports().contains(&door.local_addr().unwrap().port()), "{:?}", ourselves.ports());
        assert!(ourselves.sockets().contains(&path), "{:?}", ourselves.sockets());
        assert_eq!(ourselves.program().unwrap(), std::env::current_exe().unwrap());
        assert!(ourselves.build_id().is_some());
    }

    #[test]
    fn who_is_not_there_shows_nothing() {
        let nobody = Process::new(u32::MAX);
        assert!(
            nobody.sockets().is_empty()
                && nobody.ports().is_empty()
                && nobody.words().is_empty()
                && nobody.build_id().is_none()
        );
        assert!(nobody.tell(&[]).is_err());
    }
}
