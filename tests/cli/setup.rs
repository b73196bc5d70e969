//! `cafleet setup`

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::time::Duration;

use cafleet_tests::environment::{Environment, Outcome, pause};
use cafleet_tests::workspace;
use serde_json::{Value, json};

/// The core skill of claude, where nothing says otherwise.
const CORE: &str = "home/.claude/skills/cafleet/SKILL.md";

/// The same for codex and opencode.
const SHARED: &str = "home/.agents/skills/cafleet/SKILL.md";

fn with_agents() -> Environment {
    let environment = Environment::new();
    environment.install_agents();
    environment
}

/// Returns the files of a folder by their paths inside of it.
fn contents(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut waiting = vec![folder.to_owned()];
    while let Some(next) = waiting.pop() {
        for entry in fs::read_dir(&next).into_iter().flatten() {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                waiting.push(path);
            } else {
                let name = path.strip_prefix(folder).expect("a file below it").to_owned();
                found.insert(name, fs::read(&path).expect("a file"));
            }
        }
    }
    found
}

fn sources() -> BTreeMap<PathBuf, Vec<u8>> {
    contents(&workspace::root().join("app/skills"))
}

/// Returns what is in the home directory, and nothing else.
fn home(environment: &Environment) -> BTreeMap<PathBuf, Vec<u8>> {
    contents(&environment.path("home"))
}

fn core() -> String {
    workspace::file("app/skills/cafleet/SKILL.md").text
}

