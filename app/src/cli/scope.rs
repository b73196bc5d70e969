//! What `--fleet-id` means to each command: an option that could narrow what a command destroys is never ignored.

use cafleet_domain::fleet::FleetRef;
use clap::ArgMatches;

use crate::error::CommandError;

/// What a command does with `--fleet-id`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Scope {
    /// It works on that fleet and no other.
    Obeyed,
    /// It works on the fleet that it names itself, which must be the same.
    SameAs(FleetRef),
    /// It destroys nothing, and a fleet means nothing to it.
    Meaningless,
    /// It works on more than a fleet, and cannot be narrowed.
    Refused,
}

/// Refuses `--fleet-id` where the command would do more than it says.
///
/// # Errors
/// A usage error that names the command.
pub(super) fn check(matches: &ArgMatches, fleet: Option<FleetRef>) -> Result<(), CommandError> {
    let Some(fleet) = fleet else { return Ok(()) };
    let (words, leaf) = leaf(matches);
    match scope(&words, leaf) {
        Scope::Obeyed | Scope::Meaningless => Ok(()),
        Scope::SameAs(named) if named.id == fleet.id => Ok(()),
        Scope::SameAs(named) => Err(CommandError::usage(format!(
            "'cafleet {}' was given fleet {named} and --fleet-id {fleet}; give one of them",
            words.join(" ")
        ))),
        Scope::Refused => Err(CommandError::usage(format!(
            "'cafleet {}' does not work on one fleet alone; leave --fleet-id out",
            words.join(" ")
        ))),
    }
}

/// Returns the words of the command and what was given to it.
fn leaf(matches: &ArgMatches) -> (Vec<&str>, &ArgMatches) {
    let (mut words, mut leaf) = (Vec::new(), matches);
    while let Some((word, next)) = leaf.subcommand() {
        words.push(word);
        leaf = next;
    }
    (words, leaf)
}

/// A command that nobody has thought of here is refused.
fn scope(words: &[&str], leaf: &ArgMatches) -> Scope {
    match words {
        ["agent" | "message" | "member" | "monitor" | "pane", _] | ["attach"] | ["db", "purge"] => Scope::Obeyed,
        ["fleet", "create" | "list" | "show"]
        | ["db", "init" | "check" | "backup"]
        | ["panes" | "server" | "doctor" | "demo" | "completions" | "man"]
        | ["daemon", "status"] => Scope::Meaningless,
        ["setup"] if !leaf.get_flag("remove") => Scope::Meaningless,
        ["fleet", _] => match leaf.try_get_one::<FleetRef>("id") {
            Ok(Some(named)) => Scope::SameAs(*named),
            _ => Scope::Obeyed,
        },
        _ => Scope::Refused,
    }
}

#[cfg(test)]
mod tests {
    use clap::Command;

    use super::*;

    /// What each command does with `--fleet-id`, by its words and what it needs beside.
    const TABLE: &[(&str, &str)] = &[
        ("obeyed", "agent register --name x --description y"),
        ("obeyed", "agent list"),
        ("obeyed", "agent show --agent-id 1 --id 1"),
        ("obeyed", "agent deregister --agent-id 1"),
        ("obeyed", "message send --agent-id 1 --to 1 --text x"),
        ("obeyed", "message broadcast --agent-id 1 --text x"),
        ("obeyed", "message poll --agent-id 1"),
        ("obeyed", "message ack --agent-id 1 --task-id 1"),
        ("obeyed", "message cancel --agent-id 1 --task-id 1"),
        ("obeyed", "message show --agent-id 1 --task-id 1"),
        ("obeyed", "monitor start"),
        ("obeyed", "monitor status"),
        ("obeyed", "monitor config --agent-id 1"),
        ("obeyed", "member create --agent-id 1 --name x --description y"),
        ("obeyed", "member list"),
        ("obeyed", "member delete --member-id 1"),
        ("obeyed", "member restart --member-id 1"),
        ("obeyed", "member capture --member-id 1"),
        ("obeyed", "member explain --member-id 1"),
        ("obeyed", "member send-input --member-id 1 --choice 1"),
        ("obeyed", "member exec --member-id 1 true"),
        ("obeyed", "member ping --member-id 1"),
        ("obeyed", "attach --member-id 1"),
        ("obeyed", "pane list"),
        ("obeyed", "pane attach %3"),
        ("obeyed", "db purge --older-than 1d"),
        ("obeyed", "pane close %3"),
        ("obeyed", "fleet move"),
        ("same", "fleet delete 7"),
        ("other", "fleet delete 8"),
        ("meaningless", "fleet create"),
        ("meaningless", "fleet list"),
        ("meaningless", "fleet show 8"),
        ("meaningless", "db init"),
        ("meaningless", "db check"),
        ("meaningless", "db backup x"),
        ("meaningless", "doctor"),
        ("meaningless", "setup"),
        ("meaningless", "panes"),
        ("meaningless", "server"),
        ("meaningless", "demo"),
        ("meaningless", "completions bash"),
        ("meaningless", "man x"),
        ("meaningless", "daemon status"),
        ("refused", "db restore x"),
        ("refused", "setup --remove"),
        ("refused", "daemon stop"),
        ("refused", "daemon upgrade"),
    ];

    fn judged(line: &str) -> Result<(), CommandError> {
        let words = ["cafleet", "--fleet-id", "7"].into_iter().chain(line.split(' '));
        let matches = crate::cli::command().try_get_matches_from(words).expect(line);
        check(&matches, "7".parse().ok())
    }

    #[test]
    fn every_command_obeys_the_option_or_refuses_it_where_it_could_destroy() {
        for (outcome, line) in TABLE {
            match *outcome {
                "other" => assert!(judged(line).expect_err(line).message.contains("was given fleet 8"), "{line}"),
                "refused" => assert!(judged(line).expect_err(line).message.contains("leave --fleet-id out"), "{line}"),
                _ => assert_eq!(judged(line), Ok(()), "{line}"),
            }
        }
    }

    #[test]
    fn every_command_is_in_the_table() {
        fn leaves(command: &Command, words: &str, found: &mut Vec<String>) {
            let below = command.get_subcommands().filter(|below| !below.is_hide_set() && below.get_name() != "help");
            let below: Vec<&Command> = below.collect();
            if below.is_empty() {
                found.push(words.trim().to_owned());
            }
            for next in below {
                leaves(next, &format!("{words} {}", next.get_name()), found);
            }
        }
        let mut found = Vec::new();
        let mut command = crate::cli::command();
        command.build();
        leaves(&command, "", &mut found);
        let is_judged = |leaf: &String| TABLE.iter().any(|(_, line)| line.starts_with(leaf.as_str()));
        let missing: Vec<&String> = found.iter().filter(|leaf| !is_judged(leaf)).collect();
        assert!(missing.is_empty() && found.len() > 30, "{missing:?} of {found:?}");
    }

    #[test]
    fn a_command_that_nobody_has_thought_of_is_refused() {
        let matches = Command::new("cafleet").subcommand(Command::new("raze")).get_matches_from(["cafleet", "raze"]);
        assert!(check(&matches, "7".parse().ok()).is_err());
        assert_eq!(check(&matches, None), Ok(()));
    }
}
