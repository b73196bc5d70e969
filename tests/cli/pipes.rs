//! Standard output that is closed, full, or read by somebody who has seen enough.

use std::fs::{File, OpenOptions};
use std::process::Stdio;

use cafleet_tests::environment::{Environment, Outcome};

/// Runs a shell line in which `cafleet` is the binary.
fn shell(environment: &Environment, line: &str) -> Outcome {
    let program = environment.path("bin/cafleet");
    if !program.exists() {
        std::os::unix::fs::symlink(cafleet_tests::environment::binary(), &program).expect("a link");
    }
    let mut command = std::process::Command::new("/bin/bash");
    command.args(["--norc", "-c", line]).env_clear().envs(environment.variables()).stdin(Stdio::null());
    Outcome::finish(command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("bash runs"))
}

#[test]
fn a_reader_that_has_seen_enough_is_no_failure() {
    let (environment, fleet) = Environment::with_fleet();
    let body = "line\n".repeat(20_000);
    for _ in 0..5 {
        let _ = fleet.send(&environment, fleet.ada, fleet.grace, &body);
    }
    let poll = format!("cafleet --fleet-id {} message poll --full --agent-id {}", fleet.id, fleet.grace);
    for line in [
        format!("set -o pipefail; {poll} | head -1"),
        format!("set -o pipefail; {poll} --json | head -c 5"),
        "set -o pipefail; cafleet completions bash | head -1".to_owned(),
        "set -o pipefail; cafleet message send --help | head -1".to_owned(),
    ] {
        let outcome = shell(&environment, &line);
        assert_eq!((outcome.status, outcome.stderr.as_str()), (0, ""), "{line}");
    }
}

#[test]
fn a_full_device_is_an_error() {
    let (environment, fleet) = Environment::with_fleet();
    for line in [
        vec!["--version".to_owned()],
        vec!["--help".to_owned()],
        vec!["completions".to_owned(), "bash".to_owned()],
        vec!["db".to_owned(), "check".to_owned()],
        fleet.words("agent list"),
        fleet.words("agent list --json"),
        fleet.words("message poll --agent-id @ada"),
        vec!["doctor".to_owned()],
    ] {
        let full = OpenOptions::new().write(true).open("/dev/full").expect("a full device");
        let outcome = environment.command(&line).stdout(full).output().expect("it runs");
        let error = String::from_utf8_lossy(&outcome.stderr).into_owned();
        assert_eq!(outcome.status.code(), Some(1), "{line:?}: {error}");
        assert!(error.contains("cannot write to standard output: No space left on device"), "{line:?}: {error}");
        assert_eq!(error.lines().count(), 1, "{line:?}: {error}");
    }
}

#[test]
fn closed_standard_streams_are_survived() {
    let (environment, fleet) = Environment::with_fleet();
    let poll = format!("cafleet --fleet-id {} message poll --agent-id {}", fleet.id, fleet.grace);
    let send = format!(
        "cafleet --fleet-id {} message send --agent-id {} --to {} --text hello",
        fleet.id, fleet.ada, fleet.grace
    );
    for line in [
        format!("{poll} >&-"),
        format!("{send} >&- 2>&- <&-"),
        format!("{send} >&-"),
        "cafleet frobnicate 2>&-".to_owned(),
    ] {
        let outcome = shell(&environment, &line);
        assert!([0, 1, 2].contains(&outcome.status), "{line}: {outcome:?}");
        assert!(!outcome.stderr.contains("panicked"), "{line}: {outcome:?}");
    }
    assert_eq!(environment.ok(&["db", "check"]), "ok\n", "a closed stream is not the database's file");
    assert_eq!(environment.rows()["tasks"], 2);
}

#[test]
fn standard_error_that_is_full_changes_no_exit_code() {
    let (environment, _) = Environment::with_fleet();
    let full = || File::options().write(true).open("/dev/full").expect("a full device");
    let status = environment.command(&["fleet", "show", "99"]).stderr(full()).status().expect("it runs");
    assert_eq!(status.code(), Some(1));
    let status = environment.command(&["fleet", "shw"]).stderr(full()).status().expect("it runs");
    assert_eq!(status.code(), Some(2));
}
