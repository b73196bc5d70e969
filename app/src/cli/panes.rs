//! `cafleet panes`

use super::context::Context;
use crate::error::CommandError;
use crate::view::PanesView;

pub(crate) async fn run(context: &Context) -> Result<(), CommandError> {
    let status = context.adapters.pty.status().await.map_err(cafleet_domain::broker::BrokerError::from)?;
    context.printer.show(&PanesView { panes: status.map(|status| status.panes).unwrap_or_default() })
}
