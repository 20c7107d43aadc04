//! Seconds of one core that Moodring and bliss-audio need for the same songs, in turn:
//! `cargo run --release --manifest-path benches/peers/bliss/Cargo.toml -- FOLDER target/release/moodring`.
//!
//! Processor time is counted, not the clock, so that a busy machine is fair to both. Moodring reads tags and writes its library as
//! well; bliss-audio hears the whole song, Moodring two minutes of it.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use bliss_audio::decoder::Decoder;
use bliss_audio::decoder::symphonia::SymphoniaDecoder;
use rustix::time::{ClockId, clock_gettime};

const ROUNDS: usize = 3;

/// Processor time of this process, on all cores.
fn own_time() -> Duration {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    Duration::new(time.tv_sec.cast_unsigned(), time.tv_nsec as u32)
}

/// bliss-audio's time for the songs, and how many it could read.
fn bliss(files: &[PathBuf]) -> (Duration, usize) {
    let began = own_time();
    let count = files.iter().filter(|file| SymphoniaDecoder::song_from_path(file).is_ok()).count();
    (own_time() - began, count)
}

/// Moodring's time for a scan into an empty library.
fn moodring(program: &Path, folder: &Path) -> Result<Duration> {
    let home = tempfile::tempdir()?;
    let mut scan = Command::new(program);
    scan.args(["scan", "--threads", "1"]).arg(folder).stdout(Stdio::null()).stderr(Stdio::null());
    scan.env("XDG_DATA_HOME", home.path()).env("XDG_CONFIG_HOME", home.path()).env_remove("DBUS_SESSION_BUS_ADDRESS");
    let before = children_time()?;
    let status = scan.status().context("cannot start moodring")?;
    ensure!(status.success(), "moodring ended with {status}");
    Ok(children_time()? - before)
}

/// Processor time of the children that have ended, from proc(5): fields 16 and 17, in ticks.
fn children_time() -> Result<Duration> {
    let stat = std::fs::read_to_string("/proc/self/stat")?;
    let fields: Vec<_> = stat.rsplit_once(')').context("/proc/self/stat is odd")?.1.split_whitespace().collect();
    let ticks = fields[13].parse::<u64>()? + fields[14].parse::<u64>()?;
    Ok(Duration::from_secs_f64(ticks as f64 / rustix::param::clock_ticks_per_second() as f64))
}

fn main() -> Result<()> {
    let mut arguments = std::env::args_os().skip(1).map(PathBuf::from);
    let folder = arguments.next().context("name a folder of music and the moodring program")?;
    let program = arguments.next().context("name the moodring program too")?;
    let mut files: Vec<PathBuf> = std::fs::read_dir(&folder)?.map(|entry| Ok(entry?.path())).collect::<Result<_>>()?;
    files.sort();
    // Both find the files in memory.
    files.iter().for_each(|file| drop(std::fs::read(file)));
    let mut ratios = Vec::new();
    for _ in 0..ROUNDS {
        let ours = moodring(&program, &folder)?;
        let (theirs, count) = bliss(&files);
        let (ours_s, theirs_s) = (ours.as_secs_f32(), theirs.as_secs_f32());
        println!("{count} songs: moodring {ours_s:.2} s, bliss-audio {theirs_s:.2} s");
        ratios.push(theirs.as_secs_f32() / ours.as_secs_f32());
    }
    ratios.sort_by(f32::total_cmp);
    println!("moodring is {:.2} times as fast (median of {ROUNDS})", ratios[ROUNDS / 2]);
    Ok(())
}
