//! Members in a list, with what became of their panes.

use std::time::Duration;

use crate::agent::{AgentKind, Member};
use crate::broker::recognising::recognise;
use crate::broker::{BrokerError, required};
use crate::fleet::FleetRef;
use crate::id::{AgentId, FleetId};
use crate::join::join_all;
use crate::pane_status::PaneStatus;
use crate::placement::Placement;
use crate::ports::Look;
use crate::ports::storage::Enrolment;
use crate::screen::ScreenState;
use crate::timestamp::Timestamp;

use super::Members;
use super::creation::tag;
use super::roll::Roll;

/// How long a member may be without a pane before its spawn counts as broken off.
const SPAWN_LIMIT: Duration = Duration::from_secs(60);

/// Whether a member's pane is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PaneState {
    /// Its spawn has not ended.
    Pending,
    /// It is there.
    Alive,
    /// It is not there any more.
    Gone,
    /// The multiplexer did not say.
    Unknown,
}

impl PaneState {
    /// Returns the name that the command line and the API use.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Alive => "alive",
            Self::Gone => "gone",
            Self::Unknown => "unknown",
        }
    }
}

/// A member in a list, with what became of its pane.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MemberView {
    /// The member.
    pub member: Member,
    /// Whether its pane is there.
    pub pane_state: PaneState,
    /// What its screen says; none when the pane is not there or did not answer.
    pub state: Option<ScreenState>,
    /// Since when it has been seen so, or its pane has been seen to be gone; none when neither is known.
    pub state_since: Option<Timestamp>,
}

impl MemberView {
    /// Tells whether somebody has to look after the member.
    #[must_use]
    pub fn needs_attention(&self) -> bool {
        self.pane_state == PaneState::Gone || self.state.is_some_and(ScreenState::needs_attention)
    }
}

impl Members {
    /// Returns the active members of a fleet, what became of their panes and what their screens say; those that need
    /// attention come first. What a broken-off spawn left behind is repaired on the way.
    ///
    /// # Errors
    /// `FleetNotFound`, and as the store says.
    pub async fn list(&self, fleet: FleetId) -> Result<Vec<MemberView>, BrokerError> {
        let members = self.repaired_members(fleet).await?;
        let mut views = self.looked_at(members).await?;
        views.sort_by_key(|view| !view.needs_attention());
        Ok(views)
    }

    /// Returns the active members of a fleet with what became of their panes, after what broken-off spawns left behind was
    /// repaired: a pane that was never recorded is recorded, a member that never got one is withdrawn.
    pub(crate) async fn repaired_members(&self, fleet: FleetId) -> Result<Vec<(Member, PaneState)>, BrokerError> {
        let detail = required::fleet(self.storage.as_ref(), fleet).await?;
        let named = detail.fleet.reference();
        let director_pane = detail.placement.and_then(|placement| placement.pane);
        let members = self.storage.list_members(fleet).await?.ok_or(BrokerError::FleetNotFound(fleet))?;
        let placed = members.iter().filter_map(|member| member.placement.pane.as_ref());
        let roll = self.complete(Roll::default(), director_pane.iter().chain(placed)).await;
        let mut repaired = Vec::with_capacity(members.len());
        for member in members {
            let state = roll.state(member.placement.pane.as_ref());
            repaired.extend(self.repair(named, member, state, &roll).await?);
        }
        Ok(repaired)
    }

    /// Returns the root Director of a live fleet as it stands in a list of members.
    ///
    /// # Errors
    /// `FleetDeleted`, and as the store says.
    pub async fn show_director(&self, fleet: FleetId) -> Result<MemberView, BrokerError> {
        let enrolments = self.storage.enrolments(fleet).await?;
        let director = enrolments.into_iter().find(|enrolment| enrolment.agent.kind == AgentKind::Director);
        let Enrolment { agent, placement, activity, .. } = director.ok_or(BrokerError::FleetDeleted(fleet))?;
        let pane_state = self.complete(Roll::default(), &placement.pane).await.state(placement.pane.as_ref());
        let views = self.looked_at(vec![(Member { agent, placement, activity }, pane_state)]).await?;
        views.into_iter().next().ok_or(BrokerError::FleetDeleted(fleet))
    }

    /// Looks at the panes that are there, and tells since when members are seen as they are seen now.
    async fn looked_at(&self, members: Vec<(Member, PaneState)>) -> Result<Vec<MemberView>, BrokerError> {
        let states = join_all(members.iter().map(|(member, pane_state)| self.state_of(member, *pane_state))).await;
        let agents: Vec<AgentId> = members.iter().map(|(member, _)| member.agent.id).collect();
        let (known, now) = (self.storage.pane_statuses(&agents).await?, self.clock.now());
        let views = members.into_iter().zip(states).map(|((member, pane_state), state)| {
            let seen = match pane_state {
                PaneState::Gone => Some(None),
                _ => state.map(Some),
            };
            let known = known.get(&member.agent.id).copied();
            let state_since = seen.map(|state| PaneStatus::after(known, state, now).since);
            MemberView { member, pane_state, state, state_since }
        });
        Ok(views.collect())
    }

    /// Returns what a member's screen says; none unless its pane is there.
    async fn state_of(&self, member: &Member, pane_state: PaneState) -> Option<ScreenState> {
        let pane = member.placement.pane.as_ref().filter(|_| pane_state == PaneState::Alive)?;
        match self.multiplexer.look(pane).await {
            Ok(Look::Seen(seen)) => {
                let Placement { coding_agent, agent_process, .. } = &member.placement;
                Some(recognise(&self.programs, *coding_agent, agent_process.as_ref(), pane, &seen).2.state)
            }
            Ok(Look::Gone(_)) | Err(_) => None,
        }
    }

    /// Settles what a broken-off spawn left behind; returns the member as it now is, if it is still one.
    async fn repair(
        &self,
        named: FleetRef,
        mut member: Member,
        pane_state: PaneState,
        roll: &Roll,
    ) -> Result<Option<(Member, PaneState)>, BrokerError> {
        if pane_state != PaneState::Pending || !roll.is_complete() {
            return Ok(Some((member, pane_state)));
        }
        let fleet = named.id;
        // older versions left the key out
        let tags = [tag(named, member.agent.id), tag(fleet.into(), member.agent.id)];
        if let Some(found) = tags.iter().find_map(|tag| roll.tagged(tag)) {
            self.storage.record_pane(fleet, member.agent.id, found).await?;
            member.placement.pane = Some(found.clone());
            return Ok(Some((member, PaneState::Alive)));
        }
        if self.clock.now().since(member.placement.created_at) > SPAWN_LIMIT {
            self.storage.withdraw_member(fleet, member.agent.id, self.clock.now()).await?;
            return Ok(None);
        }
        Ok(Some((member, pane_state)))
    }
}
