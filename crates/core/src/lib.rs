//! What the program decides, as values and pure functions: an event and a time in, effects out.
//!
//! This crate has no clock, file, thread, process or bus. Failures of the outside arrive as events.

#![warn(unreachable_pub)]

pub mod config;
pub mod domain;
pub mod error;
pub mod message;
pub mod mood;
pub mod recommend;
pub mod state;
pub mod text;
