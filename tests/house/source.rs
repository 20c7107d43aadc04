//! The repository's own sources, read as tokens: modules, the paths they name, the types they declare.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// A module is named by its path inside the crate; the crate's root has the empty path.
pub type ModulePath = Vec<String>;

pub struct Module {
    pub path: ModulePath,
    /// Where it lies, relative to the repository.
    pub file: PathBuf,
    /// Identifiers, `::` and single punctuation marks; comments, strings and unit tests are left out.
    pub tokens: Vec<String>,
}

pub fn repository() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// The crates of the workspace by the name of their folder; the program itself is `moodring`.
pub fn crate_names() -> Vec<String> {
    let folders = fs::read_dir(repository().join("crates")).expect("crates/");
    let mut names: Vec<String> =
        folders.map(|it| it.expect("entry").file_name().into_string().expect("UTF-8")).collect();
    names.push("moodring".into());
    names.sort();
    names
}

pub fn crate_folder(name: &str) -> PathBuf {
    if name == "moodring" { repository() } else { repository().join("crates").join(name) }
}

pub fn read_modules(crate_name: &str) -> Vec<Module> {
    let root = crate_folder(crate_name).join("src");
    let modules: Vec<Module> = rust_files(&root).into_iter().map(|file| read_module(&root, &file)).collect();
    assert!(!modules.is_empty(), "no sources in {}", root.display());
    modules
}

fn read_module(root: &Path, file: &Path) -> Module {
    let relative = file.strip_prefix(root).expect("below the root").with_extension("");
    let mut path: ModulePath = relative.iter().map(|it| it.to_str().expect("UTF-8").to_owned()).collect();
    if path == ["lib"] || path == ["main"] {
        path.clear();
    }
    let text = fs::read_to_string(file).expect("a source file");
    let tokens =
        if path.last().is_some_and(|it| it == "tests") { Vec::new() } else { without_unit_tests(tokenize(&text)) };
    Module { path, file: file.strip_prefix(repository()).expect("in the repository").to_owned(), tokens }
}

pub fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display())) {
        let path = entry.expect("entry").path();
        if path.is_dir() {
            files.extend(rust_files(&path));
        } else if path.extension().is_some_and(|it| it == "rs") {
            files.push(path);
        }
    }
    files.sort();
    files
}

/// Splits Rust text into identifiers, `::` and single punctuation marks. Comments, strings and characters are dropped.
pub fn tokenize(text: &str) -> Vec<String> {
    let mut tokens = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let end = first.len_utf8();
        if rest.starts_with("//") {
            rest = rest.split_once('\n').map_or("", |(_, after)| after);
        } else if rest.starts_with("/*") {
            rest = rest.split_once("*/").map_or("", |(_, after)| after);
        } else if let Some(after) = skip_raw_string(rest) {
            rest = after;
        } else if first == '"' {
            rest = skip_quoted(&rest[1..], '"');
        } else if first == '\'' {
            rest = skip_char_or_lifetime(&rest[1..]);
        } else if first.is_alphanumeric() || first == '_' {
            let length = rest.find(|it: char| !it.is_alphanumeric() && it != '_').unwrap_or(rest.len());
            tokens.push(rest[..length].to_owned());
            rest = &rest[length..];
        } else if rest.starts_with("::") {
            tokens.push("::".into());
            rest = &rest[2..];
        } else {
            if !first.is_whitespace() {
                tokens.push(first.to_string());
            }
            rest = &rest[end..];
        }
    }
    tokens
}

fn skip_raw_string(text: &str) -> Option<&str> {
    let after = text.strip_prefix("br").or_else(|| text.strip_prefix('r'))?;
    let hashes = after.len() - after.trim_start_matches('#').len();
    let body = after[hashes..].strip_prefix('"')?;
    let end = format!("\"{}", "#".repeat(hashes));
    Some(body.find(&end).map_or("", |at| &body[at + end.len()..]))
}

fn skip_quoted(body: &str, quote: char) -> &str {
    let mut escaped = false;
    for (at, it) in body.char_indices() {
        match it {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            _ if it == quote => return &body[at + quote.len_utf8()..],
            _ => {}
        }
    }
    ""
}

fn skip_char_or_lifetime(body: &str) -> &str {
    let mut chars = body.chars();
    let is_char = body.starts_with('\\') || (chars.next().is_some() && chars.next() == Some('\''));
    if is_char {
        skip_quoted(body, '\'')
    } else {
        body.trim_start_matches(|it: char| it.is_alphanumeric() || it == '_')
    }
}

/// Unit tests stand at the end of a file, in `#[cfg(test)] mod tests { … }`.
fn without_unit_tests(mut tokens: Vec<String>) -> Vec<String> {
    let marker = ["#", "[", "cfg", "(", "test", ")", "]", "mod", "tests", "{"];
    if let Some(at) = tokens.windows(marker.len()).position(|window| window == marker) {
        tokens.truncate(at);
    }
    tokens
}

/// Every path in the tokens that begins with one of the roots (`crate`, `super`, `std`, …), with `{…}` spelled out.
pub fn paths_from(tokens: &[String], roots: &[&str]) -> Vec<Vec<String>> {
    let mut paths = Vec::new();
    for at in 0..tokens.len() {
        let inside_path = at > 0 && tokens[at - 1] == "::" && tokens[at] != "super";
        if roots.contains(&tokens[at].as_str()) && !inside_path {
            read_path_tree(tokens, at, &mut Vec::new(), &mut paths);
        }
    }
    paths
}

/// Reads one path or use tree from `at` on, and returns the position behind it.
fn read_path_tree(tokens: &[String], mut at: usize, prefix: &mut Vec<String>, paths: &mut Vec<Vec<String>>) -> usize {
    let depth = prefix.len();
    loop {
        match tokens.get(at).map(String::as_str) {
            Some("{") => {
                at += 1;
                while tokens.get(at).is_some_and(|it| it != "}") {
                    at = read_path_tree(tokens, at, prefix, paths);
                    while tokens.get(at).is_some_and(|it| it != "," && it != "}") {
                        at += 1;
                    }
                    at += usize::from(tokens.get(at).is_some_and(|it| it == ","));
                }
                at += 1;
                break;
            }
            Some(name) => prefix.push(name.to_owned()),
            None => break,
        }
        at += 1;
        if tokens.get(at).is_none_or(|it| it != "::") {
            paths.push(prefix.clone());
            break;
        }
        at += 1;
    }
    prefix.truncate(depth);
    at
}

/// The types that a module declares; associated types stand inside braces and are left out.
pub fn declared_types(module: &Module) -> BTreeSet<String> {
    let mut depth = 0_i32;
    let mut types = BTreeSet::new();
    for (at, token) in module.tokens.iter().enumerate() {
        match token.as_str() {
            "{" => depth += 1,
            "}" => depth -= 1,
            "struct" | "enum" | "trait" | "union" => types.extend(module.tokens.get(at + 1).cloned()),
            "type" if depth == 0 => types.extend(module.tokens.get(at + 1).cloned()),
            _ => {}
        }
    }
    types.retain(|it| it.starts_with(|first: char| first.is_uppercase()));
    types
}
