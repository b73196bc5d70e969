//! `/api/events`: what happens in a fleet, as it happens.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use cafleet_domain::broker::BrokerError;
use cafleet_domain::id::FleetId;
use cafleet_domain::ports::StoreId;
use futures_util::stream::{self, BoxStream, StreamExt};
use poem::web::websocket::{BoxWebSocketUpgraded, WebSocket};
use poem_openapi::OpenApi;
use poem_openapi::param::{Header, Query};
use poem_openapi::payload::{EventStream, Json};
use poem_openapi::types::ToJSON;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::watch;

use super::error::{Failure, Problem};
use super::event_maker::{Event, EventMaker};
use super::event_objects::{Outgoing, ReadyEvent};
use super::event_stream;
use super::hub::{BATCH, Hub, Told};
use super::pane_state_poller::PaneStatePoller;
use super::seen_panes::Interest;
use super::source::{Opened, Source};
use super::{Tag, fleet_id};

/// A comment goes out when nothing else did for so long: it keeps the connection, and shows who has left.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// The number of a change together with the store it is in: a restored or replaced database has other changes.
fn event_id(store: &StoreId, change: i64) -> String {
    format!("{}-{change}", store.as_str())
}

/// Returns the change that an id names, if it is of this store.
fn change_of(store: &StoreId, id: &str) -> Option<i64> {
    let (_, change) = id.rsplit_once('-')?;
    let change: i64 = change.parse().ok()?;
    (event_id(store, change) == id).then_some(change)
}

/// One who listens.
struct Listener {
    opened: Arc<Opened>,
    events: Arc<EventMaker>,
    fleet: FleetId,
    /// The last change that it was told, or that it needs not be told.
    position: i64,
    waiting: VecDeque<Outgoing>,
    told: Receiver<Arc<Told>>,
    _interest: Interest,
}

impl Listener {
    /// Begins to listen after the event `last`, or from now on.
    async fn new(api: &EventsApi, fleet: FleetId, last: Option<&str>) -> Result<Self, BrokerError> {
        let opened = api.source.opened().await?;
        opened.viewer.require_fleet(fleet).await?;
        // First the reader, then the record: what happens in between comes twice, and is told once.
        let told = api.hub.listen(&opened).await?;
        let span = opened.viewer.change_span().await?;
        let last = last.and_then(|id| change_of(&opened.identity.id, id)).filter(|change| span.continues(*change));
        let mut listener = Self {
            position: last.unwrap_or(span.newest),
            waiting: VecDeque::new(),
            told,
            _interest: api.pane_state_poller.listen(fleet),
            events: Arc::clone(&api.events),
            opened,
            fleet,
        };
        match last {
            Some(_) => listener.catch_up().await?,
            None => listener.ready(),
        }
        Ok(listener)
    }

    fn ready(&mut self) {
        let data = ReadyEvent { fleet_id: self.fleet.get() }.to_json_string();
        let id = Some(event_id(&self.opened.identity.id, self.position));
        self.waiting.push_back(Outgoing { id, name: "ready", data });
    }

    /// Reads the record from the last position on; when too much has happened since, begins anew.
    async fn catch_up(&mut self) -> Result<(), BrokerError> {
        loop {
            let span = self.opened.viewer.change_span().await?;
            if self.position < span.forgotten {
                self.position = span.newest;
                self.ready();
                return Ok(());
            }
            let changes = self.opened.viewer.changes(Some(self.fleet), self.position, BATCH).await?;
            let Some(last) = changes.last() else { return Ok(()) };
            let newest = last.id.get();
            for event in self.events.of_changes(&self.opened.viewer, self.fleet, &changes).await? {
                self.push(&event);
            }
            self.position = newest;
        }
    }

    fn push(&mut self, event: &Event) {
        let id = event.change.map(|change| event_id(&self.opened.identity.id, change));
        self.waiting.push_back(Outgoing { id, name: event.name, data: event.data.clone() });
    }

