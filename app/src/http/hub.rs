//! One reader of changes for all who listen, however many they are.
//!
//! The reader waits for commits of other connections, reads what changed, and tells it. It runs only while somebody
//! listens. Who comes late reads the record up to now by itself and goes on with what the reader tells: since every
//! change has its number, nothing is told twice and nothing is left out.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use cafleet_domain::broker::BrokerError;
use cafleet_domain::change::{Change, Subject};
use cafleet_domain::id::{AgentId, FleetId, TaskId};
use cafleet_domain::message::Message;
use cafleet_domain::ports::StoreId;
use cafleet_domain::viewer::Viewer;
use poem_openapi::types::ToJSON;
use tokio::sync::{Mutex, broadcast};

use super::Shared;
use super::agent_objects::AgentObject;
use super::event_objects::{AgentEvent, DeliveryEvent, StatusEvent};
use super::message_objects::MessageObject;
use super::monitor_objects::MonitorObject;
use super::source::Opened;

/// How many changes are read at once.
pub(super) const BATCH: usize = 500;

/// How many events wait for a slow listener; one that falls behind further reads the record instead.
const BACKLOG: usize = 1024;

/// After this time without a commit, the reader looks whether the database is still the same and somebody listens.
const PATIENCE: Duration = Duration::from_secs(4);

/// Something that a listener is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Told {
    /// Something happened in a fleet.
    Event(Event),
    /// The database cannot be read any more, or is another one: whoever listens must begin anew.
    Lost,
}

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

/// Where listeners meet the reader.
#[derive(Debug)]
pub(super) struct Hub {
    sender: broadcast::Sender<Arc<Told>>,
    is_running: Mutex<bool>,
}

impl Hub {
    pub(super) fn new() -> Self {
        Self { sender: broadcast::channel(BACKLOG).0, is_running: Mutex::new(false) }
    }

    /// Begins to listen. Everything that is committed after this returns will be told.
    pub(super) async fn listen(
        &self,
        shared: &Arc<Shared>,
        opened: &Opened,
    ) -> Result<broadcast::Receiver<Arc<Told>>, BrokerError> {
        let mut is_running = self.is_running.lock().await;
        if !*is_running {
            let newest = opened.watcher.change_span().await?.newest;
            tokio::spawn(read(Arc::clone(shared), opened.identity.id.clone(), newest));
            *is_running = true;
        }
        Ok(self.sender.subscribe())
    }

    /// Ends every listener's stream.
    pub(super) fn end(&self) {
        self.tell(Told::Lost);
    }

    /// Tells that agents are doing something else than before. The database does not know, so these events have no
    /// number; who begins to listen asks for the agents anyway.
    pub(super) async fn tell_states(&self, shared: &Shared, opened: &Opened, fleet: FleetId, agents: &[AgentId]) {
        if self.sender.receiver_count() == 0 {
            return;
        }
        if let Ok(rows) = agent_rows(shared, &opened.viewer, fleet).await {
            for agent in agents {
                let event = AgentEvent { agent_id: agent.get(), agent: rows.get(agent).cloned() };
                let data = event.to_json_string();
                self.tell(Told::Event(Event { fleet, change: None, name: "agent", data }));
            }
        }
    }

    fn tell(&self, told: Told) {
        let _nobody_listens = self.sender.send(Arc::new(told));
    }
}

/// Reads changes and tells them until nobody listens or the database is lost.
async fn read(shared: Arc<Shared>, store: StoreId, mut position: i64) {
    loop {
        match step(&shared, &store, position).await {
            Ok(newest) => position = newest,
            Err(_) => {
                // Each listener begins anew, and is then told by the resource what is wrong.
                *shared.hub.is_running.lock().await = false;
                shared.hub.end();
                return;
            }
        }
        let mut is_running = shared.hub.is_running.lock().await;
        if shared.hub.sender.receiver_count() == 0 {
            *is_running = false;
            return;
        }
    }
}

/// Tells what happened after `position`, or waits for something to happen. Returns the new position.
async fn step(shared: &Arc<Shared>, store: &StoreId, position: i64) -> Result<i64, BrokerError> {
    let opened = shared.source.opened().await?;
    if opened.identity.id != *store {
        return Err(cafleet_domain::ports::StorageError::Unavailable("the database was replaced".to_owned()).into());
    }
    let changes = opened.watcher.changes(None, position, BATCH).await?;
    let Some(last) = changes.last() else {
        opened.watcher.wait_for_change(PATIENCE).await?;
        return Ok(position);
    };
    let newest = last.id.get();
    let mut fleets: Vec<FleetId> = changes.iter().map(|change| change.fleet).collect();
    fleets.sort_unstable();
    fleets.dedup();
    for fleet in fleets {
        let of_fleet: Vec<Change> = changes.iter().filter(|change| change.fleet == fleet).copied().collect();
        for event in events(shared, &opened.watcher, fleet, &of_fleet).await? {
            shared.hub.tell(Told::Event(event));
        }
    }
    Ok(newest)
}

/// Makes the events of a fleet's changes: of each subject the newest, for they tell how it is now.
pub(super) async fn events(
    shared: &Shared,
    viewer: &Viewer,
    fleet: FleetId,
    changes: &[Change],
) -> Result<Vec<Event>, BrokerError> {
    let mut known = HashSet::new();
    let mut newest: Vec<Change> = changes.iter().rev().filter(|change| known.insert(change.subject)).copied().collect();
    newest.reverse();
    let facts = Facts::read(shared, viewer, fleet, &newest).await?;
    let event = |change: &Change| {
        let (name, data) = facts.tell(change.subject)?;
        Some(Event { fleet, change: Some(change.id.get()), name, data })
    };
    Ok(newest.iter().filter_map(event).collect())
}

/// How the subjects of some changes are now.
#[derive(Default)]
struct Facts {
    messages: HashMap<TaskId, Message>,
    agents: HashMap<AgentId, AgentObject>,
    monitor: Option<MonitorObject>,
}

impl Facts {
    async fn read(shared: &Shared, viewer: &Viewer, fleet: FleetId, changes: &[Change]) -> Result<Self, BrokerError> {
        let mut facts = Self::default();
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
            facts.agents = agent_rows(shared, viewer, fleet).await?;
        }
        if changes.iter().any(|change| change.subject == Subject::Monitor) {
            let heartbeat = match viewer.heartbeat(fleet).await {
                Err(BrokerError::FleetNotFound(_)) => None,
                heartbeat => heartbeat?,
            };
            facts.monitor = Some(MonitorObject::of(heartbeat, shared.clock.now()));
        }
        Ok(facts)
    }

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

async fn agent_rows(
    shared: &Shared,
    viewer: &Viewer,
    fleet: FleetId,
) -> Result<HashMap<AgentId, AgentObject>, BrokerError> {
    let found = match viewer.agents(fleet).await {
        // What is left of a fleet that was deleted a moment ago is nothing.
        Err(BrokerError::FleetNotFound(_)) => Vec::new(),
        found => found?,
    };
    let mut seen = shared.looker.seen(fleet);
    let row = |found: cafleet_domain::ports::storage::OverviewedAgent| {
        let id = found.agent.id;
        (id, AgentObject::of(found, seen.remove(&id)))
    };
    Ok(found.into_iter().map(row).collect())
}
