//! The configuration file `config.toml`, which only the user writes. Every setting has a default.
//!
//! A new setting needs a row in `settings`: its help, its accepted values, and the permission to read it.

pub mod check;
pub mod read;
pub mod rule;
pub mod settings;
pub mod text;

pub use crate::config::read::{load, read};
