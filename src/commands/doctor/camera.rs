//! The camera, checked without taking a picture.

use moodring_core::config::CameraConfig;
use std::path::Path;
use std::time::Duration;

use crate::commands::doctor::{Finding, consent};
use crate::config;
use moodring_core::config::camera_selector::CameraSelector;
use moodring_core::domain::observation::CaptureError;
use moodring_platform::deadline::within;
use moodring_vision::capture::device::{self, CameraInfo};
use moodring_vision::capture::selection::FindCamera;
use moodring_vision::capture::usage;

/// A hanging driver must not hang the check.
const LIMIT: Duration = Duration::from_secs(5);

pub(super) fn check() -> Finding {
    // An invalid file is reported by the check of the settings; this check uses the defaults.
    let camera = config::load().unwrap_or_default().camera;
    if !camera.enabled {
        return Finding::ok("camera", "turned off in the settings; moods are set by hand");
    }
    if consent::given() == Some(false) {
        return Finding::ok("camera", "not checked: you denied the camera");
    }
    if let Some(pictures) = &camera.pictures {
        return check_pictures(pictures);
    }
    let survey = within(LIMIT, || (device::list(), usage::anywhere()));
    match survey {
        Some((devices, user)) => judge(&camera, &devices, user),
        None => {
            let advice = "unplug the camera and plug it in again, or restart the computer";
            Finding::problem("camera", "a camera's driver does not answer", advice)
        }
    }
}

fn check_pictures(pictures: &Path) -> Finding {
    if pictures.exists() {
        Finding::ok("camera", format!("pictures are used instead: {}", pictures.display()))
    } else {
        let what = format!("the pictures to use instead do not exist: {}", pictures.display());
        Finding::problem("camera", what, "change camera.pictures in the settings")
    }
}

/// `user`: the program that uses a camera now.
fn judge(camera: &CameraConfig, devices: &[CameraInfo], user: Option<String>) -> Finding {
    let Some(chosen) = camera.device.pick(devices) else { return missing(&camera.device, devices) };
    match (&chosen.trouble, user) {
        (None, None) => Finding::ok("camera", format!("{}{}", named(chosen), others(chosen, devices))),
        (Some(CaptureError::Busy(what)), _) => busy(what.clone()),
        (_, Some(user)) => busy(format!("{}; a camera is in use by {user}", named(chosen))),
        (Some(CaptureError::Failed(what)), None) => {
            Finding::problem("camera", what.clone(), format!("try another camera{}", others(chosen, devices)))
        }
        (Some(trouble), None) => Finding::problem("camera", trouble.detail(), trouble.hint()),
    }
}

fn busy(what: String) -> Finding {
    Finding::note("camera", what, "nothing to do: Moodring waits and tries again later")
}

fn missing(choice: &CameraSelector, devices: &[CameraInfo]) -> Finding {
    if devices.is_empty() {
        let advice =
            "connect one, or set camera = \"off\" in the settings and set moods by hand (`moodring mood happy`)";
        return Finding::problem("camera", "no camera was found", advice);
    }
    let advice = format!("set camera.device in the settings to one of: {}", list(devices.iter()));
    Finding::problem("camera", choice.missing(&[]).detail(), advice)
}

fn named(device: &CameraInfo) -> String {
    format!("/dev/video{} ({})", device.index, device.name)
}

fn others(chosen: &CameraInfo, devices: &[CameraInfo]) -> String {
    let others = list(devices.iter().filter(|device| device.index != chosen.index));
    if others.is_empty() { others } else { format!("; there is also {others}") }
}

fn list<'a>(devices: impl Iterator<Item = &'a CameraInfo>) -> String {
    devices.map(|device| format!("{} ({})", device.index, device.name)).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::doctor::Level;

    fn judged(index: u32, trouble: Option<CaptureError>, user: Option<&str>) -> Finding {
        let device = |index, name: &str, trouble| CameraInfo { index, name: name.into(), formats: vec![], trouble };
        let devices = [device(0, "Front", trouble), device(2, "Back", None)];
        let camera = CameraConfig { device: CameraSelector::Index(index), ..CameraConfig::default() };
        judge(&camera, &devices, user.map(Into::into))
    }

    #[test]
    fn the_chosen_camera_is_named_and_the_others_with_it() {
        let finding = judged(0, None, None);
        assert_eq!((finding.level, finding.what.as_str()), (Level::Ok, "/dev/video0 (Front); there is also 2 (Back)"));
    }

    #[test]
    fn a_number_that_is_no_camera_is_answered_with_those_that_are() {
        let finding = judged(1, None, None);
        assert_eq!(finding.level, Level::Problem);
        assert!(finding.advice.unwrap().ends_with("0 (Front), 2 (Back)"));
    }

    #[test]
    fn without_any_camera_moods_by_hand_are_offered() {
        assert!(judge(&CameraConfig::default(), &[], None).advice.unwrap().contains("moodring mood"));
    }

    #[test]
    fn a_camera_in_use_is_no_problem_but_named_with_its_user() {
        let finding = judged(0, None, Some("meeting (process 7)"));
        assert_eq!(finding.level, Level::Note);
        assert!(finding.what.ends_with("in use by meeting (process 7)"), "{}", finding.what);
        assert_eq!(judged(0, Some(CaptureError::Busy("busy".into())), None).level, Level::Note);
    }

    #[test]
    fn a_camera_that_may_not_be_opened_is_a_problem_with_the_way_in() {
        let finding = judged(0, Some(CaptureError::Forbidden("no permission".into())), None);
        assert_eq!(finding.level, Level::Problem);
        assert!(finding.advice.unwrap().contains("group \"video\""));
    }
}
