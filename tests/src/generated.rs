//! The documents that are made from the code: `cargo run -p cafleet-tests --bin generate-docs` writes them, and the suite
//! `generated` compares them with what is committed.

mod widths;

use std::collections::BTreeMap;
use std::fmt::Write;

use cafleet::env_vars::{self, EnvVar};
use cafleet::exit_code::ExitStatus;
use cafleet_domain::program::Programs;
use cafleet_domain::screen::Patterns;
use clap::{Arg, Command};

/// The command that writes all documents again.
pub const REGENERATE: &str = "cargo run -p cafleet-tests --bin generate-docs";

/// A generated file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// Its path from the root of the workspace.
    pub path: &'static str,
    /// What must be in it.
    pub text: String,
}

/// Makes every document.
#[must_use]
pub fn documents() -> Vec<Document> {
    vec![
        Document { path: "docs/src/reference/cli.md", text: command_line(cafleet::cli::command()) },
        Document { path: "docs/src/reference/environment.md", text: environment(&env_vars::ALL) },
        Document { path: "docs/src/reference/exit-codes.md", text: exit_codes(&ExitStatus::ALL) },
        Document { path: "docs/src/reference/screen-patterns.md", text: screen_patterns(&Programs::built_in()) },
        Document { path: "app/webui/src/terminal/widths.ts", text: widths::page() },
        Document { path: "openapi/openapi.json", text: cafleet::http::openapi_document() },
    ]
}

/// Says where a committed text differs from the generated one; none when both are the same byte for byte.
#[must_use]
pub fn difference(committed: &[u8], generated: &[u8]) -> Option<String> {
    if committed == generated {
        return None;
    }
    let same = committed.iter().zip(generated).take_while(|(left, right)| left == right).count();
    let line = generated[..same].iter().filter(|byte| **byte == b'\n').count() + 1;
    Some(format!("differs from the code at byte {same}, line {line}; run `{REGENERATE}`"))
}

fn heading(title: &str, source: &str) -> String {
    format!("<!-- Generated from {source} by `{REGENERATE}`; changes made by hand are lost. -->\n\n# {title}\n\n")
}

fn environment(variables: &[EnvVar]) -> String {
    let mut page = heading("Environment variables", "app/src/env_vars.rs");
    page.push_str("An empty variable counts as unset.\n\n");
    for EnvVar { name, default, meaning } in variables {
        push(&mut page, format_args!("## `{name}`\n\n{meaning}\n\nDefault: {default}.\n\n"));
    }
    page.push_str(
        "## What other programs define\n\n\
         `TMUX` and `TMUX_PANE` say in which pane a command runs; `CAFLEET_PANE` does the same in the embedded terminals, which set it. `HOME`, `XDG_DATA_HOME`, `XDG_CONFIG_HOME` and `XDG_STATE_HOME` locate data, \
         configuration and logs. The coding agents are searched in `PATH`. `CLAUDE_CONFIG_DIR`, \
         `CODEX_HOME` and `OPENCODE_CONFIG_DIR` locate the configuration of claude, codex and opencode. The identity of the agent that runs a command is never read from \
         the environment: only `--fleet-id`, `--agent-id` and `--member-id` give it.\n",
    );
    page
}

fn exit_codes(all: &[(ExitStatus, &str)]) -> String {
    let mut page = heading("Exit codes", "app/src/exit_code.rs");
    page.push_str("| Code | Meaning |\n|---|---|\n");
    for (status, meaning) in all {
        push(&mut page, format_args!("| {} | {meaning} |\n", *status as u8));
    }
    page
}

fn screen_patterns(programs: &Programs) -> String {
    let mut page = heading("Screen patterns", "domain/src/program");
    page.push_str(
        "CAFleet classifies an agent's screen by these patterns. When a new version of an agent looks different, its state is \
         `unknown` and notifications are held. Write the changed patterns to `$XDG_CONFIG_HOME/cafleet/screens.toml` \
         (`~/.config/cafleet/screens.toml`), in the format below. Each of `frame`, `spoken`, `footer`, `placeholder`, `working`, `ended`, `silent` and `asking` of an agent in \
         that file replaces the built-in one as a whole; keys that are left out keep their built-in values. `cafleet doctor` shows \
         which patterns are in use, and `cafleet member explain` shows which of them matched on which rows. A file that cannot be used \
         is ignored, and every command that reads screens warns of it.\n\n\
         - `frame` is what encloses the composer: `rules` (a rule above and below), `prompt` (a prompt, and `status` rows at most \
           below a blank row), or `bar` (a bar at the left, a foot below). `modes` are prompts under which a text is a command. \
           `scrolled` says that the beginning of a draft is out of view.\n\
         - `spoken` is the composer of a program in screen reader mode, which draws no frame: a `prompt` in the \
           last row, a row above it that begins with one of `modes`, and none between the two that begins with one of `entries`. \
           None of `fields` appears near them, and `working` appears there while a turn runs.\n\
         - `footer` is what the program writes below its composer and nowhere else: a row that begins with `begins` and `holds` a text \
           from there on, of one of `known`; or a row with one of `alone` and nothing else. None of `foreign` appears there.\n\
         - `placeholder` is `\"dim\"`, or a table with the `words` that it begins with.\n\
         - A sign of `working` appears at its `place`: `\"title\"`, `\"below\"` the composer, or within a number of rows `above` it. It \
           begins with one of the characters `begins` (with any when that is empty) and `holds` a text.\n\
         - A row of `ended`, above the composer, proves that no turn runs: it `begins` so, `holds` a text from there on, is divided by \
           `·` into at least so many `parts`, and is `dim` or not. `silent` says that a turn can run without any sign; then an agent counts as \
           at rest only once its screen has not changed for longer.\n\
         - A dialog of `asking` has a `row` with the given beginning `among` the last rows, and further down the row `then`.\n\n\
         The built-in patterns are:\n\n```toml\n",
    );
    // a table of texts and numbers has a form in TOML
    let table: BTreeMap<&str, &Patterns> =
        programs.iter().map(|program| (program.backend.as_str(), &program.patterns)).collect();
    page.push_str(&toml::to_string(&table).unwrap_or_default());
    page.push_str("```\n");
    page
}

