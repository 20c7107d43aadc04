//! The shipped networks, for real: run by each engine there is, on a real face.

use std::borrow::Cow;
use std::path::Path;

use moodring::look::crop::Grey;
use moodring::look::engine::{Backend, Engine, Tensor};
use moodring::look::expression::{self, Classifier};
use moodring::look::eye::Eye;
use moodring::look::face::Detector;
use moodring::look::frame::Frame;
use moodring::look::{Face, Sighting, models, runtime};
use moodring::mood::Expression;

const FACE: &[u8] = include_bytes!("../models/face.onnx");
const EXPRESSION: &[u8] = include_bytes!("../models/expression.onnx");

/// rten always; ONNX Runtime where this machine has it.
fn backends() -> Vec<Backend> {
    let found = runtime::find().map(Backend::OnnxRuntime);
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

fn see(backend: Backend, picture: image::RgbImage) -> Sighting {
    Eye::with(backend).unwrap().see(&frame(picture), 3, 1.5).unwrap()
}

fn only_face(backend: Backend, picture: image::RgbImage) -> Face {
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
        let far = redraw(&astronaut(), [640, 480], |x, y| [(x - 200.0) * 2.5, (y - 150.0) * 2.5]);
        let face = only_face(backend, far);
        assert!(face.bounds[2] < 60.0, "{face:?}");
        assert_eq!(face.scores.top().0, Expression::Happy, "far: {face:?}");
    }
}
