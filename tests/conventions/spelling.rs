//! What must not stand in any committed file.

use cafleet_tests::workspace::{self, SourceFile};

/// The home directory of the invented person in examples.
const INVENTED_HOME: &str = "ada";

/// Settings of package managers that could lead to a registry other than the public one.
const REGISTRY_SETTINGS: [&str; 6] =
    [".cargo/config", ".cargo/config.toml", ".npmrc", ".yarnrc", ".yarnrc.yml", "pip.conf"];

/// The public registry of npm; that of Cargo is in `deny.toml`.
const NPM: &str = "https://registry.npmjs.org/";

/// Returns the lines that silence a lint without the compiler noticing when that is not needed any more.
fn silenced(file: &SourceFile) -> Vec<String> {
    // put together, so that this line is not one of them
    let marks = ["#[", "#!["].map(|start| format!("{start}allow("));
    numbered(file, |line| marks.iter().any(|mark| line.contains(mark)))
}

/// Returns the lines that name a directory of somebody's machine.
fn private_paths(file: &SourceFile) -> Vec<String> {
    let roots = ["root", "work", "Users"].map(|name| format!("/{name}/"));
    let home = format!("/{}/", "home");
    numbered(file, |line| {
        let starts_path =
            |place: usize| !line[..place].ends_with(|c: char| c.is_alphanumeric() || "-_.}>)~*/".contains(c));
        let is_private = roots.iter().any(|root| line.match_indices(root).any(|(place, _)| starts_path(place)));
        let is_home = line.match_indices(&home).any(|(place, _)| {
            let owner = &line[place + home.len()..];
            starts_path(place) && !owner.starts_with(INVENTED_HOME)
        });
        is_private || is_home
    })
}

/// Returns the lines of npm's lock file whose package does not come from the public registry.
fn foreign_packages(file: &SourceFile) -> Vec<String> {
    if !file.path.ends_with("package-lock.json") {
        return Vec::new();
    }
    numbered(file, |line| {
        let from = line.trim().strip_prefix("\"resolved\": \"");
        from.is_some_and(|from| !from.starts_with(NPM))
    })
}

/// Returns the lines of the broker's own code that name one of the agent programs.
fn named_agents(file: &SourceFile) -> Vec<String> {
    if !file.path.starts_with("domain/src/broker/") {
        return Vec::new();
    }
    let code = file.text.split("#[cfg(test)]").next().unwrap_or_default().to_owned();
    let names = ["CLAUDE", "CODEX", "OPENCODE"].map(|name| format!("Backend::{name}"));
    numbered(&SourceFile { text: code, ..file.clone() }, |line| names.iter().any(|name| line.contains(name)))
}

/// Returns the lines of the broker's errors that name a command or an option: whoever shows an error knows its reader.
fn named_commands(file: &SourceFile) -> Vec<String> {
    let errors = ["domain/src/broker/error.rs", "domain/src/broker/refusal.rs", "domain/src/keystroke.rs"];
    if !errors.contains(&file.path.as_str()) {
        return Vec::new();
    }
    let attributes = file.text.split("#[error(").skip(1).filter_map(|rest| rest.split_once(")]\n"));
    let texts =
        attributes.map(|(text, _)| text).filter(|text| ["cafleet ", " --", "\"--"].iter().any(|it| text.contains(it)));
    texts.map(|text| format!("{}: {text}", file.path)).collect()
}

fn numbered(file: &SourceFile, is_wrong: impl Fn(&str) -> bool) -> Vec<String> {
    let wrong = file.text.lines().enumerate().filter(|(_, line)| is_wrong(line));
    wrong.map(|(index, line)| format!("{}:{}: {}", file.path, index + 1, line.trim())).collect()
}

fn nowhere(rule: fn(&SourceFile) -> Vec<String>) {
    let found: Vec<String> = workspace::text_files().iter().flat_map(rule).collect();
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn lints_are_expected_with_a_reason_and_never_silenced() {
    nowhere(silenced);
}

#[test]
fn no_file_names_a_directory_of_a_machine() {
    nowhere(private_paths);
}

/// Finds the settings of package managers that name a registry.
fn foreign_registries(file: &SourceFile) -> Vec<String> {
    if !REGISTRY_SETTINGS.iter().any(|name| file.path.ends_with(name)) {
        return Vec::new();
    }
    let named = file.text.lines().filter(|line| line.contains("://") || line.trim_start().starts_with("registry"));
    named.map(|line| format!("{}: {line}", file.path)).collect()
}

#[test]
fn packages_come_from_public_registries() {
    nowhere(foreign_packages);
    nowhere(foreign_registries);
}

#[test]
fn what_must_not_be_written_is_noticed() {
    let file = |path: &str, text: &str| SourceFile { path: path.to_owned(), text: text.to_owned() };
    assert_eq!(silenced(&file("x.rs", &format!("#[{}(dead_code)]\n#[expect(x, reason = \"y\")]\n", "allow"))).len(), 1);
    for root in ["root", "work", "Users", "home"] {
        assert_eq!(private_paths(&file("x.md", &format!("see /{root}/somebody/x\n"))).len(), 1, "{root}");
    }
    for fine in ["~/x", "/tmp/cafleet", "app/src/work/x", "$HOME/root/x", "https://example.org/work/x"] {
        assert_eq!(private_paths(&file("x.md", fine)), Vec::<String>::new(), "{fine}");
    }
    let package = |host: &str| file("web/package-lock.json", &format!("  \"resolved\": \"{host}x.tgz\"\n"));
    assert_eq!(foreign_packages(&package("https://mirror.example/")).len(), 1);
    assert_eq!(foreign_packages(&package(NPM)).len(), 0);
    assert_eq!(foreign_registries(&file("web/.npmrc", "fund=false\nregistry = mirror.example\n")).len(), 1);
    assert_eq!(foreign_registries(&file("web/.npmrc", "# of no registry\nfund=false\n")).len(), 0);
}

#[test]
fn the_broker_names_no_agent_program() {
    nowhere(named_agents);
    let file = |text: &str| SourceFile { path: "domain/src/broker/x.rs".to_owned(), text: text.to_owned() };
    assert_eq!(named_agents(&file("a\nif backend == Backend::CODEX {\n#[cfg(test)]\nBackend::CLAUDE")).len(), 1);
}

#[test]
fn the_brokers_errors_name_no_command() {
    nowhere(named_commands);
    let file = |text: &str| SourceFile { path: "domain/src/broker/error.rs".to_owned(), text: text.to_owned() };
    for wrong in ["it is gone; run 'cafleet fleet move'", "it lives; add --force", "--answer is missing"] {
        assert_eq!(named_commands(&file(&format!("#[error(\"{wrong}\")]\nGone,\n"))).len(), 1, "{wrong}");
    }
    assert_eq!(named_commands(&file("#[error(\"it is gone\")]\n/// See `cafleet fleet move`.\n")), [] as [String; 0]);
}
