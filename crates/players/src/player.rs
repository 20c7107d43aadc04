//! Players: what they play, and how a song gets into their queue without disturbing it.

use moodring_core::domain::playback::Playback;
use moodring_core::domain::playback::QueueHandle;
use moodring_core::domain::playback::QueueMethod;
use std::path::Path;
use std::time::Instant;

use anyhow::Result;

/// A music player that runs on this desktop, seen through whatever interface works best with it.
///
/// Every method returns within three seconds, whatever the player does.
pub trait Player: Send {
    /// As people know it, for instance "VLC media player".
    fn name(&self) -> &str;

    /// How songs get into this player, and whether they can be taken back.
    fn way(&self) -> QueueMethod;

    /// What it does now.
    fn playback(&mut self) -> Result<Playback>;

    /// Puts a song right after the current one, and returns once the player's own account shows it there; or holds it
    /// until the player can take it, as [`QueueMethod::Append`] and [`QueueMethod::OpenAtEnd`] do.
    fn queue(&mut self, song: &Path) -> Result<QueueHandle>;

    /// Takes a song of ours out again. `Ok(false)`: it is not waiting there any more, or cannot be taken back.
    fn take_back(&mut self, ticket: &QueueHandle) -> Result<bool>;

    /// Ends the current song; only ever on the listener's word.
    fn skip(&mut self) -> Result<()>;

    /// When it is to be read again though it says nothing: a song that we hold may be due.
    fn due(&self) -> Option<Instant> {
        None
    }

    /// What has been found out since the last time: the way that has just worked, or the one that is left.
    fn learned(&mut self) -> Option<QueueMethod> {
        None
    }

    /// What had been found out about the same build of this player before.
    fn recall(&mut self, _way: QueueMethod) {}

    /// Whether it is to be met anew, for another way has opened or this one is shut: a door may open some time after its start.
    fn outgrown(&self) -> bool {
        false
    }

    /// What is kept outside the player, such as an account, may have changed.
    fn revise(&mut self) {}

    /// Which build of the player this is, so that another is tried anew; `None` when it cannot be told.
    fn build(&self) -> Option<String>;
}
