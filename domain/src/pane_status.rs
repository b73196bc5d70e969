//! Since when an agent is seen in a state, as far as somebody has watched.
//!
//! Whoever looks at a pane notes it: the monitor, and the server while somebody wants to know. So it does not begin anew
//! with each of them, and it never reaches back over a time in which nobody looked.

use std::time::Duration;

use crate::screen::ScreenState;
use crate::timestamp::Timestamp;

/// An agent that nobody looked at for longer may have done anything meanwhile.
const UNWATCHED: Duration = Duration::from_secs(60);

/// How often it is written down that a state lasts.
const NOTED_EVERY: Duration = Duration::from_secs(20);

/// A state in which an agent is seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PaneStatus {
    /// The state; none when its pane is gone, or somebody else's program is in it.
    pub state: Option<ScreenState>,
    /// Since when it was seen so without a gap. It may have begun before.
    pub since: Timestamp,
    /// When somebody last looked, as far as it was written down.
    pub seen_at: Timestamp,
}

impl PaneStatus {
    /// Returns what a look says, after what was known: a state lasts if it is the same and somebody watched meanwhile.
    #[must_use]
    pub fn after(known: Option<Self>, state: Option<ScreenState>, now: Timestamp) -> Self {
        let lasting = known.filter(|known| known.state == state && known.is_of_now(now));
        Self { state, since: lasting.map_or(now, |known| known.since), seen_at: now }
    }

    /// Returns `true` if it is to be written down after what was known.
    #[must_use]
    pub fn is_news(&self, known: Option<Self>) -> bool {
        known.is_none_or(|known| {
            (known.state, known.since) != (self.state, self.since) || self.seen_at.since(known.seen_at) >= NOTED_EVERY
        })
    }

    /// Returns `false` if nobody has looked for so long that nothing is known any more, or the clock was set back.
    fn is_of_now(&self, now: Timestamp) -> bool {
        self.since <= now && now.since(self.seen_at) <= UNWATCHED
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ASKING: Option<ScreenState> = Some(ScreenState::Asking);

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_unix_micros(seconds * 1_000_000)
    }

    fn asking(since: i64, seen_at: i64) -> PaneStatus {
        PaneStatus { state: ASKING, since: at(since), seen_at: at(seen_at) }
    }

    #[test]
    fn a_state_lasts_while_somebody_watches() {
        assert_eq!(PaneStatus::after(None, ASKING, at(100)), asking(100, 100));
        assert_eq!(PaneStatus::after(Some(asking(100, 140)), ASKING, at(200)), asking(100, 200));
        assert_eq!(PaneStatus::after(Some(asking(100, 140)), ASKING, at(201)), asking(201, 201), "nobody watched");
        let gone = PaneStatus::after(Some(asking(100, 140)), None, at(150));
        assert_eq!(gone, PaneStatus { state: None, since: at(150), seen_at: at(150) });
        assert_eq!(PaneStatus::after(Some(asking(100, 140)), ASKING, at(90)), asking(90, 90), "the clock was set back");
        assert_eq!(PaneStatus::after(Some(asking(100, 140)), ASKING, at(130)), asking(100, 130));
    }

    #[test]
    fn it_is_written_down_when_it_changes_and_now_and_then() {
        let known = Some(asking(100, 140));
        assert!(asking(100, 140).is_news(None));
        assert!(!asking(100, 159).is_news(known));
        assert!(asking(100, 160).is_news(known));
        assert!(asking(141, 141).is_news(known));
        assert!(PaneStatus { state: None, ..asking(100, 141) }.is_news(known));
    }
}
