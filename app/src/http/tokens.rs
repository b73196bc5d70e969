//! Permits to type into a pane: each is good for one stream of one pane, and not for long.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use cafleet_domain::id::{AgentId, FleetId};
use cafleet_domain::timestamp::Timestamp;

/// How long a token is good.
pub(super) const LIFETIME: Duration = Duration::from_secs(30);

/// How many random bytes a token is made of.
const BYTES: usize = 24;

#[derive(Debug)]
struct Permit {
    fleet: FleetId,
    agent: AgentId,
    issued_at: Timestamp,
}

impl Permit {
    fn is_good(&self, now: Timestamp) -> bool {
        now >= self.issued_at && now.since(self.issued_at) < LIFETIME
    }
}

/// The permits that were given and not used yet. They are gone with the server.
#[derive(Debug, Default)]
pub(super) struct Tokens(Mutex<HashMap<String, Permit>>);

impl Tokens {
    /// Makes a token for the pane of an agent.
    ///
    /// # Errors
    /// When the system has no random numbers.
    pub(super) fn issue(&self, fleet: FleetId, agent: AgentId, now: Timestamp) -> Result<String, getrandom::Error> {
        let mut random = [0; BYTES];
        getrandom::fill(&mut random)?;
        let token: String = random.iter().map(|byte| format!("{byte:02x}")).collect();
        let mut permits = self.permits();
        permits.retain(|_, permit| permit.is_good(now));
        permits.insert(token.clone(), Permit { fleet, agent, issued_at: now });
        Ok(token)
    }

    /// Tells whether a token permits to type into the pane of an agent. Whatever the answer, it permits nothing any more.
    pub(super) fn redeem(&self, token: &str, fleet: FleetId, agent: AgentId, now: Timestamp) -> bool {
        let permit = self.permits().remove(token);
        permit.is_some_and(|permit| permit.is_good(now) && (permit.fleet, permit.agent) == (fleet, agent))
    }

    fn permits(&self) -> MutexGuard<'_, HashMap<String, Permit>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fleet(id: i64) -> FleetId {
        FleetId::try_from(id).expect("a number")
    }

    fn agent(id: i64) -> AgentId {
        AgentId::try_from(id).expect("a number")
    }

    fn start() -> Timestamp {
        "2026-04-15T10:00:00.000000+00:00".parse().expect("a time")
    }

    #[test]
    fn a_token_is_good_for_its_pane_once() {
        let (tokens, now) = (Tokens::default(), start());
        let token = tokens.issue(fleet(1), agent(2), now).expect("random numbers");
        assert!(token.len() >= 32 && token != tokens.issue(fleet(1), agent(2), now).expect("random numbers"));
        assert!(!tokens.redeem("", fleet(1), agent(2), now));
        assert!(tokens.redeem(&token, fleet(1), agent(2), now));
        assert!(!tokens.redeem(&token, fleet(1), agent(2), now), "it was used");
        for (other_fleet, other_agent) in [(fleet(1), agent(3)), (fleet(2), agent(2))] {
            let token = tokens.issue(fleet(1), agent(2), now).expect("random numbers");
            assert!(!tokens.redeem(&token, other_fleet, other_agent, now));
            assert!(!tokens.redeem(&token, fleet(1), agent(2), now), "it was shown to somebody else");
        }
    }

    #[test]
    fn a_token_that_nobody_used_is_forgotten() {
        let (tokens, now) = (Tokens::default(), start());
        let token = tokens.issue(fleet(1), agent(2), now).expect("random numbers");
        let _late = tokens.issue(fleet(1), agent(2), now.after(LIFETIME)).expect("random numbers");
        assert_eq!(tokens.permits().len(), 1);
        assert!(!tokens.redeem(&token, fleet(1), agent(2), now.after(LIFETIME)));
        let token = tokens.issue(fleet(1), agent(2), now.after(LIFETIME)).expect("random numbers");
        assert!(!tokens.redeem(&token, fleet(1), agent(2), now), "the clock was set back");
    }

    #[test]
    fn a_token_is_good_to_the_end_of_its_time() {
        let (tokens, now) = (Tokens::default(), start());
        let token = tokens.issue(fleet(1), agent(2), now).expect("random numbers");
        let last = now.after(LIFETIME - Duration::from_micros(1));
        assert!(tokens.redeem(&token, fleet(1), agent(2), last));
    }
}
