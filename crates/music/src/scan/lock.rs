//! Whose turn it is to scan: two scans at once would read the same songs.

use std::fs::File;
use std::path::Path;
use std::sync::mpsc::channel;
use std::thread;
use std::time::Duration;

/// Takes the turn, and has it until this process ends. The agent's own scan gives way to those of its owner, so long at most, as one
/// of them may be stopped for good; theirs wait for nobody, and have the turn as soon as the agent's has ended.
///
/// It is a lock on the library's folder; where locks are not known, nobody waits.
pub fn take(library: &Path, give_way: Option<Duration>) {
    let Some(folder) = library.parent().and_then(|folder| File::open(folder).ok()) else { return };
    let (taken, turn) = channel::<()>();
    // On a thread of its own: the wait for a lock has no end.
    let wait = move || {
        let locked = if give_way.is_some() { folder.lock() } else { folder.lock_shared() };
        if locked.is_ok() {
            std::mem::forget(folder);
        }
        drop(taken);
    };
    let waits = thread::Builder::new().name("turn".into()).spawn(wait).is_ok();
    if let (true, Some(longest)) = (waits, give_way) {
        // When it is late, or locks are not known, the scan runs beside the other.
        turn.recv_timeout(longest).unwrap_or_default();
    }
}
