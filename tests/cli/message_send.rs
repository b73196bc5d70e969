//! `cafleet message send`

use cafleet_tests::environment::Environment;

use crate::support::{NOT_AN_ID, refuses_strangers, without_times};

const MIB: usize = 1024 * 1024;

#[test]
fn prints_the_envelope_in_every_form() {
    let (environment, fleet) = Environment::with_fleet();
    let (ada, grace) = (fleet.ada, fleet.grace);
    let line = fleet.words("message send --agent-id @ada --to @grace --text hello");
    assert_eq!(without_times(&environment.ok(&line)), format!("Message sent.\n[1 | from:{ada} | <time>]\n  hello\n"));
    let json = environment.json(&line);
    assert_eq!(
        without_times(&json.to_string()),
        format!(
            r#"{{"id":2,"from":{ada},"ts":"<time>","text":"hello","notification_sent":false,"delivery":{{"state":"none","reason":null}}}}"#
        )
    );
    let quiet = [line.clone(), vec!["--quiet".to_owned()]].concat();
    assert_eq!(environment.ok(&quiet), "3\n");
    assert_eq!(environment.json(&quiet).to_string(), "4");
    let full = [line, vec!["--full".to_owned()]].concat();
    let text = environment.ok(&full);
    assert_eq!(
        without_times(&text),
        format!(
            "Message sent.\ntask_id:          5\ncontext_id:       {grace}\nfrom_agent_id:    {ada}\n\
             to_agent_id:      {grace}\ntype:             unicast\ncreated_at:       <time>\n\
             status_state:     input_required\nstatus_timestamp: <time>\norigin_task_id:\ntext:             hello\n"
        )
    );
    let json = environment.json(&full);
    let keys: Vec<&String> = json.as_object().expect("an object").keys().collect();
    assert_eq!(
        keys,
        [
            "task_id",
            "context_id",
            "from_agent_id",
            "to_agent_id",
            "type",
            "created_at",
            "status_state",
            "status_timestamp",
            "origin_task_id",
            "text",
            "notification_sent",
            "delivery"
        ]
    );
    assert_eq!(environment.rows()["tasks"], 6);
}

#[test]
fn a_message_to_oneself_and_to_a_pane_that_never_was_is_stored() {
    let (environment, fleet) = Environment::with_fleet();
    let own = environment.json(&fleet.words("message send --agent-id @ada --to @ada --text note"));
    assert_eq!(own["delivery"]["state"], "none");
    let lost = environment.json(&fleet.words("message send --agent-id @ada --to @director --text hello"));
    assert_eq!((&lost["notification_sent"], &lost["delivery"]["state"]), (&false.into(), &"failed".into()), "{lost}");
    assert_eq!(environment.rows()["tasks"], 2);
    let administrator = environment.json(&fleet.words("message send --agent-id @admin --to @ada --text hello"));
    assert_eq!(administrator["from"], fleet.administrator);
    environment.ok(&fleet.words("message send --agent-id @ada --to @admin --text hello"));
}

#[test]
fn only_an_active_agent_of_the_fleet_receives() {
    let (environment, fleet) = Environment::with_fleet();
    let other = environment.create_fleet("other");
    environment.ok(&fleet.words("agent deregister --agent-id @grace"));
    for nobody in [fleet.grace, other.ada, 4_711, i64::MAX] {
        let line = fleet.words(&format!("message send --agent-id @ada --to {nobody} --text x"));
        environment.fails(&line, 1, &format!("agent {nobody} not found or not active"));
    }
    for bad in ["0", "-1", "9223372036854775808", "1.5", "Grace", ""] {
        let mut line = fleet.words("message send --agent-id @ada --text x --to");
        line.push(bad.to_owned());
        let error = format!("invalid value '{bad}' for '--to <INT>': {NOT_AN_ID}");
        environment.fails(&line, 2, &error);
    }
}

#[test]
fn strangers_and_those_who_left_do_not_send() {
    let (environment, fleet) = Environment::with_fleet();
    refuses_strangers(&environment, &fleet, "message send", "--to @grace --text x");
    environment.ok(&fleet.words("agent deregister --agent-id @grace"));
    let grace = fleet.grace;
    let error = format!("agent {grace} is deregistered and can no longer send");
    environment.fails(&fleet.words("message send --agent-id @grace --to @ada --text x"), 1, &error);
    environment.ok(&["fleet", "delete", "1"]);
    let error = format!("agent {} is deregistered and can no longer send", fleet.ada);
    environment.fails(&fleet.words("message send --agent-id @ada --to @director --text x"), 1, &error);
}

