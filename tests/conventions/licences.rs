//! Every dependency has a licence that `deny.toml` permits, from a registry that it permits.
//!
//! `cargo deny check bans licenses sources` reads the same file and looks closer; this runs wherever the tests do.

use std::process::Command;

use cafleet_tests::workspace;
use serde_json::Value;

/// Returns the strings of the array `name` in a section of `deny.toml`.
fn list(deny: &str, section: &str, name: &str) -> Vec<String> {
    let start = format!("[{section}]");
    let lines = deny.lines().skip_while(|line| *line != start).skip(1).take_while(|line| !line.starts_with('['));
    let text = lines.filter(|line| !line.trim_start().starts_with('#')).collect::<Vec<_>>().join("\n");
    let array = text.split_once(&format!("{name} = [")).and_then(|(_, rest)| rest.split_once(']'));
    let array = array.map(|(array, _)| array).unwrap_or_default();
    array.split('"').skip(1).step_by(2).map(str::to_owned).collect()
}

/// Tells whether the permitted licences satisfy an expression (SPDX 2.3, annex D; `/` is an old way to write `OR`).
fn permits(allowed: &[String], expression: &str) -> bool {
    let spaced = expression.replace('(', " ( ").replace(')', " ) ").replace('/', " OR ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let mut reader = Reader { words: &words, allowed };
    let permitted = reader.any();
    permitted && reader.words.is_empty()
}

/// Reads an expression from left to right; `AND` binds closer than `OR`.
struct Reader<'a> {
    words: &'a [&'a str],
    allowed: &'a [String],
}

impl Reader<'_> {
    fn takes(&mut self, word: &str) -> bool {
        let is_next = self.words.first() == Some(&word);
        if is_next {
            self.words = &self.words[1..];
        }
        is_next
    }

    fn any(&mut self) -> bool {
        let mut permitted = self.every();
        while self.takes("OR") {
            permitted |= self.every();
        }
        permitted
    }

    fn every(&mut self) -> bool {
        let mut permitted = self.one();
        while self.takes("AND") {
            permitted &= self.one();
        }
        permitted
    }

    fn one(&mut self) -> bool {
        if self.takes("(") {
            let permitted = self.any();
            return self.takes(")") && permitted;
        }
        let [name, rest @ ..] = self.words else { return false };
        self.words = rest;
        let mut licence = (*name).to_owned();
        if self.takes("WITH")
            && let [exception, rest @ ..] = self.words
        {
            self.words = rest;
            licence = format!("{licence} WITH {exception}");
        }
        self.allowed.contains(&licence)
    }
}

/// Returns the packages that are built on this machine, those of the workspace aside.
fn dependencies() -> Vec<Value> {
    let rustc = Command::new("rustc").arg("-vV").current_dir(workspace::root()).output().expect("rustc starts");
    let about = String::from_utf8_lossy(&rustc.stdout).into_owned();
    let host = about.lines().find_map(|line| line.strip_prefix("host: ")).expect("a host");
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--offline", "--locked", "--format-version", "1", "--filter-platform", host])
        .current_dir(workspace::root())
        .output()
        .expect("cargo starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let packages = metadata["packages"].as_array().expect("packages");
    packages.iter().filter(|package| !package["source"].is_null()).cloned().collect()
}

#[test]
fn every_dependency_has_a_permitted_licence_and_source() {
    let deny = workspace::file("deny.toml").text;
    let (licences, registries) = (list(&deny, "licenses", "allow"), list(&deny, "sources", "allow-registry"));
    let dependencies = dependencies();
    assert!(dependencies.len() > 100 && licences.len() >= 2 && registries.len() == 1);
    let refused = dependencies.iter().filter(|package| {
        let source = package["source"].as_str().unwrap_or_default();
        let is_known = registries.iter().any(|registry| source == format!("registry+{registry}"));
        !is_known || !permits(&licences, package["license"].as_str().unwrap_or_default())
    });
    let refused: Vec<String> = refused
        .map(|package| {
            format!("{} {}: {}, {}", package["name"], package["version"], package["license"], package["source"])
        })
        .collect();
    assert!(refused.is_empty(), "{}", refused.join("\n"));
}

#[test]
fn no_permitted_licence_is_left_over() {
    let licences = list(&workspace::file("deny.toml").text, "licenses", "allow");
    let dependencies = dependencies();
    for licence in &licences {
        let others: Vec<String> = licences.iter().filter(|other| *other != licence).cloned().collect();
        let needed = dependencies.iter().filter_map(|package| package["license"].as_str());
        let is_needed = needed.into_iter().any(|expression| !permits(&others, expression));
        let is_common = ["MIT", "Apache-2.0"].contains(&licence.as_str());
        assert!(is_needed || is_common, "{licence} is permitted, but nothing needs it");
    }
}

#[test]
fn expressions_are_read_as_they_are_meant() {
    let allowed = ["MIT".to_owned(), "Unicode-3.0".to_owned(), "Apache-2.0 WITH LLVM-exception".to_owned()];
    for fine in [
        "MIT",
        "MIT OR GPL-3.0-only",
        "GPL-3.0-only/MIT",
        "(GPL-3.0-only OR MIT) AND Unicode-3.0",
        "GPL-3.0-only OR MIT AND Unicode-3.0",
        "Apache-2.0 WITH LLVM-exception",
    ] {
        assert!(permits(&allowed, fine), "{fine}");
    }
    for refused in ["", "GPL-3.0-only", "MIT AND GPL-3.0-only", "Apache-2.0", "(MIT", "MIT Unicode-3.0"] {
        assert!(!permits(&allowed, refused), "{refused}");
    }
    let deny = "[a]\nallow = [\"X\"]\n[licenses]\n# allow = [\"Y\"]\nallow = [\n  \"MIT\",\n  \"ISC\",\n]\n";
    assert_eq!(list(deny, "licenses", "allow"), ["MIT", "ISC"]);
}
