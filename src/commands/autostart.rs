//! `moodring autostart`: whether the desktop starts Moodring at login.
//!
//! Two ways are laid, and each session takes one: a systemd user unit where `graphical-session.target` is reached, and an
//! entry for desktops that start programs themselves, which the others skip. Were both taken, the second start would find
//! the first and leave quietly (`moodring --at-login`).

pub mod systemd;

use std::fs::{self, DirBuilder};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result};
use serde::Serialize;

use crate::commands::autostart::systemd::UserUnit;
use moodring_core::error::user_error;
use moodring_platform::folders;

const ENTRY: &str = include_str!("../../packaging/org.moodring.Moodring-autostart.desktop");
const UNIT: &str = include_str!("../../packaging/moodring.service");
const UNIT_NAME: &str = "moodring.service";
/// Where packages put the program; their files name it.
const PACKAGED: &str = "/usr/bin/moodring";

#[derive(Debug, clap::Args)]
pub struct Args {
    #[arg(default_value = "status")]
    what: AutostartAction,
    /// Print the state as JSON
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum AutostartAction {
    /// Start Moodring at each login from now on
    On,
    /// Do not start it at login
    Off,
    /// Say whether it is started at login, and how
    Status,
}

/// How things stand.
#[derive(Debug, Serialize)]
struct AutostartState {
    /// The entry for desktops that start programs themselves.
    entry: Option<PathBuf>,
    /// Of the entry or the unit: no longer there.
    missing_program: Option<PathBuf>,
    unit: UserUnit,
}

pub fn run(args: &Args) -> Result<ExitCode> {
    match args.what {
        AutostartAction::On => on()?,
        AutostartAction::Off => off()?,
        AutostartAction::Status => {}
    }
    let state = state()?;
    let text = if args.json { serde_json::to_string_pretty(&state)? } else { told(&state) };
    writeln!(io::stdout(), "{text}")?;
    Ok(ExitCode::SUCCESS)
}

fn on() -> Result<()> {
    let program = std::env::current_exe().context("it is not known where this program lies")?;
    put(&entry_file()?, &entry_text(&program))?;
    if !Path::new(systemd::PACKAGED_UNIT).exists() || program != Path::new(PACKAGED) {
        put(&unit_file()?, &unit_text(&program))?;
    }
    folders::library_file()?;
    systemd::enable(UNIT_NAME, true);
    Ok(())
}

fn off() -> Result<()> {
    systemd::enable(UNIT_NAME, false);
    [entry_file()?, unit_file()?].iter().try_for_each(|file| remove(file))?;
    systemd::reload();
    Ok(())
}

fn entry_file() -> Result<PathBuf> {
    Ok(folders::config()?.join("autostart/org.moodring.Moodring.desktop"))
}

fn unit_file() -> Result<PathBuf> {
    Ok(folders::config()?.join("systemd/user").join(UNIT_NAME))
}

/// In a desktop entry, an argument with odd characters stands in quotes, and a percent sign is doubled.
fn entry_text(program: &Path) -> String {
    let quoted: String = program.display().to_string().chars().fold(String::new(), |mut text, c| {
        match c {
            '"' | '`' | '$' => text.push_str("\\\\"),
            '\\' => text.push_str("\\\\\\"),
            '%' => text.push('%'),
            _ => {}
        }
        text.push(c);
        text
    });
    ENTRY.replace("Exec=moodring", &format!("Exec=\"{quoted}\""))
}

fn unit_text(program: &Path) -> String {
    let path = program.display().to_string();
    let quoted = path.replace('\\', "\\\\").replace('"', "\\\"").replace('%', "%%").replace('$', "$$");
    UNIT.replace(&format!("ExecStart={PACKAGED}"), &format!("ExecStart=\"{quoted}\""))
}

fn put(file: &Path, text: &str) -> Result<()> {
    let place = file.parent().unwrap_or(Path::new("."));
    let written = DirBuilder::new().recursive(true).mode(0o700).create(place).and_then(|()| fs::write(file, text));
    written.map_err(|error| user_error(format!("cannot write {}: {error}", file.display()), "check the folder's owner"))
}

fn remove(file: &Path) -> Result<()> {
    match fs::remove_file(file) {
        Err(error) if error.kind() != ErrorKind::NotFound => {
            Err(user_error(format!("cannot remove {}: {error}", file.display()), "remove it by hand"))
        }
        _ => Ok(()),
    }
}

fn state() -> Result<AutostartState> {
    let entry = Some(entry_file()?).filter(|file| file.exists());
    let texts =
        [entry.clone(), Some(unit_file()?)].into_iter().flatten().filter_map(|file| fs::read_to_string(file).ok());
    let programs = texts.filter_map(|text| program(&text));
    Ok(AutostartState {
        entry,
        missing_program: programs.into_iter().find(|program| !program.exists()),
        unit: systemd::unit(UNIT_NAME),
    })
}

/// The program that an entry or a unit starts.
fn program(text: &str) -> Option<PathBuf> {
    let line = text.lines().find_map(|line| line.strip_prefix("Exec=").or(line.strip_prefix("ExecStart=")))?;
    let quoted = line.strip_prefix('"').and_then(|rest| rest.split_once('"'));
    let program = quoted.map_or_else(|| line.split(' ').next(), |(program, _)| Some(program));
    program.filter(|program| program.starts_with('/')).map(PathBuf::from)
}

fn told(state: &AutostartState) -> String {
    let on = state.entry.is_some() || state.unit == UserUnit::Enabled;
    let mut lines = vec![if on {
        "on: Moodring is started at login".into()
    } else {
        String::from("off: Moodring is not started at login")
    }];
    lines.push(format!("unit   {}", state.unit.words()));
    lines.push(match &state.entry {
        Some(file) => format!("entry  {}, for desktops without systemd's graphical session", file.display()),
        None => "entry  none".into(),
    });
    if let Some(program) = &state.missing_program {
        lines.push(format!("it names {}, which is not there: run `moodring autostart on` again", program.display()));
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entry_and_unit_name_the_program_wherever_it_lies() {
        let odd = Path::new("/home/me/my \"100%\" $builds/moodring");
        assert!(
            entry_text(odd).contains(r#"Exec="/home/me/my \\"100%%\\" \\$builds/moodring" --at-login"#),
            "{}",
            entry_text(odd)
        );
        assert!(
            unit_text(odd).contains(r#"ExecStart="/home/me/my \"100%%\" $$builds/moodring" --at-login"#),
            "{}",
            unit_text(odd)
        );
        let plain = Path::new("/opt/bin/moodring");
        assert_eq!(program(&entry_text(plain)).as_deref(), Some(plain));
        assert_eq!(program(&unit_text(plain)).as_deref(), Some(plain));
    }
}
