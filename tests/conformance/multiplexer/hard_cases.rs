//! What only a real tmux can get wrong.

use cafleet_adapters::tmux::{TmuxMultiplexer, TmuxOptions};
use cafleet_domain::agent_in_front::{AgentInFront, NotInFront};
use cafleet_domain::placement::Pane;
use cafleet_domain::ports::{
    Deaf, EnterCondition, Look, MultiplexerError, PaneHost, PaneIo, PaneView, PaneWatcher, TypingCondition, WatchMode,
};
use cafleet_domain::program::Programs;
use cafleet_tests::hands::Hands;
use cafleet_tests::private_tmux::{PrivateTmux, binary, program};

use super::rig::listed;

/// Opens a recorder and waits until it listens.
async fn recorder(server: &PrivateTmux, mode: &str) -> Pane {
    let pane = server.multiplexer().spawn(&server.recorder(mode, "heard", &[])).await.unwrap();
    server.wait_for(&pane, "listening");
    pane
}

async fn seen(server: &PrivateTmux, pane: &Pane) -> PaneView {
    match server.multiplexer().look(pane).await.unwrap() {
        Look::Seen(view) => view,
        Look::Gone(_) => panic!("{pane:?} is gone"),
    }
}

/// Waits until exactly these bytes were read.
fn assert_heard(server: &PrivateTmux, expected: &[u8]) {
    server.until("the bytes to arrive", || (server.recorded("heard").len() >= expected.len()).then_some(()));
    assert!(server.recorded("heard") == expected, "other bytes arrived than were sent");
}

fn bracketed(text: &str) -> Vec<u8> {
    format!("\u{1b}[200~{text}\u{1b}[201~").into_bytes()
}

#[tokio::test]
async fn k11_a_paste_of_64_kib_arrives_byte_for_byte_in_brackets() {
    let server = PrivateTmux::start();
    let pane = recorder(&server, "bracketed").await;
    let text: String = "日本語 👍🏽\té;\\;-v\n".chars().cycle().take(25_000).collect();
    assert!(text.len() > 64 * 1024 / 2);
    let text = text.repeat(64 * 1024 / text.len() + 1);
    server.multiplexer().paste_now(&pane, &text).await.unwrap();
    assert_heard(&server, &bracketed(&text));
    assert_eq!(server.tmux(&["list-buffers"]), "", "no buffer is left");
}

#[tokio::test]
async fn k11_a_program_that_did_not_ask_for_brackets_gets_none() {
    let server = PrivateTmux::start();
    let pane = recorder(&server, "plain").await;
    server.multiplexer().paste_now(&pane, "-v;\\;").await.unwrap();
    assert_heard(&server, b"-v;\\;");
}

#[tokio::test]
async fn k18_raw_control_characters_break_nothing() {
    let server = PrivateTmux::start();
    let pane = recorder(&server, "bracketed").await;
    let text = "a\u{1b}[201~b\r\nc\rd\0e\u{9b}31m\u{202e}f";
    server.multiplexer().paste_now(&pane, text).await.unwrap();
    // from tmux 3.8 on a paste shows what it would not pass on
    let shown = bracketed("a^[[201~b\r\nc\rd^@e\u{9b}31m\u{202e}f");
    server.until("the paste", || server.recorded("heard").ends_with(b"\x1b[201~").then_some(()));
    let heard = server.recorded("heard");
    assert!(heard == bracketed(text) || heard == shown, "{}", String::from_utf8_lossy(&heard));
    assert!(!seen(&server, &pane).await.dead);
}

#[tokio::test]
async fn k1_enter_is_a_key_and_never_a_word() {
    let server = PrivateTmux::start();
    let pane = recorder(&server, "bracketed").await;
    assert_eq!(server.multiplexer().enter_where(&pane, "listening").await, Ok(true));
    assert_heard(&server, b"\r");
}

