//! Completions, man pages and the sample configuration, generated from the command line's description.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::Command;
use clap_complete::Shell;

use crate::config::text::{Show, write_config};
use moodring_core::config::Config;

#[derive(Debug, clap::Args)]
pub struct Completions {
    /// The shell
    shell: Shell,
}

/// Writes the files that packages bring.
#[derive(Debug, clap::Args)]
pub struct GenerateFiles {
    /// Folder for man1/, completions/ and config.toml
    folder: PathBuf,
}

/// Prints the completions for one shell.
pub fn completions(args: &Completions, mut program: Command) -> Result<ExitCode> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut program, "moodring", &mut script);
    io::Write::write_all(&mut io::stdout(), &script)?;
    Ok(ExitCode::SUCCESS)
}

/// Writes man pages, completions and the sample of the settings.
pub fn files(args: &GenerateFiles, program: &Command) -> Result<ExitCode> {
    write(&args.folder, program).with_context(|| format!("cannot write to {}", args.folder.display()))?;
    Ok(ExitCode::SUCCESS)
}

fn write(folder: &Path, program: &Command) -> Result<()> {
    let (man, completions) = (folder.join("man1"), folder.join("completions"));
    fs::create_dir_all(&man)?;
    fs::create_dir_all(&completions)?;
    clap_mangen::generate_to(program.clone(), &man)?;
    for shell in [Shell::Bash, Shell::Zsh, Shell::Fish] {
        clap_complete::generate_to(shell, &mut program.clone(), "moodring", &completions)?;
    }
    Ok(fs::write(folder.join("config.toml"), write_config(&Config::default(), Show::Commented)?)?)
}
