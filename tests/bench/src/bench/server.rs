//! `cafleet server` on a long history: answers in a second.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::process::{Child, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::fixture::{Fixture, RECIPIENT, SENDER};
use crate::http::{Connection, request};
use crate::measure::quantile;
use crate::report::{Table, millis};
use crate::{Outcome, Plan, history};

/// Messages in the file.
pub(crate) const TASKS: u32 = 1_000_000;
const CONNECTIONS: [usize; 2] = [1, 32];
const LASTS: Duration = Duration::from_secs(5);

/// A running server, ended with the value.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    pub(crate) child: Child,
}

impl Server {
    /// Starts one on the database of the fixture.
    pub(crate) fn start(fixture: &Fixture) -> Outcome<Self> {
        let mut command = fixture.cafleet(&["server", "--port", "0"]);
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn()?;
        let mut line = String::new();
        BufReader::new(child.stdout.take().ok_or("no output")?).read_line(&mut line)?;
        let address =
            line.trim_end().strip_prefix("Serving on http://").ok_or("the server does not say where it is")?;
        Ok(Self { address: address.parse()?, child })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself; then there is nothing to end.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Measures each kind of request on one connection and on many.
pub(crate) fn measure(plan: &Plan) -> Outcome<Table> {
    let fixture = Fixture::new(plan, 4)?;
    history::fill(&fixture, TASKS)?;
    let server = Server::start(&fixture)?;
    let message = format!(r#"{{"from_agent_id":{SENDER},"to_agent_id":{RECIPIENT},"text":"which tests are slow?"}}"#);
    let mut table = Table::new(&["Request", "connections", "requests/s", "median", "p99", "answer, bytes"]);
    for (method, path, body) in [
        ("GET", "/api/timeline", ""),
        ("GET", "/api/agents", ""),
        ("GET", "/api/fleets", ""),
        ("POST", "/api/messages/send", message.as_str()),
    ] {
        let request = request(server.address, method, path, body);
        let length = Connection::open(server.address)?.ask(&request)?;
        for connections in CONNECTIONS {
            let times = load(server.address, &request, connections)?;
            #[expect(clippy::cast_precision_loss, reason = "a rate, to the nearest whole number")]
            let rate = times.len() as f64 / LASTS.as_secs_f64();
            let [median, p99] = [0.5, 0.99].map(|part| millis(quantile(&times, part)));
            let name = format!("`{method} {path}`");
            table.row(vec![name, connections.to_string(), format!("{rate:.0}"), median, p99, length.to_string()]);
        }
    }
    table.note(format!(
        "{TASKS} messages in the file; {} s for each row, times in milliseconds. The client runs on the same cores.",
        LASTS.as_secs()
    ));
    Ok(table)
}

/// Sends one request again and again on each connection, and returns how long every answer took.
fn load(address: SocketAddr, request: &[u8], connections: usize) -> Outcome<Vec<Duration>> {
    let end = Instant::now() + LASTS;
    let one = || -> Result<Vec<Duration>, String> {
        let mut connection = Connection::open(address).map_err(|error| error.to_string())?;
        let mut times = Vec::new();
        while Instant::now() < end {
            let begun = Instant::now();
            connection.ask(request).map_err(|error| error.to_string())?;
            times.push(begun.elapsed());
        }
        Ok(times)
    };
    thread::scope(|scope| {
        let clients: Vec<_> = (0..connections).map(|_| scope.spawn(one)).collect();
        let mut all = Vec::new();
        for client in clients {
            all.extend(client.join().map_err(|_| "a client panicked")??);
        }
        Ok(all)
    })
}
