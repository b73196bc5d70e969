//! `cafleet panes`

use cafleet_domain::broker::BrokerError;

use super::context::Context;
use crate::error::CommandError;
use crate::view::PanesView;

pub(crate) async fn run(context: &Context) -> Result<(), CommandError> {
    let status = context.adapters.daemon.status().await.map_err(BrokerError::from)?;
    if let Some(status) = status.as_ref().filter(|status| !status.same_protocol) {
        return Err(super::daemon::not_understood(status));
    }
    context.printer.show(&PanesView { panes: status.map(|status| status.panes).unwrap_or_default() })
}
