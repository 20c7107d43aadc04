//! The camera, as far as it can be known without opening it.

use std::fs;
use std::path::{Path, PathBuf};

use rustix::fs::{Access, access};

use super::Finding;
use crate::config::{self, Config};

pub(super) fn check() -> Finding {
    // A broken file is the settings' finding; here its defaults do.
    let camera = Config::load().unwrap_or_default().camera;
    if !camera.enabled {
        return Finding::ok("camera", "turned off in the settings; moods are set by hand");
    }
    match &camera.pictures {
        Some(pictures) => check_pictures(pictures),
        None => Places::default().check(&camera),
    }
}

fn check_pictures(pictures: &Path) -> Finding {
    if pictures.exists() {
        Finding::ok("camera", format!("pictures stand in for it: {}", pictures.display()))
    } else {
        let what = format!("the pictures that stand in for it are not there: {}", pictures.display());
        Finding::problem("camera", what, "change camera.pictures in the settings")
    }
}

/// Where the kernel tells of cameras and processes.
struct Places {
    sys: PathBuf,
    dev: PathBuf,
    proc: PathBuf,
}

impl Default for Places {
    fn default() -> Self {
        Self { sys: "/sys/class/video4linux".into(), dev: "/dev".into(), proc: "/proc".into() }
    }
}

/// A node that pictures may come from.
#[derive(Debug, PartialEq)]
struct Device {
    number: u32,
    name: String,
}

impl Places {
    fn check(&self, camera: &config::Camera) -> Finding {
        let devices = self.devices();
        let Some(device) = devices.iter().find(|device| device.number == camera.device) else {
            return missing(camera.device, &devices);
        };
        let node = self.dev.join(format!("video{}", device.number));
        let named = format!("{} ({})", node.display(), device.name);
        if let Err(error) = access(&node, Access::READ_OK | Access::WRITE_OK) {
            let advice = "add yourself to the group video (`sudo usermod -aG video $USER`), then log in again";
            return Finding::problem("camera", format!("{named} may not be opened: {error}"), advice);
        }
        match self.holders(&node).as_slice() {
            [] => Finding::ok("camera", format!("{named}{}", others(device, &devices))),
            holders => Finding::note(
                "camera",
                format!("{named} is open in {}", holders.join(", ")),
                "while another program uses the camera, Moodring waits and looks again later",
            ),
        }
    }

    /// The first node of each camera; the others carry metadata, not pictures.
    fn devices(&self) -> Vec<Device> {
        let entries = fs::read_dir(&self.sys).into_iter().flatten().flatten();
        let mut devices: Vec<_> = entries.filter_map(|entry| device(&entry.path())).collect();
        devices.sort_by_key(|device| device.number);
        devices
    }

    /// Names of the processes that have the node open, as far as we may see them.
    ///
    /// Session services that keep every camera open without using it are left out.
    fn holders(&self, node: &Path) -> Vec<String> {
        const ALWAYS_OPEN: [&str; 2] = ["pipewire", "wireplumber"];
        let processes = fs::read_dir(&self.proc).into_iter().flatten().flatten().map(|entry| entry.path());
        let mut holders: Vec<_> = processes
            .filter(|process| has_open(process, node))
            .filter_map(|process| fs::read_to_string(process.join("comm")).ok())
            .map(|name| name.trim().to_string())
            .filter(|name| !ALWAYS_OPEN.contains(&name.as_str()))
            .collect();
        holders.sort();
        holders.dedup();
        holders
    }
}

fn device(entry: &Path) -> Option<Device> {
    let number = entry.file_name()?.to_str()?.strip_prefix("video")?.parse().ok()?;
    let read = |file: &str| fs::read_to_string(entry.join(file)).ok();
    let first = read("index").is_none_or(|index| index.trim() == "0");
    let name = read("name").map_or_else(|| "without a name".into(), |name| name.trim().to_string());
    first.then_some(Device { number, name })
}

