//! Reads the tags of a music file, and what its name says where the tags are silent.
//!
//! A crate of its own because both the library and the player adapters need it, and adapters must not link the library.

pub mod from_file_name;
mod id3_frames;
mod mojibake;
pub mod tags;
pub mod unsupported_fields;
pub mod value;
