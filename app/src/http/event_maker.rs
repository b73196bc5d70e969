//! Makes events of what changed: how the subjects of changes are now.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use cafleet_domain::broker::BrokerError;
use cafleet_domain::change::{Change, Subject};
use cafleet_domain::id::{AgentId, FleetId, TaskId};
use cafleet_domain::message::Message;
use cafleet_domain::ports::Clock;
use cafleet_domain::ports::storage::OverviewedAgent;
use cafleet_domain::viewer::Viewer;
use poem_openapi::types::ToJSON;

use super::agent_objects::AgentObject;
use super::event_objects::{AgentEvent, DeliveryEvent, StatusEvent};
use super::message_objects::MessageObject;
use super::monitor_objects::MonitorObject;
use super::seen_panes::SeenPanes;

/// An event, ready to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Event {
    /// Where it happened.
    pub(super) fleet: FleetId,
    /// The change that it tells; none for what the database knows nothing of.
    pub(super) change: Option<i64>,
    /// Its name.
    pub(super) name: &'static str,
    /// What it says, in JSON.
    pub(super) data: String,
}

/// Makes events, with what was seen in the panes.
pub(super) struct EventMaker {
    seen: Arc<SeenPanes>,
    clock: Arc<dyn Clock>,
}

impl EventMaker {
    /// Makes one that knows what was seen in the panes.
    pub(super) fn new(seen: Arc<SeenPanes>, clock: Arc<dyn Clock>) -> Self {
        Self { seen, clock }
    }

    /// Makes the events of a fleet's changes: of each subject the newest, for they tell how it is now.
    pub(super) async fn of_changes(
        &self,
        viewer: &Viewer,
        fleet: FleetId,
        changes: &[Change],
    ) -> Result<Vec<Event>, BrokerError> {
        let mut known = HashSet::new();
        let mut newest: Vec<Change> =
            changes.iter().rev().filter(|change| known.insert(change.subject)).copied().collect();
        newest.reverse();
        let facts = self.facts(viewer, fleet, &newest).await?;
        let event = |change: &Change| {
            let (name, data) = facts.tell(change.subject)?;
            Some(Event { fleet, change: Some(change.id.get()), name, data })
        };
        Ok(newest.iter().filter_map(event).collect())
    }

    /// Makes the events of agents that are doing something else than before. The database does not know, so these have no
    /// number.
    pub(super) async fn of_agents(
        &self,
        viewer: &Viewer,
        fleet: FleetId,
        agents: &[AgentId],
    ) -> Result<Vec<Event>, BrokerError> {
        let rows = self.agents(viewer, fleet).await?;
        let event = |agent: &AgentId| {
            let event = AgentEvent { agent_id: agent.get(), agent: rows.get(agent).cloned() };
            Event { fleet, change: None, name: "agent", data: event.to_json_string() }
        };
        Ok(agents.iter().map(event).collect())
    }

    async fn facts(&self, viewer: &Viewer, fleet: FleetId, changes: &[Change]) -> Result<Facts, BrokerError> {
        let mut facts = Facts::default();
        let task = |change: &Change| match change.subject {
            Subject::Message(task) | Subject::Status(task) | Subject::Delivery(task) => Some(task),
            Subject::Agent(_) | Subject::Monitor => None,
        };
        let mut tasks: Vec<TaskId> = changes.iter().filter_map(task).collect();
        tasks.sort_unstable();
        tasks.dedup();
        if !tasks.is_empty() {
            let messages = viewer.messages(fleet, tasks).await?;
            facts.messages = messages.into_iter().map(|message| (message.task.id, message)).collect();
        }
        if changes.iter().any(|change| matches!(change.subject, Subject::Agent(_))) {
            facts.agents = self.agents(viewer, fleet).await?;
        }
        if changes.iter().any(|change| change.subject == Subject::Monitor) {
            let heartbeat = match viewer.heartbeat(fleet).await {
                Err(BrokerError::FleetNotFound(_)) => None,
                heartbeat => heartbeat?,
            };
            facts.monitor = Some(MonitorObject::of(heartbeat, self.clock.now()));
        }
        Ok(facts)
    }

    async fn agents(&self, viewer: &Viewer, fleet: FleetId) -> Result<HashMap<AgentId, AgentObject>, BrokerError> {
        let found = match viewer.agents(fleet).await {
            // What is left of a fleet that was deleted a moment ago is nothing.
            Err(BrokerError::FleetNotFound(_)) => Vec::new(),
            found => found?,
        };
        let mut seen = self.seen.of(fleet);
        let row = |found: OverviewedAgent| {
            let id = found.agent.id;
            (id, AgentObject::of(found, seen.remove(&id)))
        };
        Ok(found.into_iter().map(row).collect())
    }
}

/// How the subjects of some changes are now.
#[derive(Default)]
struct Facts {
    messages: HashMap<TaskId, Message>,
    agents: HashMap<AgentId, AgentObject>,
    monitor: Option<MonitorObject>,
}

impl Facts {
    /// Returns name and text of the event; none for a message that was purged in the meantime.
    fn tell(&self, subject: Subject) -> Option<(&'static str, String)> {
        Some(match subject {
            Subject::Message(task) => {
                ("message", MessageObject::from(self.messages.get(&task)?.clone()).to_json_string())
            }
            Subject::Status(task) => ("status", StatusEvent::of(self.messages.get(&task)?).to_json_string()),
            Subject::Delivery(task) => ("delivery", DeliveryEvent::of(self.messages.get(&task)?)?.to_json_string()),
            Subject::Agent(agent) => {
                let event = AgentEvent { agent_id: agent.get(), agent: self.agents.get(&agent).cloned() };
                ("agent", event.to_json_string())
            }
            Subject::Monitor => ("monitor", self.monitor.as_ref()?.to_json_string()),
        })
    }
}

#[cfg(test)]
mod tests {
    use cafleet_domain::id::ChangeId;

    use super::*;
    use crate::http::test_fleet::TestFleet;

    fn changes(fleet: &TestFleet, subjects: &[Subject]) -> Vec<Change> {
        let numbered = (1..).zip(subjects);
        let change = |(id, subject): (i64, &Subject)| {
            let id = ChangeId::try_from(id).expect("an id");
            Change { id, fleet: fleet.id(), subject: *subject }
        };
        numbered.map(change).collect()
    }

    #[tokio::test]
    async fn of_each_subject_the_newest_change_is_told() {
        let fleet = TestFleet::create().await;
        let events = EventMaker::new(Arc::default(), Arc::clone(&fleet.clock));
        let task = fleet.send("hello").await;
        let purged = TaskId::try_from(task.get() + 1).expect("an id");
        let stranger = AgentId::try_from(99).expect("an id");
        let subjects = [
            Subject::Monitor,
            Subject::Message(task),
            Subject::Agent(stranger),
            Subject::Message(purged),
            Subject::Delivery(task),
            Subject::Monitor,
        ];
        let opened = fleet.source().opened().await.expect("a database");
        let made = events.of_changes(&opened.viewer, fleet.id(), &changes(&fleet, &subjects)).await.expect("events");
        let told: Vec<_> = made.iter().map(|event| (event.change, event.name)).collect();
        assert_eq!(told, [(Some(2), "message"), (Some(3), "agent"), (Some(6), "monitor")]);
        assert!(made[1].data.ends_with(r#""agent":null}"#), "it is not of the fleet: {}", made[1].data);
    }
}
