//! Who uses a camera, as far as `/proc` tells: the owner's own processes, or all of them for root. No device is touched.
//!
//! PipeWire, its session manager and browsers keep cameras open that they do not use, so an open file alone says nothing.
//! A program that takes pictures has the driver's frame buffers: mapped into its memory, or handed out as DMA buffers.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

/// The process that streams from the device, else one that has it open: "cheese (process 4711)". `None`: none that we
/// may see.
pub fn of(device: &str) -> Option<String> {
    streaming(device).or_else(|| find(|process| opened(process).any(|file| file.ends_with(device))))
}

/// The process that takes pictures through this device.
pub fn streaming(device: &str) -> Option<String> {
    find(|process| opened(process).any(|file| file.ends_with(device)) && takes_pictures(process, device))
}

/// The process that takes pictures through any camera of this machine: its owner may be in a call.
pub fn anywhere() -> Option<String> {
    find(|process| opened(process).any(|file| is_camera(&file) && takes_pictures(process, &file)))
}

/// Whether a program of this name runs, whoever started it.
pub fn runs(name: &str) -> bool {
    let processes = fs::read_dir("/proc").into_iter().flatten().flatten();
    let mut names = processes.filter_map(|entry| fs::read_to_string(entry.path().join("comm")).ok());
    names.any(|it| it.trim() == name)
}

fn find(holds: impl Fn(&Path) -> bool) -> Option<String> {
    let own = std::process::id();
    let processes = fs::read_dir("/proc").ok()?.flatten();
    processes.filter_map(|entry| Some((entry.file_name().to_str()?.parse().ok()?, entry.path()))).find_map(
        |(pid, process): (u32, _)| {
            let name = || fs::read_to_string(process.join("comm")).unwrap_or_default();
            (pid != own && holds(&process)).then(|| format!("{} (process {pid})", name().trim()))
        },
    )
}

/// The files a process has open. One in a container of its own may show them behind a prefix.
fn opened(process: &Path) -> impl Iterator<Item = String> {
    let files = fs::read_dir(process.join("fd")).into_iter().flatten().flatten();
    files.filter_map(|file| fs::read_link(file.path()).ok()?.into_os_string().into_string().ok())
}

fn takes_pictures(process: &Path, device: &str) -> bool {
    mapped(process, device) || exported(process)
}

fn mapped(process: &Path, device: &str) -> bool {
    fs::read_to_string(process.join("maps")).is_ok_and(|maps| maps.lines().any(|line| line.ends_with(device)))
}

/// A DMA buffer names the kernel's module that made it: for cameras one of `videobuf2_…`.
fn exported(process: &Path) -> bool {
    let files = fs::read_dir(process.join("fd")).into_iter().flatten().flatten();
    let buffers = files.filter(|file| fs::read_link(file.path()).is_ok_and(|link| link.starts_with("/dmabuf:")));
    let mut facts = buffers.filter_map(|file| fs::read_to_string(process.join("fdinfo").join(file.file_name())).ok());
    facts.any(|facts| facts.lines().any(|line| line.starts_with("exp_name:") && line.contains("videobuf2")))
}

/// `/dev/video<index>`, unless udev knows that it takes no pictures: hardware decoders have such files too.
fn is_camera(file: &str) -> bool {
    let Some((_, index)) = file.rsplit_once("/dev/video") else { return false };
    let number = fs::metadata(format!("/dev/video{index}")).map(|it| it.rdev());
    let facts =
        number.and_then(|it| fs::read_to_string(format!("/run/udev/data/c{}:{}", libc::major(it), libc::minor(it))));
    let abilities = facts.unwrap_or_default();
    let abilities = abilities.lines().find_map(|line| line.strip_prefix("E:ID_V4L_CAPABILITIES="));
    index.parse::<u32>().is_ok() && abilities.is_none_or(|it| it.contains(":capture:"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::File;
    use std::io::{BufRead, BufReader};
    use std::process::{Child, Command, Stdio};

    /// A folder whose path ends like that of a camera's file, and the file.
    fn camera() -> (tempfile::TempDir, String) {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("dev")).unwrap();
        let path = folder.path().join("dev/video98765");
        fs::write(&path, [0; 4096]).unwrap();
        (folder, path.to_str().unwrap().to_owned())
    }

    /// This test program again, as another one that has the camera open and takes pictures or not.
    fn other(path: &str, takes: bool) -> Child {
        let mut other = Command::new(std::env::current_exe().unwrap());
        other.args(["capture::usage::tests::another_program", "--exact", "--nocapture", "--test-threads=1"]);
        other.env("MOODRING_OTHER", path).stdin(Stdio::piped()).stdout(Stdio::piped());
        if takes {
            other.env("MOODRING_TAKES", "1");
        }
        let mut child = other.spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        lines.map_while(Result::ok).find(|line| line.contains("it is open")).expect("the other program opens the file");
        child
    }

    #[test]
    fn another_program() {
        let Some(path) = std::env::var_os("MOODRING_OTHER") else { return };
        let file = File::open(path).unwrap();
        if std::env::var_os("MOODRING_TAKES").is_some() {
            use std::os::fd::AsRawFd;
            // SAFETY: a fresh mapping of a file that is open; nobody reads it.
            let at = unsafe {
                libc::mmap(std::ptr::null_mut(), 4096, libc::PROT_READ, libc::MAP_SHARED, file.as_raw_fd(), 0)
            };
            assert_ne!(at, libc::MAP_FAILED);
        }
        println!("it is open");
        // Until the test ends.
        let _ = std::io::read_to_string(std::io::stdin());
    }

    #[test]
    fn who_only_has_a_camera_open_is_named_but_not_taken_for_a_user() {
        let (_folder, path) = camera();
        assert_eq!(of(&path), None);
        let mut child = other(&path, false);
        let found = (of(&path), streaming(&path));
        child.kill().and_then(|()| child.wait()).unwrap();
        assert!(found.0.is_some_and(|it| it.ends_with(&format!(" (process {})", child.id()))));
        assert_eq!(found.1, None);
    }

    #[test]
    fn who_takes_pictures_is_found_whichever_camera_it_is() {
        let (_folder, path) = camera();
        let mut child = other(&path, true);
        let (here, somewhere) = (streaming(&path), anywhere());
        child.kill().and_then(|()| child.wait()).unwrap();
        let name = format!(" (process {})", child.id());
        assert!(here.is_some_and(|it| it.ends_with(&name)));
        assert!(somewhere.is_some_and(|it| it.ends_with(')')));
        assert_eq!(streaming(&path), None, "it has gone");
    }

    #[test]
    fn a_file_of_another_kind_is_no_camera() {
        assert!(is_camera("/dev/video98765") && is_camera("(unreachable)/dev/video98765"));
        assert!(!is_camera("/home/me/dev/videos") && !is_camera("/dev/video") && !is_camera("/dev/snd/pcmC0D0p"));
    }
}
