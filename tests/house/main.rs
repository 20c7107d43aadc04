//! The rules of the house that the compiler does not keep: layers, import cycles, names.

mod graph;
mod source;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use source::{crate_folder, crate_names, declared_types, paths_from, read_modules, repository, rust_files, tokenize};

/// What the core may use, each with the reason why it does no I/O there.
const CORE_DEPENDENCIES: [&str; 5] = [
    "anyhow",         // errors as values
    "jiff",           // points in time, which come in as arguments
    "matrixmultiply", // arithmetic
    "rayon",          // arithmetic on all processors
    "serde",          // descriptions of values
];

/// From the bottom up. A crate may depend on those of the layers below its own.
const LAYERS: [&[&str]; 6] =
    [&["core"], &["platform"], &["tags"], &["music", "players", "vision"], &["eval", "testkit"], &["moodring"]];

#[test]
fn the_core_depends_on_nothing_that_does_io() {
    let manifest = read_manifest("core");
    let dependencies: Vec<String> = dependency_names(&manifest, &["dependencies", "build-dependencies"]);
    let expected: Vec<String> = CORE_DEPENDENCIES.map(str::to_owned).to_vec();
    assert_eq!(dependencies, expected, "crates/core/Cargo.toml");
    assert!(manifest.get("target").is_none(), "crates/core has dependencies for single targets");
}

#[test]
fn the_core_uses_no_file_network_thread_process_or_clock() {
    let forbidden = ["fs", "net", "thread", "process", "env", "io"];
    for module in read_modules("core") {
        for path in paths_from(&module.tokens, &["std", "core", "alloc"]) {
            let part = path.get(1).map_or("", String::as_str);
            assert!(!forbidden.contains(&part), "{} uses {}", module.file.display(), path.join("::"));
        }
        for window in module.tokens.windows(3) {
            let reads_clock = window[1] == "::" && window[2] == "now";
            assert!(!reads_clock, "{} reads the clock by {}::now", module.file.display(), window[0]);
        }
    }
}

/// The core says reasons as values, which `src/desktop/wording` words. Settings name what they expect as they are read.
#[test]
fn the_core_makes_no_sentences() {
    let sources = rust_files(&crate_folder("core").join("src"));
    let mut sentences = Vec::new();
    for file in
        sources.iter().filter(|file| !file.to_string_lossy().contains("/config/") && !file.ends_with("tests.rs"))
    {
        let text = fs::read_to_string(file).expect("a source file");
        let code = text.split("#[cfg(test)]").next().unwrap_or_default();
        for line in code.lines().filter(|line| !line.trim_start().starts_with("//")) {
            // What a programming error says is for developers.
            if ["expect(", "assert", "reason = "].iter().any(|it| line.contains(it)) {
                continue;
            }
            let literals = line.split('"').skip(1).step_by(2);
            sentences.extend(
                literals
                    .filter(|it| it.split(' ').filter(|word| word.starts_with(char::is_alphabetic)).count() > 3)
                    .map(|it| format!("{}: {it}", file.display())),
            );
        }
    }
    assert!(sentences.is_empty(), "sentences in the core:\n{}", sentences.join("\n"));
}

#[test]
fn crates_depend_only_on_lower_layers() {
    let layer = |name: &str| LAYERS.iter().position(|it| it.contains(&name));
    for name in crate_names() {
        let own = layer(&name).unwrap_or_else(|| panic!("crates/{name} stands in no layer"));
        for dependency in dependency_names(&read_manifest(&name), &["dependencies", "build-dependencies"]) {
            let Some(dependency) = dependency.strip_prefix("moodring-") else { continue };
            let below = layer(dependency).unwrap_or_else(|| panic!("crates/{dependency} stands in no layer"));
            assert!(below < own, "{name} depends on {dependency}, which is not below it");
        }
    }
}

#[test]
fn no_two_folders_import_each_other() {
    let mut pairs = Vec::new();
    for name in crate_names() {
        let imports = graph::imports_between_folders(&read_modules(&name));
        pairs.extend(graph::mutual_imports(&imports).into_iter().map(|pair| format!("{name}: {pair}")));
    }
    assert!(pairs.is_empty(), "folders that import each other:\n{}", pairs.join("\n"));
}

