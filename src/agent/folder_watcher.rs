//! Watches the folders that were scanned, and scans them again when something in them has changed.
//!
//! The kernel tells of changes, so that nothing wakes while there are none; the scan is a process of its own at the lowest
//! priority, which tells the agent when it is done, as one that its owner started would.

use std::fs::File;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use notify::event::{AccessKind, AccessMode};
use notify::{ErrorKind, EventKind, RecommendedWatcher, RecursiveMode, Watcher as _};
use rustix::event::{PollFd, PollFlags, poll};
use rustix::process::{Signal, set_parent_process_death_signal};

use moodring_music::library::Library;
use moodring_platform::folders;

/// After the last change of a burst: whole albums are copied, and half of a file is no song.
const QUIET: Duration = Duration::from_secs(5);
/// Changes that never end are looked at all the same.
const LONGEST: Duration = Duration::from_secs(120);
/// The first look, for what has changed while no agent ran; the desktop starts many things at login.
const FIRST: Duration = Duration::from_secs(60);
/// So long an own scan waits for one that the owner began, in seconds: that may be stopped, and never end.
const GIVE_WAY: &str = "3600";
/// Where the kernel will not watch so many folders.
const BLIND: Duration = Duration::from_secs(3600);

enum FolderEvent {
    /// Something in a folder, or a disk, came or went.
    Changed,
    /// The list of folders may be another.
    Folders,
}

/// A handle on the watching threads; they end with the agent.
pub struct Watcher {
    news: Sender<FolderEvent>,
}

impl Watcher {
    pub fn start() -> Result<Self> {
        let (news, queue) = channel();
        let (changes, mounts) = (news.clone(), news.clone());
        moodring_platform::threads::spawn("folders", move || WatchLoop::new(changes).run(&queue))?;
        moodring_platform::threads::spawn("disks", move || tell_of_disks(&mounts))?;
        Ok(Self { news })
    }

    /// The library was written by another process, perhaps with a new folder.
    pub fn look_again(&self) {
        if self.news.send(FolderEvent::Folders).is_err() {
            tracing::debug!("the folders' thread has ended");
        }
    }
}

struct WatchLoop {
    watcher: Option<RecommendedWatcher>,
    watched: Vec<PathBuf>,
    /// The kernel refused some folders.
    blind: bool,
    due: ScanSchedule,
}

/// When to scan.
struct ScanSchedule {
    first: Option<Instant>,
    at: Option<Instant>,
}

impl ScanSchedule {
    fn changed(&mut self, now: Instant) {
        let first = *self.first.get_or_insert(now);
        self.at = Some((now + QUIET).min(first + LONGEST));
    }

    fn done(&mut self, next: Option<Instant>) {
        *self = Self { first: None, at: next };
    }
}

impl WatchLoop {
    fn new(news: Sender<FolderEvent>) -> Self {
        // A library within a music folder would have every scan followed by another.
        let own = folders::library_file().ok().and_then(|file| Some(file.parent()?.to_owned()));
        let tell = move |event: notify::Result<notify::Event>| {
            if event.as_ref().map_or(true, |event| is_change(event.kind) && is_music(&event.paths, own.as_deref())) {
                drop(news.send(FolderEvent::Changed));
            }
        };
        let watcher = notify::recommended_watcher(tell);
        let watcher =
            watcher.inspect_err(|error| tracing::warn!("changes in the folders are not noticed: {error}")).ok();
        let due = ScanSchedule { first: None, at: Some(Instant::now() + FIRST) };
        Self { blind: watcher.is_none(), watcher, watched: Vec::new(), due }
    }

    fn run(&mut self, news: &Receiver<FolderEvent>) {
        self.watch_all();
        loop {
            let next = match self.due.at {
                Some(at) => news.recv_timeout(at.saturating_duration_since(Instant::now())),
                None => news.recv().map_err(|_| RecvTimeoutError::Disconnected),
            };
            match next {
                Ok(FolderEvent::Changed) => self.due.changed(Instant::now()),
                Ok(FolderEvent::Folders) => self.watch_all(),
                Err(RecvTimeoutError::Timeout) => self.scan(),
                Err(RecvTimeoutError::Disconnected) => return,
            }
        }
    }

    /// Watches what the library names and is there; a folder that came back is watched anew.
    fn watch_all(&mut self) {
        let folders = known_folders().unwrap_or_else(|error| {
            tracing::warn!("cannot read which folders to watch: {error:#}");
            Vec::new()
        });
        let Some(watcher) = &mut self.watcher else { return };
        self.watched.retain(|folder| folders.contains(folder) && folder.is_dir());
        for folder in folders.into_iter().filter(|folder| folder.is_dir()) {
            if self.watched.contains(&folder) {
                continue;
            }
            match watcher.watch(&folder, RecursiveMode::Recursive) {
                Ok(()) => self.watched.push(folder),
                Err(error) => {
                    self.blind = true;
                    tracing::warn!("{}", refusal(&folder, &error));
                }
            }
        }
    }

