//! Whoever sits before a pane, and what else happens to it.

use std::path::Path;
use std::time::Duration;

use cafleet_tests::environment::{Outcome, pause};

use crate::keyboard::Hands;
use crate::tally::Draft;
use crate::yard::{Seat, Yard};

/// How long a question may take to be asked: the agent may have much to do before.
pub(crate) const ASKED: Duration = Duration::from_secs(180);
const SHORT: Duration = Duration::from_secs(30);
/// How long a text stands before a person takes it for left behind: longer than the claim of a sender that was killed lasts,
/// after which the next pass of the monitor submits it.
const UNTOUCHED: Duration = Duration::from_secs(90);

/// Does one thing after another to the pane of a seat.
#[derive(Debug)]
pub(crate) struct Person<'a> {
    pub(crate) yard: &'a Yard,
    pub(crate) seat: &'a Seat,
    pub(crate) chance: fastrand::Rng,
}

impl<'a> Person<'a> {
    pub(crate) fn new(yard: &'a Yard, seat: &'a Seat, chance: fastrand::Rng) -> Self {
        Self { yard, seat, chance }
    }

    pub(crate) fn live(mut self) {
        while self.yard.goes_on() {
            self.wait(500..6000);
            match self.seat.agent() {
                None => drop(self.yard.create(self.seat)),
                Some((agent, pane)) => {
                    self.tidy(agent, &pane);
                    self.act(agent, &pane);
                }
            }
        }
    }

    fn act(&mut self, agent: i64, pane: &str) {
        match self.chance.u8(..58) {
            0..14 => self.draft(agent, pane),
            14..20 => self.question(agent, pane),
            20..26 => self.copy_mode(pane),
            26..32 => self.stop(pane),
            // the Director's window is the members' too, and it stays
            32..37 if !self.seat.is_director => self.narrow(pane),
            37 | 38 if !self.seat.is_director => self.dismiss(agent),
            39 if !self.seat.is_director => self.kill(agent, pane),
            40..52 => self.overlay(agent, pane),
            52..58 => self.choice(agent, pane),
            _ => {}
        }
    }

    pub(crate) fn wait(&mut self, milliseconds: std::ops::Range<u64>) {
        pause(Duration::from_millis(self.chance.u64(milliseconds)));
    }

    pub(crate) fn say(&self, what: &str) {
        self.yard.say(&format!("{:<8} {what}", self.seat.backend));
    }

    /// Types a draft as fast as a person does, thinks, and clears it or sends it off.
    fn draft(&mut self, agent: i64, pane: &str) {
        if !matches!(self.yard.state(agent).as_str(), "at_rest" | "working") {
            return;
        }
        let text = format!("draft {} of a person", self.yard.next());
        let alone = self.write(pane, &text, 300..5000);
        let submitted = alone && self.chance.u8(..3) == 0;
        self.yard.tally.draft(Draft { agent, text: text.clone(), submitted });
        if submitted {
            self.yard.press(pane, &["Enter"]);
            self.yard.tally.count("drafts submitted by the person");
        } else {
            // whatever came in the same moment goes, too
            let keys = if alone { text.len() } else { 400 };
            if !alone {
                self.yard.tally.count("of the drafts cleared, those that a preview had come to in the same moment");
            }
            self.yard.press(pane, &["-N", &keys.to_string(), "BSpace"]);
            self.yard.tally.count("drafts cleared by the person");
        }
        self.say(&format!("{agent} {text}, submitted: {submitted}"));
    }

    /// Types a text as fast as a person does, thinks, and looks at what is there: a preview may have come in the same
    /// moment. Returns `true` if the text stands alone in the composer.
    pub(crate) fn write(&mut self, pane: &str, text: &str, thinks: std::ops::Range<u64>) -> bool {
        if let Some(hands) = Hands::at(self.yard, pane) {
            for key in text.chars() {
                hands.press(&["-l", &key.to_string()]);
                self.wait(20..90);
            }
        }
        self.wait(thinks);
        let shows = || self.yard.screen(pane).contains(text);
        self.yard.comes(Duration::from_secs(5), shows) && self.stands_alone(pane, text)
    }

