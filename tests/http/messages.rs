//! `GET /api/agents/{id}/inbox`, `…/sent` and `POST /api/messages/send`.

use cafleet_tests::environment::Environment;
use cafleet_tests::server::{Server, served};
use serde_json::{Value, json};

fn ids(page: &Value) -> Vec<i64> {
    page["messages"].as_array().expect("messages").iter().map(|row| row["task_id"].as_i64().expect("an id")).collect()
}

#[test]
fn a_message_has_all_its_fields_and_the_whole_body() {
    let (environment, fleet, server) = served();
    let body = format!("<script>alert(1)</script>\n```\ncode\n```\n日本語 {}", "x".repeat(5000));
    let id = fleet.send(&environment, fleet.ada, fleet.grace, &body);
    let page = server.get(fleet.id, &format!("/api/agents/{}/inbox", fleet.grace)).ok();
    assert_eq!(page["next_cursor"], Value::Null);
    let row = &page["messages"][0];
    let time = row["created_at"].clone();
    let expected = json!({
        "task_id": id,
        "from_agent_id": fleet.ada,
        "from_agent_name": "Ada",
        "to_agent_id": fleet.grace,
        "to_agent_name": "Grace",
        "type": "unicast",
        "status": "input_required",
        "created_at": time,
        "status_timestamp": time,
        "origin_task_id": null,
        "body": body,
        "notice": false,
        "delivery": null,
    });
    assert_eq!(*row, expected);
    let sent = server.get(fleet.id, &format!("/api/agents/{}/sent", fleet.ada)).ok();
    assert_eq!(sent, page);
    for (path, agent) in [("inbox", fleet.ada), ("sent", fleet.grace)] {
        let empty = server.get(fleet.id, &format!("/api/agents/{agent}/{path}")).ok();
        assert_eq!(empty, json!({"messages": [], "next_cursor": null}));
    }
    environment.ok(&fleet.words(&format!("message ack --agent-id @grace --task-id {id}")));
    let row = &server.get(fleet.id, &format!("/api/agents/{}/inbox", fleet.grace)).ok()["messages"][0];
    assert_eq!(row["status"], "completed");
    assert_ne!(row["status_timestamp"], time);
}

#[test]
fn the_person_acknowledges_what_is_written_to_the_administrator_and_nothing_else() {
    let (environment, fleet, server) = served();
    let administrator = |row: &Value| row["kind"] == "builtin-administrator";
    let inbox = |field: &str| {
        let agents = server.get(fleet.id, "/api/agents").ok();
        agents["agents"].as_array().expect("agents").iter().find(|row| administrator(row)).expect("one")[field].clone()
    };
    let id = inbox("agent_id").as_i64().expect("an id");
    assert_eq!((inbox("pending_count"), inbox("pending_since")), (json!(0), Value::Null));
    let task = fleet.send(&environment, fleet.ada, id, "I need your decision");
    let second = fleet.send(&environment, fleet.ada, id, "and another one");
    let sent = server.get(fleet.id, &format!("/api/agents/{id}/inbox")).ok()["messages"][1]["created_at"].clone();
    assert_eq!((inbox("pending_count"), inbox("pending_since")), (json!(2), sent));
    let done = server.change("POST", fleet.id, &format!("/api/messages/{task}/acknowledge"), &json!({})).ok();
    assert_eq!((&done["task_id"], &done["status"]), (&json!(task), &json!("completed")));
    let again = server.change("POST", fleet.id, &format!("/api/messages/{task}/acknowledge"), &json!({})).ok();
    assert_eq!(again, done, "twice changes nothing");
    assert_eq!(inbox("pending_count"), json!(1));
    environment.ok(&fleet.words(&format!("message cancel --agent-id @ada --task-id {second}")));
    let to_grace = fleet.send(&environment, fleet.ada, fleet.grace, "not for you");
    for (task, status, detail) in [
        (to_grace, 400, format!("only the recipient can acknowledge task {to_grace}")),
        (second, 400, format!("task {second} was canceled by its sender")),
        (999, 404, "Message not found".to_owned()),
        (0, 404, "Message not found".to_owned()),
    ] {
        let answer = server.change("POST", fleet.id, &format!("/api/messages/{task}/acknowledge"), &json!({}));
        assert_eq!((answer.status, &answer.json()["detail"]), (status, &json!(detail)), "{task}");
    }
}

#[test]
fn summaries_are_not_listed_and_deliveries_name_their_origin() {
    let (environment, fleet, server) = served();
    environment.ok(&fleet.words("message broadcast --agent-id @ada --text all"));
    let sent = server.get(fleet.id, &format!("/api/agents/{}/sent", fleet.ada)).ok();
    let rows = sent["messages"].as_array().expect("messages");
    assert_eq!(rows.len(), 2, "to the Director and to Grace");
    for row in rows {
        assert_eq!((&row["type"], &row["origin_task_id"]), (&json!("unicast"), &json!(1)));
    }
    // the Director has a pane, which is not there: its doorbell is given up, or owed when there is no tmux at all
    let to_director = rows.iter().find(|row| row["to_agent_id"] == fleet.director).expect("the Director's");
    let delivery = &to_director["delivery"];
    assert!(["failed", "held"].contains(&delivery["state"].as_str().expect("a state")), "{delivery}");
    assert!(delivery["reason"].is_string() && delivery["updated_at"].is_string(), "{delivery}");
}

