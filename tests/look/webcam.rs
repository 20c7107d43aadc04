//! Webcams that work and webcams that do not, through nokhwa and the v4l crate as they are. The kernel's side is played
//! by `tests/camera/shim.c`.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;

use moodring_core::domain::observation::{CaptureError, FrameResult};
use moodring_vision::capture::device;
use moodring_vision::protocol::OutputLine;
use tempfile::TempDir;

use crate::{lines, look, path, portrait, program_file, save_jpeg, self_at, sightings, text, trouble};

/// The shim, and what its camera sees; `None`, with the reason printed, where there is no C compiler.
fn stage() -> Option<&'static Stage> {
    static STAGE: OnceLock<Option<Stage>> = OnceLock::new();
    STAGE.get_or_init(Stage::build).as_ref()
}

struct Stage {
    folder: PathBuf,
}

impl Stage {
    fn build() -> Option<Self> {
        let folder = TempDir::new_in(env!("CARGO_TARGET_TMPDIR")).unwrap().keep();
        let mut cc = Command::new("cc");
        cc.args(["-O2", "-shared", "-fPIC", "-o"])
            .arg(folder.join("shim.so"))
            .arg(program_file("camera/shim.c"))
            .arg("-ldl");
        match cc.output() {
            Ok(output) => assert!(output.status.success(), "{}", text(&output.stderr)),
            Err(error) => {
                println!("skipped: no C compiler to build the played camera with: {error}");
                return None;
            }
        }
        save_jpeg(portrait(), &folder.join("face.jpg"));
        std::fs::write(folder.join("face.yuyv"), yuyv(&portrait())).unwrap();
        Some(Self { folder })
    }

    /// `look --camera 0 --json` before a camera that offers `format` and fails in a way.
    fn look(&self, format: &str, fail: &str, arguments: &[&str]) -> Output {
        let mut command = look(&["--camera", "0", "--json"]);
        self.plug(&mut command, format).env("CAMERA_FAIL", fail).args(arguments).output().unwrap()
    }

    fn plug<'a>(&self, command: &'a mut Command, format: &str) -> &'a mut Command {
        let file = self.folder.join(if format == "JPEG" { "face.jpg" } else { "face.yuyv" });
        command.env("LD_PRELOAD", self.folder.join("shim.so")).env(format!("CAMERA_{format}"), file)
    }
}

/// ITU-R BT.601, studio range.
pub fn yuyv(picture: &image::RgbImage) -> Vec<u8> {
    let luma = |[r, g, b]: [f32; 3]| 16.0 + 0.257 * r + 0.504 * g + 0.098 * b;
    let u = |[r, g, b]: [f32; 3]| 128.0 - 0.148 * r - 0.291 * g + 0.439 * b;
    let v = |[r, g, b]: [f32; 3]| 128.0 + 0.439 * r - 0.368 * g - 0.071 * b;
    let pairs = picture.as_raw().as_chunks::<6>().0.iter().map(|pair| pair.map(f32::from));
    pairs
        .flat_map(|[r, g, b, r2, g2, b2]| {
            let (one, two) = ([r, g, b], [r2, g2, b2]);
            let mean = [(r + r2) / 2.0, (g + g2) / 2.0, (b + b2) / 2.0];
            [luma(one), u(mean), luma(two), v(mean)].map(|value| value.round() as u8)
        })
        .collect()
}

pub fn same_face(one: &FrameResult, other: &FrameResult) {
    assert!((one.brightness - other.brightness).abs() < 0.01, "{one:?} {other:?}");
    assert_eq!((one.faces.len(), other.faces.len()), (1, 1));
    let (one, other) = (&one.faces[0], &other.faces[0]);
    for k in 0..4 {
        assert!((one.bounds[k] - other.bounds[k]).abs() < 6.0, "{one:?} {other:?}");
        let apart = (one.scores.values()[k] - other.scores.values()[k]).abs();
        assert!(apart < 0.1, "{one:?} {other:?}");
    }
}

#[test]
fn a_webcam_and_a_picture_give_the_same_result() {
    let Some(stage) = stage() else { return };
    let file = stage.folder.join("face.jpg");
    let output = look(&["--pictures", path(&file), "--frames", "1", "--json"]).output().unwrap();
    let from_file = &sightings(&output)[0];
    for format in ["YUYV", "JPEG"] {
        let output = stage.look(format, "", &["--frames", "3"]);
        let seen = sightings(&output);
        assert_eq!(seen.len(), 3, "{output:?}");
        seen.iter().for_each(|it| same_face(it, from_file));
        let OutputLine::Header { look } = &lines(&output)[0] else { panic!("{output:?}") };
        assert!(look.camera.starts_with("/dev/video0 (Test camera 640x480"), "{}", look.camera);
    }
}

