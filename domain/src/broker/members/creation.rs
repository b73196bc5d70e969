//! Creating members.

use std::path::PathBuf;

use crate::agent::{Agent, AgentKind, PlacedAgent};
use crate::agent_in_front::started_agent;
use crate::backend::Backend;
use crate::broker::{BrokerError, required};
use crate::fleet::FleetRef;
use crate::id::{AgentId, FleetId};
use crate::placement::{Pane, Placement};
use crate::ports::storage::MemberRequest;
use crate::ports::{LaunchOptions, LaunchRequest, Look, MultiplexerError, Role, SpawnRequest, TaggedPane};
use crate::prompt::{self, PromptIds};

use super::Members;
use super::agents::registered;

/// The longest prompt that is handed over as an argument: the kernel takes 128 KiB for one.
const MAX_ARGUMENT_BYTES: usize = 100 * 1024;

/// What a member is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MemberSpec {
    /// What people call it.
    pub name: String,
    /// Description of its role.
    pub description: String,
    /// The program that runs in its pane.
    pub coding_agent: Backend,
    /// The model; the program's default when none.
    pub model: Option<String>,
    /// The template of its first prompt; the built-in one when none.
    pub prompt: Option<String>,
    /// The directory in which it starts.
    pub directory: PathBuf,
}

/// Why a program was not spawned.
pub(crate) struct SpawnFailure {
    pub(crate) cause: BrokerError,
    /// It is certain that no pane is left.
    pane_closed: bool,
}

impl From<BrokerError> for SpawnFailure {
    /// For what fails before there can be a pane.
    fn from(cause: BrokerError) -> Self {
        Self { cause, pane_closed: true }
    }
}

impl Members {
    /// Registers a member, spawns its program beside the Director's pane, and records the pane. When a step fails, the
    /// steps before it are undone: no row and no pane is left, or the error is `SpawnUnsettled`.
    ///
    /// # Errors
    /// `MemberOutsideMultiplexer`, `NotInFleet`, `NotRootDirector`, `DirectorPaneGone`, `TextTooLong`, `TextEmpty`, and as the
    /// ports say.
    pub async fn create(
        &self,
        fleet: FleetId,
        director: AgentId,
        spec: MemberSpec,
    ) -> Result<(Agent, Placement), BrokerError> {
        let template = spec.prompt.as_deref().unwrap_or(prompt::DEFAULT_TEMPLATE).to_owned();
        required::text("prompt", &template)?;
        let registration = self.registration(fleet, spec.name.clone(), spec.description.clone(), "[]".to_owned())?;
        let beside = self.director_pane(fleet, director).await?;
        self.launcher(spec.coding_agent)?.check(&LaunchOptions { model: spec.model.clone() }).await?;
        let named = required::fleet(self.storage.as_ref(), fleet).await?.fleet.reference();
        let request = MemberRequest {
            registration,
            director,
            coding_agent: spec.coding_agent,
            multiplexer: beside.multiplexer,
            directory: spec.directory.clone(),
            model: spec.model.clone(),
        };
        let agent = registered(fleet, Some(director), self.storage.register_member(&request).await?)?;
        let ids = PromptIds { fleet: named, agent: agent.id, director };
        match self.spawn_member(&spec, beside, ids, &prompt::fill(&template, ids)).await {
            Ok(placement) => Ok((agent, placement)),
            Err(failure) => Err(self.take_back(fleet, agent.id, failure).await),
        }
    }

    /// Returns the pane of the root Director, which must be `director` and must be there.
    pub(super) async fn director_pane(&self, fleet: FleetId, director: AgentId) -> Result<Pane, BrokerError> {
        self.require_multiplexer(fleet).await?;
        let PlacedAgent { agent, placement } = required::agent(self.storage.as_ref(), fleet, director).await?;
        if agent.kind != AgentKind::Director {
            return Err(BrokerError::NotRootDirector { agent: director, fleet });
        }
        let pane = placement.and_then(|placement| placement.pane).ok_or(BrokerError::FleetDeleted(fleet))?;
        match self.multiplexer.look(&pane).await? {
            Look::Seen(_) => Ok(pane),
            Look::Gone(_) => Err(BrokerError::DirectorPaneGone(pane.id)),
        }
    }

    /// Spawns the program and records its pane; closes the pane again when that fails.
    async fn spawn_member(
        &self,
        spec: &MemberSpec,
        beside: Pane,
        ids: PromptIds,
        prompt: &str,
    ) -> Result<Placement, SpawnFailure> {
        let prompt = self.hand_over(ids, prompt).await?;
        let (pane, argv) = self.open_pane(spec, beside, ids, prompt).await?;
        let recorded = self.record_spawn(ids, &pane).await;
        self.started(&pane, &argv, recorded).await
    }

