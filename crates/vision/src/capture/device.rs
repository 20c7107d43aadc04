//! V4L2 devices: which cameras exist, and the picture format to take from one.
//!
//! nokhwa opens a camera only if its *current* format is one that it knows and its rate is a whole number, and finds
//! no format unless the wanted size is offered exactly. So a format is chosen and set here first, and nokhwa opens the
//! device as it then is.

use std::cmp::Reverse;
use std::fs;
use std::path::Path;

use nokhwa::utils::FrameFormat;
use v4l::frameinterval::FrameIntervalEnum;
use v4l::framesize::FrameSizeEnum;

use crate::capture::camera_kind::CameraKind;
use crate::capture::error;
use crate::capture::pixel_format::PixelFormat;
use crate::capture::usage;
use crate::capture::video_node::{BufferKind, Layout, VideoNode};
use moodring_core::domain::observation::CaptureError;

/// Enough for a face in front of a screen; nearly all cameras offer it without compression.
const WANTED: (u32, u32) = (640, 480);
const WANTED_FPS: u32 = 30;
/// In millihertz. A lower rate makes exposure and look too long.
const SLOW_RATE: u32 = 10_000;

/// The format in which a camera delivers its frames.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mode {
    pub format: PixelFormat,
    pub width: u32,
    pub height: u32,
    /// Bytes from one row to the next; 0 where the format has no rows.
    pub stride: u32,
}

/// A camera; it may be one that cannot be opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CameraInfo {
    /// As in `/dev/video<index>`.
    pub index: u32,
    pub name: String,
    pub kind: CameraKind,
    /// The FourCC codes of its formats.
    pub formats: Vec<String>,
    /// Why it cannot be used now.
    pub trouble: Option<CaptureError>,
}

/// The cameras of this machine by index. Nodes that carry no pictures (metadata, raw sensors) are left out.
pub fn list() -> Vec<CameraInfo> {
    let relay_runs = usage::is_running("v4l2-relayd");
    indices().into_iter().filter_map(|index| describe(index, relay_runs)).collect()
}

/// Whether this machine has a camera of which V4L2 shows only the sensor; its pictures come through libcamera and PipeWire.
pub fn has_raw_sensor() -> bool {
    indices().into_iter().any(|index| VideoNode::open(index).is_ok_and(|node| node.raw))
}

/// Of all `/dev/video<index>`, in order.
fn indices() -> Vec<u32> {
    let names =
        fs::read_dir("/dev").into_iter().flatten().flatten().filter_map(|entry| entry.file_name().into_string().ok());
    let mut indices: Vec<u32> = names.filter_map(|name| name.strip_prefix("video")?.parse().ok()).collect();
    indices.sort_unstable();
    indices
}

fn describe(index: u32, relay_runs: bool) -> Option<CameraInfo> {
    let name = fs::read_to_string(format!("/sys/class/video4linux/video{index}/name")).unwrap_or_default();
    let mut name = name.trim().to_owned();
    let node = match VideoNode::open(index) {
        Ok(node) => node,
        Err(error) => {
            let kind = CameraKind::classify("", &name, &[], relay_runs);
            let trouble = Some(error::from_io_error(index, "open", &error));
            return Some(CameraInfo { index, name, kind, formats: Vec::new(), trouble });
        }
    };
    if name.is_empty() {
        name.clone_from(&node.card);
    }
    let formats = format_names(&node);
    if formats.is_empty() {
        return None;
    }
    let kind = CameraKind::classify(&node.driver, &name, &formats, relay_runs);
    let trouble = choose(&node).is_none().then(|| unknown_formats(index, &formats));
    Some(CameraInfo { index, name, kind, formats, trouble })
}

/// udev's name for it, from its maker, model and serial number, else from its USB port; `None` without udev.
pub fn lasting_name(index: u32) -> Option<String> {
    let is = |link: &Path| fs::read_link(link).is_ok_and(|node| node.ends_with(format!("video{index}")));
    let names = ["/dev/v4l/by-id", "/dev/v4l/by-path"].into_iter().filter_map(|folder| fs::read_dir(folder).ok());
    let link = names.flat_map(|folder| folder.flatten()).find(|link| is(&link.path()))?;
    link.file_name().into_string().ok()
}

/// A device whose format is set.
pub(super) struct Prepared {
    pub node: VideoNode,
    pub mode: Mode,
    /// Frames a second, if that is a whole number; nokhwa has no other rates.
    pub whole_rate: Option<u32>,
}

impl Prepared {
    /// nokhwa's name of the format, and the rate; `None` if nokhwa cannot take frames from it.
    pub fn for_nokhwa(&self) -> Option<(FrameFormat, u32)> {
        let single = self.node.kind == Some(BufferKind::SinglePlanar);
        self.mode.format.nokhwa().zip(self.whole_rate).filter(|_| single)
    }
}

