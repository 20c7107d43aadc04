//! What the desktop sees of the agent, and what the agent sees of the desktop.

pub mod consent;
pub mod ipc;
pub mod mpris_server;
pub mod notifications;
pub mod presence;
pub mod tray;
pub mod until_morning;
pub mod wording;
