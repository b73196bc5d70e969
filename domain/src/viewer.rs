//! The use cases of those who only look: the page and the API. What they do to a fleet goes through [`crate::broker`].

use std::sync::Arc;
use std::time::Duration;

use crate::agent_in_front::AgentInFront;
use crate::broker::BrokerError;
use crate::broker::recognising::recognise;
use crate::change::Change;
use crate::fleet::FleetSummary;
use crate::id::{AgentId, FleetId, TaskId};
use crate::join::join_all;
use crate::message::{Message, MessagePage};
use crate::placement::Placement;
use crate::ports::storage::{Heartbeat, MonitorConfig, OverviewedAgent, ViewStore};
use crate::ports::{ChangeFeed, ChangeSpan, Clock, Look, Multiplexer};
use crate::program::Programs;
use crate::screen::ScreenState;

/// What a look at an agent's pane has shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sight {
    /// What the agent is doing; none when its pane is gone, or somebody else's program is in it.
    pub state: Option<ScreenState>,
    /// What it was recognised by, for people.
    pub rule: String,
    /// What its dialog asks, on one line; none where there is none or it cannot be read.
    pub question: Option<String>,
}

/// The use cases of those who only look.
#[derive(Clone)]
pub struct Viewer {
    store: Arc<dyn ViewStore>,
    feed: Arc<dyn ChangeFeed>,
    multiplexer: Arc<dyn Multiplexer>,
    clock: Arc<dyn Clock>,
    programs: Arc<Programs>,
}

impl Viewer {
    /// Puts the use cases on the given adapters. Store and feed are of one handle.
    #[must_use]
    pub fn new(
        store: Arc<dyn ViewStore>,
        feed: Arc<dyn ChangeFeed>,
        multiplexer: Arc<dyn Multiplexer>,
        clock: Arc<dyn Clock>,
        programs: Arc<Programs>,
    ) -> Self {
        Self { store, feed, multiplexer, clock, programs }
    }

    /// Returns the live fleets, newest first.
    ///
    /// # Errors
    /// As the store says.
    pub async fn fleets(&self) -> Result<Vec<FleetSummary>, BrokerError> {
        Ok(self.store.list_fleets().await?)
    }

    /// Fails unless there is such a fleet and it is not deleted.
    ///
    /// # Errors
    /// `FleetNotFound`, and as the store says.
    pub async fn require_fleet(&self, fleet: FleetId) -> Result<(), BrokerError> {
        if self.store.is_live(fleet).await? { Ok(()) } else { Err(BrokerError::FleetNotFound(fleet)) }
    }

    /// Returns the agents of a fleet that are active, and those that have left and sent or received a message.
    ///
    /// # Errors
    /// `FleetNotFound`, and as the store says.
    pub async fn agents(&self, fleet: FleetId) -> Result<Vec<OverviewedAgent>, BrokerError> {
        self.require_fleet(fleet).await?;
        Ok(self.store.overview(fleet).await?)
    }

    /// Returns a page of the messages to an agent, from those older than `before` on.
    ///
    /// # Errors
    /// `FleetNotFound`, `AgentNotFound`, and as the store says.
    pub async fn received(
        &self,
        fleet: FleetId,
        agent: AgentId,
        before: Option<TaskId>,
    ) -> Result<MessagePage, BrokerError> {
        self.require_fleet(fleet).await?;
        self.store.received_page(fleet, agent, before).await?.ok_or(BrokerError::AgentNotFound(agent))
    }

    /// Returns a page of the messages from an agent, from those older than `before` on.
    ///
    /// # Errors
    /// `FleetNotFound`, `AgentNotFound`, and as the store says.
    pub async fn sent(
        &self,
        fleet: FleetId,
        agent: AgentId,
        before: Option<TaskId>,
    ) -> Result<MessagePage, BrokerError> {
        self.require_fleet(fleet).await?;
        self.store.sent_page(fleet, agent, before).await?.ok_or(BrokerError::AgentNotFound(agent))
    }