#[test]
fn pages_hold_two_hundred_and_lead_to_the_end() {
    let (environment, fleet, server) = served();
    many(&environment, fleet.ada, fleet.grace, 450);
    for path in [
        "/api/timeline".to_owned(),
        format!("/api/agents/{}/inbox", fleet.grace),
        format!("/api/agents/{}/sent", fleet.ada),
    ] {
        let first = server.get(fleet.id, &path).ok();
        assert_eq!(ids(&first), (251..=450).rev().collect::<Vec<_>>());
        assert_eq!(first["next_cursor"], 251);
        let second = server.get(fleet.id, &format!("{path}?cursor=251")).ok();
        assert_eq!((ids(&second).len(), &second["next_cursor"]), (200, &json!(51)));
        let third = server.get(fleet.id, &format!("{path}?cursor=51")).ok();
        assert_eq!((ids(&third), &third["next_cursor"]), ((1..=50).rev().collect(), &Value::Null));
        for end in ["1", "0", "-5", "-9223372036854775808"] {
            let past = server.get(fleet.id, &format!("{path}?cursor={end}")).ok();
            assert_eq!(past, json!({"messages": [], "next_cursor": null}), "{path} {end}");
        }
    }
}

/// Writes messages past the program, for there are many.
pub(crate) fn many(environment: &Environment, from: i64, to: i64, count: usize) {
    environment.sql(&format!(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {count})
         INSERT INTO tasks (context_id, from_agent_id, to_agent_id, type, created_at, status_state, status_timestamp, text)
         SELECT {to}, {from}, {to}, 'unicast', '2026-04-15T10:00:00.123456+00:00', 'input_required',
         '2026-04-15T10:00:00.123456+00:00', 'message ' || i FROM n"
    ));
}

#[test]
fn sends_to_one_and_to_all() {
    let (environment, fleet, server) = served();
    let post = |body: &Value| server.change("POST", fleet.id, "/api/messages/send", body);
    let body = "a;b\n\"quoted\" \u{0} 日本語";
    let to_one = json!({"from_agent_id": fleet.administrator, "to_agent_id": fleet.ada, "text": body});
    assert_eq!(post(&to_one).ok(), json!({"task_id": 1, "status": "input_required"}));
    let inbox = environment.json(&fleet.words("message poll --agent-id @ada --full"));
    assert_eq!((&inbox[0]["text"], &inbox[0]["from_agent_id"]), (&json!(body), &json!(fleet.administrator)));
    let to_all = json!({"from_agent_id": fleet.administrator, "to_agent_id": "*", "text": "all"});
    assert_eq!(post(&to_all).ok(), json!({"task_id": 2, "status": "input_required"}));
    let timeline = server.get(fleet.id, "/api/timeline").ok();
    let origins = timeline["messages"].as_array().expect("messages").iter().filter(|row| row["origin_task_id"] == 2);
    assert_eq!(origins.count(), 3, "Director, Ada and Grace");
}

#[test]
fn a_body_of_a_mebibyte_is_sent_and_a_longer_one_is_not() {
    let (environment, fleet, server) = served();
    let post = |text: String| {
        let body = json!({"from_agent_id": fleet.ada, "to_agent_id": fleet.grace, "text": text});
        server.change("POST", fleet.id, "/api/messages/send", &body)
    };
    let longest = "é".repeat(512 * 1024);
    let id = post(longest.clone()).ok()["task_id"].clone();
    let inbox = server.get(fleet.id, &format!("/api/agents/{}/inbox", fleet.grace)).ok();
    assert_eq!((&inbox["messages"][0]["task_id"], &inbox["messages"][0]["body"]), (&id, &json!(longest)));
    let refused = post(longest + "x").refused(422);
    assert_eq!(refused[0]["loc"], json!(["body", "text"]));
    assert_eq!((refused[0]["type"].as_str(), environment.number("SELECT count(*) FROM tasks")), (Some("too_long"), 1));
}

#[test]
fn a_message_is_stored_and_its_doorbell_owed_where_there_is_no_tmux() {
    let (mut environment, fleet) = Environment::with_fleet();
    environment.set("PATH", environment.path("bin"));
    let server = Server::start(&environment);
    let body = json!({"from_agent_id": fleet.administrator, "to_agent_id": fleet.director, "text": "hello"});
    let mut events = server.listen(fleet.id);
    assert_eq!(server.change("POST", fleet.id, "/api/messages/send", &body).ok()["task_id"], 1);
    assert_eq!(events.wait_for("message").data["task_id"], 1);
    let delivery = events.wait_for("delivery").data["delivery"].clone();
    assert_eq!(delivery["state"], "held");
    assert!(delivery["reason"].as_str().expect("a reason").contains("not installed"), "{delivery}");
}
