//! `/api/panes`: what holds for the panes of both multiplexers, with an agent in them.

use std::time::Duration;

use cafleet_tests::environment::{Environment, Fleet, Outcome, eventually, pause};
use cafleet_tests::server::Server;
use cafleet_tests::stage::Stage;
use cafleet_tests::web_socket::{PaneViewer, Received};
use serde_json::{Value, json};

/// Where the agents live.
enum Home {
    Tmux(Stage),
    Embedded(Environment),
}

/// A fleet, one of its agents, and a server.
struct World {
    home: Home,
    fleet: Fleet,
    server: Server,
    agent: i64,
}

impl World {
    fn embedded() -> Self {
        let environment = Environment::new();
        environment.install_agents();
        assert_eq!(environment.ok(&["fleet", "create", "--spawn"]), "1 director=1 admin=2\n");
        let fleet = Fleet { id: 1, director: 1, administrator: 2, ada: 0, grace: 0 };
        let server = Server::start(&environment);
        Self { home: Home::Embedded(environment), fleet, server, agent: 1 }
    }

    fn tmux() -> Self {
        let (stage, fleet) = Stage::with_fleet();
        let (agent, _) = stage.member(&fleet, "claude", "Ada");
        let server = Server::start(&stage.environment);
        Self { home: Home::Tmux(stage), fleet, server, agent }
    }

    fn environment(&self) -> &Environment {
        match &self.home {
            Home::Tmux(stage) => &stage.environment,
            Home::Embedded(environment) => environment,
        }
    }

    fn in_tmux(&self, command: &[&str]) -> String {
        match &self.home {
            Home::Tmux(stage) => stage.tmux.tmux(command),
            Home::Embedded(_) => panic!("the fleet lives elsewhere"),
        }
    }

    fn path(&self, query: &str) -> String {
        format!("/api/panes/{}/stream?fleet_id={}{query}", self.agent, self.fleet.id)
    }

    fn open(&self, query: &str) -> PaneViewer {
        PaneViewer::open(self.server.address, &self.path(query), None)
    }

    fn token(&self) -> String {
        let path = format!("/api/panes/{}/token", self.agent);
        let answer = self.server.change("POST", self.fleet.id, &path, &json!({})).ok();
        assert_eq!(answer["expires_in_seconds"], 30);
        answer["token"].as_str().expect("a token").to_owned()
    }

    fn sending(&self, text: &str) -> Vec<String> {
        let mut line = vec!["--json".to_owned()];
        line.extend(self.fleet.words(&format!("message send --agent-id @admin --to {} --text", self.agent)));
        line.push(text.to_owned());
        line
    }

    fn send(&self, text: &str) -> Value {
        self.environment().run(&self.sending(text)).json()
    }

    fn is_at_rest(&self) -> bool {
        let agents = self.server.get(self.fleet.id, "/api/agents").ok();
        let mut agents = agents["agents"].as_array().into_iter().flatten();
        agents.any(|agent| agent["agent_id"] == self.agent && agent["state"] == "at_rest")
    }
}

/// Reads up to a snapshot, and returns its size.
fn snapshot(viewer: &mut PaneViewer) -> (u64, u64) {
    loop {
        if let Received::Told(told) = viewer.next_message()
            && told["type"] == "snapshot"
        {
            let number = |name: &str| told[name].as_u64().expect("a number");
            return (number("columns"), number("rows"));
        }
    }
}

fn is_shown_live_and_not_typed_into(world: &World) {
    let (mut client, mut other) = (world.open(""), world.open(""));
    let (columns, rows) = snapshot(&mut client);
    assert!(columns > 30 && rows > 9, "{columns} x {rows}");
    eventually("the agent at rest", || world.is_at_rest().then_some(()));
    assert_eq!(world.send("hello to see")["delivery"]["state"], "submitted");
    client.until_drawn("hello to see");
    other.until_drawn("hello to see");
    client.type_bytes(b"x");
    assert_eq!(client.until_closed().1, 1008);
    eventually("the agent at rest", || world.is_at_rest().then_some(()));
    assert_eq!(world.send("and on it goes")["delivery"]["state"], "submitted");
    other.until_drawn("and on it goes");
}

#[test]
fn an_embedded_pane_is_shown_live_and_not_typed_into() {
    is_shown_live_and_not_typed_into(&World::embedded());
}

#[test]
fn a_pane_of_tmux_is_shown_live_and_not_typed_into() {
    let world = World::tmux();
    is_shown_live_and_not_typed_into(&world);
    eventually("the clients to leave", || world.in_tmux(&["list-clients"]).is_empty().then_some(()));
}

fn messages_wait_while_a_person_types(world: &World) {
    eventually("the agent at rest", || world.is_at_rest().then_some(()));
    let token = world.token();
    let mut client = world.open(&format!("&token={token}"));
    client.type_bytes(b"half");
    client.until_drawn("half");
    client.type_bytes(b"\x7f\x7f\x7f\x7f");
    // the composer is empty again and again, but the person is not through
    let mut sending = world.environment().spawn(&world.sending("wait for me"));
    while sending.try_wait().expect("it can be waited for").is_none() {
        client.type_bytes(b"x\x7f");
        pause(Duration::from_millis(200));
    }
    let sent = Outcome::finish(sending).json();
    let reason = sent["delivery"]["reason"].as_str().unwrap_or_default();
    assert!(sent["delivery"]["state"] == "held" && reason.contains("another process is typing into"), "{sent}");
    drop(client);
    let again = world.send("the next one");
    assert_eq!(again["delivery"]["state"], "submitted", "{again}");
}

#[test]
fn messages_wait_while_a_person_types_into_an_embedded_pane() {
    messages_wait_while_a_person_types(&World::embedded());
}

#[test]
fn messages_wait_while_a_person_types_into_a_pane_of_tmux() {
    messages_wait_while_a_person_types(&World::tmux());
}

#[test]
fn a_pane_of_tmux_that_changes_its_size_is_drawn_anew() {
    let world = World::tmux();
    let mut client = world.open("");
    let before = snapshot(&mut client);
    world.in_tmux(&["resize-window", "-t", "main", "-x", "150", "-y", "30"]);
    let after = snapshot(&mut client);
    assert_ne!(before.0, after.0);
    assert_eq!(after.1, 30);
}

fn its_end_is_told(world: &World, agent: i64) {
    let path = format!("/api/panes/{agent}/stream?fleet_id=1");
    let mut client = PaneViewer::open(world.server.address, &path, None);
    snapshot(&mut client);
    world.environment().ok(&world.fleet.words(&format!("member delete --force --member-id {agent}")));
    let (last, code) = client.until_closed();
    assert_eq!((&last["type"], code), (&"ended".into(), 1000));
    assert!(last["reason"].as_str().is_some_and(|reason| reason.starts_with("ended")), "{last}");
    let _ = world.server.get(world.fleet.id, &path).refused(404);
}

#[test]
fn the_end_of_a_pane_is_told() {
    let world = World::tmux();
    its_end_is_told(&world, world.agent);
    let world = World::embedded();
    let words = world.fleet.words("member create --agent-id @director --name Ada --description tests");
    let agent = world.environment().json(&words)["agent_id"].as_i64().expect("an id");
    its_end_is_told(&world, agent);
}