    /// Returns a page of the messages of a fleet, from those older than `before` on.
    ///
    /// # Errors
    /// `FleetNotFound`, and as the store says.
    pub async fn timeline(&self, fleet: FleetId, before: Option<TaskId>) -> Result<MessagePage, BrokerError> {
        self.require_fleet(fleet).await?;
        Ok(self.store.timeline_page(fleet, before).await?)
    }

    /// Returns those of the messages that the fleet has, by id.
    ///
    /// # Errors
    /// As the store says.
    pub async fn messages(&self, fleet: FleetId, tasks: Vec<TaskId>) -> Result<Vec<Message>, BrokerError> {
        Ok(self.store.messages(fleet, tasks).await?)
    }

    /// Returns the heartbeat of a fleet's monitor and whether it is a sign of life; none when it has none.
    ///
    /// # Errors
    /// `FleetNotFound`, and as the store says.
    pub async fn heartbeat(&self, fleet: FleetId) -> Result<Option<(Heartbeat, bool)>, BrokerError> {
        self.require_fleet(fleet).await?;
        let now = self.clock.now();
        let heartbeat = self.store.find_heartbeat(fleet).await?;
        Ok(heartbeat.map(|heartbeat| (heartbeat.clone(), heartbeat.beats(now))))
    }

    /// Returns when an agent is woken.
    ///
    /// # Errors
    /// `FleetNotFound`, `NotEnrolled`, and as the store says.
    pub async fn schedule(&self, fleet: FleetId, agent: AgentId) -> Result<MonitorConfig, BrokerError> {
        self.require_fleet(fleet).await?;
        let config = self.store.configure_monitor(fleet, agent, Default::default()).await?;
        config.ok_or(BrokerError::NotEnrolled { agent, fleet })
    }

    /// Returns which changes the store remembers.
    ///
    /// # Errors
    /// As the store says.
    pub async fn change_span(&self) -> Result<ChangeSpan, BrokerError> {
        Ok(self.feed.span().await?)
    }

    /// Returns the oldest changes after the one with the number `after`, up to `limit`: of a fleet, or of all.
    ///
    /// # Errors
    /// As the store says.
    pub async fn changes(&self, fleet: Option<FleetId>, after: i64, limit: usize) -> Result<Vec<Change>, BrokerError> {
        Ok(self.feed.after(fleet, after, limit).await?)
    }

    /// Returns after a commit of another handle, or after `timeout`; it may return early for no reason.
    ///
    /// # Errors
    /// As the store says.
    pub async fn wait_for_change(&self, timeout: Duration) -> Result<(), BrokerError> {
        Ok(self.feed.wait(timeout).await?)
    }

    /// Looks at the panes of a fleet's agents, side by side. An agent without a pane is left out, and so is one of which
    /// the multiplexer says nothing.
    ///
    /// # Errors
    /// As the store says.
    pub async fn look(&self, fleet: FleetId) -> Result<Vec<(AgentId, Sight)>, BrokerError> {
        let agents = self.store.overview(fleet).await?;
        let placements = agents.into_iter().filter_map(|overviewed| overviewed.placement);
        let sights = join_all(placements.map(|placement| self.sight(placement))).await;
        Ok(sights.into_iter().flatten().collect())
    }

    async fn sight(&self, placement: Placement) -> Option<(AgentId, Sight)> {
        let pane = placement.pane.clone()?;
        let gone = |rule: &str| Sight { state: None, rule: rule.to_owned(), question: None };
        let sight = match self.multiplexer.look(&pane).await.ok()? {
            Look::Gone(_) => gone("pane is gone"),
            Look::Seen(view) if view.dead => gone("program has ended"),
            Look::Seen(view) => {
                let Placement { coding_agent, agent_process, .. } = &placement;
                let (in_front, _, reading) =
                    recognise(&self.programs, *coding_agent, agent_process.as_ref(), &pane, &view);
                match in_front {
                    AgentInFront::Proven { .. } => Sight {
                        state: Some(reading.state),
                        rule: reading.rule,
                        question: reading.question.map(|question| question.title),
                    },
                    AgentInFront::NotProven(why) => Sight {
                        state: (!why.is_another()).then_some(reading.state),
                        rule: why.to_string(),
                        question: None,
                    },
                }
            }
        };
        Some((placement.agent, sight))
    }
}
