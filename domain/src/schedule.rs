//! Which agents are due to be woken: a pure function of state and time.

use std::fmt;
use std::time::Duration;

use crate::agent::{Activity, AgentKind};
use crate::screen::ScreenState;
use crate::timestamp::Timestamp;

/// What the schedule knows of an enrolled agent without looking at its pane.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// What it is to its fleet.
    pub kind: AgentKind,
    /// Whether it may be woken at all.
    pub enabled: bool,
    /// How long to leave it alone between two wakes.
    pub interval: Duration,
    /// When it was last woken.
    pub last_ping_at: Option<Timestamp>,
    /// When it was registered.
    pub registered_at: Timestamp,
    /// Whether its pane is there.
    pub pane_alive: bool,
    /// How many messages wait for its acknowledgement.
    pub pending: u64,
    /// When it last sent, received and acknowledged.
    pub activity: Activity,
}

/// Why an agent is left alone, or is woken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WakeDecision {
    /// It is woken: a Director's interval has passed.
    DirectorInterval,
    /// It is woken: messages wait for its acknowledgement.
    Pending(u64),
    /// It is woken: it has been at rest for a whole interval and has sent nothing since its last delivery.
    AtRest,
    /// Its schedule is switched off.
    Disabled,
    /// Its pane is not there.
    NoPane,
    /// Its interval ends only after this time.
    Waiting(Duration),
    /// It has nothing to do.
    NothingToDo,
    /// It has not been at rest for a whole interval; that takes this time more.
    Resting(Duration),
    /// A turn runs.
    Working,
}

impl WakeDecision {
    /// Tells whether the agent is woken.
    #[must_use]
    pub fn is_due(self) -> bool {
        matches!(self, Self::DirectorInterval | Self::Pending(_) | Self::AtRest)
    }
}

impl fmt::Display for WakeDecision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::DirectorInterval => f.write_str("due: the Director's interval has passed"),
            Self::Pending(1) => f.write_str("due: 1 unacknowledged message"),
            Self::Pending(count) => write!(f, "due: {count} unacknowledged messages"),
            Self::AtRest => f.write_str("due: at rest for a whole interval, nothing sent since its last delivery"),
            Self::Disabled => f.write_str("disabled"),
            Self::NoPane => f.write_str("its pane is gone"),
            Self::Waiting(left) => write!(f, "interval ends in {}s", left.as_secs_f64().ceil()),
            Self::NothingToDo => f.write_str("nothing to do"),
            Self::Resting(left) => write!(f, "at rest; due in {}s if it stays at rest", left.as_secs_f64().ceil()),
            Self::Working => f.write_str("working"),
        }
    }
}

/// Decides from what is known without looking at the pane; `started` is when the monitor started.
///
/// A decision that is due still has to be confirmed by [`confirm`] with what the pane shows: only then is the pane
/// looked at, so that an agent that owes nothing costs nothing.
#[must_use]
pub fn schedule(candidate: &Candidate, started: Timestamp, now: Timestamp) -> WakeDecision {
    if !candidate.enabled {
        return WakeDecision::Disabled;
    }
    if !candidate.pane_alive {
        return WakeDecision::NoPane;
    }
    // one that was never woken is left alone while it starts up
    let since = candidate.last_ping_at.unwrap_or(started.max(candidate.registered_at));
    if let Some(left) = left_of(candidate.interval, since, now) {
        return WakeDecision::Waiting(left);
    }
    match candidate.kind {
        AgentKind::Director => WakeDecision::DirectorInterval,
        _ if candidate.pending > 0 => WakeDecision::Pending(candidate.pending),
        _ if candidate.activity.last_received > candidate.activity.last_sent => WakeDecision::AtRest,
        _ => WakeDecision::NothingToDo,
    }
}

/// Confirms a due decision with what the pane shows and since when the agent has been seen at rest.
#[must_use]
pub fn confirm(
    decision: WakeDecision,
    state: ScreenState,
    at_rest_since: Timestamp,
    interval: Duration,
    now: Timestamp,
) -> WakeDecision {
    match (decision, state) {
        (decision, _) if !decision.is_due() => decision,
        (_, ScreenState::Working) => WakeDecision::Working,
        (WakeDecision::AtRest, _) => {
            left_of(interval, at_rest_since, now).map_or(WakeDecision::AtRest, WakeDecision::Resting)
        }
        (decision, _) => decision,
    }
}

