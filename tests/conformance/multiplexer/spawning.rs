//! How panes open: size, arguments, directory, and what a failure leaves.

use std::fs;
use std::path::PathBuf;

use cafleet_adapters::tmux::{TmuxMultiplexer, TmuxOptions};
use cafleet_domain::placement::Pane;
use cafleet_domain::ports::{MultiplexerError, PaneHost, SpawnRequest};
use cafleet_tests::private_tmux::PrivateTmux;

use super::rig::listed;

/// Returns what the recorder of `name` was started with: arguments, then directory.
fn started_with(server: &PrivateTmux, name: &str) -> Vec<String> {
    let path = server.file(&format!("{name}.argv"));
    let written = server.until("the recorder", || fs::read_to_string(&path).ok().filter(|text| !text.is_empty()));
    written.split('\0').map(str::to_owned).collect()
}

/// Returns the sizes of all panes as `(columns, rows)`.
fn sizes(server: &PrivateTmux) -> Vec<(u32, u32)> {
    let listed = server.tmux(&["list-panes", "-a", "-F", "#{pane_width} #{pane_height}"]);
    let size = |line: &str| line.split_once(' ').map(|(w, h)| (w.parse().unwrap(), h.parse().unwrap()));
    listed.lines().filter_map(size).collect()
}

async fn assert_only_the_director_is_left(server: &PrivateTmux) {
    let director = server.director();
    assert_eq!(listed(&server.multiplexer(), &director).await, [director]);
}

/// Returns the argument files that are waiting for a pane started by this process.
fn waiting_files() -> Vec<PathBuf> {
    let mine = format!("cafleet-argv-{}-", std::process::id());
    let entries = fs::read_dir(std::env::temp_dir()).unwrap().filter_map(Result::ok).map(|entry| entry.path());
    entries.filter(|path| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(&mine))).collect()
}

#[tokio::test]
async fn k24_twenty_panes_are_all_large_enough() {
    let server = PrivateTmux::start();
    let port = server.multiplexer();
    for number in 0..20 {
        port.spawn(&server.recorder("plain", &format!("r{number}"), &[])).await.unwrap();
    }
    let sizes = sizes(&server);
    assert_eq!(sizes.len(), 21);
    assert!(sizes.iter().all(|&(columns, rows)| columns >= 40 && rows >= 10), "{sizes:?}");
    assert!(server.show("%0", "#{window_panes}").parse::<u32>().unwrap() > 3, "panes share the window first");
}

#[tokio::test]
async fn k24_a_small_terminal_gets_windows_instead_of_slivers() {
    let server = PrivateTmux::start_sized(100, 30);
    let port = server.multiplexer();
    let first = port.spawn(&server.recorder("plain", "a", &[])).await.unwrap();
    let second = port.spawn(&server.recorder("plain", "b", &[])).await.unwrap();
    assert_ne!(first.window, second.window);
    assert!(sizes(&server).iter().all(|size| *size == (100, 30)));
    assert_eq!(server.show("%0", "#{session_name} #{window_active}"), "main 1", "the window in front stays");
}

#[tokio::test]
async fn l4_the_focus_and_the_main_pane_stay_where_they_are() {
    let server = PrivateTmux::start();
    let pane = server.multiplexer().spawn(&server.recorder("plain", "a", &[])).await.unwrap();
    let second = server.multiplexer().spawn(&server.recorder("plain", "b", &[])).await.unwrap();
    assert_eq!(server.show("%0", "#{pane_active} #{pane_width} #{pane_height} #{pane_left}"), "1 80 48 0");
    assert_eq!((&pane.window, &second.window), (&server.director().window, &server.director().window));
    assert_eq!(server.tmux(&["show-options", "-p", "-t", pane.id.as_str()]), "", "no option is left on the pane");
}

#[tokio::test]
async fn l4_a_zoomed_window_is_left_alone() {
    let server = PrivateTmux::start();
    server.tmux(&["split-window", "-d", "-t", "%0", "cat"]);
    server.tmux(&["resize-pane", "-Z", "-t", "%0"]);
    let pane = server.multiplexer().spawn(&server.recorder("plain", "a", &[])).await.unwrap();
    assert_ne!(pane.window, server.director().window);
    assert_eq!(server.show("%0", "#{window_zoomed_flag}"), "1");
}

