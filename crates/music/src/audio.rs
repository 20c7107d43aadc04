//! What can be heard in a file.

pub mod analysis;
pub mod container;
pub mod source_file;