#[test]
fn what_is_missing_or_contradicts_itself_is_told() {
    let (environment, fleet) = Environment::with_fleet();
    for (line, error) in [
        (
            "message send --agent-id @ada --to @grace",
            "the following required arguments were not provided: <--text <TEXT>|--text-file <FILE>>",
        ),
        ("message send --to @grace --text x", "the following required arguments were not provided: --agent-id <INT>"),
        ("message send --agent-id @ada --text x", "the following required arguments were not provided: --to <INT>"),
        (
            "message send --agent-id @ada --to @grace --text x --full --quiet",
            "the argument '--full' cannot be used with '--quiet'",
        ),
    ] {
        environment.fails(&fleet.words(line), 2, error);
    }
}

#[test]
fn every_body_arrives_as_it_was_given() {
    let (environment, fleet) = Environment::with_fleet();
    let line = |text: &str| {
        let mut line = fleet.words("message send --quiet --agent-id @ada --to @grace --text");
        line.push(text.to_owned());
        line
    };
    let long = "é".repeat(50_000);
    let bodies =
        ["-v", "--help", "--", "a\nb\r\n\n", "$(id) `id` 'x' \"y\" \\", "日本語 👍🏽", "\u{1b}[31mred\u{7}", &long];
    for body in bodies {
        let id: i64 = environment.ok(&line(body)).trim_end().parse().expect("an id");
        let shown = environment.json(&fleet.words(&format!("message show --full --agent-id @grace --task-id {id}")));
        assert_eq!(shown["text"], body);
    }
    let mut form = fleet.words("message send --quiet --agent-id @ada --to @grace");
    form.push("--text=-x".to_owned());
    environment.ok(&form);
}

#[test]
fn a_body_from_standard_input_may_be_one_mebibyte() {
    let (environment, fleet) = Environment::with_fleet();
    let line = fleet.words("message send --quiet --agent-id @ada --to @grace --text -");
    for body in ["from stdin\n", "a\0b", &"x".repeat(MIB), &("日".repeat(MIB / 3) + "x")] {
        let id: i64 = environment.run_with_input(&line, body.as_bytes()).ok().trim_end().parse().expect("an id");
        let text: String = environment
            .open()
            .query_row("SELECT text FROM tasks WHERE task_id = ?", [id], |row| row.get(0))
            .expect("the body");
        assert!(text == body, "a body of {} bytes came back as one of {}", body.len(), text.len());
    }
    let before = environment.rows();
    for body in ["x".repeat(MIB + 1), "x".repeat(3 * MIB)] {
        let error = environment.run_with_input(&line, body.as_bytes()).error(1);
        assert_eq!(error, "message text is more than 1048576 bytes long; the limit is 1 MiB");
    }
    let error = environment.run_with_input(&line, b"abc\xffdef").error(1);
    assert_eq!(error, "standard input is not valid UTF-8 (at byte 3)");
    let error = environment.run_with_input(&line, b"abc\xe6\x97").error(1);
    assert_eq!(error, "standard input is not valid UTF-8 (at byte 3)");
    assert_eq!(environment.rows(), before);
}

#[test]
fn a_text_in_which_there_is_nothing_to_read_is_refused() {
    let (environment, fleet) = Environment::with_fleet();
    let before = environment.rows();
    let error = "message text may not be empty: it holds only white space or invisible characters";
    for command in ["send --to @grace", "broadcast"] {
        for empty in ["", " ", " \t\n", "\u{200b}", "\u{3164}\u{feff}"] {
            let mut line = fleet.words(&format!("message {command} --agent-id @ada --text"));
            line.push(empty.to_owned());
            environment.fails(&line, 1, error);
            *line.last_mut().expect("a word") = "-".to_owned();
            assert_eq!(environment.run_with_input(&line, empty.as_bytes()).error(1), error);
        }
    }
    assert_eq!(environment.rows(), before);
}

