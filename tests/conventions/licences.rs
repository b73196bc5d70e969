//! Every dependency has a licence that `deny.toml` permits, from a registry that it permits.
//!
//! `cargo deny check bans licenses sources` reads the same file and looks closer; this runs wherever the tests do.

use std::process::Command;

use cafleet_tests::workspace;

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

/// Returns name and licence of every package that is built on this machine, those of the workspace included.
fn licensed() -> Vec<(String, String)> {
    let output = Command::new(env!("CARGO"))
        .args(["tree", "--offline", "--locked", "--workspace", "--edges", "normal,build,dev"])
        .args(["--prefix", "none", "--format", "{p};{l}"])
        .current_dir(workspace::root())
        .output()
        .expect("cargo starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let lines = String::from_utf8(output.stdout).expect("UTF-8");
    let packages = lines.lines().filter_map(|line| line.trim_end_matches(" (*)").split_once(';'));
    packages.map(|(package, licence)| (package.to_owned(), licence.to_owned())).collect()
}

/// Returns the sources of the lock file that no permitted registry is.
fn foreign_sources(lock: &str, registries: &[String]) -> Vec<String> {
    let sources = lock.lines().filter_map(|line| line.strip_prefix("source = \"")?.strip_suffix('"'));
    let is_known = |source: &str| registries.iter().any(|registry| source == format!("registry+{registry}"));
    sources.filter(|source| !is_known(source)).map(str::to_owned).collect()
}

#[test]
fn every_dependency_has_a_permitted_licence() {
    let licences = list(&workspace::file("deny.toml").text, "licenses", "allow");
    let packages = licensed();
    assert!(packages.len() > 100 && licences.len() >= 2);
    let refused = packages.iter().filter(|(_, licence)| !permits(&licences, licence));
    let refused: Vec<String> = refused.map(|(package, licence)| format!("{package}: '{licence}'")).collect();
    assert!(refused.is_empty(), "{}", refused.join("\n"));
}

#[test]
fn no_permitted_licence_is_left_over() {
    let licences = list(&workspace::file("deny.toml").text, "licenses", "allow");
    let packages = licensed();
    for licence in licences.iter().filter(|licence| *licence != "Apache-2.0") {
        let others: Vec<String> = licences.iter().filter(|other| *other != licence).cloned().collect();
        let is_needed = packages.iter().any(|(_, expression)| !permits(&others, expression));
        assert!(is_needed, "{licence} is permitted, but nothing needs it");
    }
}

#[test]
fn every_dependency_comes_from_a_permitted_registry() {
    let registries = list(&workspace::file("deny.toml").text, "sources", "allow-registry");
    let lock = workspace::file("Cargo.lock").text;
    assert_eq!(registries.len(), 1);
    assert!(lock.matches("source = ").count() > 100);
    assert_eq!(foreign_sources(&lock, &registries), Vec::<String>::new());
    let other =
        "[[package]]\nsource = \"registry+https://mirror.example/index\"\nsource = \"git+https://example.org/x#1\"\n";
    assert_eq!(foreign_sources(other, &registries).len(), 2);
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
