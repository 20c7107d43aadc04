//! The settings: `config.toml`, written by the owner only. What it does not say has a default.
//!
//! A new field needs a row in `settings`, which explains it, says what is allowed, and lets it be read at all.

pub mod check;
pub mod read;
pub mod rule;
pub mod settings;
pub mod text;

pub use crate::config::read::{load, read};
