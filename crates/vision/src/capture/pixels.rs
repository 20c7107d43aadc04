//! Decoding of a camera's bytes to red, green and blue.
//!
//! 1. The bytes are a whole buffer of the driver; old bytes after the frame are ignored.
//! 2. An incomplete frame (the first ones of many USB cameras, any one on a bad cable) is `None` and is skipped.

use crate::capture::device::Mode;
use crate::capture::pictures;
use crate::capture::pixel_format::PixelFormat;
use crate::frame::Frame;

/// Decodes the frame; `None` if it is broken.
pub fn decode(bytes: &[u8], mode: &Mode) -> Option<Frame> {
    let (width, height) = (mode.width, mode.height);
    let rgb = match mode.format {
        PixelFormat::Mjpeg => return decode_jpeg(bytes, 2 * mode.width.max(mode.height)),
        PixelFormat::Yuyv => convert_pairs(bytes, mode, |[y0, u, y1, v]| [y0, y1, u, v])?,
        PixelFormat::Uyvy => convert_pairs(bytes, mode, |[u, y0, v, y1]| [y0, y1, u, v])?,
        PixelFormat::Yvyu => convert_pairs(bytes, mode, |[y0, v, y1, u]| [y0, y1, u, v])?,
        PixelFormat::Grey => convert_rows(bytes, mode, 1, |row, rgb| row.iter().for_each(|&y| rgb.extend([y, y, y])))?,
        PixelFormat::Rgb => convert_rows(bytes, mode, 3, |row, rgb| rgb.extend(row))?,
        PixelFormat::Bgr => convert_rows(bytes, mode, 3, |row, rgb| {
            row.as_chunks().0.iter().for_each(|&[b, g, r]| rgb.extend([r, g, b]));
        })?,
        PixelFormat::Nv12 => convert_nv12(bytes, mode)?,
        PixelFormat::Yu12 => convert_yu12(bytes, mode)?,
    };
    Some(Frame { width, height, rgb })
}

/// A frame much larger than the mode of the camera is broken.
fn decode_jpeg(bytes: &[u8], max_side: u32) -> Option<Frame> {
    let has = |marker: u8| bytes.windows(2).any(|pair| pair == [0xff, marker]);
    let (start, rest) = bytes.split_at_checked(2)?;
    // Without an end marker it is incomplete. The first one may end a thumbnail; the decoder finds the right one.
    if start != [0xff, 0xd8] || !has(0xd9) {
        return None;
    }
    if has(0xc4) {
        return pictures::decode_within(bytes, max_side).ok();
    }
    // Motion-JPEG may omit the Huffman tables. The decoder adds the usual ones if the name AVI1 is present.
    let mut named = [start, b"\xff\xe0\x00\x07AVI1\0", rest].concat();
    let frame = pictures::decode_within(&named, max_side).ok();
    named.fill(0);
    frame
}

fn convert_rows(bytes: &[u8], mode: &Mode, depth: usize, convert: impl Fn(&[u8], &mut Vec<u8>)) -> Option<Vec<u8>> {
    let (width, height) = (mode.width as usize, mode.height as usize);
    let stride = (mode.stride as usize).max(width * depth);
    let mut rgb = Vec::with_capacity(width * height * 3 + 3);
    for row in 0..height {
        convert(bytes.get(row * stride..row * stride + width * depth)?, &mut rgb);
        // The conversion leaves out half a pair at the end of an odd row.
        rgb.resize((row + 1) * width * 3, 0);
    }
    Some(rgb)
}

/// Formats with two pixels in four bytes; `order` sorts them as two lumas and their common chroma.
fn convert_pairs(bytes: &[u8], mode: &Mode, order: impl Fn([u8; 4]) -> [u8; 4]) -> Option<Vec<u8>> {
    convert_rows(bytes, mode, 2, |row, rgb| {
        for &pair in row.as_chunks().0 {
            let [y0, y1, u, v] = order(pair);
            rgb.extend(to_rgb(y0, u, v));
            rgb.extend(to_rgb(y1, u, v));
        }
    })
}

/// A plane of luma, then one of chroma pairs at half the size.
fn convert_nv12(bytes: &[u8], mode: &Mode) -> Option<Vec<u8>> {
    let stride = (mode.stride as usize).max(mode.width as usize);
    let luma = stride * mode.height as usize;
    convert_planar(bytes, mode, |x, y| {
        let at = luma + y / 2 * stride + x / 2 * 2;
        Some((*bytes.get(at)?, *bytes.get(at + 1)?))
    })
}

/// A plane of luma, then two of chroma at half the size.
fn convert_yu12(bytes: &[u8], mode: &Mode) -> Option<Vec<u8>> {
    let (width, height) = (mode.width as usize, mode.height as usize);
    let stride = (mode.stride as usize).max(width);
    let (luma, half_stride) = (stride * height, stride.div_ceil(2));
    let chroma = half_stride * height.div_ceil(2);
    convert_planar(bytes, mode, |x, y| {
        let at = luma + y / 2 * half_stride + x / 2;
        Some((*bytes.get(at)?, *bytes.get(at + chroma)?))
    })
}

