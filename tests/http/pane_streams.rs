//! `/api/panes`: what goes over the stream of a pane, to the byte and to the code of its end.

use std::time::{Duration, Instant};

use cafleet_domain::placement::Pane;
use cafleet_domain::ports::{PaneWatcher, WatchMode};
use cafleet_tests::environment::{Environment, Fleet};
use cafleet_tests::hands::Hands;
use cafleet_tests::http_client::Answer;
use cafleet_tests::private_pty::{PrivatePty, wait};
use cafleet_tests::server::{Server, served};
use cafleet_tests::web_socket::{PaneViewer, Received};
use serde_json::json;

/// What makes a request one for a WebSocket.
const UPGRADE: &str =
    "Connection: Upgrade\nUpgrade: websocket\nSec-WebSocket-Version: 13\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==";

/// A fleet whose Director is a shell script in an embedded terminal.
struct Scene {
    environment: Environment,
    fleet: Fleet,
    server: Server,
    terminals: PrivatePty,
    pane: Pane,
}

impl Scene {
    /// Starts one, and waits until the script says `ready`.
    fn of(script: &str) -> Self {
        let (environment, fleet, server) = served();
        let terminals = wait(PrivatePty::start());
        let pane = terminals.open(&["/bin/sh", "-c", script]);
        terminals.wait_for(&pane, "ready");
        environment.place(fleet.director, &pane);
        Self { environment, fleet, server, terminals, pane }
    }

    /// The path of the Director's stream.
    fn path(&self, further: &str) -> String {
        format!("/api/panes/{}/stream?fleet_id={}{further}", self.fleet.director, self.fleet.id)
    }

    fn watch(&self) -> PaneViewer {
        PaneViewer::open(self.server.address, &self.path(""), Some(&format!("http://{}", self.server.address)))
    }

    fn token(&self) -> String {
        let answer = self.ask_token(self.fleet.id, self.fleet.director).ok();
        assert_eq!(answer["expires_in_seconds"], 30);
        answer["token"].as_str().expect("a token").to_owned()
    }

    fn ask_token(&self, fleet: i64, agent: i64) -> Answer {
        self.server.change("POST", fleet, &format!("/api/panes/{agent}/token"), &json!({}))
    }

    fn take_over(&self) -> PaneViewer {
        PaneViewer::open(self.server.address, &self.path(&format!("&token={}", self.token())), None)
    }

    fn refused(&self, path: &str, headers: &str, status: u16) -> String {
        let head = format!("GET {path} HTTP/1.1\nHost: {}\n{UPGRADE}\n{headers}", self.server.address);
        let detail = self.server.send(&head, b"").refused(status);
        detail.as_str().expect("text").to_owned()
    }

    fn shown(&self) -> String {
        self.terminals.screen(&self.pane).expect("a screen")
    }

    /// Types as somebody who is attached, and gives the pane another size.
    fn attach(&self, columns: u16, rows: u16, keys: &[u8]) {
        let port = self.terminals.multiplexer();
        let attach = async {
            let mut attached = port.watch(&self.pane, WatchMode::Writable { columns, rows }).await?;
            attached.input.write(keys).await
        };
        wait(attach).expect("it is typed");
    }
}

#[test]
fn a_stream_begins_with_the_screen_and_goes_on_with_what_is_drawn() {
    let scene = Scene::of("printf '\\033[?2004h\\033[31mready'; exec cat");
    let (mut first, mut second) = (scene.watch(), scene.watch());
    for viewer in [&mut first, &mut second] {
        assert_eq!(viewer.next_message(), Received::Told(json!({"type": "snapshot", "columns": 120, "rows": 40})));
        let Received::Drawn(drawn) = viewer.next_message() else { panic!("a snapshot is drawn") };
        let drawn = String::from_utf8(drawn).expect("UTF-8");
        assert!(drawn.contains("\u{1b}[?2004h") && drawn.contains("\u{1b}[0;31mready"), "{drawn:?}");
    }
    let port = scene.terminals.multiplexer();
    wait(port.type_now(&scene.pane, "later")).expect("it is typed");
    for viewer in [&mut first, &mut second] {
        viewer.until_drawn("later");
    }
    drop(first);
    wait(port.type_now(&scene.pane, "alone")).expect("it is typed");
    second.until_drawn("alone");
    scene.attach(100, 30, b"");
    let (columns, rows, _) = second.until_drawn("ready");
    assert_eq!((columns, rows), (100, 30), "a new size is a new picture");
}

