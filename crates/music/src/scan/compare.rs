//! What was found against what is known: unchanged, moved, returned, gone.

use std::collections::{HashMap, HashSet};
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Result;

use crate::library::{KnownFile, Library, Stamp};
use crate::scan::moved::{MovedFiles, is_absence, trace};
use crate::scan::report::Summary;
use crate::scan::walk::WalkResult;
use moodring_core::text::sanitize::escape_path;

pub type Files = HashMap<PathBuf, KnownFile>;

/// Settles what needs no listening: unchanged, returned and moved files. Returns the rest, or all files if `again`.
pub fn settle(
    found: &WalkResult,
    known: &Files,
    again: bool,
    lost: &mut MovedFiles,
    library: &mut Library,
    summary: &mut Summary,
) -> Result<Vec<(PathBuf, Stamp)>> {
    let (mut returned, mut moved, mut fresh) = (Vec::new(), Vec::new(), Vec::new());
    let mut noted = Vec::new();
    for (path, stamp) in &found.files {
        let before = known.get(path);
        let was = if before.is_none() { lost.by_trace(trace(stamp)) } else { None };
        let old = before.or(was.as_ref().and_then(|was| known.get(was)));
        moved.extend(was.map(|was| (was, path.clone())));
        match old {
            Some(old) if !again && is_known(old, stamp, before.is_none()) => {
                noted.extend((old.stamp != *stamp).then(|| (path.clone(), *stamp)));
                returned.extend((before.is_some() && old.vanished).then(|| path.clone()));
                summary.unchanged += usize::from(before.is_some());
                summary.failed_before += usize::from(old.failed);
            }
            _ => fresh.push((path.clone(), *stamp)),
        }
    }
    library.mark_present(&returned)?;
    library.move_files(&moved)?;
    library.note_stamps(&noted)?;
    (summary.returned, summary.moved) = (returned.len(), moved.len());
    Ok(fresh)
}

/// A file that was moved has another date of change, and so has one that went away and came back.
fn is_known(old: &KnownFile, now: &Stamp, moved: bool) -> bool {
    old.stamp.is_unchanged(now) || ((moved || old.vanished) && old.stamp.is_same_file(now))
}

/// Known songs that are no more: in folders that were read, on disks that are there, and not empty as an unmounted disk is.
pub fn gone(found: &WalkResult, known: &Files, away: &[PathBuf], summary: &mut Summary) -> Vec<PathBuf> {
    let silent = away.iter().filter(|disk| !found.empty.iter().any(|folder| folder.starts_with(disk)));
    summary.notes.extend(found.empty.iter().chain(silent).filter_map(|folder| why_empty(folder, known)));
    let seen: HashSet<&Path> = found.files.iter().map(|(path, _)| path.as_path()).collect();
    let is_gone = |path: &Path| match fs::metadata(path) {
        // It is there, but was found through another link.
        Ok(metadata) => found.has(&metadata),
        Err(error) => is_absence(&error),
    };
    let within = |path: &Path, folders: &[PathBuf]| folders.iter().any(|folder| path.starts_with(folder));
    let here = |path: &Path| within(path, &found.roots) && !within(path, away) && !seen.contains(path);
    let missing = known.iter().filter(|(path, file)| !file.vanished && here(path));
    missing.map(|(path, _)| path).filter(|path| is_gone(path)).cloned().collect()
}

fn why_empty(folder: &Path, known: &Files) -> Option<String> {
    let kept = known.iter().filter(|(path, file)| !file.vanished && path.starts_with(folder)).count();
    let (folder, there) = (escape_path(folder), folder.exists());
    match (kept, there) {
        (0, true) => Some(format!("{folder} holds no music that we know")),
        (0, false) => None,
        _ => Some(format!("{folder} holds no music now (is a disk not mounted?): its {kept} songs are kept")),
    }
}
