//! `/api/panes`: the terminals of agents over a WebSocket.

use std::net::TcpStream;
use std::time::Duration;

use cafleet_tests::environment::{Environment, Fleet, Outcome, eventually, pause};
use cafleet_tests::stage::Stage;
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::{ClientHandshake, HandshakeError, Message, WebSocket, error::Error};

use crate::server::Server;

/// How long a test waits for a message.
const PATIENCE: Duration = Duration::from_secs(30);

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

    fn open(&self, query: &str) -> Client {
        self.try_open(query, None).unwrap_or_else(|refused| panic!("{refused}"))
    }

    /// Opens a stream; fails with the status of the answer.
    fn try_open(&self, query: &str, origin: Option<&str>) -> Result<Client, u16> {
        let path = format!("/api/panes/{}/stream?fleet_id={}{query}", self.agent, self.fleet.id);
        Client::open(&self.server, &path, origin)
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

impl Drop for World {
    fn drop(&mut self) {
        if let Home::Embedded(environment) = &self.home {
            let _ended = environment.run(&["daemon", "stop", "--force"]);
        }
    }
}

/// A stream, and everything that it has been sent.
struct Client {
    socket: WebSocket<TcpStream>,
    drawn: String,
}

impl Client {
    fn open(server: &Server, path: &str, origin: Option<&str>) -> Result<Self, u16> {
        let stream = TcpStream::connect(server.address).expect("the server listens");
        stream.set_read_timeout(Some(PATIENCE)).expect("a timeout");
        let mut request = format!("ws://{}{path}", server.address).into_client_request().expect("a request");
        if let Some(origin) = origin {
            request.headers_mut().insert("Origin", origin.parse().expect("a header"));
        }
        let handshake = ClientHandshake::start(stream, request, None).expect("a request");
        match handshake.handshake() {
            Ok((socket, _)) => Ok(Self { socket, drawn: String::new() }),
            Err(HandshakeError::Failure(Error::Http(answer))) => Err(answer.status().as_u16()),
            Err(error) => panic!("{error}"),
        }
    }

    fn next(&mut self) -> Message {
        let message = self.socket.read().expect("a message");
        if let Message::Binary(bytes) = &message {
            self.drawn.push_str(&String::from_utf8_lossy(bytes));
        }
        message
    }

    /// Waits for a message in words of this type.
    fn told(&mut self, kind: &str) -> Value {
        loop {
            if let Message::Text(text) = self.next() {
                let told: Value = serde_json::from_str(&text).expect("JSON");
                if told["type"] == kind {
                    return told;
                }
            }
        }
    }

    fn until_drawn(&mut self, text: &str) {
        while !self.drawn.contains(text) {
            drop(self.next());
        }
    }

    fn press(&mut self, keys: &str) {
        self.socket.send(Message::binary(keys.as_bytes().to_vec())).expect("it is sent");
    }

    /// Waits for the end of the connection, and returns its code.
    fn closed(&mut self) -> CloseCode {
        loop {
            match self.next() {
                Message::Close(frame) => return frame.expect("a reason").code,
                _ => continue,
            }
        }
    }
}

fn is_shown_live_and_not_typed_into(world: &World) {
    let (mut client, mut other) = (world.open(""), world.open(""));
    let snapshot = client.told("snapshot");
    assert!(snapshot["columns"].as_i64() > Some(30) && snapshot["rows"].as_i64() > Some(9), "{snapshot}");
    eventually("the agent at rest", || world.is_at_rest().then_some(()));
    assert_eq!(world.send("hello to see")["delivery"]["state"], "submitted");
    client.until_drawn("hello to see");
    other.until_drawn("hello to see");
    client.press("x");
    assert_eq!(client.closed(), CloseCode::Policy);
    other.socket.send(Message::Ping(Vec::new().into())).expect("the other one goes on");
    while !matches!(other.next(), Message::Pong(_)) {}
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
    assert_eq!(world.try_open(&format!("&token={token}"), None).err(), Some(403), "a token is good once");
    client.press("half");
    client.until_drawn("half");
    client.press("\u{7f}\u{7f}\u{7f}\u{7f}");
    // the composer is empty again and again, but the person is not through
    let mut sending = world.environment().spawn(&world.sending("wait for me"));
    while sending.try_wait().expect("it can be waited for").is_none() {
        client.press("x\u{7f}");
        pause(Duration::from_millis(200));
    }
    let sent = Outcome::finish(sending).json();
    let reason = sent["delivery"]["reason"].as_str().unwrap_or_default();
    assert!(sent["delivery"]["state"] == "held" && reason.contains("being typed to"), "{sent}");
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
    let before = client.told("snapshot");
    world.in_tmux(&["resize-window", "-t", "main", "-x", "150", "-y", "30"]);
    let after = client.told("snapshot");
    assert_ne!(before["columns"], after["columns"]);
    assert_eq!(after["rows"], 30);
}

fn its_end_is_told(world: &World, agent: i64) {
    let path = format!("/api/panes/{agent}/stream?fleet_id=1");
    let mut client = Client::open(&world.server, &path, None).expect("a stream");
    client.told("snapshot");
    world.environment().ok(&world.fleet.words(&format!("member delete --force --member-id {agent}")));
    assert!(client.told("ended")["reason"].as_str().is_some_and(|reason| reason.starts_with("ended")));
    assert_eq!(client.closed(), CloseCode::Normal);
    assert_eq!(Client::open(&world.server, &path, None).err(), Some(404), "it has left");
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
