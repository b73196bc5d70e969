//! Watching an embedded terminal.

use cafleet_domain::placement::Pane;
use cafleet_domain::ports::{PaneEvent, PaneEvents, PaneHost, PaneWatcher, SpawnRequest, WatchMode, WatchedPane};
use cafleet_tests::hands::Hands;
use cafleet_tests::private_pty::PrivatePty;

use super::events::next_event;

const ATTACHED: WatchMode = WatchMode::Writable { columns: 100, rows: 30 };

async fn script(server: &PrivatePty, text: &str) -> Pane {
    let argv = ["/bin/sh", "-c", text].map(str::to_owned).to_vec();
    let request = SpawnRequest { argv, ..server.recorder("plain", "x", &[]) };
    server.multiplexer().spawn(&request).await.unwrap()
}

async fn watch(server: &PrivatePty, pane: &Pane, mode: WatchMode) -> WatchedPane {
    server.multiplexer().watch(pane, mode).await.unwrap()
}

/// Presses Enter as somebody who is attached.
async fn press(server: &PrivatePty, pane: &Pane) {
    let mut attached = watch(server, pane, WatchMode::Writable { columns: 120, rows: 40 }).await;
    attached.input.write(b"\r").await.unwrap();
}

/// Reads events until what was drawn since the last snapshot holds `text`, and returns that with the size.
async fn until_drawn(events: &mut dyn PaneEvents, text: &str) -> (u16, u16, String) {
    let (mut size, mut drawn) = ((0, 0), Vec::new());
    loop {
        match next_event(events).await.expect("the pane is there") {
            PaneEvent::Snapshot { columns, rows, drawing, .. } => (size, drawn) = ((columns, rows), drawing),
            PaneEvent::Output(bytes) => drawn.extend(bytes),
            PaneEvent::Title(_) => {}
            PaneEvent::Ended(how) => panic!("it {how}"),
        }
        let text_so_far = String::from_utf8_lossy(&drawn).into_owned();
        if text_so_far.contains(text) {
            return (size.0, size.1, text_so_far);
        }
    }
}

#[tokio::test]
async fn who_comes_late_sees_the_screen_and_then_what_follows() {
    let server = PrivatePty::start().await;
    let pane = script(&server, "printf '\\033[?2004h\\033[31mearly'; exec cat").await;
    server.wait_for(&pane, "early");
    let mut watched = watch(&server, &pane, WatchMode::ReadOnly).await;
    let (columns, rows, drawn) = until_drawn(watched.events.as_mut(), "early").await;
    assert_eq!((columns, rows), (120, 40));
    assert!(drawn.contains("\u{1b}[?2004h") && drawn.contains("\u{1b}[0;31mearly"), "{drawn:?}");
    server.multiplexer().type_now(&pane, "later").await.unwrap();
    until_drawn(watched.events.as_mut(), "later").await;
    watched.input.write(b"unheard").await.unwrap();
    watched.input.resize(50, 20).await.unwrap();
    server.multiplexer().type_now(&pane, "end").await.unwrap();
    until_drawn(watched.events.as_mut(), "end").await;
    assert_eq!(server.screen(&pane).unwrap(), "earlylaterend", "who may only look types nothing");
}

#[tokio::test]
async fn the_last_that_may_write_decides_the_size_within_what_agents_need() {
    let server = PrivatePty::start().await;
    let pane = script(&server, "trap 'stty size' WINCH; echo ready; while :; do sleep 0.05; done").await;
    server.wait_for(&pane, "ready");
    let mut first = watch(&server, &pane, ATTACHED).await;
    server.wait_for(&pane, "30 100");
    let second = watch(&server, &pane, WatchMode::Writable { columns: 20, rows: 5 }).await;
    server.wait_for(&pane, "10 40");
    first.input.resize(200, 50).await.unwrap();
    let (columns, rows, _) = until_drawn(first.events.as_mut(), "10 40").await;
    assert_eq!((columns, rows), (40, 10), "everybody is told the size, and not everybody decides it");
    drop(second);
}

