//! What was found against what is known: unchanged, moved, returned, gone.

use std::collections::{HashMap, HashSet};
use std::fs;
use std::io::{Error, ErrorKind};
use std::path::{Path, PathBuf};

use anyhow::Result;

use super::report::Summary;
use super::shown;
use super::walk::Found;
use crate::music::library::{Known, Library, Stamp};

type Files = HashMap<PathBuf, Known>;

/// Settles what needs no listening: unchanged, returned and moved files. Returns the rest.
pub fn settle(
    found: &Found,
    known: &Files,
    library: &mut Library,
    summary: &mut Summary,
) -> Result<Vec<(PathBuf, Stamp)>> {
    let mut lost = lost(known);
    let (mut returned, mut moved, mut fresh) = (Vec::new(), Vec::new(), Vec::new());
    for (path, stamp) in &found.files {
        let before = known.get(path);
        // Taken out, since one file cannot have moved to two places.
        let was = if before.is_none() { lost.remove(&trace(stamp)) } else { None };
        let old = before.or(was.and_then(|was| known.get(was)));
        moved.extend(was.map(|was| (was.to_owned(), path.clone())));
        match old {
            Some(old) if old.stamp == *stamp => {
                returned.extend((before.is_some() && old.vanished).then(|| path.clone()));
                summary.unchanged += usize::from(before.is_some());
                summary.failed_before += usize::from(old.failed);
            }
            _ => fresh.push((path.clone(), *stamp)),
        }
    }
    library.mark_present(&returned)?;
    library.move_files(&moved)?;
    (summary.returned, summary.moved) = (returned.len(), moved.len());
    Ok(fresh)
}

/// By what a moved file is found again: moving changes neither size nor date, down to the nanosecond.
fn trace(stamp: &Stamp) -> (i64, i64) {
    (stamp.size, stamp.modified)
}

/// Known songs whose file is not where it was, by their trace, where only one has it.
fn lost(known: &Files) -> HashMap<(i64, i64), &Path> {
    let is_lost = |path: &Path| fs::symlink_metadata(path).is_err_and(|error| is_absence(&error));
    let mut lost: HashMap<_, Option<&Path>> = HashMap::new();
    for (path, file) in known.iter().filter(|(path, file)| !file.failed && is_lost(path)) {
        lost.entry(trace(&file.stamp)).and_modify(|twin| *twin = None).or_insert(Some(path));
    }
    lost.into_iter().filter_map(|(trace, path)| Some((trace, path?))).collect()
}

fn is_absence(error: &Error) -> bool {
    matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory)
}

/// Known songs that are no more, in folders that were read and are not empty as an unmounted disk is.
pub fn gone(found: &Found, known: &Files, summary: &mut Summary) -> Vec<PathBuf> {
    summary.notes.extend(found.empty.iter().filter_map(|folder| why_kept(folder, known)));
    let seen: HashSet<&Path> = found.files.iter().map(|(path, _)| path.as_path()).collect();
    let is_gone = |path: &Path| match fs::metadata(path) {
        // It is there, but was found through another link.
        Ok(metadata) => found.has(&metadata),
        Err(error) => is_absence(&error),
    };
    let within = |path: &Path| found.roots.iter().any(|root| path.starts_with(root));
    let here = known.iter().filter(|(path, file)| !file.vanished && within(path) && !seen.contains(path.as_path()));
    here.map(|(path, _)| path).filter(|path| is_gone(path)).cloned().collect()
}

fn why_kept(folder: &Path, known: &Files) -> Option<String> {
    let kept = known.iter().filter(|(path, file)| !file.vanished && path.starts_with(folder)).count();
    let folder = shown(folder);
    (kept > 0).then(|| format!("{folder} holds no music now (is a disk not mounted?): its {kept} songs are kept"))
}
