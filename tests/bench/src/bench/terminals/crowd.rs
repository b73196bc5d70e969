//! A hundred panes: at rest, and all printing at once.

use std::time::{Duration, Instant};

use cafleet_domain::placement::Pane;

use super::side::Side;
use super::{Figure, keys};
use crate::measure::{pause, quantile};
use crate::report::millis;
use crate::{Outcome, Plan, process};

pub(super) const PANES: u32 = 100;

/// The first argument that makes this program chatter.
pub(crate) const CHATTER_MODE: &str = "chatter";

/// What fills the history of a pane: rows of 118 characters.
const FILL: &str = "seq -f %0118.0f 2200; echo filled; exec sleep 600";

/// How long the server's processor time is watched.
const WATCHED: Duration = Duration::from_secs(5);

/// How long panes that have been opened or filled may have something to do yet.
const SETTLING: Duration = Duration::from_secs(2);

pub(super) async fn measure(plan: &Plan, side: &Side) -> Outcome<Vec<Figure>> {
    let before = process::memory(side.server())?;
    let begun = Instant::now();
    let panes = open(side, &["/bin/sh", "-c", FILL]).await?;
    let opened = begun.elapsed() / PANES;
    for pane in &panes {
        side.until_shown(pane, |screen| screen.contains("filled")).await?;
    }
    pause(SETTLING);
    let idle = watched(side)?;
    let full = process::memory(side.server())?;
    close(side, &panes).await?;
    let left = process::memory(side.server())?;
    let bench = plan.bench.display().to_string();
    let panes = open(side, &[&bench, CHATTER_MODE]).await?;
    pause(SETTLING);
    let busy = watched(side)?;
    let typed = keys::typed(side).await?;
    close(side, &panes).await?;
    let seconds = WATCHED.as_secs();
    let more = |after: u64| (after.saturating_sub(before) / 1_000_000).to_string();
    Ok(vec![
        (format!("a new pane, mean of {PANES}, 300 ms of watching included"), millis(opened)),
        (format!("the crowd at rest: processor time of the server in {seconds} s"), millis(idle)),
        ("memory of the server for the crowd, in MB".to_owned(), more(full)),
        ("what it keeps of that when the crowd is gone, in MB".to_owned(), more(left)),
        (format!("the crowd chattering: processor time of the server in {seconds} s"), millis(busy)),
        ("meanwhile, a key until a look shows it, median".to_owned(), millis(quantile(&typed, 0.5))),
        ("the same, p95".to_owned(), millis(quantile(&typed, 0.95))),
    ])
}

/// Returns how much processor time the server takes in [`WATCHED`].
fn watched(side: &Side) -> Outcome<Duration> {
    let before = process::processor_time(side.server())?;
    pause(WATCHED);
    Ok(process::processor_time(side.server())? - before)
}

async fn open(side: &Side, argv: &[&str]) -> Outcome<Vec<Pane>> {
    let mut panes = Vec::new();
    for _ in 0..PANES {
        panes.push(side.spawn(argv).await?);
    }
    Ok(panes)
}

async fn close(side: &Side, panes: &[Pane]) -> Outcome<()> {
    for pane in panes {
        side.port.kill(pane).await?;
    }
    pause(SETTLING);
    Ok(())
}

/// Prints a line ten times a second, for as long as somebody has the terminal open.
#[expect(clippy::print_stdout, reason = "this is what it is for")]
pub(crate) fn chatter() -> ! {
    loop {
        println!("a line of a program that has much to say and takes its time to say it");
        pause(Duration::from_millis(100));
    }
}
