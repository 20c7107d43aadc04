//! The shipped networks, for real: run by each engine there is, on a real face.

use std::borrow::Cow;
use std::path::Path;
use std::process::{Command, Output};

use moodring_core::domain::observation::{DetectedFace, FrameResult};
use moodring_core::mood::Expression;
use moodring_vision::frame::Frame;
use moodring_vision::inference::crop::GreyImage;
use moodring_vision::inference::engine::{Backend, Engine, library};
use moodring_vision::inference::expression;
use moodring_vision::inference::expression::Classifier;
use moodring_vision::inference::face_analyzer::FaceAnalyzer;
use serde::Deserialize;

const FACE: &[u8] = include_bytes!("../models/face.onnx");
const EXPRESSION: &[u8] = include_bytes!("../models/expression.onnx");
const HEADS: [&str; 2] = ["votes", "original"];

/// rten always; ONNX Runtime where this machine has it.
fn backends() -> Vec<Backend> {
    let found = library::find().map(Backend::OnnxRuntime);
    if found.is_none() {
        eprintln!("ONNX Runtime is not on this machine: its half of the test is skipped");
    }
    [Backend::Rten].into_iter().chain(found).collect()
}

fn picture(path: &Path) -> image::RgbImage {
    image::open(path).unwrap_or_else(|error| panic!("{}: {error}", path.display())).into_rgb8()
}

fn astronaut() -> image::RgbImage {
    picture(&Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/faces/astronaut.png"))
}

fn frame(picture: image::RgbImage) -> Frame {
    Frame { width: picture.width(), height: picture.height(), rgb: picture.into_raw() }
}

fn see(backend: Backend, picture: image::RgbImage) -> FrameResult {
    FaceAnalyzer::with_backend(backend).unwrap().analyze(&frame(picture), 3, 1.5).unwrap()
}

fn only_face(backend: Backend, picture: image::RgbImage) -> DetectedFace {
    let mut faces = see(backend, picture).faces;
    assert_eq!(faces.len(), 1, "{faces:?}");
    faces.remove(0)
}

/// Each pixel of the result is the mean of nine samples of the source at the place that `at` gives.
fn redraw(source: &image::RgbImage, size: [u32; 2], at: impl Fn(f32, f32) -> [f32; 2]) -> image::RgbImage {
    let (right, bottom) = (source.width() as f32 - 1.0, source.height() as f32 - 1.0);
    image::RgbImage::from_fn(size[0], size[1], |x, y| {
        let mut sum = [0.0; 3];
        for k in 0..9 {
            let [u, v] = at(x as f32 + (k % 3) as f32 / 3.0 + 1.0 / 6.0, y as f32 + (k / 3) as f32 / 3.0 + 1.0 / 6.0);
            let pixel = source.get_pixel(u.clamp(0.0, right) as u32, v.clamp(0.0, bottom) as u32);
            (0..3).for_each(|c| sum[c] += f32::from(pixel[c]) / 9.0);
        }
        image::Rgb(sum.map(|value| value.round() as u8))
    })
}

fn turned(source: &image::RgbImage, degrees: f32) -> image::RgbImage {
    let (sin, cos) = degrees.to_radians().sin_cos();
    redraw(source, [512, 512], |x, y| {
        let (x, y) = (x - 224.0, y - 116.0);
        [224.0 + x * cos - y * sin, 116.0 + x * sin + y * cos]
    })
}

#[test]
fn a_smiling_portrait_is_one_happy_face_where_it_is() {
    for backend in backends() {
        let sighting = see(backend, astronaut());
        assert_eq!((sighting.frame, sighting.size, sighting.ms.capture), (3, [512, 512], 1.5));
        assert_eq!(sighting.faces.len(), 1, "{}: {sighting:?}", backend.name());
        let face = &sighting.faces[0];
        eprintln!("{}: {face:?} {:?}", backend.name(), sighting.ms);
        let [left, top, width, height] = face.bounds;
        let middle = [left + width / 2.0, top + height / 2.0];
        assert!((middle[0] - 224.0).abs() < 15.0 && (middle[1] - 120.0).abs() < 25.0, "{:?}", face.bounds);
        assert!((60.0..160.0).contains(&width), "{:?}", face.bounds);
        assert_eq!(face.scores.top().0, Expression::Happy, "{:?}", face.scores);
        assert!((face.scores.values().iter().sum::<f32>() - 1.0).abs() < 1e-5);
        assert!(face.sharpness > 20.0 && (0.2..0.9).contains(&face.brightness), "{face:?}");
    }
}

#[test]
fn a_picture_of_nothing_has_no_face() {
    for backend in backends() {
        let noise = |x: u32, y: u32| ((x * 7919 + y * 104_729) % 251) as u8;
        for picture in [
            image::RgbImage::from_pixel(640, 480, image::Rgb([90, 90, 90])),
            image::RgbImage::from_fn(640, 480, |x, y| image::Rgb([noise(x, y), noise(y, x), noise(x + y, y)])),
            image::RgbImage::from_fn(640, 480, |x, y| image::Rgb([(x / 3) as u8, (y / 2) as u8, 128])),
            image::RgbImage::new(1, 1),
        ] {
            assert_eq!(see(backend, picture).faces, []);
        }
    }
}

#[test]
fn the_smile_survives_the_dark_a_tilted_head_and_a_far_seat() {
    for backend in backends() {
        let mut dark = astronaut();
        dark.pixels_mut().for_each(|pixel| pixel.0 = pixel.0.map(|value| (f32::from(value) * 0.25) as u8));
        let face = only_face(backend, dark);
        assert_eq!(face.scores.top().0, Expression::Happy, "dark: {face:?}");
        for degrees in [-10.0, 10.0] {
            let face = only_face(backend, turned(&astronaut(), degrees));
            assert_eq!(face.scores.top().0, Expression::Happy, "{degrees} degrees: {face:?}");
        }
        let face = only_face(backend, redraw(&astronaut(), [256, 256], |x, y| [x * 2.0, y * 2.0]));
        assert!(face.bounds[2] < 60.0, "{face:?}");
        assert_eq!(face.scores.top().0, Expression::Happy, "far: {face:?}");
    }
}

#[test]
fn the_demonstration_s_faces_read_as_what_they_are_called() {
    for backend in backends() {
        for expression in [Expression::Happy, Expression::Sad] {
            for number in 1..=3 {
                let file = format!("assets/faces/{}/{number}.jpg", expression.word());
                let picture = picture(&Path::new(env!("CARGO_MANIFEST_DIR")).join(&file));
                assert_eq!(picture.dimensions(), (640, 480));
                let face = only_face(backend, picture);
                let (top, sure) = face.scores.top();
                assert!(top == expression && sure > 0.6, "{}, {file}: {:?}", backend.name(), face.scores);
            }
        }
    }
}

/// A face, and what PyTorch made of it (written by `models/train/export.py`).
#[derive(Deserialize)]
struct Example {
    name: String,
    pixels: Vec<f32>,
    prepared: Vec<f32>,
    votes: Vec<f32>,
    original: Vec<f32>,
}

fn furthest(ours: &[f32], theirs: &[f32]) -> f32 {
    assert_eq!(ours.len(), theirs.len());
    ours.iter().zip(theirs).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max)
}

