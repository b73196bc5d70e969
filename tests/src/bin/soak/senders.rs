//! Whoever writes to the agents.

use std::ops::Range;
use std::time::Duration;

use cafleet_tests::environment::pause;

use crate::yard::Yard;

/// What bodies are made of. The first ones go through an agent's shell, too, where claude asks a person about the others.
const WORDS: [&str; 20] = [
    "tests",
    "pass",
    "with",
    "日本語",
    "größer",
    "--flags",
    "@name",
    "/slash",
    "100%",
    "`ticks`",
    "\"quotes\"",
    "#{format}",
    "semi;",
    "!bang",
    "$(sign)",
    "\\back",
    "a|b",
    "(so)",
    "~/home",
    "it's",
];

/// How many of them go through a shell.
const PLAIN: usize = 9;

/// How many messages may be on their way at once: agents take seconds for a turn.
const OPEN_LIMIT: i64 = 10;

/// Sends one message after another in the names of all.
#[derive(Debug)]
pub(crate) struct Sender<'a> {
    yard: &'a Yard,
    number: usize,
    chance: fastrand::Rng,
}

impl<'a> Sender<'a> {
    pub(crate) fn new(yard: &'a Yard, number: usize, chance: fastrand::Rng) -> Self {
        Self { yard, number, chance }
    }

    pub(crate) fn work(mut self) {
        let open = "SELECT count(*) FROM tasks t JOIN agents a ON a.agent_id = t.to_agent_id \
                    WHERE t.status_state = 'input_required' AND a.status = 'active'";
        while self.yard.goes_on() {
            pause(Duration::from_millis(self.chance.u64(200..4000)));
            let agents = self.yard.agents();
            if self.yard.environment.number(open) > OPEN_LIMIT || agents.len() < 2 {
                continue;
            }
            let from = agents[self.chance.usize(..agents.len())];
            let to = agents[self.chance.usize(..agents.len())];
            if from == to {
                continue;
            }
            match self.chance.u8(..20) {
                0 => self.broadcast(from),
                1..5 => self.die(from, to),
                _ => self.send(from, to, &agents),
            }
        }
    }

    fn words(&mut self, count: Range<usize>, among: usize) -> String {
        let count = self.chance.usize(count);
        let words: Vec<&str> = (0..count).map(|_| WORDS[self.chance.usize(..among)]).collect();
        format!("soak-{}-{} {}", self.number, self.yard.next(), words.join(" "))
    }

    /// A body: short, as long as it gets, of several lines, one for a long turn, or one to be passed on.
    fn body(&mut self, to: i64, agents: &[i64]) -> String {
        match self.chance.u8(..10) {
            0 => self.words(60..90, WORDS.len()),
            1 => self.words(1..4, WORDS.len()) + "\nline two\r\nline three",
            2 => self.words(1..4, WORDS.len()) + " [[slow 3]]",
            3..7 => {
                let mut hops = vec![to];
                for _ in 0..self.chance.usize(1..4) {
                    // nobody is rung for what it sends to itself
                    let others: Vec<i64> = agents.iter().copied().filter(|agent| hops.last() != Some(agent)).collect();
                    hops.push(others[self.chance.usize(..others.len())]);
                }
                let hops: Vec<String> = hops[1..].iter().map(i64::to_string).collect();
                self.words(1..8, PLAIN) + &format!(" [[pass {}]]", hops.join(" "))
            }
            _ => self.words(1..12, WORDS.len()),
        }
    }

    fn line(from: i64, to: i64) -> String {
        format!("message send --quiet --agent-id {from} --to {to} --text")
    }

    fn send(&mut self, from: i64, to: i64, agents: &[i64]) {
        let mut words = self.yard.fleet.words(&Self::line(from, to));
        words.push(self.body(to, agents));
        let outcome = self.yard.environment.run(&words);
        // one of the two may have left by now
        let left = ["not found or not active", "is deregistered", "is not a member"];
        if outcome.status == 0 || left.iter().any(|left| outcome.stderr.contains(left)) {
            self.yard.tally.count("messages sent from outside");
        } else {
            self.yard.tally.wrong(format!("a message was not sent: {outcome:?}"));
        }
    }

    fn broadcast(&mut self, from: i64) {
        let mut words = self.yard.fleet.words(&format!("message broadcast --agent-id {from} --text"));
        words.push(self.words(1..8, WORDS.len()));
        drop(self.yard.environment.run(&words));
        self.yard.tally.count("broadcasts sent");
    }

    /// Sends in a process that is killed at any moment.
    fn die(&mut self, from: i64, to: i64) {
        let mut words = self.yard.fleet.words(&Self::line(from, to));
        words.push(self.words(1..12, WORDS.len()));
        let mut sending = self.yard.environment.spawn(&words);
        pause(Duration::from_millis(self.chance.u64(0..250)));
        let _ended_already = sending.kill();
        let _reaped = sending.wait();
        self.yard.tally.count("senders killed (-9)");
    }
}