/// The portrait in one of the formats of V4L2.
fn encode(fourcc: &str) -> Vec<u8> {
    let pairs = yuyv(&portrait());
    let pairs = pairs.as_chunks::<4>().0;
    let reorder = |order: [usize; 4]| pairs.iter().flat_map(|pair| order.map(|k| pair[k])).collect();
    let luma: Vec<u8> = pairs.iter().flat_map(|&[y0, _, y1, _]| [y0, y1]).collect();
    // One chroma value for two rows: the upper one's.
    let rows = pairs.chunks(320).step_by(2).flatten();
    let (u, v) = (rows.clone().map(|pair| pair[1]), rows.clone().map(|pair| pair[3]));
    match fourcc {
        "YUYV" => reorder([0, 1, 2, 3]),
        "UYVY" => reorder([1, 0, 3, 2]),
        "YVYU" => reorder([0, 3, 2, 1]),
        "NV12" => luma.into_iter().chain(rows.flat_map(|pair| [pair[1], pair[3]])).collect(),
        "YU12" => luma.into_iter().chain(u).chain(v).collect(),
        "GREY" => luma,
        other => panic!("{other}"),
    }
}

/// `look --camera 0 --json` before a camera with raw frames of this format, and what else the shim is to do.
fn look_raw(stage: &Stage, fourcc: &str, variables: &[(&str, &str)]) -> Output {
    let raw = TempDir::new_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let file = raw.path().join("frame");
    std::fs::write(&file, encode(fourcc)).unwrap();
    let mut command = look(&["--camera", "0", "--json", "--frames", "2"]);
    command.env("LD_PRELOAD", stage.folder.join("shim.so")).env("CAMERA_RAW", &file).env("CAMERA_FOURCC", fourcc);
    command.envs(variables.iter().copied()).output().unwrap()
}

#[test]
fn each_common_pixel_format_is_read_from_single_and_multi_planar_devices() {
    let Some(stage) = stage() else { return };
    let file = stage.folder.join("face.jpg");
    let from_file = &sightings(&look(&["--pictures", path(&file), "--frames", "1", "--json"]).output().unwrap())[0];
    for fourcc in ["YUYV", "UYVY", "YVYU", "NV12", "YU12", "GREY"] {
        for variables in [&[][..], &[("CAMERA_PLANAR", "1")]] {
            let output = look_raw(stage, fourcc, variables);
            let seen = sightings(&output);
            assert_eq!(seen.len(), 2, "{fourcc} {variables:?}: {output:?}");
            seen.iter().for_each(|it| same_face(it, from_file));
            assert!(opened(&output).ends_with(&format!("640x480 {fourcc})")), "{fourcc}: {}", opened(&output));
        }
    }
}

#[test]
fn any_frame_rate_works() {
    let Some(stage) = stage() else { return };
    for rate in ["30000/1001", "15/2", "5/1"] {
        let output = look_raw(stage, "YUYV", &[("CAMERA_RATE", rate)]);
        assert!(!sightings(&output).is_empty(), "{rate}: {output:?}");
    }
}

#[test]
fn the_kernel_ends_the_wait_for_a_frame_before_the_watchdog_does() {
    let Some(stage) = stage() else { return };
    // The watchdog would end the process and with it lose the frames that came.
    let through_nokhwa = stage.look("YUYV", "stall@4", &["--frames", "9"]);
    let direct = look_raw(stage, "UYVY", &[("CAMERA_FAIL", "stall@1")]);
    for output in [through_nokhwa, direct] {
        assert!(output.status.success() && !sightings(&output).is_empty(), "{output:?}");
    }
    let none = look_raw(stage, "UYVY", &[("CAMERA_FAIL", "stall@0")]);
    assert!(matches!(trouble(&none), CaptureError::TimedOut(_)), "{none:?}");
}

#[test]
fn the_kernels_timer_ends_nokhwas_wait_for_the_first_frame() {
    let Some(stage) = stage() else { return };
    let output = stage.look("YUYV", "stall@0", &["--frames", "9"]);
    let CaptureError::TimedOut(error) = trouble(&output) else { panic!("{output:?}") };
    // The timer reports what was left when the wait began, at most 1.24 s; the watchdog reports its 1.3 s.
    let seconds = error.split_once("within ").and_then(|(_, limit)| limit.strip_suffix(" s")?.parse::<f32>().ok());
    assert!(seconds.is_some_and(|seconds| (0.8..1.25).contains(&seconds)), "{error}");
}