#[test]
fn titles_are_told_and_queries_are_not() {
    let scene = Scene::of(
        "echo ready; head -c 1 > /dev/null; printf '\\033[6n\\033]52;c;eA==\\007\\033]0;<b>\\007asked'; exec cat",
    );
    let mut viewer = scene.take_over();
    viewer.until_drawn("ready");
    viewer.type_bytes(b"\r");
    let mut titles = Vec::new();
    let mut drawn = Vec::new();
    while !(titles.contains(&json!("<b>")) && String::from_utf8_lossy(&drawn).contains("asked")) {
        match viewer.next_message() {
            Received::Told(told) => titles.push(told["title"].clone()),
            Received::Drawn(bytes) => drawn.extend(bytes),
            Received::Closed(code) => panic!("it closed with {code}"),
        }
    }
    let drawn = String::from_utf8_lossy(&drawn);
    for secret in ["\u{1b}[6n", "\u{1b}]52", "\u{1b}]0"] {
        assert!(!drawn.contains(secret), "{drawn:?}");
    }
}

#[test]
fn a_flood_of_keys_is_slowed_down_and_none_is_lost() {
    const KEYS: u64 = 2000;
    let scene = Scene::of(&format!("stty -echo -icanon; echo ready; head -c {KEYS} | wc -c; exec cat"));
    let mut viewer = scene.take_over();
    viewer.until_drawn("ready");
    let begin = Instant::now();
    for _ in 0..KEYS {
        viewer.type_bytes(b"x");
    }
    viewer.until_drawn(&KEYS.to_string());
    let least = Duration::from_secs(1);
    assert!(begin.elapsed() > least, "{KEYS} keys in {:?}", begin.elapsed());
}

#[test]
fn the_end_of_a_program_is_the_end_of_its_streams() {
    let scene = Scene::of("echo ready; head -c 1 > /dev/null; exit 3");
    let (mut watching, mut typing) = (scene.watch(), scene.take_over());
    typing.until_drawn("ready");
    typing.type_bytes(b"\r");
    for viewer in [&mut watching, &mut typing] {
        let ended = json!({"type": "ended", "reason": "ended with exit code 3"});
        assert_eq!(viewer.until_closed(), (ended, 1000));
    }
    assert_eq!(scene.refused(&scene.path(""), "", 409), "the agent has no pane");
}

#[test]
fn the_end_of_the_server_and_of_the_daemon_are_told() {
    let scene = Scene::of("echo ready; exec cat");
    let mut viewer = scene.watch();
    viewer.until_drawn("ready");
    let pid = scene.terminals.daemon().expect("it runs");
    rustix::process::kill_process(pid, rustix::process::Signal::KILL).expect("it is there");
    let (told, code) = viewer.until_closed();
    assert_eq!((&told["type"], code), (&json!("error"), 1011), "{told}");
    drop(viewer);

    let scene = Scene::of("echo ready; exec cat");
    let mut viewer = scene.watch();
    viewer.until_drawn("ready");
    let reader = std::thread::spawn(move || viewer.until_closed());
    let Scene { server, .. } = scene;
    assert_eq!(server.stop("-TERM"), Some(0));
    assert_eq!(reader.join().expect("it ends").1, 1001);
}

#[test]
fn who_does_not_read_harms_nobody_and_sees_the_end() {
    let scene = Scene::of("echo ready; head -c 1 > /dev/null; seq 1 900000; echo finished; exec cat");
    let (mut stalled, mut reading) = (scene.watch(), scene.watch());
    stalled.until_drawn("ready");
    reading.until_drawn("ready");
    scene.attach(120, 40, b"\r");
    reading.until_drawn("finished");
    let (mut received, mut last) = (0, Vec::new());
    while !String::from_utf8_lossy(&last).contains("finished") {
        match stalled.next_message() {
            Received::Told(_) => {}
            Received::Drawn(bytes) => {
                received += bytes.len();
                last = bytes;
            }
            Received::Closed(code) => panic!("it closed with {code}"),
        }
    }
    assert!(received < 5_000_000, "what could not be seen was not sent: {received} bytes");
}

#[test]
fn who_has_a_token_types_and_changes_no_size() {
    let scene = Scene::of("stty raw -echo; echo ready; exec cat -v");
    let mut viewer = scene.take_over();
    viewer.until_drawn("ready");
    viewer.type_bytes("\u{1b}[A\u{3}é;Enter".as_bytes());
    viewer.until_drawn("^[[A^CM-CM-);Enter");
    let (columns, rows, _) = scene.watch().until_drawn("ready");
    assert_eq!((columns, rows), (120, 40));
}

