//! What of the caller's environment programs in embedded terminals find.

use std::env;
use std::ffi::OsString;

/// Variables that are handed on: what a login has, and what agents and the programs that they run are told by.
const NAMES: [&str; 30] = [
    "PATH",
    "HOME",
    "USER",
    "LOGNAME",
    "SHELL",
    "LANG",
    "LANGUAGE",
    "TZ",
    "TMPDIR",
    "EDITOR",
    "VISUAL",
    "PAGER",
    "SSH_AUTH_SOCK",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "NODE_EXTRA_CA_CERTS",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "ALL_PROXY",
    "NO_PROXY",
    "http_proxy",
    "https_proxy",
    "all_proxy",
    "no_proxy",
    "GH_TOKEN",
    "GITHUB_TOKEN",
    // others that begin like these tell a claude that it runs inside of another one
    "CLAUDE_CODE_OAUTH_TOKEN",
    "CLAUDE_CODE_USE_BEDROCK",
    "CLAUDE_CODE_USE_FOUNDRY",
    "CLAUDE_CODE_USE_VERTEX",
];

/// How the names of further ones begin: locale, directories, our settings, and those of the agents and their providers.
const PREFIXES: [&str; 13] = [
    "LC_",
    "XDG_",
    "CAFLEET_",
    "ANTHROPIC_",
    "CLAUDE_CONFIG_",
    "OPENAI_",
    "CODEX_",
    "OPENCODE_",
    "AWS_",
    "AZURE_",
    "GOOGLE_",
    "GEMINI_",
    "OPENROUTER_",
];

/// What would tell a program of a terminal or an agent that it is not in.
const NEVER: [&str; 8] = ["CAFLEET_PANE", "TMUX", "TMUX_PANE", "STY", "TERM", "COLUMNS", "LINES", "CLAUDECODE"];

/// Reads what is handed on, with the variables that the user has named. A value that is not UTF-8 is not.
pub(crate) fn read(named: &[String]) -> Vec<(String, String)> {
    let mut variables = select(env::vars_os(), named);
    let has_locale = variables.iter().any(|(name, _)| matches!(name.as_str(), "LANG" | "LC_ALL" | "LC_CTYPE"));
    if !has_locale {
        variables.push(("LANG".to_owned(), "C.UTF-8".to_owned()));
    }
    variables
}

fn select(all: impl Iterator<Item = (OsString, OsString)>, named: &[String]) -> Vec<(String, String)> {
    let is_chosen = |name: &str| {
        NAMES.contains(&name)
            || PREFIXES.iter().any(|prefix| name.starts_with(prefix))
            || named.iter().any(|chosen| chosen == name)
    };
    let is_handed_on = |name: &str| is_chosen(name) && !NEVER.contains(&name);
    let known = all.filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)));
    known.filter(|(name, _)| is_handed_on(name)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_is_not_told_of_the_terminal_that_its_caller_is_in() {
        let all =
            ["TMUX", "TMUX_PANE", "STY", "COLUMNS", "LINES", "CLAUDECODE", "TERM", "CAFLEET_PANE", "SECRET", "PATH"];
        let all = all.map(|name| (OsString::from(name), OsString::from("x")));
        let named = [];
        assert_eq!(select(all.clone().into_iter(), &named), [("PATH".to_owned(), "x".to_owned())]);
        // not even when the user says so
        let named = all.clone().map(|(name, _)| name.into_string().expect("UTF-8"));
        let names = select(all.into_iter(), &named).into_iter().map(|(name, _)| name);
        assert_eq!(names.collect::<Vec<_>>(), ["SECRET", "PATH"]);
    }

    #[test]
    fn settings_of_the_agents_and_ours_are_handed_on() {
        for name in ["CAFLEET_DATABASE_URL", "ANTHROPIC_API_KEY", "CODEX_HOME", "LC_ALL", "XDG_DATA_HOME"] {
            assert_eq!(select([(name.into(), "x".into())].into_iter(), &[]).len(), 1, "{name}");
        }
    }
}
