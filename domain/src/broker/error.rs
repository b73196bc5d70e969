//! Why a use case was not carried out.

use thiserror::Error;

use crate::fleet::FleetRef;
use crate::id::{AgentId, FleetId, PaneId, TaskId};
use crate::keystroke::InvalidKeystroke;
use crate::ports::{LaunchError, MultiplexerError, StorageError};
use crate::task::{AcknowledgeRefused, CancelRefused};
use crate::text::{InvalidName, MAX_BODY_BYTES};

use super::members::Inhabitant;
use super::refusal::Refusal;

/// Why a use case was not carried out. Nothing was written, unless the variant says otherwise.
///
/// The texts name no command and no option: whoever shows them adds what its reader can do.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum BrokerError {
    /// There never was such a fleet.
    #[error("fleet '{0}' not found.")]
    FleetNotFound(FleetId),
    /// The fleet is deleted.
    #[error("fleet {0} is deleted")]
    FleetDeleted(FleetId),
    /// The number is that of another fleet, or of none: the command was written for another database.
    #[error(
        "fleet {0} is not in this database, where fleet {id} is another fleet or does not exist: the command was written for \
         another database",
        id = .0.id
    )]
    OtherFleet(FleetRef),
    /// The acting agent is not of the fleet, or is nobody at all.
    #[error("agent {agent} is not a member of fleet {fleet}.")]
    NotInFleet {
        /// The agent that was to act.
        agent: AgentId,
        /// The fleet.
        fleet: FleetId,
    },
    /// The sender has left.
    #[error("agent {0} is deregistered and can no longer send")]
    SenderLeft(AgentId),
    /// The recipient is not an active agent of the fleet.
    #[error("agent {0} not found or not active")]
    RecipientNotActive(AgentId),
    /// The fleet has no such task.
    #[error("task {0} not found")]
    TaskNotFound(TaskId),
    /// The task may not be acknowledged.
    #[error(transparent)]
    AcknowledgeRefused(#[from] AcknowledgeRefused),
    /// The task may not be canceled.
    #[error(transparent)]
    CancelRefused(#[from] CancelRefused),
    /// The body or the prompt is too long.
    #[error("{what} is {bytes} bytes long; the limit is {MAX_BODY_BYTES} bytes (1 MiB)")]
    TextTooLong {
        /// Which text.
        what: &'static str,
        /// How long it is.
        bytes: usize,
    },
    /// There is nothing to read in the body or the prompt.
    #[error("{what} may not be empty: it holds only white space or invisible characters")]
    TextEmpty {
        /// Which text.
        what: &'static str,
    },
    /// A name cannot be a name.
    #[error(transparent)]
    InvalidName(#[from] InvalidName),
    /// The name means somebody in particular, or looks as if it did.
    #[error("'{0}' is the name of a role, or looks like it; choose another name")]
    NameOfRole(String),
    /// Another agent has a name that looks alike.
    #[error("the name looks like that of agent {agent} ({name}); choose a name that is easy to tell apart")]
    LooksLike {
        /// The other agent.
        agent: AgentId,
        /// Its name.
        name: String,
    },
    /// The target of a command about an agent is not of the fleet.
    #[error("Agent {0} not found")]
    AgentNotFound(AgentId),
    /// The root Director only leaves with its fleet.
    #[error("cannot deregister the root Director")]
    DirectorStays,
    /// The Administrator only leaves with its fleet.
    #[error("Administrator cannot be deregistered")]
    AdministratorStays,
    /// Agents of the fleet live in panes, or may.
    #[error("fleet {fleet} has agents that run, or may run, in {count}; nothing was deleted", count = panes(inhabitants.len()))]
    FleetInhabited {
        /// The fleet.
        fleet: FleetId,
        /// Those whose panes are in the way.
        inhabitants: Vec<Inhabitant>,
    },
    /// The agent lives in a pane, or may.
    #[error("agent {agent} runs, or may run, in a pane", agent = .0.agent)]
    AgentInhabits(Box<Inhabitant>),
    /// The agent has moved its session out of its pane, and it could not be ended there.
    #[error(
        "agent {agent} has moved its session {session} to the background, where it may still run: {detail}; end it with '{stop}', \
         then try again"
    )]
    BackgroundSession {
        /// The agent.
        agent: AgentId,
        /// The session's name.
        session: String,
        /// The command that ends it.
        stop: String,
        /// Why it could not be ended.
        detail: String,
    },
    /// Only the root Director owns members.
    #[error("agent {agent} is not the root Director of fleet {fleet}")]
    NotRootDirector {
        /// The agent that was to own the member.
        agent: AgentId,
        /// The fleet.
        fleet: FleetId,
    },
    /// A fleet can only be created where its Director has a pane.
    #[error("a fleet can only be created where its Director has a pane")]
    FleetOutsideMultiplexer,
    /// The pane is that of another fleet's agent already.
    #[error("pane {pane} already belongs to agent {agent} of fleet {fleet}")]
    PaneTaken {
        /// The pane.
        pane: PaneId,
        /// The agent that lives in it.
        agent: AgentId,
        /// Its fleet.
        fleet: FleetId,
    },
    /// Members live in panes.
    #[error("members can only be reached through a multiplexer, and there is none here")]
    MemberOutsideMultiplexer,
    /// The pane is that of an agent of another database.
    #[error("pane {pane} already belongs to an agent of another database ({store})")]
    PaneTakenElsewhere {
        /// The pane.
        pane: PaneId,
        /// The database, or why it cannot be asked.
        store: String,
    },
    /// Another process is at work in the pane, and does not come to an end.
    #[error("another process is typing into pane {0} or creating a fleet in it; try again")]
    PaneLeased(PaneId),
    /// The target has no pane and never will have.
    #[error("agent {0} has no placement row; it was not spawned")]
    NoPlacement(AgentId),
    /// The target's pane is not recorded yet.
    #[error("member {agent} has no pane yet (pending placement) — nothing to {action}.")]
    PendingPlacement {
        /// The member.
        agent: AgentId,
        /// What was asked for, in one word.
        action: &'static str,
    },
    /// The target's pane is not there any more.
    #[error("pane {pane} of agent {agent} is gone")]
    PaneGone {
        /// The agent.
        agent: AgentId,
        /// Its pane.
        pane: PaneId,
    },
    /// The Director's pane, beside which a member would open, is not there any more.
    #[error("the Director's pane {0} is gone")]
    DirectorPaneGone(PaneId),
    /// The Director is not started by us.
    #[error("agent {0} is the Director")]
    DirectorMoves(AgentId),
    /// A member that is to be started again lives.
    #[error("member {agent} still has its pane {pane}")]
    MemberLives {
        /// The member.
        agent: AgentId,
        /// Its pane.
        pane: PaneId,
    },
    /// A fleet can only be moved to where its Director has a pane.
    #[error("a fleet can only be moved to where its Director has a pane")]
    MoveOutsideMultiplexer,
    /// The pane that is to be the Director's is another agent's.
    #[error("pane {pane} belongs to agent {agent} of fleet {fleet}")]
    PaneInhabited {
        /// The pane.
        pane: PaneId,
        /// Who lives there.
        agent: AgentId,
        /// That agent's fleet.
        fleet: FleetId,
    },
    /// The Director's agent is still in its old pane, or may be.
    #[error("the Director of fleet {fleet} still runs, or may still run, in pane {pane}")]
    DirectorLives {
        /// The fleet.
        fleet: FleetId,
        /// The Director's pane.
        pane: PaneId,
    },
    /// Nothing is known of the Director's old pane.
    #[error("cannot tell whether the Director of fleet {fleet} still runs in its pane: {error}")]
    DirectorUnreachable {
        /// The fleet.
        fleet: FleetId,
        /// Why, and what brings it back.
        error: MultiplexerError,
    },
    /// The text may not be typed.
    #[error(transparent)]
    InvalidKeystroke(#[from] InvalidKeystroke),
    /// The member cannot take a keystroke now; nothing was submitted.
    #[error("member {agent} {refusal}")]
    Refused {
        /// The member.
        agent: AgentId,
        /// Why.
        refusal: Refusal,
    },
    /// The wake did not reach the pane.
    #[error("send failed: tmux send-keys did not deliver the poll-trigger keystroke to pane {pane}.")]
    PingFailed {
        /// The pane.
        pane: PaneId,
        /// Why, for the hint.
        refusal: Refusal,
    },
    /// The pane did not close in time. The member is still registered.
    #[error("pane {pane} did not close within 15.0s after /exit.")]
    PaneStillOpen {
        /// The member.
        agent: AgentId,
        /// The pane.
        pane: PaneId,
        /// What it shows: up to 80 lines.
        tail: String,
    },
    /// The fleet is deleted, or there never was one.
    #[error("fleet {0} not found")]
    MonitorFleetNotFound(FleetId),
    /// Another process is the fleet's monitor.
    #[error("monitor already running for fleet {0}")]
    MonitorRunning(FleetId),
    /// The agent is not woken by the monitor.
    #[error("agent {agent} is not enrolled in monitoring for fleet {fleet}.")]
    NotEnrolled {
        /// The agent.
        agent: AgentId,
        /// The fleet.
        fleet: FleetId,
    },
    /// Another process has given the agent a pane meanwhile.
    #[error("another process has just given agent {0} a different pane")]
    PaneReplaced(AgentId),
    /// The new pane could not be recorded: its member was removed in the meantime.
    #[error("the member was removed while its pane was opened")]
    PaneNotRecorded,
    /// A spawn failed, and what it left behind could not be cleared away. The member may still be registered and its
    /// pane may be there.
    #[error("{cause}; cleanup of member {agent} is incomplete")]
    SpawnUnsettled {
        /// The fleet.
        fleet: FleetId,
        /// The member.
        agent: AgentId,
        /// Why the spawn failed.
        cause: Box<BrokerError>,
    },
    /// A coding agent program cannot be started.
    #[error(transparent)]
    Launch(#[from] LaunchError),
    /// The multiplexer did not do what it was asked.
    #[error(transparent)]
    Multiplexer(#[from] MultiplexerError),
    /// The store did not answer.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

fn panes(count: usize) -> String {
    if count == 1 { "a pane".to_owned() } else { format!("{count} panes") }
}
