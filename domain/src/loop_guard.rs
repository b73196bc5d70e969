//! Loop guard: two agents that thank each other for ever are slowed down, never silenced.

use std::fmt;
use std::time::Duration;

use crate::id::AgentId;
use crate::timestamp::Timestamp;

/// Within this time, messages between a pair are counted.
pub const PAIR_WINDOW: Duration = Duration::from_secs(60);

/// Within this time, replies are counted.
pub const CHAIN_WINDOW: Duration = Duration::from_secs(600);

/// How often a pair that talks in a loop is rung.
pub const SLOW_INTERVAL: Duration = Duration::from_secs(30);

/// What counts as a loop; 0 switches a limit off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LoopLimits {
    /// How many messages a pair may exchange within [`PAIR_WINDOW`].
    pub pair: u32,
    /// How many messages may answer each other within [`CHAIN_WINDOW`].
    pub chain: u32,
}

impl LoopLimits {
    /// The limits that hold unless somebody sets others.
    pub const DEFAULT: Self = Self { pair: 20, chain: 50 };

    /// Returns how many of a pair's newest messages have to be known to tell a loop.
    #[must_use]
    pub fn history(self) -> u32 {
        self.pair.max(self.chain).saturating_add(2)
    }
}

impl Default for LoopLimits {
    fn default() -> Self {
        Self::DEFAULT
    }
}

/// A message between a pair.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Exchange {
    /// Who sent it.
    pub from: AgentId,
    /// When.
    pub at: Timestamp,
}

/// What a loop was recognised by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Loop {
    /// More messages than the limit, in a short time.
    Pair(u32),
    /// A longer chain of replies than the limit.
    Chain(u32),
}

impl fmt::Display for Loop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Pair(limit) => write!(f, "more than {limit} messages within {} s", PAIR_WINDOW.as_secs()),
            Self::Chain(limit) => {
                write!(f, "a chain of more than {limit} replies within {} min", CHAIN_WINDOW.as_secs() / 60)
            }
        }
    }
}

/// Tells whether the newest message of a pair is part of a loop. `history` holds the pair's messages, newest first.
#[must_use]
pub fn detect(history: &[Exchange], limits: LoopLimits) -> Option<Loop> {
    let newest = history.first()?.at;
    let within = |window| history.iter().take_while(move |exchange| newest.since(exchange.at) <= window);
    let exceeds = |count: usize, limit: u32| limit > 0 && count > limit as usize;
    if exceeds(within(PAIR_WINDOW).count(), limits.pair) {
        return Some(Loop::Pair(limits.pair));
    }
    let recent: Vec<&Exchange> = within(CHAIN_WINDOW).collect();
    let replies = recent.windows(2).take_while(|pair| pair[0].from != pair[1].from).count();
    exceeds(replies, limits.chain).then_some(Loop::Chain(limits.chain))
}

/// Tells whether the newest message begins a loop: it is part of one, and the message before it was not.
#[must_use]
pub fn begins(history: &[Exchange], limits: LoopLimits) -> Option<Loop> {
    let found = detect(history, limits)?;
    detect(&history[1..], limits).is_none().then_some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Messages of agents 1 and 2 in turn, `apart` seconds from each other, newest first.
    fn talk(count: i64, apart: i64) -> Vec<Exchange> {
        let agent = |id| AgentId::try_from(id).expect("a positive id");
        let exchange =
            |n: i64| Exchange { from: agent(1 + n % 2), at: Timestamp::from_unix_micros(n * apart * 1_000_000) };
        (0..count).rev().map(exchange).collect()
    }

    #[test]
    fn many_messages_in_a_short_time_are_a_loop() {
        assert_eq!(detect(&talk(20, 1), LoopLimits::DEFAULT), None);
        assert_eq!(detect(&talk(21, 1), LoopLimits::DEFAULT), Some(Loop::Pair(20)));
        assert_eq!(detect(&talk(100, 3), LoopLimits { chain: 0, ..LoopLimits::DEFAULT }), Some(Loop::Pair(20)));
        assert_eq!(detect(&talk(100, 4), LoopLimits { chain: 0, ..LoopLimits::DEFAULT }), None);
    }

    #[test]
    fn a_long_chain_of_replies_is_a_loop_and_a_monologue_is_not() {
        assert_eq!(detect(&talk(51, 10), LoopLimits::DEFAULT), None);
        assert_eq!(detect(&talk(52, 10), LoopLimits::DEFAULT), Some(Loop::Chain(50)));
        assert_eq!(detect(&talk(200, 13), LoopLimits::DEFAULT), None, "too slow to be within ten minutes");
        let mut monologue = talk(60, 10);
        for exchange in &mut monologue {
            exchange.from = AgentId::try_from(1).expect("a positive id");
        }
        assert_eq!(detect(&monologue, LoopLimits::DEFAULT), None);
    }

    #[test]
    fn a_loop_begins_once_and_a_limit_of_zero_is_off() {
        assert_eq!(begins(&talk(21, 1), LoopLimits::DEFAULT), Some(Loop::Pair(20)));
        assert_eq!(begins(&talk(22, 1), LoopLimits::DEFAULT), None);
        assert_eq!(detect(&talk(500, 1), LoopLimits { pair: 0, chain: 0 }), None);
        assert_eq!(detect(&[], LoopLimits::DEFAULT), None);
    }
}
