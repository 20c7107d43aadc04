//! What a process that looks can still do: tried from inside.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::net::{TcpListener, TcpStream, UdpSocket};
use std::os::fd::AsRawFd;
use std::os::unix::net::{UnixListener, UnixStream};
use std::os::unix::process::parent_id;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::sync::mpsc::channel;
use std::thread;

use moodring_vision::sandbox;

use crate::{self_at, text};

const REFUSED: &str = "refused";

/// Runs in a process of its own, which then can do next to nothing.
#[test]
fn in_the_sandbox_nothing_can_be_written_sent_or_started() {
    if let Some(folder) = std::env::var_os("MOODRING_INSIDE") {
        return inside(Path::new(&folder));
    }
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("picture"), "pixels").unwrap();
    let mut child = self_at("sandbox::in_the_sandbox_nothing_can_be_written_sent_or_started");
    let output = child.env("MOODRING_INSIDE", folder.path()).output().unwrap();
    assert!(output.status.success(), "{}{}", text(&output.stdout), text(&output.stderr));
    let said = text(&output.stdout);
    assert_eq!(
        said.matches(REFUSED).count(),
        2 * attempts(folder.path(), &inherited(folder.path())).len() + 1,
        "{said}"
    );
    assert_eq!(fs::read_to_string(folder.path().join("picture")).unwrap(), "pixels");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn without_the_sandbox_the_same_attempts_succeed() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("picture"), "pixels").unwrap();
    let inherited = inherited(folder.path());
    for (what, attempt) in
        attempts(folder.path(), &inherited).into_iter().filter(|(what, _)| !what.contains("nobody listens"))
    {
        assert!(attempt().is_ok(), "{what}");
    }
}

type Attempt = Box<dyn Fn() -> io::Result<()> + Send>;

/// A descriptor that can be written to, from before the sandbox.
fn inherited(folder: &Path) -> Arc<File> {
    Arc::new(OpenOptions::new().read(true).write(true).open(folder.join("picture")).unwrap())
}

fn attempts(folder: &Path, inherited: &Arc<File>) -> Vec<(&'static str, Attempt)> {
    let (inherited, parent) = (Arc::clone(inherited), parent_id());
    let at = |name: &str| folder.join(name);
    let (new, old, folder_new) = (at("new"), at("picture"), at("folder"));
    let (socket, copy, other) = (at("socket"), at("copy"), at("picture"));
    vec![
        ("write a new file", Box::new(move || File::create(&new).map(drop))),
        ("change a file", Box::new(move || OpenOptions::new().append(true).open(&old).map(drop))),
        ("make a folder", Box::new(move || fs::create_dir(&folder_new))),
        ("copy a file", Box::new(move || fs::copy(&other, &copy).map(drop))),
        ("listen on TCP", Box::new(|| TcpListener::bind("127.0.0.1:0").map(drop))),
        ("send by UDP", Box::new(|| UdpSocket::bind("127.0.0.1:0").map(drop))),
        ("connect where nobody listens", Box::new(|| TcpStream::connect("127.0.0.1:9").map(drop))),
        ("make a socket file", Box::new(move || UnixListener::bind(&socket).map(drop))),
        ("make a pair of sockets", Box::new(|| UnixStream::pair().map(drop))),
        ("start a program", Box::new(|| Command::new("/bin/true").status().map(drop))),
        ("read what was not open", Box::new(|| fs::read("/etc/passwd").map(drop))),
        ("keep bytes in a nameless file", Box::new(|| called(libc::SYS_memfd_create, [c"x".as_ptr() as i64, 0]))),
        ("write into memory that others share", Box::new(move || map_shared(&inherited))),
        ("move another process to other processors", Box::new(move || set_affinity(parent))),
        ("read another process", Box::new(|| called(libc::SYS_pidfd_open, [std::process::id().into(), 0]))),
    ]
}

fn called(number: i64, [a, b]: [i64; 2]) -> io::Result<()> {
    // SAFETY: the calls above read at most one static string.
    let result = unsafe { libc::syscall(number, a, b) };
    if result < 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
}

fn map_shared(file: &File) -> io::Result<()> {
    let (protection, fd) = (libc::PROT_READ | libc::PROT_WRITE, file.as_raw_fd());
    // SAFETY: a fresh mapping that nothing reads or writes.
    let start = unsafe { libc::mmap(std::ptr::null_mut(), 6, protection, libc::MAP_SHARED, fd, 0) };
    if start == libc::MAP_FAILED { Err(io::Error::last_os_error()) } else { Ok(()) }
}

/// To those that it may use already.
fn set_affinity(process: u32) -> io::Result<()> {
    // SAFETY: all zeroes is a value of the set, which lives during both calls.
    let result = unsafe {
        let (process, mut set) = (process as libc::pid_t, std::mem::zeroed::<libc::cpu_set_t>());
        let size = size_of_val(&set);
        libc::sched_getaffinity(process, size, &raw mut set);
        libc::sched_setaffinity(process, size, &raw const set)
    };
    if result == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

fn inside(folder: &Path) {
    let inherited = inherited(folder);
    sandbox::restrict_writes(None).unwrap();
    let core = rustix::process::getrlimit(rustix::process::Resource::Core);
    assert_eq!((core.current, core.maximum), (Some(0), Some(0)));
    // A thread from before, as an engine keeps some.
    let (go, gone) = channel::<()>();
    let (of_thread, of_main) = (attempts(folder, &inherited), attempts(folder, &inherited));
    let before = thread::spawn(move || {
        gone.recv().unwrap();
        report(of_thread);
    });
    let mut open = File::open(folder.join("picture")).unwrap();
    let sandbox = sandbox::lock_down().unwrap();
    assert_eq!(sandbox, sandbox::Sandbox { seccomp: true, ..sandbox });
    report(of_main);
    go.send(()).unwrap();
    before.join().unwrap();
    // SAFETY: the child, if there were one, would end at once.
    let forked = unsafe { libc::fork() };
    assert_eq!(forked, -1, "a second process was made");
    println!("{REFUSED} to fork");
    // What looking needs goes on.
    assert_eq!(io::read_to_string(&mut open).unwrap(), "pixels");
    assert_eq!(thread::spawn(|| vec![1_u8; 8 << 20].len()).join().unwrap(), 8 << 20);
    println!("what looking needs goes on");
}

fn report(attempts: Vec<(&'static str, Attempt)>) {
    for (what, attempt) in attempts {
        match attempt() {
            Ok(()) => println!("allowed to {what}"),
            Err(error) => println!("{REFUSED} to {what}: {error}"),
        }
    }
}
