//! What only the embedded terminals can get wrong: writing, opening, ending, sizes.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use cafleet_adapters::pty::{PtyMultiplexer, PtyOptions};
use cafleet_domain::placement::Pane;
use cafleet_domain::ports::{Look, MultiplexerError, PaneHost, PaneIo, SpawnRequest};
use cafleet_tests::hands::Hands;
use cafleet_tests::private_pty::{PrivatePty, is_running};

use super::rig::listed;

/// Opens a recorder and waits until it listens.
async fn recorder(server: &PrivatePty, mode: &str) -> Pane {
    let pane = server.multiplexer().spawn(&server.recorder(mode, "heard", &[])).await.unwrap();
    server.wait_for(&pane, "listening");
    pane
}

/// Opens a shell script.
async fn script(server: &PrivatePty, text: &str) -> Result<Pane, MultiplexerError> {
    let argv = ["/bin/sh", "-c", text].map(str::to_owned).to_vec();
    server.multiplexer().spawn(&SpawnRequest { argv, ..server.recorder("plain", "x", &[]) }).await
}

/// Waits until exactly these bytes were read.
fn assert_heard(server: &PrivatePty, expected: &[u8]) {
    server.until("the bytes to arrive", || (server.recorded("heard").len() >= expected.len()).then_some(()));
    assert!(server.recorded("heard") == expected, "other bytes arrived than were sent");
}

fn bracketed(text: &str) -> Vec<u8> {
    format!("\u{1b}[200~{text}\u{1b}[201~").into_bytes()
}

/// Returns the processes of a session.
fn session(id: u32) -> Vec<i32> {
    let pids = fs::read_dir("/proc").unwrap().filter_map(|entry| entry.unwrap().file_name().to_str()?.parse().ok());
    let belongs = |pid: &i32| {
        let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
        stat.rsplit_once(") ").is_some_and(|(_, fields)| fields.split(' ').nth(3) == Some(&id.to_string()))
    };
    pids.filter(belongs).collect()
}

#[tokio::test]
async fn a_paste_of_64_kib_arrives_byte_for_byte_in_brackets() {
    let server = PrivatePty::start().await;
    let pane = recorder(&server, "bracketed").await;
    let text: String = "日本語 👍🏽\té;\\;-v\n".chars().cycle().take(40_000).collect();
    assert!(text.len() > 64 * 1024);
    server.multiplexer().paste_now(&pane, &text).await.unwrap();
    assert_heard(&server, &bracketed(&text));
}

#[tokio::test]
async fn a_program_that_did_not_ask_for_brackets_gets_none() {
    let server = PrivatePty::start().await;
    let pane = recorder(&server, "plain").await;
    server.multiplexer().paste_now(&pane, "-v;\\;").await.unwrap();
    assert_heard(&server, b"-v;\\;");
}

#[tokio::test]
async fn raw_control_characters_break_nothing() {
    let server = PrivatePty::start().await;
    let pane = recorder(&server, "bracketed").await;
    let text = "a\u{1b}[201~b\r\nc\rd\0e\u{9b}31m\u{202e}f";
    server.multiplexer().paste_now(&pane, text).await.unwrap();
    assert_heard(&server, &bracketed(text));
    assert!(matches!(server.multiplexer().look(&pane).await, Ok(Look::Seen(_))));
}

#[tokio::test]
async fn a_program_that_does_not_read_is_told_of_and_a_paste_is_closed_once_it_reads() {
    let server = PrivatePty::start().await;
    let pane = recorder(&server, "late").await;
    let port = server.multiplexer();
    let text = "x".repeat(1 << 20);
    let not_reading = MultiplexerError::NotReading(pane.id.clone());
    assert_eq!(port.paste_now(&pane, &text).await, Err(not_reading.clone()));
    assert_eq!(port.type_now(&pane, "more").await, Err(not_reading.clone()));
    assert_eq!(port.enter_where(&pane, "listening").await, Err(not_reading));
    assert!(matches!(port.look(&pane).await, Ok(Look::Seen(_))), "it can be looked at meanwhile");
    fs::write(server.file("heard.go"), "").unwrap();
    server.until("the end of the paste", || server.recorded("heard").ends_with(b"\x1b[201~").then_some(()));
    let heard = server.recorded("heard");
    assert!(heard.starts_with(b"\x1b[200~xxx") && heard.len() < text.len(), "{} bytes", heard.len());
    port.type_now(&pane, "now").await.unwrap();
    server.until("the keys", || server.recorded("heard").ends_with(b"\x1b[201~now").then_some(()));
}

