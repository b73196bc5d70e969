//! `cafleet server`.

use std::io::{BufRead, BufReader};
use std::net::TcpListener;

use cafleet_tests::environment::{Environment, Outcome};
use cafleet_tests::server::Server;

#[test]
fn says_where_it_is_and_ends_in_order() {
    for signal in ["-INT", "-TERM"] {
        let (environment, fleet) = Environment::with_fleet();
        let server = Server::start(&environment);
        assert!(server.address.ip().is_loopback());
        let _listening = server.listen(fleet.id);
        assert_eq!(server.stop(signal), Some(0), "{signal}");
        let log = environment.path("data/cafleet/cafleet.db-wal");
        assert!(!log.exists(), "the last one out folds the log back");
    }
}

#[test]
fn says_where_it_is_in_json() {
    let environment = Environment::new();
    let mut child = environment.spawn(&["--json", "--fleet-id", "7", "server", "--port", "0", "--host", "localhost"]);
    let mut line = String::new();
    BufReader::new(child.stdout.take().expect("its output")).read_line(&mut line).expect("a line");
    child.kill().expect("it runs");
    child.wait().expect("it ends");
    let told: serde_json::Value = serde_json::from_str(&line).expect("JSON");
    let (host, port) = (told["host"].as_str().expect("a host"), told["port"].as_u64().expect("a port"));
    assert!(["127.0.0.1", "::1"].contains(&host), "{line}");
    assert!(told["url"].as_str().is_some_and(|url| url.starts_with("http://") && url.ends_with(&format!(":{port}"))));
}

#[test]
fn the_settings_say_where_and_flags_win() {
    let mut environment = Environment::new();
    let taken = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = taken.local_addr().expect("an address").port();
    environment.set("CAFLEET_BROKER_PORT", port.to_string());
    environment.fails(&["server"], 1, &format!("address 127.0.0.1:{port} is already in use"));
    let server = Server::start(&environment);
    assert_ne!(server.address.port(), port, "--port wins");
    environment.set("CAFLEET_BROKER_HOST", "host.invalid");
    let error = environment.run(&["server"]).error(1);
    assert!(error.starts_with("cannot listen on host.invalid: "), "{error}");
    environment.set("CAFLEET_BROKER_PORT", "65536");
    let error = "CAFLEET_BROKER_PORT must be a port between 0 and 65535 (got '65536')";
    environment.fails(&["server"], 1, error);
}

#[test]
fn an_address_that_others_reach_is_warned_of() {
    let environment = Environment::new();
    let mut child = environment.spawn(&["server", "--host", "0.0.0.0", "--port", "0"]);
    let mut line = String::new();
    BufReader::new(child.stderr.as_mut().expect("its output")).read_line(&mut line).expect("a line");
    assert!(line.starts_with("Warning: 0.0.0.0:") && line.contains("no login"), "{line}");
    child.kill().expect("it runs");
    let _ = Outcome::finish(child);
}

#[test]
fn a_database_that_cannot_be_used_is_said_at_once() {
    let mut environment = Environment::new();
    environment.set("CAFLEET_DATABASE_URL", environment.path("home"));
    let error = environment.run(&["server", "--port", "0"]).error(1);
    assert!(error.ends_with("is a directory; set CAFLEET_DATABASE_URL to a file"), "{error}");
}
