//! What can be heard in a file.

pub mod analysis;
pub mod source_file;
