//! `cafleet member create`

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;

use cafleet_tests::environment::{Environment, eventually};
use cafleet_tests::stage::Stage;

use crate::member_list::OUTSIDE;
use crate::support::{refuses_strangers, without_times};

/// A program that writes down its arguments and stays.
const RECORDER: &str = "#!/bin/sh\nfor word; do printf '%s\\0' \"$word\"; done > \"$HOME/arguments.new\"\n\
     mv \"$HOME/arguments.new\" \"$HOME/arguments\"\nexec cat\n";

fn recorded(environment: &Environment) -> Vec<String> {
    let file = environment.path("home/arguments");
    let bytes = eventually("the arguments", || fs::read(&file).ok());
    fs::remove_file(file).expect("it is ours");
    let text = String::from_utf8(bytes).expect("UTF-8");
    text.strip_suffix('\0').expect("an end").split('\0').map(str::to_owned).collect()
}

#[test]
fn every_backend_joins_reports_ready_and_hears() {
    for style in ["claude", "codex", "opencode"] {
        let (stage, fleet) = Stage::with_fleet();
        let environment = &stage.environment;
        let line = fleet
            .words(&format!("member create --agent-id @director --name Linus --description x --coding-agent {style}"));
        let text = environment.ok(&line);
        let member = fleet.grace + 1;
        assert_eq!(text, format!("{member} Linus backend={style} pane=%1\n"));
        assert_eq!(stage.tmux.show("main", "#{pane_id}"), "%0", "the focus does not move");
        let ready = format!("SELECT count(*) FROM tasks WHERE from_agent_id = {member} AND text = 'ready'");
        eventually("its report", || (environment.number(&ready) == 1).then_some(()));
        eventually("a member at rest", || {
            let json =
                environment.json(&fleet.words(&format!("message send --agent-id @ada --to {member} --text hello")));
            (json["notification_sent"] == true).then_some(())
        });
        let answered = format!("SELECT count(*) FROM tasks WHERE from_agent_id = {member} AND text = 're: hello'");
        eventually("its answer", || (environment.number(&answered) > 0).then_some(()));
        assert_eq!(environment.ok(&["db", "check"]), "ok\n");
    }
}

#[test]
fn json_tells_the_placement() {
    let (stage, fleet) = Stage::with_fleet();
    let line = fleet.words("member create --agent-id @director --name Linus --description x");
    let json = stage.environment.json(&line);
    assert_eq!(
        without_times(&json.to_string()),
        format!(
            r#"{{"agent_id":{},"name":"Linus","registered_at":"<time>","placement":{{"director_agent_id":{},"tmux_session":"main","tmux_window_id":"@0","tmux_pane_id":"%1","coding_agent":"claude","created_at":"<time>"}}}}"#,
            fleet.grace + 1,
            fleet.director
        )
    );
}

#[test]
fn the_prompt_arrives_exactly() {
    let (stage, fleet) = Stage::with_fleet();
    let environment = &stage.environment;
    environment.install("claude", RECORDER);
    let (f, d) = (fleet.id, fleet.director);
    let mut member = fleet.grace;
    let long = "日本 'x' \"y\" $HOME `id` \\ ".repeat(800);
    for (template, filled) in [
        ("f={fleet_id} a={agent_id} d={director_agent_id}", "f={f} a={a} d={d}"),
        ("{{fleet_id}} {other} }{", "{fleet_id} {other} }{"),
        ("--help\n-v\ttab; \\; $(id)", "--help\n-v\ttab; \\; $(id)"),
        (&long, &long),
    ] {
        let mut line = fleet.words("member create --agent-id @director --name -x --description x --");
        line.push(template.to_owned());
        environment.ok(&line);
        member += 1;
        let arguments = recorded(environment);
        let expected =
            filled.replace("{f}", &f.to_string()).replace("{a}", &member.to_string()).replace("{d}", &d.to_string());
        assert_eq!(arguments.last(), Some(&expected));
        assert!(arguments.windows(2).any(|pair| pair == ["--name", "-x"]), "{arguments:?}");
    }
    let mut words = fleet.words("member create --agent-id @director --name x --description x --model opus --");
    words.extend(["three", "words", "here"].map(str::to_owned));
    environment.ok(&words);
    let arguments = recorded(environment);
    assert_eq!(arguments.last().map(String::as_str), Some("three words here"));
    assert!(arguments.windows(2).any(|pair| pair == ["--model", "opus"]), "{arguments:?}");
}

#[test]
fn a_prompt_of_one_mebibyte_reaches_the_member() {
    let (stage, fleet) = Stage::with_fleet();
    let environment = &stage.environment;
    let file = environment.path("work/prompt");
    let prompt = "x".repeat(1024 * 1024);
    fs::write(&file, &prompt).expect("a prompt");
    let create = |file: &std::path::Path| {
        let mut line = fleet.words("member create --agent-id @director --name Linus --description x --prompt-file");
        line.push(file.display().to_string());
        line
    };
    environment.ok(&create(&file));
    let member = fleet.grace + 1;
    let stored: String = environment
        .open()
        .query_row("SELECT text FROM tasks WHERE to_agent_id = ? ORDER BY task_id LIMIT 1", [member], |row| row.get(0))
        .expect("the prompt waits in the inbox");
    assert!(stored == prompt, "{} bytes", stored.len());
    fs::write(&file, prompt + "x").expect("a prompt");
    let error = format!("--prompt-file {}: 1048577 bytes long; the limit is 1048576 bytes (1 MiB).", file.display());
    environment.fails(&create(&file), 1, &error);
}

