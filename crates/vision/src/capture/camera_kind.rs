//! The kind of a camera, by its driver, name and formats.
//!
//! 1. A webcam is preferred to everything else.
//! 2. A relay passes on the pictures of a real camera that has no usable device of its own (v4l2-relayd, DroidCam).
//! 3. An infrared camera shows a face without colours; it is better than none.
//! 4. A virtual camera shows whatever a program draws (OBS). It is used only if the user names it.

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum CameraKind {
    Webcam,
    Relay,
    Infrared,
    Virtual,
}

/// Parts of the names of relays' loopback devices.
const RELAYS: [&str; 5] = ["mipi", "relay", "ipu6", "ipu7", "droidcam"];

impl CameraKind {
    /// `relay_runs`: whether v4l2-relayd runs on this machine; it lets the user choose the device's name.
    pub(crate) fn classify(driver: &str, name: &str, formats: &[String], relay_runs: bool) -> Self {
        let name = name.to_lowercase();
        if is_loopback(driver) {
            let scene = ["obs", "virtual", "scene"].iter().any(|part| name.contains(part));
            let relay = RELAYS.iter().any(|part| name.contains(part)) || relay_runs;
            return if relay && !scene { Self::Relay } else { Self::Virtual };
        }
        let named = name.contains("infrared") || name.split(|c: char| !c.is_alphanumeric()).any(|word| word == "ir");
        let grey = !formats.is_empty() && formats.iter().all(|format| is_grey(format));
        if named || grey { Self::Infrared } else { Self::Webcam }
    }

    /// The remark that the user sees; `None` for a usual webcam.
    pub fn label(self) -> Option<&'static str> {
        match self {
            Self::Webcam => None,
            Self::Relay => Some("passed on by another program"),
            Self::Infrared => Some("infrared"),
            Self::Virtual => Some("virtual"),
        }
    }
}

fn is_loopback(driver: &str) -> bool {
    let driver = driver.to_lowercase();
    driver.contains("loopback") || driver == "akvcam"
}

/// Grey formats: GREY, Y8I, Y10, Y12, Y16 and the like.
fn is_grey(format: &str) -> bool {
    let mut letters = format.chars();
    format == "GREY" || (letters.next() == Some('Y') && letters.next().is_some_and(|c| c.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(driver: &str, name: &str, formats: &[&str], relay_runs: bool) -> CameraKind {
        let formats: Vec<String> = formats.iter().map(ToString::to_string).collect();
        CameraKind::classify(driver, name, &formats, relay_runs)
    }

    #[test]
    fn a_kind_follows_from_driver_name_and_formats() {
        assert_eq!(kind("uvcvideo", "HD Pro Webcam C920", &["YUYV", "MJPG"], false), CameraKind::Webcam);
        assert_eq!(kind("uvcvideo", "Integrated IR Camera", &["YUYV"], false), CameraKind::Infrared);
        assert_eq!(kind("uvcvideo", "Sensor", &["Y10 ", "GREY"], false), CameraKind::Infrared);
        assert_eq!(kind("uvcvideo", "Firefly Cam", &["YUYV"], false), CameraKind::Webcam, "no word \"ir\"");
    }

    #[test]
    fn a_loopback_device_is_a_virtual_camera_unless_a_relay_feeds_it() {
        assert_eq!(kind("v4l2 loopback", "OBS Virtual Camera", &["YUYV"], false), CameraKind::Virtual);
        assert_eq!(kind("v4l2 loopback", "OBS Virtual Camera", &["YUYV"], true), CameraKind::Virtual);
        assert_eq!(kind("v4l2 loopback", "Intel MIPI Camera", &["NV12"], false), CameraKind::Relay);
        assert_eq!(kind("v4l2 loopback", "Front", &["NV12"], true), CameraKind::Relay);
        assert_eq!(kind("v4l2 loopback", "Dummy video device (0x0000)", &["YUYV"], false), CameraKind::Virtual);
        assert_eq!(kind("v4l2loopback_dc", "Droidcam", &["YU12"], false), CameraKind::Relay);
    }
}
