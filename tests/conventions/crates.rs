//! The crates point one way, share one lint table, and say why they need what they need.

use std::process::Command;

use cafleet_tests::workspace;
use serde_json::Value;

/// A crate, what alone it may depend on, and what it may not.
type Direction = (&'static str, Option<&'static [&'static str]>, &'static [&'static str]);

/// What each crate may depend on beyond its own tests, where that is limited.
const DIRECTION: [Direction; 4] = [
    (
        "cafleet-domain",
        Some(&["async-trait", "serde", "thiserror", "tracing", "unicode-normalization", "unicode-security"]),
        &[],
    ),
    ("cafleet-adapters", None, &["cafleet", "cafleet-tests", "clap", "poem", "poem-openapi"]),
    ("cafleet-demo", None, &["cafleet", "cafleet-adapters", "cafleet-tests", "clap", "poem", "poem-openapi"]),
    ("cafleet", None, &["cafleet-tests", "sea-orm", "sea-orm-migration"]),
];

/// Returns the packages of the workspace as cargo sees them.
fn packages() -> Vec<Value> {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--no-deps", "--offline", "--format-version", "1"])
        .current_dir(workspace::root())
        .output()
        .expect("cargo starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    metadata["packages"].as_array().expect("packages").clone()
}

/// Returns the names of the dependencies that a package has outside its own tests.
fn dependencies(package: &Value) -> Vec<&str> {
    let all = package["dependencies"].as_array().map(Vec::as_slice).unwrap_or_default();
    all.iter()
        .filter(|dependency| dependency["kind"] != "dev")
        .filter_map(|dependency| dependency["name"].as_str())
        .collect()
}

fn wrong_direction(name: &str, dependencies: &[&str]) -> Vec<String> {
    let Some((_, allowed, forbidden)) = DIRECTION.iter().find(|(package, _, _)| *package == name) else {
        return Vec::new();
    };
    let wrong = dependencies.iter().filter(|dependency| {
        forbidden.contains(dependency) || allowed.is_some_and(|allowed| !allowed.contains(dependency))
    });
    wrong.map(|dependency| format!("{name} depends on {dependency}")).collect()
}

/// Returns the entries of the workspace's table of dependencies that no comment line explains.
fn unexplained(manifest: &str) -> Vec<String> {
    let table = manifest.lines().skip_while(|line| *line != "[workspace.dependencies]").skip(1);
    let lines: Vec<&str> = table.take_while(|line| !line.starts_with('[')).collect();
    let entries = lines.iter().enumerate().filter(|(_, line)| !line.is_empty() && !line.starts_with('#'));
    let external = entries.filter(|(_, line)| !line.contains("path = "));
    let bare = external.filter(|(index, _)| *index == 0 || !lines[index - 1].starts_with("# "));
    bare.map(|(_, line)| (*line).to_owned()).collect()
}

/// Returns the dependencies of a member's manifest that do not come from the workspace's table.
fn not_shared(manifest: &str) -> Vec<String> {
    let mut inside = false;
    let mut found = Vec::new();
    for line in manifest.lines() {
        if line.starts_with('[') {
            inside = line.contains("dependencies");
        } else if inside && !line.is_empty() && !line.starts_with('#') && !line.contains("workspace = true") {
            found.push(line.to_owned());
        }
    }
    found
}

fn member_manifests() -> Vec<workspace::SourceFile> {
    let all = workspace::text_files().into_iter();
    all.filter(|file| file.path.ends_with("/Cargo.toml")).collect()
}

#[test]
fn the_crates_point_one_way() {
    let packages = packages();
    for (name, _, _) in DIRECTION {
        assert!(packages.iter().any(|package| package["name"] == name), "there is a crate {name}");
    }
    let wrong: Vec<String> = packages
        .iter()
        .flat_map(|package| wrong_direction(package["name"].as_str().expect("a name"), &dependencies(package)))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_crate_inherits_the_lints() {
    let manifests = member_manifests();
    assert!(manifests.len() >= 4);
    for manifest in manifests {
        assert!(manifest.text.contains("[lints]\nworkspace = true\n"), "{} inherits the lints", manifest.path);
    }
}

#[test]
fn every_dependency_says_what_it_is_for() {
    let bare = unexplained(&workspace::file("Cargo.toml").text);
    assert!(bare.is_empty(), "{bare:?}");
    for manifest in member_manifests() {
        let own = not_shared(&manifest.text);
        assert!(own.is_empty(), "{}: {own:?} is not in the workspace's table", manifest.path);
    }
}

#[test]
fn what_breaks_these_rules_is_noticed() {
    assert_eq!(wrong_direction("cafleet-domain", &["serde", "tokio"]), ["cafleet-domain depends on tokio"]);
    assert_eq!(wrong_direction("cafleet-adapters", &["tokio", "cafleet"]), ["cafleet-adapters depends on cafleet"]);
    assert_eq!(
        unexplained("[workspace.dependencies]\na = \"1\"\n# why\nb = \"2\"\nc = \"3\"\n[x]\nd = 1\n"),
        ["a = \"1\"", "c = \"3\""]
    );
    assert_eq!(not_shared("[dependencies]\na.workspace = true\nb = \"1\"\n[lints]\nx = 1\n"), ["b = \"1\""]);
}