fn read(environment: &Environment, name: &str) -> String {
    fs::read_to_string(environment.path(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

fn write(environment: &Environment, name: &str, text: &str) {
    let file = environment.path(name);
    fs::create_dir_all(file.parent().expect("a folder")).expect("the folder is made");
    fs::write(file, text).expect("the file is written");
}

/// Returns what a command says of an item, by its place below the environment.
fn item(report: &Value, environment: &Environment, place: &str) -> Value {
    let place = environment.path(place).display().to_string();
    let items = report["items"].as_array().expect("items");
    items.iter().find(|item| item["place"] == place.as_str()).unwrap_or_else(|| panic!("no {place}: {report}")).clone()
}

#[test]
fn a_fresh_home_gets_everything_once() {
    let environment = with_agents();
    let said = environment.ok(&["setup"]);
    assert!(said.starts_with("database: created\nclaude: skill cafleet written ("), "{said}");
    assert_eq!(contents(&environment.path("home/.claude/skills")), sources());
    assert_eq!(contents(&environment.path("home/.agents/skills")), sources());
    assert!(read(&environment, "home/.codex/rules/cafleet.rules").contains("pattern = [\"cafleet\", \"fleet\", "));
    assert!(read(&environment, "home/.config/opencode/agents/cafleet.md").starts_with("---\n"));
    assert!(!environment.path("home/.claude/settings.json").exists(), "nobody said that it may be written");
    let lines = r#"{"permissions":{"allow":["Bash(cafleet *)","Read(~/.claude/skills/cafleet*/**)"]}}"#;
    assert!(said.contains(&format!("\n  {lines}\n")), "{said}");

    let before = home(&environment);
    let again = environment.ok(&["setup"]);
    assert!(again.starts_with("database: already at head\nclaude: skill cafleet current ("), "{again}");
    assert_eq!(home(&environment), before, "a second time changes nothing");
    let check = environment.json(&["setup", "--check"]);
    let items = check["items"].as_array().expect("items");
    assert!(items.iter().all(|item| item["state"] == "current" && item["done"] == Value::Null), "{check}");
    assert_eq!(check["database"], Value::Null);
}

#[test]
fn only_the_agents_that_are_named_or_installed_are_set_up() {
    let environment = Environment::new();
    let error = "no coding agent is installed; install claude, codex or opencode, or name one with --coding-agent";
    assert_eq!(environment.run(&["setup"]).error(1), error);
    assert!(environment.database().exists(), "the database is there all the same");
    environment.ok(&["setup", "--coding-agent", "codex", "--coding-agent", "codex"]);
    assert!(environment.path(SHARED).exists());
    assert!(environment.path("home/.codex/rules/cafleet.rules").exists());
    assert!(!environment.path("home/.claude").exists() && !environment.path("home/.config").exists());
    environment.install("claude", "#!/bin/sh\n");
    environment.ok(&["setup"]);
    assert!(environment.path(CORE).exists() && !environment.path("home/.config").exists());
    let wrong = environment.run(&["setup", "--coding-agent", "vim"]).error(2);
    assert!(wrong.starts_with("invalid value 'vim' for '--coding-agent <CODING_AGENT>'"), "{wrong}");
}

#[test]
fn places_follow_the_variables_of_the_agents() {
    let mut environment = with_agents();
    for (name, folder) in [("CLAUDE_CONFIG_DIR", "c"), ("CODEX_HOME", "x"), ("OPENCODE_CONFIG_DIR", "o")] {
        environment.set(name, environment.path(folder));
    }
    environment.ok(&["setup", "--write-permissions"]);
    assert_eq!(contents(&environment.path("c/skills")), sources());
    assert!(environment.path("x/rules/cafleet.rules").exists() && environment.path("o/agents/cafleet.md").exists());
    let settings: Value = serde_json::from_str(&read(&environment, "c/settings.json")).expect("JSON");
    let read = format!("Read(/{}/skills/cafleet*/**)", environment.path("c").display());
    assert_eq!(settings, json!({"permissions": {"allow": ["Bash(cafleet *)", read]}}));
    assert_eq!(contents(&environment.path("home/.agents/skills")), sources());
    assert!(!environment.path("home/.claude").exists() && !environment.path("home/.codex").exists());
}

#[test]
fn what_a_person_changed_is_kept_beside_and_told() {
    let environment = with_agents();
    environment.ok(&["setup"]);
    write(&environment, CORE, "mine\n");
    let place = "home/.claude/skills/cafleet";
    let check = environment.run(&["setup", "--check"]);
    assert_eq!(check.status, 1, "{check:?}");
    assert!(check.stdout.contains("claude: skill cafleet changed by hand ("), "{check:?}");
    assert!(check.stderr.ends_with(" are not current; run 'cafleet setup'\n"), "{check:?}");
    assert_eq!(read(&environment, CORE), "mine\n", "to check is not to write");

    let report = environment.json(&["setup"]);
    let replaced = item(&report, &environment, place);
    let copy = environment.path(place).join("SKILL.md.saved-1");
    assert_eq!((&replaced["done"], &replaced["state"]), (&json!("replaced"), &json!("changed")), "{replaced}");
    assert_eq!(replaced["copies"], json!([copy.display().to_string()]));
    assert_eq!((read(&environment, CORE), fs::read_to_string(&copy).expect("a copy")), (core(), "mine\n".to_owned()));
    write(&environment, CORE, "mine again\n");
    environment.ok(&["setup"]);
    assert_eq!(read(&environment, &format!("{place}/SKILL.md.saved-2")), "mine again\n");
    assert_eq!(fs::read_to_string(&copy).expect("a copy"), "mine\n", "no copy is overwritten");
}

#[test]
fn what_an_older_version_wrote_is_replaced_without_a_copy() {
    let environment = with_agents();
    let [old, gone] = ["what 0.0.1 said\n", "a file that 0.0.1 had\n"];
    write(&environment, CORE, old);
    write(&environment, "home/.claude/skills/cafleet/references/old.md", gone);
    write(&environment, "home/.claude/skills/cafleet/mine.md", "a file of a person's own\n");
    let digest = |text: &str| sha256(&environment, text);
    let receipt = json!({"written": {digest(old): "0.0.1", digest(gone): "0.0.1"}});
    write(&environment, "data/cafleet/setup.json", &receipt.to_string());
    let check = environment.run(&["setup", "--check"]);
    assert!(check.stdout.contains("claude: skill cafleet of version 0.0.1 ("), "{check:?}");
    let said = environment.ok(&["setup"]);
    assert!(said.contains("claude: skill cafleet updated; it was of version 0.0.1 ("), "{said}");
    let mut expected: BTreeMap<PathBuf, Vec<u8>> = sources();
    expected.insert("cafleet/mine.md".into(), b"a file of a person's own\n".to_vec());
    assert_eq!(contents(&environment.path("home/.claude/skills")), expected);
}

fn sha256(environment: &Environment, text: &str) -> String {
    let file = environment.path("tmp/text");
    fs::write(&file, text).expect("a file");
    let output = std::process::Command::new("sha256sum").arg(&file).output().expect("sha256sum runs");
    String::from_utf8_lossy(&output.stdout)[..64].to_owned()
}

#[test]
fn links_of_a_person_are_left_alone() {
    let environment = with_agents();
    // all skills kept elsewhere: that is where they go
    fs::create_dir_all(environment.path("dotfiles/skills")).expect("a folder");
    fs::create_dir_all(environment.path("home/.claude")).expect("a folder");
    symlink(environment.path("dotfiles/skills"), environment.path("home/.claude/skills")).expect("a link");
    // one skill kept elsewhere: that is somebody else's
    write(&environment, "other/SKILL.md", "theirs\n");
    fs::create_dir_all(environment.path("home/.agents/skills")).expect("a folder");
    symlink(environment.path("other"), environment.path("home/.agents/skills/cafleet")).expect("a link");
    let report = environment.json(&["setup"]);
    assert_eq!(contents(&environment.path("dotfiles/skills")), sources());
    let left = item(&report, &environment, "home/.agents/skills/cafleet");
    assert_eq!((&left["state"], &left["done"]), (&json!("linked"), &json!("left")), "{left}");
    assert_eq!(read(&environment, "other/SKILL.md"), "theirs\n");
    assert_eq!(contents(&environment.path("other")).len(), 1, "nothing was put into it");
    environment.ok(&["setup", "--check"]);
    environment.ok(&["setup", "--remove"]);
    assert_eq!(read(&environment, "other/SKILL.md"), "theirs\n");
}

#[test]
fn a_link_into_the_sources_is_current() {
    let environment = with_agents();
    fs::create_dir_all(environment.path("home/.agents/skills")).expect("a folder");
    let source = workspace::root().join("app/skills/cafleet");
    symlink(&source, environment.path("home/.agents/skills/cafleet")).expect("a link");
    let report = environment.json(&["setup"]);
    assert_eq!(item(&report, &environment, "home/.agents/skills/cafleet")["state"], "current");
    environment.ok(&["setup", "--remove"]);
    assert!(source.join("SKILL.md").exists(), "what is behind a link is not removed");
}

#[test]
fn permissions_are_added_to_what_is_there() {
    let environment = with_agents();
    let settings = "home/.claude/settings.json";
    write(&environment, settings, "{\"model\": \"opus\", \"permissions\": {\"deny\": [\"Bash(rm *)\"]}}");
    write(&environment, "home/.config/opencode/opencode.json", "{\"permission\": {\"bash\": \"ask\"}}");
    let said = environment.ok(&["setup", "--write-permissions"]);
    assert!(said.contains("claude: permissions written ("), "{said}");
    let written: Value = serde_json::from_str(&read(&environment, settings)).expect("JSON");
    let rules = json!(["Bash(cafleet *)", "Read(~/.claude/skills/cafleet*/**)"]);
    assert_eq!(written, json!({"model": "opus", "permissions": {"deny": ["Bash(rm *)"], "allow": rules}}));
    assert!(read(&environment, "home/.claude/settings.json.saved-1").contains("\"model\": \"opus\""));
    let opencode: Value =
        serde_json::from_str(&read(&environment, "home/.config/opencode/opencode.json")).expect("JSON");
    assert_eq!(opencode, json!({"permission": {"bash": {"*": "ask", "cafleet *": "allow"}}}));
    let before = home(&environment);
    let again = environment.ok(&["setup", "--write-permissions"]);
    assert!(again.contains("claude: permissions current ("), "{again}");
    assert_eq!(home(&environment), before);
}

#[test]
fn settings_that_are_no_json_are_not_touched() {
    let environment = with_agents();
    for bad in ["{ // a comment\n}", "[]", "{\"permissions\": {\"allow\": \"all\"}}"] {
        write(&environment, "home/.claude/settings.json", bad);
        let outcome = environment.run(&["setup", "--write-permissions"]);
        assert_eq!(outcome.status, 1, "{outcome:?}");
        assert_eq!(outcome.stderr, "Error: 1 problem found; see above for what to do\n");
        let problem = outcome.stdout.lines().last().expect("a problem");
        let file = environment.path("home/.claude/settings.json");
        assert!(problem.starts_with(&format!("problem: {}: it", file.display())), "{problem}");
        assert!(problem.contains("; correct it, or add by hand: {\"permissions\""), "{problem}");
        assert_eq!(read(&environment, "home/.claude/settings.json"), bad);
        assert_eq!(read(&environment, CORE), core(), "the rest is done all the same");
    }
}

#[test]
fn a_home_that_cannot_be_written_to_is_told_with_the_remedy() {
    let mut environment = with_agents();
    // nobody makes files here, whoever he is
    environment.set("HOME", "/sys");
    let outcome = environment.run(&["setup", "--coding-agent", "claude"]);
    assert_eq!((outcome.status, outcome.stderr.lines().count()), (1, 1), "{outcome:?}");
    let problem = outcome.stdout.lines().find(|line| line.starts_with("problem: ")).expect("a problem");
    assert!(problem.starts_with("problem: cannot write the skill cafleet"), "{problem}");
    assert!(problem.ends_with("make its folder writable, or set CLAUDE_CONFIG_DIR"), "{problem}");

    environment.set("HOME", environment.path("home"));
    environment.set("XDG_DATA_HOME", "/sys");
    environment.set("CAFLEET_DATABASE_URL", environment.path("data/x.db"));
    let outcome = environment.run(&["setup"]);
    assert!(outcome.stdout.contains("problem: cannot write in /sys/cafleet: "), "{outcome:?}");
    assert!(outcome.stdout.contains("; make it writable, or set XDG_DATA_HOME"), "{outcome:?}");
    assert_eq!(home(&environment), BTreeMap::new(), "what could not be known again is not written");
}

#[test]
fn a_folder_in_the_place_of_a_file_is_told() {
    let environment = with_agents();
    fs::create_dir_all(environment.path("home/.codex/rules/cafleet.rules/x")).expect("a folder");
    let outcome = environment.run(&["setup"]);
    assert_eq!(outcome.status, 1, "{outcome:?}");
    assert!(outcome.stdout.contains("problem: cannot write the rules at "), "{outcome:?}");
    assert_eq!(read(&environment, CORE), core(), "the rest is done all the same");
}

#[test]
fn several_at_once_all_succeed() {
    let environment = with_agents();
    write(&environment, CORE, "mine\n");
    let children: Vec<_> = (0..6).map(|_| environment.spawn(&["setup"])).collect();
    for child in children {
        Outcome::finish(child).ok();
    }
    let mut expected = sources();
    expected.insert("cafleet/SKILL.md.saved-1".into(), b"mine\n".to_vec());
    assert_eq!(
        contents(&environment.path("home/.claude/skills")),
        expected,
        "one of them replaced it, and one copy is enough"
    );
    assert_eq!(contents(&environment.path("home/.agents/skills")), sources());
}

#[test]
fn whenever_it_is_killed_no_file_is_half_written() {
    let mut was_in_the_middle = 0;
    for step in 0..40 {
        let environment = with_agents();
        // so that only the files remain to be written
        environment.ok(&["db", "init"]);
        let mut child = environment.spawn(&["setup"]);
        let first = environment.path("home/.claude/skills");
        while !first.exists() && child.try_wait().expect("its state").is_none() {
            std::hint::spin_loop();
        }
        pause(Duration::from_micros(100 * step));
        child.kill().expect("it can be killed");
        let _ = child.wait().expect("it ends");
        let sources = sources();
        let written = contents(&environment.path("home/.claude/skills"));
        let visible = written.iter().filter(|(name, _)| !name.to_string_lossy().ends_with(".cafleet-new"));
        let visible: Vec<_> = visible.collect();
        was_in_the_middle += usize::from(!visible.is_empty() && visible.len() < sources.len());
        for (name, content) in visible {
            assert_eq!(sources.get(name), Some(content), "{}", name.display());
        }
        environment.ok(&["setup"]);
        assert_eq!(contents(&environment.path("home/.claude/skills")), sources, "no trace of the one that was killed");
        let saved = home(&environment).into_keys().filter(|name| name.to_string_lossy().contains(".saved-")).count();
        assert_eq!(saved, 0, "its files were known for its own");
    }
    assert!(was_in_the_middle > 0, "none was killed while it wrote");
}

#[test]
fn what_was_installed_can_be_removed() {
    let environment = with_agents();
    write(&environment, "home/.claude/skills/other/SKILL.md", "of somebody else\n");
    environment.ok(&["setup"]);
    write(&environment, "home/.agents/skills/cafleet/SKILL.md", "mine\n");
    let said = environment.ok(&["setup", "--remove"]);
    assert!(said.contains("claude: skill cafleet removed ("), "{said}");
    assert!(said.contains("codex, opencode: skill cafleet left as it is: changed by hand ("), "{said}");
    let left: Vec<String> = home(&environment).into_keys().map(|name| name.display().to_string()).collect();
    assert_eq!(left, [".agents/skills/cafleet/SKILL.md", ".claude/skills/other/SKILL.md"]);
    assert!(!environment.path("home/.claude/skills/cafleet").exists(), "no empty folder stays");
    let again = environment.ok(&["setup", "--remove"]);
    assert!(again.contains("claude: skill cafleet not there ("), "{again}");
    assert!(environment.database().exists(), "messages are not removed");
}

#[test]
fn options_that_contradict_each_other_are_refused() {
    let environment = with_agents();
    for line in ["setup --check --remove", "setup --check --write-permissions", "setup --remove --write-permissions"] {
        let words: Vec<&str> = line.split(' ').collect();
        let error = environment.run(&words).error(2);
        assert!(error.contains("cannot be used with"), "{error}");
    }
    assert_eq!(home(&environment), BTreeMap::new());
}
