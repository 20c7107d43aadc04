//! Reads songs into the library: tags, valence, energy and tempo.
//!
//! The folders are walked first; then threads of low priority read what is new or changed, and one writer commits what they
//! found in small batches. A scan that is killed at any moment goes on where it was.

pub mod compare;
pub mod lock;
pub mod mounts;
pub mod moved;
pub mod reader;
pub mod report;
pub mod threads;
pub mod walk;

use std::path::PathBuf;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::Result;
use jiff::Timestamp;

use crate::library::Library;
use crate::scan::moved::MovedFiles;
use crate::scan::report::Summary;
use crate::scan::threads::{Places, Writer};
use crate::scan::walk::WalkResult;
use moodring_core::error::user_error;
use moodring_core::text::sanitize::escape_path;
use moodring_platform::folders;

/// The lowest priority; Linux takes that of disk access from it too.
const NICE: i32 = 19;

/// What a scan does, beside its folders.
#[derive(Clone, Debug)]
pub struct Options {
    /// Songs that are read at once; `None`: one for each processor.
    pub threads: Option<usize>,
    /// How long to wait for another scan; `None`: not at all.
    pub give_way: Option<Duration>,
    /// Read every file, also those that have not changed since they were read.
    pub again: bool,
    /// How long one file may take before the scan leaves it to the next scan.
    pub file_limit: Duration,
}

/// Reads what is new or changed in these folders; succeeds when one could be read, whatever files failed.
///
/// The process keeps the lowest priority from here on. At most one scan writes to a library: another waits until
/// `options.give_way` has passed.
pub fn run(folders: &[PathBuf], options: &Options) -> Result<Summary> {
    // Refused only where a limit on priorities is set; the scan then runs as it may.
    let _ = rustix::process::nice(NICE);
    quiet_listeners();
    let file = folders::library_file()?;
    let mut library = Library::open_patiently(&file)?;
    lock::take(&file, options.give_way);
    scan(folders, &mut library, options)
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

fn scan(folders: &[PathBuf], library: &mut Library, options: &Options) -> Result<Summary> {
    let started = Instant::now();
    let found = WalkResult::walk(folders);
    if found.roots.is_empty() && found.empty.is_empty() {
        let what = format!("no folder could be read: {}", found.closed.join("; "));
        return Err(user_error(what, "name one that holds music: `moodring scan DIR`"));
    }
    library.note_folders(&found.roots)?;
    let mut away = absent(&found, library)?;
    let known = library.known()?;
    let mut lost = MovedFiles::of(&known, &away);
    let mut summary = Summary { found: found.files.len(), notes: found.closed.clone(), ..Summary::default() };
    let fresh = compare::settle(&found, &known, options.again, &mut lost, library, &mut summary)?;
    let places = Places::new(&known, &fresh);
    let mut writer = Writer { library, known: &known, lost, places, held: Vec::new(), summary: &mut summary };
    threads::read_files(fresh, options, &mut writer)?;
    away.extend(lost_since(&found, library, &mut summary)?);
    let gone = compare::gone(&found, &library.known()?, &away, &mut summary);
    library.mark_vanished(&gone, Timestamp::now())?;
    library.match_outside(Timestamp::now())?;
    summary.vanished = gone.len();
    summary.songs = library.counts()?.songs;
    summary.seconds = started.elapsed().as_secs_f32();
    Ok(summary)
}

/// Folders that went away while files were read: their songs are kept as they were.
fn lost_since(found: &WalkResult, library: &Library, summary: &mut Summary) -> Result<Vec<PathBuf>> {
    let mut lost = mounts::away(&library.disks()?);
    lost.retain(|disk| found.files.iter().any(|(path, _)| path.starts_with(disk)));
    lost.extend(found.lost_roots());
    lost.sort();
    lost.dedup();
    let note = |folder: &PathBuf| {
        format!("{} went away during the scan: its songs are kept as they were", escape_path(folder))
    };
    summary.notes.extend(lost.iter().map(note));
    Ok(lost)
}

/// Folders of disks that were there once and are not now; one whose folder holds music itself was given up.
fn absent(found: &WalkResult, library: &mut Library) -> Result<Vec<PathBuf>> {
    let missing = mounts::away(&library.disks()?);
    let holds_music = |folder: &PathBuf| found.files.iter().any(|(path, _)| path.starts_with(folder));
    let (given_up, away): (Vec<_>, Vec<_>) = missing.into_iter().partition(holds_music);
    library.note_disks(found.disks(), &given_up.iter().map(PathBuf::as_path).collect::<Vec<_>>())?;
    Ok(away)
}