#[tokio::test]
async fn a_line_that_the_kernel_would_cut_is_refused() {
    let server = PrivatePty::start().await;
    let director = server.director();
    let port = server.multiplexer();
    let Err(MultiplexerError::Failed(said)) = port.paste_now(&director, &format!("a\n{}", "x".repeat(5_000))).await
    else {
        panic!("the kernel would cut it")
    };
    assert!(said.contains("beyond 4095 bytes; one here has 5000"), "{said}");
    port.paste_now(&director, &format!("{}\n", "y".repeat(4_000))).await.unwrap();
    server.wait_for(&director, "yyy");
}

#[tokio::test]
async fn ending_a_pane_ends_all_of_its_session_and_leaves_no_zombie() {
    let server = PrivatePty::start().await;
    let stubborn = "trap '' HUP TERM; for n in 1 2 3; do (trap '' HUP TERM; while :; do sleep 1; done) & done; \
                    echo ready; while :; do sleep 1; done";
    let pane = script(&server, stubborn).await.unwrap();
    server.wait_for(&pane, "ready");
    assert!(session(pane.pid).len() >= 4);
    server.multiplexer().kill(&pane).await.unwrap();
    assert!(!session(pane.pid).into_iter().any(is_running));
    assert!(!fs::exists(format!("/proc/{}", pane.pid)).unwrap(), "its end was taken note of");
    assert_eq!(server.multiplexer().kill(&pane).await, Err(MultiplexerError::Gone(pane.id)));
}

#[tokio::test]
async fn the_end_of_a_daemon_types_nothing_into_its_panes() {
    let server = PrivatePty::start().await;
    let pane = recorder(&server, "plain").await;
    server.multiplexer().type_now(&pane, "draft").await.unwrap();
    assert_heard(&server, b"draft");
    server.stop();
    assert_eq!(server.recorded("heard"), b"draft");
    assert!(!is_running(pane.pid.try_into().unwrap()));
}

#[tokio::test]
async fn a_program_that_ends_at_once_leaves_no_pane_and_its_last_words() {
    let server = PrivatePty::start().await;
    let Err(MultiplexerError::Failed(said)) = server.multiplexer().spawn(&server.recorder("ends", "x", &[])).await
    else {
        panic!("it ended")
    };
    assert!(said.contains("pane_recorder' ended at once: no licence for this program"), "{said}");
    let broken = server.file("broken");
    fs::write(&broken, "#!/nonexistent/interpreter\n").unwrap();
    fs::set_permissions(&broken, fs::Permissions::from_mode(0o755)).unwrap();
    let argv = vec![broken.display().to_string()];
    let failed = server.multiplexer().spawn(&SpawnRequest { argv, ..server.recorder("plain", "x", &[]) }).await;
    assert!(matches!(failed, Err(MultiplexerError::Failed(said)) if said.contains("ended at once")));
    let director = server.director();
    assert_eq!(listed(&server.multiplexer(), &director).await, [director]);
}

#[tokio::test]
async fn a_directory_that_is_missing_is_not_replaced_by_another() {
    let server = PrivatePty::start().await;
    for directory in ["/nonexistent", "."] {
        let request = SpawnRequest { directory: directory.into(), ..server.recorder("plain", "x", &[]) };
        let Err(MultiplexerError::Failed(said)) = server.multiplexer().spawn(&request).await else {
            panic!("{directory} is none")
        };
        assert!(said.contains("is not the absolute path of a directory"), "{said}");
    }
}