#[tokio::test]
async fn a_reader_who_is_attached_keeps_neither_enter_nor_a_command_from_anybody() {
    let (server, theirs) = (PrivateTmux::start(), PrivateTmux::start());
    let pane = recorder(&server, "bracketed").await;
    let attach = format!("env -u TMUX '{}' -S '{}' attach-session -r -t main", program(), server.socket());
    theirs.tmux(&["split-window", "-d", &attach]);
    let flags = || server.tmux(&["list-clients", "-F", "#{client_flags}"]);
    server.until("the reader", || flags().contains("read-only").then_some(()));
    let port = server.multiplexer();
    port.paste_now(&pane, "one\ntwo").await.unwrap();
    assert_eq!(port.enter_where(&pane, "listening").await, Ok(true));
    assert_heard(&server, &[bracketed("one\ntwo"), b"\r".to_vec()].concat());
    for keys in ["-/exit;é;", "\u{e}", "\t"] {
        port.type_now(&pane, keys).await.unwrap();
    }
    assert_heard(&server, &[bracketed("one\ntwo"), "\r-/exit;é;\u{e}\t".as_bytes().to_vec()].concat());
    port.kill(&pane).await.unwrap();
    assert!(flags().contains("read-only"), "nobody was sent away");
}

#[tokio::test]
async fn a_key_of_a_person_that_may_not_show_yet_keeps_text_and_enter_from_that_pane_alone() {
    let (server, theirs) = (PrivateTmux::start(), PrivateTmux::start());
    let pane = recorder(&server, "bracketed").await;
    let port = server.multiplexer();
    let other = port.spawn(&server.recorder("bracketed", "other", &[])).await.unwrap();
    server.wait_for(&other, "listening");
    server.tmux(&["select-pane", "-t", pane.id.as_str()]);
    let attach = format!("env -u TMUX '{}' -S '{}' attach-session -t main", program(), server.socket());
    let client = theirs.tmux(&["split-window", "-d", "-P", "-F", "#{pane_id}", &attach]);
    server.until("the client", || (!server.tmux(&["list-clients"]).is_empty()).then_some(()));
    let mut watched = port.watch(&pane, WatchMode::Typing).await.unwrap();
    for key in [b"x", b"w"] {
        // on a busy machine what follows may come after the seconds for which a key counts
        for attempt in 0.. {
            assert!(attempt < 20, "the key never counts");
            match key {
                b"x" => drop(theirs.tmux(&["send-keys", "-t", client.trim(), "x"])),
                typed => watched.input.write(typed).await.unwrap(),
            }
            server.until("the key", || server.recorded("heard").ends_with(key).then_some(()));
            if !port.type_untouched(&pane, "t").await.unwrap()
                && !port.enter_untouched(&pane, "listening").await.unwrap()
            {
                break;
            }
        }
        assert_eq!(port.type_untouched(&other, "o").await, Ok(true));
        port.enter_when_untouched(&pane, "listening").await;
        server.until("Enter", || server.recorded("heard").ends_with(&[key[0], b'\r']).then_some(()));
        assert_eq!(port.type_untouched(&pane, "t").await, Ok(true), "what is typed for others is no person's");
    }
}

#[tokio::test]
async fn k12_copy_mode_is_left_alone_with_emacs_and_with_vi_keys() {
    for keys in ["emacs", "vi"] {
        let server = PrivateTmux::start();
        server.tmux(&["set-option", "-g", "mode-keys", keys]);
        let pane = recorder(&server, "bracketed").await;
        let port = server.multiplexer();
        server.tmux(&["copy-mode", "-t", pane.id.as_str()]);
        assert!(port.paste_now(&pane, "q\nq").await.is_err());
        assert!(port.type_now(&pane, "q").await.is_err());
        assert_eq!(port.enter_where(&pane, "listening").await, Ok(false));
        assert_eq!(server.show(pane.id.as_str(), "#{pane_in_mode}"), "1", "{keys}");
        server.tmux(&["send-keys", "-t", pane.id.as_str(), "-X", "cancel"]);
        port.paste_now(&pane, "now").await.unwrap();
        assert_heard(&server, &bracketed("now"));
    }
}

