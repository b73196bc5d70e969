//! What an agent's settings have to say so that it runs `cafleet` without asking: pure functions on JSON.
//!
//! codex needs none of this: its rules are a file of their own. Of an agent that CAFleet does not know by itself nothing is known.

use std::path::PathBuf;

use cafleet_domain::backend::Backend;
use serde_json::{Map, Value, json};

use super::plan::Places;

/// The rule by which opencode knows the command.
const OPENCODE_COMMAND: &str = "cafleet *";

/// What is to be granted, and in which file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Grant {
    pub(super) agent: Backend,
    pub(super) file: PathBuf,
    /// The lines to add, for people.
    pub(super) lines: Value,
}

/// Returns what the settings of an agent should grant; none where it has no settings for that.
pub(super) fn grant(places: &Places, agent: Backend) -> Option<Grant> {
    let (file, lines) = match agent {
        Backend::CLAUDE => {
            let lines = json!({"permissions": {"allow": claude_rules(places)}});
            (places.claude().join("settings.json"), lines)
        }
        Backend::OPENCODE => {
            let lines = json!({"permission": {"bash": {OPENCODE_COMMAND: "allow"}}});
            (places.opencode().join("opencode.json"), lines)
        }
        _ => return None,
    };
    Some(Grant { agent, file, lines })
}

/// The command in its bare form, and reading what the skills refer to, which is outside of every project.
fn claude_rules(places: &Places) -> [String; 2] {
    let folder = match &places.claude_config_dir {
        None => "~/.claude".to_owned(),
        // one slash would begin at the folder of the settings
        Some(folder) => format!("/{}", folder.display()),
    };
    ["Bash(cafleet *)".to_owned(), format!("Read({folder}/skills/cafleet*/**)")]
}

/// Returns the settings with what is granted added; none when they grant it already. An error is the reason in words.
pub(super) fn add(grant: &Grant, settings: &Value) -> Result<Option<Value>, String> {
    let Value::Object(settings) = settings else { return Err("it is not a JSON object".to_owned()) };
    let mut settings = settings.clone();
    let added = match grant.agent {
        Backend::CLAUDE => add_to_claude(&mut settings, &grant.lines["permissions"]["allow"])?,
        Backend::OPENCODE => add_to_opencode(&mut settings)?,
        _ => false,
    };
    Ok(added.then_some(Value::Object(settings)))
}

fn add_to_claude(settings: &mut Map<String, Value>, rules: &Value) -> Result<bool, String> {
    let permissions = settings.entry("permissions").or_insert_with(|| json!({}));
    let permissions = permissions.as_object_mut().ok_or("its 'permissions' is not an object")?;
    let allowed = permissions.entry("allow").or_insert_with(|| json!([]));
    let allowed = allowed.as_array_mut().ok_or("its 'permissions.allow' is not a list")?;
    let rules = rules.as_array().map(Vec::as_slice).unwrap_or_default();
    let missing: Vec<Value> = rules.iter().filter(|rule| !allowed.contains(rule)).cloned().collect();
    let added = !missing.is_empty();
    allowed.extend(missing);
    Ok(added)
}