#[test]
fn dark_first_frames_do_not_count() {
    let Some(stage) = stage() else { return };
    let mut command = look(&["--camera", "0", "--json", "--frames", "2"]);
    let output = stage.plug(&mut command, "YUYV").env("CAMERA_DARK", "6").output().unwrap();
    let seen = sightings(&output);
    assert!(seen.iter().all(|it| it.brightness > 0.3), "{seen:?}");
}

#[test]
fn a_camera_is_closed_after_a_second() {
    let Some(stage) = stage() else { return };
    let count = sightings(&stage.look("YUYV", "", &["--frames", "200"])).len();
    assert!((1..=40).contains(&count), "{count} frames");
}

#[test]
fn a_look_holds_the_camera_for_less_than_a_second_and_a_half() {
    let Some(stage) = stage() else { return };
    // A usual look; one that waits long for its light; one that asks for more frames than it gets; a slow start.
    for (variable, value, frames) in
        [("DARK", "0", "5"), ("DARK", "30", "5"), ("DARK", "0", "200"), ("LATE", "1000", "5")]
    {
        let output = held(stage, variable, value, frames);
        assert!(!sightings(&output).is_empty(), "{output:?}");
    }
}

#[test]
fn a_look_without_frames_holds_the_camera_no_longer() {
    let Some(stage) = stage() else { return };
    for (variable, value) in [("FAIL", "stall@0"), ("LATE", "60000")] {
        let output = held(stage, variable, value, "9");
        assert!(matches!(trouble(&output), CaptureError::TimedOut(it) if it.contains("no frame came")), "{output:?}");
    }
    assert!(matches!(trouble(&stage.look("YUYV", "hang", &["--frames", "9"])), CaptureError::TimedOut(_)));
}

/// A look before a camera that is so; it must let it go in time.
fn held(stage: &Stage, variable: &str, value: &str, frames: &str) -> Output {
    let mut command = look(&["--camera", "0", "--json", "--frames", frames]);
    let command = stage.plug(&mut command, "YUYV").env(format!("CAMERA_{variable}"), value).env("CAMERA_HELD", "1");
    let output = command.output().unwrap();
    let said = text(&output.stderr);
    let held: u32 = said.lines().filter_map(|line| line.strip_prefix("held ")?.parse::<u32>().ok()).sum();
    println!("held for {held} ms with {variable} {value} and {frames} frames wanted");
    assert!((1..1500).contains(&held), "{held} ms with {variable} {value} and {frames} frames wanted");
    output
}

#[test]
fn broken_frames_are_skipped_and_only_broken_frames_are_an_error() {
    let Some(stage) = stage() else { return };
    assert_eq!(sightings(&stage.look("JPEG", "broken@3", &["--frames", "2"])).len(), 2);
    assert!(
        matches!(trouble(&stage.look("JPEG", "broken@1000", &[])), CaptureError::Failed(it) if it.contains("broken"))
    );
}

/// `look` before several devices; see CAMERA_NODES in the shim.
fn among(stage: &Stage, nodes: &str, arguments: &[&str]) -> Output {
    let mut command = look(&["--json", "--frames", "1"]);
    stage.plug(&mut command, "YUYV").env("CAMERA_NODES", nodes).args(arguments).output().unwrap()
}

fn opened(output: &Output) -> String {
    let Some(OutputLine::Header { look }) = lines(output).into_iter().next() else { panic!("{output:?}") };
    look.camera
}

#[test]
fn the_camera_is_found_behind_a_metadata_node_and_an_infrared_one() {
    let Some(stage) = stage() else { return };
    if Path::new("/dev/video0").exists() {
        return println!("skipped: this machine has a camera of its own");
    }
    let output = among(stage, "mimc", &[]);
    assert!(opened(&output).starts_with("/dev/video3 (Test camera 3 "), "{output:?}");
    assert_eq!(sightings(&output)[0].faces.len(), 1);
    assert!(matches!(trouble(&among(stage, "mm", &[])), CaptureError::NoCamera(it) if it == "no camera is connected"));
}

#[test]
fn raw_nodes_of_an_image_processor_are_not_cameras() {
    let Some(stage) = stage() else { return };
    let output = among(stage, "rrmc", &[]);
    assert!(opened(&output).starts_with("/dev/video3 (Test camera 3 "), "{output:?}");
    let raw = among(stage, "r", &["--camera", "0"]);
    assert!(matches!(trouble(&raw), CaptureError::NoCamera(it) if it.contains("gives no pictures")), "{raw:?}");
}

