//! Everything that takes bytes from outside on the way from the camera to the mood, before bytes that nobody meant.
//!
//! Each test changes seeds at random for a second, or for `MOODRING_FUZZ_SECONDS`, and checks what must always hold. An
//! input that breaks it is kept, and named. `MOODRING_FUZZ_SEED` repeats a run.

mod mutate;

use std::io::Cursor;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use image::{DynamicImage, ImageFormat};
use moodring_core::mood::aggregate::{LookSummary, combine};
use moodring_core::mood::baseline::Baseline;
use moodring_core::mood::smoothing::MoodFilter;
use moodring_core::mood::table::EmotionTable;
use moodring_vision::capture::device::Mode;
use moodring_vision::capture::pixel_format::PixelFormat;
use moodring_vision::capture::{pictures, pixels};
use moodring_vision::client;
use moodring_vision::frame::Frame;
use moodring_vision::inference::crop::{GreyImage, Place};
use moodring_vision::inference::letterbox::Letterbox;
use mutate::Mutator;

/// An input that takes longer hangs.
const LONGEST: Duration = Duration::from_secs(60);

fn number(variable: &str) -> Option<u64> {
    std::env::var(variable).ok()?.parse().ok()
}

fn kept(name: &str) -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("fuzz-{name}"))
}

/// Runs the target on changed seeds until the time is over. It answers whether the input was taken for one that can be;
/// where hardly any is, what lies behind the first check is not tried.
fn fuzz(name: &'static str, seeds: &[Vec<u8>], target: impl Fn(&[u8]) -> bool + std::panic::RefUnwindSafe) {
    let clock = || SystemTime::now().duration_since(UNIX_EPOCH).map_or(1, |time| time.as_nanos() as u64);
    let seed = number("MOODRING_FUZZ_SEED").unwrap_or_else(clock);
    let end = Instant::now() + Duration::from_secs(number("MOODRING_FUZZ_SECONDS").unwrap_or(1));
    let (mut mutator, mut count, mut taken) = (Mutator::new(seed), 0_u64, 0_u64);
    let watch = Watch::start(name);
    while Instant::now() < end {
        let input = mutator.next(seeds);
        watch.begin(&input);
        let Ok(valid) = std::panic::catch_unwind(|| target(&input)) else {
            std::fs::write(kept(name), &input).unwrap();
            panic!(
                "{name} broke at input {count} of seed {seed}: {} bytes, kept in {}",
                input.len(),
                kept(name).display()
            );
        };
        count += 1;
        taken += u64::from(valid);
    }
    println!("{name}: {count} inputs from seed {seed}, {taken} of them valid, none broke it");
    assert!(taken * 20 > count, "{name}: only {taken} of {count} inputs were read at all");
}

/// Ends the program when an input takes too long.
struct Watch {
    input: Arc<Mutex<Vec<u8>>>,
    count: Arc<AtomicU64>,
}

impl Watch {
    fn start(name: &'static str) -> Self {
        let watch = Self { input: Arc::default(), count: Arc::default() };
        let (input, count) = (Arc::downgrade(&watch.input), Arc::clone(&watch.count));
        std::thread::spawn(move || {
            let mut last = u64::MAX;
            while let Some(input) = input.upgrade() {
                let now = count.load(Ordering::Relaxed);
                if now == last {
                    std::fs::write(kept(name), &*input.lock().unwrap()).unwrap();
                    eprintln!("{name} hangs: the input is kept in {}", kept(name).display());
                    std::process::exit(1);
                }
                last = now;
                drop(input);
                std::thread::sleep(LONGEST);
            }
        });
        watch
    }

    fn begin(&self, input: &[u8]) {
        input.clone_into(&mut self.input.lock().unwrap());
        self.count.fetch_add(1, Ordering::Relaxed);
    }
}

fn whole(frame: &Frame) {
    assert_eq!(frame.rgb.len(), 3 * frame.width as usize * frame.height as usize);
}