    /// Opens a pane in which the program runs; returns what it was started with, too.
    pub(super) async fn open_pane(
        &self,
        spec: &MemberSpec,
        beside: Pane,
        ids: PromptIds,
        prompt: String,
    ) -> Result<(Pane, Vec<String>), SpawnFailure> {
        let request = LaunchRequest {
            fleet: ids.fleet,
            role: Role::Member,
            directory: spec.directory.clone(),
            name: spec.name.clone(),
            model: spec.model.clone(),
            prompt,
        };
        let argv = self.launcher(spec.coding_agent)?.prepare(&request).await.map_err(BrokerError::from)?;
        let request = SpawnRequest { beside, argv, directory: spec.directory.clone(), tag: tag(ids.fleet, ids.agent) };
        match self.multiplexer.spawn(&request).await {
            Ok(pane) => Ok((pane, request.argv)),
            Err(error @ MultiplexerError::Timeout(_)) => {
                let pane_closed = self.close_tagged(&request).await;
                Err(SpawnFailure { cause: error.into(), pane_closed })
            }
            Err(error) => Err(BrokerError::from(error).into()),
        }
    }

    pub(crate) async fn record_spawn(&self, ids: PromptIds, pane: &Pane) -> Result<Placement, BrokerError> {
        // False when a repair was faster; then it is this pane that it has recorded.
        let _recorded_by_whom = self.storage.record_pane(ids.fleet.id, ids.agent, pane).await?;
        let placed = self.storage.find_agent(ids.fleet.id, ids.agent).await?;
        let placement = placed.and_then(|placed| placed.placement);
        let is_ours = |placement: &Placement| placement.pane.as_ref().is_some_and(|found| found.is_same(pane));
        placement.filter(is_ours).ok_or(BrokerError::PaneNotRecorded)
    }

    /// Ends a start whose pane was to be recorded: remembers the agent's process, or closes the pane again.
    pub(crate) async fn started(
        &self,
        pane: &Pane,
        argv: &[String],
        recorded: Result<Placement, BrokerError>,
    ) -> Result<Placement, SpawnFailure> {
        match recorded {
            Ok(placement) => {
                self.remember_started(&placement, argv).await;
                Ok(placement)
            }
            Err(cause) => Err(SpawnFailure { cause, pane_closed: self.close(pane).await }),
        }
    }

    /// Puts on record which process was started as the agent. One that is known by its program is recognised without it.
    async fn remember_started(&self, placement: &Placement, argv: &[String]) {
        if let (Some(pane), Some(launched)) = (&placement.pane, argv.first())
            && let Ok(Look::Seen(view)) = self.multiplexer.look(pane).await
            && let Some(process) = started_agent(&view.foreground, pane.pid, launched)
        {
            self.typer.remember_agent(placement.agent, placement.coding_agent, &process).await;
        }
    }

    /// Closes a pane and tells whether it is certain that it is not there any more.
    async fn close(&self, pane: &Pane) -> bool {
        matches!(self.multiplexer.kill(pane).await, Ok(()) | Err(MultiplexerError::Gone(_)))
    }

    /// Closes what a spawn without an answer may have opened, and tells whether it is certain that nothing is left.
    async fn close_tagged(&self, request: &SpawnRequest) -> bool {
        let Ok(panes) = self.multiplexer.list(&request.beside).await else { return false };
        match find_tagged(&panes, &request.tag) {
            Some(pane) => self.close(pane).await,
            None => true,
        }
    }

    /// Withdraws a member that could not be spawned. When its pane may still be there it stays registered, because its
    /// row is what a later repair finds the pane by.
    async fn take_back(&self, fleet: FleetId, agent: AgentId, failure: SpawnFailure) -> BrokerError {
        let SpawnFailure { cause, pane_closed } = failure;
        if pane_closed && self.storage.withdraw_member(fleet, agent, self.clock.now()).await.is_ok() {
            return cause;
        }
        BrokerError::SpawnUnsettled { fleet, agent, cause: Box::new(cause) }
    }

    /// Returns the prompt for the command line. One that is too long for it waits in the member's inbox instead.
    async fn hand_over(&self, ids: PromptIds, prompt: &str) -> Result<String, BrokerError> {
        if prompt.len() <= MAX_ARGUMENT_BYTES {
            return Ok(prompt.to_owned());
        }
        self.mailbox.send(ids.fleet.id, ids.director, ids.agent, prompt.to_owned()).await?;
        Ok(prompt::pointer(ids))
    }
}

/// Returns the mark by which an agent's pane is known before it is recorded, and after the agent has left it.
pub(crate) fn tag(fleet: FleetRef, agent: AgentId) -> String {
    format!("{fleet}-{agent}")
}

/// Returns for whom a pane with a mark was opened; none when it was not for an agent.
pub(super) fn parse_tag(tag: &str) -> Option<(FleetRef, AgentId)> {
    let (fleet, agent) = tag.rsplit_once('-')?;
    Some((fleet.parse().ok()?, agent.parse().ok()?))
}

fn find_tagged<'a>(panes: &'a [TaggedPane], tag: &str) -> Option<&'a Pane> {
    panes.iter().find(|tagged| tagged.tag.as_deref() == Some(tag)).map(|tagged| &tagged.pane)
}
