//! Degraded pictures (darkness, blur, noise, tilt, occlusion), the same each time for the same picture.

use std::io::Cursor;

use anyhow::{Context, Result};
use image::codecs::jpeg::JpegEncoder;
use image::{GrayImage, Luma, imageops};

use moodring_vision::frame::Frame;
use moodring_vision::inference::crop::{GreyImage, Place};

/// One way to spoil a picture of a face. Lengths are those of a face of 48 pixels and grow with the picture.
#[derive(Clone, Copy, Debug, PartialEq, clap::ValueEnum)]
pub enum Spoil {
    /// A quarter of the light
    Dark,
    /// Twice the light; what is too bright is cut off
    Bright,
    /// Gaussian, deviation 1.5 pixels
    Blur,
    /// Gaussian, deviation 20 of 255
    Noise,
    /// JPEG of quality 30
    Jpeg30,
    /// The upper half is even grey
    UpperHalf,
    /// The lower half is even grey
    LowerHalf,
    /// Turned by 10 degrees, every other picture the other way
    Turn10,
    /// Turned by 20 degrees, every other picture the other way
    Turn20,
    /// Shrunk to 24 pixels
    Small24,
}

impl Spoil {
    /// The degraded picture in grey. `number` seeds the noise and chooses the direction of a turn.
    pub fn apply(self, frame: &Frame, number: usize) -> Result<Frame> {
        let side = frame.width.max(frame.height);
        let pixel = side as f32 / 48.0;
        let mut face = grey(&GreyImage::whole(frame, side as usize));
        match self {
            Self::Dark => each(&mut face, |value| value * 0.25),
            Self::Bright => each(&mut face, |value| value * 2.0),
            Self::Blur => face = imageops::blur(&face, 1.5 * pixel),
            Self::Noise => noise(&mut face, number as u64),
            Self::Jpeg30 => face = jpeg(&face)?,
            Self::UpperHalf => cover(&mut face, 0..side / 2),
            Self::LowerHalf => cover(&mut face, side - side / 2..side),
            Self::Turn10 => face = turned(frame, 10.0, number),
            Self::Turn20 => face = turned(frame, 20.0, number),
            Self::Small24 => face = grey(&GreyImage::whole(frame, 24)),
        }
        let (width, height) = face.dimensions();
        Ok(Frame { width, height, rgb: face.iter().flat_map(|&value| [value; 3]).collect() })
    }
}

fn grey(face: &GreyImage) -> GrayImage {
    let side = face.side as u32;
    GrayImage::from_fn(side, side, |x, y| Luma([face.pixels[(y * side + x) as usize].round() as u8]))
}

fn each(face: &mut GrayImage, change: impl Fn(f32) -> f32) {
    face.iter_mut().for_each(|value| *value = change(f32::from(*value)).round() as u8);
}

fn cover(face: &mut GrayImage, rows: std::ops::Range<u32>) {
    for y in rows {
        (0..face.width()).for_each(|x| face.put_pixel(x, y, Luma([128])));
    }
}

fn turned(frame: &Frame, degrees: f32, number: usize) -> GrayImage {
    let angle = if number.is_multiple_of(2) { degrees } else { -degrees }.to_radians();
    let centre = [frame.width as f32 / 2.0, frame.height as f32 / 2.0];
    grey(&GreyImage::cut(frame, &Place { centre, scale: 1.0, angle }, frame.width.max(frame.height) as usize))
}

fn jpeg(face: &GrayImage) -> Result<GrayImage> {
    let mut bytes = Cursor::new(Vec::new());
    JpegEncoder::new_with_quality(&mut bytes, 30).encode_image(face).context("cannot write a JPEG")?;
    Ok(image::load_from_memory(bytes.get_ref()).context("cannot read a JPEG back")?.into_luma8())
}

/// Sums of twelve uniform numbers are near enough to Gaussian.
fn noise(face: &mut GrayImage, seed: u64) {
    let mut state = seed;
    for value in face.iter_mut() {
        let sum: f32 = (0..12).map(|_| uniform(&mut state)).sum();
        *value = (f32::from(*value) + 20.0 * (sum - 6.0)).round() as u8;
    }
}

/// 0..1 (SplitMix64; Steele et al. 2014).
fn uniform(state: &mut u64) -> f32 {
    *state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let mut z = *state;
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    ((z ^ (z >> 31)) >> 40) as f32 / (1 << 24) as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIDE: u32 = 48;

    /// Bright at the top left, dark elsewhere.
    fn face() -> Frame {
        let value = |x: u32, y: u32| if x < SIDE / 2 && y < SIDE / 2 { 200 } else { 40 };
        let rgb = (0..SIDE * SIDE).flat_map(|k| [value(k % SIDE, k / SIDE); 3]).collect();
        Frame { width: SIDE, height: SIDE, rgb }
    }

    fn spoiled(spoil: Spoil, number: usize) -> Frame {
        spoil.apply(&face(), number).unwrap()
    }

    fn at(frame: &Frame, x: u32, y: u32) -> u8 {
        frame.rgb[3 * (y * frame.width + x) as usize]
    }

    #[test]
    fn darkness_and_brightness_scale_the_picture_and_clip_it() {
        let (dark, bright) = (spoiled(Spoil::Dark, 0), spoiled(Spoil::Bright, 0));
        assert_eq!((at(&dark, 3, 3), at(&dark, 40, 40)), (50, 10));
        assert_eq!((at(&bright, 3, 3), at(&bright, 40, 40)), (255, 80));
    }

    #[test]
    fn only_half_of_the_face_is_covered() {
        let (upper, lower) = (spoiled(Spoil::UpperHalf, 0), spoiled(Spoil::LowerHalf, 0));
        assert_eq!((at(&upper, 3, 23), at(&upper, 3, 24)), (128, 40));
        assert_eq!((at(&lower, 3, 23), at(&lower, 3, 24)), (200, 128));
    }

    #[test]
    fn every_other_head_is_tilted_the_other_way() {
        let (one, other) = (spoiled(Spoil::Turn20, 0), spoiled(Spoil::Turn20, 1));
        // Just right of the bright quarter's edge near the top, and just below it near the left.
        assert_eq!((at(&one, 27, 4) > 150, at(&one, 4, 27) > 150), (false, true));
        assert_eq!((at(&other, 27, 4) > 150, at(&other, 4, 27) > 150), (true, false));
    }

    #[test]
    fn noise_has_its_stated_deviation_and_differs_between_pictures() {
        let even = Frame { width: SIDE, height: SIDE, rgb: vec![128; (3 * SIDE * SIDE) as usize] };
        let values = |number| -> Vec<f32> {
            Spoil::Noise.apply(&even, number).unwrap().rgb.chunks(3).map(|p| f32::from(p[0]) - 128.0).collect()
        };
        let (one, two) = (values(1), values(2));
        let spread = (one.iter().map(|v| v * v).sum::<f32>() / one.len() as f32).sqrt();
        assert!((spread - 20.0).abs() < 1.5, "{spread}");
        assert!(one != two && one == values(1));
    }

    #[test]
    fn blur_jpeg_and_distance_soften_edges() {
        let edge =
            |frame: &Frame| f32::from(at(frame, frame.width / 2 - 1, 2)) - f32::from(at(frame, frame.width / 2, 2));
        assert_eq!(edge(&face()), 160.0);
        assert!(edge(&spoiled(Spoil::Blur, 0)) < 80.0);
        assert_ne!(spoiled(Spoil::Jpeg30, 0).rgb, face().rgb);
        assert_eq!(spoiled(Spoil::Small24, 0).width, 24);
    }
}
