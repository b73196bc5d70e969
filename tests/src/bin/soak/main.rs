//! Lets a fleet of the real agents work while everything happens to them that can, and compares to the last message what was sent,
//! what the ledger says, and what reached the models; writes `docs/src/soak-figures.md`:
//!
//! `cargo run -p cafleet-tests --bin soak -- --minutes 60`

mod annex;
mod conversations;
mod editor;
mod keyboard;
mod ledger;
mod overlay;
mod person;
mod recorder;
mod report;
mod senders;
mod storms;
mod tally;
mod watcher;
mod yard;

use std::process::ExitCode;
use std::time::Duration;
use std::{fs, io, thread};

use cafleet_tests::workspace;
use clap::Parser;

use person::Person;
use senders::Sender;
use yard::Yard;

/// A soak of a fleet of real agents.
#[derive(Debug, Parser)]
struct Arguments {
    /// How long the fleet works
    #[arg(long, default_value_t = 2.0)]
    minutes: f64,
    /// What chooses the faults and when they happen; the same ones come again with the same seed
    #[arg(long)]
    seed: Option<u64>,
    /// Write the figures into the documentation
    #[arg(long)]
    write: bool,
}

fn main() -> io::Result<ExitCode> {
    let arguments = Arguments::parse();
    let seed = arguments.seed.unwrap_or_else(|| fastrand::u64(1..1_000_000));
    let yard = Yard::open(Duration::from_secs_f64(arguments.minutes * 60.0));
    yard.say(&format!("soak of {} minutes, --seed {seed}, files in {}", arguments.minutes, yard.folder().display()));
    thread::scope(|scope| {
        let mut chance = fastrand::Rng::with_seed(seed);
        for fleet in [&yard.fleet, &yard.annex.fleet] {
            let chance = chance.fork();
            let yard = &yard;
            scope.spawn(move || watcher::watch(yard, fleet, chance));
        }
        scope.spawn(|| recorder::record(&yard));
        let people: Vec<_> = yard.seats.iter().map(|seat| Person::new(&yard, seat, chance.fork())).collect();
        let senders: Vec<_> = (0..2).map(|number| Sender::new(&yard, number, chance.fork())).collect();
        let people = people.into_iter().map(|person| scope.spawn(move || person.live()));
        let workers: Vec<_> = people.collect();
        for sender in senders {
            scope.spawn(move || sender.work());
        }
        let storms = chance.fork();
        let storms = scope.spawn(|| storms::blow(&yard, storms));
        for worker in workers.into_iter().chain([storms]) {
            if worker.join().is_err() {
                yard.tally.wrong("a part of the soak itself has failed".to_owned());
            }
        }
        yard.settle();
    });
    yard.editor.check(&yard.tally);
    let verdict = ledger::verdict(&yard);
    let page = report::page(&yard, &verdict, arguments.minutes, seed);
    yard.say(&page);
    if arguments.write {
        fs::write(workspace::root().join("docs/src/soak-figures.md"), page)?;
    }
    Ok(if verdict.is_clean() { ExitCode::SUCCESS } else { yard.keep() })
}
