//! Reads songs into the library: tags, valence, energy and tempo.
//!
//! The folders are walked first; then threads of low priority read what is new or changed, and one writer commits what they
//! found in small batches. A scan that is killed at any moment goes on where it was.

mod compare;
mod disks;
mod kind;
mod listener;
mod lost;
mod report;
mod threads;
mod turn;
mod walk;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::thread::{self, available_parallelism};
use std::time::{Duration, Instant};

use anyhow::Result;
use jiff::Timestamp;

use super::library::Library;
use crate::config::Config;
use crate::fault::fault;
use crate::folders;
use lost::Lost;
use report::Summary;
use threads::Writer;
use walk::Found;

/// The lowest priority; Linux takes that of disk access from it too.
const NICE: i32 = 19;

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Folders to read; those of the configuration, else the desktop's music folder, when none is named
    #[arg(value_name = "DIR")]
    folders: Vec<PathBuf>,
    /// Songs to listen to at once [default: one for each processor]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    threads: Option<u16>,
    /// Print what came of it as JSON
    #[arg(long)]
    json: bool,
    /// Begin when no other scan runs any more, or after so many seconds
    #[arg(long, hide = true, value_name = "SECONDS")]
    give_way: Option<u64>,
}

/// Runs a scan; succeeds when a folder could be read, whatever files failed.
pub fn run(args: &Args) -> Result<ExitCode> {
    let folders = chosen_folders(args)?;
    // Refused only where a limit on priorities is set; the scan then runs as it may.
    let _ = rustix::process::nice(NICE);
    quiet_listeners();
    let file = folders::library_file()?;
    let mut library = Library::open_patiently(&file)?;
    turn::take(&file, args.give_way.map(Duration::from_secs));
    let threads = args.threads.map_or_else(|| available_parallelism().map_or(1, Into::into), usize::from);
    let summary = scan(&folders, &mut library, threads)?;
    if args.json {
        println!("{}", serde_json::to_string_pretty(&summary)?);
    } else {
        summary.print();
    }
    crate::control::reload();
    Ok(ExitCode::SUCCESS)
}

fn chosen_folders(args: &Args) -> Result<Vec<PathBuf>> {
    if !args.folders.is_empty() {
        return Ok(args.folders.clone());
    }
    let configured = Config::load()?.music.folders;
    if !configured.is_empty() {
        return Ok(configured);
    }
    let music = folders::music().ok_or_else(|| fault("no music folder is known", "name one: `moodring scan DIR`"))?;
    Ok(vec![music])
}

/// Damaged files make decoders panic now and then: that is caught and told in one line.
fn quiet_listeners() {
    let loud = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        if thread::current().name() != Some(threads::LISTENER) {
            loud(panic);
        }
    }));
}

fn scan(folders: &[PathBuf], library: &mut Library, threads: usize) -> Result<Summary> {
    let started = Instant::now();
    let found = Found::walk(folders);
    if found.roots.is_empty() && found.empty.is_empty() {
        let what = format!("no folder could be read: {}", found.closed.join("; "));
        return Err(fault(what, "name one that holds music: `moodring scan DIR`"));
    }
    library.note_folders(&found.roots)?;
    let away = absent(&found, library)?;
    let known = library.known()?;
    let mut lost = Lost::of(&known, &away);
    let mut summary = Summary { found: found.files.len(), notes: found.closed.clone(), ..Summary::default() };
    let fresh = compare::settle(&found, &known, &mut lost, library, &mut summary)?;
    threads::listen_to(fresh, threads, &mut Writer { library, known: &known, lost, summary: &mut summary })?;
    let gone = compare::gone(&found, &library.known()?, &away, &mut summary);
    library.mark_vanished(&gone, Timestamp::now())?;
    library.match_outside(Timestamp::now())?;
    summary.vanished = gone.len();
    summary.songs = library.counts()?.songs;
    summary.seconds = started.elapsed().as_secs_f32();
    Ok(summary)
}

/// Folders of disks that were there once and are not now; one whose folder holds music itself was given up.
fn absent(found: &Found, library: &mut Library) -> Result<Vec<PathBuf>> {
    let missing = disks::away(&library.disks()?);
    let holds_music = |folder: &PathBuf| found.files.iter().any(|(path, _)| path.starts_with(folder));
    let (given_up, away): (Vec<_>, Vec<_>) = missing.into_iter().partition(holds_music);
    library.note_disks(found.disks(), &given_up.iter().map(PathBuf::as_path).collect::<Vec<_>>())?;
    Ok(away)
}

/// A path as one line of text.
pub(crate) fn shown(path: &Path) -> String {
    let mut line = String::new();
    for c in path.to_string_lossy().chars() {
        if c.is_control() { line.extend(c.escape_default()) } else { line.push(c) }
    }
    line
}
