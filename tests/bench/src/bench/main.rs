//! Measures `cafleet` and writes the tables of `docs/src/performance.md`.
//!
//! `cargo run --release -p cafleet-bench --bin bench -- [--runs N] [SECTION…]`. Without a section: all of them but
//! `history`, which writes ten million rows (3 GB, some minutes), `page`, which needs Chromium and Node, and `static`, which
//! builds everything once more.

use std::path::{Path, PathBuf};
use std::process::Command;

mod commands;
mod contention;
mod crash;
mod fixture;
mod history;
mod http;
mod listeners;
mod machine;
mod measure;
mod memory;
mod page;
mod peers;
mod process;
mod report;
mod server;
mod terminals;
mod waiting;

use report::Table;

/// Why the benchmark stopped.
pub(crate) type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

/// What is measured, and how often.
pub(crate) struct Plan {
    /// The command under test.
    pub(crate) cafleet: PathBuf,
    /// The same statements without it.
    pub(crate) floor: PathBuf,
    /// This program, which measures the memory of another, and chatters in panes.
    pub(crate) bench: PathBuf,
    /// Runs of each side after the warm-up.
    pub(crate) runs: usize,
}

/// A part of the page, and what fills it.
type Section = (&'static str, fn(&Plan) -> Outcome<Table>);

const SECTIONS: [Section; 9] = [
    ("commands", commands::measure),
    ("sizes", memory::measure),
    ("contention", contention::measure),
    ("waiting", waiting::measure),
    ("crash", crash::measure),
    ("terminals", terminals::measure),
    ("server", server::measure),
    ("listeners", listeners::measure),
    ("peers", peers::measure),
];

const ON_REQUEST: [Section; 3] =
    [("history", history::measure), ("page", page::measure), ("static", commands::measure)];

const MIN_RUNS: usize = 30;
const STATIC_TARGET: &str = "x86_64-unknown-linux-gnu";

fn main() -> Outcome<()> {
    let mut arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.split_first().map(|(mode, rest)| (mode.as_str(), rest)) {
        Some((memory::MODE, command)) => return memory::run_and_tell(command),
        Some((terminals::CHATTER_MODE, _)) => terminals::chatter(),
        _ => {}
    }
    let mut runs = 200;
    if let Some(at) = arguments.iter().position(|argument| argument == "--runs") {
        runs = arguments.get(at + 1).ok_or("--runs needs a number")?.parse()?;
        arguments.drain(at..at + 2);
    }
    let runs = runs.max(MIN_RUNS);
    for (name, section) in chosen(&arguments)? {
        let target = (name == "static").then_some(STATIC_TARGET);
        let plan = build(target, runs)?;
        let table = section(&plan)?;
        report::publish(&root().join("docs/src/performance.md"), name, &table)?;
    }
    Ok(())
}

fn chosen(names: &[String]) -> Outcome<Vec<Section>> {
    if names.is_empty() {
        return Ok(SECTIONS.to_vec());
    }
    let find = |name: &String| {
        let found = SECTIONS.iter().chain(&ON_REQUEST).find(|(known, _)| known == name);
        found.copied().ok_or_else(|| format!("there is no section '{name}'").into())
    };
    names.iter().map(find).collect()
}

/// Returns the root of the workspace.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Builds both sides with the release profile; for a target the C runtime is linked statically.
fn build(target: Option<&str>, runs: usize) -> Outcome<Plan> {
    // One after the other: built together, `cafleet` would get features of libraries that only the floor asks for.
    for package in ["cafleet", "cafleet-bench"] {
        let mut cargo = Command::new("cargo");
        cargo.current_dir(root()).args(["build", "--release", "--quiet", "--package", package]);
        if let Some(target) = target {
            cargo.args(["--target", target]).env("RUSTFLAGS", "-C target-feature=+crt-static");
        }
        if !cargo.status()?.success() {
            return Err("the build failed".into());
        }
    }
    let bench = std::env::current_exe()?;
    let release = bench.parent().ok_or("the benchmark is in no directory")?;
    let binaries = match target {
        Some(target) => release.join("..").join(target).join("release").canonicalize()?,
        None => release.to_path_buf(),
    };
    Ok(Plan { cafleet: binaries.join("cafleet"), floor: binaries.join("floor"), bench, runs })
}
