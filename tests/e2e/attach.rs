//! `cafleet attach`, in a terminal that tmux plays.

use std::fs;
use std::time::Duration;

use cafleet_domain::placement::Pane;
use cafleet_tests::environment::{Outcome, binary, eventually, pause};
use cafleet_tests::private_pty::is_running;
use cafleet_tests::private_tmux::PrivateTmux;
use rustix::process::{Pid, Signal, kill_process};

use crate::embedded::World;

/// Longer than the time within which keys are a burst to an agent.
const BETWEEN_KEYS: Duration = Duration::from_millis(50);

/// A shell in a terminal of 100 columns by 30 rows, and a fleet in embedded terminals.
struct Scene {
    world: World,
    tmux: PrivateTmux,
    pane: Pane,
}

impl Scene {
    fn new() -> Self {
        let world = World::new();
        let tmux = PrivateTmux::start_sized(100, 30);
        tmux.hand_on(&world.environment);
        let work = world.environment.path("work").display().to_string();
        tmux.tmux(&["set-option", "-g", "status", "off"]);
        tmux.tmux(&["respawn-pane", "-k", "-c", &work, "-t", "%0", "env PS1='prompt$ ' sh -i"]);
        let pane = world.pane(1);
        let scene = Self { world, tmux, pane };
        scene.until_shown("prompt$");
        scene
    }

    /// Attaches by a command that writes down the settings of the terminal before and after.
    fn attach(&self, further: &str) {
        let cafleet = binary().display().to_string();
        let line = format!(
            "stty -g > before; {cafleet} --fleet-id 1 attach --member-id 1 {further}; echo left with $?; stty -g > after"
        );
        self.tmux.tmux(&["send-keys", "-t", "%0", "-l", &line]);
        self.tmux.tmux(&["send-keys", "-t", "%0", "Enter"]);
        self.until_shown("⏵⏵");
    }

    fn press(&self, keys: &[&str]) {
        self.tmux.tmux(&[&["send-keys", "-t", "%0"], keys].concat());
    }

    /// Types bytes as a terminal sends them.
    fn paste_bytes(&self, bytes: &[u8]) {
        let bytes: Vec<String> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        self.press(&[&["-H"], bytes.iter().map(String::as_str).collect::<Vec<_>>().as_slice()].concat());
    }

    /// Types as a person does: an Enter right after a burst of keys is a line break to an agent.
    fn type_slowly(&self, text: &str) {
        for (start, key) in text.char_indices() {
            self.press(&["-l", &key.to_string()]);
            self.until_shown(&format!("❯ {}{key}", &text[..start]));
            pause(BETWEEN_KEYS);
        }
    }

    fn shown(&self) -> String {
        self.tmux.tmux(&["capture-pane", "-p", "-S", "-50", "-t", "%0"])
    }

    fn until_shown(&self, text: &str) {
        eventually(text, || self.shown().contains(text).then_some(()));
    }

    fn assert_restored(&self, status: i32) {
        self.until_shown(&format!("left with {status}"));
        let file = |name: &str| fs::read_to_string(self.world.environment.path("work").join(name)).unwrap_or_default();
        eventually("the settings", || (!file("after").is_empty()).then_some(()));
        assert_eq!(file("after"), file("before"));
        let modes = self.tmux.show("%0", "#{alternate_on}#{mouse_any_flag}#{cursor_flag}#{keypad_cursor_flag}");
        assert_eq!(modes, "0010");
    }

    fn attached(&self) -> Pid {
        let shell: i32 = self.tmux.show("%0", "#{pane_pid}").parse().expect("a pid");
        let children = fs::read_to_string(format!("/proc/{shell}/task/{shell}/children")).expect("children");
        Pid::from_raw(children.split_whitespace().next().expect("a child").parse().expect("a pid")).expect("a pid")
    }
}

