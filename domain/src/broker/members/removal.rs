//! Deleting a member: it leaves by itself, or is made to.

use std::time::Duration;

use tracing::debug;

use crate::agent::{AgentKind, PlacedAgent};
use crate::agent_in_front::NotInFront;
use crate::broker::BrokerError;
use crate::id::{AgentId, FleetId, PaneId};
use crate::keystroke::Keystroke;
use crate::placement::Pane;
use crate::ports::MultiplexerError;
use crate::process::LeftBehind;

use super::{Members, Refusal, Target};

/// How long an agent may take to leave.
const EXIT_LIMIT: Duration = Duration::from_secs(15);
/// How often to look whether it has left.
const EXIT_POLL: Duration = Duration::from_millis(500);
/// How much of a pane that did not close is shown.
const TAIL_LINES: u32 = 80;

/// What became of a deleted member's pane.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Removal {
    /// The member.
    pub agent: crate::agent::Agent,
    /// The pane that was closed; none when there was none any more.
    pub closed: Option<PaneId>,
    /// What goes on without the pane.
    pub left: Vec<LeftBehind>,
}

/// Tells whether the agent has ended and its pane is left with nothing in it but its last screen, or the program that the
/// agent was started from.
fn has_ended(refusal: &Refusal) -> bool {
    matches!(refusal, Refusal::Ended | Refusal::NotInFront(NotInFront::Another { is_panes_own: true, .. }))
}

impl Members {
    /// Makes a member leave, waits until its pane is closed, and deregisters it. With `force` its program is ended
    /// without being asked. A pane that is gone already is as good as closed; one whose agent has moved its session to the
    /// background is closed once that session has ended.
    ///
    /// # Errors
    /// `AgentNotFound`, `DirectorStays`, `NoPlacement`, `Refused` when it cannot be asked now, `PaneStillOpen`,
    /// `BackgroundSession`, and as the ports say. The member is then still registered.
    pub async fn delete(&self, fleet: FleetId, agent: AgentId, force: bool) -> Result<Removal, BrokerError> {
        let placed = self.member(fleet, agent).await?;
        if placed.agent.kind == AgentKind::Director {
            return Err(BrokerError::DirectorStays);
        }
        let target = self.find_pane(fleet, &placed).await?;
        let closed = match &target {
            None => None,
            Some(target) if self.end_background_session(target).await? || force => self.kill_pane(&target.pane).await?,
            Some(target) => self.ask_to_leave(target).await?,
        };
        let left = match &target {
            Some(target) => self.multiplexer.left_behind(&target.pane).await,
            None => Vec::new(),
        };
        self.strike_off(fleet, agent).await?;
        self.rebalance(fleet).await;
        Ok(Removal { agent: placed.agent, closed, left })
    }

    /// Returns the member's pane; of a member whose spawn broke off, the pane that was never recorded.
    async fn find_pane(&self, fleet: FleetId, placed: &PlacedAgent) -> Result<Option<Target>, BrokerError> {
        if let Some(target) = Target::of(placed) {
            return Ok(Some(target));
        }
        let mut members = self.repaired_members(fleet).await?.into_iter();
        let found = members.find(|(member, _)| member.agent.id == placed.agent.id);
        Ok(found.and_then(|(member, _)| Target::of(&member.into())))
    }

    /// Ends an agent: it is asked to leave, and ended when that cannot be done or does not help.
    pub(crate) async fn end_agent(&self, target: &Target) -> Result<Option<PaneId>, BrokerError> {
        if self.end_background_session(target).await? {
            return self.kill_pane(&target.pane).await;
        }
        match self.ask_to_leave(target).await {
            Err(BrokerError::Refused { .. } | BrokerError::PaneStillOpen { .. }) => self.kill_pane(&target.pane).await,
            ended => ended,
        }
    }

    pub(crate) async fn kill_pane(&self, pane: &Pane) -> Result<Option<PaneId>, BrokerError> {
        match self.multiplexer.kill(pane).await {
            Ok(()) => Ok(Some(pane.id.clone())),
            Err(MultiplexerError::Gone(_)) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Types `/exit` and waits for the program to end.
    async fn ask_to_leave(&self, target: &Target) -> Result<Option<PaneId>, BrokerError> {
        // Where nobody is left to be asked, no claim is needed, which a process that died may still hold.
        let told = match self.typer.read_screen(target).await {
            Ok(_) => self.typer.tell(target, &Keystroke::exit()).await,
            Err(refusal) => Err(refusal),
        };
        match told {
            // what its program has left behind may be there
            Err(Refusal::Gone) => return self.kill_pane(&target.pane).await,
            Err(refusal) if has_ended(&refusal) => return self.kill_pane(&target.pane).await,
            // a program that is about to end cannot be looked at for a moment
            Ok(()) | Err(Refusal::StillInComposer | Refusal::NotInFront(NotInFront::Unreadable(_))) => {}
            Err(refusal) => return Err(BrokerError::Refused { agent: target.agent, refusal }),
        }
        for _ in 0..=EXIT_LIMIT.as_millis() / EXIT_POLL.as_millis() {
            match self.typer.read_screen(target).await {
                Err(Refusal::Gone) => return Ok(Some(target.pane.id.clone())),
                Err(refusal) if has_ended(&refusal) => return self.kill_pane(&target.pane).await,
                Err(Refusal::Multiplexer(error)) => return Err(error.into()),
                _ => self.clock.sleep(EXIT_POLL).await,
            }
        }
        match self.multiplexer.capture(&target.pane, TAIL_LINES, false).await {
            Err(MultiplexerError::Gone(pane)) => Ok(Some(pane)),
            tail => Err(BrokerError::PaneStillOpen { agent: target.agent, pane: target.pane.id.clone(), tail: tail? }),
        }
    }

    /// Lays out the Director's window again; that it fails to is no reason to fail.
    async fn rebalance(&self, fleet: FleetId) {
        let Ok(Some(detail)) = self.storage.find_fleet(fleet).await else { return };
        if let Some(pane) = detail.placement.and_then(|placement| placement.pane)
            && let Err(error) = self.multiplexer.rebalance(&pane).await
        {
            debug!(%error, "the window could not be laid out again");
        }
    }
}
