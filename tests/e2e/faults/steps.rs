//! What happens at each single step of a delivery in turn.

use std::fs;

use cafleet_tests::environment::{Outcome, eventually};
use cafleet_tests::private_tmux::binary;

use super::Scene;

/// More calls than a delivery makes.
const MANY: usize = 60;

/// Lets a fault that ends the sender happen at each call in turn; the next one makes up for it, and waits for nothing: a claim
/// of a process that has died is taken at once.
fn die_at_every_step(style: &str, fault: &str) {
    let scene = Scene::new(style);
    let mut number = 0;
    for call in 1..MANY {
        number += 2;
        scene.arm(call, fault);
        scene.try_to_send(&scene.body(number));
        let happened = scene.disarm(call);
        let sent = scene.send(&scene.body(number + 1));
        assert_eq!(sent["delivery"]["state"], "submitted", "{style}, call {call}: {sent}");
        scene.until_told(number + 1);
        if !happened {
            assert!(call > 4, "a delivery takes more calls than {call}");
            break;
        }
    }
    for number in 2..number + 2 {
        assert_eq!(scene.told(number), 1, "{style}: message {number} of {}", scene.stage.screen(&scene.pane));
    }
}

#[test]
fn a_sender_that_is_killed_before_any_step_costs_nothing_and_doubles_nothing() {
    die_at_every_step("claude", "kill -9 $PPID; exit 1");
}

#[test]
fn a_sender_that_is_killed_after_any_step_costs_nothing_and_doubles_nothing() {
    die_at_every_step("opencode", "tmux \"$@\"; kill -9 $PPID; exit 1");
}

/// Whatever the sender of one database leaves in a composer, the next one of another database finishes it and goes on.
#[test]
fn what_a_sender_of_another_database_has_left_at_any_step_is_finished_by_the_next() {
    let scene = Scene::new("claude");
    let environment = &scene.stage.environment;
    let elsewhere = |words: &[&str]| {
        let mut command = environment.command(words);
        command.env("CAFLEET_DATABASE_URL", environment.path("elsewhere.db"));
        Outcome::finish(command.spawn().expect("the binary starts")).json()
    };
    let other = elsewhere(&["--json", "fleet", "create", "--again"]);
    let [fleet, director, sender] =
        [&other["fleet_id"], &other["director"]["agent_id"], &other["administrator_agent_id"]].map(ToString::to_string);
    let to_director = [
        "message",
        "send",
        "--agent-id",
        &scene.fleet.ada.to_string(),
        "--to",
        &scene.fleet.director.to_string(),
        "--text",
    ];
    let mut number = 0;
    for call in 1..MANY {
        number += 2;
        scene.arm(call, "kill -9 $PPID; exit 1");
        let mut words = scene.fleet.words(&to_director.join(" "));
        words.push(scene.body(number));
        drop(environment.run(&words));
        let happened = scene.disarm(call);
        let body = scene.body(number + 1);
        let sent = elsewhere(&[
            "--json",
            "--fleet-id",
            &fleet,
            "message",
            "send",
            "--agent-id",
            &sender,
            "--to",
            &director,
            "--text",
            &body,
        ]);
        assert_eq!(sent["delivery"]["state"], "submitted", "call {call}: {sent}");
        scene.until_told(number + 1);
        if !happened {
            assert!(call > 4, "a delivery takes more calls than {call}");
            break;
        }
    }
    // what had not come to the composer waits for its own database
    let mut words = scene.fleet.words(&to_director.join(" "));
    words.push(scene.body(number + 2));
    drop(environment.json(&words));
    scene.until_told(number + 2);
    for number in 2..=number + 2 {
        assert_eq!(scene.told(number), 1, "message {number} of {}", scene.stage.screen("%0"));
    }
}

#[test]
fn a_sender_that_is_interrupted_or_terminated_at_any_step_gives_the_pane_back() {
    std::thread::scope(|scope| {
        scope.spawn(|| die_at_every_step("claude", "kill -INT $PPID"));
        scope.spawn(|| die_at_every_step("codex", "kill -TERM $PPID"));
    });
}

#[test]
fn a_server_that_hangs_from_any_step_on_costs_nothing_and_doubles_nothing() {
    // each call waits for its limit, so all of them wait side by side
    let calls: Vec<usize> = std::thread::scope(|scope| {
        let scenes = (1..=10).map(|call| scope.spawn(move || hang_at(call)));
        let scenes: Vec<_> = scenes.collect();
        scenes.into_iter().filter_map(|scene| scene.join().expect("no failure")).collect()
    });
    assert!(calls.len() > 4, "{calls:?}");
}

