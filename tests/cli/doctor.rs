//! `cafleet doctor`

use cafleet_domain::backend::Backend;
use cafleet_domain::program::Programs;
use cafleet_tests::environment::Environment;
use cafleet_tests::stage::Stage;

#[test]
fn tells_where_it_runs_and_what_is_installed() {
    let (stage, fleet) = Stage::with_fleet();
    let environment = &stage.environment;
    let text = environment.ok(&["doctor"]);
    let head =
        "tmux:\n  session_name: main\n  window_id:    @0\n  pane_id:      %0\n  TMUX_PANE:    %0\n  version:      3";
    assert!(text.starts_with(head), "{text}");
    for style in ["claude:       ", "codex:        ", "opencode:     "] {
        assert!(text.contains(&format!("\n  {style}{}/", environment.path("bin").display())), "{text}");
    }
    assert!(text.contains(&format!("\n  location:     {}\n", environment.database().display())), "{text}");
    let json = environment.json(&["doctor"]);
    assert_eq!(
        json["tmux"].to_string(),
        r#"{"session_name":"main","window_id":"@0","pane_id":"%0","tmux_pane_env":"%0"}"#
    );
    let schema = cafleet_adapters::sqlite::SqliteStorage::migrations().len();
    assert_eq!((&json["problems"], &json["database"]["schema"]), (&serde_json::json!([]), &schema.into()), "{json}");
    assert_eq!(environment.ok(&fleet.words("doctor")), text);
}

#[test]
fn tells_how_the_skills_of_each_agent_stand() {
    let environment = Environment::new();
    environment.install_agents();
    let skills = || {
        let agents = environment.json(&["doctor"])["coding_agents"].clone();
        let told = agents.as_array().expect("agents").iter().map(|agent| agent["skills"].as_str().map(str::to_owned));
        told.map(|told| told.expect("a text")).collect::<Vec<_>>()
    };
    assert!(skills().iter().all(|told| told.starts_with("not current: skill cafleet")), "{:?}", skills());
    assert!(skills()[1].contains(", rules (run 'cafleet setup')"), "{:?}", skills());
    environment.ok(&["setup"]);
    assert_eq!(skills(), ["skills current"; 3]);
    let text = environment.ok(&["doctor"]);
    assert!(text.lines().any(|line| line.starts_with("  claude: ") && line.ends_with("; skills current")), "{text}");
}

#[test]
fn a_version_whose_screens_are_not_known_is_said_to_be_one() {
    let environment = Environment::new();
    environment.install_agents();
    environment.ok(&["db", "init"]);
    let newer = || environment.json(&["doctor"])["coding_agents"][1]["newer_than_recorded"].clone();
    environment.install("codex", "#!/bin/sh\necho codex-cli 0.1.0\n");
    assert_eq!(newer(), false);
    environment.install("codex", "#!/bin/sh\necho codex-cli 99.0.0\n");
    assert_eq!(newer(), true);
    let raw = rusqlite::Connection::open(environment.database()).expect("the database");
    let count = "INSERT INTO unrecognised_screens VALUES ('codex', 'codex-cli 99.0.0', 3, '2026-04-15T10:00:00+00:00')";
    raw.execute_batch(count).expect("a row");
    let text = environment.ok(&["doctor"]);
    let recorded = Programs::built_in().of(Backend::CODEX).newest_recorded;
    for line in [
        format!("newer than {recorded}, the newest version known; an unrecognised screen holds notifications"),
        "screens not recognised: 3 (last of codex-cli 99.0.0)".to_owned(),
    ] {
        assert!(text.lines().any(|row| row.trim() == line), "{line}: {text}");
    }
}

#[test]
fn outside_of_tmux_it_still_tells_the_rest() {
    let environment = Environment::new();
    environment.install_agents();
    let text = environment.ok(&["doctor"]);
    assert!(text.starts_with("tmux:\n  placement:    not inside a tmux session\n"), "{text}");
    let json = environment.json(&["doctor"]);
    assert_eq!(
        json["tmux"].to_string(),
        r#"{"session_name":null,"window_id":null,"pane_id":null,"tmux_pane_env":null}"#
    );
}

#[test]
fn what_is_broken_is_told_with_the_remedy() {
    let mut environment = Environment::new();
    let problem = |environment: &Environment| {
        let outcome = environment.run(&["doctor"]);
        assert_eq!(
            (outcome.status, outcome.stderr.as_str()),
            (1, "Error: 1 problem found; see above for what to do\n"),
            "{outcome:?}"
        );
        outcome.stdout.lines().last().expect("a problem").to_owned()
    };
    assert_eq!(
        problem(&environment),
        "  - no coding agent is installed; install claude, codex or opencode and put it on PATH"
    );
    environment.install_agents();
    let home = environment.path("home");
    environment.set("CAFLEET_DATABASE_URL", &home);
    assert_eq!(
        problem(&environment),
        format!("  - database {} is a directory; set CAFLEET_DATABASE_URL to a file", home.display())
    );
    environment.unset("CAFLEET_DATABASE_URL");
    environment.set("PATH", environment.path("bin"));
    assert_eq!(environment.json(&["doctor"])["tmux_version"], serde_json::Value::Null, "it can be done without");
    environment.set("TMUX", "/nowhere/socket,1,0");
    let outcome = environment.run(&["--json", "doctor"]);
    let json: serde_json::Value = serde_json::from_str(&outcome.stdout).expect("JSON");
    assert_eq!(outcome.status, 1);
    assert!(
        json["problems"].to_string().contains("tmux is not installed or not on PATH; install tmux 3.2 or newer"),
        "{json}"
    );
    assert!(outcome.stderr.starts_with(r#"{"error":{"code":"#), "{outcome:?}");
}

#[test]
fn screen_patterns_of_ones_own_are_in_use_or_said_to_be_broken() {
    let (stage, fleet) = Stage::with_fleet();
    let environment = &stage.environment;
    assert!(environment.ok(&["doctor"]).contains("\n  screens:      built-in patterns\n"));
    let file = environment.path("home/.config/cafleet/screens.toml");
    std::fs::create_dir_all(file.parent().expect("a folder")).expect("a folder");
    let asking = "name = 'mine'\nrow = { begins = 'Do you want', among = 20 }\nthen = { begins = 'Esc', among = 3 }\n";
    std::fs::write(&file, format!("[[claude.asking]]\n{asking}")).expect("a file");
    let used = format!("\n  screens:      {} (claude), else built-in patterns\n", file.display());
    assert!(environment.ok(&["doctor"]).contains(&used));
    let (member, pane) = stage.member(&fleet, "claude", "Linus");
    stage.tell(&pane, "[[ask]]");
    stage.until_shown(&pane, "Do you want to proceed?");
    let explained = environment.json(&fleet.words(&format!("member explain --member-id {member}")));
    assert_eq!((&explained["state"], &explained["rule"]), (&"asking".into(), &"mine".into()));

    std::fs::write(&file, "[claude]\nasking = 7\n").expect("a file");
    let doctor = environment.run(&["doctor"]);
    let problem = format!("  - screen patterns in {}: line 2: ", file.display());
    assert!(doctor.status == 1 && doctor.stdout.contains(&problem), "{doctor:?}");
    let sent = environment.run(&fleet.words(&format!("message send --agent-id 1 --to {member} --text hello")));
    assert_eq!(sent.status, 0, "a message is not lost to it: {sent:?}");
    assert!(sent.stderr.starts_with(&format!("Warning: {} cannot be used (line 2: ", file.display())), "{sent:?}");
    assert_eq!(environment.run(&["fleet", "list"]).stderr, "", "what looks at no screen does not speak of it");
}
