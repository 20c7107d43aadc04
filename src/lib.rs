//! Moodring keeps the music on this desktop in tune with its user's expression.
//!
//! This package is the program: the agent that runs in the tray, the desktop around it, and the commands. What it decides is in
//! `moodring_core`; everything comes in as an `Event` and goes out as an `Effect`.

pub mod agent;
pub mod cli;
pub mod commands;
pub mod config;
pub mod desktop;
pub mod logging;
pub mod report;
pub mod terminal;
