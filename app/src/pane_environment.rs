//! What of the caller's environment programs in embedded terminals find.

use std::env;
use std::ffi::OsString;

/// Variables that are handed on: what a login has, and what agents and the programs that they run are told by.
const NAMES: [&str; 26] = [
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

/// What would tell a program of a terminal that it is not in.
const NEVER: [&str; 1] = ["CAFLEET_PANE"];

/// Reads what is handed on. A value that is not UTF-8 is not.
pub(crate) fn read() -> Vec<(String, String)> {
    let mut variables = select(env::vars_os());
    let has_locale = variables.iter().any(|(name, _)| matches!(name.as_str(), "LANG" | "LC_ALL" | "LC_CTYPE"));
    if !has_locale {
        variables.push(("LANG".to_owned(), "C.UTF-8".to_owned()));
    }
    variables
}

fn select(all: impl Iterator<Item = (OsString, OsString)>) -> Vec<(String, String)> {
    let is_handed_on = |name: &str| {
        !NEVER.contains(&name) && (NAMES.contains(&name) || PREFIXES.iter().any(|prefix| name.starts_with(prefix)))
    };
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
        assert_eq!(select(all.into_iter()), [("PATH".to_owned(), "x".to_owned())]);
    }

    #[test]
    fn settings_of_the_agents_and_ours_are_handed_on() {
        for name in ["CAFLEET_DATABASE_URL", "ANTHROPIC_API_KEY", "CODEX_HOME", "LC_ALL", "XDG_DATA_HOME"] {
            assert_eq!(select([(name.into(), "x".into())].into_iter()).len(), 1, "{name}");
        }
    }
}
