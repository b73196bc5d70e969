//! Which file goes where: a pure function of the agents and of where they keep their things.
//!
//! Tried on claude 2.1.332, codex 0.171.0 and opencode 1.18.34: claude reads skills from its own folder only, codex and
//! opencode both from `~/.agents/skills`, wherever their other settings are. opencode reads those of claude too, and
//! lists a skill that is in both places once.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::PathBuf;

use cafleet_domain::backend::Backend;

use super::assets::{CODEX_RULES, SkillFile};

/// Where things are kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Places {
    /// The user's home directory.
    pub(crate) home: PathBuf,
    /// The value of `CLAUDE_CONFIG_DIR`.
    pub(crate) claude_config_dir: Option<PathBuf>,
    /// The value of `CODEX_HOME`.
    pub(crate) codex_home: Option<PathBuf>,
    /// The file of opencode's preset, and what is in it.
    pub(crate) opencode_preset: (PathBuf, &'static str),
    /// The folder in which CAFleet keeps its own data.
    pub(crate) data: PathBuf,
}

impl Places {
    /// Returns the folder of claude's settings and skills.
    pub(super) fn claude(&self) -> PathBuf {
        self.claude_config_dir.clone().unwrap_or_else(|| self.home.join(".claude"))
    }

    /// Returns the folder in which opencode looks for its configuration.
    pub(super) fn opencode(&self) -> PathBuf {
        self.opencode_preset.0.ancestors().nth(2).map_or_else(PathBuf::new, PathBuf::from)
    }
}

/// One thing that is installed as a whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Item {
    /// The agents that read it.
    pub(super) agents: Vec<Backend>,
    /// What it is.
    pub(super) name: String,
    /// Its folder, or the file itself.
    pub(super) place: PathBuf,
    /// Its files, in the order in which they are written.
    pub(super) files: Vec<Wanted>,
}

/// A file as it should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Wanted {
    pub(super) path: PathBuf,
    pub(super) content: Cow<'static, [u8]>,
}

/// Returns what the agents need, and where.
pub(super) fn plan(places: &Places, agents: &[Backend], skills: &BTreeMap<String, Vec<SkillFile>>) -> Vec<Item> {
    let shared = places.home.join(".agents/skills");
    let folders =
        [(places.claude().join("skills"), vec![Backend::CLAUDE]), (shared, vec![Backend::CODEX, Backend::OPENCODE])];
    let mut items = Vec::new();
    for (folder, readers) in folders {
        let readers: Vec<Backend> = readers.into_iter().filter(|reader| agents.contains(reader)).collect();
        if readers.is_empty() {
            continue;
        }
        items.extend(skills.iter().map(|(name, files)| {
            let place = folder.join(name);
            let wanted = |(file, content): &SkillFile| Wanted { path: place.join(file), content: content.clone() };
            let files = files.iter().map(wanted).collect();
            Item { agents: readers.clone(), name: format!("skill {name}"), place: place.clone(), files }
        }));
    }
    let single = |agent: Backend, name: &str, path: PathBuf, content: &'static str| Item {
        agents: vec![agent],
        name: name.to_owned(),
        place: path.clone(),
        files: vec![Wanted { path, content: Cow::Borrowed(content.as_bytes()) }],
    };
    if agents.contains(&Backend::CODEX) {
        let codex = places.codex_home.clone().unwrap_or_else(|| places.home.join(".codex"));
        items.push(single(Backend::CODEX, "rules", codex.join("rules/cafleet.rules"), CODEX_RULES));
    }
    if agents.contains(&Backend::OPENCODE) {
        let (file, content) = places.opencode_preset.clone();
        items.push(single(Backend::OPENCODE, "preset", file, content));
    }
    items
}

#[cfg(test)]
mod tests {
    use super::super::assets;
    use super::*;

    fn places() -> Places {
        Places {
            home: "/h".into(),
            claude_config_dir: None,
            codex_home: None,
            opencode_preset: ("/h/.config/opencode/agents/cafleet.md".into(), "preset"),
            data: "/h/.local/share/cafleet".into(),
        }
    }

    fn paths(places: &Places, agents: &[Backend]) -> Vec<String> {
        let items = plan(places, agents, &assets::skills());
        items.iter().map(|item| item.place.display().to_string()).filter(|place| !place.contains("design")).collect()
    }

    #[test]
    fn every_agent_gets_what_it_reads() {
        assert_eq!(paths(&places(), &[Backend::CLAUDE]), ["/h/.claude/skills/cafleet"]);
        let both = ["/h/.agents/skills/cafleet", "/h/.codex/rules/cafleet.rules"];
        assert_eq!(paths(&places(), &[Backend::CODEX]), both);
        let items = plan(&places(), &[Backend::CODEX, Backend::OPENCODE], &assets::skills());
        assert_eq!(items[0].agents, [Backend::CODEX, Backend::OPENCODE]);
        assert_eq!(paths(&places(), &Backend::BUILT_IN).len(), 4);
    }

    #[test]
    fn places_follow_the_variables_of_the_agents() {
        let moved = Places { claude_config_dir: Some("/c".into()), codex_home: Some("/x".into()), ..places() };
        assert_eq!(paths(&moved, &[Backend::CLAUDE]), ["/c/skills/cafleet"]);
        assert_eq!(paths(&moved, &[Backend::CODEX]), ["/h/.agents/skills/cafleet", "/x/rules/cafleet.rules"]);
        assert_eq!(places().opencode(), PathBuf::from("/h/.config/opencode"));
    }

    #[test]
    fn whoever_finds_a_skill_finds_what_it_refers_to() {
        let skills = assets::skills();
        assert!(skills.contains_key("cafleet"), "{:?}", skills.keys());
        for (name, files) in skills {
            assert_eq!(files.last().map(|(file, _)| file.as_str()), Some("SKILL.md"), "{name}");
        }
    }
}
