//! The daemon of the embedded terminals: one of it, ours alone, and never a riddle.

use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixListener;

use cafleet_adapters::pty::{PtyMultiplexer, PtyOptions};
use cafleet_domain::ports::{Look, MultiplexerError, PaneHost, PaneIo, StartRequest, TerminalDaemon};
use cafleet_tests::hands::Hands;
use cafleet_tests::private_pty::{PrivatePty, is_running};
use cafleet_tests::private_tmux::binary;
use tempfile::TempDir;

fn options(directory: &TempDir, further: &[&str]) -> PtyOptions {
    let mut daemon = vec![binary("cafleet_under_test"), "pty-daemon".to_owned()];
    daemon.extend(further.iter().map(|&word| word.to_owned()));
    PtyOptions { directory: directory.path().join("pty"), daemon, ..PtyOptions::default() }
}

fn request() -> StartRequest {
    StartRequest { argv: vec!["/bin/cat".to_owned()], directory: "/".into(), tag: "1-1".to_owned() }
}

#[tokio::test]
async fn of_many_that_start_it_at_the_same_time_one_does() {
    let directory = tempfile::tempdir().unwrap();
    let mut starts = tokio::task::JoinSet::new();
    for _ in 0..8 {
        let port = PtyMultiplexer::new(options(&directory, &[]));
        starts.spawn(async move { port.start(&request()).await });
    }
    let panes: Vec<_> = starts.join_all().await.into_iter().map(Result::unwrap).collect();
    assert!(panes.iter().all(|pane| pane.server == panes[0].server), "{panes:?}");
    let port = PtyMultiplexer::new(options(&directory, &[]));
    assert_eq!(port.list(&panes[0]).await.unwrap().len(), 8);
    port.stop().await.unwrap();
}

#[tokio::test]
async fn socket_and_directory_are_for_their_owner_alone() {
    let server = PrivatePty::start().await;
    let mode = |name: &str| fs::metadata(server.file(name)).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode("pty"), mode("pty/socket"), mode("pty/log"), mode("pty/lock")), (0o700, 0o600, 0o600, 0o600));
}

#[tokio::test]
async fn a_directory_that_others_can_enter_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    let port = PtyMultiplexer::new(options(&directory, &[]));
    fs::create_dir(directory.path().join("pty")).unwrap();
    fs::set_permissions(directory.path().join("pty"), fs::Permissions::from_mode(0o755)).unwrap();
    let Err(MultiplexerError::Failed(said)) = port.start(&request()).await else { panic!("others can enter") };
    assert!(said.ends_with("must be a directory of yours that no other user can enter"), "{said}");
    fs::remove_dir(directory.path().join("pty")).unwrap();
    std::os::unix::fs::symlink("/tmp", directory.path().join("pty")).unwrap();
    assert!(port.start(&request()).await.is_err(), "nor a link to another place");
}

#[tokio::test]
async fn a_path_that_is_too_long_for_a_socket_is_told() {
    let directory = tempfile::tempdir().unwrap();
    let long = directory.path().join("x".repeat(100));
    let port = PtyMultiplexer::new(PtyOptions { directory: long, ..options(&directory, &[]) });
    let Err(MultiplexerError::Failed(said)) = port.start(&request()).await else { panic!("it is too long") };
    assert!(said.contains("is too long for a socket"), "{said}");
}

#[tokio::test]
async fn a_daemon_that_does_not_start_is_told() {
    let directory = tempfile::tempdir().unwrap();
    let port =
        |daemon: &str| PtyMultiplexer::new(PtyOptions { daemon: vec![daemon.to_owned()], ..options(&directory, &[]) });
    let Err(MultiplexerError::Failed(said)) = port("/bin/false").start(&request()).await else { panic!("it failed") };
    assert!(said.starts_with("the terminal daemon ended at once (exit status: 1); see "), "{said}");
    assert!(port("/nonexistent/daemon").start(&request()).await.is_err());
}

#[tokio::test]
async fn one_of_another_version_is_a_sentence() {
    let directory = tempfile::tempdir().unwrap();
    let options = options(&directory, &[]);
    fs::create_dir(&options.directory).unwrap();
    fs::set_permissions(&options.directory, fs::Permissions::from_mode(0o700)).unwrap();
    let listener = UnixListener::bind(options.directory.join("socket")).unwrap();
    std::thread::spawn(move || {
        let mut streams = Vec::new();
        for stream in listener.incoming() {
            let hello = "{\"protocol\":99,\"build\":\"9.9\",\"pid\":1,\"started\":1,\"novelty\":true}\n";
            streams.push(stream.unwrap());
            streams.last_mut().unwrap().write_all(hello.as_bytes()).unwrap();
        }
    });
    let port = PtyMultiplexer::new(options);
    let Err(MultiplexerError::Failed(said)) = port.start(&request()).await else { panic!("it is of another version") };
    let expected = "(process 1) is of cafleet 9.9 and speaks version 99, this cafleet speaks 4; make it the same with";
    assert!(said.contains(expected), "{said}");
    assert!(!port.status().await.unwrap().unwrap().same_protocol, "that much can be told");
}

