//! Music players: adapters that read playback and queue songs, and the manager that chooses a player.

#![warn(unreachable_pub)]

pub mod adapters;
pub mod call_limit;
mod deadline_stream;
pub mod manager;
pub mod mpris;
pub mod player;
pub mod process;
pub mod strategies;
mod tag_cache;