#[test]
fn a_type_has_its_name_for_itself_in_its_crate() {
    let mut twice = Vec::new();
    for name in crate_names() {
        let mut declared: BTreeMap<String, String> = BTreeMap::new();
        for module in read_modules(&name) {
            for found in declared_types(&module).into_iter().filter(|it| it != "Args" && it != "Error") {
                let file = module.file.display().to_string();
                if let Some(other) = declared.insert(found.clone(), file.clone()) {
                    twice.push(format!("{found}: {other} and {file}"));
                }
            }
        }
    }
    assert!(twice.is_empty(), "types that share a name:\n{}", twice.join("\n"));
}

#[test]
fn the_glossary_names_only_what_exists() {
    let text = fs::read_to_string(repository().join("docs/glossary.md")).expect("docs/glossary.md");
    let words = words_in_sources();
    let mut names = 0;
    for line in text.lines().filter(|it| it.starts_with("| ")) {
        let types = line.split('|').nth(2).unwrap_or_default();
        for name in types.split('`').skip(1).step_by(2) {
            names += 1;
            let missing: Vec<&str> = name.split("::").filter(|it| !words.contains(*it)).collect();
            assert!(missing.is_empty(), "docs/glossary.md names `{name}`, which no source has");
        }
    }
    assert!(names > 40, "docs/glossary.md was not read: {names} names");
}

fn words_in_sources() -> BTreeSet<String> {
    let folders = crate_names().into_iter().map(|name| crate_folder(&name).join("src"));
    let files = folders.flat_map(|folder| rust_files(&folder));
    files.flat_map(|file| tokenize(&fs::read_to_string(file).expect("a source file"))).collect()
}

fn read_manifest(crate_name: &str) -> toml::Table {
    let path = crate_folder(crate_name).join("Cargo.toml");
    fs::read_to_string(path).expect("Cargo.toml").parse().expect("a manifest")
}

fn dependency_names(manifest: &toml::Table, sections: &[&str]) -> Vec<String> {
    let tables = sections.iter().filter_map(|it| manifest.get(*it)).filter_map(toml::Value::as_table);
    tables.flat_map(|it| it.keys().cloned()).collect()
}

/// Crates that only some places may use, and those places, as beginnings of paths.
const HOMES: [(&str, &[&str]); 7] = [
    ("zbus", &["crates/platform/", "crates/players/", "crates/testkit/", "src/desktop/", "src/commands/doctor/"]),
    ("rusqlite", &["crates/music/src/library"]),
    ("nokhwa", &["crates/vision/"]),
    ("ort", &["crates/vision/src/inference/"]),
    ("rten", &["crates/vision/src/inference/"]),
    ("ureq", &["crates/music/src/import/", "crates/players/src/adapters/spotify/"]),
    ("rspotify", &["crates/players/src/adapters/spotify/"]),
];

#[test]
fn each_machine_is_used_in_its_place_only() {
    for module in crate_names().iter().flat_map(|name| read_modules(name)) {
        let file = module.file.display().to_string();
        for (name, places) in HOMES {
            let used = !paths_from(&module.tokens, &[name]).iter().all(|path| path.len() < 2);
            assert!(
                !used || places.iter().any(|it| file.starts_with(it)),
                "{file} uses {name}, which belongs to {places:?}"
            );
        }
    }
}

#[test]
fn the_documents_name_only_files_that_exist() {
    for document in documents() {
        let text = fs::read_to_string(&document).expect("a document");
        let folder = document.parent().expect("a folder");
        for link in text.split("](").skip(1).filter_map(|it| it.split([')', '#']).next()) {
            let outside = link.is_empty() || link.contains("://");
            assert!(outside || folder.join(link).exists(), "{} links to {link}", document.display());
        }
        for path in text.split('`').skip(1).step_by(2).filter(|it| names_a_file(it)) {
            assert!(repository().join(path).exists(), "{} names {path}", document.display());
        }
    }
}

fn documents() -> Vec<std::path::PathBuf> {
    let folders = [repository(), repository().join("docs")];
    let entries = folders.iter().flat_map(|it| fs::read_dir(it).expect("a folder"));
    let files = entries.map(|it| it.expect("entry").path());
    files.filter(|it| it.extension().is_some_and(|it| it == "md") && !it.ends_with("CHANGELOG.md")).collect()
}

/// Whether the words between two backticks are a path in the repository.
fn names_a_file(words: &str) -> bool {
    let tops = ["src/", "crates/", "tests/", "docs/", "models/", "packaging/", "benches/", "assets/"];
    tops.iter().any(|it| words.starts_with(it)) && !words.contains([' ', '*', '<', '\n'])
}