/// Returns what is left of an interval; none when it has passed, or when the clock stands before its beginning.
fn left_of(interval: Duration, since: Timestamp, now: Timestamp) -> Option<Duration> {
    if now < since {
        return None;
    }
    interval.checked_sub(now.since(since)).filter(|left| !left.is_zero())
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: Duration = Duration::from_secs(60);

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_unix_micros(seconds * 1_000_000)
    }

    fn member() -> Candidate {
        Candidate {
            kind: AgentKind::Member,
            enabled: true,
            interval: MINUTE,
            last_ping_at: None,
            registered_at: at(100),
            pane_alive: true,
            pending: 0,
            activity: Activity::default(),
        }
    }

    #[test]
    fn nobody_is_woken_while_starting_up() {
        let waiting = Candidate { pending: 1, ..member() };
        assert_eq!(schedule(&waiting, at(0), at(159)), WakeDecision::Waiting(Duration::from_secs(1)));
        assert_eq!(schedule(&waiting, at(0), at(160)), WakeDecision::Pending(1));
        assert_eq!(schedule(&waiting, at(120), at(160)), WakeDecision::Waiting(Duration::from_secs(20)));
    }

    #[test]
    fn the_director_is_woken_at_its_interval_and_a_member_only_for_a_reason() {
        let director = Candidate { kind: AgentKind::Director, ..member() };
        assert_eq!(schedule(&director, at(0), at(200)), WakeDecision::DirectorInterval);
        assert_eq!(schedule(&member(), at(0), at(200)), WakeDecision::NothingToDo);
        let told = |sent| Activity { last_received: Some(at(110)), last_sent: sent, last_acknowledged: Some(at(111)) };
        let silent = Candidate { activity: told(None), ..member() };
        assert_eq!(schedule(&silent, at(0), at(200)), WakeDecision::AtRest);
        let answered = Candidate { activity: told(Some(at(112))), ..member() };
        assert_eq!(schedule(&answered, at(0), at(200)), WakeDecision::NothingToDo);
    }

    #[test]
    fn a_wake_starts_a_new_interval_and_a_backward_clock_does_not_silence_anybody() {
        let woken = Candidate { pending: 2, last_ping_at: Some(at(1000)), ..member() };
        assert_eq!(schedule(&woken, at(0), at(1001)), WakeDecision::Waiting(Duration::from_secs(59)));
        assert_eq!(schedule(&woken, at(0), at(1060)), WakeDecision::Pending(2));
        assert_eq!(schedule(&woken, at(0), at(500)), WakeDecision::Pending(2));
    }

    #[test]
    fn the_disabled_and_the_gone_are_left_alone() {
        assert_eq!(schedule(&Candidate { enabled: false, ..member() }, at(0), at(900)), WakeDecision::Disabled);
        assert_eq!(schedule(&Candidate { pane_alive: false, ..member() }, at(0), at(900)), WakeDecision::NoPane);
    }

    #[test]
    fn a_working_agent_is_not_woken_and_rest_must_last_an_interval() {
        let confirm = |decision, state, since| confirm(decision, state, at(since), MINUTE, at(1000));
        assert_eq!(confirm(WakeDecision::Pending(1), ScreenState::Working, 0), WakeDecision::Working);
        assert_eq!(confirm(WakeDecision::Pending(1), ScreenState::AtRest, 999), WakeDecision::Pending(1));
        assert_eq!(
            confirm(WakeDecision::AtRest, ScreenState::AtRest, 990),
            WakeDecision::Resting(Duration::from_secs(50))
        );
        assert_eq!(confirm(WakeDecision::AtRest, ScreenState::AtRest, 940), WakeDecision::AtRest);
        assert_eq!(confirm(WakeDecision::NoPane, ScreenState::AtRest, 0), WakeDecision::NoPane);
    }
}
