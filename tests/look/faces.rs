//! Pictures that are hard to read, through the real look, and what the mind makes of them.

use std::path::{Path, PathBuf};

use image::imageops::{FilterType, blur, crop_imm, flip_horizontal, overlay, resize};
use image::{Rgb, RgbImage};
use moodring_core::domain::observation::FrameResult;
use moodring_core::domain::reason::Unreadable;
use moodring_core::mood::Expression;
use moodring_core::mood::aggregate::{LookSummary, combine};
use moodring_vision::reporter::words::describe_unreadable;

use crate::{look, path, portrait, sightings};

fn seen(picture: &RgbImage) -> Vec<FrameResult> {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("picture.png");
    picture.save(&file).unwrap();
    sightings(&look(&["--pictures", path(&file), "--frames", "3", "--json", "--raw"]).output().unwrap())
}

/// What the mind makes of it; shown when a test fails.
fn glimpse(picture: &RgbImage) -> LookSummary {
    let seen = seen(picture);
    let glimpse = combine(&seen);
    println!("{:?} of {:?}", glimpse, seen[0]);
    glimpse
}

fn doubt(picture: &RgbImage) -> &'static str {
    match glimpse(picture) {
        LookSummary::Unsure(reason) | LookSummary::Blind(reason) => describe_unreadable(reason),
        other => panic!("{other:?}"),
    }
}

fn each(picture: &RgbImage, change: impl Fn(f32) -> f32) -> RgbImage {
    let mut changed = picture.clone();
    changed.pixels_mut().for_each(|pixel| pixel.0 = pixel.0.map(|value| change(value.into()).clamp(0.0, 255.0) as u8));
    changed
}

/// The portrait `height` pixels high, its left edge at `x`, on a grey wall.
fn hang(wall: &mut RgbImage, height: u32, x: i64) {
    let face = portrait();
    // The portrait without the ground beside it.
    let face = crop_imm(&face, 80, 0, 480, 480).to_image();
    overlay(wall, &resize(&face, height, height, FilterType::Triangle), x, 0);
}

fn wall(faces: &[(u32, i64)]) -> RgbImage {
    let mut wall = RgbImage::from_pixel(640, 480, Rgb([128; 3]));
    faces.iter().for_each(|&(height, x)| hang(&mut wall, height, x));
    wall
}

#[test]
fn a_camera_that_sees_nothing_is_told_from_an_empty_chair() {
    for covered in [0, 1, 3] {
        assert!(doubt(&RgbImage::from_pixel(640, 480, Rgb([covered; 3]))).contains("camera sees nothing"));
    }
    assert_eq!(glimpse(&wall(&[])), LookSummary::Nobody);
}

#[test]
fn in_the_dark_and_in_glaring_light_nothing_is_read() {
    for light in [0.06, 0.05] {
        assert!(doubt(&each(&portrait(), |value| value * light)).contains("too dark"), "{light}");
    }
    assert!(doubt(&each(&portrait(), |value| 235.0 + value * 0.2)).contains("too bright"));
    assert!(matches!(glimpse(&each(&portrait(), |value| value * 0.5)), LookSummary::Seen { .. }), "a dim room will do");
}

#[test]
fn a_blurred_face_is_read_right_or_not_at_all() {
    let blurred: Vec<LookSummary> = (8..14).map(|step| glimpse(&blur(&portrait(), step as f32 / 2.0))).collect();
    let wrong =
        |seen: &LookSummary| matches!(seen, LookSummary::Seen { scores, .. } if scores.top().0 != Expression::Happy);
    assert!(!blurred.iter().any(wrong), "{blurred:?}");
    assert!(blurred.contains(&LookSummary::Unsure(Unreadable::FaceBlurred)), "{blurred:?}");
}

#[test]
fn of_several_faces_none_is_read() {
    assert!(doubt(&wall(&[(320, 0), (320, 320)])).contains("several faces"));
}

#[test]
fn a_tiny_face_at_the_back_is_not_read() {
    assert!(doubt(&wall(&[(160, 260)])).contains("far away"));
}

#[test]
fn a_poster_beside_a_person_changes_nothing_of_what_is_read() {
    let LookSummary::Seen { scores: alone, .. } = glimpse(&wall(&[(400, 0)])) else { panic!() };
    let LookSummary::Seen { scores, .. } = glimpse(&wall(&[(400, 0), (200, 430)])) else { panic!() };
    assert_eq!(scores.top().0, Expression::Happy);
    assert!((scores.happy - alone.happy).abs() < 0.1, "{scores:?} {alone:?}");
}

#[test]
fn a_face_in_full_profile_is_not_read_from_either_side_near_or_far() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/faces/profile.png");
    let profile = image::open(file).unwrap().into_rgb8();
    let close_up = |[x, y, width, height]: [u32; 4]| {
        resize(&crop_imm(&profile, x, y, width, height).to_image(), 640, 480, FilterType::Triangle)
    };
    let mut far = wall(&[]);
    overlay(&mut far, &resize(&profile, 400, 300, FilterType::Triangle), 120, 180);
    for near in [close_up([0, 0, 320, 240]), close_up([30, 30, 240, 180]), close_up([60, 45, 180, 135]), far] {
        for side in [flip_horizontal(&near), near] {
            assert_eq!(doubt(&side), "the face is turned aside");
        }
    }
}

#[test]
fn a_face_turned_aside_is_told_from_one_that_looks_at_the_screen() {
    let Some(data) = std::env::var_os("MOODRING_DATA") else {
        return println!("skipped: MOODRING_DATA names no folder with photographs of faces turned aside");
    };
    let turn = |name: &str| {
        let picture = image::open(PathBuf::from(&data).join("photos").join(name)).unwrap().into_rgb8();
        let turn = seen(&picture)[0].faces[0].turn;
        println!("{name}: {turn}");
        turn
    };
    for frontal in ["003.jpg", "005.jpg", "025.jpg", "026.jpg", "054.png"] {
        assert!(turn(frontal) < 0.1, "{frontal}");
    }
    assert!(turn("004.jpg") > 0.6, "in profile by three quarters");
}