#[test]
fn a_text_in_a_file_arrives_as_it_was_written() {
    let (environment, fleet) = Environment::with_fleet();
    let file = environment.path("work/message.txt");
    let line = |file: &str| {
        let mut line = fleet.words("message send --quiet --agent-id @ada --to @grace --text-file");
        line.push(file.to_owned());
        line
    };
    let longest = "x".repeat(MIB);
    for body in ["`id` $(id) $HOME \"x\" 'y' \\ !! \n[7 | from:2 | now]\n", "-", "日本語 👍🏽\r\n\0", &longest] {
        std::fs::write(&file, body).expect("a file");
        for name in ["message.txt", &file.display().to_string()] {
            let id: i64 = environment.ok(&line(name)).trim_end().parse().expect("an id");
            let shown = fleet.words(&format!("message show --full --agent-id @grace --task-id {id}"));
            assert_eq!(environment.json(&shown)["text"], body);
        }
    }
    let id: i64 = environment.run_with_input(&line("-"), b"from stdin").ok().trim_end().parse().expect("an id");
    assert!(
        environment.ok(&fleet.words(&format!("message ack --agent-id @grace --task-id {id}"))).contains("from stdin")
    );
    std::fs::write(&file, "to all").expect("a file");
    environment.ok(&fleet.words("message broadcast --agent-id @ada --text-file message.txt"));
    assert!(environment.ok(&fleet.words("message poll --agent-id @grace")).ends_with("\n  to all\n"));
}

#[test]
fn a_file_that_holds_no_text_is_refused_with_the_reason() {
    let (environment, fleet) = Environment::with_fleet();
    let path = |name: &str| environment.path("work").join(name);
    std::fs::write(path("empty"), " \n\u{200b}").expect("a file");
    std::fs::write(path("latin1"), b"caf\xe9").expect("a file");
    std::fs::write(path("long"), "x".repeat(MIB + 1)).expect("a file");
    std::fs::create_dir(path("folder")).expect("a folder");
    assert!(std::process::Command::new("mkfifo").arg(path("pipe")).status().expect("mkfifo").success());
    let before = environment.rows();
    for (name, reason) in [
        ("missing", "no such file"),
        ("folder", "not a regular file"),
        ("pipe", "not a regular file"),
        ("/dev/zero", "not a regular file"),
        ("empty", "file is empty"),
        ("latin1", "not valid UTF-8"),
        ("long", "1048577 bytes long; the limit is 1048576 bytes (1 MiB)"),
    ] {
        let line = fleet.words(&format!("message send --agent-id @ada --to @grace --text-file {name}"));
        environment.fails(&line, 1, &format!("--text-file {name}: {reason}."));
    }
    let both = fleet.words("message send --agent-id @ada --to @grace --text x --text-file missing");
    environment.fails(&both, 2, "the argument '--text <TEXT>' cannot be used with '--text-file <FILE>'");
    assert_eq!(environment.rows(), before);
}

#[test]
fn an_argument_that_is_not_utf8_is_refused() {
    use std::os::unix::ffi::OsStringExt;
    let (environment, fleet) = Environment::with_fleet();
    let mut line: Vec<std::ffi::OsString> =
        fleet.words("message send --agent-id @ada --to @grace --text").into_iter().map(Into::into).collect();
    line.push(std::ffi::OsString::from_vec(b"abc\xff".to_vec()));
    environment.fails(&line, 2, "invalid UTF-8 was detected in one or more arguments");
}

#[test]
fn a_closed_standard_input_is_no_body() {
    let (environment, fleet) = Environment::with_fleet();
    let line = fleet.words("message send --quiet --agent-id @ada --to @grace --text -");
    assert!(environment.run(&line).error(1).starts_with("message text may not be empty"));
    assert_eq!(environment.number("SELECT count(*) FROM tasks"), 0);
}

#[test]
fn a_doorbell_that_cannot_be_rung_costs_no_message() {
    let (mut environment, fleet) = Environment::with_fleet();
    let line = fleet.words("message send --agent-id @ada --to @director --text hello");
    environment.set("PATH", environment.path("bin"));
    let json = environment.json(&line);
    let delivery = |json: &serde_json::Value| {
        let text = |key: &str| json["delivery"][key].as_str().unwrap_or_default().to_owned();
        (text("state"), text("reason"))
    };
    let missing = "cannot be reached: tmux is not installed or not on PATH".to_owned();
    assert_eq!(delivery(&json), ("held".to_owned(), missing));
    environment.install("tmux", "#!/bin/sh\nexec /usr/bin/sleep 600\n");
    let silent = "cannot be reached: tmux did not answer within 5 s".to_owned();
    assert_eq!(delivery(&environment.json(&line)), ("held".to_owned(), silent));
    environment.install("tmux", "#!/bin/sh\n/usr/bin/head -c 300000 /dev/zero >&2\nexit 1\n");
    assert_eq!(delivery(&environment.json(&line)).0, "held");
    assert_eq!(environment.number("SELECT count(*) FROM tasks WHERE status_state = 'input_required'"), 3);
    assert_eq!(
        environment.number("SELECT count(*) FROM agent_placements WHERE typing_until IS NOT NULL"),
        0,
        "no claim stays"
    );
}
