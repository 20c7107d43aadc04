//! Songs, real players and false ones, for tests.

#![allow(dead_code, reason = "each test program uses its part")]

pub mod agent;
pub mod fake;
pub mod server;
pub mod show;
pub mod song;
