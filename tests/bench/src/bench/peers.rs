//! Other programs for the same purpose, where they are installed: `hcom` (PyPI) and `teamctl` (crates.io).

use std::process::Command;

use crate::measure::{Maker, alternate};
use crate::report::{Table, millis};
use crate::{Outcome, Plan};

const PEERS: [&str; 2] = ["hcom", "teamctl"];

/// Compares how long it takes to start.
pub(crate) fn measure(plan: &Plan) -> Outcome<Table> {
    let home = tempfile::TempDir::new()?;
    let installed = |name: &&&str| Command::new(name).arg("--version").env("HOME", home.path()).output().is_ok();
    let peers: Vec<&str> = PEERS.iter().filter(installed).copied().collect();
    let programs: Vec<String> =
        std::iter::once(plan.cafleet.display().to_string()).chain(peers.iter().map(ToString::to_string)).collect();
    let mut sides: Vec<Maker<'_>> = Vec::new();
    let home = home.path();
    for program in &programs {
        sides.push(Box::new(move |_| {
            let mut command = Command::new(program);
            command.arg("--version").env("HOME", home);
            Ok(command)
        }));
    }
    let mut table = Table::new(&["Program", "`--version`: min", "median", "CPU: median"]);
    for (name, series) in std::iter::once("cafleet").chain(peers.iter().copied()).zip(alternate(&mut sides, plan.runs)?)
    {
        let ((least, wall), (_, cpu)) = (series.wall(), series.cpu());
        table.row(vec![format!("`{name}`"), millis(least), millis(wall), millis(cpu)]);
    }
    let absent: Vec<&str> = PEERS.into_iter().filter(|peer| !peers.contains(peer)).collect();
    if !absent.is_empty() {
        table.note(format!("Not installed, so not measured: {}.", absent.join(", ")));
    }
    Ok(table)
}
