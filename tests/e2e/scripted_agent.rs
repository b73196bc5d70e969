//! The scripted agent in a real tmux: it must behave on screen as the programs that it stands in for.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, Instant};

use cafleet_adapters::tmux::parse_screen;
use cafleet_domain::backend::Backend;
use cafleet_domain::program::Programs;
use cafleet_domain::screen::{self, Reading, Screen, ScreenState};
use cafleet_tests::private_tmux::PrivateTmux;

const STYLES: [&str; 3] = ["claude", "codex", "opencode"];
const PROMPT: &str = "FLEET ID: 1\nYOUR AGENT ID: 4\nDIRECTOR AGENT ID: 2";
const PREVIEW: &str = "[cafleet msg 7 from 3 2026-04-15T10:00:00.123456+00:00]\nhow are you?";

/// A scripted agent in a private tmux server, with a `cafleet` that writes down how it is called.
struct Agent {
    style: &'static str,
    server: PrivateTmux,
}

impl Agent {
    fn start(style: &'static str, prompt: &str) -> Self {
        Self::start_under(&[], style, prompt)
    }

    /// Starts the agent under a shell that says how it left. (Of a program with threads that has just ended, tmux 3.3a may
    /// not notice the exit code.)
    fn start_in_shell(style: &'static str, prompt: &str) -> Self {
        Self::start_under(&["sh", "-c", "\"$@\"; echo \"left with $?\"; exec cat", "sh"], style, prompt)
    }

    fn start_under(wrapper: &[&str], style: &'static str, prompt: &str) -> Self {
        let agent = Self { style, server: PrivateTmux::start_sized(80, 30) };
        let cafleet = agent.path("cafleet");
        let script = format!(
            "#!/bin/sh\nprintf '%s\\n' \"$*\" >> {log}\ncase \"$*\" in\n\
             *poll*) cat {inbox}; printf '[]' > {inbox};;\nesac\n",
            log = agent.path("log").display(),
            inbox = agent.path("inbox").display()
        );
        fs::write(&cafleet, script).expect("the stand-in is written");
        fs::set_permissions(&cafleet, Permissions::from_mode(0o755)).expect("it can be run");
        fs::write(agent.path("inbox"), "[]").expect("the inbox is written");
        let cafleet = cafleet.display().to_string();
        let program = [env!("CARGO_BIN_EXE_scripted_agent"), style, &cafleet];
        let opencode_prompt = format!("--prompt={prompt}");
        let arguments = if style == "opencode" { vec![opencode_prompt.as_str()] } else { vec!["--", prompt] };
        agent.tmux(&[&["respawn-pane", "-k"], wrapper, &program, &arguments].concat());
        agent.until(|screen| screen.contains(agent.mark()));
        agent
    }

    fn path(&self, name: &str) -> PathBuf {
        self.server.file(name)
    }

    fn tmux(&self, arguments: &[&str]) -> String {
        self.server.tmux(arguments)
    }

