//! Whole commands on a member that the scripted agent plays.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::process::Command;
use std::time::{Duration, Instant};

use super::Figure;
use super::side::{LIMIT, Side};
use crate::measure::{once, pause, quantile};
use crate::report::millis;
use crate::{Outcome, Plan};

/// How often each command is measured, after one that does not count.
const RUNS: usize = 50;

/// A fleet whose Director is in the first pane, with one member.
struct Fleet<'a> {
    plan: &'a Plan,
    side: &'a Side,
}

pub(super) fn measure(plan: &Plan, side: &Side) -> Outcome<Vec<Figure>> {
    let fleet = Fleet::create(plan, side)?;
    let capture = fleet.repeat(&["member", "capture", "--member-id", "3"])?;
    let send = fleet.repeat(&["message", "send", "--agent-id", "1", "--to", "3", "--text", "[[say heard]]"])?;
    fleet.run(&["member", "delete", "--force", "--member-id", "3"])?;
    Ok(vec![
        ("`cafleet member capture`, median".to_owned(), millis(quantile(&capture, 0.5))),
        (
            "`cafleet message send` to a member at rest, seen and submitted, median".to_owned(),
            millis(quantile(&send, 0.5)),
        ),
        ("the same, p95".to_owned(), millis(quantile(&send, 0.95))),
    ])
}

impl<'a> Fleet<'a> {
    fn create(plan: &'a Plan, side: &'a Side) -> Outcome<Self> {
        let fleet = Self { plan, side };
        let folder = side.home().join("bin");
        fs::create_dir(&folder)?;
        let cafleet = plan.cafleet.display();
        let agent = format!("#!/bin/sh\nexec '{cafleet}' demo-agent --style claude -- \"$@\"\n");
        fs::write(folder.join("claude"), agent)?;
        fs::set_permissions(folder.join("claude"), Permissions::from_mode(0o755))?;
        std::os::unix::fs::symlink(&plan.cafleet, folder.join("cafleet"))?;
        fleet.run(&["fleet", "create"])?;
        let member = ["member", "create", "--agent-id", "1", "--name", "Ada", "--description", "listens"];
        fleet.run(&[&member[..], &["--", "[[say here]]"]].concat())?;
        fleet.until_at_rest()?;
        Ok(fleet)
    }

    fn command(&self, words: &[&str]) -> Command {
        let home = self.side.home();
        let mut command = Command::new(&self.plan.cafleet);
        command.env_clear().env("HOME", home).env("PATH", format!("{}/bin:/usr/bin:/bin", home.display()));
        // the benchmark sends as fast as it can
        command.env("CAFLEET_LOOP_PAIR_LIMIT", "0").envs(self.side.variables.iter().map(|(name, value)| (name, value)));
        let is_of_a_fleet = words.first() != Some(&"fleet");
        command.args(is_of_a_fleet.then_some(["--fleet-id", "1"]).into_iter().flatten()).args(words);
        command.current_dir(home);
        command
    }

    fn run(&self, words: &[&str]) -> Outcome<()> {
        once(&mut self.command(words)).map(drop)
    }

    /// Returns how long a command takes, time and again, whenever the member is at rest.
    fn repeat(&self, words: &[&str]) -> Outcome<Vec<Duration>> {
        let mut times = Vec::new();
        for run in 0..=RUNS {
            self.until_at_rest()?;
            let (wall, _) = once(&mut self.command(words))?;
            times.extend((run > 0).then_some(wall));
        }
        Ok(times)
    }

    fn until_at_rest(&self) -> Outcome<()> {
        let begun = Instant::now();
        loop {
            let told = self.command(&["--json", "member", "explain", "--member-id", "3"]).output()?;
            if String::from_utf8_lossy(&told.stdout).contains(r#""state":"at_rest""#) {
                return Ok(());
            }
            if begun.elapsed() > LIMIT {
                return Err(format!("the member does not come to rest: {told:?}").into());
            }
            pause(Duration::from_millis(20));
        }
    }
}
