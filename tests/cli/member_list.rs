//! `cafleet member list`

use cafleet_tests::environment::Environment;
use cafleet_tests::stage::Stage;

pub(crate) const OUTSIDE: &str = "cafleet member commands must be run inside a tmux session";

#[test]
fn lists_members_and_never_the_director() {
    let (stage, fleet) = Stage::with_fleet();
    let environment = &stage.environment;
    let line = fleet.words("member list");
    assert_eq!(environment.ok(&line), "0 members:\n");
    assert_eq!(environment.json(&line).to_string(), "[]");
    let (first, first_pane) = stage.member(&fleet, "claude", "名前");
    let (second, second_pane) = stage.member(&fleet, "opencode", "Linus");
    assert_eq!(
        environment.ok(&line),
        format!(
            "2 members:\n  agent_id  name   status  backend   pane\n  --------  -----  ------  --------  ----\n  \
             {first}         名前   active  claude    {first_pane}\n  {second}         Linus  active  opencode  {second_pane}\n"
        )
    );
    let json = environment.json(&line);
    assert_eq!(
        json[0].to_string(),
        format!(
            r#"{{"agent_id":{first},"name":"名前","status":"active","backend":"claude","pane":"{first_pane}","pane_state":"alive"}}"#
        )
    );
    stage.tmux.tmux(&["kill-pane", "-t", &second_pane]);
    assert!(environment.ok(&line).ends_with(&format!("opencode  {second_pane} (gone)\n")));
    assert_eq!(environment.json(&line)[1]["pane_state"], "gone");
}

#[test]
fn activity_tells_when_each_last_did_something() {
    let (stage, fleet) = Stage::with_fleet();
    let environment = &stage.environment;
    let (member, _) = stage.member(&fleet, "claude", "Linus");
    let line = fleet.words("member list --activity");
    let text = environment.ok(&line);
    let header: Vec<&str> = text.lines().nth(1).expect("a header").split_whitespace().collect();
    assert_eq!(header, ["agent_id", "name", "status", "backend", "pane", "last_sent", "last_recv", "last_ack", "idle"]);
    assert!(
        text.lines().nth(3).is_some_and(|row| row.split_whitespace().collect::<Vec<_>>()[5..8] == ["-", "-", "-"]),
        "{text}"
    );
    let _ = fleet.send(environment, member, fleet.ada, "hello");
    environment.sql("UPDATE tasks SET created_at = '2020-01-01T00:00:00.000000+00:00', status_timestamp = created_at");
    let json = environment.json(&line);
    assert_eq!(json[0]["last_sent"], "2020-01-01T00:00:00.000000+00:00");
    assert!(json[0]["last_recv"].is_null() && json[0]["last_ack"].is_null(), "{json}");
    let row = environment.ok(&line).lines().nth(3).expect("a row").to_owned();
    assert!(row.split_whitespace().nth(5).is_some_and(|age| age.ends_with('h')), "{row}");
}

#[test]
fn needs_a_multiplexer_and_a_fleet() {
    let (environment, fleet) = Environment::with_fleet();
    environment.fails(&fleet.words("member list"), 1, OUTSIDE);
    let stage = Stage::start();
    stage.environment.fails(&["--fleet-id", "99", "member", "list"], 1, "fleet '99' not found.");
}