#[test]
fn who_has_no_token_types_nothing() {
    let scene = Scene::of("stty raw -echo; echo ready; exec cat -v");
    for say in [false, true] {
        let mut viewer = scene.watch();
        viewer.until_drawn("ready");
        if say {
            viewer.say("unheard")
        } else {
            viewer.type_bytes(b"unheard")
        }
        assert_eq!(viewer.until_closed().1, 1008);
    }
    let mut viewer = scene.take_over();
    viewer.type_bytes(b"heard");
    viewer.until_drawn("heard");
    assert!(!scene.shown().contains("unheard"), "{}", scene.shown());
}

#[test]
fn input_that_is_too_long_or_no_input_ends_the_stream() {
    let scene = Scene::of("stty raw -echo; echo ready; exec wc -c");
    let mut viewer = scene.take_over();
    viewer.until_drawn("ready");
    viewer.type_bytes(&vec![b'x'; 64 * 1024 + 1]);
    assert_eq!(viewer.until_closed().1, 1009);
    let mut viewer = scene.take_over();
    viewer.say("x");
    assert_eq!(viewer.until_closed().1, 1003);
}

#[test]
fn a_token_is_good_once_and_for_one_pane() {
    let scene = Scene::of("echo ready; exec cat");
    let used = scene.token();
    let path = scene.path(&format!("&token={used}"));
    PaneViewer::open(scene.server.address, &path, None).until_drawn("ready");
    let refused = "the token is not one for this pane, was used, or is too old; ask for another";
    assert_eq!(scene.refused(&path, "", 403), refused);
    for token in ["", "x", "%00"] {
        assert_eq!(scene.refused(&scene.path(&format!("&token={token}")), "", 403), refused, "{token}");
    }
    // of another fleet, whose Director lives in the same pane
    let other = scene.environment.create_fleet("other");
    scene.environment.place(other.director, &scene.pane);
    let token = scene.token();
    let path = format!("/api/panes/{}/stream?fleet_id={}&token={token}", other.director, other.id);
    assert_eq!(scene.refused(&path, "", 403), refused);
    assert_eq!(scene.refused(&scene.path(&format!("&token={token}")), "", 403), refused, "it was shown");
    let mut viewer = scene.watch();
    viewer.until_drawn("ready");
}

#[test]
fn a_page_of_another_site_watches_nothing() {
    let scene = Scene::of("echo ready; exec cat");
    let port = scene.server.address.port();
    for origin in ["http://evil.example".to_owned(), "null".to_owned(), format!("http://localhost:{port}")] {
        let detail = scene.refused(&scene.path(""), &format!("Origin: {origin}"), 403);
        assert_eq!(detail, "a page of another site may not change or watch anything here", "{origin}");
    }
    let head = format!("GET {} HTTP/1.1\nHost: evil.example\n{UPGRADE}", scene.path(""));
    let detail = scene.server.send(&head, b"").refused(403);
    assert!(detail.as_str().expect("text").starts_with("this server does not answer to the name"), "{detail}");
    PaneViewer::open(scene.server.address, &scene.path(""), None).until_drawn("ready");
}

#[test]
fn what_cannot_be_watched_is_said_as_everywhere() {
    let scene = Scene::of("echo ready; exec cat");
    let Fleet { id, director, ada, administrator, .. } = scene.fleet;
    let stream = |fleet: i64, agent: i64| format!("/api/panes/{agent}/stream?fleet_id={fleet}");
    let other = scene.environment.create_fleet("other");
    for (fleet, agent, status, detail) in [
        (99, director, 404, "Fleet not found"),
        (0, director, 404, "Fleet not found"),
        (id, 99, 404, "Agent not found"),
        (id, -1, 404, "Agent not found"),
        (id, other.director, 404, "Agent not found"),
        (id, ada, 409, "the agent has no pane"),
        (id, administrator, 409, "the agent has no pane"),
    ] {
        assert_eq!(scene.refused(&stream(fleet, agent), "", status), detail, "{fleet} {agent}");
        assert_eq!(scene.ask_token(fleet, agent).refused(status), detail, "{fleet} {agent}");
    }
    assert_eq!(scene.refused(&format!("/api/panes/{director}/stream"), "", 400), "fleet_id: is required");
    assert!(scene.server.get(id, &stream(id, director)).refused(400).is_string(), "it asks for no WebSocket");
    assert_eq!(scene.server.get(id, &stream(id, ada)).refused(409), "the agent has no pane", "a browser asks so why");
    scene.terminals.stop();
    assert_eq!(scene.refused(&stream(id, director), "", 409), "the agent has no pane");
}