#[tokio::test]
async fn a_main_pane_that_leaves_forty_columns_shares_its_window_and_a_wider_one_does_not() {
    let server = PrivateTmux::start();
    server.tmux(&["set-option", "-w", "-t", "%0", "main-pane-width", "119"]);
    let beside = server.multiplexer().spawn(&server.recorder("plain", "a", &[])).await.unwrap();
    assert_eq!(beside.window, server.director().window);
    assert_eq!(server.show(beside.id.as_str(), "#{pane_width}"), "40");
    server.tmux(&["set-option", "-w", "-t", "%0", "main-pane-width", "120"]);
    let pane = server.multiplexer().spawn(&server.recorder("plain", "b", &[])).await.unwrap();
    assert_ne!(pane.window, server.director().window);
}

#[tokio::test]
async fn l5_arguments_arrive_byte_for_byte_and_no_shell_reads_them() {
    let server = PrivateTmux::start();
    let prompt = "-{braces} {{x}} 'single' \"double\" $HOME `id` $(id) ~ \\ \\n ; # %% #{pid}\n  # line\n\ty 日本 👍 ";
    let long = prompt.repeat(20 * 1024 / prompt.len() + 1);
    let longest = "x\n".repeat(50 * 1024);
    let direct = "y".repeat(11_500);
    let cases: [&[&str]; 7] = [
        &[prompt],
        &["", ";", "\\;", "a;", "--", "-d", "\n", "'"],
        &[long.as_str()],
        &[direct.as_str()],
        &[longest.as_str(), ""],
        &[],
        &["\r\n\u{1b}[201~\u{7f}é"],
    ];
    for (number, words) in cases.into_iter().enumerate() {
        let name = format!("case{number}");
        server.multiplexer().spawn(&server.recorder("plain", &name, words)).await.unwrap();
        let found = started_with(&server, &name);
        let (directory, arguments) = found.split_last().unwrap();
        assert!(arguments == words, "case {number} arrived differently");
        assert_eq!(directory, &server.directory().display().to_string());
    }
    assert_eq!(waiting_files(), Vec::<PathBuf>::new());
}

#[tokio::test]
async fn a_program_without_arguments_is_started_without_a_shell() {
    let server = PrivateTmux::start();
    let directory = server.file("a b'#{pid}$(touch x)");
    fs::create_dir(&directory).unwrap();
    let program = directory.join("cat;#");
    fs::copy("/bin/cat", &program).unwrap();
    let argv = vec![program.display().to_string()];
    let request = SpawnRequest { argv, directory: directory.clone(), ..server.recorder("plain", "x", &[]) };
    let pane = server.multiplexer().spawn(&request).await.unwrap();
    let found = fs::read_link(format!("/proc/{}/exe", pane.pid)).unwrap();
    assert_eq!(found, program);
    assert_eq!(fs::read_link(format!("/proc/{}/cwd", pane.pid)).unwrap(), directory);
    assert_eq!(fs::read_dir(&directory).unwrap().count(), 1, "nothing ran");
}

#[tokio::test]
async fn a_tag_is_on_the_pane_for_as_long_as_it_lives_and_nothing_else_passes_for_one() {
    let server = PrivateTmux::start();
    let request = SpawnRequest { tag: "12-345".to_owned(), ..server.recorder("plain", "x", &[]) };
    let pane = server.multiplexer().spawn(&request).await.unwrap();
    let tagged = server.multiplexer().list(&pane).await.unwrap();
    assert_eq!(tagged.iter().map(|known| known.tag.as_deref()).collect::<Vec<_>>(), [None, Some("12-345")]);
    for tag in ["#(touch ran)", "1.2", "../x", "a\nb", ""] {
        let request = SpawnRequest { tag: tag.to_owned(), ..server.recorder("plain", "x", &[]) };
        assert!(server.multiplexer().spawn(&request).await.is_err(), "{tag:?}");
    }
    assert!(!server.file("ran").exists());
}