#[test]
fn a_webcam_is_preferred_to_a_relay_and_a_virtual_camera_is_used_only_by_name() {
    let Some(stage) = stage() else { return };
    if Path::new("/dev/video0").exists() {
        return println!("skipped: this machine has a camera of its own");
    }
    assert!(opened(&among(stage, "olic", &[])).starts_with("/dev/video3 (Test camera 3 "));
    assert!(opened(&among(stage, "oil", &[])).starts_with("/dev/video2 (Intel MIPI Camera "));
    let scene = trouble(&among(stage, "om", &[]));
    assert!(matches!(&scene, CaptureError::NoCamera(it) if it.contains("OBS Virtual Camera")), "{scene:?}");
    assert!(opened(&among(stage, "om", &["--camera", "obs"])).starts_with("/dev/video0 (OBS Virtual Camera "));
}

#[test]
fn of_two_cameras_one_is_chosen_by_number_name_or_path() {
    let Some(stage) = stage() else { return };
    let links = TempDir::new_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let link = links.path().join("usb-Maker_Test_camera_0002-video-index0");
    std::os::unix::fs::symlink("/dev/video1", &link).unwrap();
    for choice in ["1", "camera 1", "/dev/video1", path(&link)] {
        let output = among(stage, "cc", &["--camera", choice]);
        assert!(opened(&output).starts_with("/dev/video1 (Test camera 1 "), "{choice}: {output:?}");
    }
    assert!(opened(&among(stage, "cc", &["--camera", "test CAMERA"])).starts_with("/dev/video0"));
    let gone = trouble(&among(stage, "cc", &["--camera", "Front"]));
    assert!(matches!(&gone, CaptureError::NoCamera(it) if it.contains("1 (Test camera 1)")), "{gone:?}");
}

#[test]
fn the_settings_choose_the_camera_too() {
    let Some(stage) = stage() else { return };
    let home = tempfile::tempdir().unwrap();
    std::fs::create_dir(home.path().join("moodring")).unwrap();
    for (device, expected) in
        [("\"camera 1\"", "/dev/video1"), ("1", "/dev/video1"), ("\"/dev/video0\"", "/dev/video0")]
    {
        let settings = format!("[camera]\ndevice = {device}\n");
        std::fs::write(home.path().join("moodring/config.toml"), settings).unwrap();
        let mut command = look(&["--json", "--frames", "1"]);
        let command = stage.plug(&mut command, "YUYV").env("CAMERA_NODES", "cc").env("XDG_CONFIG_HOME", home.path());
        let output = command.output().unwrap();
        assert!(opened(&output).starts_with(expected), "{device}: {output:?}");
    }
}

#[test]
fn each_failure_has_its_own_error() {
    let Some(stage) = stage() else { return };
    let end = |fail| trouble(&stage.look("YUYV", fail, &["--frames", "9"]));
    assert!(matches!(end("eacces"), CaptureError::Forbidden(_)));
    assert!(matches!(end("busy"), CaptureError::Busy { .. }));
    assert!(matches!(end("busy-stream"), CaptureError::Busy { .. }));
    assert!(matches!(end("unplug@0"), CaptureError::Unplugged(_)));
    assert!(matches!(end("unplug@4"), CaptureError::Unplugged(_)));
    assert!(matches!(end("meta"), CaptureError::NoCamera(it) if it.contains("gives no pictures")));
    assert!(matches!(end("nofmt"), CaptureError::Failed(it) if it.contains("H264") && it.contains("YUYV")));
}

#[test]
fn a_camera_without_frames_is_an_error() {
    let Some(stage) = stage() else { return };
    let output = stage.look("YUYV", "stall@4", &["--follow"]);
    assert!(matches!(trouble(&output), CaptureError::TimedOut(_)));
    assert!(!sightings(&output).is_empty(), "the frames before it count");
}

#[test]
fn the_list_of_cameras_has_no_metadata_nodes() {
    if std::env::var_os("MOODRING_LIST").is_some() {
        let cameras = device::list();
        return println!("cameras: {cameras:?}");
    }
    let Some(stage) = stage() else { return };
    let list = |fail: &str| {
        let mut command = self_at("webcam::the_list_of_cameras_has_no_metadata_nodes");
        let command = stage.plug(&mut command, "YUYV").env("CAMERA_FAIL", fail).env("MOODRING_LIST", "1");
        let said = text(&command.output().unwrap().stdout);
        said.split_once("cameras: ").unwrap_or_else(|| panic!("{said}")).1.to_owned()
    };
    if Path::new("/dev/video0").exists() {
        return println!("skipped: this machine has a camera of its own");
    }
    assert!(list("").contains(r#"formats: ["YUYV"], trouble: None"#), "{}", list(""));
    assert!(list("eacces").contains("Forbidden"), "{}", list("eacces"));
    assert!(list("meta").starts_with("[]"), "{}", list("meta"));
}
