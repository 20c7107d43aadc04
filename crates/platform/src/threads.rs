//! Threads with a name.

use anyhow::{Context, Result};

/// Starts a detached thread.
pub fn spawn(name: &str, work: impl FnOnce() + Send + 'static) -> Result<()> {
    let thread = std::thread::Builder::new().name(name.into());
    thread.spawn(work).map(drop).with_context(|| format!("cannot start the thread \"{name}\""))
}
