//! The agent's side of a look: starts the process, parses its output, and ends it at its limit.
//!
//! The process is not trusted to answer, to end or to be brief: it is killed at a limit in time and in bytes, and the
//! kernel kills it when the thread that started it ends.

use std::io::{self, Read};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, ChildStderr, ChildStdout, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Pid, PidfdFlags, Signal, getppid, pidfd_open, set_parent_process_death_signal};

use crate::protocol::OutputLine;
use moodring_core::domain::observation::{CaptureError, FrameResult, Look};
use moodring_platform::program::same_version;

/// Thirty frames with several faces are under 40 kB.
const MAX_BYTES: usize = 1 << 20;
const MAX_LINE: usize = 64 << 10;
/// How long a killed process may take to end; a driver can hold it longer.
const KILL_WAIT: Duration = Duration::from_secs(1);

/// A look takes a second and a half; a camera that hangs is given up after this.
const LIMIT: Duration = Duration::from_secs(6);
/// How often a look under way checks whether it was cancelled.
const STOP_CHECK: Duration = Duration::from_millis(100);

/// Looks once, by a process of its own. Blocks until it has ended, no longer than six seconds.
pub fn look(settings: &moodring_core::config::CameraConfig) -> Result<Look, CaptureError> {
    let length = ["--frames".into(), settings.frames.to_string()];
    run(&same_version(), settings, length, LIMIT, &AtomicBool::new(false))
}

/// As [`look`], for this many seconds, at five frames a second; ended at once when `stop` becomes true.
pub fn look_for_seconds(
    settings: &moodring_core::config::CameraConfig,
    seconds: u32,
    stop: &AtomicBool,
) -> Result<Look, CaptureError> {
    let length = ["--seconds".into(), seconds.to_string()];
    run(&same_version(), settings, length, LIMIT + Duration::from_secs(seconds.into()), stop)
}

/// As [`look`], with another program that has the output format of `moodring look --json`.
pub fn look_with_program(
    program: &Path,
    settings: &moodring_core::config::CameraConfig,
    limit: Duration,
) -> Result<Vec<FrameResult>, CaptureError> {
    let length = ["--frames".into(), settings.frames.to_string()];
    run(program, settings, length, limit, &AtomicBool::new(false)).map(|look| look.frames)
}

fn run(
    program: &Path,
    settings: &moodring_core::config::CameraConfig,
    length: [String; 2],
    limit: Duration,
    stop: &AtomicBool,
) -> Result<Look, CaptureError> {
    let end = Instant::now() + limit;
    let mut process = LookProcess(command(program, settings, length).spawn().map_err(io_error("start a look"))?);
    let mut output = WorkerOutput::default();
    let mut out = process.0.stdout.take().expect("it was piped");
    let mut err = process.0.stderr.take().expect("it was piped");
    let result = output.read_until_closed(&mut out, &mut err, end, limit, stop);
    for line in String::from_utf8_lossy(&output.err).lines() {
        tracing::debug!("look: {line}");
    }
    result?;
    let done = process.wait(end).ok_or_else(|| timeout_error(limit))?;
    output.parse_look(done)
}

fn command(program: &Path, settings: &moodring_core::config::CameraConfig, length: [String; 2]) -> Command {
    let mut command = Command::new(program);
    command.args(["look", "--json", "--raw"]).args(length);
    match &settings.pictures {
        Some(pictures) => command.arg("--pictures").arg(pictures),
        None => command.arg(format!("--camera={}", settings.device)),
    };
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let parent = rustix::process::getpid();
    // SAFETY: between fork and exec only two system calls are made, and nothing is allocated.
    unsafe { command.pre_exec(move || die_with_parent(parent)) };
    command
}

fn die_with_parent(parent: Pid) -> io::Result<()> {
    set_parent_process_death_signal(Some(Signal::KILL))?;
    // The parent may have died before the line above.
    if getppid() == Some(parent) { Ok(()) } else { Err(io::Error::from_raw_os_error(libc::ESRCH)) }
}

/// A child that does not outlive this value.
struct LookProcess(Child);

impl LookProcess {
    /// How it ended; `None` if it still runs at `end`.
    fn wait(&mut self, end: Instant) -> Option<std::process::ExitStatus> {
        let pid = Pid::from_child(&self.0);
        let exit: OwnedFd = pidfd_open(pid, PidfdFlags::empty()).ok()?;
        wait_until_readable(&mut [PollFd::new(&exit, PollFlags::IN)], end).ok()?;
        self.0.try_wait().ok()?
    }
}

