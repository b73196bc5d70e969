//! What the models were told, agent by agent.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;

use cafleet_domain::preview::unmarked;
use serde_json::Value;

/// The conversations of all agents.
///
/// Each request of an agent carries its conversation from the beginning. So one that goes on where another ended takes its
/// place; one that does not stands beside it.
#[derive(Debug, Default)]
pub(crate) struct Conversations {
    by_agent: BTreeMap<i64, Vec<Vec<String>>>,
    /// Answers that were broken off.
    pub(crate) aborted: u64,
}

impl Conversations {
    /// Reads the notes of the model server.
    ///
    /// # Panics
    /// When they cannot be read, or something in them is no note.
    pub(crate) fn read(notes: &Path) -> Self {
        let mut read = Self::default();
        for line in BufReader::new(File::open(notes).expect("the notes")).lines() {
            let note: Value = serde_json::from_str(&line.expect("a line")).expect("a note");
            read.aborted += u64::from(note["ended"] == false);
            let Some(users) = note["users"].as_array() else { continue };
            let agent = note["agent"].as_str().and_then(|agent| agent.parse().ok()).unwrap_or(0);
            let users = users.iter().map(|user| unmarked(user.as_str().unwrap_or_default())).collect();
            read.add(agent, users);
        }
        read
    }

    fn add(&mut self, agent: i64, users: Vec<String>) {
        let known = self.by_agent.entry(agent).or_default();
        if known.iter().any(|other| other.starts_with(&users)) {
            return;
        }
        match known.iter_mut().find(|other| users.starts_with(other)) {
            Some(other) => *other = users,
            None => known.push(users),
        }
    }

    /// Returns how often an agent was told a text, at most, in one conversation; behind the marks of a screen it is a
    /// quotation of one that shows it.
    pub(crate) fn count(&self, agent: i64, text: &str) -> usize {
        let is_quoted = |user: &str, at: usize| ["❯ ", "› ", "> ", "┃ "].iter().any(|mark| user[..at].ends_with(mark));
        let count = |user: &String| user.match_indices(text).filter(|(at, _)| !is_quoted(user, *at)).count();
        let told = |users: &Vec<String>| users.iter().map(count).sum();
        self.by_agent.get(&agent).into_iter().flatten().map(told).max().unwrap_or(0)
    }

    /// Returns how often anybody but this agent was told a text.
    pub(crate) fn count_elsewhere(&self, agent: i64, text: &str) -> usize {
        self.by_agent.keys().filter(|other| **other != agent).map(|other| self.count(*other, text)).sum()
    }

    /// Returns all that was said to agents, with the agents.
    pub(crate) fn texts(&self) -> impl Iterator<Item = (i64, &str)> {
        let by_agent = self.by_agent.iter();
        by_agent.flat_map(|(agent, known)| known.iter().flatten().map(|text| (*agent, text.as_str())))
    }
}
