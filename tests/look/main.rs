//! The look process as the agent and the owner meet it: the real binary, at pictures and at a played camera.

mod agent;
mod faces;
mod pictures;
mod process;
mod real;
mod sandbox;
mod strace;
mod webcam;

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::{Duration, Instant};

use image::{DynamicImage, Rgb, RgbImage, imageops};
use moodring_core::domain::observation::{CaptureError, FrameResult};
use moodring_vision::protocol::OutputLine;
use tempfile::TempDir;

/// `moodring look` with the default settings, whatever the tester's own are.
fn look(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_moodring"));
    let nowhere = Path::new(env!("CARGO_TARGET_TMPDIR")).join("no-settings");
    command
        .arg("look")
        .args(arguments)
        .env("XDG_CONFIG_HOME", &nowhere)
        .env("XDG_DATA_HOME", nowhere)
        .env_remove("COLORTERM");
    command
}

/// This test program again, running one test alone as a process of its own.
fn self_at(test: &str) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args([test, "--exact", "--nocapture", "--test-threads=1"]);
    command
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// Its lines, each of which must be one of a look.
fn lines(output: &Output) -> Vec<OutputLine> {
    text(&output.stdout).lines().map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("{line}"))).collect()
}

fn sightings(output: &Output) -> Vec<FrameResult> {
    let seen = lines(output).into_iter().filter_map(|line| match line {
        OutputLine::FrameResult(sighting) => Some(sighting),
        _ => None,
    });
    seen.collect()
}

/// The trouble of the last line, with the exit code that belongs to it.
fn trouble(output: &Output) -> CaptureError {
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    match lines(output).pop() {
        Some(OutputLine::CaptureError(trouble)) => trouble,
        other => panic!("{other:?}"),
    }
}

/// The shipped portrait on a grey ground of 640x480.
fn portrait() -> RgbImage {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/faces/astronaut.png");
    let face = image::open(file).unwrap().resize(640, 480, imageops::FilterType::Triangle).into_rgb8();
    let mut ground = RgbImage::from_pixel(640, 480, Rgb([128; 3]));
    imageops::overlay(&mut ground, &face, i64::from(640 - face.width()) / 2, 0);
    ground
}

/// A folder with the portrait as `face.png`.
fn folder() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    portrait().save(folder.path().join("face.png")).unwrap();
    folder
}

fn save_jpeg(picture: RgbImage, file: &Path) {
    DynamicImage::from(picture).save_with_format(file, image::ImageFormat::Jpeg).unwrap();
}

fn path(path: &Path) -> &str {
    path.to_str().unwrap()
}

fn wait_until(what: &str, mut done: impl FnMut() -> bool) {
    let end = Instant::now() + Duration::from_secs(10);
    while !done() {
        assert!(Instant::now() < end, "{what} did not happen");
        std::thread::sleep(Duration::from_millis(5));
    }
}

fn program_file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join(name)
}