/// opencode allows every command unless told otherwise; of several rules that fit, the last one counts.
fn add_to_opencode(settings: &mut Map<String, Value>) -> Result<bool, String> {
    let others = match settings.get("permission") {
        None => return Ok(false),
        Some(Value::String(all)) => all.clone(),
        Some(Value::Object(permission)) => permission.get("*").and_then(Value::as_str).unwrap_or("allow").to_owned(),
        Some(_) => return Err("its 'permission' is neither a text nor an object".to_owned()),
    };
    if let Some(Value::String(all)) = settings.get("permission") {
        let all = json!({"*": all});
        settings.insert("permission".to_owned(), all);
    }
    let permission = settings.get_mut("permission").and_then(Value::as_object_mut);
    let bash = permission.ok_or("its 'permission' is not an object")?.entry("bash").or_insert_with(|| json!(others));
    if let Value::String(all) = bash {
        if all == "allow" {
            return Ok(false);
        }
        *bash = json!({"*": all.clone()});
    }
    let bash = bash.as_object_mut().ok_or("its 'permission.bash' is neither a text nor an object")?;
    if bash.values().next_back() == Some(&json!("allow"))
        && bash.keys().next_back().is_some_and(|last| last == OPENCODE_COMMAND)
    {
        return Ok(false);
    }
    if bash.values().all(|action| action == "allow") {
        return Ok(false);
    }
    bash.shift_remove(OPENCODE_COMMAND);
    bash.insert(OPENCODE_COMMAND.to_owned(), json!("allow"));
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places(claude: Option<&str>) -> Places {
        Places {
            home: "/h".into(),
            claude_config_dir: claude.map(PathBuf::from),
            codex_home: None,
            opencode_preset: ("/h/.config/opencode/agents/cafleet.md".into(), ""),
            data: "/d".into(),
        }
    }

    fn added(agent: Backend, settings: Value) -> Result<Option<Value>, String> {
        add(&grant(&places(None), agent).expect("it has settings"), &settings)
    }

    #[test]
    fn claude_allows_the_bare_command_and_the_skills() {
        let rules = json!(["Bash(cafleet *)", "Read(~/.claude/skills/cafleet*/**)"]);
        let full = json!({"permissions": {"allow": rules}});
        assert_eq!(added(Backend::CLAUDE, json!({})), Ok(Some(full.clone())));
        assert_eq!(added(Backend::CLAUDE, full), Ok(None));
        let kept =
            json!({"model": "x", "permissions": {"deny": ["Bash(rm *)"], "allow": ["Bash(ls)", "Bash(cafleet *)"]}});
        let more = added(Backend::CLAUDE, kept).expect("an object").expect("something is missing");
        assert_eq!(more["model"], "x");
        assert_eq!(more["permissions"]["deny"], json!(["Bash(rm *)"]));
        assert_eq!(more["permissions"]["allow"], json!(["Bash(ls)", "Bash(cafleet *)", rules[1]]));
        assert!(added(Backend::CLAUDE, json!([])).is_err());
        assert!(added(Backend::CLAUDE, json!({"permissions": []})).is_err());
        assert!(added(Backend::CLAUDE, json!({"permissions": {"allow": "all"}})).is_err());
        let moved = grant(&places(Some("/c")), Backend::CLAUDE).expect("it has settings");
        assert_eq!(moved.lines["permissions"]["allow"][1], "Read(//c/skills/cafleet*/**)");
        assert_eq!(moved.file, PathBuf::from("/c/settings.json"));
    }

    #[test]
    fn opencode_is_told_only_where_it_would_ask() {
        for fine in [
            json!({}),
            json!({"permission": "allow"}),
            json!({"permission": {"edit": "ask"}}),
            json!({"permission": {"bash": "allow"}}),
            json!({"permission": {"bash": {"*": "ask", "cafleet *": "allow"}}}),
        ] {
            assert_eq!(added(Backend::OPENCODE, fine.clone()), Ok(None), "{fine}");
        }
        let wanted = json!({"*": "ask", "cafleet *": "allow"}).to_string();
        for asks in [
            json!({"permission": "ask"}),
            json!({"permission": {"*": "ask"}}),
            json!({"permission": {"bash": "ask"}}),
            json!({"permission": {"bash": {"*": "ask"}}}),
            // the last one counts
            json!({"permission": {"bash": {"cafleet *": "allow", "*": "ask"}}}),
        ] {
            let more = added(Backend::OPENCODE, asks.clone()).expect("an object").expect("something is missing");
            assert_eq!(more["permission"]["bash"].to_string(), wanted, "{asks}");
            assert_eq!(added(Backend::OPENCODE, more), Ok(None));
        }
        assert!(added(Backend::OPENCODE, json!({"permission": 3})).is_err());
        assert!(added(Backend::OPENCODE, json!({"permission": {"bash": 3}})).is_err());
    }

    #[test]
    fn codex_has_rules_of_its_own() {
        assert_eq!(grant(&places(None), Backend::CODEX), None);
    }
}
