//! One reader of changes for all who listen, however many they are.
//!
//! The reader waits for commits of other handles, reads what changed, and tells it. It runs only while somebody
//! listens. Who comes late reads the record up to now by itself and goes on with what the reader tells: since every
//! change has its number, nothing is told twice and nothing is left out.

use std::sync::Arc;
use std::time::Duration;

use cafleet_domain::broker::BrokerError;
use cafleet_domain::change::Change;
use cafleet_domain::id::{AgentId, FleetId};
use cafleet_domain::ports::{StorageError, StoreId};
use tokio::sync::{Mutex, broadcast};

use super::event_maker::{Event, EventMaker};
use super::source::{Opened, Source};

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

/// Where listeners meet the reader.
pub(super) struct Hub {
    source: Arc<Source>,
    events: Arc<EventMaker>,
    sender: broadcast::Sender<Arc<Told>>,
    is_running: Mutex<bool>,
}

impl Hub {
    /// Makes one that reads the changes of `source`, and has `events` say what they mean.
    pub(super) fn new(source: Arc<Source>, events: Arc<EventMaker>) -> Self {
        Self { source, events, sender: broadcast::channel(BACKLOG).0, is_running: Mutex::new(false) }
    }

    /// Begins to listen. Everything that is committed after this returns will be told.
    pub(super) async fn listen(
        self: &Arc<Self>,
        opened: &Opened,
    ) -> Result<broadcast::Receiver<Arc<Told>>, BrokerError> {
        let mut is_running = self.is_running.lock().await;
        if !*is_running {
            let newest = opened.watcher.change_span().await?.newest;
            let (hub, store) = (Arc::clone(self), opened.identity.id.clone());
            tokio::spawn(async move { hub.read(store, newest).await });
            *is_running = true;
        }
        Ok(self.sender.subscribe())
    }

    /// Ends every listener's stream.
    pub(super) fn end(&self) {
        self.tell(Told::Lost);
    }

    /// Tells that agents are doing something else than before. Who begins to listen asks for the agents anyway.
    pub(super) async fn tell_states(&self, opened: &Opened, fleet: FleetId, agents: &[AgentId]) {
        if self.sender.receiver_count() == 0 {
            return;
        }
        if let Ok(events) = self.events.of_agents(&opened.viewer, fleet, agents).await {
            events.into_iter().for_each(|event| self.tell(Told::Event(event)));
        }
    }

    fn tell(&self, told: Told) {
        let _nobody_listens = self.sender.send(Arc::new(told));
    }

    /// Reads changes and tells them until nobody listens or the database is lost.
    async fn read(&self, store: StoreId, mut position: i64) {
        loop {
            match self.step(&store, position).await {
                Ok(newest) => position = newest,
                Err(_) => {
                    // Each listener begins anew, and is then told by the resource what is wrong.
                    *self.is_running.lock().await = false;
                    self.end();
                    return;
                }
            }
            let mut is_running = self.is_running.lock().await;
            if self.sender.receiver_count() == 0 {
                *is_running = false;
                return;
            }
        }
    }

    /// Tells what happened after `position`, or waits for something to happen. Returns the new position.
    async fn step(&self, store: &StoreId, position: i64) -> Result<i64, BrokerError> {
        let opened = self.source.opened().await?;
        if opened.identity.id != *store {
            return Err(StorageError::Unavailable("the database was replaced".to_owned()).into());
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
            for event in self.events.of_changes(&opened.watcher, fleet, &of_fleet).await? {
                self.tell(Told::Event(event));
            }
        }
        Ok(newest)
    }
}

#[cfg(test)]
mod tests {
    use tokio::sync::broadcast::Receiver;
    use tokio::sync::broadcast::error::TryRecvError;

    use super::*;
    use crate::http::seen_panes::SeenPanes;
    use crate::http::test_fleet::{TestFleet, soon};

