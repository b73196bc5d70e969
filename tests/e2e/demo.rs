//! `cafleet demo`: a whole fleet through the real commands, and nothing left of it.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Command, Stdio};

use tempfile::TempDir;

use crate::scripted_agent::eventually;

/// Prepares a demo whose temporary directory is `temp` and whose user has nothing.
fn demo(temp: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cafleet_under_test"));
    command.arg("demo").env_clear().env("PATH", "/usr/bin:/bin:/usr/local/bin").env("TMPDIR", temp);
    command.env("HOME", temp.join("nobody")).current_dir(temp).stdin(Stdio::null());
    command
}

fn left_behind(temp: &Path) -> Vec<String> {
    let entries = fs::read_dir(temp).expect("the directory can be read");
    entries.map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned()).collect()
}

/// Checks that every process that has to do with `temp` ends: a server that was told to end needs a moment.
fn assert_no_process(temp: &Path) {
    let gone = eventually(|| processes(temp).is_empty().then_some(()));
    assert!(gone.is_some(), "these still run: {:#?}", processes(temp));
}

/// Returns the command lines of the processes that have to do with `temp`.
fn processes(temp: &Path) -> Vec<String> {
    let own = temp.to_string_lossy().into_owned();
    let entries = fs::read_dir("/proc").expect("the processes can be listed").flatten();
    let lines = entries.filter_map(|entry| fs::read_to_string(entry.path().join("cmdline")).ok());
    lines.filter(|line| line.contains(&own)).map(|line| line.replace('\0', " ")).collect()
}

#[test]
fn tells_the_story_of_a_fleet_and_leaves_nothing() {
    let temp = TempDir::new().expect("a private directory");
    let output = demo(temp.path()).arg("--exit").output().expect("the demo starts");
    let told = String::from_utf8(output.stdout).expect("UTF-8");
    assert!(output.status.success(), "{told}\n{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    for expected in [
        "$ cafleet fleet create --label demo\n1 director=1 admin=2\n",
        "$ cafleet server --port 0 &\nServing on http://127.0.0.1:",
        "Ada -> Director: ready\n",
        "Grace -> Director: ready\n",
        "Director -> Ada: ask 4: which tests are slow?\n",
        "Ada -> Grace: which tests are slow?\n",
        "Grace -> Ada: re: which tests are slow?\n",
        "Administrator -> Director: how is the fleet?\n",
        "Director -> Administrator: re: how is the fleet?\n",
        "Director -> Grace: stand-up: what are you working on?\n",
        "Grace -> Director: re: stand-up: what are you working on?\n",
        "Nothing is left",
    ] {
        assert!(told.contains(expected), "{expected:?} is missing:\n{told}");
    }
    let sent = told.lines().filter(|line| line.contains(" -> ") && !line.contains("-> Administrator")).count();
    let acknowledged = told.lines().filter(|line| line.contains("] acknowledged by ")).count();
    assert_eq!(acknowledged, sent, "every message is acknowledged once:\n{told}");
    assert_eq!(left_behind(temp.path()), Vec::<String>::new());
    assert_no_process(temp.path());
}

#[test]
fn an_interrupt_ends_it_in_order_wherever_it_is() {
    for last_line in [
        "Watch it from another terminal:",
        "Its page shows",
        "Serving on",
        "Ada joins:",
        "Grace joins:",
        "The fleet stays alive.",
    ] {
        let temp = TempDir::new().expect("a private directory");
        let mut child = demo(temp.path()).stdout(Stdio::piped()).spawn().expect("the demo starts");
        let mut told = BufReader::new(child.stdout.take().expect("its output"));
        let mut line = String::new();
        while !line.starts_with(last_line) {
            line.clear();
            assert_ne!(told.read_line(&mut line).expect("UTF-8"), 0, "the demo ended before {last_line:?}");
        }
        let pid = child.id().to_string();
        assert!(Command::new("kill").args(["-INT", &pid]).status().expect("kill runs").success());
        let mut rest = String::new();
        told.read_to_string(&mut rest).expect("UTF-8");
        assert!(child.wait().expect("it ends").success(), "interrupted after {last_line:?}:\n{rest}");
        assert!(rest.contains("Nothing is left"), "interrupted after {last_line:?}:\n{rest}");
        assert_eq!(left_behind(temp.path()), Vec::<String>::new(), "interrupted after {last_line:?}");
        assert_no_process(temp.path());
    }
}

#[test]
fn its_page_shows_the_fleet() {
    let temp = TempDir::new().expect("a private directory");
    let mut child = demo(temp.path()).stdout(Stdio::piped()).spawn().expect("the demo starts");
    let mut told = BufReader::new(child.stdout.take().expect("its output")).lines().map(|line| line.expect("UTF-8"));
    let address = told.find_map(|line| Some(line.strip_prefix("Serving on http://")?.to_owned())).expect("an address");
    assert!(told.any(|line| line.starts_with("The fleet stays alive.")));
    let mut stream = TcpStream::connect(&address).expect("it listens");
    write!(stream, "GET /api/agents HTTP/1.0\r\nHost: {address}\r\nX-Fleet-Id: 1\r\n\r\n").expect("it reads");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("UTF-8");
    assert!(answer.starts_with("HTTP/1.0 200") && answer.contains("\"Grace\""), "{answer}");
    assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().expect("kill runs").success());
    assert!(told.any(|line| line.starts_with("Nothing is left")));
    assert!(child.wait().expect("it ends").success());
    assert!(TcpStream::connect(&address).is_err(), "the server has ended, too");
    assert_no_process(temp.path());
}

#[test]
fn without_tmux_the_agents_live_in_embedded_terminals() {
    let temp = TempDir::new().expect("a private directory");
    let output = demo(temp.path()).arg("--exit").env("PATH", temp.path()).output().expect("the demo starts");
    let told = String::from_utf8(output.stdout).expect("UTF-8");
    assert!(output.status.success(), "{told}\n{}", String::from_utf8_lossy(&output.stderr));
    for expected in [
        "$ cafleet fleet create --label demo --spawn\n1 director=1 admin=2\n",
        "Ada -> Director: ready\n",
        "Grace -> Ada: re: which tests are slow?\n",
        "Director -> Administrator: re: how is the fleet?\n",
        "Grace -> Director: re: stand-up: what are you working on?\n",
        "terminals and ",
    ] {
        assert!(told.contains(expected), "{expected:?} is missing:\n{told}");
    }
    assert_eq!(left_behind(temp.path()), Vec::<String>::new());
    assert_no_process(temp.path());
}
