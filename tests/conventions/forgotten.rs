//! Every file is part of its crate or suite: one that no `mod` names is never compiled, and a test in it never runs.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use cafleet_tests::workspace;

/// Returns the files that can be reached from `start`, itself included, following `mod name;`.
fn reachable(start: &str, files: &BTreeMap<String, String>) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut waiting = vec![start.to_owned()];
    while let Some(path) = waiting.pop() {
        let Some(text) = files.get(&path) else { continue };
        waiting
            .extend(modules(text).flat_map(|name| places(&path, start, name)).filter(|place| !found.contains(place)));
        found.insert(path);
    }
    found
}

/// Returns the names of the modules that a file declares without a body.
fn modules(text: &str) -> impl Iterator<Item = &str> {
    let declarations = text.lines().filter_map(|line| line.trim().strip_suffix(';'));
    declarations.filter_map(|line| {
        let (before, name) = line.split_once("mod ")?;
        (before.is_empty() || before.starts_with("pub")).then_some(name)
    })
}

/// Returns where the file of a module may be, as seen from the file that declares it.
fn places(path: &str, start: &str, name: &str) -> [String; 2] {
    let (folder, file) = path.rsplit_once('/').unwrap_or(("", path));
    let is_root = path == start || file == "mod.rs";
    let folder = if is_root { folder.to_owned() } else { format!("{folder}/{}", file.trim_end_matches(".rs")) };
    [format!("{folder}/{name}.rs"), format!("{folder}/{name}/mod.rs")]
}

/// Returns the first file of each crate, program and suite.
fn starts(files: &BTreeMap<String, String>) -> Vec<String> {
    let is_start = |path: &str| {
        let (folder, file) = path.rsplit_once('/').unwrap_or(("", path));
        let is_own = ["src/bin", "/benches", "/tests"].iter().any(|own| folder.ends_with(own));
        is_own || matches!(file, "lib.rs" | "main.rs" | "build.rs")
    };
    files.keys().filter(|path| is_start(path)).cloned().collect()
}

/// Returns the Rust files that a manifest names itself, from the root of the workspace.
fn named_by(manifest: &str, text: &str) -> Vec<String> {
    let folder = manifest.trim_end_matches("Cargo.toml");
    let paths = text.split("path = \"").skip(1).filter_map(|rest| rest.split_once('"'));
    paths.filter(|(path, _)| path.ends_with(".rs")).map(|(path, _)| format!("{folder}{path}")).collect()
}

fn forgotten(files: &BTreeMap<String, String>, named: &[String]) -> Vec<String> {
    let starts = starts(files);
    let reached: BTreeSet<String> = starts.iter().chain(named).flat_map(|start| reachable(start, files)).collect();
    files.keys().filter(|path| !reached.contains(*path)).cloned().collect()
}

/// Returns the suites that the manifest declares, by the path of their first file.
fn declared_suites(manifest: &str) -> Vec<String> {
    let suites = manifest.split("[[test]]").skip(1).filter_map(|entry| entry.split_once("path = \""));
    suites.filter_map(|(_, rest)| rest.split_once('"')).map(|(path, _)| format!("tests/{path}")).collect()
}

#[test]
fn every_file_belongs_to_a_crate_or_a_suite() {
    let files = workspace::rust_files().into_iter().map(|file| (file.path, file.text)).collect();
    let manifests = workspace::text_files().into_iter().filter(|file| file.path.ends_with("Cargo.toml"));
    let named: Vec<String> = manifests.flat_map(|manifest| named_by(&manifest.path, &manifest.text)).collect();
    let forgotten = forgotten(&files, &named);
    assert!(forgotten.is_empty(), "no `mod` leads to {}", forgotten.join(", "));
}

#[test]
fn every_folder_of_tests_is_a_declared_suite() {
    let declared = declared_suites(&workspace::file("tests/Cargo.toml").text);
    let mains: Vec<String> = workspace::rust_files()
        .into_iter()
        .map(|file| file.path)
        .filter(|path| path.starts_with("tests/") && path.ends_with("/main.rs") && !path.contains("/src/"))
        .collect();
    assert!(mains.len() >= 7, "{mains:?}");
    let not_declared: Vec<&String> = mains.iter().filter(|path| !declared.contains(path)).collect();
    assert!(not_declared.is_empty(), "{not_declared:?} are not in tests/Cargo.toml");
    for suite in declared {
        assert!(Path::new(workspace::root()).join(&suite).is_file(), "{suite} exists");
    }
}

#[test]
fn a_forgotten_file_is_noticed() {
    let files = [
        ("tests/cli/main.rs", "//! Suite.\n\nmod a;\npub(super) mod b;\n"),
        ("tests/cli/a.rs", "mod deep;\n// mod not_this;\n"),
        ("tests/cli/a/deep.rs", ""),
        ("tests/cli/b/mod.rs", "mod beside;"),
        ("tests/cli/b/beside.rs", "mod inline {}\n"),
        ("tests/cli/lonely.rs", "#[test]\nfn never_runs() {}\n"),
        ("tests/src/lib.rs", ""),
    ];
    let files = files.into_iter().map(|(path, text)| (path.to_owned(), text.to_owned())).collect();
    assert_eq!(forgotten(&files, &[]), ["tests/cli/lonely.rs"]);
    let named =
        named_by("tests/Cargo.toml", "[[bin]]\npath = \"cli/lonely.rs\"\n[dependencies]\nx = { path = \"x\" }\n");
    assert_eq!(named, ["tests/cli/lonely.rs"]);
    assert!(forgotten(&files, &named).is_empty());
    assert_eq!(declared_suites("[[test]]\nname = \"cli\"\npath = \"cli/main.rs\"\n"), ["tests/cli/main.rs"]);
}
