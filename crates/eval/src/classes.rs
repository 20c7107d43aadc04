//! Pictures in one folder for each class, as in public data sets of faces.

use std::path::{Path, PathBuf};

use anyhow::Result;
use walkdir::{DirEntry, WalkDir};

use moodring_core::error::usage_error;

/// Classes in the order of the votes head, by the usual names of their folders.
pub const CLASSES: [&str; 8] = ["neutral", "happy", "surprise", "sad", "angry", "disgust", "fear", "contempt"];
/// Other names of the same folders.
const OTHERS: [&[&str]; 8] = [
    &["neutrality"],
    &["happiness", "joy", "smile"],
    &["surprised"],
    &["sadness"],
    &["anger"],
    &["disgusted"],
    &["fearful", "afraid", "scared"],
    &["contemptuous"],
];

/// The content of a folder.
pub struct Sorted {
    /// Class and file, sorted by class and then by name.
    pub files: Vec<(usize, PathBuf)>,
    /// Folders whose name is no class.
    pub unknown: Vec<String>,
}

/// The class with this name; "Anger" and "angry" are the same.
pub fn class_of(name: &str) -> Option<usize> {
    let name = name.to_lowercase();
    (0..CLASSES.len()).find(|&k| CLASSES[k] == name || OTHERS[k].contains(&name.as_str()))
}

/// All files in the folders of the classes and their subfolders. Links are followed and hidden files skipped.
///
/// # Errors
/// A usage error if the folder is missing or no class has a file.
pub fn sort(folder: &Path) -> Result<Sorted> {
    let names = CLASSES.join(", ");
    let hint = format!("it should have folders called {names}");
    let entries = std::fs::read_dir(folder)
        .map_err(|error| usage_error(format!("cannot read the folder {}: {error}", folder.display()), hint.as_str()))?;
    let mut sorted = Sorted { files: Vec::new(), unknown: Vec::new() };
    for path in entries.flatten().map(|entry| entry.path()).filter(|path| path.is_dir()) {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        match class_of(&name) {
            Some(class) => sorted.files.extend(files(&path).map(|file| (class, file))),
            None if name.starts_with('.') => {}
            None => sorted.unknown.push(name),
        }
    }
    if sorted.files.is_empty() {
        return Err(usage_error(format!("{} has no folder of a class with files in it", folder.display()), hint));
    }
    sorted.files.sort();
    sorted.unknown.sort();
    Ok(sorted)
}

fn files(folder: &Path) -> impl Iterator<Item = PathBuf> {
    let shown = |entry: &DirEntry| entry.depth() == 0 || !entry.file_name().to_string_lossy().starts_with('.');
    let walk = WalkDir::new(folder).follow_links(true).into_iter().filter_entry(shown);
    walk.filter_map(Result::ok).filter(|entry| entry.file_type().is_file()).map(DirEntry::into_path)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree(files: &[&str]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for file in files {
            let path = folder.path().join(file);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, "").unwrap();
        }
        folder
    }

    #[test]
    fn folders_are_recognized_by_common_names() {
        let folder = tree(&["Anger/2.png", "angry/1.png", "happiness/far/below.png", "Sadness/.hidden", "joys/a.png"]);
        std::os::unix::fs::symlink(folder.path().join("joys/a.png"), folder.path().join("happiness/link.png")).unwrap();
        let sorted = sort(folder.path()).unwrap();
        let classes: Vec<&str> = sorted.files.iter().map(|(class, _)| CLASSES[*class]).collect();
        assert_eq!(classes, ["happy", "happy", "angry", "angry"]);
        assert_eq!(sorted.unknown, ["joys"]);
    }

    #[test]
    fn a_folder_without_classes_is_a_usage_error_with_their_names() {
        for folder in [tree(&["joys/a.png"]), tree(&["happy/.hidden"])] {
            let error = sort(folder.path()).err().unwrap();
            let fault = moodring_core::error::find_user_error(&error).unwrap();
            assert!(fault.usage && fault.hint.contains("neutral, happy, surprise"), "{fault:?}");
        }
        let missing = sort(Path::new("/nowhere/at/all")).err().unwrap();
        assert!(missing.to_string().contains("cannot read the folder /nowhere/at/all"), "{missing}");
    }
}
