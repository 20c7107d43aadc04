//! The command line.

use std::process::ExitCode;

use anyhow::Result;
use clap::{CommandFactory, Parser, Subcommand};
use tracing::level_filters::LevelFilter;

use crate::commands::{
    autostart, calibrate, config, demo, doctor, generate, history, import, library, look, players, recommend, requests,
    scan, song, spotify,
};
use crate::{agent, logging, report};

const FILES: &str = "\
Files:
  ~/.config/moodring/config.toml      your settings: see `moodring config`
  ~/.local/share/moodring/library.db  songs, plays, likes and moods, readable by you alone
  Both follow XDG_CONFIG_HOME and XDG_DATA_HOME. Pictures are kept nowhere.

Environment:
  MOODRING_LOG     how much is told on standard error: error, warn, info, debug
  MOODRING_ENGINE  what runs the networks: onnxruntime or rten
  ORT_DYLIB_PATH   where libonnxruntime.so lies
  NO_COLOR         no colours in the terminal";

/// Keeps the music that is playing in tune with your expression
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
    /// Show the whole program at work, with a real player on a bus of its own
    Demo(demo::Args),
    /// Look once through the camera (or at pictures) and print what is seen
    Look(look::Args),
    /// Learn your face at rest, so that it counts as neutral
    Calibrate(calibrate::Args),
    /// Read songs into the library: tags, valence, energy and tempo
    Scan(scan::Args),
    /// Show what is in the library, and where its songs lie between sad and cheerful, calm and lively
    Library(library::Args),
    /// Show all that is known of a song, or correct it
    Song(song::Args),
    /// Bring in what you heard elsewhere, and what listeners like you play
    Import(import::Args),
    /// Show which songs fit a mood, and why
    Recommend(recommend::Args),
    /// Connect a Spotify account, or forget it
    Spotify(spotify::Args),
    /// Show the players that run, how songs get into each, and since when that is known
    Players(players::Args),
    /// Show the moods and songs of the last days as a page, a picture, or at a glance
    Report(report::Args),
    /// Show what was kept of your moods and songs
    History(history::Args),
    /// Delete what was kept of your moods and songs, for good
    Forget(history::ForgetArgs),
    /// Start Moodring at login, or not, or say how that stands
    Autostart(autostart::Args),
    /// Show, check or edit the settings
    Config(config::Args),
    /// Check camera, models, players, tray and the rest; say what to do
    Doctor(doctor::Args),
    /// Measure faces, expressions, taste and moods against what is known
    Eval(moodring_eval::command::Args),
    /// Print the completions for a shell
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
            Some(Command::Eval(args)) => moodring_eval::command::run(&args),
            Some(Command::Ask(ask)) => requests::run(&ask),
        }
    }
}
