//! A tmux that is missing, old, slow, or does not behave (K17): each test puts a script in its place.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::time::{Duration, Instant};

use cafleet_adapters::tmux::{TmuxMultiplexer, TmuxOptions};
use cafleet_domain::id::PaneId;
use cafleet_domain::placement::{MultiplexerKind, Pane, ServerId};
use cafleet_domain::ports::{Front, MultiplexerError, PaneHost, PaneIo, TypingCondition};
use cafleet_tests::environment::namespace;
use tempfile::TempDir;

/// A directory with a script that plays tmux.
struct Client {
    directory: TempDir,
}

impl Client {
    fn new(script: &str) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("tmux");
        fs::write(&path, format!("#!/bin/sh\ncd {}\n{script}\n", directory.path().display())).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        Self { directory }
    }

    fn port(&self) -> TmuxMultiplexer {
        let program = self.directory.path().join("tmux").display().to_string();
        TmuxMultiplexer::new(TmuxOptions { program, ..TmuxOptions::default() })
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.directory.path().join(name)).unwrap_or_default()
    }
}

fn pane() -> Pane {
    let server = ServerId { socket: "/nonexistent/socket".to_owned(), pid: 1, started: 2, namespace: namespace() };
    Pane {
        multiplexer: MultiplexerKind::Tmux,
        server,
        session: "main".to_owned(),
        window: "@1".to_owned(),
        id: PaneId::new("%1"),
        pid: 3,
    }
}

#[tokio::test]
async fn one_that_hangs_is_killed_after_five_seconds() {
    let client = Client::new("echo $$ >> pids; exec sleep 60");
    let port = client.port();
    let start = Instant::now();
    assert!(matches!(port.look(&pane()).await, Err(MultiplexerError::Timeout(_))));
    let took = start.elapsed();
    assert!((Duration::from_secs(4)..Duration::from_secs(6)).contains(&took), "{took:?}");
    let pid = client.read("pids").trim().to_owned();
    assert!(!fs::exists(format!("/proc/{pid}")).unwrap(), "process {pid} is gone and reaped");
}

#[tokio::test]
async fn one_that_hangs_does_not_stretch_a_paste_beyond_the_limit() {
    let client = Client::new("exec sleep 60");
    let start = Instant::now();
    assert!(matches!(
        client.port().paste(&pane(), &Front::default(), &TypingCondition::default(), &"x".repeat(1 << 20)).await,
        Err(MultiplexerError::Timeout(_))
    ));
    assert!(start.elapsed() < Duration::from_secs(6), "{:?}", start.elapsed());
}

#[tokio::test]
async fn one_that_floods_both_pipes_is_drained_and_its_words_are_kept() {
    let client = Client::new(
        "echo 'protocol version mismatch' >&2; head -c 204800 /dev/zero | tr '\\0' e >&2; head -c 204800 /dev/zero; exit 1",
    );
    let start = Instant::now();
    let Err(MultiplexerError::Failed(said)) = client.port().look(&pane()).await else { panic!("it failed") };
    assert!(said.starts_with("tmux: protocol version mismatch"), "{}", &said[..80]);
    assert!(said.len() < 5_000);
    assert!(start.elapsed() < Duration::from_secs(3), "{:?}", start.elapsed());
}

#[tokio::test]
async fn a_grandchild_that_holds_the_pipes_does_not_delay_the_answer() {
    let client = Client::new("sleep 4 & echo 'tmux 3.3a'");
    let start = Instant::now();
    assert_eq!(client.port().version().await.as_deref(), Ok("3.3a"));
    assert!(start.elapsed() < Duration::from_secs(2), "{:?}", start.elapsed());
}

#[tokio::test]
async fn one_that_reads_nothing_is_heard_all_the_same() {
    let client = Client::new("echo 'gone'; exit 0");
    let pasted =
        client.port().paste(&pane(), &Front::default(), &TypingCondition::default(), &"x".repeat(1 << 20)).await;
    assert_eq!(pasted, Err(MultiplexerError::Gone(pane().id)));
}

#[tokio::test]
async fn one_that_is_missing_or_too_old_is_named() {
    let port = |program: &str| {
        let options = TmuxOptions {
            program: program.to_owned(),
            tmux_env: Some("/nonexistent/socket,1,0".to_owned()),
            tmux_pane_env: Some("%1".to_owned()),
            ..TmuxOptions::default()
        };
        TmuxMultiplexer::new(options)
    };
    let missing = MultiplexerError::Missing("no-such-tmux".to_owned());
    assert_eq!(port("no-such-tmux").version().await, Err(missing.clone()));
    assert_eq!(port("no-such-tmux").caller().await, Err(missing.clone()));
    assert_eq!(port("no-such-tmux").look(&pane()).await, Err(missing));

    let old = Client::new("[ \"$1\" = -V ] && echo 'tmux 3.1c' || { echo 'unknown option -- N' >&2; exit 1; }");
    let path = old.directory.path().join("tmux").display().to_string();
    let Err(MultiplexerError::TooOld { found, needed, .. }) = port(&path).caller().await else { panic!("too old") };
    assert_eq!((found.as_str(), needed.as_str()), ("3.1c", "3.2"));
    for (says, version) in [("tmux openbsd-7.4", "openbsd-7.4"), ("tmux next-3.5", "next-3.5"), ("other", "other")] {
        assert_eq!(Client::new(&format!("echo '{says}'")).port().version().await.as_deref(), Ok(version));
    }
}

#[tokio::test]
async fn a_socket_that_may_not_be_opened_is_not_taken_for_a_pane_that_is_gone() {
    let client = Client::new("echo 'error connecting to /s (Operation not permitted)' >&2; exit 1");
    assert!(matches!(client.port().look(&pane()).await, Err(MultiplexerError::Failed(_))));
    assert!(matches!(client.port().list(&pane()).await, Err(MultiplexerError::Failed(_))));
}

#[tokio::test]
async fn an_answer_that_cannot_be_read_is_an_error() {
    for answer in ["", "nonsense", "ready 80 24 0 0\\n", "ready x y 0 0\\nrow\\ncat"] {
        let client = Client::new(&format!("printf '{answer}'"));
        assert!(matches!(client.port().look(&pane()).await, Err(MultiplexerError::Failed(_))), "{answer:?}");
    }
}

#[tokio::test]
async fn a_name_that_is_no_pane_never_reaches_a_command_line() {
    let client = Client::new("echo called >> calls; echo ready");
    for id in ["", "%", "1", "%1;kill-server", "%1 ; run-shell x", "main", "%-1"] {
        let strange = Pane { id: PaneId::new(id), ..pane() };
        assert!(matches!(client.port().kill(&strange).await, Err(MultiplexerError::Gone(_))), "{id:?}");
    }
    assert_eq!(client.read("calls"), "");
}
