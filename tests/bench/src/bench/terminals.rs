//! Embedded terminals next to tmux: typing, looking, a hundred panes, a flood.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use cafleet_adapters::pty::{PtyMultiplexer, PtyOptions};
use cafleet_adapters::tmux::{TmuxMultiplexer, TmuxOptions};
use cafleet_domain::placement::Pane;
use cafleet_domain::ports::{Multiplexer, SpawnRequest, StartRequest};
use tempfile::TempDir;

use crate::measure::{pause, quantile};
use crate::report::{Table, millis};
use crate::{Outcome, Plan};

/// As many as fit on one row.
const KEYS: usize = 100;
const PANES: usize = 100;
const IDLE: Duration = Duration::from_secs(5);
const FLOOD: usize = 100_000_000;
/// The longest that anything here is waited for.
const LIMIT: Duration = Duration::from_secs(120);

/// One of the two, with a pane in which `cat` runs.
struct Side {
    name: &'static str,
    port: Box<dyn Multiplexer>,
    first: Pane,
    directory: PathBuf,
}

/// Measures both, one after the other in the same run.
pub(crate) fn measure(plan: &Plan) -> Outcome<Table> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let home = TempDir::new()?;
    let sides = [runtime.block_on(embedded(plan, home.path()))?, runtime.block_on(tmux(plan, home.path()))?];
    let mut rows: Vec<Vec<String>> = Vec::new();
    for side in &sides {
        let figures = runtime.block_on(figures(side));
        for (index, (what, figure)) in figures?.into_iter().enumerate() {
            match rows.get_mut(index) {
                Some(row) => row.push(figure),
                None => rows.push(vec![what, figure]),
            }
        }
    }
    for side in &sides {
        end(side.first.server.pid);
    }
    let mut table = Table::new(&["What", sides[0].name, sides[1].name]);
    rows.into_iter().for_each(|row| table.row(row));
    table.note(format!(
        "Times in milliseconds unless said otherwise, through the adapters: each operation of tmux is a run of its client, each of the embedded \
         terminals a connection to their daemon. {PANES} panes run `sleep`."
    ));
    Ok(table)
}

async fn figures(side: &Side) -> Outcome<Vec<(String, String)>> {
    let (typed, looked) = keys(side).await?;
    let flood = flood(side).await?;
    let before = memory(side.first.server.pid)?;
    let begun = Instant::now();
    for _ in 0..PANES {
        side.port.spawn(&request(side, &["/bin/sleep", "600"])).await?;
    }
    let spawned = begun.elapsed() / u32::try_from(PANES)?;
    let processor = processor_ticks(side.first.server.pid)?;
    pause(IDLE);
    let idle = processor_ticks(side.first.server.pid)? - processor;
    let after = memory(side.first.server.pid)?;
    Ok(vec![
        ("a key until a look shows it, median".to_owned(), millis(quantile(&typed, 0.5))),
        ("the same, p95".to_owned(), millis(quantile(&typed, 0.95))),
        ("a look, median".to_owned(), millis(quantile(&looked, 0.5))),
        ("`yes | head -c 100MB`, in s".to_owned(), format!("{:.1}", flood.as_secs_f64())),
        (format!("a new pane, mean of {PANES}, 300 ms of watching included"), millis(spawned)),
        (
            format!("{PANES} panes at rest: processor time of the server in {} s, in ms", IDLE.as_secs()),
            (idle * 10).to_string(),
        ),
        (
            format!("memory of the server for {PANES} more panes, in MB"),
            format!("{}", after.saturating_sub(before) / 1_000_000),
        ),
    ])
}