    /// Returns the next event; none when the stream has ended.
    async fn next(&mut self) -> Option<Outgoing> {
        loop {
            if let Some(outgoing) = self.waiting.pop_front() {
                return Some(outgoing);
            }
            match self.told.recv().await {
                Ok(told) => match &*told {
                    Told::Event(event) if event.fleet == self.fleet => self.take(event),
                    Told::Event(_) => {}
                    Told::Lost => return None,
                },
                Err(RecvError::Lagged(_)) => self.catch_up().await.ok()?,
                Err(RecvError::Closed) => return None,
            }
        }
    }

    /// Returns all events. What is under way is kept when nobody waits for the next one for a while.
    fn events(self) -> BoxStream<'static, Outgoing> {
        let events = stream::unfold(self, |mut listener| async {
            let outgoing = listener.next().await?;
            Some((outgoing, listener))
        });
        events.boxed()
    }

    fn take(&mut self, event: &Event) {
        match event.change {
            Some(change) if change <= self.position => {}
            Some(change) => {
                self.position = change;
                self.push(event);
            }
            None => self.push(event),
        }
    }
}

pub(super) struct EventsApi {
    pub(super) source: Arc<Source>,
    pub(super) events: Arc<EventMaker>,
    pub(super) hub: Arc<Hub>,
    pub(super) pane_state_poller: Arc<PaneStatePoller>,
    pub(super) streams: watch::Sender<()>,
}

#[OpenApi]
impl EventsApi {
    /// Listen to what happens in a fleet.
    ///
    /// Server-sent events, named by what they tell. `ready` comes first: then read what is to be shown, and apply
    /// everything that follows. After a broken connection give the id of the last event as `Last-Event-ID`, as browsers
    /// do by themselves: what happened since follows, each change once; where that is not possible, `ready` comes again.
    /// Events about the screen of an agent have no id.
    #[oai(path = "/api/events", method = "get", tag = "Tag::Events", operation_id = "listen")]
    async fn listen(
        &self,
        /// The fleet. It is in the query because browsers cannot send headers here.
        fleet_id: Query<i64>,
        /// The id of the last event that was received.
        #[oai(name = "Last-Event-ID")]
        last: Header<Option<String>>,
    ) -> Result<EventStream<BoxStream<'static, Outgoing>>, Failure> {
        let fleet = self::fleet_id(*fleet_id)?;
        let listener = Listener::new(self, fleet, last.as_deref()).await?;
        Ok(EventStream::new(listener.events()).keep_alive(KEEP_ALIVE).to_event(Outgoing::event))
    }

    /// Listen to what happens in a fleet, on a WebSocket.
    ///
    /// The same as `/api/events`, for pages: a browser has six connections for all requests of its tabs to a server, and
    /// each stream of server-sent events keeps one of them; WebSockets are not counted among these. Each text message
    /// is an event, `{"event":…,"id":…,"data":…}`; `id` is null where `/api/events` has none. `{"event":"alive"}` comes
    /// first and every 5 s: where nothing came for longer, the connection hangs. The client sends nothing. When the server
    /// ends, or the database is another one, the stream closes with 1001: connect again.
    #[oai(path = "/api/events/stream", method = "get", tag = "Tag::Events", operation_id = "listen_on_web_socket")]
    async fn stream(
        &self,
        /// The fleet. It is in the query because browsers cannot send headers here.
        fleet_id: Query<i64>,
        /// The id of the last event that was received.
        last_event_id: Query<Option<String>>,
        socket: poem::Result<WebSocket>,
    ) -> Result<BoxWebSocketUpgraded, Failure> {
        let fleet = self::fleet_id(*fleet_id)?;
        let listener = Listener::new(self, fleet, last_event_id.as_deref()).await?;
        let socket = socket.map_err(|error| Failure::BadRequest(Json(Problem { detail: error.to_string() })))?;
        let ended = self.streams.subscribe();
        Ok(socket.on_upgrade(move |socket| event_stream::run(socket, listener.events(), ended)).boxed())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_of_one_store() {
        let (store, other) = (StoreId::new("fe01-4d"), StoreId::new("fe01-4e"));
        let id = event_id(&store, 12);
        assert_eq!(change_of(&store, &id), Some(12));
        for (store, id) in [(&other, id.as_str()), (&store, ""), (&store, "12"), (&store, "fe01-4d-+3")] {
            assert_eq!(change_of(store, id), None, "{id:?}");
        }
    }
}