#[test]
fn a_pane_is_seen_typed_into_and_left_alone() {
    let scene = Scene::new();
    scene.attach("");
    assert!(scene.world.environment.ok(&["panes"]).contains(" 100x30  1 "), "it has the size of the terminal");
    scene.press(&["-l", "typed from afar"]);
    scene.world.until_shown(&scene.pane, "typed from afar");
    scene.until_shown("typed from afar");
    scene.press(&["C-]"]);
    scene.until_shown("Detached from Director (%0); it keeps running.");
    scene.assert_restored(0);
    assert!(scene.world.screen(&scene.pane).contains("typed from afar"));
    let shown = scene.shown();
    assert!(shown.contains("Attached to Director (%0); Ctrl-] detaches."), "{shown}");
}

#[test]
fn messages_wait_while_the_person_types_and_come_when_they_have_left() {
    let scene = Scene::new();
    let World { environment, fleet, .. } = &scene.world;
    scene.attach("");
    let sending = |text: &str| {
        let words = ["--json".to_owned()].into_iter();
        let mut line: Vec<_> =
            words.chain(fleet.words("message send --agent-id @admin --to @director --text")).collect();
        line.push(text.to_owned());
        environment.spawn(&line)
    };
    scene.press(&["x"]);
    scene.until_shown("❯ x");
    scene.press(&["BSpace"]);
    // the composer is empty again and again, but the person is not through
    let mut first = sending("wait for me");
    while first.try_wait().expect("it can be waited for").is_none() {
        scene.press(&["x", "BSpace"]);
        pause(Duration::from_millis(200));
    }
    let first = Outcome::finish(first).json();
    let reason = first["delivery"]["reason"].as_str().unwrap_or_default();
    assert!(first["delivery"]["state"] == "held" && reason.contains("another process is typing into"), "{first}");
    scene.press(&["C-]"]);
    scene.until_shown("Detached from");
    let second = Outcome::finish(sending("the next one")).json();
    assert_eq!(second["delivery"]["state"], "submitted", "{second}");
}

#[test]
fn who_only_looks_types_nothing_and_changes_no_size() {
    let scene = Scene::new();
    scene.attach("--read-only");
    scene.press(&["-l", "unheard"]);
    scene.press(&["C-]"]);
    scene.assert_restored(0);
    assert!(!scene.world.screen(&scene.pane).contains("unheard"));
    assert!(scene.world.environment.ok(&["panes"]).contains(" 120x40  0 "));
}

#[test]
fn of_a_pane_that_is_larger_than_the_terminal_the_end_is_shown_and_nothing_out_of_place() {
    let scene = Scene::new();
    scene.attach("--read-only");
    for (columns, rows) in [(100, 30), (60, 12), (70, 20)] {
        scene.tmux.tmux(&["resize-window", "-t", "main", "-x", &columns.to_string(), "-y", &rows.to_string()]);
        let screen = scene.world.screen(&scene.pane);
        let lines: Vec<&str> = screen.lines().collect();
        let end = lines[lines.len().saturating_sub(rows)..].iter();
        let end: Vec<String> =
            end.map(|line| line.chars().take(columns).collect::<String>().trim_end().to_owned()).collect();
        let shown = || scene.tmux.tmux(&["capture-pane", "-p", "-t", "%0"]).trim_end().to_owned();
        eventually(&end.join("\n"), || (shown() == end.join("\n")).then_some(()));
    }
    scene.world.write(&scene.pane, "told meanwhile");
    scene.until_shown("❯ told meanwhile");
    scene.press(&["C-]"]);
    scene.assert_restored(0);
}

#[test]
fn the_terminal_is_restored_when_a_signal_comes() {
    let scene = Scene::new();
    scene.attach("");
    kill_process(scene.attached(), Signal::TERM).expect("it is there");
    scene.assert_restored(0);
}

