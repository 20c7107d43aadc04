//! Pictures in place of a camera, by the real binary.

use std::fs;
use std::io::{BufRead, BufReader};
use std::process::Stdio;

use moodring_core::domain::observation::CaptureError;
use moodring_vision::protocol::OutputLine;

use crate::{folder, lines, look, path, portrait, program_file, save_jpeg, sightings, text, trouble};

#[test]
fn a_look_writes_a_header_and_a_line_for_each_frame() {
    let folder = folder();
    let output = look(&["--pictures", path(folder.path()), "--frames", "3", "--json"]).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    let OutputLine::Header { look } = &lines(&output)[0] else { panic!("{output:?}") };
    assert!(!look.engine.is_empty());
    assert_eq!(look.camera, path(folder.path()));
    let seen = sightings(&output);
    assert_eq!(seen.iter().map(|it| it.frame).collect::<Vec<_>>(), [0, 1, 2]);
    for it in seen {
        assert_eq!(it.size, [640, 480]);
        assert_eq!(it.faces.len(), 1, "{it:?}");
        assert!((it.faces[0].scores.values().iter().sum::<f32>() - 1.0).abs() < 1e-3);
        assert!(it.ms.capture > 0.0);
    }
}

#[test]
fn the_format_of_a_file_is_recognized_by_its_content() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("portrait.of-me");
    save_jpeg(portrait(), &file);
    let output = look(&["--pictures", path(&file), "--frames", "1", "--json"]).output().unwrap();
    assert_eq!(sightings(&output).len(), 1, "{output:?}");
}

#[test]
fn text_output_has_the_face_and_the_scores() {
    let folder = folder();
    let output = look(&["--pictures", path(folder.path()), "--frames", "1"]).output().unwrap();
    let said = text(&output.stdout);
    for word in ["frame 0: 640x480", "face at", "confidence", "sharpness", "detection", "happy", "fearful"] {
        assert!(said.contains(word), "no {word} in {said}");
    }
    assert!(!said.contains("not count"), "{said}");
}

#[test]
fn text_output_says_why_a_face_would_not_count() {
    let profile = program_file("../assets/faces/profile.png");
    let said = text(&look(&["--pictures", path(&profile), "--frames", "1"]).output().unwrap().stdout);
    assert!(said.contains("this would not count: the face is turned aside"), "{said}");
}

#[test]
fn no_pixel_is_drawn_unless_the_output_is_a_terminal() {
    let folder = folder();
    let mut show = look(&["--pictures", path(folder.path()), "--frames", "1", "--show"]);
    let output = show.env("COLORTERM", "truecolor").output().unwrap();
    assert!(text(&output.stderr).starts_with("moodring: no picture is drawn: "), "{output:?}");
    let said = text(&output.stdout);
    assert!(said.contains("happy") && !said.contains('\x1b') && !said.contains('▀'), "{said}");
}

#[test]
fn missing_and_empty_folders_and_unreadable_files_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let place = path(folder.path());
    let missing = format!("{place}/missing");
    for (pictures, expected) in [(missing.as_str(), "No such file"), (place, "no PNG or JPEG picture")] {
        let CaptureError::NoCamera(detail) = trouble(&look(&["--json", "--pictures", pictures]).output().unwrap())
        else {
            panic!("{pictures}")
        };
        assert!(detail.contains(pictures) && detail.contains(expected), "{detail}");
    }
    fs::write(folder.path().join("words.png"), "just some words").unwrap();
    let CaptureError::Failed(detail) = trouble(&look(&["--json", "--pictures", place]).output().unwrap()) else {
        panic!()
    };
    assert!(detail.contains("words.png") && detail.contains("neither PNG nor JPEG"), "{detail}");
}

#[test]
fn text_output_has_one_error_and_one_hint() {
    for arguments in [["--pictures", "/nowhere"], ["--camera", "99"]] {
        let output = look(&arguments).output().unwrap();
        assert_eq!(output.status.code(), Some(1));
        assert!(output.stdout.is_empty());
        let said = text(&output.stderr);
        let lines: Vec<&str> = said.lines().collect();
        assert!(lines.len() == 2 && lines[0].starts_with("moodring: ") && lines[1].starts_with("hint: "), "{said}");
    }
}

#[test]
fn contradicting_options_are_a_usage_error() {
    for arguments in [
        &["--frames", "0"][..],
        &["--camera", "0", "--pictures", "x"],
        &["--follow", "--frames", "1"],
        &["--show", "--json"],
        &["--camera", "-1"],
    ] {
        assert_eq!(look(arguments).output().unwrap().status.code(), Some(2), "{arguments:?}");
    }
}

#[test]
fn a_camera_that_is_off_in_the_settings_is_not_opened() {
    let home = tempfile::tempdir().unwrap();
    fs::create_dir(home.path().join("moodring")).unwrap();
    fs::write(home.path().join("moodring/config.toml"), "[camera]\nenabled = false\n").unwrap();
    let output = look(&["--camera", "99"]).env("XDG_CONFIG_HOME", home.path()).output().unwrap();
    assert!(text(&output.stderr).contains("switched off"), "{output:?}");
}

#[test]
fn following_ends_without_an_error_when_the_output_is_closed() {
    let folder = folder();
    let mut follow = look(&["--pictures", path(folder.path()), "--follow", "--json"]);
    let mut child = follow.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut reader = BufReader::new(child.stdout.take().unwrap());
    for _ in 0..8 {
        assert!(reader.read_line(&mut String::new()).unwrap() > 0);
    }
    drop(reader);
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success() && output.stderr.is_empty(), "{output:?}");
}