/// Small pictures of several kinds, and a face.
fn encoded(format: ImageFormat) -> Vec<Vec<u8>> {
    let face = image::open(Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/faces/astronaut.png")).unwrap();
    let small = face.thumbnail(48, 48);
    let grey = DynamicImage::from(small.to_luma8());
    let mut pictures = vec![small.clone(), grey, face.thumbnail(17, 9)];
    if format == ImageFormat::Png {
        pictures.extend([DynamicImage::from(small.to_rgba16()), DynamicImage::from(small.to_luma_alpha8())]);
    }
    let encode = |picture: DynamicImage| {
        let mut bytes = Cursor::new(Vec::new());
        picture.write_to(&mut bytes, format).unwrap();
        bytes.into_inner()
    };
    let mut pictures: Vec<_> = pictures.into_iter().map(encode).collect();
    pictures.extend(unusual(format.extensions_str()[0]));
    pictures
}

/// The same portrait as our own encoder does not write it: progressive, restarted, turned, in four colours; interlaced, with a
/// palette, stored.
fn unusual(ending: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fuzz/seeds");
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<PathBuf> = files.filter(|path| path.extension().is_some_and(|it| it == ending)).collect();
    files.sort();
    assert!(!files.is_empty());
    files.iter().map(|file| std::fs::read(file).unwrap()).collect()
}

#[test]
fn a_cameras_motion_jpeg() {
    let mode = Mode { format: PixelFormat::Mjpeg, width: 48, height: 48, stride: 0 };
    fuzz("mjpeg", &encoded(ImageFormat::Jpeg), |bytes| {
        let Some(frame) = pixels::decode(bytes, &mode) else { return false };
        whole(&frame);
        assert!(frame.width <= 96 && frame.height <= 96, "{}x{}", frame.width, frame.height);
        Letterbox::new(&frame, 128);
        true
    });
}

#[test]
fn a_cameras_raw_frames_of_any_format_and_shape() {
    let formats: Vec<PixelFormat> = PixelFormat::ALL.into_iter().filter(|&it| it != PixelFormat::Mjpeg).collect();
    let seeds: Vec<Vec<u8>> =
        (0..8_u8).map(|format| [&[format, 12, 8, 0, 20, 20, 9, 1][..], &[90; 400]].concat()).collect();
    fuzz("raw", &seeds, |bytes| {
        let Some((&[format, width, height, stride, x, y, scale, angle], bytes)) = bytes.split_first_chunk() else {
            return false;
        };
        let format = formats[usize::from(format) % formats.len()];
        let mode = Mode { format, width: width.into(), height: height.into(), stride: stride.into() };
        let Some(frame) = pixels::decode(bytes, &mode) else { return false };
        whole(&frame);
        if !frame.rgb.is_empty() {
            assert!((0.0..=1.001).contains(&Letterbox::new(&frame, 128).brightness));
            let centre = [x, y].map(|at| 4.0 * f32::from(at) - 300.0);
            let place = Place { centre, scale: f32::from(scale) / 8.0 + 0.01, angle: f32::from(angle) / 20.0 };
            assert!(GreyImage::cut(&frame, &place, 44).pixels.iter().all(|pixel| (0.0..=255.5).contains(pixel)));
        }
        true
    });
}

#[test]
fn a_picture_file_in_place_of_a_camera() {
    let seeds = [encoded(ImageFormat::Png), encoded(ImageFormat::Jpeg)].concat();
    fuzz("picture", &seeds, |bytes| {
        // What claims to be vast is decoded too, only not here: a seed has 48 pixels a side.
        pictures::decode_within(bytes, 2000).is_ok_and(|frame| {
            whole(&frame);
            true
        })
    });
}

#[test]
fn what_a_look_says_to_the_agent() {
    let opening = r#"{"look":{"engine":"rten","camera":"/dev/video0","lasting_name":"usb-1","sandbox":{"landlock":7,"seccomp":true}}}"#;
    let face = r#"{"bounds":[200,100,200,200],"confidence":0.95,"sharpness":200.5,"brightness":0.5,"scores":{"neutral":0.1,"happy":0.3,"surprised":0.1,"sad":0.2,"angry":0.1,"disgusted":0.1,"fearful":0.1}}"#;
    let sighting = format!(
        r#"{{"frame":0,"size":[640,480],"brightness":0.4,"faces":[{face},{face}],"ms":{{"capture":1.5,"detection":5,"classification":1e1}}}}"#
    );
    let one = sighting.replacen(&format!(",{face}]"), "]", 1);
    let trouble = r#"{"trouble":"busy","detail":"the camera is in use by cheese (process 1)"}"#;
    let many = [one.as_str(); 12].join("\n");
    let seeds =
        [format!("{opening}\n{many}\n"), format!("{opening}\n{sighting}\n{one}\n"), format!("{one}\n{trouble}\n")];
    fuzz("look", &seeds.map(String::into_bytes), |said| {
        let Ok(look) = client::parse_output(said) else { return false };
        let mut baseline = Baseline::at_rest(&look.frames).unwrap_or_default();
        let mut steady = MoodFilter::new(Duration::from_secs(300), 0.12);
        for _ in 0..2 {
            let LookSummary::Seen { scores, confidence } = combine(&look.frames) else { continue };
            baseline.learn(&scores);
            let corrected = baseline.correct(&scores);
            assert!(baseline.is_sound(), "{baseline:?}");
            assert!((corrected.values().iter().sum::<f32>() - 1.0).abs() < 1e-3, "{corrected:?}");
            steady.feel(Some(EmotionTable::default().expect(&corrected, confidence)), Instant::now());
            let mood = steady.mood();
            for value in [mood.valence, mood.energy, mood.confidence] {
                assert!((0.0..=1.001).contains(&value), "{mood:?}");
            }
        }
        true
    });
}
