//! Panes by their names.

use std::str::FromStr;

use cafleet_domain::broker::{AgentPane, BrokerError, PaneOwner, PaneState};
use cafleet_domain::id::FleetId;
use cafleet_domain::placement::{MultiplexerKind, Pane};

use crate::cli::context::Context;
use crate::error::CommandError;
use crate::view::full_pane_name;

/// How a pane is named: `%3`, `pty:%3`, or with the process of its server, `pty.4711:%3`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct PaneName {
    multiplexer: Option<MultiplexerKind>,
    server: Option<u32>,
    id: String,
}

impl FromStr for PaneName {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let invalid = || "a pane is given as 'cafleet pane list' shows it: %3, pty:%3 or pty.4711:%3".to_owned();
        let (place, id) = text.rsplit_once(':').map_or((None, text), |(place, id)| (Some(place), id));
        let is_id = id.strip_prefix('%').is_some_and(|number| number.parse::<u32>().is_ok());
        let (multiplexer, server) = match place.map(|place| place.split_once('.').unwrap_or((place, ""))) {
            None => (None, None),
            Some((kind, "")) => (Some(kind.parse().map_err(|_| invalid())?), None),
            Some((kind, pid)) => {
                (Some(kind.parse().map_err(|_| invalid())?), Some(pid.parse().map_err(|_| invalid())?))
            }
        };
        if is_id { Ok(Self { multiplexer, server, id: id.to_owned() }) } else { Err(invalid()) }
    }
}

impl PaneName {
    fn fits(&self, pane: &Pane) -> bool {
        pane.id.as_str() == self.id
            && self.multiplexer.is_none_or(|kind| kind == pane.multiplexer)
            && self.server.is_none_or(|pid| pid == pane.server.pid)
    }

    /// Returns the one pane with this name that is not gone.
    pub(super) async fn find(&self, context: &Context) -> Result<AgentPane, CommandError> {
        let mut found = panes(context).await?;
        found.retain(|known| self.fits(&known.pane) && known.state != PaneState::Gone);
        match found.pop() {
            None => Err(CommandError::failure(
                "pane_not_found",
                format!("no agent has a pane {}; see 'cafleet pane list'", self.id),
            )),
            Some(known) if found.is_empty() => Ok(known),
            Some(known) => {
                let names = found.iter().chain([&known]).map(|known| full_pane_name(&known.pane));
                let names = names.collect::<Vec<_>>().join(", ");
                Err(CommandError::failure(
                    "pane_ambiguous",
                    format!("several panes have this name; give one of {names}"),
                ))
            }
        }
    }
}

/// Returns the panes that carry agents; of one fleet, where one was named.
pub(super) async fn panes(context: &Context) -> Result<Vec<AgentPane>, CommandError> {
    let (status, unknown) = match context.adapters.daemon.status().await {
        Ok(status) => (status, None),
        Err(error) => (None, Some(BrokerError::from(error))),
    };
    let embedded: Vec<Pane> = status.into_iter().flat_map(|status| status.panes).map(|summary| summary.pane).collect();
    let mut panes = context.broker.members.list_panes(&embedded).await?;
    if let Some(fleet) = context.named_fleet().await? {
        panes.retain(|known| fleet_of(&known.owner) == Some(fleet));
    }
    match unknown {
        // that there are none is not known
        Some(error) if panes.is_empty() => return Err(error.into()),
        Some(error) => context.printer.note(&format!("Warning: the embedded terminals are not all listed: {error}")),
        None => {}
    }
    Ok(panes)
}

fn fleet_of(owner: &PaneOwner) -> Option<FleetId> {
    match owner {
        PaneOwner::Agent { agent, .. } => Some(agent.fleet),
        PaneOwner::Former { fleet, .. } => Some(fleet.id),
        PaneOwner::Unknown(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pane_is_named_by_its_number_and_as_much_of_its_place_as_is_needed() {
        let named = |text: &str| text.parse::<PaneName>().map(|name| (name.multiplexer, name.server, name.id));
        let id = || "%3".to_owned();
        assert_eq!(named("%3"), Ok((None, None, id())));
        assert_eq!(named("pty:%3"), Ok((Some(MultiplexerKind::Pty), None, id())));
        assert_eq!(named("tmux.4711:%3"), Ok((Some(MultiplexerKind::Tmux), Some(4711), id())));
        for bad in ["", "3", "%", "%x", "screen:%3", "pty:3", "pty.x:%3", ":%3", "pty:%3;ls"] {
            assert!(named(bad).is_err(), "{bad:?}");
        }
    }
}
