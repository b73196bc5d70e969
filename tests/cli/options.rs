//! What holds for every command: global options, help, version, and command lines that make no sense.

use cafleet_tests::environment::Environment;

use crate::support::{FLEET_ID_MISSING, NOT_AN_ID};

#[test]
fn the_version_needs_no_home_and_makes_no_database() {
    let mut environment = Environment::new();
    for name in ["HOME", "PATH", "XDG_DATA_HOME"] {
        environment.unset(name);
    }
    for option in ["--version", "-V"] {
        assert_eq!(environment.ok(&[option]), format!("cafleet {}\n", env!("CARGO_PKG_VERSION")));
    }
    assert!(!environment.database().exists());
}

#[test]
fn help_goes_to_standard_output_and_the_lack_of_a_command_to_standard_error() {
    let environment = Environment::new();
    let help = environment.ok(&["--help"]);
    for group in ["db", "fleet", "agent", "message", "member", "doctor", "completions", "man"] {
        assert!(help.contains(&format!("\n  {group} ")), "{group}: {help}");
    }
    assert!(!help.contains("exec-file") && !help.contains("demo-agent"), "{help}");
    assert_eq!(environment.ok(&["-h"]), help);
    assert_eq!(environment.ok(&["help"]), help);
    assert_eq!(environment.ok(&["help", "message", "send"]), environment.ok(&["message", "send", "--help"]));
    for nothing in [&[][..], &["message"], &["db"]] {
        let outcome = environment.run(nothing);
        assert_eq!((outcome.status, outcome.stdout.as_str()), (2, ""), "{nothing:?}");
        assert!(
            outcome.stderr.contains("Usage: cafleet")
                && outcome.stderr.ends_with("Print version\n") | !nothing.is_empty(),
            "{}",
            outcome.stderr
        );
    }
    let error = environment.run(&["--json"]);
    assert!(error.status == 2 && error.stderr.contains("requires a subcommand"), "{error:?}");
    assert!(!error.stderr.contains("exec-file"), "internal commands are nobody's business: {error:?}");
}

#[test]
fn every_command_describes_itself() {
    let environment = Environment::new();
    for line in [
        "db init",
        "db check",
        "db backup",
        "db purge",
        "fleet create",
        "fleet list",
        "fleet show",
        "fleet delete",
        "agent register",
        "agent list",
        "agent show",
        "agent deregister",
        "message send",
        "message broadcast",
        "message poll",
        "message ack",
        "message cancel",
        "message show",
        "member create",
        "member delete",
        "member list",
        "member capture",
        "member send-input",
        "member exec",
        "member ping",
        "doctor",
        "completions",
        "man",
        "demo",
    ] {
        let mut words: Vec<&str> = line.split(' ').collect();
        words.push("--help");
        let help = environment.ok(&words);
        assert!(help.contains(&format!("Usage: cafleet {line}")) && help.contains("--json"), "{line}: {help}");
        assert!(help.lines().next().is_some_and(|first| first.len() > 15), "{line}: {help}");
    }
    assert!(!environment.database().exists(), "help makes no database");
}

#[test]
fn global_options_stand_before_or_after() {
    let (environment, fleet) = Environment::with_fleet();
    let expected = environment.json(&fleet.words("agent list")).to_string() + "\n";
    for line in [
        "--json --fleet-id 1 agent list",
        "--fleet-id=1 agent --json list",
        "agent --fleet-id 1 list --json",
        "agent list --json --fleet-id 1",
        "--json agent list --fleet-id=1 --json",
        "--json --json --fleet-id 1 agent list",
    ] {
        assert_eq!(environment.ok(&line.split(' ').collect::<Vec<_>>()), expected, "{line}");
    }
}

#[test]
fn json_after_two_dashes_or_as_a_value_is_no_option() {
    let (environment, fleet) = Environment::with_fleet();
    let text = environment.ok(&fleet.words("message send --quiet --agent-id @ada --to @grace --text --json"));
    assert_eq!(text, "1\n");
    let outcome = environment.run(&fleet.words("member exec --member-id @ada -- --json"));
    assert!(outcome.stderr.starts_with("Error: "), "{outcome:?}");
}

#[test]
fn a_fleet_id_is_ignored_where_it_has_no_meaning_but_must_be_one() {
    let (environment, _) = Environment::with_fleet();
    for line in ["db init", "db check", "fleet list", "fleet show 1", "doctor", "completions bash"] {
        let words: Vec<&str> = line.split(' ').collect();
        let plain = environment.run(&words);
        assert_eq!(environment.run(&[&["--fleet-id", "99"], &words[..]].concat()), plain, "{line}");
        assert_eq!(environment.run(&[&words[..], &["--fleet-id", "99"]].concat()), plain, "{line}");
        for bad in ["0", "-1", "x", "9223372036854775808"] {
            let error = format!("invalid value '{bad}' for '--fleet-id <INT>': {NOT_AN_ID}");
            environment.fails(&[&["--fleet-id", bad], &words[..]].concat(), 2, &error);
        }
    }
    environment.fails(
        &["--fleet-id", "1", "--fleet-id", "2", "fleet", "list"],
        2,
        "the argument '--fleet-id <INT>' cannot be used multiple times",
    );
}

