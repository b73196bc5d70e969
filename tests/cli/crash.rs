//! A process that is killed at any moment.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::time::Duration;

use cafleet_tests::environment::{Environment, binary, pause};

#[test]
fn every_printed_id_survives_fifty_kills_under_load() {
    let (environment, fleet) = Environment::with_fleet();
    let mut printed: Vec<i64> = Vec::new();
    // a generator without a seed to look up: the same moments on every run
    let mut moment: u64 = 0x9e37_79b9_7f4a_7c15;
    for round in 0..50 {
        let script = format!(
            "while :; do '{}' --fleet-id {} message send --quiet --agent-id {} --to {} --text round{round} || exit 1; done",
            binary().display(),
            fleet.id,
            fleet.ada,
            fleet.grace
        );
        let group: Vec<_> = (0..3)
            .map(|_| {
                use std::os::unix::process::CommandExt;
                let mut shell = Command::new("/bin/sh");
                shell.args(["-c", &script]).env_clear().envs(environment.variables()).process_group(0);
                shell.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("a sender")
            })
            .collect();
        moment = moment.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        pause(Duration::from_millis(20 + (moment >> 33) % 180));
        for shell in &group {
            // the whole group: the shell and the command that it runs just now
            let killed = Command::new("kill").args(["-KILL", "--", &format!("-{}", shell.id())]).status();
            assert!(killed.expect("kill runs").success());
        }
        for mut shell in group {
            let lines = BufReader::new(shell.stdout.take().expect("its output")).lines();
            printed.extend(lines.map(|line| line.expect("UTF-8")).filter_map(|line| line.parse::<i64>().ok()));
            let error = std::io::read_to_string(shell.stderr.take().expect("its errors")).expect("UTF-8");
            assert_eq!(error, "", "round {round}");
            shell.wait().expect("it is gone");
        }
    }
    assert!(printed.len() > 50, "only {} messages were sent", printed.len());
    let database = environment.open();
    for id in &printed {
        let there: i64 = database
            .query_row("SELECT count(*) FROM tasks WHERE task_id = ?", [id], |row| row.get(0))
            .expect("a number");
        assert_eq!(there, 1, "task {id} was printed and is not there");
    }
    assert_eq!(environment.ok(&["db", "check"]), "ok\n");
}
