//! What is installed: the skills and rules are part of the program.

use std::borrow::Cow;
use std::collections::BTreeMap;

use rust_embed::Embed;

/// The skills, one folder each.
#[derive(Embed)]
#[folder = "skills"]
struct Skills;

/// What codex may run without asking, and outside its sandbox.
pub(super) const CODEX_RULES: &str = include_str!("cafleet.rules");

/// A file of a skill, by its path inside the skill's folder.
pub(super) type SkillFile = (String, Cow<'static, [u8]>);

/// Returns the skills by their names. The file that an agent finds a skill by comes last, so that whoever finds it finds
/// what it refers to.
pub(super) fn skills() -> BTreeMap<String, Vec<SkillFile>> {
    let mut skills: BTreeMap<String, Vec<SkillFile>> = BTreeMap::new();
    for path in Skills::iter() {
        let (Some((skill, file)), Some(embedded)) = (path.split_once('/'), Skills::get(&path)) else { continue };
        skills.entry(skill.to_owned()).or_default().push((file.to_owned(), embedded.data));
    }
    for files in skills.values_mut() {
        files.sort_by_key(|(file, _)| (file == "SKILL.md", file.clone()));
    }
    skills
}