#[tokio::test]
async fn a_program_that_ends_at_once_leaves_no_pane_and_its_last_words() {
    let server = PrivateTmux::start();
    let Err(MultiplexerError::Failed(said)) = server.multiplexer().spawn(&server.recorder("ends", "x", &[])).await
    else {
        panic!("it ended")
    };
    assert!(said.contains("pane_recorder' ended at once: no licence for this program"), "{said}");
    assert_only_the_director_is_left(&server).await;
    let long = "x".repeat(30_000);
    assert!(server.multiplexer().spawn(&server.recorder("ends", "x", &[&long])).await.is_err());
    assert_only_the_director_is_left(&server).await;
}

#[tokio::test]
async fn a_request_that_cannot_work_is_refused_before_a_pane_opens() {
    let server = PrivateTmux::start();
    let good = server.recorder("plain", "x", &[]);
    let text = server.file("text");
    fs::write(&text, "no program").unwrap();
    let with_argv = |argv: &[&str]| SpawnRequest { argv: argv.iter().map(|&w| w.to_owned()).collect(), ..good.clone() };
    let huge = "x".repeat(128 * 1024);
    let many = vec!["x".repeat(100_000); 22];
    let mut many: Vec<&str> = many.iter().map(String::as_str).collect();
    many[0] = "/bin/cat";
    let cases = [
        (with_argv(&[]), "no program"),
        (with_argv(&["/nonexistent/x", "y"]), "'/nonexistent/x' is not the absolute path of a program"),
        (with_argv(&["cat", "y"]), "'cat' is not the absolute path"),
        (with_argv(&[text.to_str().unwrap(), "y"]), "is not the absolute path of a program"),
        (with_argv(&["/bin", "y"]), "'/bin' is not the absolute path of a program"),
        (with_argv(&["/bin/cat", &huge]), "an argument of 131072 bytes is too long; the system takes 131071"),
        (with_argv(&many), "longer than 2 MiB"),
        (with_argv(&["/bin/cat", "a\0b"]), "NUL"),
        (
            SpawnRequest { directory: "/nonexistent".into(), ..good.clone() },
            "'/nonexistent' is not the absolute path of a directory",
        ),
        (SpawnRequest { directory: ".".into(), ..good.clone() }, "'.' is not the absolute path of a directory"),
    ];
    for (request, expected) in cases {
        let Err(MultiplexerError::Failed(said)) = server.multiplexer().spawn(&request).await else {
            panic!("not refused: {expected}")
        };
        assert!(said.contains(expected), "{said}");
    }
    assert_only_the_director_is_left(&server).await;
}

#[tokio::test]
async fn a_helper_that_is_missing_or_fails_leaves_no_pane_and_no_file() {
    let server = PrivateTmux::start();
    let long = "x".repeat(30_000);
    for helper in [Vec::new(), vec!["/nonexistent/helper".to_owned()], vec!["/bin/false".to_owned()]] {
        let port = TmuxMultiplexer::new(TmuxOptions { exec_helper: helper.clone(), ..server.options() });
        let failed = port.spawn(&server.recorder("plain", "x", &[&long])).await;
        assert!(matches!(failed, Err(MultiplexerError::Failed(_))), "{helper:?}: {failed:?}");
        assert_eq!(waiting_files(), Vec::<PathBuf>::new());
        assert_only_the_director_is_left(&server).await;
    }
}

#[tokio::test]
async fn two_spawns_at_once_both_succeed() {
    let server = PrivateTmux::start();
    let port = server.multiplexer();
    let (left, right) = (server.recorder("plain", "a", &[]), server.recorder("plain", "b", &[]));
    let (left, right) = tokio::join!(port.spawn(&left), port.spawn(&right));
    let id = |pane: Result<Pane, MultiplexerError>| pane.unwrap().id;
    assert_ne!(id(left), id(right));
}

#[tokio::test]
async fn a_window_size_that_is_set_by_hand_ends_no_server() {
    let server = PrivateTmux::start_sized(90, 24);
    server.tmux(&["set-option", "-g", "window-size", "manual"]);
    let port = server.multiplexer();
    let pid = server.director().server.pid;
    for name in ["one", "two"] {
        port.spawn(&server.recorder("plain", name, &[])).await.unwrap();
    }
    assert_eq!(server.director().server.pid, pid, "the server is the same");
    assert_eq!(server.tmux(&["list-windows", "-F", "#{window_panes}"]), "1\n1\n1", "each has a window of its own");
}
