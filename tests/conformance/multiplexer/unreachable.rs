//! A server that cannot be reached is not dead: nothing that asks about its panes says that they are gone.

use std::fs;
use std::io::{BufRead, BufReader};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixStream;
use std::process::{Command, Stdio};

use cafleet_adapters::pty::PtyMultiplexer;
use cafleet_domain::death::DeathProof;
use cafleet_domain::placement::Pane;
use cafleet_domain::ports::{
    Front, Look, Multiplexer, MultiplexerError, PaneHost, PaneIo, PaneWatcher, StartRequest, TerminalDaemon,
    TypingCondition, WatchMode,
};
use cafleet_tests::private_pty::{PrivatePty, is_running};
use cafleet_tests::private_tmux::{PrivateTmux, binary};
use rustix::process::{Pid, Signal, kill_process};

/// Asserts that every question about a pane is answered with "unreachable", and returns what was said.
async fn assert_unreachable(port: &dyn Multiplexer, pane: &Pane) -> String {
    let Err(MultiplexerError::Unreachable(said)) = port.look(pane).await else { panic!("{:?}", port.look(pane).await) };
    assert!(matches!(port.list(pane).await, Err(MultiplexerError::Unreachable(_))));
    assert!(matches!(port.kill(pane).await, Err(MultiplexerError::Unreachable(_))));
    assert!(matches!(
        port.paste(pane, &Front::default(), &TypingCondition::default(), "x").await,
        Err(MultiplexerError::Unreachable(_))
    ));
    assert!(matches!(port.capture(pane, 5, false).await, Err(MultiplexerError::Unreachable(_))));
    said
}

fn signal(pid: u32, signal: Signal) {
    kill_process(Pid::from_raw(pid.try_into().unwrap()).unwrap(), signal).unwrap();
}

#[tokio::test]
async fn a_tmux_whose_socket_is_removed_is_unreachable_until_it_makes_it_again() {
    let server = PrivateTmux::start();
    let (pane, port) = (server.director(), server.multiplexer());
    fs::remove_file(server.socket()).unwrap();
    let said = assert_unreachable(&port, &pane).await;
    let pid = pane.server.pid;
    assert!(said.contains("runs, but its socket cannot be reached"), "{said}");
    assert!(said.contains(&format!("'kill -USR1 {pid}' makes it create the socket again")), "{said}");
    signal(pid, Signal::USR1);
    server.until("the socket", || fs::exists(server.socket()).unwrap().then_some(()));
    assert!(matches!(port.look(&pane).await, Ok(Look::Seen(_))), "nothing was done to it");
    signal(pid, Signal::KILL);
    server.until("its end", || (!is_running(pid.try_into().unwrap())).then_some(()));
    assert_eq!(port.look(&pane).await, Ok(Look::Gone(DeathProof::ServerEnded { pid })));
    assert_eq!(port.list(&pane).await, Ok(Vec::new()));
    assert_eq!(port.kill(&pane).await, Err(MultiplexerError::Gone(pane.id)));
}

#[tokio::test]
async fn a_tmux_at_whose_socket_another_one_answers_is_unreachable_until_it_ends() {
    let server = PrivateTmux::start();
    let (pane, port) = (server.director(), server.multiplexer());
    fs::remove_file(server.socket()).unwrap();
    server.boot("/bin/cat");
    let said = assert_unreachable(&port, &pane).await;
    assert!(said.contains("another server answers at its socket"), "{said}");
    signal(pane.server.pid, Signal::KILL);
    server.until("its end", || (!is_running(pane.server.pid.try_into().unwrap())).then_some(()));
    assert!(matches!(port.look(&pane).await, Ok(Look::Gone(DeathProof::ServerEnded { .. }))));
}

#[tokio::test]
async fn a_tmux_in_another_pid_namespace_is_unreachable_whatever_has_its_number() {
    let server = PrivateTmux::start();
    let (mut pane, port) = (server.director(), server.multiplexer());
    pane.server.namespace = Some(1);
    signal(pane.server.pid, Signal::KILL);
    server.until("its end", || (!is_running(pane.server.pid.try_into().unwrap())).then_some(()));
    let said = assert_unreachable(&port, &pane).await;
    assert!(
        said.contains("it is not known whether it still runs: it belongs to another container or sandbox"),
        "{said}"
    );
}

