//! Pictures instead of a camera: a file, or the files of a folder in the order of their names, repeated endlessly.

use std::fs::{self, File};
use std::io::{self, Cursor, Read, Seek};
use std::panic::catch_unwind;
use std::path::{Path, PathBuf};
use std::time::Duration;

use image::{DynamicImage, ImageDecoder, ImageReader, Limits};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use crate::capture::camera::Camera;
use crate::frame::Frame;
use moodring_core::domain::observation::CaptureError;

/// The largest file that is read; the pictures of cameras are smaller.
const MAX_BYTES: u64 = 64 << 20;
const MAX_SIDE: u32 = 12_000;
/// The most memory that decoding may take.
const MAX_PIXEL_BYTES: u64 = 256 << 20;
/// The names of pictures in a folder. The format is recognized by the content.
const ENDINGS: [&str; 3] = ["png", "jpg", "jpeg"];

pub struct Pictures {
    place: PathBuf,
    files: Vec<(PathBuf, File)>,
    next: usize,
}

impl Pictures {
    /// Opens all pictures, because the sandbox of a look forbids that later. They are read one by one.
    pub fn open(place: &Path) -> Result<Self, CaptureError> {
        let mut paths = list(place).map_err(|error| {
            CaptureError::NoCamera(format!("cannot read the pictures at {}: {error}", place.display()))
        })?;
        if paths.is_empty() {
            return Err(CaptureError::NoCamera(format!("there is no PNG or JPEG picture in {}", place.display())));
        }
        paths.sort();
        allow_many_files();
        let opened = paths.into_iter().map(|path| match open(&path) {
            Ok(file) => Ok((path, file)),
            Err(why) => Err(unread(&path, &why)),
        });
        Ok(Self { place: place.to_owned(), files: opened.collect::<Result<_, _>>()?, next: 0 })
    }
}

impl Camera for Pictures {
    fn frame(&mut self, _limit: Duration) -> Result<Frame, CaptureError> {
        let count = self.files.len();
        let (path, file) = &mut self.files[self.next % count];
        self.next += 1;
        read(file).map_err(|why| unread(path, &why))
    }

    fn name(&self) -> String {
        self.place.display().to_string()
    }

    fn lasting_name(&self) -> String {
        self.name()
    }
}

fn unread(path: &Path, why: &str) -> CaptureError {
    CaptureError::Failed(format!("cannot read the picture {}: {why}", path.display()))
}

fn list(place: &Path) -> io::Result<Vec<PathBuf>> {
    if !fs::metadata(place)?.is_dir() {
        return Ok(vec![place.to_owned()]);
    }
    Ok(fs::read_dir(place)?.flatten().map(|entry| entry.path()).filter(|path| ends_right(path)).collect())
}

/// Raises the limit on open files, which is usually 1024.
fn allow_many_files() {
    let Rlimit { maximum, .. } = getrlimit(Resource::Nofile);
    // If that fails, opening a further file reports it.
    let _ = setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum });
}

fn ends_right(file: &Path) -> bool {
    let ending = file.extension().and_then(|ending| ending.to_str()).unwrap_or_default();
    ENDINGS.iter().any(|known| ending.eq_ignore_ascii_case(known)) && file.is_file()
}

fn open(path: &Path) -> Result<File, String> {
    // Checked before it is opened, because opening a pipe waits for a writer.
    if !fs::metadata(path).map_err(|error| error.to_string())?.is_file() {
        return Err("it is not a file".into());
    }
    File::open(path).map_err(|error| error.to_string())
}

fn read(file: &mut File) -> Result<Frame, String> {
    let mut bytes = Vec::new();
    let whole = file.rewind().and_then(|()| file.take(MAX_BYTES + 1).read_to_end(&mut bytes));
    if whole.map_err(|error| error.to_string())? as u64 > MAX_BYTES {
        return Err(format!("it is larger than {} MB", MAX_BYTES >> 20));
    }
    decode(&bytes)
}

/// Decodes a picture and turns it as its EXIF data say.
pub fn decode(bytes: &[u8]) -> Result<Frame, String> {
    decode_within(bytes, MAX_SIDE)
}