    /// What begins the first row of the composer.
    fn mark(&self) -> &'static str {
        match self.style {
            "claude" => "❯ ",
            "codex" => "› ",
            _ => "  ┃  ",
        }
    }

    fn screen(&self) -> String {
        self.tmux(&["capture-pane", "-p"])
    }

    fn paste(&self, text: &str) {
        fs::write(self.path("text"), text).expect("the text is written");
        let file = self.path("text").display().to_string();
        self.tmux(&["load-buffer", "-b", "b", &file, ";", "paste-buffer", "-d", "-p", "-r", "-b", "b"]);
    }

    fn keys(&self, keys: &[&str]) {
        self.tmux(&[&["send-keys"], keys].concat());
    }

    fn submit(&self, text: &str) {
        self.paste(text);
        self.keys(&["Enter"]);
    }

    /// Cursor column and the row under the cursor.
    fn cursor(&self) -> (usize, String) {
        let answer = self.tmux(&["display-message", "-p", "#{cursor_x} #{cursor_y}", ";", "capture-pane", "-p"]);
        let mut rows = answer.lines();
        let mut place = rows.next().expect("a cursor").split(' ').map(|n| n.parse::<usize>().expect("a number"));
        let (column, row) = (place.next().expect("a column"), place.next().expect("a row"));
        (column, rows.nth(row).unwrap_or_default().to_owned())
    }

    /// What CAFleet reads on the screen, and the screen.
    fn reading(&self) -> (Reading, Screen) {
        let place = "#{cursor_x}\t#{cursor_y}\t#{pane_width}\t#{pane_title}";
        let answer = self.tmux(&["display-message", "-p", place, ";", "capture-pane", "-p", "-e"]);
        let (place, rows) = answer.split_once('\n').expect("a line before the screen");
        let place: Vec<&str> = place.split('\t').collect();
        let number = |index: usize| place[index].parse().expect("a number");
        let screen = Screen {
            cursor_column: number(0),
            cursor_row: number(1),
            width: number(2),
            title: place[3].to_owned(),
            ..parse_screen(rows.lines())
        };
        let backend: Backend = self.style.parse().expect("a backend");
        (screen::read(&Programs::built_in().of(backend).patterns, &screen), screen)
    }

    /// Waits until CAFleet reads this state, and returns what it reads.
    fn until_read(&self, state: ScreenState) -> (Reading, Screen) {
        eventually(|| Some(self.reading()).filter(|(reading, _)| reading.state == state))
            .unwrap_or_else(|| panic!("{}: {state:?} is never read on\n{}", self.style, self.screen()))
    }

    fn log(&self) -> Vec<String> {
        fs::read_to_string(self.path("log")).unwrap_or_default().lines().map(str::to_owned).collect()
    }

    /// Waits until the screen satisfies `done`, and returns it.
    fn until(&self, done: impl Fn(&str) -> bool) -> String {
        eventually(|| Some(self.screen()).filter(|screen| done(screen)))
            .unwrap_or_else(|| panic!("{}: not seen in 20 s:\n{}", self.style, self.screen()))
    }

    fn is_working(&self) -> bool {
        let screen = self.screen();
        screen.contains("esc to interrupt") || screen.contains("esc interrupt")
    }
}

#[expect(clippy::disallowed_methods, reason = "a test watches another process, which no clock of ours moves")]
fn pause(duration: Duration) {
    std::thread::sleep(duration);
}

pub(crate) fn eventually<T>(mut look: impl FnMut() -> Option<T>) -> Option<T> {
    let end = Instant::now() + Duration::from_secs(20);
    while Instant::now() < end {
        if let Some(found) = look() {
            return Some(found);
        }
        pause(Duration::from_millis(20));
    }
    None
}

#[test]
fn takes_part_in_its_fleet_through_the_real_commands() {
    for style in STYLES {
        let agent = Agent::start(style, PROMPT);
        let send = "--fleet-id 1 message send --agent-id 4 --to";
        eventually(|| (agent.log().len() == 1).then_some(())).expect("the report of readiness");
        agent.until(|screen| screen.contains("--text ready"));
        fs::write(
            agent.path("inbox"),
            r#"[{"id":7,"from":3,"ts":"t","text":"ask 5: why?"},{"id":8,"from":5,"ts":"t","text":"re: x"}]"#,
        )
        .expect("the inbox is written");
        agent.submit(PREVIEW);
        agent.until(|screen| screen.contains("Message 8 from 5: re: x"));
        eventually(|| (agent.log().len() >= 6).then_some(())).expect("all commands");
        assert_eq!(
            agent.log(),
            [
                format!("{send} 2 --text ready"),
                "--fleet-id 1 --json message poll --agent-id 4".to_owned(),
                "--fleet-id 1 message ack --agent-id 4 --task-id 7 --quiet".to_owned(),
                format!("{send} 5 --text why?"),
                format!("{send} 3 --text re: ask 5: why?"),
                "--fleet-id 1 message ack --agent-id 4 --task-id 8 --quiet".to_owned(),
            ],
            "{style}"
        );
    }
}

#[test]
fn the_cursor_stands_behind_the_draft_and_only_the_placeholder_is_dim() {
    for style in STYLES {
        let agent = Agent::start(style, "hello");
        agent.until(|screen| screen.contains("Understood: hello"));
        let alternate = agent.tmux(&["display-message", "-p", "#{alternate_on}"]);
        assert_eq!(alternate.trim(), if style == "claude" { "0" } else { "1" }, "{style}");
        let indent = agent.mark().chars().count();
        let (column, row) = agent.cursor();
        assert_eq!(column, indent, "{style}: {row:?}");
        let looks = agent.tmux(&["capture-pane", "-p", "-e"]);
        let placeholder = row.chars().skip(indent).collect::<String>();
        assert!(looks.contains(&format!("\u{1b}[2m{placeholder}")), "{style}: {placeholder:?} is dim");
        agent.paste("日本 ab");
        agent.until(|screen| screen.contains("日本 ab"));
        assert_eq!(agent.cursor(), (indent + 7, format!("{}日本 ab", agent.mark())), "{style}");
        assert!(!agent.tmux(&["capture-pane", "-p", "-e"]).contains("\u{1b}[2m日本"), "{style}: a draft is not dim");
        agent.keys(&["BSpace", "C-u"]);
        agent.until(|screen| screen.contains(&placeholder));
    }
}

