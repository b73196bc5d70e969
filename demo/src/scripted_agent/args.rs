//! What the launchers start an agent with.

use super::style::Style;

/// What an agent program was asked to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Request {
    /// Print the version and end.
    Version,
    /// Print the options and end.
    Help,
    /// Print how an agent's preset was understood and end; only opencode knows this.
    Preset(String),
    /// Run on the screen.
    Interactive(Launch),
}

/// How an agent is started.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Launch {
    /// The name by which the agent goes.
    pub(super) name: Option<String>,
    /// The model that it is to use.
    pub(super) model: Option<String>,
    /// The text of its first turn.
    pub(super) prompt: Option<String>,
}

/// Reads the arguments of the program that `style` stands in for; options that change nothing here are skipped.
pub(super) fn parse(style: Style, arguments: &[String]) -> Request {
    if let (Style::Opencode, [debug, agent, name]) = (style, arguments)
        && (debug.as_str(), agent.as_str()) == ("debug", "agent")
    {
        return Request::Preset(name.clone());
    }
    let end_of_options = arguments.iter().rposition(|argument| argument == "--");
    let (options, rest) = match end_of_options {
        Some(end) => (&arguments[..end], &arguments[end + 1..]),
        None => (arguments, &[][..]),
    };
    let given = |names: &[&str]| options.iter().any(|option| names.contains(&option.as_str()));
    if given(&["--version", "-V", "-v"]) {
        return Request::Version;
    }
    if given(&["--help", "-h"]) {
        return Request::Help;
    }
    let prompt = match style {
        Style::Opencode => value_of(arguments, "--prompt"),
        Style::Claude | Style::Codex => (!rest.is_empty()).then(|| rest.join(" ")),
    };
    Request::Interactive(Launch {
        name: value_of(options, "--name"),
        model: value_of(options, "--model"),
        prompt: prompt.filter(|prompt| !prompt.trim().is_empty()),
    })
}

/// Returns the value of an option, written as `--option value` or `--option=value`.
fn value_of(arguments: &[String], option: &str) -> Option<String> {
    arguments.iter().enumerate().find_map(|(index, argument)| {
        if argument == option {
            arguments.get(index + 1).cloned()
        } else {
            argument.strip_prefix(option)?.strip_prefix('=').map(str::to_owned)
        }
    })
}

/// Returns what `--help` prints: the options that the launchers look for before they use them.
pub(super) fn help(style: Style) -> String {
    let options: &[&str] = match style {
        Style::Claude => &["--permission-mode <MODE>", "--settings <JSON>", "--name <NAME>", "--model <MODEL>"],
        Style::Codex => &[
            "--no-daemon",
            "--ask-for-approval <POLICY>",
            "--sandbox <MODE>",
            "--add-dir <DIR>",
            "-c, --config <key=value>",
            "--model <MODEL>",
        ],
        Style::Opencode => &["--agent <AGENT>", "--model <PROVIDER/MODEL>", "--prompt <PROMPT>"],
    };
    let mut text =
        format!("A scripted agent in place of {style}\n\nUsage: {style} [OPTIONS] [-- PROMPT]\n\nOptions:\n");
    for option in options.iter().chain(&["--help", "--version"]) {
        text.push_str(&format!("      {option}\n"));
    }
    text
}

/// Returns what `opencode debug agent <name>` prints of a preset that denies what CAFleet's does.
pub(super) fn preset(name: &str) -> String {
    let deny = |permission| serde_json::json!({"permission": permission, "pattern": "*", "action": "deny"});
    let rules = [deny("external_directory"), deny("question")];
    serde_json::json!({"name": name, "mode": "primary", "permission": rules}).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn interactive(style: Style, arguments: &[&str]) -> Launch {
        let arguments: Vec<String> = arguments.iter().map(|&argument| argument.to_owned()).collect();
        match parse(style, &arguments) {
            Request::Interactive(launch) => launch,
            other => panic!("{other:?} instead of an interactive run"),
        }
    }

    #[test]
    fn reads_what_the_claude_launcher_builds() {
        let settings = r#"{"permissions":{"allow":["Bash(cafleet *)"]}}"#;
        let launch = interactive(
            Style::Claude,
            &[
                "--permission-mode",
                "dontAsk",
                "--settings",
                settings,
                "--name",
                "Ada",
                "--model",
                "m",
                "--",
                "-x --help",
            ],
        );
        assert_eq!(launch.name.as_deref(), Some("Ada"));
        assert_eq!(launch.model.as_deref(), Some("m"));
        assert_eq!(launch.prompt.as_deref(), Some("-x --help"), "a prompt is never an option");
    }

    #[test]
    fn reads_what_the_codex_launcher_builds() {
        let launch = interactive(
            Style::Codex,
            &["--no-daemon", "--ask-for-approval", "never", "--add-dir", "/data", "-c", "a.b=true", "--", "two\nlines"],
        );
        assert_eq!(launch, Launch { prompt: Some("two\nlines".to_owned()), ..Launch::default() });
    }

    #[test]
    fn reads_what_the_opencode_launcher_builds() {
        let launch = interactive(Style::Opencode, &["--agent", "cafleet", "--model", "p/m", "--prompt=-a=b"]);
        assert_eq!(launch, Launch { name: None, model: Some("p/m".to_owned()), prompt: Some("-a=b".to_owned()) });
    }

    #[test]
    fn starts_without_a_prompt() {
        for style in Style::ALL {
            assert_eq!(interactive(style, &[]), Launch::default());
            assert_eq!(interactive(style, &["--"]), Launch::default());
        }
    }

    #[test]
    fn answers_questions_about_the_program_without_a_screen() {
        assert_eq!(parse(Style::Codex, &["--version".to_owned()]), Request::Version);
        assert_eq!(parse(Style::Codex, &["--help".to_owned()]), Request::Help);
        assert!(help(Style::Codex).contains("--no-daemon"));
    }
}
