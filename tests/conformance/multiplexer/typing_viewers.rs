//! What viewers type into embedded terminals: all of it arrives, no paste stays open, and the size is that of who is there.

use std::fs;
use std::time::Duration;

use cafleet_domain::placement::Pane;
use cafleet_domain::ports::{PaneHost, PaneWatcher, SpawnRequest, WatchMode, WatchedPane};
use cafleet_tests::hands::Hands;
use cafleet_tests::private_pty::PrivatePty;

/// Long enough for a program that does not read to be noticed.
const NOT_READING: Duration = Duration::from_millis(1_500);

async fn recorder(server: &PrivatePty, mode: &str) -> Pane {
    let pane = server.multiplexer().spawn(&server.recorder(mode, "heard", &[])).await.unwrap();
    server.wait_for(&pane, "listening");
    pane
}

async fn typing(server: &PrivatePty, pane: &Pane) -> WatchedPane {
    server.multiplexer().watch(pane, WatchMode::Typing).await.unwrap()
}

/// Makes a program that waits read.
fn read_on(server: &PrivatePty) {
    fs::write(server.file("heard.go"), "").unwrap();
}

fn heard(server: &PrivatePty, end: &[u8]) -> Vec<u8> {
    server.until("the end of what was typed", || {
        let heard = server.recorded("heard");
        heard.ends_with(end).then_some(heard)
    })
}

/// A paste that looks different everywhere.
fn paste(length: usize) -> Vec<u8> {
    let lines = (0..).flat_map(|number| format!("line {number} of what is pasted\n").into_bytes());
    [b"\x1b[200~".to_vec(), lines.take(length).collect(), b"\x1b[201~".to_vec()].concat()
}

#[tokio::test]
async fn a_paste_into_a_program_that_does_not_read_for_seconds_arrives_whole() {
    for length in [20_000, 100_000, 1 << 20] {
        let server = PrivatePty::start().await;
        let pane = recorder(&server, "late").await;
        let mut watched = typing(&server, &pane).await;
        let whole = paste(length);
        let sent = whole.clone();
        let typed = tokio::spawn(async move {
            for piece in sent.chunks(4_096) {
                watched.input.write(piece).await.unwrap();
            }
            watched
        });
        tokio::time::sleep(NOT_READING).await;
        read_on(&server);
        let _watched = typed.await.unwrap();
        server.until("all of it", || (server.recorded("heard").len() >= whole.len()).then_some(()));
        assert!(server.recorded("heard") == whole, "other bytes arrived than were typed");
    }
}

#[tokio::test]
async fn a_paste_is_closed_when_its_viewer_goes_wherever_it_is_cut() {
    for (typed, expected) in [
        (&b"\x1b[200~cut off"[..], &b"\x1b[200~cut off\x1b[201~"[..]),
        (b"\x1b[200~cut off\x1b[20", b"\x1b[200~cut off\x1b[201~"),
        (b"\x1b[20", b"\x1b[200~\x1b[201~"),
        (b"no paste\x1b", b"no paste\x1b"),
    ] {
        let server = PrivatePty::start().await;
        let pane = recorder(&server, "bracketed").await;
        let mut watched = typing(&server, &pane).await;
        watched.input.write(typed).await.unwrap();
        server.until("the keys", || (server.recorded("heard").len() >= typed.len()).then_some(()));
        drop(watched);
        // whatever is typed next comes after the end
        let port = server.multiplexer();
        server.until("the viewer to leave", || (server.recorded("heard").len() >= expected.len()).then_some(()));
        port.paste_now(&pane, "next").await.unwrap();
        let all = heard(&server, b"next\x1b[201~");
        let expected = [expected, b"\x1b[200~next\x1b[201~"].concat();
        assert_eq!(String::from_utf8_lossy(&all), String::from_utf8_lossy(&expected));
    }
}

#[tokio::test]
async fn a_paste_that_is_cut_off_while_the_program_does_not_read_is_closed_when_it_does() {
    let server = PrivatePty::start().await;
    let pane = recorder(&server, "late").await;
    let mut watched = typing(&server, &pane).await;
    let whole = paste(1 << 20);
    let cut = tokio::time::timeout(NOT_READING, async {
        for piece in whole.chunks(4_096) {
            watched.input.write(piece).await.unwrap();
        }
    });
    assert!(cut.await.is_err(), "who types is not read any more");
    drop(watched);
    tokio::time::sleep(NOT_READING).await;
    read_on(&server);
    let heard = heard(&server, b"\x1b[201~");
    let text = heard.strip_suffix(b"\x1b[201~").unwrap();
    assert!(whole.starts_with(text) && text.len() < whole.len(), "what arrives has no gap");
}

#[tokio::test]
async fn nobody_else_writes_into_the_paste_of_a_viewer() {
    let server = PrivatePty::start().await;
    let pane = recorder(&server, "bracketed").await;
    let mut watched = typing(&server, &pane).await;
    watched.input.write(b"\x1b[200~first half, ").await.unwrap();
    server.until("the half", || (server.recorded("heard").len() >= 17).then_some(()));
    let (port, beside) = (server.multiplexer(), pane.clone());
    let other = tokio::spawn(async move { port.paste_now(&beside, "in between").await });
    tokio::time::sleep(Duration::from_millis(300)).await;
    watched.input.write(b"second half\x1b[201~").await.unwrap();
    other.await.unwrap().unwrap();
    let all = heard(&server, b"in between\x1b[201~");
    assert_eq!(
        String::from_utf8_lossy(&all),
        "\u{1b}[200~first half, second half\u{1b}[201~\u{1b}[200~in between\u{1b}[201~"
    );
}

#[tokio::test]
async fn a_key_of_a_viewer_that_may_not_show_yet_keeps_text_and_enter_away() {
    let server = PrivatePty::start().await;
    let pane = recorder(&server, "bracketed").await;
    let port = server.multiplexer();
    let mut watched = typing(&server, &pane).await;
    // on a busy machine what follows may come after the seconds for which a key counts
    for attempt in 0.. {
        assert!(attempt < 20, "the key never counts");
        watched.input.write(b"x").await.unwrap();
        heard(&server, b"x");
        if !port.type_untouched(&pane, "t").await.unwrap() && !port.enter_untouched(&pane, "listening").await.unwrap() {
            break;
        }
    }
    port.enter_when_untouched(&pane, "listening").await;
    heard(&server, b"x\r");
    assert_eq!(port.type_untouched(&pane, "t").await, Ok(true), "what is typed for others is no viewer's");
}

#[tokio::test]
async fn the_size_is_that_of_who_is_left() {
    let server = PrivatePty::start().await;
    let argv = ["/bin/sh", "-c", "trap 'stty size' WINCH; echo ready; while :; do sleep 0.05; done"].map(str::to_owned);
    let request = SpawnRequest { argv: argv.to_vec(), ..server.recorder("plain", "x", &[]) };
    let pane = server.multiplexer().spawn(&request).await.unwrap();
    server.wait_for(&pane, "ready");
    let attach =
        async |columns, rows| server.multiplexer().watch(&pane, WatchMode::Writable { columns, rows }).await.unwrap();
    let mut first = attach(100, 30).await;
    server.wait_for(&pane, "30 100");
    let second = attach(90, 25).await;
    server.wait_for(&pane, "25 90");
    first.input.resize(101, 31).await.unwrap();
    drop(second);
    server.wait_for(&pane, "31 101");
    first.input.resize(102, 32).await.unwrap();
    server.wait_for(&pane, "32 102");
}