#[tokio::test]
async fn each_mode_of_tmux_is_told_by_its_name_and_left_with_q() {
    let (server, theirs) = (PrivateTmux::start(), PrivateTmux::start());
    let pane = recorder(&server, "bracketed").await;
    let (port, id) = (server.multiplexer(), pane.id.as_str());
    // a mode other than copy mode takes keys only of a client
    let attach = format!("env -u TMUX '{}' -S '{}' attach-session -t main", program(), server.socket());
    theirs.tmux(&["split-window", "-d", &attach]);
    server.until("the client", || (!server.tmux(&["list-clients"]).is_empty()).then_some(()));
    let other = |name: &str| Deaf::OtherMode(name.to_owned());
    server.tmux(&["set-buffer", "-b", "theirs", "a text"]);
    for (command, deaf) in [
        ("copy-mode", Deaf::CopyMode),
        ("clock-mode", other("clock-mode")),
        ("choose-tree", other("tree-mode")),
        ("choose-buffer", other("buffer-mode")),
        ("choose-client", other("client-mode")),
        ("customize-mode", other("options-mode")),
    ] {
        server.tmux(&[command, "-t", id]);
        assert_eq!(seen(&server, &pane).await.deaf, Some(deaf), "{command}");
        assert!(port.paste_now(&pane, "q").await.is_err(), "{command}");
        assert!(port.type_now(&pane, "q").await.is_err(), "{command}");
        assert_eq!(port.enter_where(&pane, "listening").await, Ok(false), "{command}");
        server.tmux(&["send-keys", "-t", id, "q"]);
        assert_eq!(seen(&server, &pane).await.deaf, None, "{command}");
    }
    port.type_now(&pane, "y").await.unwrap();
    assert_heard(&server, b"y");
}

#[tokio::test]
async fn what_a_command_of_tmux_prints_over_a_pane_is_copy_mode() {
    let server = PrivateTmux::start();
    let pane = recorder(&server, "bracketed").await;
    server.tmux(&["run-shell", "-t", pane.id.as_str(), "echo printed"]);
    assert_eq!(server.show(pane.id.as_str(), "#{pane_mode}"), "view-mode");
    assert_eq!(seen(&server, &pane).await.deaf, Some(Deaf::CopyMode));
}

#[tokio::test]
async fn keys_that_others_would_get_too_or_nobody_are_not_sent() {
    let server = PrivateTmux::start();
    let pane = recorder(&server, "bracketed").await;
    let port = server.multiplexer();
    for (on, off, deaf) in [
        (
            ["set-option", "-w", "-t", "%1", "synchronize-panes", "on"].as_slice(),
            ["set-option", "-w", "-t", "%1", "synchronize-panes", "off"].as_slice(),
            Deaf::Synchronized,
        ),
        (["select-pane", "-d", "-t", "%1"].as_slice(), ["select-pane", "-e", "-t", "%1"].as_slice(), Deaf::InputOff),
    ] {
        server.tmux(on);
        assert_eq!(seen(&server, &pane).await.deaf, Some(deaf));
        assert!(port.type_now(&pane, "x").await.is_err());
        assert_eq!(port.enter_where(&pane, "listening").await, Ok(false));
        server.tmux(off);
    }
    port.type_now(&pane, "y").await.unwrap();
    assert_heard(&server, b"y");
}

