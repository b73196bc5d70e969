//! `cafleet message broadcast`

use cafleet_tests::environment::Environment;

use crate::support::{refuses_strangers, without_times};

#[test]
fn reaches_every_active_agent_but_the_sender_and_the_administrator() {
    let (environment, fleet) = Environment::with_fleet();
    let _other = environment.create_fleet("other");
    let line = fleet.words("message broadcast --agent-id @ada --text hello");
    let text = environment.ok(&line);
    let summary = environment.number("SELECT max(task_id) FROM tasks WHERE type = 'broadcast_summary'");
    assert_eq!(text, format!("broadcast id={summary} recipients=2\n"));
    let recipients = environment
        .open()
        .prepare("SELECT to_agent_id FROM tasks WHERE type = 'unicast'")
        .and_then(|mut rows| rows.query_map([], |row| row.get::<_, i64>(0))?.collect::<Result<Vec<_>, _>>());
    assert_eq!(recipients.expect("the recipients"), [fleet.director, fleet.grace]);
    environment.ok(&fleet.words("agent deregister --agent-id @grace"));
    let json = environment.json(&line);
    let id = json["id"].clone();
    assert_eq!(
        without_times(&json.to_string()),
        format!(
            r#"{{"id":{id},"from":{},"ts":"<time>","text":"Broadcast sent to 1 recipients","kind":"broadcast_summary","origin":{id},"notifications_sent_count":0}}"#,
            fleet.ada
        )
    );
    assert_eq!(environment.ok(&["db", "check"]), "ok\n");
}

#[test]
fn full_shows_the_summary() {
    let (environment, fleet) = Environment::with_fleet();
    let text = environment.ok(&fleet.words("message broadcast --agent-id @ada --text hello --full"));
    let id = environment.number("SELECT max(task_id) FROM tasks");
    let ada = fleet.ada;
    assert!(environment.number("SELECT task_id FROM tasks WHERE type = 'broadcast_summary'") > 0);
    let id = text
        .lines()
        .next()
        .and_then(|line| line.strip_prefix("broadcast id=")?.split(' ').next()?.parse().ok())
        .unwrap_or(id);
    assert_eq!(
        without_times(&text),
        format!(
            "broadcast id={id} recipients=2\ntask_id:          {id}\ncontext_id:       {ada}\nfrom_agent_id:    {ada}\n\
             to_agent_id:      0\ntype:             broadcast_summary\ncreated_at:       <time>\n\
             status_state:     completed\nstatus_timestamp: <time>\norigin_task_id:   {id}\n\
             text:             Broadcast sent to 2 recipients\n"
        )
    );
    let json = environment.json(&fleet.words("message broadcast --agent-id @ada --text hello --full"));
    assert_eq!((&json["to_agent_id"], &json["notifications_sent_count"]), (&0.into(), &0.into()));
}

#[test]
fn to_nobody_is_a_summary_alone() {
    let (environment, fleet) = Environment::with_fleet();
    for agent in ["@ada", "@grace"] {
        environment.ok(&fleet.words(&format!("agent deregister --agent-id {agent}")));
    }
    let text = environment.ok(&fleet.words("message broadcast --agent-id @director --text hello"));
    assert_eq!(text, "broadcast id=1 recipients=0\n");
    assert_eq!(environment.ok(&["db", "check"]), "ok\n");
}

#[test]
fn the_administrator_broadcasts_too() {
    let (environment, fleet) = Environment::with_fleet();
    let text = environment.ok(&fleet.words("message broadcast --agent-id @admin --text hello"));
    assert!(text.ends_with(" recipients=3\n"), "{text}");
}

#[test]
fn strangers_those_who_left_and_long_bodies_are_refused() {
    let (environment, fleet) = Environment::with_fleet();
    refuses_strangers(&environment, &fleet, "message broadcast", "--text x");
    let line = fleet.words("message broadcast --agent-id @ada --text -");
    let before = environment.rows();
    let error = environment.run_with_input(&line, &vec![b'x'; 1024 * 1024 + 1]).error(1);
    assert_eq!(error, "message text is more than 1048576 bytes long; the limit is 1 MiB");
    assert_eq!(environment.rows(), before);
    environment.run_with_input(&line, &vec![b'x'; 1024 * 1024]).ok();
    environment.ok(&fleet.words("agent deregister --agent-id @ada"));
    let error = format!("agent {} is deregistered and can no longer send", fleet.ada);
    environment.fails(&fleet.words("message broadcast --agent-id @ada --text x"), 1, &error);
    let error = "the following required arguments were not provided: <--text <TEXT>|--text-file <FILE>>";
    environment.fails(&fleet.words("message broadcast --agent-id @grace"), 2, error);
    environment.fails(
        &fleet.words("message broadcast --agent-id @grace --text x --quiet"),
        2,
        "unexpected argument '--quiet' found",
    );
}
