//! Songs, real players and fake ones, for tests.

#![allow(dead_code, reason = "each test program uses its part")]

pub mod agent;
pub mod fake;
pub mod player_test;
pub mod server;
pub mod song;
