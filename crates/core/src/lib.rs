//! The decisions of the program as values and pure functions: they take an event and a time, and return effects.
//!
//! This crate uses no clock, file, thread, process or bus. Failures outside arrive as events.

#![warn(unreachable_pub)]

pub mod config;
pub mod domain;
pub mod error;
pub mod message;
pub mod mood;
pub mod recommend;
pub mod state;
pub mod text;