#[test]
fn a_paste_is_one_draft_of_several_lines_and_one_submission() {
    for style in STYLES {
        let agent = Agent::start(style, "hello");
        agent.until(|screen| screen.contains("Understood: hello"));
        agent.paste("one;\n/two");
        let screen = agent.until(|screen| screen.contains("/two"));
        assert!(!screen.contains("Understood: one"), "{style}: nothing is submitted yet");
        agent.keys(&["Enter"]);
        agent.until(|screen| screen.contains("Understood: one;⏎/two"));
        agent.paste(&"-x\n\n".repeat(400));
        agent.until(|screen| screen.contains("[Pasted "));
        agent.keys(&["Enter"]);
        agent.until(|screen| screen.contains("Understood: -x⏎⏎-x⏎⏎-x"));
    }
}

#[test]
fn bracketed_paste_and_enter_arrive_whole_even_while_the_program_is_stopped() {
    for style in STYLES {
        let agent = Agent::start(style, "hello");
        let pid = agent.tmux(&["display-message", "-p", "#{pane_pid}"]).trim().to_owned();
        let signal = |name: &str| assert!(Command::new("kill").args([name, &pid]).status().expect("kill").success());
        for round in 0..5 {
            signal("-STOP");
            agent.submit(&format!("[cafleet msg] round {round}\nbody"));
            pause(Duration::from_millis(500));
            signal("-CONT");
            agent.until(|screen| screen.contains(&format!("Understood: [cafleet msg] round {round}⏎body")));
        }
    }
}

#[test]
fn an_enter_right_after_fast_keys_becomes_a_line_break() {
    for style in STYLES {
        let agent = Agent::start(style, "hello");
        agent.until(|screen| screen.contains("Understood: hello"));
        agent.tmux(&["send-keys", "-l", "typed fast", ";", "send-keys", "Enter"]);
        let indent = agent.mark().chars().count();
        eventually(|| {
            let (column, row) = agent.cursor();
            (column == indent && row.trim_end().chars().count() <= indent).then_some(())
        })
        .expect("the cursor stands on an empty second line");
        assert!(!agent.screen().contains("Understood: typed"), "{style}");
        agent.keys(&["Enter"]);
        agent.until(|screen| screen.contains("Understood: typed fast"));
    }
}

#[test]
fn a_submission_while_working_is_queued_but_aborts_the_turn_of_codex() {
    for style in STYLES {
        let agent = Agent::start(style, "hello");
        agent.submit("[[slow 3]] [[say the first is done]]");
        eventually(|| agent.is_working().then_some(())).expect("the turn shows");
        agent.submit("[[say the second is done]]");
        let screen =
            agent.until(|screen| screen.contains("● the second is done") || screen.contains("the second is done\n\n"));
        let aborted = screen.contains("interrupted by a new message");
        assert_eq!(aborted, style == "codex", "{style}:\n{screen}");
        if style != "codex" {
            agent.until(|screen| {
                let place = |text: &str| screen.rfind(text);
                place("the first is done") < place("the second is done") && screen.contains("the first is done\n")
            });
        }
        eventually(|| (!agent.is_working()).then_some(())).expect("it rests again");
    }
}

#[test]
fn a_dialog_takes_a_choice_and_ignores_pastes_but_not_the_enter_after_them() {
    for (style, words) in
        STYLES.into_iter().zip(["Do you want to proceed?", "Would you like to", "Permission required"])
    {
        let agent = Agent::start(style, "hello");
        agent.submit("[[ask]] [[say went on]]");
        agent.until(|screen| screen.contains(words));
        // opencode ignores digits, and asks again before it allows a command for good
        agent.keys(if style == "opencode" { &["l", "Enter", "Enter"] } else { &["2"] });
        agent.until(|screen| {
            screen.contains("dialog answered: 2") && screen.contains("went on\n") && !screen.contains(words)
        });
        agent.submit("[[ask]]");
        agent.until(|screen| screen.contains(words));
        agent.paste("3 [cafleet msg");
        agent.keys(&["Enter"]);
        let screen = agent.until(|screen| screen.contains("dialog answered: 1"));
        assert!(!screen.contains("3 [cafleet msg"), "{style}: the paste is gone:\n{screen}");
    }
}