#[tokio::test]
async fn arguments_arrive_byte_for_byte() {
    let server = PrivatePty::start().await;
    let long = "x".repeat(100_000);
    let words = ["", " ", "a b", "-l", "#{pid}$(id)`x`'\"\\", "日\n本\t", long.as_str()];
    server.multiplexer().spawn(&server.recorder("plain", "heard", &words)).await.unwrap();
    let written = server.until("the recorder", || fs::read_to_string(server.file("heard.argv")).ok());
    let found: Vec<&str> = written.split('\0').collect();
    let (directory, arguments) = found.split_last().unwrap();
    assert!(arguments == &words[..]);
    assert_eq!(*directory, server.directory().display().to_string());
}

#[tokio::test]
async fn a_program_finds_the_given_environment_and_nothing_of_the_daemons() {
    let server = PrivatePty::start().await;
    let pane = script(&server, "env > environment; echo written; exec cat").await.unwrap();
    server.wait_for(&pane, "written");
    let written = String::from_utf8(server.recorded("environment")).unwrap();
    let mut names: Vec<&str> = written.lines().filter_map(|line| Some(line.split_once('=')?.0)).collect();
    names.retain(|name| !["PWD", "OLDPWD", "SHLVL", "_"].contains(name));
    names.sort_unstable();
    // portable-pty adds the login shell
    assert_eq!(names, ["CAFLEET_PANE", "COLORTERM", "HOME", "PATH", "SHELL", "TERM"]);
    let whoami = written.lines().find_map(|line| line.strip_prefix("CAFLEET_PANE=")).unwrap();
    let inside = PtyMultiplexer::new(PtyOptions { pane_env: Some(whoami.to_owned()), ..PtyOptions::default() });
    assert_eq!(inside.caller().await, Ok(Some(pane)));
}

#[tokio::test]
async fn a_pane_that_the_environment_names_must_be_there() {
    let server = PrivatePty::start().await;
    let real = server.options().pane_env.unwrap();
    for (named, expected) in [
        (real.replace("%0", "%99"), "but there is no such pane"),
        (real.replacen(',', ",1", 1), "but that terminal daemon has ended"),
        ("strange".to_owned(), "which is not <pane>,<pid>:<start time>:<socket>"),
    ] {
        let port = PtyMultiplexer::new(PtyOptions { pane_env: Some(named), ..PtyOptions::default() });
        let Err(MultiplexerError::Failed(said)) = port.caller().await else { panic!("no error: {expected}") };
        assert!(said.contains(expected), "{said}");
    }
    let elsewhere = PtyOptions { pane_env: Some(format!("{real}-gone")), ..PtyOptions::default() };
    let told = PtyMultiplexer::new(elsewhere).caller().await;
    assert!(matches!(told, Err(MultiplexerError::Unreachable(_))), "its process runs: {told:?}");
}

#[tokio::test]
async fn a_terminal_has_a_size_in_which_agents_can_work_and_whole_characters() {
    let server = PrivatePty::start().await;
    let pane = script(&server, "stty size; stty -a; exec cat").await.unwrap();
    server.wait_for(&pane, "iutf8");
    let screen = server.screen(&pane).unwrap();
    assert!(screen.starts_with("40 120\n"), "{screen}");
    assert!(screen.contains(" iutf8") && !screen.contains("-iutf8"), "{screen}");
}

#[tokio::test]
async fn a_flood_delays_nobody() {
    let server = PrivatePty::start().await;
    let flood = script(&server, "echo flooding; exec yes").await.unwrap();
    let pane = recorder(&server, "bracketed").await;
    let port = server.multiplexer();
    for number in 0..20 {
        port.paste_now(&pane, &format!("{number} ")).await.unwrap();
        assert!(port.capture(&flood, 3, false).await.unwrap().contains('y'));
    }
    port.kill(&flood).await.unwrap();
}
