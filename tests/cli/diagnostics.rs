//! `--verbose` and `CAFLEET_LOG`: what goes on inside, on stderr.

use cafleet_tests::environment::Environment;
use cafleet_tests::stage::Stage;

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
fn a_setting_that_is_no_filter_is_refused() {
    let (mut environment, _) = Environment::with_fleet();
    environment.set("CAFLEET_LOG", "cafleet=loud");
    let error = environment.run(&["fleet", "list"]).error(1);
    assert!(error.starts_with("CAFLEET_LOG is no filter of events: "), "{error}");
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