    /// Tells whether a draft begins where the composer does: a preview that was pasted in the same moment may stand before
    /// it.
    pub(crate) fn stands_alone(&self, pane: &str, text: &str) -> bool {
        let screen = self.yard.screen(pane);
        let alone = screen.lines().filter(|row| row.contains(text)).any(|row| {
            let row = row.trim_matches(|c: char| c.is_whitespace() || "❯›┃│".contains(c));
            row == text
        });
        alone && !composer_tail(&screen, text).contains("[cafleet msg ")
    }

    /// Has the agent ask, lets the question stand, and answers it.
    fn question(&mut self, agent: i64, pane: &str) {
        let name = format!("asked-{}", self.yard.next());
        let file = self.yard.environment.path("work").join(&name);
        let sender = if self.seat.is_director { self.yard.fleet.administrator } else { self.yard.fleet.director };
        let mut words = self.yard.fleet.words(&format!("message send --quiet --agent-id {sender} --to {agent} --text"));
        words.push(format!("please [[ask touch {name}]]"));
        drop(self.yard.environment.run(&words));
        let asks = || self.yard.state(agent) == "asking";
        if !self.yard.comes(ASKED, asks) {
            self.yard.tally.wrong(format!("{agent} did not ask for {name}:\n{}", self.yard.screen(pane)));
            return;
        }
        self.wait(1500..9000);
        // a question that is being drawn again is none for a moment
        if file.exists() || !self.yard.comes(Duration::from_secs(10), asks) {
            self.yard.tally.wrong(format!("{agent}: somebody else answered about {name}:\n{}", self.yard.screen(pane)));
            return;
        }
        if self.chance.u8(..3) == 0 {
            self.yard.press(pane, &["Escape"]);
            self.yard.comes(SHORT, || !asks());
            self.yard.tally.count("questions declined by the person");
            self.resume(agent, pane);
            self.wait(500..1000);
            if file.exists() {
                self.yard.tally.wrong(format!("{agent}: {name} was declined and made"));
            }
        } else {
            let outcome = self.allow(agent);
            self.yard.tally.count("questions answered by send-input");
            if outcome.status != 0 || !self.comes_of_it(agent, &file) {
                self.yard.tally.wrong(format!("{agent}: {name} was allowed and not made: {outcome:?}"));
            }
        }
        self.say(&format!("{agent} {name}"));
    }

    /// Answers by `send-input`, and again as long as the question stands: a claim of a sender that was killed may not have
    /// ended yet, or the agent did not take the key.
    pub(crate) fn allow(&self, agent: i64) -> Outcome {
        for _ in 0..20 {
            let outcome = self.yard.run(&format!("member send-input --choice 1 --member-id {agent}"));
            if outcome.status == 0 || !self.yard.comes(SHORT, || self.yard.state(agent) == "asking") {
                return outcome;
            }
            self.yard.tally.count("answers that were refused with a reason, and given again");
            self.say(&format!("{agent} {}", outcome.stderr.trim()));
        }
        self.yard.run(&format!("member send-input --choice 1 --member-id {agent}"))
    }

    /// Waits for what was allowed to be made, and allows everything else that the same turn asks about: several messages are
    /// joined into one.
    fn comes_of_it(&self, agent: i64, file: &Path) -> bool {
        for _ in 0..20 {
            let asks = || self.yard.state(agent) == "asking";
            if !self.yard.comes(ASKED, || file.exists() || asks()) || file.exists() {
                break;
            }
            pause(Duration::from_millis(1500));
            if !file.exists() && asks() && self.allow(agent).status == 0 {
                self.yard.tally.count("further questions of the same turn, answered by send-input");
            }
        }
        file.exists()
    }

