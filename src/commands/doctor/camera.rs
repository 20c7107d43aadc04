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
use moodring_vision::capture::webcam::Webcam;
use moodring_vision::reporter::words::find_hint;

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
    let choice = camera.device.clone();
    match within(LIMIT, move || survey(&choice)) {
        Some(survey) => judge(&camera, &survey),
        None => {
            let advice = "unplug the camera and plug it in again, or restart the computer";
            Finding::problem("camera", "a camera's driver does not answer", advice)
        }
    }
}

struct Survey {
    devices: Vec<CameraInfo>,
    /// The program that takes pictures through a camera now.
    user: Option<String>,
    /// V4L2 shows the sensor of a camera and not its pictures.
    raw_sensor: bool,
}

/// Opens the chosen camera as a look does, up to its first frame; unless another program uses one.
fn survey(choice: &CameraSelector) -> Survey {
    let (mut devices, user) = (device::list(), usage::find_streaming_anywhere());
    let chosen = choice.pick(&devices).filter(|it| user.is_none() && it.trouble.is_none()).map(|it| it.index);
    let trouble = chosen.and_then(|index| Webcam::try_open(index).err());
    for device in devices.iter_mut().filter(|it| Some(it.index) == chosen) {
        device.trouble.clone_from(&trouble);
    }
    let raw_sensor = devices.is_empty() && device::has_raw_sensor();
    Survey { devices, user, raw_sensor }
}

fn check_pictures(pictures: &Path) -> Finding {
    if pictures.exists() {
        Finding::ok("camera", format!("pictures are used instead: {}", pictures.display()))
    } else {
        let what = format!("the pictures to use instead do not exist: {}", pictures.display());
        Finding::problem("camera", what, "change camera.pictures in the settings")
    }
}

fn judge(camera: &CameraConfig, survey: &Survey) -> Finding {
    let devices = survey.devices.as_slice();
    let Some(chosen) = camera.device.pick(devices) else { return missing(&camera.device, survey) };
    match (&chosen.trouble, &survey.user) {
        (None, None) => Finding::ok("camera", format!("{}{}", named(chosen), others(chosen, devices))),
        (Some(CaptureError::Busy { detail, .. }), _) => busy(detail.clone()),
        (_, Some(user)) => busy(format!("{}; a camera is in use by {user}", named(chosen))),
        (Some(CaptureError::Failed(what)), None) => {
            Finding::problem("camera", what.clone(), format!("try another camera{}", others(chosen, devices)))
        }
        (Some(trouble), None) => Finding::problem("camera", trouble.detail(), find_hint(trouble)),
    }
}

fn busy(what: String) -> Finding {
    Finding::note("camera", what, "nothing to do: Moodring waits and tries again later")
}

fn missing(choice: &CameraSelector, survey: &Survey) -> Finding {
    if survey.raw_sensor {
        let what = "this machine's camera gives pictures only through PipeWire, which Moodring cannot read yet";
        let advice = "connect a USB webcam, or run v4l2-relayd, or choose moods by hand (`moodring mood happy`)";
        return Finding::problem("camera", what, advice);
    }
    if survey.devices.is_empty() {
        let advice =
            "connect one, or set camera = \"off\" in the settings and set moods by hand (`moodring mood happy`)";
        return Finding::problem("camera", "no camera was found", advice);
    }
    let advice = format!("set camera.device in the settings to one of: {}", list(survey.devices.iter()));
    Finding::problem("camera", choice.missing(&survey.devices).detail(), advice)
}

fn named(device: &CameraInfo) -> String {
    let label = device.kind.label().map(|label| format!(", {label}")).unwrap_or_default();
    format!("/dev/video{} ({}{label})", device.index, device.name)
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
    use moodring_vision::capture::camera_kind::CameraKind;

    fn judged(index: u32, trouble: Option<CaptureError>, user: Option<&str>) -> Finding {
        let device = |index, name: &str, trouble| CameraInfo {
            index,
            name: name.into(),
            kind: CameraKind::Webcam,
            formats: vec![],
            trouble,
        };
        let devices = vec![device(0, "Front", trouble), device(2, "Back", None)];
        let camera = CameraConfig { device: CameraSelector::Index(index), ..CameraConfig::default() };
        judge(&camera, &Survey { devices, user: user.map(Into::into), raw_sensor: false })
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
        for raw_sensor in [false, true] {
            let finding = judge(&CameraConfig::default(), &Survey { devices: vec![], user: None, raw_sensor });
            assert_eq!(finding.level, Level::Problem);
            assert!(finding.advice.unwrap().contains("moodring mood"));
            assert_eq!(finding.what.contains("PipeWire"), raw_sensor);
        }
    }

    #[test]
    fn a_camera_in_use_is_no_problem_but_named_with_its_user() {
        let finding = judged(0, None, Some("meeting (process 7)"));
        assert_eq!(finding.level, Level::Note);
        assert!(finding.what.ends_with("in use by meeting (process 7)"), "{}", finding.what);
        assert_eq!(judged(0, Some(CaptureError::Busy { detail: "busy".into(), user: None }), None).level, Level::Note);
    }

    #[test]
    fn a_camera_that_may_not_be_opened_is_a_problem_with_the_way_in() {
        let finding = judged(0, Some(CaptureError::Forbidden("no permission".into())), None);
        assert_eq!(finding.level, Level::Problem);
        assert!(finding.advice.unwrap().contains("group \"video\""));
    }
}