#[test]
fn the_terminal_is_restored_when_the_program_or_the_daemon_ends() {
    let scene = Scene::new();
    scene.attach("");
    scene.type_slowly("/exit");
    scene.press(&["Enter"]);
    scene.until_shown("Director (%0) is gone: its program ended with exit code 0.");
    scene.assert_restored(0);
    let other = Scene::new();
    other.attach("");
    let daemon = i32::try_from(other.pane.server.pid).expect("a pid");
    kill_process(Pid::from_raw(daemon).expect("a pid"), Signal::KILL).expect("it is there");
    other.until_shown("Error: the terminal daemon has ended");
    other.assert_restored(1);
    assert!(!is_running(daemon));
}

/// Sets every mode of a terminal that outlives its program, and locks the keyboard.
const SETS_ALL: &str = r"printf '\033[2h\033[4h\033[20h\033[?1h\033[?5h\033[?6h\033[?7l\033[?25l\033[?66h\033=\033[5;9r'
    printf '\033[?1000h\033[?1002h\033[?1003h\033[?1004h\033[?1006h\033[?2004h\033[>4;2m\033[>1u\033[3 q\033 G'
    printf '\033[1;7;31mall modes\033(0\016'; exec cat";

#[test]
fn every_mode_that_a_program_sets_is_set_back_on_every_exit() {
    let looks = "#{alternate_on}#{mouse_any_flag}#{mouse_button_flag}#{mouse_standard_flag}#{mouse_sgr_flag} \
                 #{cursor_flag}#{keypad_cursor_flag}#{keypad_flag}#{insert_flag}#{origin_flag}#{wrap_flag} \
                 #{scroll_region_upper} #{scroll_region_lower}";
    for exit in ["key", "signal", "end"] {
        let mut scene = Scene::new();
        let terminals = scene.world.terminals();
        scene.pane = terminals.open(&scene.world.environment.path("work"), &["/bin/sh", "-c", SETS_ALL]);
        scene.world.environment.place(1, &scene.pane);
        let before = scene.tmux.show("%0", looks);
        let cafleet = binary().display().to_string();
        let line = format!("{cafleet} --fleet-id 1 attach --member-id 1; echo left qqq");
        scene.press(&["-l", &line]);
        scene.press(&["Enter"]);
        scene.until_shown("all modes");
        match exit {
            "key" => scene.press(&["C-]"]),
            "signal" => kill_process(scene.attached(), Signal::TERM).expect("it runs"),
            _ => {
                kill_process(Pid::from_raw(i32::try_from(scene.pane.pid).expect("a pid")).expect("a pid"), Signal::KILL)
                    .expect("it runs")
            }
        }
        // in the letters that they are, and in the default look
        eventually("the shell", || scene.shown().lines().any(|line| line == "left qqq").then_some(()));
        eventually("the modes", || (scene.tmux.show("%0", looks) == before).then_some(()));
        let coloured = scene.tmux.tmux(&["capture-pane", "-p", "-e", "-t", "%0"]);
        assert!(
            coloured.lines().any(|line| line.ends_with("left qqq") && !line.contains("\u{1b}[")),
            "{exit}: {coloured:?}"
        );
        scene.press(&["-l", "cat -v"]);
        scene.press(&["Enter"]);
        scene.tmux.paste("%0", "pasted");
        scene.until_shown("pasted");
        assert!(!scene.shown().contains("[200~"), "{exit}: {}", scene.shown());
    }
}

#[test]
fn in_a_paste_the_key_that_detaches_is_a_character() {
    let scene = Scene::new();
    scene.attach("");
    scene.paste_bytes(b"\x1b[200~first\x1dlast\x1b[201~");
    scene.until_shown("last");
    scene.press(&["C-]"]);
    scene.until_shown("Detached from Director (%0); it keeps running.");
}

