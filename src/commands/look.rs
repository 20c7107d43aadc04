//! `moodring look`: a look by hand, and the process that the agent starts for each look.

use moodring_core::config::CameraConfig;
use std::io::{self, ErrorKind};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Result;

use crate::config;
use moodring_core::config::camera_selector::CameraSelector;
use moodring_core::domain::observation::CaptureError;
use moodring_core::error::user_error;
use moodring_core::mood::baseline::Baselines;
use moodring_music::library::Library;
use moodring_platform::folders;
use moodring_vision::capture::camera::Source;
use moodring_vision::reporter::Reporter;
use moodring_vision::reporter::words::find_hint;
use moodring_vision::sandbox::zeroing_alloc;
use moodring_vision::session::{self, LookLength};

#[derive(Clone, Debug, clap::Args)]
pub struct Args {
    /// The camera: `auto`, its number as in /dev/video0, its path, or a part of its name
    #[arg(long, value_name = "CAMERA", conflicts_with = "pictures")]
    camera: Option<CameraSelector>,
    /// A picture, or a folder of pictures, to look at instead of a camera
    #[arg(long, value_name = "PATH")]
    pictures: Option<PathBuf>,
    /// Look at this number of frames
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    frames: Option<u32>,
    /// Look for this many seconds, at five frames a second
    #[arg(long, value_name = "S", conflicts_with = "frames", value_parser = clap::value_parser!(u32).range(1..=3600))]
    seconds: Option<u32>,
    /// Continue until interrupted, or until the output is closed
    #[arg(long, conflicts_with_all = ["frames", "seconds"])]
    follow: bool,
    /// Print JSON lines: one for the look, then one for each frame
    #[arg(long)]
    json: bool,
    /// Draw the frames on the terminal, never into a file
    #[arg(long, conflicts_with = "json")]
    show: bool,
    /// Print only the scores of the networks, without subtracting your baseline
    #[arg(long)]
    raw: bool,
}

/// Takes a look and prints its results.
pub fn run(args: &Args) -> Result<ExitCode> {
    zeroing_alloc::begin();
    let settings = config::load()?.camera;
    let source = source(args, &settings)?;
    let baselines = if args.raw { None } else { Some(load_baselines()) };
    let reporter = Reporter::new(args.json, args.show, baselines);
    let looked = source
        .find()
        .map_err(Into::into)
        .and_then(|source| session::look(&source, args.length(&settings), reporter.clone()));
    let Err(error) = looked else { return Ok(ExitCode::SUCCESS) };
    match (error.downcast_ref::<io::Error>(), error.downcast_ref::<CaptureError>()) {
        (Some(io), _) if io.kind() == ErrorKind::BrokenPipe => Ok(ExitCode::SUCCESS),
        (_, Some(trouble)) if !args.json => Err(user_error(trouble.detail(), hint(trouble, &source))),
        (_, None) if !args.json => Err(error),
        (_, trouble) => {
            let failed = || CaptureError::Failed(format!("{error:#}"));
            reporter.report_error(&trouble.cloned().unwrap_or_else(failed));
            Ok(ExitCode::FAILURE)
        }
    }
}

impl Args {
    fn length(&self, settings: &CameraConfig) -> LookLength {
        match (self.follow, self.seconds) {
            (true, _) => LookLength::Endless,
            (_, Some(seconds)) => LookLength::Time(Duration::from_secs(seconds.into())),
            _ => LookLength::Frames(self.frames.unwrap_or(settings.frames)),
        }
    }
}

/// Reads the baselines before the sandbox is on. A missing or unreadable library gives none.
fn load_baselines() -> Baselines {
    let library = folders::library_file().ok().filter(|file| file.exists());
    library.and_then(|file| Library::open(&file).ok()?.baselines().ok()).unwrap_or_default()
}

fn source(args: &Args, settings: &CameraConfig) -> Result<Source> {
    match (&args.camera, &args.pictures, &settings.pictures) {
        (None, Some(pictures), _) | (None, None, Some(pictures)) => Ok(Source::Pictures(pictures.clone())),
        _ if !settings.enabled => Err(user_error(
            "the camera is switched off in the settings",
            "set enabled = true under [camera] in config.toml, or look at pictures with --pictures",
        )),
        (choice, ..) => Ok(Source::Webcam(choice.as_ref().unwrap_or(&settings.device).clone())),
    }
}

fn hint(trouble: &CaptureError, source: &Source) -> &'static str {
    match source {
        Source::Pictures(_) => "--pictures takes a PNG or JPEG file, or a folder of them",
        Source::Webcam(_) => find_hint(trouble),
    }
}
