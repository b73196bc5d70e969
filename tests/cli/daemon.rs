//! `cafleet daemon`, and the list of its panes

use std::fs::{self, Permissions};
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixListener;

use cafleet_tests::embedded::EmbeddedTerminals;
use cafleet_tests::environment::{Environment, Outcome};
use rustix::process::{Pid, Signal, kill_process};

#[test]
fn says_what_runs_and_what_it_has_ended() {
    let environment = Environment::new();
    assert_eq!(environment.ok(&["daemon", "status"]), "not running\n");
    assert_eq!(environment.ok(&["daemon", "stop", "--force"]), "not running\n", "nothing was done");
    let pane = EmbeddedTerminals::of(&environment).open(&environment.path("work"), &["/bin/cat"]);
    let pid = pane.server.pid;
    assert!(environment.ok(&["daemon", "status"]).contains(&pid.to_string()));
    environment.fails(&["daemon", "stop"], 1, "1 panes are open; --force ends them with the agents in them");
    assert_eq!(environment.ok(&["daemon", "stop", "--force"]), format!("stopped (process {pid})\n"));
    let nothing = serde_json::json!({"running": false, "stopped": false, "pid": null});
    assert_eq!(environment.json(&["daemon", "stop"]), nothing);
}

#[test]
fn a_daemon_that_nobody_can_reach_is_never_said_not_to_run() {
    let environment = Environment::new();
    environment.install_agents();
    environment.ok(&["db", "init"]);
    let pane = EmbeddedTerminals::of(&environment).open(&environment.path("work"), &["/bin/cat"]);
    let daemon = Pid::from_raw(pane.server.pid.try_into().unwrap()).unwrap();
    fs::remove_dir_all(environment.terminals()).unwrap();
    // so that it does not make the directory again
    kill_process(daemon, Signal::STOP).unwrap();
    let pid = pane.server.pid;
    let expected = format!("the terminal daemon (process {pid}) runs, but does not answer at its socket ");
    let lines = ["daemon status", "daemon stop", "daemon stop --force", "daemon upgrade", "panes", "pane list"];
    // each waits a while for the daemon
    let asking = lines.map(|line| (line, environment.spawn(&line.split(' ').collect::<Vec<_>>())));
    for (line, command) in asking {
        let error = Outcome::finish(command).error(1);
        assert!(error.starts_with(&expected), "{line}: {error}");
        assert!(error.ends_with(&format!("'kill {pid}' ends it with its panes")), "{line}: {error}");
    }
    let doctor = environment.run(&["doctor"]);
    assert!(doctor.status == 1 && doctor.stdout.contains("  daemon:       cannot be reached\n"), "{doctor:?}");
    assert!(doctor.stdout.contains(&expected), "{doctor:?}");
    let second = environment.run(&["fleet", "create", "--spawn"]).error(1);
    assert!(second.contains(&expected), "{second}");
    kill_process(daemon, Signal::CONT).unwrap();
    assert!(environment.ok(&["panes"]).contains("%0"));
    assert!(environment.ok(&["daemon", "status"]).contains(&pid.to_string()));
}

#[test]
fn a_daemon_of_another_version_is_never_said_to_have_no_panes() {
    let environment = Environment::new();
    fs::create_dir_all(environment.terminals()).unwrap();
    fs::set_permissions(environment.terminals(), Permissions::from_mode(0o700)).unwrap();
    let listener = UnixListener::bind(environment.terminals().join("socket")).unwrap();
    std::thread::spawn(move || {
        let mut streams = Vec::new();
        for stream in listener.incoming() {
            let hello = "{\"protocol\":99,\"build\":\"9.9\",\"pid\":1,\"started\":1}\n";
            streams.push(stream.unwrap());
            streams.last_mut().unwrap().write_all(hello.as_bytes()).unwrap();
        }
    });
    let error = "the terminal daemon (process 1) is of cafleet 9.9, and its panes are not known to this one; run 'cafleet \
                 daemon upgrade'";
    environment.fails(&["panes"], 1, error);
    environment.fails(&["daemon", "stop"], 1, error);
    assert!(environment.ok(&["daemon", "status"]).contains("9.9 (incompatible; run 'cafleet daemon upgrade')"));
    // who listens there is ended with the environment, and that is this process
    fs::remove_file(environment.terminals().join("socket")).unwrap();
}