#[test]
fn a_paste_that_is_cut_off_by_the_end_of_attach_holds_nothing_back() {
    let scene = Scene::new();
    let World { environment, fleet, .. } = &scene.world;
    scene.attach("");
    scene.paste_bytes(b"\x1b[200~cut off");
    pause(Duration::from_millis(300));
    kill_process(scene.attached(), Signal::HUP).expect("it is there");
    scene.until_shown("left with 0");
    scene.world.until_shown(&scene.pane, "cut off");
    // emptied, as the person would
    scene.world.type_bytes(&scene.pane, &b"\x7f".repeat("cut off".len()));
    eventually("an empty composer", || (!scene.world.screen(&scene.pane).contains("❯ c")).then_some(()));
    let line: Vec<_> = ["--json".to_owned()]
        .into_iter()
        .chain(fleet.words("message send --agent-id @admin --to @director --text next"))
        .collect();
    let sent = environment.run(&line).json();
    assert_eq!(sent["delivery"]["state"], "submitted", "{sent}");
}

#[test]
fn another_key_detaches_where_the_usual_one_cannot_be_pressed() {
    let scene = Scene::new();
    scene.attach("--detach-key ctrl-g");
    scene.press(&["C-]"]);
    scene.press(&["C-g"]);
    scene.until_shown("Detached from Director (%0); it keeps running.");
    scene.assert_restored(0);
    assert!(scene.shown().contains("Ctrl-G detaches."));
}

#[test]
fn within_the_same_tmux_the_client_is_switched() {
    let (stage, fleet) = cafleet_tests::stage::Stage::with_fleet();
    let person = PrivateTmux::start_sized(100, 30);
    let inner = stage.tmux.socket();
    person.tmux(&["respawn-pane", "-k", "-t", "%0", &format!("env -u TMUX -u TMUX_PANE tmux -S {inner} attach")]);
    let shown = || stage.tmux.tmux(&["list-clients", "-F", "#{pane_id}"]);
    eventually("a client", || (shown() == "%0").then_some(()));
    stage.tmux.hand_on(&stage.environment);
    let attach = format!(
        "{} --fleet-id {} attach --member-id {} 2> said; exec cat",
        binary().display(),
        fleet.id,
        fleet.director
    );
    let work = stage.environment.path("work").display().to_string();
    stage.tmux.tmux(&["set-environment", "-gu", "TMUX_PANE"]);
    let window = stage.tmux.tmux(&["new-window", "-P", "-F", "#{pane_id}", "-c", &work, &attach]);
    assert_ne!(window, "%0");
    let said = || fs::read_to_string(stage.environment.path("work").join("said")).unwrap_or_default();
    eventually("an answer", || (!said().is_empty()).then_some(()));
    assert_eq!(said(), "Switched to %0 of this tmux.\n");
    assert_eq!(shown(), "%0");
}

#[test]
fn a_pane_is_not_shown_in_itself() {
    let mut scene = Scene::new();
    let Pane { id, server, .. } = scene.pane.clone();
    scene.world.environment.set("CAFLEET_PANE", format!("{id},{server}"));
    let error = scene.world.environment.run(&scene.world.fleet.words("attach --member-id 1")).error(1);
    assert_eq!(error, "this is the pane of agent 1 itself; run attach in another terminal");
}

#[test]
fn it_needs_a_terminal_and_says_what_to_do_for_tmux() {
    let world = World::new();
    let error = world.environment.run(&world.fleet.words("attach --member-id 1")).error(1);
    assert_eq!(error, "attach needs a terminal to show the pane in");
    let (mut stage, fleet) = cafleet_tests::stage::Stage::with_fleet();
    let error = stage.environment.run(&fleet.words("attach --member-id @director")).error(1);
    assert!(error.starts_with(&format!("this is the pane of agent {}", fleet.director)), "{error}");
    stage.environment.unset("TMUX");
    stage.environment.unset("TMUX_PANE");
    let error = stage.environment.run(&fleet.words("attach --member-id @director")).error(1);
    let socket = stage.tmux.socket();
    assert_eq!(
        error,
        format!(
            "agent {} lives in tmux; run: tmux -S {socket} attach-session -t 'main' \\; select-window -t @0 \\; select-pane -t %0",
            fleet.director
        )
    );
}
