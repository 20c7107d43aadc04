//! V4L2 devices: which there are, and the picture format to take from one.
//!
//! nokhwa opens a camera only when its *current* format is one that it knows and its rate is a whole number, and finds
//! no format where the wanted size is not offered exactly. So we choose and set a format first, by the v4l crate that
//! nokhwa itself stands on, and let nokhwa open the device as it then is.

use std::cmp::Reverse;
use std::fs;
use std::path::Path;

use nokhwa::utils::{CameraFormat, FrameFormat, Resolution};
use v4l::capability::Flags;
use v4l::frameinterval::FrameIntervalEnum;
use v4l::framesize::FrameSizeEnum;
use v4l::video::Capture;
use v4l::video::capture::Parameters;
use v4l::{Device, Format, FourCC};

use crate::capture::error;
use moodring_core::domain::observation::CaptureError;

/// Enough for a face in front of a screen, and offered by nearly all cameras without compression.
const WANTED: (u32, u32) = (640, 480);
const WANTED_FPS: u32 = 30;
/// Under this, exposure and the length of a look suffer.
const SLOW_FPS: u32 = 10;

/// In the order we like them, other things being equal: the cheapest and least distorted first.
const KNOWN: [(&[u8; 4], FrameFormat); 6] = [
    (b"YUYV", FrameFormat::YUYV),
    (b"NV12", FrameFormat::NV12),
    (b"MJPG", FrameFormat::MJPEG),
    (b"RGB3", FrameFormat::RAWRGB),
    (b"BGR3", FrameFormat::RAWBGR),
    (b"GRAY", FrameFormat::GRAY),
];

/// How a camera delivers its frames.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mode {
    pub format: FrameFormat,
    pub width: u32,
    pub height: u32,
    /// Bytes from one row to the next; 0 where the format has no rows.
    pub stride: u32,
    /// Frames a second.
    pub fps: u32,
}

impl Mode {
    pub fn request(&self) -> CameraFormat {
        CameraFormat::new(Resolution::new(self.width, self.height), self.format, self.fps)
    }
}

/// A device that takes pictures, or would if we were let in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CameraInfo {
    /// As in `/dev/video<index>`.
    pub index: u32,
    pub name: String,
    /// The picture formats it offers, as four letters.
    pub formats: Vec<String>,
    /// Why it cannot be used now.
    pub trouble: Option<CaptureError>,
}

/// The cameras of this machine by index. The second node of a USB camera, which carries no pictures, is left out.
pub fn list() -> Vec<CameraInfo> {
    let names =
        fs::read_dir("/dev").into_iter().flatten().flatten().filter_map(|entry| entry.file_name().into_string().ok());
    let mut indices: Vec<u32> = names.filter_map(|name| name.strip_prefix("video")?.parse().ok()).collect();
    indices.sort_unstable();
    indices.into_iter().filter_map(describe).collect()
}

fn describe(index: u32) -> Option<CameraInfo> {
    let name = fs::read_to_string(format!("/sys/class/video4linux/video{index}/name")).unwrap_or_default();
    let mut name = name.trim().to_owned();
    let device = match Device::new(index as usize) {
        Ok(device) => device,
        Err(error) => {
            let trouble = Some(error::from_io_error(index, "open", &error));
            return Some(CameraInfo { index, name, formats: Vec::new(), trouble });
        }
    };
    if name.is_empty() {
        name = device.query_caps().map(|caps| caps.card).unwrap_or_default();
    }
    let offered = offered(&device);
    if !captures(&device) || offered.is_empty() {
        return None;
    }
    let trouble = choose(&device).is_none().then(|| unknown(index, &offered));
    Some(CameraInfo { index, name, formats: offered, trouble })
}

/// The name that udev gives it by its maker, model and serial number, else by the socket it is in; `None`: no udev here.
pub fn lasting_name(index: u32) -> Option<String> {
    let is = |link: &Path| fs::read_link(link).is_ok_and(|node| node.ends_with(format!("video{index}")));
    let names = ["/dev/v4l/by-id", "/dev/v4l/by-path"].into_iter().filter_map(|folder| fs::read_dir(folder).ok());
    let link = names.flat_map(|folder| folder.flatten()).find(|link| is(&link.path()))?;
    link.file_name().into_string().ok()
}

/// Chooses the format nearest to 640x480 at 30 frames a second and sets it.
pub fn prepare(index: u32) -> Result<Mode, CaptureError> {
    let trouble = |doing| move |error| error::from_io_error(index, doing, &error);
    let device = Device::new(index as usize).map_err(trouble("open"))?;
    device.query_caps().map_err(trouble("ask for the abilities of"))?;
    let offered = offered(&device);
    if !captures(&device) || offered.is_empty() {
        return Err(CaptureError::NoCamera(format!(
            "/dev/video{index} gives no pictures; a camera's second node doesn't"
        )));
    }
    let choice = choose(&device).ok_or_else(|| unknown(index, &offered))?;
    let (fourcc, format) = KNOWN[choice.rank];
    let wanted = Format::new(choice.width, choice.height, FourCC::new(fourcc));
    let set = device.set_format(&wanted).map_err(trouble("set the format of"))?;
    if set.fourcc != wanted.fourcc {
        return Err(CaptureError::Failed(format!("/dev/video{index} offers {} and does not give it", wanted.fourcc)));
    }
    let fps = set_rate(&device, index, choice.fps)?;
    Ok(Mode { format, width: set.width, height: set.height, stride: set.stride, fps })
}

