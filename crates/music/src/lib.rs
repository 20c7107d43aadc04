//! The music of the user: scanning folders, audio analysis, the library in SQLite, and imports.
//!
//! Only [`library`] contains SQL.

pub mod audio;
pub mod import;
pub mod imported_data;
pub mod library;
pub mod scan;
