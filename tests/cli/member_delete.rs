//! `cafleet member delete`

use std::time::{Duration, Instant};

use cafleet_tests::environment::eventually;
use cafleet_tests::stage::Stage;

use crate::support::refuses_other_targets;

#[test]
fn the_member_leaves_by_itself() {
    for style in ["claude", "codex", "opencode"] {
        let (stage, fleet) = Stage::with_fleet();
        let (member, pane) = stage.member(&fleet, style, "Linus");
        let line = fleet.words(&format!("member delete --member-id {member}"));
        assert_eq!(stage.environment.ok(&line), format!("Deleted member {member} Linus ({pane} closed).\n"));
        assert_eq!(stage.panes(), ["%0"]);
        stage.environment.fails(&line, 1, &format!("Agent {member} not found"));
        assert_eq!(stage.environment.ok(&fleet.words("member list")), "0 members:\n");
        assert_eq!(stage.environment.ok(&["db", "check"]), "ok\n");
    }
}

#[test]
fn force_and_a_pane_that_is_gone_already() {
    let (stage, fleet) = Stage::with_fleet();
    let (first, pane) = stage.member(&fleet, "claude", "Linus");
    stage.tell(&pane, "[[ask]]");
    stage.until_shown(&pane, "Do you want to proceed?");
    let error =
        format!("member {first} is asking a question; answer it with 'cafleet member send-input' or in its pane");
    stage.environment.fails(&fleet.words(&format!("member delete --member-id {first}")), 1, &error);
    let json = stage.environment.json(&fleet.words(&format!("member delete -f --member-id {first}")));
    assert_eq!(json.to_string(), format!(r#"{{"member_agent_id":{first},"pane_id":"{pane}","status":"deleted"}}"#));
    let (second, pane) = stage.member(&fleet, "codex", "Ken");
    stage.tmux.tmux(&["kill-pane", "-t", &pane]);
    let text = stage.environment.ok(&fleet.words(&format!("member delete --member-id {second}")));
    assert_eq!(text, format!("Deleted member {second} Ken (its pane was already gone).\n"));
    assert_eq!(stage.panes(), ["%0"]);
    assert_eq!(stage.environment.ok(&["db", "check"]), "ok\n");
}

/// Notes the process of a program that has left its session, in the work directory.
const DAEMON: &str = "[[sh setsid sh -c 'echo $$ > left; exec sleep 300' > /dev/null 2>&1 &]]";

#[test]
fn what_has_left_the_session_is_named_and_not_ended() {
    let (stage, fleet) = Stage::with_fleet();
    for json in [false, true] {
        let (member, pane) = stage.member(&fleet, "claude", "Linus");
        let noted = stage.environment.path("work/left");
        stage.tell(&pane, DAEMON);
        let pid: i32 = eventually("the program", || std::fs::read_to_string(&noted).ok()?.trim().parse().ok());
        let outcome = stage
            .environment
            .run(&fleet.words(&format!("{}member delete --member-id {member}", if json { "--json " } else { "" })));
        let said = format!("Started there and still running: sleep (process {pid}); end it with 'kill {pid}'.\n");
        assert!(outcome.status == 0 && outcome.stderr == said, "{outcome:?}");
        if json {
            let answer: serde_json::Value = serde_json::from_str(&outcome.stdout).expect("JSON");
            assert_eq!(answer["left_processes"], serde_json::json!([{"pid": pid, "program": "sleep"}]));
        }
        let pid = rustix::process::Pid::from_raw(pid).expect("a process");
        rustix::process::kill_process(pid, rustix::process::Signal::KILL).expect("it runs");
        std::fs::remove_file(&noted).expect("the note");
    }
}

#[test]
fn a_server_that_was_started_again_has_no_pane_of_ours() {
    let (stage, fleet) = Stage::with_fleet();
    let (member, pane) = stage.member(&fleet, "claude", "Linus");
    stage.tmux.kill_server();
    stage.tmux.boot("cat");
    let stranger = stage.tmux.tmux(&["split-window", "-d", "-P", "-F", "#{pane_id}", "-t", "%0", "cat"]);
    assert_eq!(stranger, pane, "a stranger has the name of our pane");
    let mut environment = stage.environment;
    environment.set("TMUX", format!("{},{},0", stage.tmux.socket(), stage.tmux.show("%0", "#{pid}")));
    for (line, error) in [
        ("member exec --member-id @m true", "gone"),
        ("member capture --member-id @m", "gone"),
        ("member ping --member-id @m", "gone"),
    ] {
        let error_line = environment.run(&fleet.words(&line.replace("@m", &member.to_string()))).error(1);
        assert!(error_line.contains(error), "{line}: {error_line}");
    }
    let text = environment.ok(&fleet.words(&format!("member delete --force --member-id {member}")));
    assert_eq!(text, format!("Deleted member {member} Linus (its pane was already gone).\n"));
    assert_eq!(stage.tmux.tmux(&["list-panes", "-a", "-F", "#{pane_id}"]), format!("%0\n{pane}"), "the stranger lives");
    assert_eq!(stage.tmux.tmux(&["capture-pane", "-p", "-t", &pane]).trim(), "", "and nothing was typed into it");
}

#[test]
fn the_director_and_other_agents_stay() {
    let (stage, fleet) = Stage::with_fleet();
    let before = stage.screen("%0");
    let error = "cannot deregister the root Director; use 'cafleet fleet delete' instead";
    for force in ["", "--force"] {
        stage.environment.fails(&fleet.words(&format!("member delete --member-id @director {force}")), 1, error);
    }
    assert_eq!(stage.screen("%0"), before, "not a key");
    refuses_other_targets(&stage, &fleet, "delete", "", None);
}

#[test]
fn a_member_that_does_not_leave_is_shown_and_stays() {
    let (stage, fleet) = Stage::with_fleet();
    let (member, pane) = stage.member(&fleet, "claude", "Linus");
    stage.tell(&pane, "[[stuck]]");
    eventually("the end of the turn", || (!stage.screen(&pane).contains("esc to interrupt")).then_some(()));
    let begun = Instant::now();
    let outcome = stage.environment.run(&fleet.words(&format!("member delete --member-id {member}")));
    assert!(begun.elapsed() >= Duration::from_secs(14), "{:?}", begun.elapsed());
    assert_eq!((outcome.status, outcome.stdout.as_str()), (2, ""), "{outcome:?}");
    let lines: Vec<&str> = outcome.stderr.lines().collect();
    assert_eq!(lines[0], format!("Error: pane {pane} did not close within 15.0s after /exit."));
    assert_eq!(lines[1], format!("--- pane {pane} tail (last 80 lines) ---"));
    let end = lines.iter().position(|line| *line == "---").expect("the end of the tail");
    assert!(lines[2..end].iter().any(|line| line.contains("/exit") || line.contains("exit")), "{outcome:?}");
    assert!(lines[end + 1..].join(" ").contains("--force"), "{outcome:?}");
    assert!(stage.environment.ok(&fleet.words("member list")).starts_with("1 members:"));
    stage.environment.ok(&fleet.words(&format!("member delete --force --member-id {member}")));
    assert_eq!(stage.panes(), ["%0"]);
}
