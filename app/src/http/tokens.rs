//! Permissions to type into a pane: each for one connection, a moment after it was asked for.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use cafleet_domain::id::{AgentId, FleetId};
use cafleet_domain::timestamp::Timestamp;

/// How long one is good for.
pub(super) const LIFETIME: Duration = Duration::from_secs(30);

/// How many are kept; whoever asks for more makes the oldest ones useless.
const MOST: usize = 100;

/// How many random bytes make one.
const LENGTH: usize = 32;

/// The permissions that were given out and not used yet.
#[derive(Debug, Default)]
pub(super) struct Tokens(Mutex<HashMap<String, (FleetId, AgentId, Timestamp)>>);

impl Tokens {
    /// Gives one out; none when the system has no random numbers.
    pub(super) fn issue(&self, fleet: FleetId, agent: AgentId, now: Timestamp) -> Option<String> {
        let mut bytes = [0; LENGTH];
        getrandom::fill(&mut bytes).ok()?;
        let token: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        let mut tokens = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        tokens.retain(|_, (_, _, until)| now < *until);
        if tokens.len() >= MOST {
            let oldest = tokens.iter().min_by_key(|(_, (_, _, until))| *until).map(|(token, _)| token.clone());
            oldest.map(|oldest| tokens.remove(&oldest));
        }
        tokens.insert(token.clone(), (fleet, agent, now.after(LIFETIME)));
        Some(token)
    }

    /// Uses one up; tells whether it was for this pane and is not too old.
    pub(super) fn redeem(&self, token: &str, fleet: FleetId, agent: AgentId, now: Timestamp) -> bool {
        let found = self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(token);
        found.is_some_and(|(of_fleet, of_agent, until)| (of_fleet, of_agent) == (fleet, agent) && now < until)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_is_good_once_for_one_pane_and_a_moment() {
        let tokens = Tokens::default();
        let [fleet, other_fleet] = [1, 2].map(|id| FleetId::try_from(id).expect("an id"));
        let [agent, other] = [3, 4].map(|id| AgentId::try_from(id).expect("an id"));
        let now: Timestamp = "2026-04-15T10:00:00.123456+00:00".parse().expect("a time");
        let issue = || tokens.issue(fleet, agent, now).expect("random numbers");
        let token = issue();
        assert_eq!(token.len(), 64);
        assert!(tokens.redeem(&token, fleet, agent, now));
        assert!(!tokens.redeem(&token, fleet, agent, now), "used");
        assert!(!tokens.redeem(&issue(), fleet, other, now));
        assert!(!tokens.redeem(&issue(), other_fleet, agent, now));
        assert!(!tokens.redeem(&issue(), fleet, agent, now.after(LIFETIME)));
        assert!(!tokens.redeem("", fleet, agent, now));
        let first = issue();
        (0..MOST).for_each(|_| drop(tokens.issue(fleet, agent, now.after(Duration::from_secs(1)))));
        assert!(tokens.0.lock().expect("not poisoned").len() <= MOST);
        assert!(!tokens.redeem(&first, fleet, agent, now), "the oldest one had to make room");
    }
}