#[test]
fn every_engine_says_what_the_trainer_said() {
    let text = include_str!("data/expression.json");
    let examples: Vec<Example> = serde_json::from_str(text).unwrap();
    assert!(examples.len() >= 3);
    for backend in backends() {
        let mut engine = Engine::load(backend, Cow::Borrowed(EXPRESSION), "faces", &HEADS).unwrap();
        for example in &examples {
            let prepared = expression::prepare(&example.pixels);
            assert!(furthest(&prepared, &example.prepared) < 1e-4, "{}: prepared", example.name);
            let said = engine.run(&prepared, &[1, 1, expression::SIDE, expression::SIDE]).unwrap();
            let off = furthest(&said[0].values, &example.votes).max(furthest(&said[1].values, &example.original));
            // Logits reach 20; their probabilities are compared below.
            assert!(off < 1e-3, "{}, {}: {off}", backend.name(), example.name);
        }
    }
}

#[test]
fn a_face_that_is_read_for_sure_is_not_read_again_in_the_mirror() {
    let examples: Vec<Example> = serde_json::from_str(include_str!("data/expression.json")).unwrap();
    let (mut once, mut twice) = (0, 0);
    for backend in backends() {
        let mut classifier = Classifier::load(backend, Cow::Borrowed(EXPRESSION)).unwrap();
        for example in &examples {
            let face = [GreyImage { side: expression::SIDE, pixels: example.pixels.clone() }];
            let [read, both] = [classifier.read(&face).unwrap(), classifier.read_twice(&face).unwrap()];
            let powers: Vec<f32> = example.votes.iter().map(|logit| logit.exp()).collect();
            let surest = powers.iter().copied().fold(0.0, f32::max) / powers.iter().sum::<f32>();
            let same = |votes: &[f32]| (votes.iter().copied().fold(0.0, f32::max) - surest).abs() < 1e-3;
            if surest >= 0.95 {
                once += 1;
                assert!(same(&read[0].votes), "{}: {:?}", example.name, read[0].votes);
            } else {
                twice += 1;
                assert_eq!(read, both, "{}", example.name);
                assert!(!same(&read[0].votes), "{}: {:?}", example.name, read[0].votes);
            }
        }
    }
    assert!(once > 0 && twice > 0, "{once} read once, {twice} twice");
}

