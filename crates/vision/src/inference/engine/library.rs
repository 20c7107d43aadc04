//! The search for ONNX Runtime on this machine. Nothing is downloaded: a package or the user has installed it.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use ort::environment::Environment;

/// A library that was loaded.
pub struct SharedLibrary {
    pub environment: Environment,
    /// "ONNX Runtime 1.32.0 (/usr/lib/libonnxruntime.so.1)".
    pub name: String,
}

static FOUND: OnceLock<Option<SharedLibrary>> = OnceLock::new();

/// The first usable library. Each process searches once, because a library cannot be unloaded.
pub fn find() -> Option<&'static SharedLibrary> {
    FOUND.get_or_init(|| candidates().iter().find_map(|file| open(file))).as_ref()
}

/// Warns about an unusable library and returns `None`.
fn open(file: &Path) -> Option<SharedLibrary> {
    let builder = match ort::init_from(file) {
        Ok(builder) => builder,
        Err(error) => {
            tracing::warn!("ONNX Runtime cannot be used: {error}");
            return None;
        }
    };
    match builder.with_name("moodring").with_telemetry(false).build() {
        Ok(environment) => {
            Some(SharedLibrary { environment, name: format!("ONNX Runtime {} ({})", version(file), file.display()) })
        }
        Err(error) => {
            tracing::warn!("ONNX Runtime at {} does not start: {error}", file.display());
            None
        }
    }
}

/// The version that the loaded library reports, because a file name can lack it.
fn version(file: &Path) -> String {
    let reported = ort::info().split(['=', ',']).map(str::trim).find(|word| word.starts_with("rel-"));
    let named = file.canonicalize().ok().and_then(|f| numbers(&f.file_name()?.to_string_lossy()));
    named.or_else(|| reported.map(|word| word.trim_start_matches("rel-").to_owned())).unwrap_or_default()
}

/// The "1.32.0" of "libonnxruntime.so.1.32.0".
fn numbers(name: &str) -> Option<String> {
    let numbers = name.strip_prefix("libonnxruntime.so.")?;
    numbers.contains('.').then(|| numbers.to_owned())
}

/// `ORT_DYLIB_PATH`, the folder of the program, Moodring's library folder, the folders of the system.
fn candidates() -> Vec<PathBuf> {
    let named = std::env::var_os("ORT_DYLIB_PATH").filter(|path| !path.is_empty()).map(PathBuf::from);
    let mut files: Vec<PathBuf> = named.into_iter().collect();
    let beside = std::env::current_exe().ok().and_then(|exe| Some(exe.canonicalize().ok()?.parent()?.to_path_buf()));
    let ours = beside.into_iter().flat_map(|folder| [folder.join("../lib/moodring"), folder]);
    let system = ["/usr/local/lib64", "/usr/local/lib", "/usr/lib64", "/usr/lib"].map(PathBuf::from);
    let multiarch = PathBuf::from(format!("/usr/lib/{}-linux-gnu", std::env::consts::ARCH));
    files.extend(ours.chain(system).chain([multiarch]).flat_map(|folder| libraries(&folder)));
    files
}

/// The libraries of a folder: the unversioned name first, then by name, newest first.
fn libraries(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = folder.read_dir() else { return Vec::new() };
    let names = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    let mut names: Vec<String> = names.filter(|name| name.starts_with("libonnxruntime.so")).collect();
    names.sort_by_key(|name| (name.len() > "libonnxruntime.so".len(), std::cmp::Reverse(parts(name))));
    names.into_iter().map(|name| folder.join(name)).collect()
}

/// Compares version numbers: 1.9 is before 1.10.
fn parts(name: &str) -> Vec<u32> {
    name.split('.').filter_map(|part| part.parse().ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_library_of_a_folder_is_tried_first_and_other_files_never() {
        let folder = tempfile::tempdir().unwrap();
        for name in
            ["libonnxruntime.so.1.9.0", "libonnxruntime.so.1.10.1", "libonnxruntime_providers_shared.so", "libx.so"]
        {
            std::fs::write(folder.path().join(name), "").unwrap();
        }
        let names = |f: &Path| libraries(f).iter().map(|l| l.file_name().unwrap().to_owned()).collect::<Vec<_>>();
        assert_eq!(names(folder.path()), ["libonnxruntime.so.1.10.1", "libonnxruntime.so.1.9.0"]);
        std::fs::write(folder.path().join("libonnxruntime.so"), "").unwrap();
        assert_eq!(names(folder.path())[0], "libonnxruntime.so");
    }

    #[test]
    fn a_version_is_read_from_a_file_name_only_when_it_is_one() {
        assert_eq!(numbers("libonnxruntime.so.1.32.0").as_deref(), Some("1.32.0"));
        assert_eq!(numbers("libonnxruntime.so.1"), None);
        assert_eq!(numbers("libonnxruntime.so"), None);
    }
}
