//! A webcam that the kernel's own driver drives, in a small machine of its own: `make test-camera`.
//!
//! The machine's first user is `tests/camera/vm/init`; its webcam is `tests/camera/vm/webcam.c`, plugged into uvcvideo.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use image::imageops::{FilterType, resize};
use moodring_core::domain::observation::{CaptureError, FrameResult};
use moodring_vision::protocol::{Header, OutputLine};
use tempfile::TempDir;

use crate::webcam::{same_face, yuyv};
use crate::{look, path, portrait, program_file, save_jpeg, sightings, strace, text};

/// Format, width and height of what the webcam delivers.
const MODES: [(&str, u32, u32); 4] = [("yuyv", 640, 480), ("mjpg", 640, 480), ("yuyv", 320, 240), ("mjpg", 1280, 720)];

/// What the guest does before each part of the script: busybox's shell.
const PRELUDE: &str = r#"
moodring() { chroot /host env HOME=/mnt XDG_CONFIG_HOME=/mnt XDG_DATA_HOME=/mnt MOODRING_ENGINE=rten "$PROGRAM" "$@"; }
until_true() { n=0; until "$@"; do n=$((n + 1)); [ $n -lt 900 ] || return 1; sleep 0.1; done; }
there() { [ -e /dev/video0 ] && [ -e /dev/video1 ]; }
gone() { ! ls /dev/video* > /dev/null 2>&1; }
lines() { [ "$(wc -l < "$1")" -ge "$2" ]; }
plug() { webcam "$1" "/job/$1-$2x$3" "$2" "$3" 30 & webcam=$!; until_true there; }
unplug() { kill $webcam; wait $webcam; until_true gone; }
glance() { n=0; until moodring look --json --frames 1 --camera "$2" > "/job/$1"; do n=$((n + 1)); [ $n -lt 20 ] || return 1; done; }
follow() { : > "/job/$1"; moodring look --json --follow > "/job/$1" & follower=$!; until_true lines "/job/$1" 2; }
"#;

const TROUBLES: &str = r#"
plug mjpg 640 480
moodring look --json --camera 1 > /job/metadata
glance named "TEST webcam"
follow first
moodring look --json > /job/busy
moodring doctor > /job/doctor 2>&1
kill -USR1 $webcam; wait $follower
kill -USR2 $webcam
follow unplugged
unplug
wait $follower
moodring look --json > /job/none
plug yuyv 640 480
glance again auto
traced > /job/seen_in_trace
cp /host/mnt/trace /job/trace
sleep 900 < /dev/video0 & opener=$!
moodring doctor > /job/opened 2>&1
kill $opener
exporter /dev/video0 > /job/exporter & exporter=$!
until_true lines /job/exporter 1
moodring doctor > /job/exported 2>&1
kill $exporter
wait $exporter
moodring doctor > /job/free 2>&1
unplug
echo done > /job/done
"#;

struct Guest {
    job: TempDir,
}

impl Guest {
    /// Runs all; `None`, with the reason printed, where no such machine was prepared.
    fn run() -> Option<Self> {
        if std::env::var_os("MOODRING_CAMERA_VM").is_none() {
            println!("skipped: MOODRING_CAMERA_VM names no machine; `make test-camera` prepares one");
            return None;
        }
        let guest = Self { job: tempfile::tempdir().unwrap() };
        let traced = format!(
            "traced() {{ chroot /host env HOME=/mnt XDG_CONFIG_HOME=/mnt MOODRING_ENGINE=rten \
             strace -f -o /mnt/trace -e {} \"$PROGRAM\" look --json --raw --seconds 3; }}",
            strace::CALLS
        );
        let mut script = format!("PROGRAM={}\n{PRELUDE}\n{traced}\n", env!("CARGO_BIN_EXE_moodring"));
        for (format, width, height) in MODES {
            guest.paint(format, width, height);
            let name = format!("{format}-{width}x{height}");
            // An emulated processor may need longer for a frame than a glance holds the camera.
            let watch = format!("moodring look --json --seconds 5 > /job/{name}.out");
            script += &format!("plug {format} {width} {height}; {watch}; unplug\n");
        }
        fs::write(guest.file("job"), script + TROUBLES).unwrap();
        let output = Command::new(program_file("camera/vm/run.sh")).arg(guest.job.path()).output().unwrap();
        println!("{}{}", text(&output.stdout), text(&output.stderr));
        assert!(output.status.success() && guest.file("done").exists(), "{:?}", output.status);
        Some(guest)
    }

