//! `--verbose` and `CAFLEET_LOG`: what goes on inside, on stderr; the logs of what runs on; and the report of `doctor`.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

use cafleet_tests::environment::{Environment, eventually};
use cafleet_tests::stage::Stage;
use rustix::process::{Pid, Signal, kill_process};

/// Returns the logs of what runs on.
fn logs(environment: &Environment) -> Vec<PathBuf> {
    let found = fs::read_dir(environment.path("home/.local/state/cafleet/log"));
    found.into_iter().flatten().flatten().map(|entry| entry.path()).collect()
}

/// Runs the monitor of a fleet until it has kept a line.
fn run_monitor(stage: &Stage, words: &[String]) -> PathBuf {
    let mut monitor = stage.spawn(words);
    let is_of_monitor = |path: &PathBuf| path.display().to_string().contains("/monitor.");
    let log = eventually("a line", || {
        let log = logs(&stage.environment).into_iter().find(is_of_monitor)?;
        fs::read_to_string(&log).is_ok_and(|text| text.contains('\n')).then_some(log)
    });
    let pid = Pid::from_raw(i32::try_from(monitor.id()).expect("a pid")).expect("a pid");
    kill_process(pid, Signal::TERM).expect("the monitor runs");
    monitor.wait().expect("it ends");
    log
}

#[test]
fn what_becomes_of_a_message_is_told_without_its_body() {
    let (mut stage, fleet) = Stage::with_fleet();
    let (member, _) = stage.member(&fleet, "claude", "Linus");
    let send = format!("message send --agent-id @director --to {member} --text a-secret");
    let quiet = stage.environment.run(&fleet.words(&send));
    assert_eq!((quiet.status, quiet.stderr.as_str()), (0, ""));
    let verbose = stage.environment.run(&fleet.words(&format!("-v {send}")));
    assert_eq!((verbose.status, verbose.stdout.lines().count()), (0, quiet.stdout.lines().count()));
    let told = &verbose.stderr;
    for event in ["DEBUG cafleet_domain::broker", "manner=Paste", "Enter", "is_pressed=true", "state=\"submitted\""] {
        assert!(told.contains(event), "{event}:\n{told}");
    }
    assert!(!told.contains("a-secret") && !told.contains("TRACE") && !told.contains('\u{1b}'), "{told}");
    stage.environment.set("CAFLEET_LOG", "cafleet_adapters=trace");
    let by_setting = stage.environment.run(&fleet.words(&send)).stderr;
    assert!(
        by_setting.contains("TRACE cafleet_adapters::tmux") && !by_setting.contains("cafleet_domain"),
        "{by_setting}"
    );
    let more = stage.environment.run(&fleet.words(&format!("-vv {send}"))).stderr;
    assert!(more.contains("TRACE cafleet_domain::broker") && more.contains("rule="), "{more}");
}

#[test]
fn the_daemon_of_the_embedded_terminals_keeps_a_log() {
    let environment = Environment::new();
    environment.install_agents();
    environment.ok(&["fleet", "create", "--spawn"]);
    let of_daemon = |path: &PathBuf| path.display().to_string().contains("/daemon.");
    let log = eventually("an opened pane", || {
        let log = fs::read_to_string(logs(&environment).into_iter().find(of_daemon)?).ok()?;
        log.contains("a pane was opened pane=0").then_some(log)
    });
    assert!(log.contains("INFO cafleet::diagnostics: begins"), "{log}");
}

#[test]
fn a_setting_that_is_no_filter_is_refused() {
    let (mut environment, _) = Environment::with_fleet();
    environment.set("CAFLEET_LOG", "cafleet=loud");
    let error = environment.run(&["fleet", "list"]).error(1);
    assert!(error.starts_with("CAFLEET_LOG is not a valid filter: "), "{error}");
    environment.set("CAFLEET_LOG", "");
    environment.ok(&["fleet", "list"]);
}

#[test]
fn a_fleet_that_is_named_behind_it_is_no_other() {
    let (environment, _) = Environment::with_fleet();
    for option in ["-v", "-vv", "--verbose", "--json"] {
        let error = environment.run(&[option, "--fleet-id", "1", "agent", "list", "--fleet-id", "2"]);
        let said = format!("{}{}", error.stdout, error.stderr);
        assert!(error.status == 2 && said.contains("--fleet-id was given as 1 and as 2"), "{option}: {said}");
    }
}

#[test]
fn what_runs_on_keeps_a_log_that_only_its_user_can_read() {
    let (stage, fleet) = Stage::with_fleet();
    stage.environment.ok(&fleet.words("monitor status"));
    assert_eq!(logs(&stage.environment), [] as [PathBuf; 0], "what ends at once keeps none");
    let log = run_monitor(&stage, &fleet.words("monitor start --tick 1"));
    let text = fs::read_to_string(&log).expect("a log");
    assert!(text.contains(" INFO cafleet::diagnostics: begins version="), "{text}");
    let mode = log.parent().expect("a folder").metadata().expect("it is there").permissions().mode();
    assert_eq!(mode & 0o777, 0o700);
}

#[test]
fn what_cannot_keep_a_log_runs_on() {
    let (stage, fleet) = Stage::with_fleet();
    fs::create_dir_all(stage.environment.path("home/.local")).expect("a folder");
    fs::write(stage.environment.path("home/.local/state"), "a file").expect("a file");
    let mut monitor = stage.spawn(&fleet.words("monitor start --tick 1"));
    eventually("a heartbeat", || (stage.environment.number("SELECT count(*) FROM monitor_runtime") == 1).then_some(()));
    monitor.kill().expect("it runs");
    monitor.wait().expect("it ends");
}

#[test]
fn a_report_says_what_a_bug_report_needs_and_nothing_of_the_person() {
    let (mut stage, fleet) = Stage::with_fleet();
    let (member, _) = stage.member(&fleet, "claude", "Linus");
    stage.environment.ok(&fleet.words(&format!("message send --agent-id @director --to {member} --text a-secret")));
    stage.environment.set("CAFLEET_LOOP_PAIR_LIMIT", "30");
    run_monitor(&stage, &fleet.words("monitor start --tick 1"));
    let file = stage.environment.path("report.txt").display().to_string();
    let told = stage.environment.run(&["doctor", "--report", &file]);
    assert_eq!(told.status, 0, "{told:?}");
    assert!(told.stderr.contains(&format!("Report written to {file}; read it before you send it.")), "{told:?}");
    let report = fs::read_to_string(&file).expect("a report");
    let agent = format!("fleet 1, agent {member}: claude (");
    for part in
        ["cafleet 0.", "CAFLEET_LOOP_PAIR_LIMIT=30", agent.as_str(), "begins version=", "session_name: (left out)"]
    {
        assert!(report.contains(part), "{part}:\n{report}");
    }
    let home = stage.environment.path("home").display().to_string();
    for left_out in ["a-secret", "Linus", home.as_str()] {
        assert!(!report.contains(left_out), "{left_out}:\n{report}");
    }
    assert_eq!(fs::metadata(&file).expect("it is there").permissions().mode() & 0o777, 0o600);
    let again = stage.environment.run(&["doctor", "--report", &file]).error(1);
    assert!(again.contains("cannot write the report"), "{again}");
    assert_eq!(fs::read_to_string(&file).expect("a report"), report, "what was there stays");
}
