//! Ways to queue a song that several adapters share.

pub mod deferred_append;
pub mod open_at_end;
pub mod owned_entries;
