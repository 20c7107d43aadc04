//! Music players: adapters that read playback and queue songs, and the manager that chooses a player.

pub mod adapters;
pub mod call_limit;
pub mod deadline_stream;
pub mod manager;
pub mod mpris;
pub mod player;
pub mod process;
pub mod strategies;
pub mod tag_cache;
