//! A whole look as the kernel sees it.

use std::fs;
use std::process::Command;

use image::RgbImage;

use crate::{folder, look, path, text};

pub const CALLS: &str = "trace=open,openat,openat2,creat,socket,socketpair,connect,bind,io_uring_setup,execve,write,writev,pwrite64,sendto,sendmsg,memfd_create,prctl,seccomp";

#[test]
fn a_look_opens_nothing_for_writing_makes_no_socket_and_writes_only_to_its_output() {
    let folder = folder();
    // Where nobody is seen, the large detector is loaded as well, behind the fence.
    RgbImage::new(640, 480).save(folder.path().join("nobody.png")).unwrap();
    let log = folder.path().join("log");
    let real = look(&["--pictures", path(folder.path()), "--frames", "2", "--json", "--raw"]);
    let mut traced = Command::new("strace");
    traced.args(["-f", "-o", path(&log), "-e", CALLS]).arg(real.get_program()).args(real.get_args());
    traced.envs(real.get_envs().filter_map(|(name, value)| Some((name, value?))));
    let output = match traced.output() {
        Ok(output) if !text(&output.stderr).contains("ptrace") => output,
        Ok(output) => return println!("skipped: strace may not trace here: {}", text(&output.stderr)),
        Err(error) => return println!("skipped: strace is not installed: {error}"),
    };
    assert!(output.status.success(), "{output:?}");
    let seen = |faces: &str| text(&output.stdout).contains(faces);
    assert!(seen("\"faces\":[]") && seen("\"bounds\""), "{output:?}");
    let log = fs::read_to_string(log).unwrap();
    let calls = calls(&log);
    assert!(calls.iter().any(|call| call.contains("face.png")), "the trace does not show the look");
    check(&calls);
    check_opened(&calls, &[path(folder.path())]);
}

/// The same of a look through a real camera: cameras are opened for writing, to choose one of them and for the driver's
/// buffers, and nothing else is.
pub fn check_cameras(log: &str) {
    let opens = |call: &&str| call.starts_with("open") && call.contains("\"/dev/video");
    let (cameras, others): (Vec<&str>, Vec<&str>) = calls(log).into_iter().partition(opens);
    assert!(
        cameras.iter().any(|call| call.contains("video0\", O_RDWR")),
        "the trace does not show a camera: {cameras:?}"
    );
    check(&others);
    // Whose a camera is, its name, and whether another program uses one.
    check_opened(&others, &["/sys/class/video4linux/", "/run/udev/data/", "/proc/"]);
}

fn calls(log: &str) -> Vec<&str> {
    log.lines().filter_map(|line| line.split_once(' ')).map(|(_, call)| call.trim()).collect()
}

/// What a look reads: its pictures, shared libraries, and what the kernel says of the machine.
fn check_opened(calls: &[&str], sources: &[&str]) {
    let opened = calls.iter().filter(|call| call.starts_with("open") && !call.contains("= -1"));
    // The names in system folders, to find ONNX Runtime by.
    let opened = opened.filter(|call| !call.contains("O_DIRECTORY"));
    for path in opened.filter_map(|call| call.split('"').nth(1)) {
        let library = path.contains(".so") || path == "/etc/ld.so.cache";
        let machine = ["/proc/self/", "/proc/cpuinfo", "/proc/meminfo", "/sys/devices/system/", "/sys/fs/cgroup/"];
        let known = library || machine.iter().chain(sources).any(|place| path.starts_with(place));
        assert!(known, "a look opens {path}");
    }
}

fn check(calls: &[&str]) {
    let called = |name: &str| calls.iter().filter(|call| call.starts_with(name)).collect::<Vec<_>>();
    for never in ["socket", "connect", "bind", "io_uring", "creat(", "pwrite", "send", "memfd"] {
        assert!(called(never).is_empty(), "{:?}", called(never));
    }
    assert_eq!(called("execve").len(), 1);
    for open in called("open") {
        let writes = ["O_WRONLY", "O_RDWR", "O_CREAT", "O_TRUNC", "O_APPEND"].iter().any(|flag| open.contains(flag));
        assert!(!writes, "{open}");
    }
    let private: Vec<_> = calls.iter().filter(|call| call.contains("/.cache") || call.contains("Microsoft")).collect();
    assert!(private.is_empty(), "an engine keeps books on its user: {private:?}");
    for write in called("write") {
        assert!(write.starts_with("write(1,") || write.starts_with("writev(1,"), "{write}");
    }
    let sealed = calls.iter().rposition(|call| call.starts_with("seccomp(")).expect("the filter was never installed");
    assert!(calls[..sealed].iter().any(|call| call.contains("PR_SET_DUMPABLE, SUID_DUMP_DISABLE")));
    // An engine makes some tries; none succeeds. Where a try and its end are on lines of their own, the end is a line
    // with "<... openat resumed>".
    let after = calls[sealed..].iter().filter(|call| call.contains("open") && !call.contains("<unfinished"));
    for open in after {
        assert!(open.contains("= -1 EPERM") || open.contains("= -1 EACCES"), "{open}");
    }
}
