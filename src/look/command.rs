//! `moodring look`: a look by hand, and the process that the agent starts for each of its own.

use std::io::{self, ErrorKind, Write, stdout};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::Result;
use serde::Serialize;

use super::camera::{Camera, Source};
use super::eye::Eye;
use super::frame::Frame;
use super::watchdog::Watchdog;
use super::{Line, Opening, Sighting, Trouble, sandbox, show, words};
use crate::config::{self, Config};
use crate::fault::fault;

/// A webcam that somebody else may want is let go this long after it was opened, if a frame has come.
const LONGEST: Duration = Duration::from_secs(1);
/// A camera that gives no frame for so long gives none.
const PATIENCE: Duration = Duration::from_secs(3);

#[derive(Clone, Debug, clap::Args)]
pub struct Args {
    /// Index of the camera, as in /dev/video0
    #[arg(long, value_name = "N", conflicts_with = "pictures")]
    camera: Option<u32>,
    /// A picture, or a folder of them, to look at in place of a camera
    #[arg(long, value_name = "PATH")]
    pictures: Option<PathBuf>,
    /// How many frames to look at
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    frames: Option<u32>,
    /// Go on until interrupted, or until nobody reads any more
    #[arg(long, conflicts_with = "frames")]
    follow: bool,
    /// Print a line of JSON first for the look, then for each frame
    #[arg(long)]
    json: bool,
    /// Draw what the camera sees into the terminal, never into a file
    #[arg(long, conflicts_with = "json")]
    show: bool,
}

/// Looks, and prints what is seen.
pub fn run(args: &Args) -> Result<ExitCode> {
    let settings = Config::load()?.camera;
    let source = source(args, &settings)?;
    let Err(error) = watch(args, &source, &settings) else { return Ok(ExitCode::SUCCESS) };
    match (error.downcast_ref::<io::Error>(), error.downcast_ref::<Trouble>()) {
        (Some(io), _) if io.kind() == ErrorKind::BrokenPipe => Ok(ExitCode::SUCCESS),
        (_, Some(trouble)) if !args.json => Err(fault(trouble.detail(), hint(trouble, &source))),
        (_, None) if !args.json => Err(error),
        (_, trouble) => {
            let failed = || Trouble::Failed(format!("{error:#}"));
            // Nobody may be left to hear it.
            let _ = say(&Line::Trouble(trouble.cloned().unwrap_or_else(failed)));
            Ok(ExitCode::FAILURE)
        }
    }
}

fn source(args: &Args, settings: &config::Camera) -> Result<Source> {
    match (args.camera, &args.pictures, &settings.pictures) {
        (None, Some(pictures), _) | (None, None, Some(pictures)) => Ok(Source::Pictures(pictures.clone())),
        _ if !settings.enabled => Err(fault(
            "the camera is switched off in the settings",
            "set enabled = true under [camera] in config.toml, or look at pictures with --pictures",
        )),
        (index, ..) => Ok(Source::Webcam(index.unwrap_or(settings.device))),
    }
}

fn hint(trouble: &Trouble, source: &Source) -> &'static str {
    match source {
        Source::Pictures(_) => "--pictures takes a PNG or JPEG file, or a folder of them",
        Source::Webcam(_) => trouble.hint(),
    }
}

fn watch(args: &Args, source: &Source, settings: &config::Camera) -> Result<()> {
    let begun = Instant::now();
    let mut camera = source.open()?;
    sandbox::fence()?;
    let mut eye = Eye::open()?;
    let sandbox = sandbox::seal()?;
    begin(args, Opening { engine: eye.engine().to_owned(), camera: camera.name(), sandbox })?;
    let dog = watchdog(args.json, &camera.name())?;
    let frames = if args.follow { u32::MAX } else { args.frames.unwrap_or(settings.frames) };
    for number in 0..frames {
        if number > 0 && camera.is_shared() && !args.follow && begun.elapsed() > LONGEST {
            break;
        }
        look(args, number, &mut eye, camera.as_mut(), &dog)?;
    }
    Ok(())
}

fn begin(args: &Args, look: Opening) -> Result<()> {
    if let Some(gap) = look.sandbox.gap() {
        eprintln!("moodring: {gap}");
    }
    if args.json {
        say(&Line::Opening { look })?;
    } else if show_canvas(args).is_some() {
        write(b"\x1b[2J")?;
    } else {
        write(format!("looking at {} with {}\n", look.camera, look.engine).as_bytes())?;
    }
    Ok(())
}

fn look(args: &Args, number: u32, eye: &mut Eye, camera: &mut dyn Camera, dog: &Watchdog) -> Result<()> {
    let begun = Instant::now();
    let frame: Frame = dog.guard(|| camera.frame())?;
    let seen = eye.see(&frame, number, begun.elapsed().as_secs_f32() * 1000.0)?;
    print(args, &frame, seen)
}

fn print(args: &Args, frame: &Frame, seen: Sighting) -> Result<()> {
    if args.json {
        return say(&Line::Sighting(seen));
    }
    let text = match show_canvas(args) {
        Some(canvas) => show::draw(frame, &seen, canvas),
        None => words::frame(&seen),
    };
    Ok(write(text.as_bytes())?)
}

fn show_canvas(args: &Args) -> Option<(u16, u16)> {
    args.show.then(show::canvas).flatten()
}

fn watchdog(json: bool, camera: &str) -> Result<Watchdog> {
    let trouble = Trouble::TimedOut(format!("no frame came from {camera} for {} s", PATIENCE.as_secs()));
    Ok(Watchdog::new(PATIENCE, move || {
        // Nobody may be left to hear it.
        let _ = if json { say(&Line::Trouble(trouble)) } else { complain(&trouble) };
        // SAFETY: always safe. Ending by `exit` would run the engine's clean-up under the feet of the waiting thread.
        unsafe { libc::_exit(1) }
    })?)
}

fn complain(trouble: &Trouble) -> Result<()> {
    let mut out = io::stderr().lock();
    writeln!(out, "moodring: {trouble}\nhint: {}", trouble.hint())?;
    Ok(())
}

fn say(line: &impl Serialize) -> Result<()> {
    let mut text = serde_json::to_string(line)?;
    text.push('\n');
    Ok(write(text.as_bytes())?)
}

/// Not `print!`, which panics when the reader has gone.
fn write(text: &[u8]) -> io::Result<()> {
    let mut out = stdout().lock();
    out.write_all(text)?;
    out.flush()
}
