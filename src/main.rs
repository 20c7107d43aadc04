//! Chooses a command, prints the error, sets the exit code.

use std::io;
use std::process::ExitCode;

use clap::Parser;
use moodring::cli::Cli;
use moodring_vision::sandbox::zeroing_alloc::ZeroingAlloc;

#[global_allocator]
static MEMORY: ZeroingAlloc<std::alloc::System> = ZeroingAlloc(std::alloc::System);

fn main() -> ExitCode {
    // ONNX Runtime from 1.32 on otherwise keeps a device id in the home folder and reports to its maker.
    // SAFETY: no other thread runs yet.
    unsafe { std::env::set_var("ORT_DISABLE_TELEMETRY", "1") };
    match Cli::parse().run() {
        Ok(code) => code,
        Err(error) => complain(&error),
    }
}

fn complain(error: &anyhow::Error) -> ExitCode {
    // Whoever reads, `head` or a pager, has read enough.
    if error.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe) {
        return ExitCode::SUCCESS;
    }
    eprintln!("moodring: {error:#}");
    let user_error = moodring_core::error::find_user_error(error);
    if let Some(user_error) = user_error {
        eprintln!("hint: {}", user_error.hint);
    }
    ExitCode::from(if user_error.is_some_and(|it| it.usage) { 2 } else { 1 })
}
