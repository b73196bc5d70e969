//! The daemon starts clean, whatever shell starts it.

use std::fs;
use std::process::Command;

use cafleet_adapters::pty::{PtyMultiplexer, PtyOptions};
use cafleet_domain::ports::{PaneHost, StartRequest, TerminalDaemon};
use cafleet_tests::environment::eventually;
use cafleet_tests::private_tmux::binary;
use rustix::fs::{FlockOperation, flock};
use rustix::process::{Resource, Rlimit, setrlimit, umask};

#[tokio::test]
async fn a_pane_has_no_descriptor_mask_or_limit_of_whoever_started_the_daemon() {
    let directory = tempfile::tempdir().unwrap();
    // what a shell hands on: a lock that it holds, a mask, a limit
    let lock = fs::File::create(directory.path().join("held")).unwrap();
    flock(&lock, FlockOperation::LockExclusive).unwrap();
    rustix::io::fcntl_setfd(&lock, rustix::io::FdFlags::empty()).unwrap();
    umask(rustix::fs::Mode::from_raw_mode(0o077));
    let before = rustix::process::getrlimit(Resource::Fsize);
    setrlimit(Resource::Fsize, Rlimit { current: Some(1 << 30), ..before }).unwrap();
    let daemon = vec![binary("cafleet_under_test"), "pty-daemon".to_owned()];
    let options = PtyOptions { directory: directory.path().join("pty"), daemon, ..PtyOptions::default() };
    let port = PtyMultiplexer::new(options);
    let seen = directory.path().join("seen");
    let script =
        format!("(umask; ulimit -f; ls -l /proc/self/fd; pwd) > {0}.new; mv {0}.new {0}; exec cat", seen.display());
    let argv = ["/bin/sh", "-c", &script].map(str::to_owned).to_vec();
    let pane = port.start(&StartRequest { argv, directory: "/".into(), tag: "1-1".to_owned() }).await.unwrap();
    let said = eventually("the words of the pane", || fs::read_to_string(&seen).ok());
    assert!(said.starts_with("0022\nunlimited\n"), "{said}");
    assert!(!said.contains("/held"), "{said}");
    let descriptors = Command::new("ls").args(["-l", &format!("/proc/{}/fd", pane.server.pid)]).output().unwrap();
    assert!(!String::from_utf8_lossy(&descriptors.stdout).contains("/held"), "the daemon holds the lock");
    assert_eq!(fs::read_link(format!("/proc/{}/cwd", pane.server.pid)).unwrap().to_str(), Some("/"));
    port.stop().await.unwrap();
}