#[tokio::test]
async fn k15_a_director_hears_while_its_agent_runs_and_not_when_its_shell_is_back() {
    let server = PrivateTmux::start();
    let home = server.directory().display().to_string();
    server.tmux(&["respawn-pane", "-k", "-t", "%0", "-c", &home, "sh -i"]);
    let file = server.file("heard").display().to_string();
    let line = format!("{} bracketed {file}", binary("pane_recorder"));
    server.tmux(&["send-keys", "-t", "%0", &line, "Enter"]);
    let director = server.director();
    server.wait_for(&director, "listening");
    let view = seen(&server, &director).await;
    assert_eq!(view.front.command, "pane_recorder");
    server.multiplexer().paste(&director, &view.front, &TypingCondition::default(), "hello").await.unwrap();
    assert_heard(&server, &bracketed("hello"));
    server.tmux(&["run-shell", "kill $(ps -o pid= --ppid #{pane_pid})"]);
    server.until("the shell", || (server.show("%0", "#{pane_current_command}") == "sh").then_some(()));
    let left =
        AgentInFront::classify(&Programs::built_in(), &seen(&server, &director).await.foreground, director.pid, None);
    let AgentInFront::NotProven(NotInFront::Another { pid, is_panes_own: true, .. }) = left else { panic!("{left:?}") };
    assert_eq!(pid, director.pid);
    let refused = server.multiplexer().paste(&director, &view.front, &TypingCondition::default(), "touch ran\n").await;
    let why = "another program is in front of pane %0 now".to_owned();
    assert_eq!(refused, Err(MultiplexerError::Failed(why)));
    let shown = EnterCondition::shows("pane");
    assert_eq!(server.multiplexer().submit_if_shown(&director, &view.front, &shown).await, Ok(false));
}

#[tokio::test]
async fn k16_a_pane_is_found_by_its_own_socket_whatever_the_caller_is_in() {
    let (home, other) = (PrivateTmux::start(), PrivateTmux::start());
    let pane = recorder(&home, "bracketed").await;
    let stranger = recorder(&other, "bracketed").await;
    assert_eq!(pane.id, stranger.id);
    other.multiplexer().paste_now(&pane, "from another server").await.unwrap();
    assert_heard(&home, &bracketed("from another server"));
    let nowhere = TmuxMultiplexer::new(TmuxOptions { program: program(), ..TmuxOptions::default() });
    nowhere.type_now(&pane, "!").await.unwrap();
    assert_heard(&home, &[bracketed("from another server"), b"!".to_vec()].concat());
    assert_eq!(other.recorded("heard"), b"");
}

#[tokio::test]
async fn k16_a_caller_in_an_environment_that_is_not_true_is_told_so() {
    let server = PrivateTmux::start();
    let real = server.options();
    let socket = server.socket();
    let cases = [
        (Some(format!("{socket}-gone,1,0")), Some("%0"), "no tmux server answers there"),
        (Some(format!("{socket},1,0")), Some("%0"), "TMUX names server process 1"),
        (real.tmux_env.clone(), Some("%99"), "TMUX_PANE names pane %99"),
        (real.tmux_env.clone(), None, "which is no pane"),
        (real.tmux_env.clone(), Some("%0;kill-server"), "which is no pane"),
        (Some("strange".to_owned()), Some("%0"), "which is not <socket>,<pid>,<session>"),
    ];
    for (tmux_env, pane, expected) in cases {
        let options = TmuxOptions { tmux_env, tmux_pane_env: pane.map(str::to_owned), ..real.clone() };
        let Err(MultiplexerError::Failed(said)) = TmuxMultiplexer::new(options).caller().await else {
            panic!("no error: {expected}")
        };
        assert!(said.contains(expected), "{said}");
    }
    let outside = TmuxOptions { tmux_env: Some(String::new()), ..real };
    assert_eq!(TmuxMultiplexer::new(outside).caller().await, Ok(None));
}

#[tokio::test]
async fn a_session_may_have_any_name() {
    let server = PrivateTmux::start();
    server.tmux(&["rename-session", "-t", "main", "a b %H #{pid} \\n 日本 }"]);
    let caller = server.multiplexer().caller().await.unwrap().expect("inside");
    assert_eq!(caller.session, server.show("%0", "#{session_name}"));
    assert_eq!(listed(&server.multiplexer(), &caller).await, [caller]);
}

