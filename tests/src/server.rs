//! A server of the test's own, on any free port.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};

use crate::environment::{Environment, Fleet};
use crate::http_client::{Answer, EventSource, send};
use serde_json::Value;

/// A running `cafleet server`, ended with the value.
pub struct Server {
    /// Where it listens.
    pub address: SocketAddr,
    /// The process.
    pub child: Child,
}

impl Server {
    /// Starts one on any free port.
    pub fn start(environment: &Environment) -> Self {
        Self::start_with(environment, &[])
    }

    /// Starts one with further options.
    pub fn start_with(environment: &Environment, options: &[&str]) -> Self {
        let arguments = [&["server", "--port", "0"], options].concat();
        Self::of(environment.spawn(&arguments))
    }

    /// Starts one for which the modes of files count, whoever runs the test.
    pub fn start_restrained(environment: &Environment) -> Self {
        let plain = environment.command(&["server", "--port", "0"]);
        if !rustix::process::geteuid().is_root() {
            return Self::of({ plain }.spawn().expect("the binary starts"));
        }
        let mut command = Command::new("setpriv");
        command.args(["--bounding-set=-all", "--inh-caps=-all"]).arg(plain.get_program()).args(plain.get_args());
        command.env_clear().envs(environment.variables()).stdout(Stdio::piped()).stderr(Stdio::null());
        Self::of(command.spawn().expect("setpriv runs"))
    }

    /// Waits until a server that was started says where it is.
    pub fn of(mut child: Child) -> Self {
        let mut line = String::new();
        let mut told = BufReader::new(child.stdout.take().expect("its output"));
        told.read_line(&mut line).expect("it says where it is");
        let address = line.trim_end().strip_prefix("Serving on http://").and_then(|address| address.parse().ok());
        Self { address: address.unwrap_or_else(|| panic!("no address: {line:?}")), child }
    }

    /// Asks, with headers of the fleet.
    pub fn get(&self, fleet: i64, path: &str) -> Answer {
        self.send(&format!("GET {path} HTTP/1.1\nHost: {}\nX-Fleet-Id: {fleet}", self.address), b"")
    }

    /// Changes something of the fleet.
    pub fn change(&self, method: &str, fleet: i64, path: &str, body: &Value) -> Answer {
        self.change_raw(method, fleet, path, body.to_string().as_bytes())
    }

    /// As [`Server::change`], with a body of any bytes.
    pub fn change_raw(&self, method: &str, fleet: i64, path: &str, body: &[u8]) -> Answer {
        let (address, length) = (self.address, body.len());
        let head = format!(
            "{method} {path} HTTP/1.1\nHost: {address}\nX-Fleet-Id: {fleet}\nContent-Type: application/json\n\
             Content-Length: {length}"
        );
        self.send(&head, body)
    }

    /// Sends whatever it is given.
    pub fn send(&self, head: &str, body: &[u8]) -> Answer {
        send(self.address, head, body)
    }

    /// Listens to a fleet from now on: the first event, which says so, has been read.
    pub fn listen(&self, fleet: i64) -> EventSource {
        let mut events = EventSource::open(self.address, fleet, None);
        assert_eq!(events.next_event().expect("a first event").name, "ready");
        events
    }

    /// Ends it with a signal and returns how it ended.
    pub fn stop(mut self, signal: &str) -> Option<i32> {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args([signal, &pid]).status().expect("kill runs").success());
        self.child.wait().expect("it ends").code()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Makes an environment with a fleet, and a server on it.
pub fn served() -> (Environment, Fleet, Server) {
    let (environment, fleet) = Environment::with_fleet();
    let server = Server::start(&environment);
    (environment, fleet, server)
}
