//! Ways to queue a song that several adapters share.

pub mod begun_entries;
pub mod deferred_append;
pub mod open_at_end;
pub mod own_copy;
pub mod owned_entries;
pub mod queue_with_readback;
