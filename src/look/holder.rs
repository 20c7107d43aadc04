//! Who holds a camera, as far as `/proc` tells: the owner's own processes, or all of them for root.

use std::fs;
use std::path::Path;

/// The process that streams from the device, else one that has it open: "cheese (process 4711)". `None`: none that we
/// may see.
pub fn of(device: &str) -> Option<String> {
    streaming(device).or_else(|| find(|process| opened(process, device)))
}

/// The process that streams from the device, told from its mapped frame buffers. PipeWire and browsers keep cameras
/// open that they do not use, so an open file alone says nothing.
pub fn streaming(device: &str) -> Option<String> {
    find(|process| mapped(process, device))
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

fn opened(process: &Path, device: &str) -> bool {
    let files = fs::read_dir(process.join("fd")).into_iter().flatten().flatten();
    files.filter_map(|file| fs::read_link(file.path()).ok()).any(|file| file == Path::new(device))
}

fn mapped(process: &Path, device: &str) -> bool {
    fs::read_to_string(process.join("maps")).is_ok_and(|maps| maps.lines().any(|line| line.ends_with(device)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::{Command, Stdio};

    #[test]
    fn a_program_that_has_the_file_open_is_named() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let path = file.path().to_str().unwrap().to_owned();
        assert_eq!(of(&path), None);
        let open = fs::File::open(file.path()).unwrap();
        let mut cat = Command::new("sleep").arg("60").stdin(Stdio::from(open)).spawn().unwrap();
        let found = of(&path);
        cat.kill().unwrap();
        cat.wait().unwrap();
        assert_eq!(found, Some(format!("sleep (process {})", cat.id())));
    }
}
