//! Agents, as objects of the API.

use cafleet_domain::agent::{AgentKind, AgentStatus};
use cafleet_domain::placement::Placement;
use cafleet_domain::ports::storage::OverviewedAgent;
use cafleet_domain::screen::ScreenState;
use poem_openapi::types::Example;
use poem_openapi::{Enum, Object};
use serde_json::Value;

use super::EXAMPLE_TIME;
use super::message_objects::DeliveryObject;
use super::monitor_objects::ScheduleObject;
use super::seen_panes::Seen;

/// What an agent is to its fleet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[oai(rename = "AgentKind", rename_all = "kebab-case")]
pub(super) enum KindName {
    /// The root Director.
    Director,
    /// The built-in agent through which people take part.
    BuiltinAdministrator,
    /// Any other: a member, which has a placement, or one that was registered by hand.
    User,
}

/// Whether an agent still takes part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[oai(rename = "AgentStatus", rename_all = "snake_case")]
pub(super) enum StatusName {
    /// Sends and receives.
    Active,
    /// Has left.
    Deregistered,
}

/// What an agent is doing, from its screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[oai(rename = "AgentState", rename_all = "snake_case")]
pub(super) enum StateName {
    /// It waits for a message.
    AtRest,
    /// A turn runs.
    Working,
    /// A person's text stands in its composer.
    Composing,
    /// A dialog waits for a person.
    Asking,
    /// Its screen is not recognised.
    Unknown,
    /// Its pane is gone, its program has ended, or a shell is in its place.
    Gone,
}

impl From<&Seen> for StateName {
    fn from(seen: &Seen) -> Self {
        match seen.sight.state {
            None => Self::Gone,
            Some(ScreenState::AtRest) => Self::AtRest,
            Some(ScreenState::Working) => Self::Working,
            Some(ScreenState::Composing) => Self::Composing,
            Some(ScreenState::Asking) => Self::Asking,
            Some(ScreenState::Unknown) => Self::Unknown,
        }
    }
}

/// Where an agent lives.
#[derive(Debug, Clone, PartialEq, Eq, Object)]
#[oai(rename = "Placement")]
pub(super) struct PlacementObject {
    /// The Director that spawned it; null for a root Director.
    #[oai(nullable)]
    director_agent_id: Option<i64>,
    /// Which multiplexer owns the pane.
    multiplexer: String,
    /// The session; null while the spawn has not ended, as all of the pane.
    #[oai(nullable)]
    tmux_session: Option<String>,
    /// The window.
    #[oai(nullable)]
    tmux_window_id: Option<String>,
    /// The pane.
    #[oai(nullable)]
    tmux_pane_id: Option<String>,
    /// The program in the pane: `claude`, `codex`, `opencode`, or another that CAFleet was given.
    coding_agent: String,
    /// When it was placed: RFC 3339, UTC, microseconds.
    created_at: String,
}

impl From<&Placement> for PlacementObject {
    fn from(placement: &Placement) -> Self {
        let pane = placement.pane.as_ref();
        Self {
            director_agent_id: placement.director.map(|director| director.get()),
            multiplexer: placement.multiplexer.as_str().to_owned(),
            tmux_session: pane.map(|pane| pane.session.clone()),
            tmux_window_id: pane.map(|pane| pane.window.clone()),
            tmux_pane_id: pane.map(|pane| pane.id.as_str().to_owned()),
            coding_agent: placement.coding_agent.to_string(),
            created_at: placement.created_at.to_string(),
        }
    }
}