impl Drop for LookProcess {
    fn drop(&mut self) {
        if matches!(self.0.try_wait(), Ok(Some(_))) {
            return;
        }
        let _ = self.0.kill();
        if self.wait(Instant::now() + KILL_WAIT).is_none() {
            // A driver holds it in the kernel. Another thread reaps it later, so that the caller does not wait.
            let pid = Pid::from_child(&self.0);
            thread::spawn(move || rustix::process::waitpid(Some(pid), rustix::process::WaitOptions::empty()));
        }
    }
}

/// Waits until one of the files can be read; an error of kind `TimedOut` at the end.
fn wait_until_readable(files: &mut [PollFd], end: Instant) -> io::Result<()> {
    loop {
        let left = end.saturating_duration_since(Instant::now());
        let timeout = Timespec { tv_sec: left.as_secs() as i64, tv_nsec: left.subsec_nanos().into() };
        match poll(files, Some(&timeout)) {
            Ok(0) => return Err(io::ErrorKind::TimedOut.into()),
            Ok(_) => return Ok(()),
            Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
    }
}

/// The output of the process so far.
#[derive(Default)]
struct WorkerOutput {
    out: Vec<u8>,
    err: Vec<u8>,
}

impl WorkerOutput {
    /// Reads until the process closes its output.
    fn read_until_closed(
        &mut self,
        out: &mut ChildStdout,
        err: &mut ChildStderr,
        end: Instant,
        limit: Duration,
        stop: &AtomicBool,
    ) -> Result<(), CaptureError> {
        let mut err_open = true;
        loop {
            let mut files = vec![PollFd::from_borrowed_fd(out.as_fd(), PollFlags::IN)];
            if err_open {
                files.push(PollFd::from_borrowed_fd(err.as_fd(), PollFlags::IN));
            }
            if stop.load(Ordering::Relaxed) {
                return Err(CaptureError::Failed("the look was cancelled".into()));
            }
            let wait_end = end.min(Instant::now() + STOP_CHECK);
            if wait_until_readable(&mut files, wait_end).is_err() {
                if Instant::now() >= end {
                    return Err(timeout_error(limit));
                }
                continue;
            }
            let [out_ready, err_ready] = [0, 1].map(|k| files.get(k).is_some_and(|file| !file.revents().is_empty()));
            drop(files);
            if err_ready {
                err_open = read_once(err, &mut self.err)?;
            }
            if out_ready && !read_once(out, &mut self.out)? {
                return Ok(());
            }
            self.check()?;
        }
    }

    fn check(&self) -> Result<(), CaptureError> {
        let line = self.out.iter().rev().take_while(|&&byte| byte != b'\n').count();
        if line > MAX_LINE || self.out.len() > MAX_BYTES || self.err.len() > MAX_BYTES {
            return Err(CaptureError::Failed("the look wrote too much output and was ended".into()));
        }
        Ok(())
    }

    fn parse_look(&self, done: std::process::ExitStatus) -> Result<Look, CaptureError> {
        let look = parse_output(&self.out)?;
        if !done.success() || look.frames.is_empty() {
            return Err(CaptureError::Failed(format!("the look saw no frame ({done}){}", self.first_error_line())));
        }
        Ok(look)
    }

    fn first_error_line(&self) -> String {
        let output = String::from_utf8_lossy(&self.err);
        output.lines().find(|line| !line.is_empty()).map(|line| format!(": {line}")).unwrap_or_default()
    }
}

/// Parses the output of a look. Nothing in it is trusted.
pub fn parse_output(output: &[u8]) -> Result<Look, CaptureError> {
    let mut found = Look::default();
    for (number, line) in output.split(|&byte| byte == b'\n').enumerate().filter(|(_, line)| !line.is_empty()) {
        match serde_json::from_slice(line) {
            Ok(OutputLine::FrameResult(frame)) if frame.is_sound() => found.frames.push(frame),
            Ok(OutputLine::CaptureError(error)) => return Err(error),
            Ok(OutputLine::Header { look }) => {
                tracing::debug!("look: {} through {}", look.camera, look.engine);
                found.camera = look.lasting_name;
            }
            _ => return Err(CaptureError::Failed(format!("line {} of the look's output is invalid", number + 1))),
        }
    }
    Ok(found)
}

/// Reads once; `false` at the end.
fn read_once(from: &mut impl Read, to: &mut Vec<u8>) -> Result<bool, CaptureError> {
    let mut buffer = [0; 16 << 10];
    let count = from.read(&mut buffer).map_err(io_error("read the output of the look"))?;
    to.extend_from_slice(&buffer[..count]);
    Ok(count > 0)
}

fn timeout_error(limit: Duration) -> CaptureError {
    CaptureError::TimedOut(format!("the look did not end within {:.1} s and was ended", limit.as_secs_f32()))
}

fn io_error(doing: &'static str) -> impl Fn(io::Error) -> CaptureError {
    move |error| CaptureError::Failed(format!("cannot {doing}: {error}"))
}
