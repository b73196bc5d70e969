//! What a watched pane tells, read without waiting for ever.

use std::time::Duration;

use cafleet_domain::ports::{PaneEvent, PaneEvents};

/// How long an event may take.
const LIMIT: Duration = Duration::from_secs(20);

/// Returns the next event; none after the last one.
pub(super) async fn next_event(events: &mut dyn PaneEvents) -> Option<PaneEvent> {
    tokio::time::timeout(LIMIT, events.next()).await.expect("an event in time").unwrap()
}
