//! kill -9 at any moment of a command, while others write.

use std::process::Stdio;
use std::thread;
use std::time::{Duration, Instant};

use crate::fixture::{Fixture, READER};
use crate::measure::{once, pause, quantile};
use crate::report::{Table, millis};
use crate::{Outcome, Plan};

const KILLS: u32 = 200;
const WRITERS: u32 = 4;
/// Runs that tell how long a send takes here.
const TRIALS: u32 = 10;

/// Kills 200 senders among four others and reopens the file each time.
pub(crate) fn measure(plan: &Plan) -> Outcome<Table> {
    let fixture = Fixture::new(plan, 4)?;
    let reader = READER.to_string();
    let started = Instant::now();
    for _ in 0..TRIALS {
        once(&mut fixture.send())?;
    }
    // Four at once on few cores: up to this moment most kills come in the middle, some too late.
    let latest = 3 * started.elapsed() / TRIALS;
    let mut told = Vec::new();
    let mut reopened = Vec::new();
    for round in 0..KILLS / WRITERS {
        told.extend(thread::scope(|scope| -> Outcome<Vec<String>> {
            let writers: Vec<_> = (0..WRITERS)
                .map(|writer| {
                    let fixture = &fixture;
                    let moment = latest * ((round * WRITERS + writer) * 7919 % KILLS) / KILLS;
                    scope.spawn(move || send_and_kill(fixture, moment))
                })
                .collect();
            let told = writers.into_iter().map(|writer| writer.join().map_err(|_| "a writer panicked".into()));
            Ok(told.collect::<Outcome<Vec<Option<String>>>>()?.into_iter().flatten().collect())
        })?);
        // Nobody has the file open now, so this is the one that recovers it.
        let started = Instant::now();
        let poll = fixture.cafleet(&["message", "poll", "--agent-id", &reader]).stdout(Stdio::null()).status()?;
        reopened.push(started.elapsed());
        if !poll.success() {
            return Err("the file cannot be opened after a kill".into());
        }
    }
    let check = fixture.cafleet(&["db", "check"]).output()?;
    let file = fixture.connect()?;
    let mut lost = 0;
    for id in &told {
        let found: i64 = file.query_one("SELECT count(*) FROM tasks WHERE task_id = ?", (id,), |row| row.get(0))?;
        lost += 1 - found;
    }
    let integrity: String = file.query_one("PRAGMA integrity_check", (), |row| row.get(0))?;
    let mut table = Table::new(&["kills", "ids printed", "of these lost", "integrity", "reopen: median", "longest"]);
    table.row(vec![
        KILLS.to_string(),
        told.len().to_string(),
        lost.to_string(),
        integrity,
        millis(quantile(&reopened, 0.5)),
        millis(quantile(&reopened, 1.0)),
    ]);
    table.note(format!(
        "{WRITERS} senders at a time, each killed at another moment; a whole `message poll` afterwards, in milliseconds. `cafleet db check` then says: {}",
        String::from_utf8_lossy(&check.stdout).trim().replace('\n', "; ")
    ));
    Ok(table)
}

/// Starts a send, kills it at the given moment, and returns the id that it had printed by then.
fn send_and_kill(fixture: &Fixture, moment: Duration) -> Option<String> {
    let mut child = fixture.send().arg("--quiet").stdout(Stdio::piped()).stderr(Stdio::null()).spawn().ok()?;
    pause(moment);
    child.kill().ok()?;
    let output = child.wait_with_output().ok()?;
    let id = String::from_utf8(output.stdout).ok()?;
    id.ends_with('\n').then(|| id.trim().to_owned())
}