    fn scan(&mut self) {
        self.due.done(None);
        match known_folders() {
            Ok(folders) if folders.is_empty() => {}
            Ok(folders) => match scan(&folders) {
                Ok(()) => tracing::debug!("the folders were scanned"),
                Err(error) => tracing::warn!("the folders could not be scanned: {error:#}"),
            },
            Err(error) => tracing::warn!("cannot read which folders to scan: {error:#}"),
        }
        if self.blind {
            self.due.done(Some(Instant::now() + BLIND));
        }
        self.watch_all();
    }
}

fn known_folders() -> Result<Vec<PathBuf>> {
    Library::open(&folders::library_file()?)?.folders()
}

/// Reading a song changes nothing, and a scan reads many.
fn is_change(kind: EventKind) -> bool {
    match kind {
        EventKind::Access(AccessKind::Close(AccessMode::Write)) => true,
        EventKind::Access(_) => false,
        _ => true,
    }
}

/// Whether any of the paths may be music: not hidden, and not our own folder.
fn is_music(paths: &[PathBuf], own: Option<&Path>) -> bool {
    let is_hidden = |path: &Path| path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b"."));
    paths.is_empty() || paths.iter().any(|path| !is_hidden(path) && !own.is_some_and(|own| path.starts_with(own)))
}

fn refusal(folder: &Path, error: &notify::Error) -> String {
    let folder = folder.display();
    match error.kind {
        ErrorKind::MaxFilesWatch => format!(
            "{folder} has more folders than the kernel may watch, so it is scanned once an hour; raise \
             fs.inotify.max_user_watches (sysctl) to have changes noticed at once"
        ),
        _ => format!("{folder} cannot be watched, so it is scanned once an hour: {error}"),
    }
}

/// Runs a scan to its end; it ends with this thread, that is with the agent.
fn scan(folders: &[PathBuf]) -> Result<()> {
    let mut command = Command::new(moodring_platform::program::same_version());
    command.args(["scan", "--threads", "1", "--give-way", GIVE_WAY]).args(folders);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    // SAFETY: between fork and exec one system call is made, and nothing is allocated.
    unsafe { command.pre_exec(|| Ok(set_parent_process_death_signal(Some(Signal::KILL))?)) };
    let status = command.status().context("cannot start the scan")?;
    anyhow::ensure!(status.success(), "it ended with {status}");
    Ok(())
}

/// The kernel marks its list of mounted disks when it changes; without that list disks are seen at the next change.
fn tell_of_disks(news: &Sender<FolderEvent>) {
    let Ok(mounts) = File::open("/proc/self/mountinfo") else { return };
    loop {
        let mut waiting = [PollFd::new(&mounts, PollFlags::PRI)];
        match poll(&mut waiting, None) {
            Ok(_) => {
                let told = news.send(FolderEvent::Folders).and_then(|()| news.send(FolderEvent::Changed));
                if told.is_err() {
                    return;
                }
            }
            Err(rustix::io::Errno::INTR) => {}
            Err(_) => return,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_of_changes_is_one_scan_and_one_without_end_is_not_waited_for() {
        let start = Instant::now();
        let mut due = ScanSchedule { first: None, at: None };
        due.changed(start);
        due.changed(start + Duration::from_secs(3));
        assert_eq!(due.at, Some(start + Duration::from_secs(3) + QUIET));
        (0..100).for_each(|k| due.changed(start + Duration::from_secs(3 * k)));
        assert_eq!(due.at, Some(start + LONGEST));
        due.done(None);
        due.changed(start + 2 * LONGEST);
        assert_eq!(due.at, Some(start + 2 * LONGEST + QUIET));
    }

    #[test]
    fn playing_a_song_is_no_change() {
        assert!(!is_change(EventKind::Access(AccessKind::Open(AccessMode::Any))));
        assert!(!is_change(EventKind::Access(AccessKind::Close(AccessMode::Read))));
        assert!(is_change(EventKind::Access(AccessKind::Close(AccessMode::Write))));
        assert!(is_change(EventKind::Remove(notify::event::RemoveKind::File)));
    }

    #[test]
    fn neither_hidden_files_nor_our_own_are_music() {
        let own = Some(Path::new("/home/ann/data/moodring"));
        let is = |path: &str| is_music(&[path.into()], own);
        assert!(is("/home/ann/music/a.ogg") && is_music(&[], own));
        assert!(!is("/home/ann/music/.a.ogg.part") && !is("/home/ann/data/moodring/library.db-wal"));
    }
}
