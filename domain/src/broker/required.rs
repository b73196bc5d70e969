//! What a use case cannot do without.

use crate::agent::PlacedAgent;
use crate::fleet::FleetDetail;
use crate::id::{AgentId, FleetId};
use crate::ports::Storage;
use crate::text::{MAX_BODY_BYTES, is_blank};

use super::BrokerError;

/// Returns a fleet, live or deleted.
///
/// # Errors
/// `FleetNotFound`, and as the store says.
pub(crate) async fn fleet(storage: &dyn Storage, fleet: FleetId) -> Result<FleetDetail, BrokerError> {
    storage.find_fleet(fleet).await?.ok_or(BrokerError::FleetNotFound(fleet))
}

/// Returns an agent of the fleet, active or not.
///
/// # Errors
/// `NotInFleet`, and as the store says.
pub(crate) async fn agent(storage: &dyn Storage, fleet: FleetId, agent: AgentId) -> Result<PlacedAgent, BrokerError> {
    storage.find_agent(fleet, agent).await?.ok_or(BrokerError::NotInFleet { agent, fleet })
}

/// Checks a text that somebody is to read; `what` names it in the error.
pub(crate) fn text(what: &'static str, text: &str) -> Result<(), BrokerError> {
    if text.len() > MAX_BODY_BYTES {
        return Err(BrokerError::TextTooLong { what, bytes: text.len() });
    }
    if is_blank(text) {
        return Err(BrokerError::TextEmpty { what });
    }
    Ok(())
}
