//! What holds while a message is sent: a locked database, a crowd, a narrow pane, a long preview, two monitors.

use std::process::Child;
use std::time::Duration;

use cafleet_tests::environment::{Outcome, eventually, pause};
use rustix::process::{Pid, Signal, kill_process};

use super::Scene;

const STYLES: [&str; 3] = ["claude", "codex", "opencode"];

fn signal(child: &Child, signal: Signal) {
    let pid = Pid::from_raw(i32::try_from(child.id()).expect("a pid")).expect("a pid");
    kill_process(pid, signal).expect("it runs");
}

#[test]
fn a_database_that_another_process_locks_for_four_seconds_delays_a_message_and_no_more() {
    let scene = Scene::new("claude");
    let lock = scene.stage.environment.open();
    lock.execute_batch("BEGIN IMMEDIATE").expect("a lock");
    let mut sending = scene.stage.spawn(&scene.line(&scene.body(1)));
    pause(Duration::from_secs(4));
    assert!(sending.try_wait().expect("an answer").is_none(), "it waits");
    lock.execute_batch("COMMIT").expect("the lock is given back");
    let sent = Outcome::finish(sending).json();
    assert_eq!(sent["delivery"]["state"], "submitted", "{sent}");
    scene.until_told(1);
    assert_eq!(scene.told(1), 1);
}

#[test]
fn a_database_that_is_locked_at_any_step_of_a_delivery_doubles_nothing() {
    for call in 1..6 {
        let scene = Scene::new("claude");
        let locked = scene.stage.environment.path("locked");
        scene.arm(call, &format!("touch '{0}'; while [ -f '{0}' ]; do sleep 0.01; done", locked.display()));
        let sending = scene.stage.spawn(&scene.line(&scene.body(1)));
        eventually("the step", || locked.exists().then_some(()));
        let lock = scene.stage.environment.open();
        lock.execute_batch("BEGIN IMMEDIATE").expect("no step holds a lock of its own");
        std::fs::remove_file(&locked).expect("it goes on");
        pause(Duration::from_secs(1));
        lock.execute_batch("COMMIT").expect("the lock is given back");
        scene.disarm(call);
        let sent = Outcome::finish(sending).json();
        assert_eq!(sent["delivery"]["state"], "submitted", "call {call}: {sent}");
        scene.until_told(1);
        assert_eq!(scene.told(1), 1, "call {call}");
    }
}

/// What an agent draws into twenty columns need not be known again: then a message waits until there is room.
#[test]
fn what_is_sent_to_a_pane_of_twenty_columns_is_told_once_at_the_latest_when_it_is_wide_again() {
    for style in STYLES {
        let scene = Scene::new(style);
        scene.stage.tmux.tmux(&["break-pane", "-d", "-s", &scene.pane]);
        let resize = |columns| scene.stage.tmux.tmux(&["resize-window", "-t", &scene.pane, "-x", columns, "-y", "24"]);
        for narrow in [1, 3] {
            resize("20");
            let sent = scene.send(&scene.body(narrow));
            assert_ne!(sent["delivery"]["state"], "failed", "{style}: {sent}");
            resize("120");
            let explained = scene.fleet.words(&format!("member explain --member-id {}", scene.member));
            eventually("an agent at rest", || {
                (scene.stage.environment.json(&explained)["state"] == "at_rest").then_some(())
            });
            let wide = scene.send(&scene.body(narrow + 1));
            assert_eq!(wide["delivery"]["state"], "submitted", "{style}: {wide}\n{}", scene.stage.screen(&scene.pane));
            scene.until_told(narrow);
            scene.until_told(narrow + 1);
        }
        assert_eq!([1, 2, 3, 4].map(|number| scene.told(number)), [1; 4], "{style}");
    }
}

#[test]
fn a_preview_of_ten_thousand_characters_arrives_to_its_end() {
    for style in STYLES {
        let mut scene = Scene::new(style);
        scene.stage.environment.set("CAFLEET_MAX_TEXT_LEN", "10000");
        let long = |scene: &Scene, number| "many words of 日本語 ".repeat(500) + &scene.body(number);
        for number in [1, 2] {
            let sent = scene.send(&long(&scene, number));
            assert_eq!(sent["delivery"]["state"], "submitted", "{style}: {sent}");
            scene.until_told(number);
        }
        assert_eq!([1, 2].map(|number| scene.told(number)), [1; 2], "{style}");
    }
}

