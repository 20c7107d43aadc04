//! The choice of a camera: the best that shows the user, or the one that the user names.

use moodring_core::config::camera_selector::CameraSelector;
use std::fs;
use std::path::Path;

use crate::capture::camera_kind::CameraKind;
use crate::capture::device::{self, CameraInfo};
use moodring_core::domain::observation::CaptureError;

/// Finds the camera of a selector.
pub trait FindCamera {
    /// The index of the camera. Only [`CameraSelector::Auto`] and [`CameraSelector::Name`] open devices for that; no light goes on.
    fn find(&self) -> Result<u32, CaptureError>;

    /// The chosen one of these cameras.
    fn pick<'a>(&self, cameras: &'a [CameraInfo]) -> Option<&'a CameraInfo>;

    /// The error that names the missing camera and those that exist.
    fn missing(&self, cameras: &[CameraInfo]) -> CaptureError;
}

impl FindCamera for CameraSelector {
    fn find(&self) -> Result<u32, CaptureError> {
        match self {
            Self::Index(index) => Ok(*index),
            Self::Path(path) => index_of(path).ok_or_else(|| self.missing(&[])),
            Self::Auto | Self::Name(_) => {
                let cameras = device::list();
                self.pick(&cameras).map(|camera| camera.index).ok_or_else(|| self.missing(&cameras))
            }
        }
    }

    fn pick<'a>(&self, cameras: &'a [CameraInfo]) -> Option<&'a CameraInfo> {
        let with_index = |index| cameras.iter().find(|camera| camera.index == index);
        match self {
            Self::Index(index) => with_index(*index),
            Self::Path(path) => index_of(path).and_then(with_index),
            Self::Auto => {
                let real = cameras.iter().filter(|it| it.kind != CameraKind::Virtual);
                real.min_by_key(|it| (it.trouble.is_some(), it.kind, it.index))
            }
            Self::Name(name) => {
                let name = name.to_lowercase();
                let named = |whole: bool| {
                    move |camera: &&CameraInfo, name: &str| {
                        let own = camera.name.to_lowercase();
                        if whole { own == name } else { own.contains(name) }
                    }
                };
                let find = |whole| cameras.iter().find(|camera| named(whole)(camera, &name));
                find(true).or_else(|| find(false))
            }
        }
    }

    fn missing(&self, cameras: &[CameraInfo]) -> CaptureError {
        let there: Vec<_> = cameras.iter().map(|it| format!("{} ({})", it.index, it.name)).collect();
        let there = if there.is_empty() { String::new() } else { format!("; there is {}", there.join(", ")) };
        CaptureError::NoCamera(match self {
            Self::Auto if cameras.is_empty() => "no camera is connected".into(),
            Self::Auto => format!("no camera is connected{there} (a virtual camera is used only if you name it)"),
            Self::Name(name) => format!("there is no camera with \"{name}\" in its name{there}"),
            other => format!("there is no camera {other}{there}"),
        })
    }
}

/// The index of a path, after following links.
fn index_of(path: &Path) -> Option<u32> {
    let mut path = path.to_owned();
    for _ in 0..8 {
        let name = path.file_name()?.to_str()?;
        if let Some(index) = name.strip_prefix("video").and_then(|index| index.parse().ok()) {
            return Some(index);
        }
        path = path.parent()?.join(fs::read_link(&path).ok()?);
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn camera(index: u32, name: &str, formats: &[&str]) -> CameraInfo {
        camera_of("uvcvideo", index, name, formats)
    }

    fn camera_of(driver: &str, index: u32, name: &str, formats: &[&str]) -> CameraInfo {
        let formats: Vec<String> = formats.iter().map(ToString::to_string).collect();
        let kind = CameraKind::classify(driver, name, &formats, false);
        CameraInfo { index, name: name.into(), kind, formats, trouble: None }
    }

    fn laptop() -> [CameraInfo; 3] {
        [
            camera(0, "Integrated IR Camera", &["GREY"]),
            camera(2, "Integrated Camera", &["MJPG", "YUYV"]),
            camera(4, "HD Pro Webcam C920", &["YUYV"]),
        ]
    }

    fn picked(text: &str) -> Option<u32> {
        text.parse::<CameraSelector>().unwrap().pick(&laptop()).map(|camera| camera.index)
    }

    #[test]
    fn an_infrared_camera_that_comes_first_is_skipped() {
        assert_eq!(picked("auto"), Some(2));
        let only = [camera(0, "Sensor", &["Y10 ", "GREY"])];
        assert_eq!(CameraSelector::Auto.pick(&only).map(|it| it.index), Some(0), "better than none");
    }

    #[test]
    fn a_webcam_is_preferred_to_a_relay_and_a_virtual_camera_is_used_only_by_name() {
        let scene = camera_of("v4l2 loopback", 0, "OBS Virtual Camera", &["YUYV"]);
        let relay = camera_of("v4l2 loopback", 1, "Intel MIPI Camera", &["YUYV"]);
        let infrared = camera(2, "Integrated IR Camera", &["GREY"]);
        let webcam = camera(3, "C920", &["YUYV"]);
        let auto = |cameras: &[CameraInfo]| CameraSelector::Auto.pick(cameras).map(|it| it.index);
        assert_eq!(auto(&[scene.clone(), relay.clone(), infrared.clone(), webcam]), Some(3));
        assert_eq!(auto(&[scene.clone(), relay, infrared]), Some(1));
        assert_eq!(auto(std::slice::from_ref(&scene)), None);
        assert!(CameraSelector::Auto.missing(std::slice::from_ref(&scene)).detail().contains("0 (OBS Virtual Camera)"));
        assert_eq!(CameraSelector::Name("obs".into()).pick(&[scene]).map(|it| it.index), Some(0));
    }

    #[test]
    fn a_usable_camera_is_preferred_to_an_unusable_one() {
        let broken =
            CameraInfo { trouble: Some(CaptureError::Failed("only H264".into())), ..camera(0, "Front", &["H264"]) };
        let relay = camera_of("v4l2 loopback", 1, "Intel MIPI Camera", &["YUYV"]);
        assert_eq!(CameraSelector::Auto.pick(&[broken, relay]).map(|it| it.index), Some(1));
    }

    #[test]
    fn a_camera_is_named_by_number_path_or_part_of_its_name() {
        assert_eq!((picked("4"), picked("/dev/video4"), picked("c920")), (Some(4), Some(4), Some(4)));
        assert_eq!(picked("Integrated Camera"), Some(2));
        assert_eq!((picked("7"), picked("/dev/video7"), picked("front")), (None, None, None));
    }

    #[test]
    fn a_link_of_udev_is_followed() {
        let folder = tempfile::tempdir().unwrap();
        let link = folder.path().join("usb-Maker_Camera_0001-video-index0");
        std::os::unix::fs::symlink("../../video4", &link).unwrap();
        assert_eq!(index_of(&link), Some(4));
        assert_eq!(index_of(&folder.path().join("usb-gone")), None);
        std::os::unix::fs::symlink("round", folder.path().join("round")).unwrap();
        assert_eq!(index_of(&folder.path().join("round")), None);
    }

    #[test]
    fn a_missing_camera_is_named_with_those_that_exist() {
        let missing = CameraSelector::Name("front".into()).missing(&laptop());
        assert!(missing.detail().contains("\"front\"") && missing.detail().contains("4 (HD Pro Webcam C920)"));
    }
}
