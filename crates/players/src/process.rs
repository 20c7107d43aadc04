//! The process of a player: where it listens, which build it is, and how its program is started.

use std::collections::BTreeSet;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{FileTypeExt, MetadataExt};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};

use crate::call_limit::CALL_LIMIT;
use moodring_core::error::user_error;
use moodring_platform::process::Process;

/// Between two checks whether a program has ended.
const POLL_INTERVAL: Duration = Duration::from_millis(20);

/// A player on this machine; what the kernel does not show of it is empty.
#[derive(Clone, Debug)]
pub struct LocalProcess {
    process: Process,
}

impl LocalProcess {
    pub fn new(pid: u32) -> Self {
        Self { process: Process::new(pid) }
    }

    /// The sockets at which it listens, by their paths.
    pub fn listening_sockets(&self) -> Vec<PathBuf> {
        let own = self.socket_inodes();
        let table = fs::read(self.process.folder().join("net/unix")).unwrap_or_default();
        let listening = table.split(|byte| *byte == b'\n').filter_map(parse_unix_listener);
        let own = listening.filter(|(inode, _)| own.contains(inode));
        own.map(|(_, path)| self.resolve_path(&path)).collect()
    }

    /// The ports at which it listens for this machine.
    pub fn listening_ports(&self) -> BTreeSet<u16> {
        let own = self.socket_inodes();
        let tables = ["net/tcp6", "net/tcp"]
            .map(|name| fs::read_to_string(self.process.folder().join(name)).unwrap_or_default());
        let listening = tables.iter().flat_map(|table| table.lines().filter_map(parse_tcp_listener));
        listening.filter(|(inode, _)| own.contains(inode)).map(|(_, port)| port).collect()
    }

    /// The named pipe of this name that it holds open.
    pub fn find_open_pipe(&self, name: &str) -> Option<PathBuf> {
        let is_pipe = |path: &PathBuf| fs::symlink_metadata(path).is_ok_and(|meta| meta.file_type().is_fifo());
        let targets = self.process.open_files().into_iter().map(|file| file.target);
        targets.into_iter().find(|path| path.file_name() == Some(OsStr::new(name)) && is_pipe(path))
    }

    /// Its command line, program first.
    pub fn arguments(&self) -> Vec<OsString> {
        self.process.arguments()
    }

    /// The file it runs: the script, where an interpreter runs one.
    pub fn program(&self) -> Option<PathBuf> {
        let file = fs::read_link(self.process.folder().join("exe")).ok()?;
        let interprets = file.file_name().is_some_and(|name| name.as_bytes().starts_with(b"python"));
        let script = self.arguments().into_iter().skip(1).map(PathBuf::from).find(|argument| argument.is_absolute());
        if interprets { script } else { Some(file) }
    }

    /// Changes with every other build of the program.
    pub fn build_id(&self) -> Option<String> {
        let file = fs::metadata(self.program()?).ok()?;
        Some(format!("{}-{}", file.mtime(), file.size()))
    }

    /// Its own program, to be started as its user starts it: in its environment.
    ///
    /// # Errors
    /// If another user than root can change the program: then any process could have it run something else.
    pub fn command(&self, arguments: &[&OsStr]) -> Result<Command> {
        let program = self.program().context("the player does not show which program it is")?;
        if !is_installed(&program) {
            let what = format!("{} is not installed by a package, so it is not run", program.display());
            return Err(user_error(
                what,
                "queue the song by hand, or install the player with the system's package manager",
            ));
        }
        let mut command = Command::new(program);
        command.args(arguments).env_clear().envs(self.environment()).current_dir("/").process_group(0);
        if let Ok(owner) = fs::metadata(self.process.folder())
            && rustix::process::geteuid().is_root()
        {
            command.gid(owner.gid()).uid(owner.uid());
        }
        Ok(command)
    }

    /// Runs its own program with these arguments, which passes them to the running one, within [`CALL_LIMIT`].
    pub fn run_program(&self, arguments: &[&OsStr]) -> Result<()> {
        let mut command = self.command(arguments)?;
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let program = PathBuf::from(command.get_program());
        let mut child = command.spawn().with_context(|| format!("cannot start {}", program.display()))?;
        let end = Instant::now() + CALL_LIMIT;
        while Instant::now() < end {
            if let Some(status) = child.try_wait()? {
                return if status.success() { Ok(()) } else { Err(refusal_error(&program)) };
            }
            std::thread::sleep(POLL_INTERVAL);
        }
        child.kill()?;
        child.wait()?;
        Err(refusal_error(&program))
    }

