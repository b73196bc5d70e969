//! Watching a pane of tmux.

use std::time::Duration;

use cafleet_domain::placement::Pane;
use cafleet_domain::ports::{PaneEvent, PaneEvents, PaneHost, PaneWatcher, SpawnRequest, WatchMode, WatchedPane};
use cafleet_tests::environment::pause;
use cafleet_tests::private_tmux::PrivateTmux;

use super::events::next_event;

async fn script(server: &PrivateTmux, text: &str) -> Pane {
    let argv = ["/bin/sh", "-c", text].map(str::to_owned).to_vec();
    let pane = server.multiplexer().spawn(&SpawnRequest { argv, ..server.recorder("plain", "x", &[]) }).await.unwrap();
    server.wait_for(&pane, "ready");
    pane
}

async fn watch(server: &PrivateTmux, pane: &Pane, mode: WatchMode) -> WatchedPane {
    server.multiplexer().watch(pane, mode).await.unwrap()
}

/// Reads events until what was drawn holds `text`; returns how many snapshots and bytes came.
async fn until_drawn(events: &mut dyn PaneEvents, text: &str) -> (usize, usize) {
    let (mut snapshots, mut received) = (0, 0);
    loop {
        let drawn = match next_event(events).await.expect("the pane is there") {
            PaneEvent::Snapshot { drawing, .. } => {
                snapshots += 1;
                drawing
            }
            PaneEvent::Output(bytes) => bytes,
            PaneEvent::Title(_) => Vec::new(),
            PaneEvent::Ended(how) => panic!("it {how}"),
        };
        received += drawn.len();
        if String::from_utf8_lossy(&drawn).contains(text) {
            return (snapshots, received);
        }
    }
}

/// Waits until something holds, while the runtime works.
async fn until(holds: impl Fn() -> bool) {
    let held = async {
        while !holds() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(10), held).await.expect("it comes to hold");
}

#[tokio::test]
async fn who_watches_changes_nothing_that_a_person_sees_and_leaves_nobody_behind() {
    let server = PrivateTmux::start();
    server.tmux(&["set-environment", "-t", "main", "DISPLAY", ":7"]);
    let pane = script(&server, "echo ready; exec cat").await;
    let look = || {
        let sizes = server.tmux(&["list-panes", "-a", "-F", "#{pane_id} #{pane_width} #{pane_height} #{pane_active}"]);
        (sizes, server.tmux(&["show-environment", "-t", "main"]))
    };
    let before = look();
    let mut watched = watch(&server, &pane, WatchMode::ReadOnly).await;
    until_drawn(watched.events.as_mut(), "ready").await;
    assert_eq!(look(), before);
    drop(watched);
    // the watch ends on this thread
    until(|| server.tmux(&["list-clients"]).is_empty()).await;
}

#[tokio::test]
async fn a_flood_slows_nobody_and_costs_a_viewer_little() {
    let server = PrivateTmux::start();
    let pane = script(&server, "echo ready; head -c 1 > /dev/null; seq 1 900000; echo finished; exec cat").await;
    let mut watched = watch(&server, &pane, WatchMode::Typing).await;
    until_drawn(watched.events.as_mut(), "ready").await;
    watched.input.write(b"\r").await.unwrap();
    let (_, received) = until_drawn(watched.events.as_mut(), "finished").await;
    assert!(received < 2_000_000, "what it could not see was not sent: {received} bytes came");
    watched.input.write(b"goes on").await.unwrap();
    until_drawn(watched.events.as_mut(), "goes on").await;
}

#[tokio::test]
async fn a_viewer_that_does_not_read_gets_a_new_picture() {
    let server = PrivateTmux::start();
    let lines = "i=0; while [ $i -lt 250 ]; do echo $i; sleep 0.02; i=$((i + 1)); done";
    let pane = script(&server, &format!("echo ready; head -c 1 > /dev/null; {lines}; echo finished; exec cat")).await;
    let mut slow = watch(&server, &pane, WatchMode::Typing).await;
    until_drawn(slow.events.as_mut(), "ready").await;
    slow.input.write(b"\r").await.unwrap();
    // the watch goes on on this thread
    until(|| server.tmux(&["capture-pane", "-p", "-t", pane.id.as_str()]).contains("finished")).await;
    let (snapshots, _) = until_drawn(slow.events.as_mut(), "finished").await;
    assert!(snapshots >= 1, "it has missed something");
}

#[tokio::test]
async fn all_who_come_at_once_to_a_pane_at_rest_see_it() {
    let server = PrivateTmux::start();
    let pane = script(&server, "echo ready; exec cat").await;
    // so long that nothing counts as moved
    tokio::time::sleep(Duration::from_millis(2500)).await;
    let port = server.multiplexer();
    let mut watched = Vec::new();
    for _ in 0..3 {
        watched.push(port.watch(&pane, WatchMode::ReadOnly).await.unwrap());
    }
    for viewer in &mut watched {
        let seen = until_drawn(viewer.events.as_mut(), "ready");
        tokio::time::timeout(Duration::from_secs(10), seen).await.expect("it is seen");
    }
}

