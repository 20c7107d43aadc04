//! The agent's side of looks that work and looks that fail.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use moodring_core::config::CameraConfig;
use moodring_core::config::camera_selector::CameraSelector;
use moodring_core::domain::observation::{CaptureError, FrameResult};
use moodring_vision::client::look_with_program;

use crate::{folder, program_file, self_at, wait_until};

const LIMIT: Duration = Duration::from_millis(500);

fn settings(pictures: PathBuf) -> CameraConfig {
    CameraConfig { pictures: Some(pictures), frames: 2, ..CameraConfig::default() }
}

/// Runs a look that fails in this way, and checks that no process of it is left.
fn act(how: &str) -> Result<Vec<FrameResult>, CaptureError> {
    let folder = tempfile::tempdir().unwrap();
    let part = folder.path().join(how);
    let begun = Instant::now();
    let seen = look_with_program(&program_file("look/actor.sh"), &settings(part.clone()), LIMIT);
    assert!(begun.elapsed() < LIMIT + Duration::from_secs(5), "{how} took {:?}", begun.elapsed());
    let pid = fs::read_to_string(part.with_extension("pid")).unwrap();
    assert!(!Path::new("/proc").join(pid.trim()).exists(), "{how} left a process behind");
    seen
}

#[test]
fn the_agent_gets_the_frames_of_a_real_look() {
    let folder = folder();
    let limit = Duration::from_secs(20);
    let seen =
        look_with_program(Path::new(env!("CARGO_BIN_EXE_moodring")), &settings(folder.path().into()), limit).unwrap();
    assert_eq!(seen.len(), 2);
    assert_eq!(seen[1].size, [640, 480]);
}

#[test]
fn the_agent_gets_the_error_of_a_real_look() {
    let settings = CameraConfig { device: CameraSelector::Index(99), ..CameraConfig::default() };
    let trouble = look_with_program(Path::new(env!("CARGO_BIN_EXE_moodring")), &settings, Duration::from_secs(20));
    assert!(matches!(&trouble, Err(CaptureError::NoCamera(it)) if it.contains("/dev/video99")), "{trouble:?}");
}

#[test]
fn a_look_that_does_not_end_is_killed_at_its_limit() {
    for how in ["silent", "closed"] {
        assert!(matches!(act(how), Err(CaptureError::TimedOut(_))), "{how}");
    }
}

#[test]
fn a_look_with_too_much_output_is_killed() {
    for how in ["endless", "long", "loud"] {
        let end = act(how);
        assert!(matches!(&end, Err(CaptureError::Failed(it)) if it.contains("too much output")), "{how}: {end:?}");
    }
}

#[test]
fn invalid_output_is_an_error() {
    for how in ["garbage", "binary"] {
        let end = act(how);
        assert!(
            matches!(&end, Err(CaptureError::Failed(it)) if it.contains("of the look's output is invalid")),
            "{how}: {end:?}"
        );
    }
}

#[test]
fn a_failed_look_is_an_error_with_its_first_error_line() {
    let end = act("crash");
    assert!(matches!(&end, Err(CaptureError::Failed(it)) if it.contains("the models are gone")), "{end:?}");
    assert!(matches!(act("nothing"), Err(CaptureError::Failed(_))));
}

#[test]
fn an_error_in_the_output_is_returned_unchanged() {
    assert_eq!(act("trouble"), Err(CaptureError::Busy { detail: "in a call".into(), user: None }));
}

#[test]
fn a_missing_program_is_an_error() {
    let end = look_with_program(Path::new("/nowhere/moodring"), &settings("x".into()), LIMIT);
    assert!(matches!(end, Err(CaptureError::Failed(_))));
}

#[test]
fn the_look_ends_when_the_agent_is_killed() {
    if let Some(part) = std::env::var_os("MOODRING_ACT") {
        let _ = look_with_program(&program_file("look/actor.sh"), &settings(part.into()), Duration::from_secs(60));
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let part = folder.path().join("silent");
    let mut agent = self_at("process::the_look_ends_when_the_agent_is_killed");
    let mut agent = agent.env("MOODRING_ACT", &part).spawn().unwrap();
    let pid = || fs::read_to_string(part.with_extension("pid")).unwrap_or_default().trim().to_owned();
    wait_until("the look", || !pid().is_empty());
    let look = Path::new("/proc").join(pid());
    let lived = look.exists();
    agent.kill().unwrap();
    agent.wait().unwrap();
    assert!(lived);
    // Its new parent may reap it later; a zombie has an empty command line.
    wait_until("the end of the look", || fs::read(look.join("cmdline")).unwrap_or_default().is_empty());
}
