//! Which folder of a crate imports which.
//!
//! 1. An import counts between the two siblings below the folder that both modules share: `state::view` that uses
//!    `domain::song` makes `state` import `domain`.
//! 2. Single files of one folder may use each other; a folder and a file beside it may not use each other.
//! 3. A module and the modules inside it are one unit.

use std::collections::{BTreeMap, BTreeSet};

use crate::source::{Module, ModulePath, paths_from};

/// From, to, and one file that does it.
pub type Imports = BTreeMap<(ModulePath, ModulePath), String>;

pub fn imports_between_folders(modules: &[Module]) -> Imports {
    let known: BTreeSet<&ModulePath> = modules.iter().map(|it| &it.path).collect();
    let folders: BTreeSet<&[String]> = modules
        .iter()
        .filter(|it| it.path.len() > 1 && !it.tokens.is_empty())
        .map(|it| &it.path[..it.path.len() - 1])
        .collect();
    let mut imports = Imports::new();
    for module in modules {
        for path in paths_from(&module.tokens, &["crate", "super"]) {
            let target = resolve(&module.path, &path, &known);
            let Some((from, to)) = siblings(&module.path, &target) else { continue };
            if folders.contains(from.as_slice()) || folders.contains(to.as_slice()) {
                imports.entry((from, to)).or_insert_with(|| module.file.display().to_string());
            }
        }
    }
    imports
}

pub fn mutual_imports(imports: &Imports) -> Vec<String> {
    let mut pairs = Vec::new();
    for ((from, to), file) in imports.iter().filter(|((from, to), _)| from < to) {
        if let Some(other) = imports.get(&(to.clone(), from.clone())) {
            pairs.push(format!("{} <-> {} ({file}, {other})", from.join("::"), to.join("::")));
        }
    }
    pairs
}

/// The module that a path leads to: its longest beginning that is a module.
fn resolve(from: &ModulePath, path: &[String], known: &BTreeSet<&ModulePath>) -> ModulePath {
    let ups = path.iter().take_while(|it| *it == "super").count();
    let mut target = if ups == 0 { Vec::new() } else { from[..from.len().saturating_sub(ups)].to_vec() };
    for name in &path[ups.max(1)..] {
        target.push(name.clone());
        if !known.contains(&target) {
            target.pop();
            break;
        }
    }
    target
}

/// The two modules in which the paths part; none where one lies inside the other.
fn siblings(from: &ModulePath, to: &ModulePath) -> Option<(ModulePath, ModulePath)> {
    let shared = from.iter().zip(to).take_while(|(a, b)| a == b).count();
    (from.len() > shared && to.len() > shared).then(|| (from[..=shared].to_vec(), to[..=shared].to_vec()))
}