/// Types characters one at a time, and returns how long each took until it was seen, and how long a look takes.
async fn keys(side: &Side) -> Outcome<(Vec<Duration>, Vec<Duration>)> {
    let (mut typed, mut looked) = (Vec::new(), Vec::new());
    for number in 1..=KEYS {
        let begun = Instant::now();
        side.port.type_keys(&side.first, "x").await?;
        let shown = |screen: &str| screen.lines().last().is_some_and(|row| row.len() == number);
        until(async || side.port.capture(&side.first, 1, false).await.is_ok_and(|screen| shown(&screen))).await?;
        typed.push(begun.elapsed());
        let begun = Instant::now();
        side.port.look(&side.first).await?;
        looked.push(begun.elapsed());
    }
    Ok((typed, looked))
}

async fn flood(side: &Side) -> Outcome<Duration> {
    let begun = Instant::now();
    let script = format!("yes | head -c {FLOOD}; echo finished; exec sleep 600");
    let pane = side.port.spawn(&request(side, &["/bin/sh", "-c", &script])).await?;
    until(async || side.port.capture(&pane, 3, false).await.is_ok_and(|screen| screen.contains("finished"))).await?;
    Ok(begun.elapsed())
}

async fn until(mut look: impl AsyncFnMut() -> bool) -> Outcome<()> {
    let begun = Instant::now();
    while !look().await {
        if begun.elapsed() > LIMIT {
            return Err("a screen does not show what it should".into());
        }
    }
    Ok(())
}

fn request(side: &Side, argv: &[&str]) -> SpawnRequest {
    let argv = argv.iter().map(|&word| word.to_owned()).collect();
    SpawnRequest { beside: side.first.clone(), argv, directory: side.directory.clone(), tag: "1-1".to_owned() }
}

async fn embedded(plan: &Plan, home: &Path) -> Outcome<Side> {
    let port = PtyMultiplexer::new(PtyOptions {
        directory: home.join("pty"),
        daemon: vec![plan.cafleet.display().to_string(), "pty-daemon".to_owned()],
        environment: vec![("PATH".to_owned(), "/usr/bin:/bin".to_owned())],
        ..PtyOptions::default()
    });
    let argv = vec!["/bin/cat".to_owned()];
    let first = port.start(&StartRequest { argv, directory: home.to_owned(), tag: "1-1".to_owned() }).await?;
    Ok(Side { name: "embedded", port: Box::new(port), first, directory: home.to_owned() })
}

async fn tmux(plan: &Plan, home: &Path) -> Outcome<Side> {
    let socket = home.join("tmux").display().to_string();
    let words =
        ["-f", "/dev/null", "-S", &socket, "new-session", "-d", "-x", "240", "-y", "40", "-P", "-F", "#{pid}", "cat"];
    let mut command = Command::new("tmux");
    command.args(words).env_remove("TMUX").stdin(Stdio::null());
    let pid = String::from_utf8(command.output()?.stdout)?.trim().to_owned();
    let port = TmuxMultiplexer::new(TmuxOptions {
        tmux_env: Some(format!("{socket},{pid},0")),
        tmux_pane_env: Some("%0".to_owned()),
        exec_helper: vec![plan.cafleet.display().to_string(), "exec-file".to_owned()],
        ..TmuxOptions::default()
    });
    let first = port.caller().await?.ok_or("tmux has no pane")?;
    Ok(Side { name: "tmux", port: Box::new(port), first, directory: home.to_owned() })
}

/// Returns the resident set of a process, in bytes (proc_pid_status(5)).
fn memory(pid: u32) -> Outcome<u64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).ok_or("no resident set")?;
    Ok(line.trim().trim_end_matches(" kB").parse::<u64>()? * 1024)
}

/// Returns the processor time of a process in hundredths of a second (proc_pid_stat(5)).
fn processor_ticks(pid: u32) -> Outcome<u64> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat"))?;
    let fields: Vec<&str> = stat.rsplit_once(") ").ok_or("no fields")?.1.split(' ').collect();
    Ok(fields[11].parse::<u64>()? + fields[12].parse::<u64>()?)
}

fn end(pid: u32) {
    // it goes with its panes
    let _gone = Command::new("kill").arg(pid.to_string()).status();
}
