//! The command line.

use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};
use tracing::level_filters::LevelFilter;

use crate::{agent, control, demo, doctor, eval, logging, look, music, player};

/// Keeps the music that is playing in tune with your expression
///
/// Without a command, starts the agent in the tray.
#[derive(Debug, Parser)]
#[command(version, propagate_version = true)]
pub struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    agent: agent::Args,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Show the whole program at work, with a real player on a bus of its own
    Demo(demo::Args),
    /// Look once through the camera (or at pictures) and print what is seen
    Look(look::command::Args),
    /// Read songs into the library: tags, valence, energy and tempo
    Scan(music::scan::Args),
    /// Show what is in the library, and where its songs lie between sad and cheerful, calm and lively
    Library(music::overview::Args),
    /// Show all that is known of a song, or correct it
    Song(music::card::Args),
    /// Bring in what you heard elsewhere, and what listeners like you play
    Import(music::import::Args),
    /// Show which songs fit a mood, and why
    Recommend(music::recommend::Args),
    /// Connect a Spotify account, or forget it
    Spotify(player::spotify::command::Args),
    /// Show the players that run, how songs get into each, and since when that is known
    Players(player::table::Args),
    /// Check camera, models, players, tray and the rest; say what to do
    Doctor(doctor::Args),
    /// Measure faces, expressions, taste and moods against what is known
    Eval(eval::Args),
    #[command(flatten)]
    Ask(control::Ask),
}

impl Cli {
    /// Runs the command; errors are for `main` to print.
    pub fn run(self) -> Result<ExitCode> {
        logging::begin(if self.command.is_none() { LevelFilter::INFO } else { LevelFilter::WARN });
        match self.command {
            None => agent::run(&self.agent),
            Some(Command::Demo(args)) => demo::run(&args),
            Some(Command::Look(args)) => look::command::run(&args),
            Some(Command::Scan(args)) => music::scan::run(&args),
            Some(Command::Library(args)) => music::overview::run(&args),
            Some(Command::Import(args)) => music::import::run(&args),
            Some(Command::Song(args)) => music::card::run(&args),
            Some(Command::Recommend(args)) => music::recommend::run(&args),
            Some(Command::Spotify(args)) => player::spotify::command::run(&args),
            Some(Command::Players(args)) => player::table::run(&args),
            Some(Command::Doctor(args)) => doctor::run(&args),
            Some(Command::Eval(args)) => eval::run(&args),
            Some(Command::Ask(ask)) => control::ask(&ask),
        }
    }
}
