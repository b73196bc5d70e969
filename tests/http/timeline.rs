//! `GET /api/timeline`.

use cafleet_tests::server::served;
use serde_json::{Value, json};

use crate::messages::many;

#[test]
fn is_one_sequence_of_what_everybody_wrote() {
    let (environment, fleet, server) = served();
    assert_eq!(server.get(fleet.id, "/api/timeline").ok(), json!({"messages": [], "next_cursor": null}));
    let mut sent = Vec::new();
    for (from, to) in [(fleet.ada, fleet.grace), (fleet.grace, fleet.director), (fleet.director, fleet.administrator)] {
        sent.push(fleet.send(&environment, from, to, "hello"));
    }
    // to oneself, and by one who has left since
    sent.push(fleet.send(&environment, fleet.ada, fleet.ada, "note"));
    environment.ok(&fleet.words("agent deregister --agent-id @ada"));
    environment.ok(&fleet.words("message broadcast --agent-id @director --text all"));
    sent.push(sent.len() as i64 + 2);
    sent.reverse();
    let timeline = server.get(fleet.id, "/api/timeline").ok();
    let ids: Vec<&Value> =
        timeline["messages"].as_array().expect("messages").iter().map(|row| &row["task_id"]).collect();
    assert_eq!(ids, sent);
}

#[test]
fn a_page_is_the_newest_of_all_however_they_are_spread() {
    let (environment, fleet, server) = served();
    // one agent has much, then the others; then they take turns
    many(&environment, fleet.ada, fleet.grace, 300);
    for _ in 0..60 {
        for to in [fleet.ada, fleet.director, fleet.administrator] {
            many(&environment, fleet.grace, to, 1);
        }
    }
    let mut cursor = String::new();
    let mut seen = Vec::new();
    loop {
        let page = server.get(fleet.id, &format!("/api/timeline{cursor}")).ok();
        seen.extend(
            page["messages"].as_array().expect("messages").iter().map(|row| row["task_id"].as_i64().expect("an id")),
        );
        match page["next_cursor"].as_i64() {
            Some(next) => cursor = format!("?cursor={next}"),
            None => break,
        }
    }
    assert_eq!(seen, (1..=480).rev().collect::<Vec<_>>());
}