fn has_open(process: &Path, node: &Path) -> bool {
    let files = fs::read_dir(process.join("fd")).into_iter().flatten().flatten();
    files.map(|file| file.path()).any(|file| fs::read_link(file).is_ok_and(|target| target == node))
}

fn missing(number: u32, devices: &[Device]) -> Finding {
    if devices.is_empty() {
        let advice = "connect one, or set camera.enabled = false and choose moods by hand (`moodring mood happy`)";
        return Finding::problem("camera", "there is none", advice);
    }
    let advice = format!("set camera.device in the settings to one of: {}", list(devices));
    Finding::problem("camera", format!("there is no camera {number}"), advice)
}

fn others(chosen: &Device, devices: &[Device]) -> String {
    let others = devices.iter().filter(|device| device.number != chosen.number);
    let others: Vec<_> = others.map(|device| format!("{} ({})", device.number, device.name)).collect();
    if others.is_empty() { String::new() } else { format!("; there is also {}", others.join(", ")) }
}

fn list(devices: &[Device]) -> String {
    devices.iter().map(|device| format!("{} ({})", device.number, device.name)).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;
    use crate::doctor::Level;

    /// A machine with a camera of two nodes, and a second one.
    fn machine() -> (tempfile::TempDir, Places) {
        let root = tempfile::tempdir().unwrap();
        let place = |name: &str| root.path().join(name);
        for (node, index, name) in [("video0", "0", "Front"), ("video1", "1", "Front"), ("video2", "0", "Back")] {
            fs::create_dir_all(place("sys").join(node)).unwrap();
            fs::create_dir_all(place("dev")).unwrap();
            fs::write(place("sys").join(node).join("index"), format!("{index}\n")).unwrap();
            fs::write(place("sys").join(node).join("name"), format!("{name}\n")).unwrap();
            fs::write(place("dev").join(node), "").unwrap();
        }
        let places = Places { sys: place("sys"), dev: place("dev"), proc: place("proc") };
        (root, places)
    }

    fn open_in(places: &Places, process: &str, name: &str) {
        let process = places.proc.join(process);
        fs::create_dir_all(process.join("fd")).unwrap();
        fs::write(process.join("comm"), format!("{name}\n")).unwrap();
        symlink(places.dev.join("video0"), process.join("fd/7")).unwrap();
    }

    fn camera(device: u32) -> config::Camera {
        config::Camera { device, ..config::Camera::default() }
    }

    #[test]
    fn cameras_are_listed_without_their_metadata_nodes() {
        let (_root, places) = machine();
        let finding = places.check(&camera(0));
        assert_eq!(finding.level, Level::Ok);
        assert!(finding.what.ends_with("video0 (Front); there is also 2 (Back)"), "{}", finding.what);
    }

    #[test]
    fn a_number_that_is_no_camera_is_answered_with_those_that_are() {
        let (_root, places) = machine();
        let finding = places.check(&camera(1));
        assert_eq!(finding.level, Level::Problem);
        assert!(finding.advice.unwrap().ends_with("0 (Front), 2 (Back)"));
    }

    #[test]
    fn without_any_camera_moods_by_hand_are_offered() {
        let (root, mut places) = machine();
        places.sys = root.path().join("nothing");
        assert!(places.check(&camera(0)).advice.unwrap().contains("moodring mood"));
    }

    #[test]
    fn a_program_that_uses_the_camera_is_named_but_not_a_session_service() {
        let (_root, places) = machine();
        open_in(&places, "7", "pipewire");
        assert_eq!(places.check(&camera(0)).level, Level::Ok);
        open_in(&places, "8", "meeting");
        let finding = places.check(&camera(0));
        assert_eq!(finding.level, Level::Note);
        assert!(finding.what.ends_with("is open in meeting"), "{}", finding.what);
    }

    #[test]
    fn a_node_that_has_gone_is_a_problem() {
        let (_root, places) = machine();
        fs::remove_file(places.dev.join("video0")).unwrap();
        assert_eq!(places.check(&camera(0)).level, Level::Problem);
    }
}