#[test]
fn a_prompt_file_that_is_no_good_is_told_before_anything_is_written() {
    let (stage, fleet) = Stage::with_fleet();
    let environment = &stage.environment;
    let path = |name: &str| environment.path("work").join(name).display().to_string();
    fs::write(path("empty"), " \n").expect("a file");
    fs::write(path("latin1"), b"caf\xe9").expect("a file");
    fs::write(path("good"), "hello").expect("a file");
    let create = |file: &str, rest: &[&str]| {
        let mut line = fleet.words("member create --agent-id @director --name x --description x --prompt-file");
        line.push(file.to_owned());
        line.extend(rest.iter().map(|&word| word.to_owned()));
        line
    };
    for (file, status, reason) in [
        ("good".to_owned(), 2, "path must be absolute"),
        (path("missing"), 1, "no such file"),
        (path(""), 1, "not a regular file"),
        ("/dev/null".to_owned(), 1, "not a regular file"),
        (path("latin1"), 1, "not valid UTF-8"),
        (path("empty"), 1, "file is empty"),
    ] {
        environment.fails(&create(&file, &[]), status, &format!("--prompt-file {file}: {reason}."));
    }
    let both = "--prompt-file and the positional prompt argument are mutually exclusive.";
    environment.fails(&create(&path("good"), &["--", "hello"]), 2, both);
    assert_eq!(stage.panes(), ["%0"]);
}

#[test]
fn an_unreadable_prompt_file_is_told() {
    let (stage, fleet) = Stage::with_fleet();
    // root reads everything but what the kernel keeps to itself
    let file = "/proc/self/mem";
    let line =
        fleet.words(&format!("member create --agent-id @director --name x --description x --prompt-file {file}"));
    let error = stage.environment.run(&line).error(1);
    assert!(error.starts_with(&format!("--prompt-file {file}: ")) && error.ends_with('.'), "{error}");
}

#[test]
fn only_the_root_director_inside_tmux() {
    let (stage, fleet) = Stage::with_fleet();
    let environment = &stage.environment;
    for other in [fleet.ada, fleet.administrator] {
        let line = fleet.words(&format!("member create --agent-id {other} --name x --description x"));
        environment.fails(&line, 1, &format!("agent {other} is not the root Director of fleet {}", fleet.id));
    }
    refuses_strangers(environment, &fleet, "member create", "--name x --description x");
    let line = fleet.words("member create --agent-id @director --name x --description x");
    assert_eq!(stage.outside(&line).error(1), OUTSIDE);
    for (rest, error) in [
        ("--description x", "the following required arguments were not provided: --name <TEXT>"),
        ("--name x", "the following required arguments were not provided: --description <TEXT>"),
    ] {
        environment.fails(&fleet.words(&format!("member create --agent-id @director {rest}")), 2, error);
    }
    let mut unnamed = fleet.words("member create --agent-id @director --description x --name");
    unnamed.push(String::new());
    environment.fails(&unnamed, 2, "name may not be empty");
    environment.ok(&["fleet", "delete", "1"]);
    let error = environment.run(&line).error(1);
    assert_eq!(error, "fleet 1 is deleted");
    assert_eq!(stage.panes(), ["%0"]);
}

#[test]
fn a_missing_program_and_a_model_of_the_wrong_form_are_told() {
    let (stage, fleet) = Stage::with_fleet();
    let environment = &stage.environment;
    let create =
        |rest: &str| fleet.words(&format!("member create --agent-id @director --name x --description x {rest}"));
    for bad in ["gpt", "/", "a/", "/b"] {
        let error = format!("--model for the opencode backend must be '<provider-id>/<model-id>' (got '{bad}').");
        environment.fails(&create(&format!("--coding-agent opencode --model {bad}")), 2, &error);
    }
    for style in ["claude", "codex", "opencode"] {
        fs::remove_file(environment.path("bin").join(style)).expect("it goes");
        environment.fails(&create(&format!("--coding-agent {style}")), 1, &format!("binary {style} not found on PATH"));
    }
    fs::write(environment.path("bin/claude"), "").expect("a file");
    fs::set_permissions(environment.path("bin/claude"), Permissions::from_mode(0o644)).expect("not to be run");
    environment.fails(&create(""), 1, "binary claude not found on PATH");
    let error = "invalid value 'gpt' for '--coding-agent <CODING_AGENT>' [possible values: claude, codex, opencode]";
    environment.fails(&create("--coding-agent gpt"), 2, error);
}

#[test]
fn a_spawn_that_fails_leaves_no_row_and_no_pane() {
    let (stage, fleet) = Stage::with_fleet();
    let environment = &stage.environment;
    environment.install("claude", "#!/bin/sh\necho 'no licence' >&2\nexit 3\n");
    let before = environment.rows();
    let line = fleet.words("member create --agent-id @director --name x --description x");
    let error = environment.run(&line).error(1);
    assert!(error.contains("ended at once"), "{error}");
    assert_eq!(environment.rows(), before);
    assert_eq!(stage.panes(), ["%0"]);
    assert_eq!(environment.ok(&fleet.words("member list")), "0 members:\n");
    assert_eq!(environment.ok(&["db", "check"]), "ok\n");
}

#[test]
fn without_the_directors_pane_there_is_no_place() {
    let (stage, fleet) = Stage::with_fleet();
    stage.tmux.tmux(&["split-window", "-d", "-t", "%0", "cat"]);
    stage.tmux.tmux(&["kill-pane", "-t", "%0"]);
    let mut environment = stage.environment;
    environment.set("TMUX_PANE", "%1");
    let line = fleet.words("member create --agent-id @director --name x --description x");
    let error = "the Director's pane %0 is gone; run 'cafleet fleet move' in the pane in which the Director runs now";
    environment.fails(&line, 1, error);
}
