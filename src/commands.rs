//! The commands, one file each.

pub mod arguments;
pub mod autostart;
pub mod calibrate;
pub mod config;
#[cfg(feature = "demo")]
pub mod demo;
pub mod doctor;
pub mod generate;
pub mod history;
pub mod import;
pub mod library;
pub mod look;
pub mod players;
pub mod recommend;
pub mod requests;
pub mod scan;
pub mod song;
pub mod spotify;
pub mod table;
