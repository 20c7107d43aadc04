//! Ways to queue a song that several adapters share.

pub mod begun_entries;
pub(crate) mod deferred_append;
pub(crate) mod open_at_end;
pub mod own_copy;
pub(crate) mod owned_entries;
pub mod queue_with_readback;
