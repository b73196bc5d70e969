//! Measures deliveries to the real agents, and writes `docs/src/delivery-figures.md`:
//!
//! `cargo run -p cafleet-tests --bin deliveries [COUNT [SECONDS]]`
//!
//! For each agent, state and way at most COUNT deliveries (50), and no new one after SECONDS (300).

mod rows;
mod states;

use std::fmt::Write as _;
use std::time::Duration;
use std::{env, fs, io};

use cafleet_domain::backend::Backend;
use cafleet_tests::lab::{Lab, Manners};
use cafleet_tests::workspace;

use rows::{Row, Way};
use states::State;

#[expect(clippy::print_stderr, reason = "tells a person how far it is")]
fn main() -> io::Result<()> {
    let mut arguments = env::args().skip(1).map(|argument| argument.parse().map_err(io::Error::other));
    let count: u64 = arguments.next().transpose()?.unwrap_or(50);
    let seconds = arguments.next().transpose()?.unwrap_or(300);
    let mut rows = Vec::new();
    for backend in Backend::ALL {
        for way in [Way::Cafleet, Way::Recipe] {
            for state in State::ALL {
                let manners = match state {
                    State::Asking => Manners::Asking,
                    State::Stopped => Manners::Stoppable,
                    _ => Manners::Member,
                };
                let mut lab = Lab::start(backend, manners);
                if way == Way::Cafleet {
                    lab.watch();
                }
                let row = states::measure(&lab, way, state, count, Duration::from_secs(seconds));
                eprintln!("{}", row.line());
                rows.push(row);
                // an hour's figures are not to be lost to the end of the last minute
                fs::write(workspace::root().join("docs/src/delivery-figures.md"), page(&rows))?;
            }
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
