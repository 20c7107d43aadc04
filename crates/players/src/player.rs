//! The contract of a player adapter.

use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::Result;

use moodring_core::domain::playback::{Dequeued, Playback, QueueMethod};

/// A song of Moodring in the queue of a player.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueueEntry {
    /// The player's own id of the entry; empty where it has none.
    pub id: String,
    pub song: PathBuf,
}

impl QueueEntry {
    pub fn new(id: impl Into<String>, song: &Path) -> Self {
        Self { id: id.into(), song: song.to_owned() }
    }
}

/// A music player that runs on this desktop, steered by the interface that works best for it.
///
/// Every method returns within three seconds, whatever the player does. `docs/adding-a-player.md` explains the contract.
pub trait Player: Send {
    /// The name for people, for instance "VLC media player".
    fn name(&self) -> &str;

    /// How songs get into this player, and whether they can be taken out again.
    fn queue_method(&self) -> QueueMethod;

    /// Reads its current state.
    fn read_playback(&mut self) -> Result<Playback>;

    /// Puts a song right after the current one, and returns once it was read back there; or holds it
    /// until the player can take it, as [`QueueMethod::Append`] and [`QueueMethod::OpenAtEnd`] do.
    fn queue(&mut self, song: &Path) -> Result<QueueEntry>;

    /// Removes a song of Moodring that has not begun, wherever it stands; never the current one. An error means that the
    /// song may still be there, and that the call may be repeated.
    fn dequeue(&mut self, entry: &QueueEntry) -> Result<Dequeued>;

    /// Ends the current song; only ever at the user's request.
    fn skip(&mut self) -> Result<()>;

    /// When the player must be read again although it sends no signal: a held song may be due.
    fn next_read(&self) -> Option<Instant> {
        None
    }

    /// What was learned since the last call: the method that has just worked, or the one that is left.
    fn take_learned(&mut self) -> Option<QueueMethod> {
        None
    }

    /// Restores what an earlier run learned about the same build of this player.
    fn restore_support(&mut self, _method: QueueMethod) {}

    /// True if the adapter should be re-created, for instance because mpv's socket appeared after its start.
    fn needs_reprobe(&self) -> bool {
        false
    }

    /// Reads accounts again, which are stored outside the player.
    fn reload_credentials(&mut self) {}

    /// Identifies the build of the player, so that another build is tried again; `None` where it is unknown.
    fn build_id(&self) -> Option<String>;
}
