//! From the process's arguments to matches, and from clap's errors to one line.

use std::ffi::OsString;

use cafleet_domain::fleet::FleetRef;
use cafleet_domain::placement::MultiplexerKind;
use clap::error::ErrorKind;
use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};

use crate::error::CommandError;
use crate::exit_code::ExitStatus;
use crate::printer::Printer;

/// Returns the command line as clap knows it.
#[must_use]
pub fn command() -> Command {
    let command = Command::new("cafleet")
        .version(env!("CARGO_PKG_VERSION"))
        .about("Message broker and agent registry for coding agents in terminal panes")
        .subcommand_required(true)
        .arg_required_else_help(true)
        .arg(
            Arg::new("json")
                .long("json")
                .global(true)
                .action(ArgAction::SetTrue)
                .overrides_with("json")
                .help("Print one line of JSON instead of text"),
        )
        .arg(
            Arg::new("fleet-id")
                .long("fleet-id")
                .value_name("INT")
                .global(true)
                .allow_negative_numbers(true)
                .value_parser(value_parser!(FleetRef))
                .help("Fleet id, with or without its key, such as 7 or 7-3fa9c2"),
        )
        .arg(
            Arg::new("multiplexer")
                .long("multiplexer")
                .value_name("NAME")
                .global(true)
                .value_parser(["tmux", "pty"])
                .help("Multiplexer for a new Director's pane; overrides CAFLEET_MULTIPLEXER (default: tmux inside tmux, pty elsewhere)"),
        )
        .arg(
            Arg::new("verbose")
                .long("verbose")
                .short('v')
                .action(ArgAction::Count)
                // before the subcommand only: an option of all subcommands adds a twentieth to the instructions of each command
                .help("Log internal events to stderr, -vv for more detail; before the subcommand (see CAFLEET_LOG)"),
        );
    super::add_groups(command)
}

/// The options that every command takes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Global {
    pub(super) json: bool,
    pub(super) fleet: Option<FleetRef>,
    pub(super) multiplexer: Option<MultiplexerKind>,
    pub(super) verbose: u8,
}

impl Global {
    /// Reads them where they were given: before the subcommand or after it.
    pub(super) fn of(matches: &ArgMatches) -> Self {
        let mut global = Self { json: false, fleet: None, multiplexer: None, verbose: matches.get_count("verbose") };
        let mut level = Some(matches);
        while let Some(matches) = level {
            global.json |= matches.get_flag("json");
            global.fleet = matches.get_one("fleet-id").copied().or(global.fleet);
            let multiplexer = matches.get_one::<String>("multiplexer").and_then(|name| name.parse().ok());
            global.multiplexer = multiplexer.or(global.multiplexer);
            level = matches.subcommand().map(|(_, matches)| matches);
        }
        global
    }
}

/// Parses the process's arguments; prints help, version and errors itself.
pub(super) fn parse(arguments: impl IntoIterator<Item = OsString>) -> Result<ArgMatches, ExitStatus> {
    let arguments: Vec<OsString> = arguments.into_iter().collect();
    let json = arguments.iter().take_while(|argument| *argument != "--").any(|argument| argument == "--json");
    let printer = Printer::new(json);
    // Never freed: the process ends soon, and taking the tree apart takes a quarter of the time that parsing takes.
    let command = Box::leak(Box::new(command()));
    let matches = command.try_get_matches_from_mut(&arguments).map_err(|error| refuse(&error, printer))?;
    match (fleet_before_subcommand(&arguments), Global::of(&matches).fleet) {
        (Some(first), Some(last)) if first != last => {
            let error = format!("--fleet-id was given as {first} and as {last}; give it once");
            Err(printer.error(&CommandError::usage(error)))
        }
        _ => Ok(matches),
    }
}

/// Prints what clap answers in place of matches: help, the version, or an error.
fn refuse(error: &clap::Error, printer: Printer) -> ExitStatus {
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => {
            let text = Printer::new(false).text(&error.render().to_string());
            text.map_or_else(|error| printer.error(&error), |()| ExitStatus::Success)
        }
        ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            printer.note(&error.render().to_string());
            ExitStatus::Usage
        }
        _ => printer.error(&CommandError::usage(one_line(error))),
    }
}

/// Returns the fleet that was named before the subcommand. A permission rule such as `cafleet --fleet-id 1 *` admits
/// whatever follows, so a later option must not lead to another fleet; clap lets the last one win.
fn fleet_before_subcommand(arguments: &[OsString]) -> Option<FleetRef> {
    let mut words = arguments.iter().skip(1).map(|word| word.to_str());
    loop {
        match words.next()?? {
            "--json" | "--verbose" => {}
            word if word.len() > 1
                && word.strip_prefix('-').is_some_and(|flags| flags.bytes().all(|flag| flag == b'v')) => {}
            "--fleet-id" => return words.next()??.parse().ok(),
            word => return word.strip_prefix("--fleet-id=")?.parse().ok(),
        }
    }
}

/// Puts what clap has to say on one line: the error, then its tips.
pub(super) fn one_line(error: &clap::Error) -> String {
    let rendered = error.render().to_string();
    let paragraphs = rendered.split("\n\n").map(|paragraph| {
        // the list of subcommands names the internal ones too
        let lines =
            paragraph.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with("[subcommands:"));
        lines.collect::<Vec<_>>().join(" ")
    });
    let told = paragraphs.filter(|paragraph| !paragraph.starts_with("Usage:") && !paragraph.starts_with("For more"));
    let told: Vec<String> = told.map(|paragraph| paragraph.replace("tip: ", "")).collect();
    let joined = told.join("; ");
    joined.strip_prefix("error: ").unwrap_or(&joined).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(arguments: &[&str]) -> String {
        let arguments = std::iter::once("cafleet").chain(arguments.iter().copied());
        one_line(&command().try_get_matches_from(arguments).unwrap_err())
    }

    #[test]
    fn the_command_line_is_consistent() {
        let mut command = command();
        command.build();
        command.debug_assert();
    }

    #[test]
    fn errors_fit_on_one_line_and_keep_their_tips() {
        assert_eq!(
            message(&["fleet", "show", "0"]),
            "invalid value '0' for '<FLEET_ID>': must be an integer between 1 and 9223372036854775807"
        );
        assert_eq!(
            message(&["message", "poll", "--fleet-id", "1"]),
            "the following required arguments were not provided: --agent-id <INT>"
        );
        assert!(message(&["messages"]).starts_with("unrecognized subcommand 'messages'; a similar subcommand exists"));
    }

    #[test]
    fn global_options_are_taken_before_and_after_the_subcommand() {
        for arguments in [
            ["cafleet", "--json", "--fleet-id", "7", "agent", "list"],
            ["cafleet", "agent", "list", "--json", "--fleet-id", "7"],
            ["cafleet", "agent", "--fleet-id", "7", "list", "--json"],
        ] {
            let global = Global::of(&command().try_get_matches_from(arguments).expect("a valid line"));
            assert!(global.json);
            assert_eq!(global.fleet.map(|fleet| fleet.id.get()), Some(7));
        }
    }
}
