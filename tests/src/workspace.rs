//! The files of the workspace, for tests about the source itself.

use std::fs;
use std::path::{Path, PathBuf};

/// Folders that hold no sources: what builds and version control leave behind.
const SKIPPED: [&str; 4] = [".git", "target", "node_modules", "book"];

/// A text file of the workspace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceFile {
    /// Its path from the root of the workspace, with `/` between the parts.
    pub path: String,
    /// What is in it.
    pub text: String,
}

/// Returns the root of the workspace.
#[must_use]
pub fn root() -> &'static Path {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR"));
    tests.parent().unwrap_or(tests)
}

/// Reads every text file of the workspace, in the order of their paths.
///
/// # Panics
/// When a folder cannot be listed or a file cannot be read.
#[must_use]
pub fn text_files() -> Vec<SourceFile> {
    text_files_in(root())
}

/// Reads the Rust files of the workspace, in the order of their paths.
///
/// # Panics
/// As [`text_files`].
#[must_use]
pub fn rust_files() -> Vec<SourceFile> {
    rust_files_in(root())
}

/// Reads the Rust files of the workspace in a folder, in the order of their paths.
///
/// # Panics
/// As [`text_files`].
#[must_use]
pub fn rust_files_in(root: &Path) -> Vec<SourceFile> {
    let is_rust = |file: &SourceFile| Path::new(&file.path).extension().is_some_and(|end| end == "rs");
    text_files_in(root).into_iter().filter(is_rust).collect()
}

/// Reads one file by its path from the root.
///
/// # Panics
/// When it cannot be read as text.
#[must_use]
pub fn file(path: &str) -> SourceFile {
    read(root(), &root().join(path)).unwrap_or_else(|| panic!("{path} is not a text file"))
}

fn text_files_in(root: &Path) -> Vec<SourceFile> {
    let mut paths = Vec::new();
    collect(root, &mut paths);
    paths.sort();
    paths.into_iter().filter_map(|path| read(root, &path)).collect()
}

fn collect(folder: &Path, paths: &mut Vec<PathBuf>) {
    let entries = fs::read_dir(folder).unwrap_or_else(|error| panic!("cannot list {}: {error}", folder.display()));
    for entry in entries {
        let path = entry.unwrap_or_else(|error| panic!("cannot list {}: {error}", folder.display())).path();
        let is_skipped = path.file_name().is_some_and(|name| SKIPPED.iter().any(|skipped| name == *skipped));
        if is_skipped {
            continue;
        }
        if path.is_dir() {
            collect(&path, paths);
        } else {
            paths.push(path);
        }
    }
}

/// Returns none for a file that is not UTF-8.
fn read(root: &Path, path: &Path) -> Option<SourceFile> {
    let bytes = fs::read(path).unwrap_or_else(|error| panic!("cannot read {}: {error}", path.display()));
    let relative = path.strip_prefix(root).unwrap_or(path);
    Some(SourceFile { path: relative.to_string_lossy().into_owned(), text: String::from_utf8(bytes).ok()? })
}