#[test]
fn the_screen_stays_live_while_a_command_runs() {
    for style in STYLES {
        let agent = Agent::start(style, "hello");
        agent.submit("[[sh sleep 1.5; echo fin''ished]]");
        eventually(|| agent.is_working().then_some(())).expect("the turn shows");
        agent.paste("a draft meanwhile");
        let screen = agent.until(|screen| screen.contains("a draft meanwhile"));
        assert!(!screen.contains("finished"), "{style}: seen before the command has ended");
        let screen = agent.until(|screen| screen.contains("finished"));
        assert!(screen.contains("a draft meanwhile"), "{style}: the draft survives");
    }
}

#[test]
fn leaves_with_0_and_asks_back_when_it_is_stuck() {
    for style in STYLES {
        let agent = Agent::start_in_shell(style, "[[stuck]]");
        agent.submit("/exit");
        agent.until(|screen| screen.contains("background process is running, exit anyway?"));
        agent.keys(&["2"]);
        agent.until(|screen| screen.contains("dialog answered: 2") && !screen.contains("exit anyway?"));
        agent.submit("/exit");
        agent.until(|screen| screen.contains("background process is running, exit anyway?"));
        agent.keys(&["1"]);
        agent.until(|screen| screen.contains("left with 0"));
        let agent = Agent::start_in_shell(style, "[[slow 60]]");
        agent.keys(&["C-c"]);
        agent.until(|screen| screen.contains("Press Ctrl-C again to exit"));
        agent.keys(&["C-c"]);
        agent.until(|screen| screen.contains("left with 0"));
    }
}

#[test]
fn draws_anew_when_the_size_changes_down_to_20_columns() {
    for style in STYLES {
        let agent = Agent::start(style, PROMPT);
        agent.paste(PREVIEW);
        agent.until(|screen| screen.contains("how are you?"));
        for (columns, rows) in [("20", "30"), ("120", "20"), ("20", "12"), ("80", "24")] {
            agent.tmux(&["resize-window", "-x", columns, "-y", rows]);
            let squeezed: String = PREVIEW.split_whitespace().collect();
            agent.until(|screen| {
                let shown: String = screen.chars().filter(|c| !c.is_whitespace() && *c != '┃').collect();
                shown.matches(&squeezed).count() == 1
            });
            let (column, row) = agent.cursor();
            assert_eq!(column, row.chars().count(), "{style} at {columns}x{rows}: {row:?}");
            assert!(row.ends_with('?'), "{style} at {columns}x{rows}: {row:?}");
        }
    }
}

#[test]
fn its_screens_read_as_those_of_the_real_programs() {
    const MARKER: &str = "cafleet msg 7 from ";
    for style in STYLES {
        for (columns, rows) in [("120", "40"), ("80", "24"), ("40", "24")] {
            let agent = Agent::start(style, "> quote\nDo you want to proceed?\nWould you like to… ❯ 1. Yes");
            agent.tmux(&["resize-window", "-x", columns, "-y", rows]);
            let (reading, _) = agent.until_read(ScreenState::AtRest);
            assert_eq!(reading.composer.as_deref(), Some(""), "{style}");
            agent.paste(PREVIEW);
            agent.until(|screen| screen.contains("how are you?"));
            let (reading, _) = agent.until_read(ScreenState::Composing);
            assert!(screen::composer_shows(&reading, MARKER), "{style} {columns}: {reading:?}");
            agent.keys(&["Enter"]);
            let (reading, _) = agent.until_read(ScreenState::AtRest);
            assert!(!screen::composer_shows(&reading, MARKER), "{style} {columns}: {reading:?}");
            agent.submit("[[slow 60]]");
            agent.until_read(ScreenState::Working);
            agent.paste("a thought");
            agent.until_read(ScreenState::Composing);
            agent.keys(&["C-u", "Escape"]);
            agent.until(|screen| screen.contains("interrupted"));
            agent.until_read(ScreenState::AtRest);
            agent.submit("[[ask]]");
            let (reading, _) = agent.until_read(ScreenState::Asking);
            assert!(!screen::composer_shows(&reading, "ask"), "{style} {columns}: {reading:?}");
            agent.keys(&["Enter"]);
            agent.until_read(ScreenState::AtRest);
        }
    }
}