/// Opens the device, chooses the format nearest to 640x480 at 30 frames a second, and sets it.
pub(super) fn prepare(index: u32) -> Result<Prepared, CaptureError> {
    let trouble = |doing| move |error| error::from_io_error(index, doing, &error);
    let node = VideoNode::open(index).map_err(trouble("open"))?;
    let formats = format_names(&node);
    if formats.is_empty() {
        let reason = format!("/dev/video{index} gives no pictures; a camera can have further devices without pictures");
        return Err(CaptureError::NoCamera(reason));
    }
    let choice = choose(&node).ok_or_else(|| unknown_formats(index, &formats))?;
    let wanted = Layout { fourcc: choice.format.fourcc(), width: choice.width, height: choice.height, stride: 0 };
    let set = node.set_layout(&wanted).map_err(trouble("set the format of"))?;
    if set.fourcc != wanted.fourcc {
        return Err(CaptureError::Failed(format!(
            "/dev/video{index} offers the format {} and does not deliver it",
            wanted.fourcc
        )));
    }
    // A driver without rates still delivers frames.
    let interval = node.set_interval(choice.interval).ok();
    let whole_rate = interval.and_then(|(n, rate)| (n == 1 && rate > 0).then_some(rate));
    let mode = Mode { format: choice.format, width: set.width, height: set.height, stride: set.stride };
    Ok(Prepared { node, mode, whole_rate })
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Choice {
    format: PixelFormat,
    width: u32,
    height: u32,
    /// Seconds between two frames, as a fraction.
    interval: (u32, u32),
}

impl Choice {
    /// Smaller is better.
    fn cost(&self) -> (bool, bool, u32, usize, Reverse<u32>) {
        let distance = self.width.abs_diff(WANTED.0) + self.height.abs_diff(WANTED.1);
        let preference = PixelFormat::ALL.iter().position(|&it| it == self.format).unwrap_or(usize::MAX);
        let (rate, grey) = (millihertz(self.interval), self.format == PixelFormat::Grey);
        (grey, rate < SLOW_RATE, distance, preference, Reverse(rate.min(WANTED_FPS * 1000)))
    }
}

fn millihertz((numerator, denominator): (u32, u32)) -> u32 {
    u32::try_from(u64::from(denominator) * 1000 / u64::from(numerator.max(1))).unwrap_or(u32::MAX)
}

fn choose(node: &VideoNode) -> Option<Choice> {
    let known = node.formats().into_iter().filter_map(PixelFormat::from_fourcc);
    let choices = known.flat_map(|format| {
        let sizes = sizes(node, format).into_iter();
        sizes.map(move |(width, height)| {
            let interval = interval(node, format, width, height);
            Choice { format, width, height, interval }
        })
    });
    choices.min_by_key(Choice::cost)
}

fn sizes(node: &VideoNode, format: PixelFormat) -> Vec<(u32, u32)> {
    match node.sizes(format.fourcc()) {
        Ok(sizes) => sizes.into_iter().map(|it| nearest(it.size)).collect(),
        // Some drivers have one size and no list of it.
        Err(_) => node.layout().map(|it| (it.width, it.height)).into_iter().collect(),
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

/// The interval nearest to [`WANTED_FPS`]; that one itself where the driver has no list.
fn interval(node: &VideoNode, format: PixelFormat, width: u32, height: u32) -> (u32, u32) {
    let intervals = node.intervals(format.fourcc(), width, height).unwrap_or_default();
    let offered = intervals.into_iter().map(|it| match it.interval {
        FrameIntervalEnum::Discrete(it) => (it.numerator, it.denominator),
        FrameIntervalEnum::Stepwise(_) => (1, WANTED_FPS),
    });
    offered.min_by_key(|&it| millihertz(it).abs_diff(WANTED_FPS * 1000)).unwrap_or((1, WANTED_FPS))
}

fn format_names(node: &VideoNode) -> Vec<String> {
    node.formats().iter().map(ToString::to_string).collect()
}

fn unknown_formats(index: u32, offered: &[String]) -> CaptureError {
    let known = PixelFormat::ALL.map(|format| format.fourcc().to_string()).join(", ");
    let offered = offered.join(", ");
    CaptureError::Failed(format!("/dev/video{index} offers only {offered}; Moodring can read {known}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use v4l::framesize::Stepwise;

    const YUYV: PixelFormat = PixelFormat::Yuyv;
    const MJPEG: PixelFormat = PixelFormat::Mjpeg;

    fn best(choices: &[(PixelFormat, u32, u32, (u32, u32))]) -> (PixelFormat, u32) {
        let choices =
            choices.iter().map(|&(format, width, height, interval)| Choice { format, width, height, interval });
        choices.min_by_key(Choice::cost).map(|it| (it.format, it.width)).unwrap()
    }

    #[test]
    fn the_nearest_size_is_chosen_then_the_simplest_format() {
        let fast = (1, 30);
        assert_eq!(best(&[(YUYV, 1280, 720, fast), (YUYV, 640, 480, fast), (YUYV, 320, 240, fast)]), (YUYV, 640));
        assert_eq!(best(&[(MJPEG, 640, 480, fast), (YUYV, 640, 480, fast)]), (YUYV, 640));
        assert_eq!(best(&[(YUYV, 640, 360, fast), (MJPEG, 640, 480, fast)]), (MJPEG, 640));
        assert_eq!(best(&[(PixelFormat::Grey, 640, 480, fast), (MJPEG, 1280, 720, fast)]), (MJPEG, 1280));
    }

    #[test]
    fn a_slow_rate_is_chosen_only_if_there_is_no_other() {
        assert_eq!(best(&[(YUYV, 640, 480, (2, 15)), (MJPEG, 1280, 720, (1001, 30_000))]), (MJPEG, 1280));
        assert_eq!(best(&[(YUYV, 640, 480, (2, 15))]), (YUYV, 640));
        assert_eq!((millihertz((1001, 30_000)), millihertz((2, 15)), millihertz((0, 30))), (29_970, 7_500, 30_000));
    }

    #[test]
    fn stepwise_sizes_stay_on_their_steps_and_a_step_of_zero_is_no_division_by_zero() {
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