#[tokio::test]
async fn a_listener_that_is_no_daemon_is_a_sentence_and_one_that_is_silent_no_hang() {
    let directory = tempfile::tempdir().unwrap();
    let options = options(&directory, &[]);
    fs::create_dir(&options.directory).unwrap();
    fs::set_permissions(&options.directory, fs::Permissions::from_mode(0o700)).unwrap();
    let listener = UnixListener::bind(options.directory.join("socket")).unwrap();
    let port = PtyMultiplexer::new(options);
    let accepted = std::thread::spawn(move || {
        let (mut first, _) = listener.accept().unwrap();
        first.write_all(b"HTTP/1.1 400 Bad Request\n").unwrap();
        listener.accept().unwrap()
    });
    assert!(
        matches!(port.status().await, Err(MultiplexerError::Failed(said)) if said.contains("is not the terminal daemon"))
    );
    assert!(matches!(port.status().await, Err(MultiplexerError::Timeout(_))));
    drop(accepted.join());
}

#[tokio::test]
async fn it_ends_when_it_has_had_no_pane_for_long_enough_and_is_started_again() {
    let directory = tempfile::tempdir().unwrap();
    let port = PtyMultiplexer::new(options(&directory, &["--idle", "1"]));
    let pane = port.start(&request()).await.unwrap();
    let daemon = pane.server.pid.try_into().unwrap();
    tokio::time::sleep(std::time::Duration::from_millis(1_500)).await;
    assert!(is_running(daemon), "it has a pane");
    port.kill(&pane).await.unwrap();
    while is_running(daemon) {
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    assert!(matches!(port.look(&pane).await, Ok(Look::Gone(_))));
    assert_eq!(port.status().await, Ok(None));
    let again = port.start(&request()).await.unwrap();
    assert_ne!(again.server, pane.server);
    port.stop().await.unwrap();
}

#[tokio::test]
async fn a_socket_that_a_crash_left_is_replaced() {
    let server = PrivatePty::start().await;
    let pane = server.director();
    rustix::process::kill_process(server.daemon().unwrap(), rustix::process::Signal::KILL).unwrap();
    server.until("its end", || (!is_running(pane.server.pid.try_into().unwrap())).then_some(()));
    assert!(server.file("pty/socket").exists());
    let again = server.multiplexer().start(&request()).await.unwrap();
    assert!(matches!(server.multiplexer().look(&pane).await, Ok(Look::Gone(_))));
    assert_ne!(again.server, pane.server);
}

#[tokio::test]
async fn an_upgrade_keeps_every_pane_with_its_screen_and_modes() {
    let server = PrivatePty::start().await;
    let port = server.multiplexer();
    let recorder = port.spawn(&server.recorder("bracketed", "heard", &[])).await.unwrap();
    let argv = ["/bin/sh", "-c", "seq 1 300; printf '\\033[?1049h\\033[31mred'; exec cat"].map(str::to_owned).to_vec();
    let request = cafleet_domain::ports::SpawnRequest { argv, ..server.recorder("plain", "x", &[]) };
    let drawn = port.spawn(&request).await.unwrap();
    server.wait_for(&recorder, "listening");
    server.wait_for(&drawn, "red");
    let before = (port.list(&recorder).await.unwrap(), port.look(&drawn).await.unwrap());
    let status = port.upgrade().await.unwrap().unwrap();
    assert_eq!((status.generation, status.pid, status.panes.len()), (1, recorder.server.pid, 3));
    assert_eq!((port.list(&recorder).await.unwrap(), port.look(&drawn).await.unwrap()), before);
    port.paste_now(&recorder, "still in brackets").await.unwrap();
    let expected = b"\x1b[200~still in brackets\x1b[201~";
    server.until("the paste", || (server.recorded("heard") == expected).then_some(()));
    assert_eq!(port.upgrade().await.unwrap().unwrap().generation, 2, "and again");
    let added = port.spawn(&server.recorder("plain", "y", &[])).await.unwrap();
    assert_eq!(added.id.as_str(), "%3", "no name is given twice");
    port.kill(&recorder).await.unwrap();
    assert!(!fs::exists(format!("/proc/{}", recorder.pid)).unwrap(), "a program of before is taken note of");
    assert!(matches!(port.look(&recorder).await, Ok(Look::Gone(_))));
}