#[test]
fn what_terminals_draw_each_in_their_way_wedges_no_composer() {
    let bodies = [
        "\u{200d}\u{200d}e本",
        "\u{301}e\u{301}\u{20dd}x",
        "👩\u{200d}👩\u{200d}👧\u{200d}👦 👍\u{1f3fd} ❤\u{fe0f} 1\u{fe0f}\u{20e3} 🇯🇵🇯",
        "\u{1112}\u{1161}\u{11ab} \u{1160}\u{3164}\u{ffa0} \u{ad}a\u{200b}\u{2060}b\u{feff}",
        "ก็น้ำ नमस्ते \u{e33}a ﷺ 🏴\u{e0067}\u{e0062}\u{e007f}",
    ];
    for style in STYLES {
        let scene = Scene::new(style);
        for (number, body) in bodies.iter().enumerate() {
            let sent = scene.send(&format!("{body} {}", scene.body(number)));
            assert_eq!(sent["delivery"]["state"], "submitted", "{style}: {body:?}: {sent}");
            scene.until_told(number);
        }
        assert!((0..bodies.len()).all(|number| scene.told(number) == 1), "{style}");
    }
}

#[test]
fn twenty_members_are_all_told_at_once_and_once() {
    let scene = Scene::new("claude");
    for number in 1..20 {
        let _ = scene.stage.member(&scene.fleet, STYLES[number % 3], &format!("Member-{number}"));
    }
    let mut line = scene.fleet.words("--json message broadcast --agent-id @director --text");
    line.push(scene.body(1));
    let sent = Outcome::finish(scene.stage.spawn(&line)).json();
    let held = "SELECT count(*) FROM deliveries WHERE state <> 'submitted'";
    if sent["notifications_sent_count"] != 20 {
        // on a busy machine a program may be drawing; a further ring comes to it
        let monitor = scene.stage.spawn(&scene.fleet.words("monitor start --tick 1"));
        eventually("the rest", || (scene.stage.environment.number(held) == 0).then_some(()));
        signal(&monitor, Signal::TERM);
        let _ = Outcome::finish(monitor);
    }
    eventually("all of them", || (scene.told(1) >= 20).then_some(()));
    assert_eq!(scene.told(1), 20, "{sent}");
}

#[test]
fn of_two_monitors_the_one_that_was_stopped_gives_way_when_it_wakes_up() {
    let scene = Scene::new("claude");
    scene.stage.tell(&scene.pane, "[[ask]]");
    scene.stage.until_shown(&scene.pane, "Do you want to proceed?");
    let start = || scene.stage.spawn(&scene.fleet.words("monitor start --tick 1"));
    let owner = || scene.stage.environment.number("SELECT coalesce(max(pid), 0) FROM monitor_runtime");
    let first = start();
    eventually("the first", || (owner() == i64::from(first.id())).then_some(()));
    let sent = scene.send(&scene.body(1));
    assert_eq!(sent["delivery"]["state"], "held", "{sent}");
    signal(&first, Signal::STOP);
    let aged = "UPDATE monitor_runtime SET last_tick_at = '2020-01-01T00:00:00.000000+00:00'";
    scene.stage.environment.sql(aged);
    let second = start();
    eventually("the second", || (owner() == i64::from(second.id())).then_some(()));
    signal(&first, Signal::CONT);
    let answer = scene.fleet.words(&format!("member send-input --member-id {} --choice 1", scene.member));
    let _ = scene.stage.environment.ok(&answer);
    let displaced = Outcome::finish(first);
    assert_eq!(displaced.status, 1, "{displaced:?}");
    scene.until_told(1);
    assert_eq!(owner(), i64::from(second.id()));
    signal(&second, Signal::TERM);
    let _ = Outcome::finish(second).ok();
    assert_eq!(scene.told(1), 1);
}