#[test]
fn somebody_at_the_other_end_of_the_room_is_found_by_the_thorough_search() {
    for backend in backends() {
        let mut room = image::RgbImage::from_pixel(640, 480, image::Rgb([120, 110, 100]));
        let small = redraw(&astronaut(), [192, 192], |x, y| [x * 512.0 / 192.0, y * 512.0 / 192.0]);
        image::imageops::overlay(&mut room, &small, 300, 200);
        let face = only_face(backend, room);
        assert!(face.bounds[2] < 50.0, "{face:?}");
        let middle = [face.bounds[0] + face.bounds[2] / 2.0, face.bounds[1] + face.bounds[3] / 2.0];
        assert!((middle[0] - 384.0).abs() < 10.0 && (middle[1] - 245.0).abs() < 15.0, "{face:?}");
    }
}

#[test]
fn all_engines_give_the_same_scores() {
    let mut seen: Vec<(String, FrameResult)> = Vec::new();
    for backend in backends() {
        let sighting = see(backend, turned(&astronaut(), 5.0));
        seen.push((backend.name().to_owned(), sighting));
    }
    for (name, sighting) in &seen[1..] {
        let (ours, theirs) = (&seen[0].1.faces[0], &sighting.faces[0]);
        assert!(furthest(&ours.scores.values(), &theirs.scores.values()) < 1e-4, "{name}");
        assert!(furthest(&ours.bounds, &theirs.bounds) < 1e-2, "{name}");
        assert!((ours.confidence - theirs.confidence).abs() < 1e-4, "{name}");
    }
}

#[test]
fn broken_networks_and_frames_are_errors_and_no_panic() {
    for backend in backends() {
        let load = |bytes: Vec<u8>| Engine::load(backend, Cow::Owned(bytes), "faces", &HEADS).map(drop);
        assert!(load(Vec::new()).is_err());
        assert!(load(b"this is not a network".to_vec()).is_err());
        assert!(load(EXPRESSION[..EXPRESSION.len() / 2].to_vec()).is_err());
        let wrong = load(FACE.to_vec()).unwrap_err().to_string();
        assert!(wrong.contains("no input called faces"), "{wrong}");
        let mut analyzer = FaceAnalyzer::with_backend(backend).unwrap();
        assert!(analyzer.analyze(&Frame { width: 9, height: 9, rgb: vec![0; 9] }, 0, 0.0).is_err());
        assert!(analyzer.analyze(&Frame { width: 0, height: 9, rgb: Vec::new() }, 0, 0.0).is_err());
    }
}

/// The program itself, on a folder with one happy face.
fn evaluate(engine: &str, library: &str, models: &Path) -> Output {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("happy")).unwrap();
    astronaut().save(folder.path().join("happy/astronaut.png")).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_moodring"));
    command.args(["eval", "expressions", "--detect", "--json"]).arg(folder.path());
    command.env("MOODRING_ENGINE", engine).env("ORT_DYLIB_PATH", library).env("MOODRING_MODELS", models);
    command.output().unwrap()
}

fn complaint(output: &Output) -> String {
    assert!(!output.status.success());
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn a_library_that_cannot_be_used_is_passed_over() {
    let bad = tempfile::NamedTempFile::with_suffix(".so").unwrap();
    std::fs::write(bad.path(), "not a library").unwrap();
    let output = evaluate("", bad.path().to_str().unwrap(), Path::new(""));
    assert!(output.status.success(), "{output:?}");
    let figures: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((figures["n"].as_u64(), figures["accuracy"].as_f64()), (Some(1), Some(1.0)));
}

#[test]
fn an_engine_that_is_asked_for_but_not_known_is_a_clear_error() {
    let said = complaint(&evaluate("abacus", "", Path::new("")));
    assert!(
        said.contains("invalid value abacus for MOODRING_ENGINE")
            && said.contains("hint: set it to rten or onnxruntime"),
        "{said}"
    );
}

#[test]
fn ones_own_networks_are_used_or_refused_with_the_file_s_name() {
    let folder = tempfile::tempdir().unwrap();
    let said = complaint(&evaluate("rten", "", folder.path()));
    assert!(said.contains("cannot read") && said.contains("face.onnx") && said.contains("MOODRING_MODELS"), "{said}");
    std::fs::write(folder.path().join("face.onnx"), "nonsense").unwrap();
    std::fs::write(folder.path().join("expression.onnx"), EXPRESSION).unwrap();
    let said = complaint(&evaluate("rten", "", folder.path()));
    assert!(said.contains("face.onnx cannot be used"), "{said}");
    std::fs::write(folder.path().join("face.onnx"), FACE).unwrap();
    assert!(evaluate("rten", "", folder.path()).status.success());
    // The one for somebody near may be missing, but if it is there it must be one.
    std::fs::write(folder.path().join("face-near.onnx"), FACE).unwrap();
    let said = complaint(&evaluate("rten", "", folder.path()));
    assert!(said.contains("face-near.onnx cannot be used"), "{said}");
}
