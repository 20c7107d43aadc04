//! `moodring calibrate`: learns the baseline of the user's face at rest for the camera in use.

use crate::desktop::wording;
use moodring_core::config::CameraConfig;
use std::io::{self, Write};
use std::process::ExitCode;
use std::sync::atomic::AtomicBool;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Result, anyhow};
use indicatif::{ProgressBar, ProgressStyle};
use jiff::Timestamp;

use crate::config;
use crate::desktop::ipc;
use moodring_core::domain::observation::Look;
use moodring_core::error::user_error;
use moodring_core::message::{Record, Request};
use moodring_core::mood::baseline::Baseline;
use moodring_music::library::Library;
use moodring_platform::folders;
use moodring_vision::client::{self};
use moodring_vision::reporter::words;

#[derive(Debug, clap::Args)]
pub struct Args {
    /// How long to look at your face at rest
    #[arg(long, value_name = "S", default_value_t = 20, value_parser = clap::value_parser!(u32).range(5..=120))]
    seconds: u32,
    /// Print the baseline as JSON
    #[arg(long)]
    json: bool,
}

/// Looks, learns a baseline and stores it. A running agent uses it from its next look on.
pub fn run(args: &Args) -> Result<ExitCode> {
    let camera = config::load()?.camera;
    let mut library = Library::open(&folders::library_file()?)?;
    check_allowed(&camera, &library)?;
    if !args.json {
        let what = "Sit as you do when you listen to music, look at the screen, and let your face rest";
        writeln!(io::stdout(), "{what} for {} seconds.", args.seconds)?;
    }
    let look = look(&camera, args.seconds)?;
    let baseline = Baseline::at_rest(&look.frames).map_err(|why| {
        user_error(
            format!("your neutral face was not seen: {}", wording::calibration_error(&why)),
            "sit alone before the camera, in good light, let your face rest, and try again",
        )
    })?;
    let memory = Record::Baseline { camera: look.camera.clone(), baseline: baseline.clone() };
    library.remember(&memory, Timestamp::now())?;
    // Without a running agent, the next one reads it at its start.
    let _ = ipc::request(&Request::Reload);
    print_baseline(args, &look, &baseline)?;
    Ok(ExitCode::SUCCESS)
}

fn check_allowed(camera: &CameraConfig, library: &Library) -> Result<()> {
    if !camera.enabled {
        return Err(user_error(
            "the camera is switched off in the settings",
            "set enabled = true under [camera] in config.toml",
        ));
    }
    if library.settings()?.consent == Some(false) {
        return Err(user_error(
            "you have said that the camera may not be used",
            "`moodring camera allow` changes that",
        ));
    }
    Ok(())
}

fn look(camera: &CameraConfig, seconds: u32) -> Result<Look> {
    let (begun, bar) = (Instant::now(), bar(seconds));
    let looked = thread::scope(|scope| {
        let look = scope.spawn(|| client::look_for_seconds(camera, seconds, &AtomicBool::new(false)));
        while !look.is_finished() {
            bar.set_position(begun.elapsed().as_secs());
            thread::sleep(Duration::from_millis(100));
        }
        look.join()
    });
    bar.finish_and_clear();
    let looked = looked.map_err(|_| anyhow!("the look ended in a panic"))?;
    looked.map_err(|trouble| user_error(trouble.detail(), words::find_hint(&trouble)))
}

/// A progress bar; indicatif draws it only on a terminal.
fn bar(seconds: u32) -> ProgressBar {
    let style =
        ProgressStyle::with_template("{bar:40} {pos} of {len} s").unwrap_or_else(|_| ProgressStyle::default_bar());
    ProgressBar::new(seconds.into()).with_style(style)
}

fn print_baseline(args: &Args, look: &Look, baseline: &Baseline) -> Result<()> {
    let resting = baseline.resting();
    if args.json {
        let learned = serde_json::json!({ "camera": look.camera, "frames": look.frames.len(), "resting": resting });
        return Ok(writeln!(io::stdout(), "{learned}")?);
    }
    if let Some(smile) = Baseline::smile_at_rest(&look.frames) {
        let what = format!("You seemed to smile ({:.0} %), and a smile is not taken off.", 100.0 * smile);
        writeln!(io::stdout(), "{what} Relax your mouth and run this again if you did.")?;
    }
    let bars = words::bars(&resting);
    let what = "From now on it is taken off what the camera reads, so that your face at rest counts as neutral.";
    Ok(writeln!(io::stdout(), "At rest your face reads as\n{bars}{what}")?)
}