#[tokio::test]
async fn what_has_scrolled_by_between_two_looks_is_told() {
    let server = PrivateTmux::start();
    let pane = script(&server, "echo ready; head -c 1 > /dev/null; seq -f 'line %g' 1 80; exec cat").await;
    let mut watched = watch(&server, &pane, WatchMode::Typing).await;
    until_drawn(watched.events.as_mut(), "ready").await;
    watched.input.write(b"\r").await.unwrap();
    let mut drawn = String::new();
    while !drawn.contains("line 80") {
        if let PaneEvent::Output(bytes) = next_event(watched.events.as_mut()).await.expect("the pane is there") {
            drawn += &String::from_utf8_lossy(&bytes);
        }
    }
    for line in [1, 20, 40, 60] {
        assert!(drawn.contains(&format!("line {line}")), "line {line}: {drawn:?}");
    }
}

#[tokio::test]
async fn what_scrolled_away_stays_when_the_pane_changes_its_size() {
    let server = PrivateTmux::start();
    let pane = script(&server, "seq -f 'row %g.' 300; echo ready; exec cat").await;
    let mut watched = watch(&server, &pane, WatchMode::ReadOnly).await;
    until_drawn(watched.events.as_mut(), "ready").await;
    for (columns, rows) in [("150", "30"), ("100", "60"), ("60", "20")] {
        server.tmux(&["resize-window", "-t", "main", "-x", columns, "-y", rows]);
        let history = loop {
            match next_event(watched.events.as_mut()).await.expect("the pane is there") {
                PaneEvent::Snapshot { rows: shown, history, .. } if shown.to_string() == rows => break history,
                PaneEvent::Ended(how) => panic!("it {how}"),
                _ => {}
            }
        };
        assert!(String::from_utf8_lossy(&history).contains("row 3."), "{columns} x {rows}");
    }
}

#[tokio::test]
async fn a_pane_of_any_number_is_shown() {
    let server = PrivateTmux::start();
    // panes are numbered on and on while the server runs
    for _ in 1..12 {
        server.tmux(&["new-window", "-d", "true"]);
    }
    let pane = script(&server, "echo ready; exec cat").await;
    assert!(pane.id.as_str().len() > "%9".len(), "{}", pane.id);
    let mut watched = watch(&server, &pane, WatchMode::ReadOnly).await;
    until_drawn(watched.events.as_mut(), "ready").await;
}

/// The storm in which a control client brings tmux 3.3a and 3.5a down at once.
#[tokio::test]
async fn viewers_that_come_and_go_beside_sessions_that_do_leave_the_server_alive() {
    let server = PrivateTmux::start();
    let talk = "echo ready; while :; do date; sleep 0.05; done";
    let mut panes = Vec::new();
    for _ in 0..3 {
        panes.push(script(&server, talk).await);
    }
    let port = server.multiplexer();
    let pid = server.director().server.pid;
    for round in 0..40 {
        let mut watched = Vec::new();
        for pane in &panes {
            watched.push(port.watch(pane, WatchMode::ReadOnly).await.unwrap());
        }
        if round % 2 == 0 {
            until_drawn(watched[round % panes.len()].events.as_mut(), ":").await;
        }
        // in one call, it writes to a client that is gone, where one is attached
        let name = format!("s{round}");
        server.tmux(&[
            "new-session",
            "-d",
            "-s",
            &name,
            "cat",
            ";",
            "new-window",
            "-d",
            "-t",
            &name,
            "cat",
            ";",
            "kill-session",
            "-t",
            &name,
        ]);
        server.tmux(&["set-buffer", "-b", "churn", "x", ";", "delete-buffer", "-b", "churn"]);
    }
    assert_eq!(server.director().server.pid, pid);
    assert!(server.tmux(&["list-clients"]).is_empty(), "nobody ever attached");
}

#[tokio::test]
async fn what_comes_after_floods_is_seen_again_and_again() {
    let server = PrivateTmux::start();
    let flood = "stty -echo; echo ready; while read word; do seq 1 300000; echo $word; done";
    let pane = script(&server, flood).await;
    let mut watched = watch(&server, &pane, WatchMode::Typing).await;
    until_drawn(watched.events.as_mut(), "ready").await;
    for word in ["first", "second", "third"] {
        watched.input.write(format!("{word}!\r").as_bytes()).await.unwrap();
        // nothing here runs meanwhile
        pause(Duration::from_millis(2500));
        let last = format!("{word}!");
        let seen = until_drawn(watched.events.as_mut(), &last);
        tokio::time::timeout(Duration::from_secs(30), seen).await.expect("it is seen");
    }
}

#[tokio::test]
async fn a_mode_of_tmux_takes_no_keys_of_a_viewer() {
    let server = PrivateTmux::start();
    let pane = script(&server, "echo ready; exec cat").await;
    let mut watched = watch(&server, &pane, WatchMode::Typing).await;
    server.tmux(&["copy-mode", "-t", pane.id.as_str()]);
    watched.input.write(b"q").await.unwrap();
    assert_eq!(server.show(pane.id.as_str(), "#{pane_in_mode}"), "1", "it was not left");
    server.tmux(&["send-keys", "-t", pane.id.as_str(), "-X", "cancel"]);
    watched.input.write(b"heard").await.unwrap();
    until_drawn(watched.events.as_mut(), "heard").await;
}