/// Some drivers have one rate and no way to set it; what then counts is what they say.
fn set_rate(device: &Device, index: u32, fps: u32) -> Result<u32, CaptureError> {
    let params = device.set_params(&Parameters::with_fps(fps)).or_else(|_| device.params());
    let interval = params.map_err(|error| error::from_io_error(index, "learn the frame rate of", &error))?.interval;
    match (interval.numerator, interval.denominator) {
        (1, fps) if fps > 0 => Ok(fps),
        (n, d) => Err(CaptureError::Failed(format!(
            "/dev/video{index} gives {d}/{n} frames a second; only whole rates are known"
        ))),
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Choice {
    /// Place in [`KNOWN`].
    rank: usize,
    width: u32,
    height: u32,
    fps: u32,
}

impl Choice {
    /// Smaller is better.
    fn cost(&self) -> (bool, u32, usize, Reverse<u32>) {
        let distance = self.width.abs_diff(WANTED.0) + self.height.abs_diff(WANTED.1);
        (self.fps < SLOW_FPS, distance, self.rank, Reverse(self.fps.min(WANTED_FPS)))
    }
}

fn choose(device: &Device) -> Option<Choice> {
    let offered = offered(device);
    let known = KNOWN.iter().enumerate().filter(|(_, (fourcc, _))| offered.iter().any(|it| it.as_bytes() == *fourcc));
    let choices = known.flat_map(|(rank, (fourcc, _))| {
        let fourcc = FourCC::new(fourcc);
        sizes(device, fourcc).into_iter().map(move |(width, height)| Choice {
            rank,
            width,
            height,
            fps: rate(device, fourcc, width, height),
        })
    });
    choices.min_by_key(Choice::cost)
}

fn sizes(device: &Device, fourcc: FourCC) -> Vec<(u32, u32)> {
    match device.enum_framesizes(fourcc) {
        Ok(sizes) => sizes.into_iter().map(|it| nearest(it.size)).collect(),
        // Some drivers have one size and no list of it.
        Err(_) => device.format().map(|format| (format.width, format.height)).into_iter().collect(),
    }
}

fn nearest(size: FrameSizeEnum) -> (u32, u32) {
    let step = |wanted: u32, min: u32, max: u32, step: u32| {
        let wanted = wanted.clamp(min, max.max(min));
        min + (wanted - min) / step.max(1) * step.max(1)
    };
    match size {
        FrameSizeEnum::Discrete(it) => (it.width, it.height),
        FrameSizeEnum::Stepwise(it) => (
            step(WANTED.0, it.min_width, it.max_width, it.step_width),
            step(WANTED.1, it.min_height, it.max_height, it.step_height),
        ),
    }
}

fn rate(device: &Device, fourcc: FourCC, width: u32, height: u32) -> u32 {
    let intervals = device.enum_frameintervals(fourcc, width, height).unwrap_or_default();
    let whole = intervals.into_iter().filter_map(|it| match it.interval {
        FrameIntervalEnum::Discrete(it) => (it.numerator == 1).then_some(it.denominator),
        FrameIntervalEnum::Stepwise(_) => Some(WANTED_FPS),
    });
    whole.min_by_key(|fps| fps.abs_diff(WANTED_FPS)).unwrap_or(WANTED_FPS)
}

fn captures(device: &Device) -> bool {
    device.query_caps().is_ok_and(|caps| caps.capabilities.contains(Flags::VIDEO_CAPTURE))
}

fn offered(device: &Device) -> Vec<String> {
    device.enum_formats().unwrap_or_default().iter().map(|format| format.fourcc.to_string()).collect()
}

fn unknown(index: u32, offered: &[String]) -> CaptureError {
    let known: Vec<_> = KNOWN.iter().map(|(fourcc, _)| String::from_utf8_lossy(*fourcc)).collect();
    let (offered, known) = (offered.join(", "), known.join(", "));
    CaptureError::Failed(format!("/dev/video{index} offers only {offered}; the formats known here are {known}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use v4l::framesize::Stepwise;

    fn best(choices: &[(usize, u32, u32, u32)]) -> (usize, u32) {
        let choices = choices.iter().map(|&(rank, width, height, fps)| Choice { rank, width, height, fps });
        choices.min_by_key(Choice::cost).map(|it| (it.rank, it.width)).unwrap()
    }

    #[test]
    fn the_nearest_size_wins_then_the_plainest_format() {
        assert_eq!(best(&[(0, 1280, 720, 30), (0, 640, 480, 30), (0, 320, 240, 30)]), (0, 640));
        assert_eq!(best(&[(2, 640, 480, 30), (0, 640, 480, 30)]), (0, 640));
        assert_eq!(best(&[(0, 640, 360, 30), (2, 640, 480, 30)]), (2, 640));
    }

    #[test]
    fn a_slow_format_is_taken_only_where_there_is_no_other() {
        assert_eq!(best(&[(0, 640, 480, 5), (2, 1280, 720, 30)]), (2, 1280));
        assert_eq!(best(&[(0, 640, 480, 5)]), (0, 640));
    }

    #[test]
    fn stepwise_sizes_stay_on_their_steps_and_never_divide_by_nothing() {
        let stepwise = |min, max, step| {
            nearest(FrameSizeEnum::Stepwise(Stepwise {
                min_width: min,
                max_width: max,
                step_width: step,
                min_height: min,
                max_height: max,
                step_height: step,
            }))
        };
        assert_eq!(stepwise(16, 4096, 16), (640, 480));
        assert_eq!(stepwise(100, 500, 150), (400, 400));
        assert_eq!(stepwise(16, 4096, 0), (640, 480));
        assert_eq!(stepwise(800, 100, 1), (800, 800));
    }
}