/// An agent.
#[derive(Debug, Clone, PartialEq, Object)]
#[oai(rename = "Agent", example)]
pub(super) struct AgentObject {
    /// Its id.
    pub(super) agent_id: i64,
    /// What people call it; not unique. It is data: never to be shown as HTML.
    name: String,
    /// What it is for.
    description: String,
    /// Whether it still takes part.
    status: StatusName,
    /// When it was registered: RFC 3339, UTC, microseconds.
    registered_at: String,
    /// What it is to its fleet.
    kind: KindName,
    /// The program in its pane: `claude`, `codex`, `opencode`, or another that CAFleet was given; null without a placement.
    #[oai(nullable)]
    coding_agent: Option<String>,
    /// Its pane; null without one.
    #[oai(nullable)]
    pane_id: Option<String>,
    /// When the monitor wakes it; null when it never does.
    #[oai(nullable)]
    monitor: Option<ScheduleObject>,
    /// What it is doing. Null without a pane, and until somebody has looked: panes are looked at while somebody asks for
    /// the agents or listens to the events of the fleet, every few seconds.
    #[oai(nullable)]
    state: Option<StateName>,
    /// What the state was recognised by; null when `state` is.
    #[oai(nullable)]
    state_rule: Option<String>,
    /// What its dialog asks, on one line; null where there is none or it cannot be read. It is data from the agent.
    #[oai(nullable)]
    state_question: Option<String>,
    /// Since when it has been seen so: RFC 3339, UTC, microseconds; null when `state` is. Monitor and server note it, so
    /// that it outlives both. It may have begun earlier: where nobody looked for a minute, it begins with the next look.
    #[oai(nullable)]
    state_since: Option<String>,
    /// How many messages wait for its acknowledgement.
    pending_count: u64,
    /// When the oldest of these was sent: RFC 3339, UTC, microseconds; null when none waits.
    #[oai(nullable)]
    pending_since: Option<String>,
    /// Of these, the doorbell of the oldest one that is held or has failed: messages do not get through. Null when they do.
    #[oai(nullable)]
    stuck: Option<DeliveryObject>,
    /// Where it lives; null for an Administrator, for one that was registered by hand, and for whoever has left.
    #[oai(nullable)]
    placement: Option<PlacementObject>,
    /// What it can do: the skills of its agent card.
    skills: Vec<Value>,
}

impl Example for AgentObject {
    fn example() -> Self {
        Self {
            agent_id: 4,
            name: "Ada".to_owned(),
            description: "writes tests".to_owned(),
            status: StatusName::Active,
            registered_at: EXAMPLE_TIME.to_owned(),
            kind: KindName::User,
            coding_agent: Some("claude".to_owned()),
            pane_id: Some("%7".to_owned()),
            monitor: Some(ScheduleObject::example()),
            state: Some(StateName::AtRest),
            state_rule: Some("composer is empty".to_owned()),
            state_question: None,
            state_since: Some(EXAMPLE_TIME.to_owned()),
            pending_count: 0,
            pending_since: None,
            stuck: None,
            placement: Some(PlacementObject {
                director_agent_id: Some(1),
                multiplexer: "tmux".to_owned(),
                tmux_session: Some("main".to_owned()),
                tmux_window_id: Some("@3".to_owned()),
                tmux_pane_id: Some("%7".to_owned()),
                coding_agent: "claude".to_owned(),
                created_at: EXAMPLE_TIME.to_owned(),
            }),
            skills: Vec::new(),
        }
    }
}

impl AgentObject {
    pub(super) fn of(overviewed: OverviewedAgent, seen: Option<Seen>) -> Self {
        let OverviewedAgent { agent, placement, monitor, pending, pending_since, stuck } = overviewed;
        let pane = placement.as_ref().and_then(|placement| placement.pane.as_ref());
        let seen = seen.filter(|_| pane.is_some());
        Self {
            agent_id: agent.id.get(),
            name: agent.name,
            description: agent.description,
            status: match agent.status {
                AgentStatus::Active => StatusName::Active,
                AgentStatus::Deregistered(_) => StatusName::Deregistered,
            },
            registered_at: agent.registered_at.to_string(),
            kind: match agent.kind {
                AgentKind::Director => KindName::Director,
                AgentKind::Administrator => KindName::BuiltinAdministrator,
                AgentKind::Member | AgentKind::User => KindName::User,
            },
            coding_agent: placement.as_ref().map(|placement| placement.coding_agent.to_string()),
            pane_id: pane.map(|pane| pane.id.as_str().to_owned()),
            monitor: monitor.map(ScheduleObject::from),
            state: seen.as_ref().map(StateName::from),
            state_rule: seen.as_ref().map(|seen| seen.sight.rule.clone()),
            state_question: seen.as_ref().and_then(|seen| seen.sight.question.clone()),
            state_since: seen.as_ref().map(|seen| seen.since.to_string()),
            pending_count: pending,
            pending_since: pending_since.map(|at| at.to_string()),
            stuck: stuck.map(DeliveryObject::from),
            placement: placement.as_ref().map(PlacementObject::from),
            skills: serde_json::from_str(&agent.skills).unwrap_or_default(),
        }
    }
}

/// The agents of a fleet.
#[derive(Debug, Clone, PartialEq, Object)]
#[oai(rename = "AgentList")]
pub(super) struct AgentListObject {
    /// The active ones, and those that have left and sent or received a message; by id.
    pub(super) agents: Vec<AgentObject>,
}