    /// Lets the player read and write this file.
    pub fn share_file(&self, file: &Path) -> Result<()> {
        let owner = fs::metadata(self.process.folder())?;
        Ok(std::os::unix::fs::chown(file, Some(owner.uid()), Some(owner.gid()))?)
    }

    /// A path that is relative to the folder of the player, as an absolute one.
    pub fn resolve_path(&self, path: &Path) -> PathBuf {
        let folder = if path.is_absolute() { Ok("/".into()) } else { fs::read_link(self.process.folder().join("cwd")) };
        folder.unwrap_or_default().join(path)
    }

    fn environment(&self) -> Vec<(OsString, OsString)> {
        let pair = |variable: OsString| {
            let bytes = variable.as_bytes();
            let at = bytes.iter().position(|byte| *byte == b'=')?;
            Some((OsStr::from_bytes(&bytes[..at]).to_owned(), OsStr::from_bytes(&bytes[at + 1..]).to_owned()))
        };
        self.process.environment().into_iter().filter_map(pair).collect()
    }

    /// The numbers of its sockets.
    fn socket_inodes(&self) -> BTreeSet<String> {
        self.process.open_files().iter().filter_map(|file| socket_inode(&file.target)).collect()
    }
}

/// Whether only root can change a program and the folders above it.
fn is_installed(program: &Path) -> bool {
    const OTHERS_MAY_WRITE: u32 = 0o022;
    let is_protected = |path: &Path| {
        let kept = |meta: fs::Metadata| meta.uid() == 0 && meta.mode() & OTHERS_MAY_WRITE == 0;
        fs::metadata(path).is_ok_and(kept)
    };
    fs::canonicalize(program).is_ok_and(|program| program.ancestors().all(is_protected))
}

fn refusal_error(program: &Path) -> anyhow::Error {
    user_error(format!("{} did not take the song", program.display()), "queue it by hand, or restart the player")
}

/// The number in `socket:[123]`.
fn socket_inode(link: &Path) -> Option<String> {
    let number = link.to_str()?.strip_prefix("socket:[")?.strip_suffix(']')?;
    Some(number.to_owned())
}

/// Number and path of a listening socket, from a line of `/proc/net/unix`.
fn parse_unix_listener(line: &[u8]) -> Option<(String, PathBuf)> {
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
fn parse_tcp_listener(line: &str) -> Option<(String, u16)> {
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
        let tcp_listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let own_process = LocalProcess::new(std::process::id());
        assert!(
            own_process.listening_ports().contains(&tcp_listener.local_addr().unwrap().port()),
            "{:?}",
            own_process.listening_ports()
        );
        assert!(own_process.listening_sockets().contains(&path), "{:?}", own_process.listening_sockets());
        assert_eq!(own_process.program().unwrap(), std::env::current_exe().unwrap());
        assert!(own_process.build_id().is_some());
    }

    #[test]
    fn a_process_that_does_not_exist_shows_nothing() {
        let missing = LocalProcess::new(u32::MAX);
        assert!(
            missing.listening_sockets().is_empty()
                && missing.listening_ports().is_empty()
                && missing.arguments().is_empty()
                && missing.build_id().is_none()
        );
        assert!(missing.run_program(&[]).is_err());
    }

    #[test]
    fn only_an_installed_program_is_run() {
        let folder = tempfile::tempdir().unwrap();
        let own = folder.path().join("player");
        fs::copy("/bin/sleep", &own).unwrap();
        fs::set_permissions(&own, std::os::unix::fs::PermissionsExt::from_mode(0o777)).unwrap();
        let run = |program: &Path| {
            let mut child = Command::new(program).arg("60").spawn().unwrap();
            let command = LocalProcess::new(child.id()).command(&[]).map(|_| ());
            child.kill().and_then(|()| child.wait()).unwrap();
            command
        };
        run(Path::new("/bin/sleep")).unwrap();
        assert!(run(&own).unwrap_err().to_string().contains("not installed by a package"));
    }
}
