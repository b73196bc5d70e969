//! Measures deliveries to the real agents, and writes `docs/src/delivery-figures.md`:
//!
//! `cargo run --release -p cafleet-tests --bin deliveries [COUNT [SECONDS [AGENT]]]`
//!
//! For each agent, state and way at most COUNT deliveries (50), and no new one after SECONDS (900). The three agents are
//! measured side by side, the two ways in turn; or AGENT alone.

mod rows;
mod states;

use std::fmt::Write as _;
use std::sync::Mutex;
use std::time::Duration;
use std::{env, fs, io, thread};

use cafleet_domain::backend::Backend;
use cafleet_tests::workspace;

use rows::{Row, Way};
use states::State;

fn main() -> io::Result<()> {
    let mut arguments = env::args().skip(1);
    let mut number = |default| arguments.next().map_or(Ok(default), |text| text.parse().map_err(io::Error::other));
    let (count, seconds) = (number(50)?, number(900)?);
    let agents = arguments.next().map_or(Ok(Backend::BUILT_IN.into()), |name| name.parse().map(|agent| vec![agent]));
    let agents: Vec<Backend> = agents.map_err(io::Error::other)?;
    let rows = Mutex::new(Vec::new());
    thread::scope(|scope| {
        let rows = &rows;
        let one = |backend| scope.spawn(move || measure(backend, count, Duration::from_secs(seconds), rows));
        let all: Vec<_> = agents.into_iter().map(one).collect();
        all.into_iter().try_for_each(|one| one.join().expect("an agent is measured to the end"))
    })
}

/// Measures one agent in all states and both ways.
#[expect(clippy::print_stderr, reason = "tells a person how far it is")]
fn measure(backend: Backend, count: u64, limit: Duration, rows: &Mutex<Vec<Row>>) -> io::Result<()> {
    for state in State::ALL {
        for way in [Way::Cafleet, Way::Recipe] {
            let row = states::measure(backend, way, state, count, limit);
            eprintln!("{}: {}", way.title(), row.line());
            let mut rows = rows.lock().expect("no measurement has panicked");
            rows.push(row);
            rows.sort_by_key(|row| (row.backend, row.state));
            // an hour's figures are not to be lost to the end of the last minute
            fs::write(workspace::root().join("docs/src/delivery-figures.md"), page(&rows))?;
        }
    }
    Ok(())
}

fn page(rows: &[Row]) -> String {
    let mut page = include_str!("head.md").to_owned();
    for way in [Way::Cafleet, Way::Recipe] {
        let _infallible = writeln!(page, "\n## {}\n\n{}", way.title(), Row::HEAD);
        for row in rows.iter().filter(|row| row.way == way) {
            page += &row.line();
            page.push('\n');
        }
    }
    page
}
