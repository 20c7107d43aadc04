//! Moodring keeps the music on this desktop in tune with its listener's expression.
//!
//! Everything comes in as an [`event::Event`] and goes out as an [`event::Effect`]; nothing calls back. The modules stand
//! in reading order.

pub mod event;
pub mod state;

pub mod mood;
pub mod queue;

pub mod music;

pub mod agent;
pub mod look;
pub mod player;

pub mod control;
pub mod mirror;
pub mod notice;
pub mod session;
pub mod tray;

pub mod autostart;
pub mod calibrate;
pub mod cli;
pub mod config;
pub mod consent;
pub mod demo;
pub mod doctor;
pub mod eval;
pub mod fault;
pub mod folders;
pub mod generate;
pub mod history;
pub mod logging;
pub mod report;