#[test]
fn every_command_of_a_fleet_asks_for_it() {
    let (environment, _) = Environment::with_fleet();
    for line in [
        "agent register --name x --description y",
        "agent list",
        "agent show --agent-id 1 --id 1",
        "agent deregister --agent-id 1",
        "message send --agent-id 1 --to 1 --text x",
        "message broadcast --agent-id 1 --text x",
        "message poll --agent-id 1",
        "message ack --agent-id 1 --task-id 1",
        "message cancel --agent-id 1 --task-id 1",
        "message show --agent-id 1 --task-id 1",
        "member create --agent-id 1 --name x --description y",
        "member list",
        "member delete --member-id 1",
        "member capture --member-id 1",
        "member send-input --member-id 1 --choice 1",
        "member exec --member-id 1 ls",
        "member ping --member-id 1",
    ] {
        environment.fails(&line.split(' ').collect::<Vec<_>>(), 2, FLEET_ID_MISSING);
    }
}

#[test]
fn a_command_line_that_makes_no_sense_is_one_line_and_touches_nothing() {
    let environment = Environment::new();
    for (line, error) in [
        ("messages", "unrecognized subcommand 'messages'; a similar subcommand exists: 'message'"),
        ("frobnicate", "unrecognized subcommand 'frobnicate'"),
        ("message sent", "unrecognized subcommand 'sent'; a similar subcommand exists: 'send'"),
        ("fleet list --quite", "unexpected argument '--quite' found"),
        ("fleet list now", "unexpected argument 'now' found"),
        (
            "fleet create --coding-agent gpt",
            "invalid value 'gpt' for '--coding-agent <CODING_AGENT>' [possible values: claude, codex, opencode]",
        ),
    ] {
        environment.fails(&line.split(' ').collect::<Vec<_>>(), 2, error);
    }
    assert!(!environment.database().exists());
}

#[test]
fn a_number_is_typed_in_full() {
    let (environment, fleet) = Environment::with_fleet();
    for bad in ["+1", " 1", "1 ", "0x1", "1e0", "１", "1_0", ""] {
        let error = environment.run(&["--fleet-id", bad, "agent", "list"]).error(2);
        assert!(error.contains("'--fleet-id <INT>'"), "{bad:?}: {error}");
    }
    environment.ok(&["--fleet-id", "0001", "agent", "list"]);
    assert_eq!(fleet.id, 1);
}

#[test]
fn identity_comes_from_flags_alone() {
    let (mut environment, fleet) = Environment::with_fleet();
    for name in ["CAFLEET_FLEET_ID", "CAFLEET_AGENT_ID", "FLEET_ID", "AGENT_ID"] {
        environment.set(name, "1");
    }
    environment.fails(&["agent", "list"], 2, FLEET_ID_MISSING);
    let error = "the following required arguments were not provided: --agent-id <INT>";
    environment.fails(&fleet.words("message poll"), 2, error);
}

#[test]
fn another_multiplexer_is_refused_by_name() {
    let (mut environment, _) = Environment::with_fleet();
    environment.set("CAFLEET_MULTIPLEXER", "screen");
    environment.fails(&["fleet", "list"], 1, "CAFLEET_MULTIPLEXER must be tmux or pty (got 'screen')");
    environment.set("CAFLEET_MULTIPLEXER", "tmux");
    environment.set("CAFLEET_SQLITE_SYNCHRONOUS", "off");
    environment.fails(&["fleet", "list"], 1, "CAFLEET_SQLITE_SYNCHRONOUS must be normal or full (got 'off')");
    environment.set("CAFLEET_SQLITE_SYNCHRONOUS", "full");
    environment.ok(&["fleet", "list"]);
}

#[test]
fn a_rule_for_one_fleet_leads_to_no_other() {
    let (environment, _) = Environment::with_fleet();
    let other = environment.create_fleet("other");
    let id = other.id.to_string();
    let error = format!("--fleet-id was given as 1 and as {id}; give it once");
    for line in [
        vec!["--fleet-id", "1", "agent", "list", "--fleet-id", &id],
        vec!["--fleet-id=1", "agent", "--fleet-id", &id, "list"],
        vec!["--fleet-id", "1", "fleet", "list", "--fleet-id", &id],
    ] {
        environment.fails(&line, 2, &error);
    }
    environment.ok(&["--fleet-id", "1", "agent", "list", "--fleet-id", "1"]);
}
