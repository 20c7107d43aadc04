//! The desktop around the agent: tray, notifications, presence, MPRIS server, D-Bus requests and wording.

pub mod consent;
pub mod ipc;
pub mod mpris_server;
pub mod notifications;
pub mod presence;
pub mod prompt;
pub mod tray;
pub mod until_morning;
pub mod wording;
