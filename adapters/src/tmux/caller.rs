//! Which pane the calling process is in, and which tmux it finds.

use cafleet_domain::placement::Pane;
use cafleet_domain::ports::MultiplexerError;

use super::process::Deadline;
use super::{TmuxMultiplexer, arguments, failure, parse};
use crate::server_fate::with_namespace;

impl TmuxMultiplexer {
    /// Returns the pane that the environment names; none when it names none.
    pub(super) async fn find_caller(&self, deadline: Deadline) -> Result<Option<Pane>, MultiplexerError> {
        let Some(environment) = self.options.tmux_env.as_deref().filter(|value| !value.is_empty()) else {
            return Ok(None);
        };
        // from the right: a socket's path may hold commas
        let mut parts = environment.rsplitn(3, ',').skip(1);
        let (Some(server_pid), Some(socket)) = (parts.next(), parts.next()) else {
            return Err(MultiplexerError::Failed(format!(
                "TMUX is '{environment}', which is not <socket>,<pid>,<session>"
            )));
        };
        match self.identify(socket, server_pid, deadline).await {
            // an old tmux fails on our flags, and that it is old explains more
            Err(error @ MultiplexerError::Failed(_)) => self.checked_version(deadline).await.and(Err(error)),
            other => other.map(Some),
        }
    }

    /// Reads the pane that the environment names.
    async fn identify(&self, socket: &str, server_pid: &str, deadline: Deadline) -> Result<Pane, MultiplexerError> {
        let id = self.options.tmux_pane_env.as_deref().unwrap_or_default();
        if !parse::is_pane_id(id) {
            return Err(MultiplexerError::Failed(format!("TMUX is set, but TMUX_PANE is '{id}', which is no pane")));
        }
        let finished = self.run(arguments::identify(socket, id), deadline).await?;
        if parse::no_server(&finished).is_some() {
            return Err(MultiplexerError::Failed(format!("TMUX names {socket}, but no tmux server answers there")));
        }
        if !finished.success {
            return Err(failure(&finished));
        }
        let gone = || MultiplexerError::Failed(format!("TMUX_PANE names pane {id}, which is not at {socket}"));
        let pane = parse::pane(socket, finished.stdout.trim_end_matches('\n')).ok_or_else(gone)?;
        if pane.server.pid.to_string() == server_pid {
            Ok(with_namespace(pane))
        } else {
            let found = pane.server.pid;
            Err(MultiplexerError::Failed(format!(
                "TMUX names server process {server_pid} at {socket}, but process {found} answers there"
            )))
        }
    }

    /// Asks for the version, and refuses one that is too old.
    pub(super) async fn checked_version(&self, deadline: Deadline) -> Result<String, MultiplexerError> {
        let finished = self.run(vec!["-V".to_owned()], deadline).await?;
        if !finished.success {
            return Err(failure(&finished));
        }
        let text = finished.stdout.trim();
        let found = text.strip_prefix("tmux ").unwrap_or(text).to_owned();
        let (major, minor) = parse::OLDEST;
        match parse::version(text) {
            Some(number) if number < parse::OLDEST => Err(MultiplexerError::TooOld {
                program: self.options.program.clone(),
                found,
                needed: format!("{major}.{minor}"),
            }),
            _ => Ok(found),
        }
    }
}