#[tokio::test]
async fn a_look_tells_colours_cursor_and_size() {
    let server = PrivateTmux::start();
    let script =
        r"printf '\033[2J\033[H\033[31mred\033[0m \033[2mdim\033[0m\n\033[7mx\033[0m\016lqk\017 日本'; exec cat";
    let argv = ["/bin/sh", "-c", script].map(str::to_owned).to_vec();
    let request = cafleet_domain::ports::SpawnRequest { argv, ..server.recorder("plain", "x", &[]) };
    let pane = server.multiplexer().spawn(&request).await.unwrap();
    server.wait_for(&pane, "日本");
    let screen = seen(&server, &pane).await.screen;
    let red = &screen.rows[0].spans[0];
    assert_eq!((red.text.as_str(), red.foreground.as_deref()), ("red", Some("31")));
    assert!(screen.rows[0].spans.iter().any(|span| span.dim && span.text == "dim"));
    assert!(screen.rows[1].spans[0].reverse);
    assert!(screen.rows[1].text().ends_with("日本"));
    assert_eq!((screen.rows.len(), screen.width), (48, 79));
    assert_eq!((screen.cursor_row, screen.cursor_column), (1, 9));
    let styled = server.multiplexer().capture(&pane, 5, true).await.unwrap();
    assert!(styled.contains("\u{1b}[31mred"), "{styled:?}");
}

#[tokio::test]
async fn a_capture_reaches_into_the_history() {
    let server = PrivateTmux::start();
    let pane = recorder(&server, "plain").await;
    let lines: Vec<String> = (1..=300).map(|number| format!("line {number}")).collect();
    server.multiplexer().paste_now(&pane, &lines.join("\n")).await.unwrap();
    server.wait_for(&pane, "line 300");
    let port = server.multiplexer();
    assert_eq!(port.capture(&pane, 200, false).await.unwrap(), lines[100..].join("\n"));
    assert_eq!(port.capture(&pane, 3, false).await.unwrap(), lines[297..].join("\n"));
}

#[tokio::test]
async fn a_marker_at_the_end_of_a_row_is_found_with_its_last_blank() {
    let server = PrivateTmux::start();
    let pane = recorder(&server, "bracketed").await;
    let port = server.multiplexer();
    let width: usize = server.show(pane.id.as_str(), "#{pane_width}").parse().unwrap();
    let marker = "cafleet msg 12 from ";
    let text = format!("{}{marker}345", "x".repeat(width - marker.len()));
    port.paste_now(&pane, &text).await.unwrap();
    server.wait_for(&pane, "345");
    assert_eq!(port.enter_where(&pane, "cafleet msg 12 fro ").await, Ok(false));
    assert_eq!(port.enter_where(&pane, marker).await, Ok(true));
}

#[tokio::test]
async fn l4_kill_and_rebalance_leave_the_focus_and_a_zoomed_pane_alone() {
    let server = PrivateTmux::start();
    let pane = recorder(&server, "bracketed").await;
    let port = server.multiplexer();
    server.tmux(&["resize-pane", "-Z", "-t", "%0"]);
    port.rebalance(&pane).await.unwrap();
    assert_eq!(server.show("%0", "#{window_zoomed_flag} #{pane_active}"), "1 1");
    server.tmux(&["resize-pane", "-Z", "-t", "%0"]);
    server.tmux(&["resize-pane", "-t", "%0", "-x", "30"]);
    port.rebalance(&pane).await.unwrap();
    assert_eq!(server.show("%0", "#{pane_width} #{pane_active}"), "80 1");
}

#[tokio::test]
async fn a_program_that_ignores_sigterm_is_closed_with_its_pane() {
    let server = PrivateTmux::start();
    let argv = ["/bin/sh", "-c", "trap '' TERM; echo ready; while :; do sleep 1; done"].map(str::to_owned).to_vec();
    let request = cafleet_domain::ports::SpawnRequest { argv, ..server.recorder("plain", "x", &[]) };
    let pane = server.multiplexer().spawn(&request).await.unwrap();
    server.wait_for(&pane, "ready");
    let start = std::time::Instant::now();
    server.multiplexer().kill(&pane).await.unwrap();
    assert!(start.elapsed() >= std::time::Duration::from_secs(1), "it had its second");
    assert!(matches!(server.multiplexer().look(&pane).await, Ok(Look::Gone(_))));
    server
        .until("the process to end", || (!std::path::Path::new(&format!("/proc/{}", pane.pid)).exists()).then_some(()));
}
