//! The programs that use a camera, found in `/proc`: processes of the user, or all of them for root. No device is opened.
//!
//! 1. PipeWire, its session manager and browsers keep cameras open that they do not use, so an open file is no proof.
//! 2. A program that takes pictures has the driver's frame buffers: mapped into its memory, or exported as DMA buffers.
//! 3. PipeWire passes these buffers on; a program that has them without the camera takes its pictures through PipeWire.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use moodring_platform::process::Process;

const PROC: &str = "/proc";
/// The program that opens cameras for others.
const PIPEWIRE: &str = "pipewire";

/// The process that streams from the device, else one that has it open: "cheese (process 4711)". `None` if no visible process
/// does.
pub(crate) fn find_user(device: &str) -> Option<String> {
    find_streaming(device).or_else(|| find(Path::new(PROC), |process| has_open(process, |file| file.ends_with(device))))
}

/// The process that takes pictures through this device.
pub(crate) fn find_streaming(device: &str) -> Option<String> {
    let streams = |process: &Process| has_open(process, |file| file.ends_with(device)) && has_buffers(process, device);
    find(Path::new(PROC), streams)
}

/// The process that takes pictures through any camera of this machine: the user may be in a call.
pub fn find_streaming_anywhere() -> Option<String> {
    find(Path::new(PROC), |process| has_open(process, |file| is_camera(file) && has_buffers(process, file)))
}

/// Whether a program of this name runs, also for another user.
pub fn is_running(name: &str) -> bool {
    Process::all(Path::new(PROC)).any(|process| process.name() == name)
}

fn find(root: &Path, uses: impl Fn(&Process) -> bool) -> Option<String> {
    let own = std::process::id();
    let user = Process::all(root).find(|process| process.pid() != own && uses(process))?;
    if user.name() != PIPEWIRE {
        return Some(format!("{} (process {})", user.name(), user.pid()));
    }
    let client = Process::all(root).find(|process| process.name() != PIPEWIRE && has_exported_buffers(process));
    Some(match client {
        Some(client) => format!("{}, through PipeWire (process {})", client.name(), client.pid()),
        None => format!("a program, through PipeWire (process {})", user.pid()),
    })
}

fn has_open(process: &Process, is: impl Fn(&str) -> bool) -> bool {
    process.open_files().iter().any(|file| file.target.to_str().is_some_and(&is))
}

fn has_buffers(process: &Process, device: &str) -> bool {
    process.has_mapped(device) || has_exported_buffers(process)
}

/// A DMA buffer has the name of the kernel module that exported it; for cameras that is one of `videobuf2_…`.
fn has_exported_buffers(process: &Process) -> bool {
    let files = process.open_files();
    let buffers = files.iter().filter(|file| file.target.to_str().is_some_and(|it| it.starts_with("/dmabuf:")));
    let mut details = buffers.map(|file| process.file_details(&file.descriptor));
    details.any(|it| it.lines().any(|line| line.starts_with("exp_name:") && line.contains("videobuf2")))
}

/// Whether this is a `/dev/video<index>` that takes pictures according to udev; hardware decoders have such files too.
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
            // SAFETY: a fresh mapping of an open file; no code reads it.
            let at = unsafe {
                libc::mmap(std::ptr::null_mut(), 4096, libc::PROT_READ, libc::MAP_SHARED, file.as_raw_fd(), 0)
            };
            assert_ne!(at, libc::MAP_FAILED);
        }
        println!("it is open");
        // Until the test ends.
        let _ = std::io::read_to_string(std::io::stdin());
    }

    /// A process below a folder of the form of `/proc`.
    fn fake_process(root: &Path, pid: u32, name: &str, files: &[(&str, &str)]) {
        let folder = root.join(pid.to_string());
        fs::create_dir_all(folder.join("fd")).unwrap();
        fs::create_dir_all(folder.join("fdinfo")).unwrap();
        fs::write(folder.join("comm"), format!("{name}\n")).unwrap();
        for (number, (target, details)) in files.iter().enumerate() {
            std::os::unix::fs::symlink(target, folder.join("fd").join(number.to_string())).unwrap();
            fs::write(folder.join("fdinfo").join(number.to_string()), details).unwrap();
        }
    }

    #[test]
    fn a_camera_in_a_call_through_pipewire_is_named_by_the_application() {
        let root = tempfile::tempdir().unwrap();
        let buffer = ("/dmabuf:", "exp_name:\tvideobuf2_vmalloc\n");
        let find = || find(root.path(), |process| has_open(process, |file| file == "/dev/video7"));
        fake_process(root.path(), 100, "pipewire", &[("/dev/video7", ""), buffer]);
        assert_eq!(find().unwrap(), "a program, through PipeWire (process 100)");
        fake_process(root.path(), 200, "desktop", &[("/dmabuf:", "exp_name:\ti915\n")]);
        fake_process(root.path(), 300, "firefox", &[buffer]);
        assert_eq!(find().unwrap(), "firefox, through PipeWire (process 300)");
    }

    #[test]
    fn a_program_that_only_has_a_camera_open_is_named_but_does_not_use_it() {
        let (_folder, path) = camera();
        assert_eq!(find_user(&path), None);
        let mut child = other(&path, false);
        let found = (find_user(&path), find_streaming(&path));
        child.kill().and_then(|()| child.wait()).unwrap();
        assert!(found.0.is_some_and(|it| it.ends_with(&format!(" (process {})", child.id()))));
        assert_eq!(found.1, None);
    }

    #[test]
    fn a_program_that_takes_pictures_is_found_whichever_camera_it_uses() {
        let (_folder, path) = camera();
        let mut child = other(&path, true);
        let (here, somewhere) = (find_streaming(&path), find_streaming_anywhere());
        child.kill().and_then(|()| child.wait()).unwrap();
        let name = format!(" (process {})", child.id());
        assert!(here.is_some_and(|it| it.ends_with(&name)));
        assert!(somewhere.is_some_and(|it| it.ends_with(')')));
        assert_eq!(find_streaming(&path), None, "the program has ended");
    }

    #[test]
    fn a_file_of_another_kind_is_no_camera() {
        assert!(is_camera("/dev/video98765") && is_camera("(unreachable)/dev/video98765"));
        assert!(!is_camera("/home/me/dev/videos") && !is_camera("/dev/video") && !is_camera("/dev/snd/pcmC0D0p"));
    }
}
