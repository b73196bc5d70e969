//! The preset that opencode runs members with.
//!
//! opencode starts with another agent, one that may do anything, when the one it was told is missing, and passes over
//! a preset that it cannot read. So the preset is put in place before the first spawn, and opencode itself says how it
//! reads it.

use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use cafleet_domain::ports::{Preset, PresetState};
use serde_json::Value;

use super::{LauncherOptions, probe};

/// The name by which opencode knows the preset.
pub(crate) const AGENT: &str = "cafleet";

/// The preset: no other folder, no question, and of commands only those of a member. A `?` stands for one character and
/// `*` for any number of them, so each length of a fleet's number has lines of its own.
/// Of several patterns that fit a command, the last one wins.
const CONTENT: &str = include_str!("cafleet.md");

/// How long opencode may take to say how it reads the preset. It was seen to take 1.7 s, and more than 5 s where it was
/// started for the first time on a busy machine; a spawn that fails for that helps nobody.
const VALIDATION_LIMIT: Duration = Duration::from_secs(30);

/// Returns where opencode looks for the preset.
fn file(options: &LauncherOptions) -> PathBuf {
    let directory = options.opencode_config_dir.clone().unwrap_or_else(|| {
        options.config_home.clone().unwrap_or_else(|| options.home.join(".config")).join("opencode")
    });
    directory.join("agents").join(format!("{AGENT}.md"))
}

/// Returns the preset as it stands.
pub(crate) fn find(options: &LauncherOptions) -> Preset {
    let file = file(options);
    Preset { state: state(&file), file, content: CONTENT }
}

/// Tells how the file stands. One that cannot be read counts as changed: it is not ours to replace.
fn state(file: &Path) -> PresetState {
    match fs::read(file) {
        Ok(content) if content == CONTENT.as_bytes() => PresetState::Current,
        // a file where a folder should be is for the writing to complain about
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => PresetState::Missing,
        Ok(_) | Err(_) => PresetState::Changed,
    }
}

/// Writes the preset when there is none, and has opencode say whether it understands it. One that a person changed is
/// kept, but opencode must understand it too. An error is the reason in words.
pub(crate) async fn ensure(program: &Path, options: &LauncherOptions) -> Result<(), String> {
    let file = file(options);
    match state(&file) {
        PresetState::Current => Ok(()),
        PresetState::Changed => validate(program, options, &[])
            .await
            .map_err(|reason| format!("{} is not a usable preset: {reason}", file.display())),
        PresetState::Missing => {
            write(&file).map_err(|error| format!("cannot write {}: {error}", file.display()))?;
            let valid = validate(program, options, &["external_directory", "question"]).await;
            valid.map_err(|reason| {
                // without this the next spawn would trust it; a failure to remove it shows there again
                let _ = fs::remove_file(&file);
                format!("opencode does not accept the preset {}: {reason}", file.display())
            })
        }
    }
}

/// Writes a new file; one that appeared in the meantime stays as it is.
fn write(file: &Path) -> std::io::Result<()> {
    if let Some(directory) = file.parent() {
        fs::create_dir_all(directory)?;
    }
    match OpenOptions::new().write(true).create_new(true).open(file) {
        Ok(mut new) => new.write_all(CONTENT.as_bytes()),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(error),
    }
}

/// Asks opencode for the agent as it understood it. A preset with a broken head is shown with the mode `all` and without
/// its permissions (seen on 1.18.33), a wrong permission is an error of the program.
async fn validate(program: &Path, options: &LauncherOptions, denied: &[&str]) -> Result<(), String> {
    let answer = probe::ask(program, &["debug", "agent", AGENT], options, VALIDATION_LIMIT).await?;
    if !answer.success {
        let complaint = answer.complaint.split_whitespace().collect::<Vec<_>>().join(" ");
        return Err(without_colours(&complaint));
    }
    let agent: Value = serde_json::from_str(&answer.text).map_err(|_| "its answer is not JSON".to_owned())?;
    if agent["name"] != AGENT || agent["mode"] != "primary" {
        return Err("it is not read as a primary agent; is its head valid YAML?".to_owned());
    }
    match denied.iter().find(|permission| !denies(&agent, permission)) {
        Some(permission) => Err(format!("{permission} is not denied")),
        None => Ok(()),
    }
}

/// Tells whether the last rule for everything under `permission` is to deny it.
fn denies(agent: &Value, permission: &str) -> bool {
    let rules = agent["permission"].as_array().map(Vec::as_slice).unwrap_or_default();
    let last = rules
        .iter()
        .rfind(|rule| rule["pattern"] == "*" && (rule["permission"] == permission || rule["permission"] == "*"));
    last.is_some_and(|rule| rule["action"] == "deny")
}

/// Removes SGR sequences, which opencode prints even into a pipe.
fn without_colours(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('\u{1b}') {
        plain.push_str(before);
        rest = after.split_once('m').map_or("", |(_, rest)| rest);
    }
    plain + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_are_removed_from_a_complaint() {
        assert_eq!(without_colours("\u{1b}[91m\u{1b}[1mError: \u{1b}[0mbad\u{1b}["), "Error: bad");
    }

    #[test]
    fn the_last_rule_counts() {
        let agent = |actions: &[(&str, &str)]| {
            let rules: Vec<_> = actions
                .iter()
                .map(|(permission, action)| serde_json::json!({"permission": permission, "pattern": "*", "action": action}))
                .collect();
            serde_json::json!({ "permission": rules })
        };
        assert!(denies(&agent(&[("question", "allow"), ("question", "deny")]), "question"));
        assert!(!denies(&agent(&[("question", "deny"), ("*", "allow")]), "question"));
        assert!(!denies(&agent(&[("external_directory", "deny")]), "question"));
        assert!(!denies(&Value::Null, "question"));
    }

    #[test]
    fn the_folder_follows_the_settings() {
        let home = LauncherOptions { home: "/h".into(), ..LauncherOptions::default() };
        assert_eq!(file(&home), Path::new("/h/.config/opencode/agents/cafleet.md"));
        let config = LauncherOptions { config_home: Some("/c".into()), ..home };
        assert_eq!(file(&config), Path::new("/c/opencode/agents/cafleet.md"));
        let own = LauncherOptions { opencode_config_dir: Some("/o".into()), ..config };
        assert_eq!(file(&own), Path::new("/o/agents/cafleet.md"));
    }
}
