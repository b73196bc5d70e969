//! What stands in place of the composer: pickers, forms, editors, and questions that an agent's tool asks.

use std::time::Duration;

use cafleet_domain::backend::Backend;

use crate::editor;
use crate::person::{ASKED, Person};

/// How long it may take to open or to close.
const DRAWN: Duration = Duration::from_secs(15);

/// Something that a person opens by keys.
#[derive(Debug, Clone, Copy)]
struct Overlay {
    what: &'static str,
    /// The command that opens it, typed and submitted; else the key.
    command: Option<&'static str>,
    key: &'static str,
    /// What closes it.
    close: &'static str,
}

const fn by_command(what: &'static str, command: &'static str) -> Overlay {
    Overlay { what, command: Some(command), key: "Enter", close: "Escape" }
}

const EDITOR: Overlay = Overlay { what: "editors opened", command: None, key: "C-g", close: editor::CLOSE };
const PALETTE: Overlay = Overlay { what: "pickers opened", command: None, key: "C-p", close: "Escape" };

/// Returns what a person opens in an agent of this kind.
fn overlays(backend: Backend) -> [Overlay; 3] {
    match backend {
        Backend::CLAUDE => [by_command("pickers opened", "/model"), by_command("forms opened", "/permissions"), EDITOR],
        Backend::CODEX => [by_command("pickers opened", "/model"), by_command("forms opened", "/rename"), EDITOR],
        _ => [by_command("pickers opened", "/models"), by_command("pickers opened", "/themes"), PALETTE],
    }
}

/// Returns the tasks whose previews a screen shows.
fn messages(screen: &str) -> impl Iterator<Item = i64> + '_ {
    let headers = screen.split("[cafleet msg ").skip(1);
    headers.filter_map(|header| header.split_once(" from ")?.0.parse().ok())
}

/// The question that a tool asks, and the tool: as short as it can be, for it stands in a preview.
fn question(backend: Backend, name: &str) -> Option<String> {
    let options = r#""options":[{"label":"a","description":"b"},{"label":"c","description":"d"}]"#;
    match backend {
        Backend::CLAUDE => Some(format!(
            r#"[[tool AskUserQuestion {{"questions":[{{"question":"{name}?","header":"h","multiSelect":false,{options}}}]}}]]"#
        )),
        Backend::CODEX => None,
        _ => Some(format!(r#"[[tool question {{"questions":[{{"question":"{name}?","header":"h",{options}}}]}}]]"#)),
    }
}

impl Person<'_> {
    /// Opens something by keys, leaves it open while messages come, and closes it.
    pub(crate) fn overlay(&mut self, agent: i64, pane: &str) {
        if self.yard.state(agent) != "at_rest" {
            return;
        }
        let all = overlays(self.seat.backend);
        let overlay = all[self.chance.usize(..all.len())];
        if let Some(command) = overlay.command
            && !self.write(pane, command, 300..900)
        {
            self.yard.press(pane, &["-N", "400", "BSpace"]);
            return;
        }
        self.yard.press(pane, &[overlay.key]);
        // where a preview came in the same moment, the key has submitted the command, or it still stands in the composer
        let opens = || matches!(self.yard.state(agent).as_str(), "asking" | "unknown");
        if !self.yard.comes(DRAWN, opens) {
            self.yard.tally.count("pickers, forms and editors that did not open");
            self.close(agent, pane, overlay);
            return;
        }
        self.yard.tally.count(overlay.what);
        self.wait(700..900);
        let before: Vec<i64> = self.yard.submitted(agent);
        self.wait(1000..20_000);
        // what was behind it, or in the agent's queue, may come into view meanwhile
        let screen = self.yard.screen(pane);
        // a message may quote the screen of another agent, with what that was told
        let own = self.yard.deliveries(agent, "true");
        let new = messages(&screen).filter(|task| own.contains(task) && !before.contains(task)).collect::<Vec<_>>();
        if !new.is_empty() {
            self.yard.tally.wrong(format!("{agent}: {new:?} typed into what {overlay:?} opened:\n{screen}"));
        }
        self.close(agent, pane, overlay);
        self.say(&format!("{agent} {overlay:?}"));
    }

    /// Closes it, with as many keys as it takes: none goes to a composer.
    fn close(&mut self, agent: i64, pane: &str, overlay: Overlay) {
        for _ in 0..5 {
            let open = || matches!(self.yard.state(agent).as_str(), "asking" | "unknown");
            // a screen that is being drawn is unknown for a moment
            self.wait(1200..1500);
            if !open() {
                break;
            }
            self.yard.press(pane, &[overlay.close]);
            self.yard.comes(Duration::from_secs(3), || !open());
        }
        if self.yard.state(agent) == "composing" {
            // a command that a picker was opened by, or what an editor was opened for
            self.yard.press(pane, &["-N", "400", "BSpace"]);
        }
    }

    /// Has the agent's tool ask, lets the question stand while messages come, and answers it.
    pub(crate) fn choice(&mut self, agent: i64, pane: &str) {
        let name = format!("q{}", self.yard.next());
        let Some(body) = question(self.seat.backend, &name) else { return };
        let sender = if self.seat.is_director { self.yard.fleet.administrator } else { self.yard.fleet.director };
        let mut words = self.yard.fleet.words(&format!("message send --quiet --agent-id {sender} --to {agent} --text"));
        words.push(body);
        drop(self.yard.environment.run(&words));
        let shows = || self.yard.state(agent) == "asking" && self.yard.screen(pane).contains(&format!("{name}?"));
        if !self.yard.comes(ASKED, shows) {
            self.yard.tally.wrong(format!("{agent} did not ask {name}:\n{}", self.yard.screen(pane)));
            return;
        }
        self.wait(1500..12_000);
        if !self.yard.comes(DRAWN, shows) {
            self.yard.tally.wrong(format!("{agent}: somebody else answered {name}:\n{}", self.yard.screen(pane)));
            return;
        }
        let outcome = self.allow(agent);
        self.yard.tally.count("questions of a tool answered by send-input");
        if outcome.status != 0 {
            self.yard.tally.wrong(format!("{agent}: {name} was not answered: {outcome:?}"));
        }
        self.say(&format!("{agent} {name}"));
    }
}