fn convert_planar(bytes: &[u8], mode: &Mode, chroma: impl Fn(usize, usize) -> Option<(u8, u8)>) -> Option<Vec<u8>> {
    let (width, height) = (mode.width as usize, mode.height as usize);
    let stride = (mode.stride as usize).max(width);
    let mut rgb = Vec::with_capacity(width * height * 3);
    for y in 0..height {
        for (x, &luma) in bytes.get(y * stride..y * stride + width)?.iter().enumerate() {
            let (u, v) = chroma(x, y)?;
            rgb.extend(to_rgb(luma, u, v));
        }
    }
    Some(rgb)
}

/// ITU-R BT.601, studio range, as V4L2 cameras deliver it unless they say otherwise; 8 fractional bits.
fn to_rgb(y: u8, u: u8, v: u8) -> [u8; 3] {
    let (y, u, v) = (298 * (i32::from(y) - 16), i32::from(u) - 128, i32::from(v) - 128);
    let byte = |value: i32| ((value + 128) >> 8).clamp(0, 255) as u8;
    [byte(y + 409 * v), byte(y - 100 * u - 208 * v), byte(y + 516 * u)]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mode(format: PixelFormat, width: u32, height: u32, stride: u32) -> Mode {
        Mode { format, width, height, stride }
    }

    fn rgb(bytes: &[u8], mode: &Mode) -> Option<Vec<u8>> {
        decode(bytes, mode).map(|frame| frame.rgb.clone())
    }

    #[test]
    fn black_white_and_red_come_out_as_such() {
        assert_eq!(to_rgb(16, 128, 128), [0, 0, 0]);
        assert_eq!(to_rgb(235, 128, 128), [255, 255, 255]);
        let [r, g, b] = to_rgb(81, 90, 240);
        assert!(r > 250 && g < 5 && b < 5, "{r} {g} {b}");
    }

    #[test]
    fn padding_and_trailing_bytes_are_not_pixels() {
        let bytes = [16, 128, 235, 128, 9, 9, 235, 128, 16, 128, 9, 9, 77, 77];
        let seen = rgb(&bytes, &mode(PixelFormat::Yuyv, 2, 2, 6)).unwrap();
        assert_eq!(seen, [0, 0, 0, 255, 255, 255, 255, 255, 255, 0, 0, 0]);
    }

    #[test]
    fn each_format_gives_the_same_grey() {
        let grey = Some(vec![128; 12]);
        assert_eq!(rgb(&[126, 128, 126, 128, 126, 128, 126, 128], &mode(PixelFormat::Yuyv, 2, 2, 4)), grey);
        assert_eq!(rgb(&[126, 126, 126, 126, 128, 128], &mode(PixelFormat::Nv12, 2, 2, 2)), grey);
        assert_eq!(rgb(&[128, 126, 128, 126, 128, 126, 128, 126], &mode(PixelFormat::Uyvy, 2, 2, 4)), grey);
        assert_eq!(rgb(&[126, 126, 126, 126, 128, 128], &mode(PixelFormat::Yu12, 2, 2, 2)), grey);
        assert_eq!(rgb(&[128; 4], &mode(PixelFormat::Grey, 2, 2, 2)), grey);
        assert_eq!(rgb(&[128; 12], &mode(PixelFormat::Bgr, 2, 2, 6)), grey);
    }

    #[test]
    fn each_order_of_luma_and_chroma_gives_the_same_red() {
        let red = Some([to_rgb(81, 90, 240); 2].concat());
        assert_eq!(rgb(&[81, 90, 81, 240], &mode(PixelFormat::Yuyv, 2, 1, 4)), red);
        assert_eq!(rgb(&[90, 81, 240, 81], &mode(PixelFormat::Uyvy, 2, 1, 4)), red);
        assert_eq!(rgb(&[81, 240, 81, 90], &mode(PixelFormat::Yvyu, 2, 1, 4)), red);
        assert_eq!(rgb(&[81, 81, 90, 240], &mode(PixelFormat::Nv12, 2, 1, 2)), red);
        assert_eq!(rgb(&[81, 81, 90, 240], &mode(PixelFormat::Yu12, 2, 1, 2)), red);
    }

    #[test]
    fn an_incomplete_frame_is_skipped() {
        for format in PixelFormat::ALL {
            assert_eq!(rgb(&[0xff, 0xd8, 0xff], &mode(format, 4, 4, 0)), None);
            assert_eq!(rgb(&[], &mode(format, 4, 4, 0)), None);
        }
    }

    #[test]
    fn a_frame_without_huffman_tables_is_decoded() {
        let mut jpeg = std::io::Cursor::new(Vec::new());
        let grey = image::RgbImage::from_pixel(16, 16, image::Rgb([128; 3]));
        grey.write_to(&mut jpeg, image::ImageFormat::Jpeg).unwrap();
        let mut jpeg = jpeg.into_inner();
        while let Some(start) = jpeg.windows(2).position(|pair| pair == [0xff, 0xc4]) {
            let length = usize::from(jpeg[start + 2]) << 8 | usize::from(jpeg[start + 3]);
            jpeg.drain(start..start + 2 + length);
        }
        let seen = rgb(&jpeg, &mode(PixelFormat::Mjpeg, 16, 16, 0)).unwrap();
        assert!(seen.iter().all(|&value| value.abs_diff(128) < 3));
    }

    #[test]
    fn odd_sizes_do_not_read_past_the_edge() {
        for format in PixelFormat::ALL {
            let frame = decode(&[128; 64], &mode(format, 3, 3, 0));
            assert!(frame.is_none_or(|frame| frame.rgb.len() == 27));
        }
    }
}
