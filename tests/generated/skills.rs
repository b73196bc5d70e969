//! The skills are what agents take for skills, small, and of this version.

use cafleet_tests::markdown::links;
use cafleet_tests::workspace::{self, SourceFile};
use serde_json::Value;

use super::links::problem;

/// Where the skills are.
pub(super) const FOLDER: &str = "app/skills/";

/// What the core skill may cost an agent that loads it.
const CORE_TOKENS: usize = 2_500;

/// Characters of a token, as an estimate.
const CHARACTERS: usize = 4;

/// What opencode, the strictest of the three, allows a description to have.
const DESCRIPTION: usize = 1_024;

/// Returns all files of all skills.
pub(super) fn skill_files() -> Vec<SourceFile> {
    workspace::text_files().into_iter().filter(|file| file.path.starts_with(FOLDER)).collect()
}

/// Returns the name of the skill that a file belongs to.
pub(super) fn skill_of(file: &SourceFile) -> &str {
    file.path.trim_start_matches(FOLDER).split('/').next().unwrap_or_default()
}

/// Returns a field of the head of a skill.
fn field<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    let head = text.strip_prefix("---\n")?.split_once("\n---\n")?.0;
    head.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
}

/// Says what an agent would not take in the head of a skill.
fn wrong_head(skill: &str, text: &str) -> Option<String> {
    let is_name = |name: &str| name.len() <= 64 && name.chars().all(|c| c.is_ascii_lowercase() || c == '-');
    match (field(text, "name"), field(text, "description")) {
        (None, _) => Some(format!("{skill} has no name")),
        (Some(name), _) if name != skill || !is_name(name) => Some(format!("{skill} calls itself {name}")),
        (_, None) => Some(format!("{skill} has no description")),
        // YAML ends a plain text there
        (_, Some(text)) if text.contains(": ") || text.contains(" #") => {
            Some(format!("{skill}: its description is cut"))
        }
        (_, Some(text)) if text.chars().count() > DESCRIPTION => Some(format!("{skill}: its description is too long")),
        _ => None,
    }
}

fn json(path: &str) -> Value {
    serde_json::from_str(&workspace::file(path).text).unwrap_or_else(|error| panic!("{path}: {error}"))
}

#[test]
fn every_skill_has_a_head_that_agents_take() {
    let heads: Vec<SourceFile> = skill_files().into_iter().filter(|file| file.path.ends_with("/SKILL.md")).collect();
    let names: Vec<&str> = heads.iter().map(skill_of).collect();
    assert_eq!(names, ["cafleet", "cafleet-design-doc-create", "cafleet-design-doc-execute"]);
    let wrong: Vec<String> = heads.iter().filter_map(|file| wrong_head(skill_of(file), &file.text)).collect();
    assert!(wrong.is_empty(), "{wrong:?}");
    for (text, told) in [
        ("name: x", "x has no name"),
        ("---\nname: y\ndescription: z\n---\n", "x calls itself y"),
        ("---\nname: x\n---\n", "x has no description"),
        ("---\nname: x\ndescription: use it: now\n---\n", "x: its description is cut"),
    ] {
        assert_eq!(wrong_head("x", text).as_deref(), Some(told));
    }
    let long = format!("---\nname: x\ndescription: {}\n---\n", "y".repeat(1_025));
    assert!(wrong_head("x", &long).is_some());
}

#[test]
fn the_core_skill_is_cheap_and_each_file_is_short() {
    let tokens = |file: &SourceFile| file.text.chars().count().div_ceil(CHARACTERS);
    let core = workspace::file(&format!("{FOLDER}cafleet/SKILL.md"));
    assert!(tokens(&core) < CORE_TOKENS, "{} tokens", tokens(&core));
    for file in skill_files() {
        assert!(tokens(&file) < CORE_TOKENS, "{} has {} tokens", file.path, tokens(&file));
    }
}

#[test]
fn what_skills_refer_to_is_in_them() {
    let mut seen = 0;
    let mut problems = Vec::new();
    for file in skill_files() {
        let folder = format!("{FOLDER}{}/", skill_of(&file));
        for target in links(&file.text) {
            seen += 1;
            assert!(!target.contains(".."), "{}: {target} leads out of the skill", file.path);
            problems.extend(problem(&file.path, &target));
        }
        let roles = file.text.split("<folder>/").skip(1).filter_map(|rest| rest.split_whitespace().next());
        for role in roles {
            seen += 1;
            let path = format!("{folder}{role}");
            problems.extend((!workspace::root().join(&path).is_file()).then(|| format!("{path} does not exist")));
        }
    }
    assert!(problems.is_empty(), "{problems:?}");
    assert!(seen > 6, "only {seen} were found");
}

#[test]
fn the_repository_is_a_plugin_of_this_version() {
    let version = env!("CARGO_PKG_VERSION");
    for manifest in [".claude-plugin/plugin.json", ".codex-plugin/plugin.json"] {
        let plugin = json(manifest);
        assert_eq!((&plugin["name"], &plugin["version"]), (&"cafleet".into(), &version.into()), "{manifest}");
        let skills = plugin["skills"].as_str().expect("a folder").trim_start_matches("./");
        assert_eq!(format!("{skills}/"), FOLDER, "{manifest}: both share one folder");
    }
    let claude = json(".claude-plugin/marketplace.json");
    let [plugin] = claude["plugins"].as_array().expect("plugins").as_slice() else { panic!("one plugin: {claude}") };
    assert_eq!((&plugin["source"], &plugin["version"]), (&"./".into(), &version.into()));
    let codex = json(".agents/plugins/marketplace.json");
    let [plugin] = codex["plugins"].as_array().expect("plugins").as_slice() else { panic!("one plugin: {codex}") };
    assert_eq!((&plugin["name"], &plugin["source"]["path"]), (&"cafleet".into(), &"./".into()));
}