#[tokio::test]
async fn what_is_above_the_screen_is_told_first_and_again_at_each_size() {
    let server = PrivatePty::start().await;
    let pane = script(&server, "seq -f 'row %g' 1 3000; exec cat").await;
    server.wait_for(&pane, "row 3000");
    let mut watched = watch(&server, &pane, ATTACHED).await;
    for size in [(100, 30), (80, 20)] {
        watched.input.resize(size.0, size.1).await.unwrap();
        let history = loop {
            match next_event(watched.events.as_mut()).await.expect("the pane is there") {
                PaneEvent::Snapshot { columns, rows, history, .. } if (columns, rows) == size => break history,
                _ => {}
            }
        };
        let text = String::from_utf8(history).unwrap();
        let rows: Vec<&str> = text.lines().filter(|row| !row.is_empty()).collect();
        assert_eq!(rows.len(), 2_000);
        assert!(rows.windows(2).all(|pair| pair[0] != pair[1]) && rows[0].starts_with("row "), "{:?}", &rows[..3]);
    }
}

#[tokio::test]
async fn what_an_attached_person_types_arrives() {
    let server = PrivatePty::start().await;
    let pane = server.multiplexer().spawn(&server.recorder("plain", "heard", &[])).await.unwrap();
    server.wait_for(&pane, "listening");
    let mut watched = watch(&server, &pane, ATTACHED).await;
    watched.input.write(b"\x1b[A\x03x").await.unwrap();
    server.until("the keys", || (server.recorded("heard") == b"\x1b[A\x03x").then_some(()));
}

#[tokio::test]
async fn a_query_is_answered_once_and_never_shown_to_viewers() {
    let server = PrivatePty::start().await;
    let ask = "stty raw -echo; echo ready; head -c 1 > /dev/null; printf '\\033[6n\\033[c\\033]52;c;eA==\\007\\033]0;t\\007asked'; exec cat > answers";
    let pane = script(&server, ask).await;
    server.wait_for(&pane, "ready");
    let mut watched = watch(&server, &pane, ATTACHED).await;
    until_drawn(watched.events.as_mut(), "ready").await;
    watched.input.write(b"!").await.unwrap();
    let (.., drawn) = until_drawn(watched.events.as_mut(), "asked").await;
    for query in ["\u{1b}[6n", "\u{1b}[c", "\u{1b}]52", "\u{1b}]0"] {
        assert!(!drawn.contains(query), "{drawn:?}");
    }
    watched.input.write(b".").await.unwrap();
    let answers = server.until("the answers", || {
        let answers = server.recorded("answers");
        answers.ends_with(b".").then_some(answers)
    });
    let answers = String::from_utf8(answers).unwrap();
    assert_eq!((answers.matches('R').count(), answers.matches("\u{1b}[?6c").count()), (1, 1), "{answers:?}");
    let mut late = watch(&server, &pane, WatchMode::ReadOnly).await;
    while next_event(late.events.as_mut()).await != Some(PaneEvent::Title("t".to_owned())) {}
}

#[tokio::test]
async fn a_viewer_that_does_not_read_slows_nobody_and_sees_the_end() {
    let server = PrivatePty::start().await;
    let pane = script(&server, "echo ready; head -c 1 > /dev/null; seq 1 400000; echo finished; exec cat").await;
    server.wait_for(&pane, "ready");
    let mut slow = watch(&server, &pane, WatchMode::ReadOnly).await;
    until_drawn(slow.events.as_mut(), "ready").await;
    press(&server, &pane).await;
    server.wait_for(&pane, "finished");
    let (mut received, mut drawn) = (0, Vec::new());
    while !String::from_utf8_lossy(&drawn).contains("finished") {
        match next_event(slow.events.as_mut()).await.expect("the pane is there") {
            PaneEvent::Snapshot { drawing, .. } => drawn = drawing,
            PaneEvent::Output(bytes) => {
                received += bytes.len();
                drawn = bytes;
            }
            _ => {}
        }
    }
    assert!(received < 2_000_000, "what it missed was not kept: {received} bytes came");
}

#[tokio::test]
async fn the_end_of_a_program_is_told_with_how_it_ended() {
    let server = PrivatePty::start().await;
    let pane = script(&server, "echo ready; head -c 1 > /dev/null; exit 3").await;
    server.wait_for(&pane, "ready");
    let mut watched = watch(&server, &pane, WatchMode::ReadOnly).await;
    press(&server, &pane).await;
    let mut last = None;
    while let Some(event) = next_event(watched.events.as_mut()).await {
        last = Some(event);
    }
    assert_eq!(last, Some(PaneEvent::Ended("ended with exit code 3".to_owned())));
    assert!(server.multiplexer().watch(&pane, ATTACHED).await.is_err());
}