/// Lets the server be stopped at a call, and go on when the sender has given up. Returns the call if there was one.
fn hang_at(call: usize) -> Option<usize> {
    let scene = Scene::new("claude");
    let server = scene.server();
    scene.arm(call, &format!("kill -STOP {server}"));
    let sent = scene.send(&scene.body(1));
    let happened = scene.disarm(call);
    let sent_on = std::process::Command::new("/bin/kill").args(["-CONT", &server.to_string()]).status();
    assert!(sent_on.expect("kill runs").success());
    let again = scene.send(&scene.body(2));
    assert_eq!(again["delivery"]["state"], "submitted", "call {call}: {sent}, {again}");
    for number in [1, 2] {
        scene.until_told(number);
    }
    // whatever the server had been given before it was stopped has happened by now
    let third = scene.send(&scene.body(3));
    assert_eq!(third["delivery"]["state"], "submitted", "call {call}: {third}");
    scene.until_told(3);
    assert_eq!([1, 2, 3].map(|number| scene.told(number)), [1; 3], "call {call}: {}", scene.stage.screen(&scene.pane));
    happened.then_some(call)
}

#[test]
fn a_server_that_is_killed_at_any_step_costs_no_message() {
    each_fault_on_a_server_of_its_own(|scene| format!("kill -9 {}", scene.server()), |_| {});
}

#[test]
fn a_server_that_is_started_again_at_any_step_gets_no_key_into_its_new_panes() {
    let restart = |scene: &Scene| {
        let recorder = format!("{} plain", binary("pane_recorder"));
        let file = |name| scene.stage.environment.path(name).display().to_string();
        let socket = scene.stage.tmux.socket();
        format!(
            "tmux -S '{socket}' kill-server; while kill -0 {server} 2>/dev/null; do sleep 0.01; done\n\
             tmux -S '{socket}' -f /dev/null new-session -d '{recorder} {zero}'\n\
             tmux -S '{socket}' split-window -d '{recorder} {one}'\n\
             while ! [ -f '{one}' ]; do sleep 0.01; done",
            server = scene.server(),
            zero = file("heard-0"),
            one = file("heard-1"),
        )
    };
    each_fault_on_a_server_of_its_own(restart, |scene| {
        for name in ["heard-0", "heard-1"] {
            let heard = fs::read(scene.stage.environment.path(name)).expect("the recorder listens");
            assert_eq!(String::from_utf8_lossy(&heard), "", "{name}");
        }
    });
}

/// Lets a fault that ends the server happen at each call in turn.
fn each_fault_on_a_server_of_its_own(fault: impl Fn(&Scene) -> String, check: impl Fn(&Scene)) {
    for call in 1..MANY {
        let scene = Scene::new("codex");
        scene.arm(call, &fault(&scene));
        let sent = scene.send(&scene.body(1));
        if !scene.disarm(call) {
            assert!(call > 4, "a delivery takes more calls than {call}");
            return;
        }
        let kept = scene.stage.environment.number("SELECT count(*) FROM tasks WHERE status_state = 'input_required'");
        assert_eq!(kept, 1, "call {call}: {sent}");
        assert!(scene.told(1) <= 1, "call {call}");
        let again = scene.send(&scene.body(2));
        assert_eq!(again["delivery"]["state"], "failed", "call {call}: {again}");
        check(&scene);
    }
}

#[test]
fn an_agent_that_ends_at_any_step_has_nothing_typed_into_what_it_leaves() {
    for call in 1..MANY {
        let scene = Scene::new("claude");
        // a shell of a person's, which the agent was started from, would be left
        let file = scene.stage.environment.path("ran");
        let pid = scene.stage.tmux.show(&scene.pane, "#{pane_pid}");
        scene.stage.tmux.tmux(&["set-option", "-p", "-t", &scene.pane, "remain-on-exit", "on"]);
        let ended = format!("kill -9 {pid}; while kill -0 {pid} 2>/dev/null; do sleep 0.01; done");
        scene.arm(call, &ended);
        let sent = scene.send(&format!("x; touch '{}'", file.display()));
        if !scene.disarm(call) {
            assert!(call > 4, "a delivery takes more calls than {call}");
            return;
        }
        assert!(sent["delivery"]["state"].is_string(), "{sent}");
        eventually("the end of the agent", || {
            (scene.stage.tmux.show(&scene.pane, "#{pane_dead}") == "1").then_some(())
        });
        let again = scene.send("x");
        assert_eq!(again["delivery"]["state"], "failed", "call {call}: {again}");
        assert!(!file.exists(), "call {call}");
    }
}
