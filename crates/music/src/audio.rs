//! What can be heard in a file.

pub mod analysis;