/// As [`decode`]; no side may be longer than this. A decoder that panics counts as a damaged picture.
pub fn decode_within(bytes: &[u8], max_side: u32) -> Result<Frame, String> {
    catch_unwind(|| decode_whole(bytes, max_side)).unwrap_or_else(|_| Err("it is damaged".into()))
}

fn decode_whole(bytes: &[u8], max_side: u32) -> Result<Frame, String> {
    let mut reader = ImageReader::new(Cursor::new(bytes)).with_guessed_format().map_err(|error| error.to_string())?;
    if reader.format().is_none() {
        return Err("it is neither PNG nor JPEG".into());
    }
    let mut limits = Limits::default();
    (limits.max_image_width, limits.max_image_height) = (Some(max_side), Some(max_side));
    reader.limits(limits);
    let mut decoder = reader.into_decoder().map_err(|error| error.to_string())?;
    if decoder.total_bytes() > MAX_PIXEL_BYTES {
        return Err("it has too many pixels".into());
    }
    let orientation = decoder.orientation().map_err(|error| error.to_string())?;
    let mut picture = DynamicImage::from_decoder(decoder).map_err(|error| error.to_string())?;
    picture.apply_orientation(orientation);
    let (width, height) = (picture.width(), picture.height());
    Ok(Frame { width, height, rgb: picture.into_rgb8().into_raw() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn jpeg(width: u32, height: u32, exif: Option<u8>) -> Vec<u8> {
        let mut bytes = Cursor::new(Vec::new());
        image::RgbImage::new(width, height).write_to(&mut bytes, image::ImageFormat::Jpeg).unwrap();
        let mut bytes = bytes.into_inner();
        if let Some(orientation) = exif {
            let mut segment = b"\xff\xe1\x00\x22Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0".to_vec();
            segment.extend([orientation, 0, 0, 0, 0, 0, 0, 0]);
            bytes.splice(2..2, segment);
        }
        bytes
    }

    #[test]
    fn a_picture_taken_upright_is_decoded_upright() {
        let size = |exif| decode(&jpeg(64, 32, exif)).map(|frame| (frame.width, frame.height)).unwrap();
        assert_eq!(size(None), (64, 32));
        assert_eq!(size(Some(6)), (32, 64));
    }

    #[test]
    fn pictures_are_sorted_by_name_and_repeated() {
        let folder = tempfile::tempdir().unwrap();
        for (name, width) in [("b.jpg", 16), ("a.JPG", 8), ("note.txt", 1)] {
            fs::write(folder.path().join(name), jpeg(width, 8, None)).unwrap();
        }
        let mut pictures = Pictures::open(folder.path()).unwrap();
        let widths: Vec<u32> = (0..3).map(|_| pictures.frame(Duration::from_secs(1)).unwrap().width).collect();
        assert_eq!(widths, [8, 16, 8]);
    }

    #[test]
    fn a_file_that_is_no_picture_is_an_error_with_its_name() {
        assert_eq!(decode(b"just some words").err().unwrap(), "it is neither PNG nor JPEG");
        let mut cut = jpeg(64, 64, None);
        cut.truncate(40);
        assert!(decode(&cut).is_err());
    }

    #[test]
    fn a_small_file_that_claims_a_huge_picture_is_rejected() {
        let mut vast = jpeg(64, 64, None);
        let start = vast.windows(2).position(|pair| pair == [0xff, 0xc0]).unwrap();
        vast[start + 5..start + 9].copy_from_slice(&[0x2e, 0xdf, 0x2e, 0xdf]);
        assert_eq!(decode(&vast).err().unwrap(), "it has too many pixels");
    }

    #[test]
    fn a_picture_that_makes_the_decoder_panic_is_an_error() {
        // Found by tests/fuzz: zune-jpeg 0.5.15 with AVX2.
        assert!(decode(include_bytes!("../../../../tests/fuzz/broken-scan.jpg")).is_err());
    }

    #[test]
    fn a_pipe_or_device_is_an_error_at_once() {
        let end = Pictures::open(Path::new("/dev/zero")).err();
        assert!(
            matches!(&end, Some(CaptureError::Failed(it)) if it.contains("/dev/zero: it is not a file")),
            "{end:?}"
        );
    }
}