    /// Sends off what an agent puts back into its composer when it is interrupted.
    fn resume(&mut self, agent: i64, pane: &str) {
        if self.is_left(agent, pane) {
            self.yard.press(pane, &["Enter"]);
            self.yard.tally.count("queues of an interrupted agent sent off again by the person");
        }
    }

    /// Clears what has been left in the composer, as a person does who comes back to it.
    fn tidy(&mut self, agent: i64, pane: &str) {
        if self.is_left(agent, pane) {
            self.say(&format!("{agent} clears:\n{}", self.yard.screen(pane)));
            self.yard.press(pane, &["-N", "800", "BSpace"]);
            self.yard.tally.count("texts that were left in a composer, cleared by the person");
        }
    }

    /// Tells whether the composer holds a text that nobody is writing at.
    fn is_left(&self, agent: i64, pane: &str) -> bool {
        let held = || (self.yard.state(agent) == "composing").then(|| self.yard.screen(pane));
        let Some(first) = held() else { return false };
        !self.yard.comes(UNTOUCHED, || held().as_ref() != Some(&first))
    }

    fn copy_mode(&mut self, pane: &str) {
        self.yard.client(&["copy-mode", "-t", pane]);
        self.wait(500..6000);
        self.yard.client(&["send-keys", "-t", pane, "-X", "cancel"]);
        self.yard.tally.count("times in copy mode");
    }

    fn stop(&mut self, pane: &str) {
        self.yard.signal(pane, "-STOP");
        pause(Duration::from_millis(500));
        self.yard.signal(pane, "-CONT");
        self.yard.tally.count("agents stopped for 500 ms");
    }

    /// Shows the pane in 20 columns for a while.
    fn narrow(&mut self, pane: &str) {
        self.yard.client(&["break-pane", "-d", "-s", pane]);
        self.yard.client(&["resize-window", "-t", pane, "-x", "20", "-y", "24"]);
        self.wait(1000..8000);
        self.yard.client(&["join-pane", "-d", "-h", "-s", pane, "-t", "%0"]);
        self.yard.client(&["select-layout", "-t", "%0", "main-vertical"]);
        self.yard.tally.count("panes narrowed to 20 columns");
    }

    /// Deletes the member, by force when it does not go otherwise, and creates another.
    fn dismiss(&mut self, agent: i64) {
        self.yard.tally.remove(agent, "deleted");
        let mut outcome = self.yard.run(&format!("member delete --member-id {agent}"));
        self.say(&format!("{agent} deleted: {} {}", outcome.status, outcome.stderr.lines().next().unwrap_or_default()));
        self.yard.tally.count("members deleted");
        if outcome.status != 0 {
            outcome = self.yard.run(&format!("member delete --force --member-id {agent}"));
            self.yard.tally.count("of them by --force");
        }
        self.replace(agent, &outcome);
    }

    fn kill(&mut self, agent: i64, pane: &str) {
        self.yard.tally.remove(agent, "killed");
        self.yard.signal(pane, "-KILL");
        self.yard.tally.count("agents killed (-9)");
        self.wait(0..4000);
        let outcome = self.yard.run(&format!("member delete --member-id {agent}"));
        self.say(&format!("{agent} killed"));
        self.replace(agent, &outcome);
    }

    fn replace(&mut self, agent: i64, deleted: &Outcome) {
        if deleted.status != 0 {
            self.yard.tally.wrong(format!("{} {agent} was not deleted: {deleted:?}", self.seat.backend));
        }
        self.seat.sit(None);
        self.yard.create(self.seat);
    }
}

/// Returns the two rows above a draft: what stands before it in the same composer.
fn composer_tail(screen: &str, text: &str) -> String {
    let rows: Vec<&str> = screen.lines().collect();
    let at = rows.iter().rposition(|row| row.contains(text)).unwrap_or(0);
    rows[at.saturating_sub(1)..at].join("\n")
}