fn command_line(mut command: Command) -> String {
    command.build();
    let mut page = heading("Command line", "the command line parser in app/src/cli");
    let about = command.get_about().map(ToString::to_string).unwrap_or_default();
    push(&mut page, format_args!("{about}.\n\n## Options of every command\n\n"));
    push(
        &mut page,
        format_args!(
            "They may be given before or after the command. The commands of `agent`, `message`, `member` and `monitor` need `--fleet-id`.\n\n{}",
            options(&command, true)
        ),
    );
    page.push_str("- `-h`, `--help`: Print help; so does the command `help`.\n- `-V`, `--version`: Print the version; only without a command.\n\n");
    for group in command.get_subcommands_mut() {
        describe(&mut page, group, "cafleet", "##");
    }
    page.truncate(page.trim_end().len());
    page.push('\n');
    page
}

/// Adds a section for a command, and for each command of a group.
fn describe(page: &mut String, command: &mut Command, parent: &str, level: &str) {
    if command.is_hide_set() || command.get_name() == "help" {
        return;
    }
    let name = format!("{parent} {}", command.get_name());
    push(page, format_args!("{level} `{name}`\n\n{}\n\n", sentences(command)));
    if command.has_subcommands() {
        for verb in command.get_subcommands_mut() {
            describe(page, verb, &name, "###");
        }
        return;
    }
    let usage = command.render_usage().to_string();
    push(page, format_args!("`{}`\n\n", usage.trim_start_matches("Usage: ").trim()));
    let options = options(command, false);
    if !options.is_empty() {
        push(page, format_args!("{options}\n"));
    }
}

/// Returns what a command does, in paragraphs that end with a full stop.
fn sentences(command: &Command) -> String {
    let about = command.get_long_about().or(command.get_about()).map(ToString::to_string).unwrap_or_default();
    let paragraphs = about.split("\n\n").map(|paragraph| match paragraph.trim() {
        done if done.ends_with(['.', ':']) => done.to_owned(),
        open => format!("{open}."),
    });
    paragraphs.collect::<Vec<_>>().join("\n\n")
}

/// Lists the arguments of a command: the global ones or the others.
fn options(command: &Command, global: bool) -> String {
    let shown = command.get_arguments().filter(|arg| {
        let is_built_in = ["help", "version"].iter().any(|id| arg.get_id() == id);
        arg.is_global_set() == global && !arg.is_hide_set() && !is_built_in
    });
    shown.map(|arg| option(command, arg)).collect()
}

fn option(command: &Command, arg: &Arg) -> String {
    let mut names: Vec<String> =
        arg.get_short_and_visible_aliases().unwrap_or_default().into_iter().map(|c| format!("-{c}")).collect();
    names.extend(arg.get_long_and_visible_aliases().unwrap_or_default().into_iter().map(|name| format!("--{name}")));
    let values: Vec<String> =
        arg.get_value_names().unwrap_or_default().iter().map(|name| format!("<{name}>")).collect();
    let values = if arg.get_action().takes_values() { values.join(" ") } else { String::new() };
    let spelled = match names.is_empty() {
        true => format!("`{values}`"),
        false => {
            names.iter().map(|name| format!("`{}`", format!("{name} {values}").trim())).collect::<Vec<_>>().join(", ")
        }
    };
    let help = arg.get_long_help().or(arg.get_help()).map(ToString::to_string).unwrap_or_default();
    format!("- {spelled}: {}\n", [vec![finished(&help)], remarks(command, arg)].concat().join(" "))
}

/// Returns what holds for an argument beside its help.
fn remarks(command: &Command, arg: &Arg) -> Vec<String> {
    let mut remarks = Vec::new();
    if arg.is_required_set() {
        remarks.push("Required.".to_owned());
    }
    if arg.get_action().takes_values() {
        let possible: Vec<String> = arg
            .get_possible_values()
            .iter()
            .filter(|value| !value.is_hide_set())
            .map(|value| format!("`{}`", value.get_name()))
            .collect();
        if !possible.is_empty() {
            remarks.push(format!("One of {}.", possible.join(", ")));
        }
        let defaults: Vec<String> =
            arg.get_default_values().iter().map(|value| format!("`{}`", value.to_string_lossy())).collect();
        if !defaults.is_empty() {
            remarks.push(format!("Default: {}.", defaults.join(" ")));
        }
    }
    for other in command.get_arg_conflicts_with(arg) {
        remarks.extend(other.get_long().map(|name| format!("Excludes `--{name}`.")));
    }
    remarks
}

fn finished(help: &str) -> String {
    let help = help.trim();
    if help.ends_with('.') { help.to_owned() } else { format!("{help}.") }
}

fn push(page: &mut String, text: std::fmt::Arguments<'_>) {
    // writing to a string cannot fail
    let _ = page.write_fmt(text);
}
