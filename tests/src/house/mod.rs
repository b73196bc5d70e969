//! Figures of the source: how large its parts are, and how they hang together.

pub mod calls;
pub mod functions;
pub mod modules;

use std::fs;
use std::path::Path;

use crate::workspace::{self, SourceFile};

use functions::functions;
use modules::{circled, graph};

/// The files that bring messages to panes. Before there were services, they were single files.
const DELIVERY: [&str; 3] =
    ["domain/src/broker/doorbell/", "domain/src/broker/batch.rs", "domain/src/broker/delivery.rs"];

/// The files that type into panes.
const TYPING: [&str; 7] = [
    "domain/src/broker/pane_typer/",
    "domain/src/broker/choosing.rs",
    "domain/src/broker/claiming.rs",
    "domain/src/broker/echo.rs",
    "domain/src/broker/entering.rs",
    "domain/src/broker/resting.rs",
    "domain/src/broker/typing.rs",
];

/// How many of the types with most methods are named.
const NAMED_TYPES: usize = 4;

/// Reads the files that are shipped, without the tests that stand in them.
///
/// # Panics
/// When a folder cannot be listed or a file cannot be read.
#[must_use]
pub fn production(root: &Path) -> Vec<SourceFile> {
    let is_shipped = |path: &str| path.contains("/src/") && !path.starts_with("tests/") && !path.ends_with("/tests.rs");
    let files = workspace::rust_files_in(root).into_iter().filter(|file| is_shipped(&file.path));
    files.map(|SourceFile { path, text }| SourceFile { path, text: code(&text) }).collect()
}

/// Returns what stands before the tests, which end a file.
fn code(text: &str) -> String {
    let code = text.split("\n#[cfg(test)]\n").next().unwrap_or_default();
    // a comment on the tests stands above their attribute
    let mut lines: Vec<&str> = code.lines().collect();
    while lines.last().is_some_and(|line| line.is_empty() || line.starts_with("///")) {
        lines.pop();
    }
    lines.join("\n")
}

/// Returns the calls from the files that deliver to those that type, and back.
#[must_use]
pub fn calls_of_delivery_and_typing(files: &[SourceFile]) -> (usize, usize) {
    (calls::calls(files, &DELIVERY, &TYPING), calls::calls(files, &TYPING, &DELIVERY))
}

/// Returns the figures of a workspace, each with its name.
///
/// # Panics
/// When a file cannot be read or parsed.
#[must_use]
pub fn figures(root: &Path) -> Vec<(&'static str, String)> {
    let files = production(root);
    let lines = files.iter().map(|file| file.text.lines().count()).collect();
    let with_body = |file: &SourceFile| functions(&file.text).into_iter().filter(|function| function.has_body);
    let lengths = files.iter().flat_map(with_body).map(|function| function.length).collect();
    let circled = circled(&graph(files.iter().map(|file| (file.path.as_str(), file.text.as_str()))));
    let named = calls::methods(&files).into_iter().take(NAMED_TYPES);
    let methods: Vec<String> = named.map(|(name, count)| format!("`{name}` {count}")).collect();
    let (there, back) = calls_of_delivery_and_typing(&files);
    let lock = fs::read_to_string(root.join("Cargo.lock")).expect("a lock file");
    vec![
        ("files: number; lines: median, 90th percentile, most", spread(lines)),
        ("functions: number; lines: median, 90th percentile, most", spread(lengths)),
        ("files that need each other in a circle", circled.len().to_string()),
        ("methods of the types that have most", methods.join(", ")),
        ("calls from delivery to typing", there.to_string()),
        ("calls from typing to delivery", back.to_string()),
        ("lines of code for each comment that documents no item", lines_per_comment(&files).to_string()),
        ("packages in `Cargo.lock`", lock.lines().filter(|line| *line == "[[package]]").count().to_string()),
    ]
}

/// Says how many numbers there are, their median, their 90th percentile and the largest.
fn spread(mut numbers: Vec<usize>) -> String {
    numbers.sort_unstable();
    let at = |percent: usize| numbers.get((numbers.len() * percent / 100).min(numbers.len() - 1)).copied();
    let [median, most_of_them, largest] = [50, 90, 100].map(|percent| at(percent).unwrap_or_default());
    format!("{}; {median}, {most_of_them}, {largest}", numbers.len())
}

/// Returns how many lines of code there are for each comment; several lines below each other are one comment.
fn lines_per_comment(files: &[SourceFile]) -> usize {
    let (mut code, mut comments) = (0, 0);
    for file in files {
        let mut was_comment = false;
        for line in file.text.lines().map(str::trim).filter(|line| !line.is_empty()) {
            let is_comment = line.starts_with("//");
            let documents = line.starts_with("///") || line.starts_with("//!");
            code += usize::from(!is_comment);
            comments += usize::from(is_comment && !documents && !was_comment);
            was_comment = is_comment && !documents;
        }
    }
    code / comments.max(1)
}