    fn hub(fleet: &TestFleet) -> (Arc<Hub>, Arc<Source>) {
        let (source, seen) = (fleet.source(), Arc::new(SeenPanes::default()));
        let events = Arc::new(EventMaker::new(seen, Arc::clone(&fleet.clock)));
        (Arc::new(Hub::new(Arc::clone(&source), events)), source)
    }

    async fn event(told: &mut Receiver<Arc<Told>>) -> Event {
        match &*soon("an event", told.recv()).await.expect("the hub is there") {
            Told::Event(event) => event.clone(),
            Told::Lost => panic!("the database is lost"),
        }
    }

    #[tokio::test]
    async fn one_reader_tells_all_who_listen() {
        let fleet = TestFleet::create().await;
        let (hub, source) = hub(&fleet);
        let opened = source.opened().await.expect("a database");
        let mut first = hub.listen(&opened).await.expect("a reader");
        let mut second = hub.listen(&opened).await.expect("a reader");
        let task = fleet.send("hello").await;
        let told = event(&mut first).await;
        assert_eq!((told.fleet, told.name), (fleet.id(), "message"));
        assert!(told.data.contains(&format!(r#""task_id":{task},"#)), "{}", told.data);
        assert_eq!(event(&mut second).await, told);
        let after = fleet.send("and again").await;
        let told = event(&mut first).await;
        assert!(told.data.contains(&format!(r#""task_id":{after},"#)), "the first is told once: {}", told.data);
    }

    #[tokio::test]
    async fn who_begins_to_listen_is_told_nothing_of_what_was_before() {
        let fleet = TestFleet::create().await;
        let (hub, source) = hub(&fleet);
        let opened = source.opened().await.expect("a database");
        fleet.send("before").await;
        let mut told = hub.listen(&opened).await.expect("a reader");
        let task = fleet.send("after").await;
        assert!(event(&mut told).await.data.contains(&format!(r#""task_id":{task},"#)));
    }

    #[tokio::test]
    async fn the_reader_ends_when_nobody_listens_and_begins_again() {
        let fleet = TestFleet::create().await;
        let (hub, source) = hub(&fleet);
        let opened = source.opened().await.expect("a database");
        let told = hub.listen(&opened).await.expect("a reader");
        assert!(*hub.is_running.lock().await);
        drop(told);
        fleet.send("nobody hears this").await;
        let rest = async {
            while *hub.is_running.lock().await {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        };
        soon("the end of the reader", rest).await;
        let mut told = hub.listen(&opened).await.expect("a reader");
        let task = fleet.send("somebody hears this").await;
        assert!(event(&mut told).await.data.contains(&format!(r#""task_id":{task},"#)));
    }

    #[tokio::test]
    async fn another_database_ends_every_stream() {
        let fleet = TestFleet::create().await;
        let (hub, _source) = hub(&fleet);
        let mut told = hub.sender.subscribe();
        *hub.is_running.lock().await = true;
        soon("the end of the reader", hub.read(StoreId::new("another"), 0)).await;
        assert_eq!(*soon("an end", told.recv()).await.expect("the hub is there"), Told::Lost);
        assert!(!*hub.is_running.lock().await, "the next who listens starts another");
    }

    #[tokio::test]
    async fn states_are_told_without_a_number_and_only_to_those_who_listen() {
        let fleet = TestFleet::create().await;
        let (hub, source) = hub(&fleet);
        let opened = source.opened().await.expect("a database");
        let director = fleet.detail.director.id;
        hub.tell_states(&opened, fleet.id(), &[director]).await;
        let mut told = hub.listen(&opened).await.expect("a reader");
        assert_eq!(told.try_recv().expect_err("nothing"), TryRecvError::Empty);
        hub.tell_states(&opened, fleet.id(), &[director]).await;
        let event = event(&mut told).await;
        assert_eq!((event.fleet, event.change, event.name), (fleet.id(), None, "agent"));
    }
}
