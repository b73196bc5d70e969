//! `cafleet member list`

use cafleet_tests::environment::{Environment, binary, eventually};
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
    let text = environment.ok(&line);
    let (count, table) = text.split_once('\n').expect("a table");
    let words: Vec<Vec<&str>> = table.lines().map(|row| row.split_whitespace().collect()).collect();
    assert_eq!(count, "2 members:");
    assert_eq!(words[0], ["agent_id", "name", "status", "backend", "pane", "state"]);
    assert!(words[1].iter().all(|rule| rule.chars().all(|c| c == '-')), "{text}");
    let (first_id, second_id) = (first.to_string(), second.to_string());
    assert_eq!(words[2][..5], [&first_id, "名前", "active", "claude", &first_pane]);
    assert_eq!(words[3][..5], [&second_id, "Linus", "active", "opencode", &second_pane]);
    let pane = |row: usize| {
        table.lines().nth(row).and_then(|row| row.split_once('%')).map(|(before, _)| before.chars().count())
    };
    assert_eq!(pane(2).map(|column| column + 2), pane(3), "two characters of the name take two columns each: {text}");
    let json = environment.json(&line);
    for (key, value) in [
        ("name", "名前"),
        ("status", "active"),
        ("backend", "claude"),
        ("pane", first_pane.as_str()),
        ("pane_state", "alive"),
    ] {
        assert_eq!(json[0][key], value, "{json}");
    }
    assert_eq!(json[0]["agent_id"], first);
    stage.tmux.tmux(&["kill-pane", "-t", &second_pane]);
    assert!(environment.ok(&line).contains(&format!("opencode  {second_pane} (gone)")));
    let json = environment.json(&line);
    assert_eq!(
        (&json[0]["agent_id"], &json[0]["pane_state"]),
        (&second.into(), &"gone".into()),
        "it comes first: {json}"
    );
}

#[test]
fn the_director_is_the_first_row_on_demand_and_on_a_terminal() {
    let (stage, fleet) = Stage::with_fleet();
    let environment = &stage.environment;
    let line = fleet.words("member list --director");
    let text = environment.ok(&line);
    let words: Vec<&str> = text.lines().nth(3).expect("a row").split_whitespace().collect();
    let director = fleet.director.to_string();
    assert!(text.starts_with("0 members:\n"), "{text}");
    assert_eq!(words[..5], [director.as_str(), "Director", "active", "claude", "%0"], "{text}");
    let (member, _) = stage.member(&fleet, "codex", "Linus");
    let json = environment.json(&line);
    let ids: Vec<_> = json.as_array().expect("rows").iter().map(|row| row["agent_id"].clone()).collect();
    assert_eq!(ids, [fleet.director, member]);
    assert_eq!(json[0]["pane_state"], "alive");
    let typed = fleet.words("member list").join(" ");
    let listed = ["new-window", "-d", "-P", "-F", "#{pane_id}", &format!("{} {typed}; exec cat", binary().display())];
    let pane = stage.tmux.tmux(&listed).trim().to_owned();
    let shown = eventually("the list", || {
        let screen = stage.screen(&pane);
        screen.contains("Linus").then_some(screen)
    });
    assert!(shown.contains("Director  active"), "{shown}");
}

#[test]
fn activity_tells_when_each_last_did_something() {
    let (stage, fleet) = Stage::with_fleet();
    let environment = &stage.environment;
    let (member, _) = stage.member(&fleet, "claude", "Linus");
    let line = fleet.words("member list --activity");
    let text = environment.ok(&line);
    let header: Vec<&str> = text.lines().nth(1).expect("a header").split_whitespace().collect();
    assert_eq!(
        header,
        ["agent_id", "name", "status", "backend", "pane", "state", "last_sent", "last_recv", "last_ack", "idle"]
    );
    assert!(
        text.lines().nth(3).is_some_and(|row| row.split_whitespace().collect::<Vec<_>>()[6..9] == ["-", "-", "-"]),
        "{text}"
    );
    let _ = fleet.send(environment, member, fleet.ada, "hello");
    environment.sql("UPDATE tasks SET (created_at, status_timestamp) = ('2020-01-01T00:00:00.000000+00:00', '2020-01-01T00:00:00.000000+00:00')");
    let json = environment.json(&line);
    assert_eq!(json[0]["last_sent"], "2020-01-01T00:00:00.000000+00:00");
    assert!(json[0]["last_recv"].is_null() && json[0]["last_ack"].is_null(), "{json}");
    let row = environment.ok(&line).lines().nth(3).expect("a row").to_owned();
    assert!(row.split_whitespace().nth(6).is_some_and(|age| age.ends_with('h')), "{row}");
}

#[test]
fn needs_a_multiplexer_and_a_fleet() {
    let (environment, fleet) = Environment::with_fleet();
    environment.fails(&fleet.words("member list"), 1, OUTSIDE);
    let stage = Stage::start();
    stage.environment.fails(&["--fleet-id", "99", "member", "list"], 1, "fleet '99' not found.");
}
