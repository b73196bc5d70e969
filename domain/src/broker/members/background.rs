//! Sessions that an agent has moved from its pane to the background, where they outlive it.

use crate::broker::BrokerError;
use crate::ports::{BackgroundSession, Look};
use crate::process::Foreground;

use super::{Members, Target};

impl Members {
    /// Ends an agent's session in the background by its program's own command. Returns whether there was one.
    ///
    /// # Errors
    /// `BackgroundSession` when it may run on.
    pub(super) async fn end_background_session(&self, target: &Target) -> Result<bool, BrokerError> {
        let Ok(Look::Seen(view)) = self.multiplexer.look(&target.pane).await else { return Ok(false) };
        let Some(session) = self.background_session(target, &view.foreground).await else { return Ok(false) };
        let ended = self.launcher(target.backend)?.end_background_session(&session).await;
        ended.map(|()| true).map_err(|detail| {
            let BackgroundSession { name, stop } = session;
            BrokerError::BackgroundSession { agent: target.agent, session: name, stop, detail }
        })
    }

    /// Returns the session that an agent has in the background; none when there is none, or nothing is known of it.
    pub(super) async fn background_session(
        &self,
        target: &Target,
        foreground: &Foreground,
    ) -> Option<BackgroundSession> {
        let Foreground::Known(processes) = foreground else { return None };
        self.launcher(target.backend).ok()?.background_session(processes).await
    }
}