    /// The frame that the webcam shows, and its picture for the look outside.
    fn paint(&self, format: &str, width: u32, height: u32) {
        let picture = resize(&portrait(), width, height, FilterType::Triangle);
        let frame = self.file(&format!("{format}-{width}x{height}"));
        save_jpeg(picture.clone(), &frame.with_extension("jpg"));
        match format {
            "yuyv" => fs::write(&frame, yuyv(&picture)).unwrap(),
            _ => {
                fs::copy(frame.with_extension("jpg"), &frame).unwrap();
            }
        }
    }

    fn file(&self, name: &str) -> PathBuf {
        self.job.path().join(name)
    }

    fn text(&self, name: &str) -> String {
        fs::read_to_string(self.file(name)).unwrap()
    }

    fn lines(&self, name: &str) -> Vec<OutputLine> {
        self.text(name)
            .lines()
            .map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("{name}: {line}")))
            .collect()
    }

    fn opening(&self, name: &str) -> Header {
        match self.lines(name).into_iter().next() {
            Some(OutputLine::Header { look }) => look,
            other => panic!("{name}: {other:?}"),
        }
    }

    fn seen(&self, name: &str) -> Vec<FrameResult> {
        let seen = self.lines(name).into_iter().filter_map(|line| match line {
            OutputLine::FrameResult(sighting) => Some(sighting),
            _ => None,
        });
        seen.collect()
    }

    fn trouble(&self, name: &str) -> CaptureError {
        match self.lines(name).pop() {
            Some(OutputLine::CaptureError(trouble)) => trouble,
            other => panic!("{name}: {other:?}"),
        }
    }
}

fn seen_outside(picture: &Path) -> FrameResult {
    let mut outside = look(&["--pictures", path(picture), "--frames", "1", "--json"]);
    sightings(&outside.env("MOODRING_ENGINE", "rten").output().unwrap()).remove(0)
}

#[test]
fn a_real_driver_shows_what_the_picture_shows_and_fails_by_name() {
    let Some(guest) = Guest::run() else { return };
    for (format, width, height) in MODES {
        let name = format!("{format}-{width}x{height}");
        let outside = seen_outside(&guest.file(&name).with_extension("jpg"));
        let seen = guest.seen(&format!("{name}.out"));
        assert!(!seen.is_empty(), "{name} gave no frame");
        for it in &seen {
            println!("{name}: {:?} where the picture gives {:?}", it.faces[0].scores, outside.faces[0].scores);
            assert_eq!(it.size, [width, height]);
            same_face(it, &outside);
        }
        let opening = guest.opening(&format!("{name}.out"));
        assert!(opening.sandbox.landlock.is_some() && opening.sandbox.seccomp, "{opening:?}");
    }
    assert!(matches!(guest.trouble("metadata"), CaptureError::NoCamera(it) if it.contains("gives no pictures")));
    assert!(guest.opening("named").camera.contains("Moodring test webcam"));
    let busy = guest.trouble("busy");
    assert!(
        matches!(&busy, CaptureError::Busy { user: Some(user), .. } if user.starts_with("moodring (process ")),
        "{busy:?}"
    );
    let doctor = guest.text("doctor");
    assert!(doctor.contains("in use by moodring (process "), "{doctor}");
    assert!(matches!(guest.trouble("first"), CaptureError::TimedOut(_)), "{:?}", guest.trouble("first"));
    // The emulated bus may need longer to notice than a look waits for a frame.
    let unplugged = guest.trouble("unplugged");
    assert!(matches!(unplugged, CaptureError::Unplugged(_) | CaptureError::TimedOut(_)), "{unplugged:?}");
    assert!(matches!(guest.trouble("none"), CaptureError::NoCamera(it) if it == "no camera is connected"));
    assert_eq!(guest.seen("again").len(), 1, "plugged in again it works again");
    assert_eq!(guest.seen("seen_in_trace")[0].faces.len(), 1);
    strace::check_cameras(&guest.text("trace"));
    // Its buffers are DMA buffers and are not mapped from the device.
    assert!(guest.text("exported").contains("a camera is in use by exporter (process "), "{}", guest.text("exported"));
    for calm in ["opened", "free"] {
        let doctor = guest.text(calm);
        assert!(
            doctor.contains("/dev/video0 (Moodring test webcam") && !doctor.contains("in use by"),
            "{calm}: {doctor}"
        );
    }
}