#[tokio::test]
async fn a_daemon_with_as_many_clients_as_it_takes_is_unreachable_and_its_viewers_are_in_nobodys_way() {
    let server = PrivatePty::start().await;
    let (pane, port) = (server.director(), server.multiplexer());
    let mut watching = Vec::new();
    let refused = loop {
        match port.watch(&pane, WatchMode::ReadOnly).await {
            Ok(watched) => watching.push(watched),
            Err(error) => break error,
        }
    };
    assert_eq!(watching.len(), 256);
    assert!(matches!(&refused, MultiplexerError::Unreachable(said) if said.contains("as many clients")), "{refused:?}");
    assert!(matches!(port.look(&pane).await, Ok(Look::Seen(_))), "viewers do not count");

    let socket = server.file("pty/socket");
    let silent: Vec<UnixStream> = (0..400).map(|_| UnixStream::connect(&socket).unwrap()).collect();
    let Err(MultiplexerError::Unreachable(_)) = port.look(&pane).await else { panic!("it is full") };
    drop((silent, watching));
    server.until("an answer", || server.screen(&pane).ok());
    assert!(socket.exists());
}

#[tokio::test]
async fn a_daemon_makes_its_socket_again_and_nobody_starts_a_second_one() {
    let server = PrivatePty::start().await;
    let (pane, port) = (server.director(), server.multiplexer());
    for _ in 0..2 {
        fs::remove_file(server.file("pty/socket")).unwrap();
        let request = StartRequest { argv: vec!["/bin/cat".to_owned()], directory: "/".into(), tag: "1-1".to_owned() };
        let added = port.start(&request).await.unwrap();
        assert_eq!(added.server, pane.server, "the same daemon");
        assert!(matches!(port.look(&pane).await, Ok(Look::Seen(_))));
    }
}

#[tokio::test]
async fn a_daemon_makes_its_directory_again_and_nobody_starts_a_second_one() {
    let server = PrivatePty::start().await;
    let (pane, port) = (server.director(), server.multiplexer());
    let place = server.file("pty");
    let removals: [fn(&PrivatePty); 4] = [
        |server| fs::remove_dir_all(server.file("pty")).unwrap(),
        |server| fs::rename(server.file("pty"), server.file("elsewhere")).unwrap(),
        |server| ["alive", "socket"].iter().for_each(|name| fs::remove_file(server.file("pty").join(name)).unwrap()),
        |server| fs::remove_file(server.file("pty/alive")).unwrap(),
    ];
    for remove in removals {
        remove(&server);
        let status = port.status().await.unwrap().expect("it lives");
        assert_eq!(status.pid, pane.server.pid);
        remove_again(&server, remove);
        let request = StartRequest { argv: vec!["/bin/cat".to_owned()], directory: "/".into(), tag: "1-1".to_owned() };
        let added = port.start(&request).await.unwrap();
        assert_eq!(added.server, pane.server, "the same daemon");
        assert!(matches!(port.look(&pane).await, Ok(Look::Seen(_))));
        server.until("its lock", || place.join("alive").exists().then_some(()));
        let note = place.join(format!("pane-{}", pane.pid));
        server.until("its note", || note.exists().then_some(()));
        assert_eq!(fs::metadata(&place).unwrap().permissions().mode() & 0o777, 0o700);
        let mut second = Command::new(binary("cafleet_under_test"));
        second.args(["pty-daemon", "--directory"]).arg(&place).stderr(Stdio::null());
        assert!(!second.status().unwrap().success(), "it has the lock, too");
    }
    assert!(is_running(pane.pid.try_into().unwrap()));
}

/// Removes a daemon's place once it is whole again.
fn remove_again(server: &PrivatePty, remove: fn(&PrivatePty)) {
    let _of_the_first_time = fs::remove_dir_all(server.file("elsewhere"));
    server.until("its place", || {
        ["alive", "socket"].iter().all(|name| server.file("pty").join(name).exists()).then_some(())
    });
    remove(server);
}

#[tokio::test]
async fn a_daemon_that_cannot_make_its_directory_again_is_never_said_not_to_run() {
    let server = PrivatePty::start().await;
    let (pane, port) = (server.director(), server.multiplexer());
    let pid = pane.server.pid;
    fs::remove_dir_all(server.file("pty")).unwrap();
    signal(pid, Signal::STOP);
    let request = StartRequest { argv: vec!["/bin/cat".to_owned()], directory: "/".into(), tag: "1-1".to_owned() };
    let (status, stopped, started) = tokio::join!(port.status(), port.stop(), port.start(&request));
    for told in [status.map(drop), stopped.map(drop), started.map(drop)] {
        let Err(MultiplexerError::Unreachable(said)) = told else { panic!("{told:?}") };
        assert!(said.starts_with(&format!("the terminal daemon (process {pid}) runs, but does not answer")), "{said}");
        assert!(said.ends_with(&format!("'kill {pid}' ends it with its panes")), "{said}");
    }
    signal(pid, Signal::CONT);
    assert_eq!(port.status().await.unwrap().expect("it lives").pid, pid);
    assert!(matches!(port.look(&pane).await, Ok(Look::Seen(_))));
}

