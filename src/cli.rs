//! The command line.

use std::process::ExitCode;

use anyhow::Result;
use clap::{CommandFactory, Parser, Subcommand};
use tracing::level_filters::LevelFilter;

#[cfg(feature = "demo")]
use crate::commands::demo;
use crate::commands::{
    autostart, calibrate, config, doctor, generate, history, import, library, look, players, recommend, requests, scan,
    song, spotify,
};
use crate::{agent, logging, report};

const FILES: &str = "\
Files:
  ~/.config/moodring/config.toml      your settings: see `moodring config`
  ~/.local/share/moodring/library.db  songs, plays, likes and moods, readable only by you
  Both follow XDG_CONFIG_HOME and XDG_DATA_HOME. Pictures are never kept.

Environment:
  MOODRING_LOG     log level on standard error: error, warn, info, debug
  MOODRING_ENGINE  inference engine: onnxruntime or rten
  ORT_DYLIB_PATH   path of libonnxruntime.so
  NO_COLOR         no colours in the terminal";

/// Queues music that fits your expression in the player you already use
///
/// Without a command, starts the agent in the tray.
#[derive(Debug, Parser)]
#[command(version, propagate_version = true, after_long_help = FILES)]
pub struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    agent: agent::Args,
}

#[derive(Debug, Subcommand)]
enum Command {
    #[command(flatten)]
    Ask(requests::RequestCommand),
    /// Run the whole program with a real player on a private session bus
    #[cfg(feature = "demo")]
    Demo(demo::Args),
    /// Take one look through the camera (or at pictures) and print the readings
    Look(look::Args),
    /// Learn your neutral face, so that it counts as neutral
    Calibrate(calibrate::Args),
    /// Read songs into the library: tags, valence, energy and tempo
    Scan(scan::Args),
    /// Show the library: counts, problems, and its songs between sad and cheerful, calm and lively
    Library(library::Args),
    /// Show everything about one song, or correct it
    Song(song::Args),
    /// Import listening histories, ratings and playlists
    Import(import::Args),
    /// Show which songs fit a mood, and why
    Recommend(recommend::Args),
    /// Connect or disconnect a Spotify account
    Spotify(spotify::Args),
    /// List running players and how Moodring queues songs in each
    Players(players::Args),
    /// Show the moods and songs of the last days as text, page or picture
    Report(report::Args),
    /// List the moods and songs that were kept
    History(history::Args),
    /// Delete moods and songs that were kept, for good
    Forget(history::ForgetArgs),
    /// Start Moodring at login, or not
    Autostart(autostart::Args),
    /// Show, check or edit the settings
    Config(config::Args),
    /// Check camera, models, players, tray and more, with advice
    Doctor(doctor::Args),
    /// Measure accuracy on labelled faces, expressions, tastes and moods
    #[cfg(feature = "eval")]
    Eval(moodring_eval::command::Args),
    /// Print shell completions
    Completions(generate::Completions),
    #[command(hide = true)]
    Generate(generate::GenerateFiles),
}

impl Cli {
    /// Runs the command; errors are for `main` to print.
    pub fn run(self) -> Result<ExitCode> {
        logging::begin(if self.command.is_none() { LevelFilter::INFO } else { LevelFilter::WARN });
        match self.command {
            None => agent::run(&self.agent),
            #[cfg(feature = "demo")]
            Some(Command::Demo(args)) => demo::run(&args),
            Some(Command::Look(args)) => look::run(&args),
            Some(Command::Calibrate(args)) => calibrate::run(&args),
            Some(Command::Scan(args)) => scan::run(&args),
            Some(Command::Library(args)) => library::run(&args),
            Some(Command::Import(args)) => import::run(&args),
            Some(Command::Song(args)) => song::run(&args),
            Some(Command::Recommend(args)) => recommend::run(&args),
            Some(Command::Spotify(args)) => spotify::run(&args),
            Some(Command::Players(args)) => players::run(&args),
            Some(Command::Report(args)) => report::run(&args),
            Some(Command::History(args)) => history::run(&args),
            Some(Command::Forget(args)) => history::forget(&args),
            Some(Command::Autostart(args)) => autostart::run(&args),
            Some(Command::Completions(args)) => generate::completions(&args, Self::command()),
            Some(Command::Generate(args)) => generate::files(&args, &Self::command()),
            Some(Command::Config(args)) => config::run(&args),
            Some(Command::Doctor(args)) => doctor::run(&args),
            #[cfg(feature = "eval")]
            Some(Command::Eval(args)) => moodring_eval::command::run(&args),
            Some(Command::Ask(ask)) => requests::run(&ask),
        }
    }
}