#[tokio::test]
async fn a_daemon_whose_place_another_one_has_taken_is_unreachable_until_that_one_has_ended() {
    let server = PrivatePty::start().await;
    let (pane, port) = (server.director(), server.multiplexer());
    let program = pane.pid.try_into().unwrap();
    signal(pane.server.pid, Signal::STOP);
    for name in ["alive", "socket"] {
        fs::remove_file(server.file("pty").join(name)).unwrap();
    }
    let mut second = Command::new(binary("cafleet_under_test"));
    let mut second = second.args(["pty-daemon", "--directory"]).arg(server.file("pty")).spawn().unwrap();
    server.until("its socket", || server.daemon());
    signal(pane.server.pid, Signal::CONT);
    let (seen, killed) = tokio::join!(port.look(&pane), port.kill(&pane));
    assert!(matches!(killed, Err(MultiplexerError::Unreachable(_))), "{killed:?}");
    let Err(MultiplexerError::Unreachable(said)) = seen else { panic!("{seen:?}") };
    assert!(said.contains("another one answers at its socket"), "{said}");
    assert!(said.contains("as soon as that one has ended, as by 'cafleet daemon stop'"), "{said}");
    assert_eq!(port.status().await.unwrap().unwrap().pid, second.id(), "nobody fights it");
    assert!(is_running(program), "what belongs to a daemon that lives was left by nobody");
    assert_eq!(port.stop().await, Ok(Some(second.id())));
    assert!(second.wait().unwrap().success());
    assert!(matches!(port.look(&pane).await, Ok(Look::Seen(_))));
    assert_eq!(port.status().await.unwrap().unwrap().pid, pane.server.pid);
    assert!(is_running(program));
}

#[tokio::test]
async fn a_second_daemon_of_a_directory_ends_at_once_and_removes_nothing() {
    let server = PrivatePty::start().await;
    for socket_is_there in [true, false] {
        if !socket_is_there {
            fs::remove_file(server.file("pty/socket")).unwrap();
        }
        let mut second = Command::new(binary("cafleet_under_test"));
        second.args(["pty-daemon", "--directory"]).arg(server.file("pty")).stderr(Stdio::piped());
        let mut second = second.spawn().unwrap();
        let said = BufReader::new(second.stderr.take().unwrap()).lines().map_while(Result::ok).collect::<String>();
        assert!(!second.wait().unwrap().success());
        assert!(said.contains("another terminal daemon lives in this directory"), "{said}");
        assert!(matches!(server.multiplexer().look(&server.director()).await, Ok(Look::Seen(_))));
    }
}

#[tokio::test]
async fn what_a_killed_daemon_has_left_is_ended_by_its_successor_and_by_whoever_closes_the_pane() {
    let deaf = ["/bin/sh", "-c", "trap '' HUP; while :; do sleep 1; done"].map(str::to_owned).to_vec();
    for successor in [true, false] {
        let server = PrivatePty::start().await;
        let port: PtyMultiplexer = server.multiplexer();
        let request = StartRequest { argv: deaf.clone(), directory: "/".into(), tag: "1-1".to_owned() };
        let pane = port.start(&request).await.unwrap();
        let daemon = server.daemon().unwrap();
        kill_process(daemon, Signal::KILL).unwrap();
        server.until("its end", || (!is_running(daemon.as_raw_nonzero().get())).then_some(()));
        let program = pane.pid.try_into().unwrap();
        assert!(is_running(program), "it ignores that its terminal is gone");
        assert!(port.is_outlived(&pane).await);
        if successor {
            port.start(&request).await.unwrap();
        } else {
            assert_eq!(port.kill(&pane).await, Ok(()), "there was something to close");
            assert_eq!(port.kill(&pane).await, Err(MultiplexerError::Gone(pane.id.clone())));
        }
        server.until("its end", || (!is_running(program)).then_some(()));
        assert!(!port.is_outlived(&pane).await);
    }
}
