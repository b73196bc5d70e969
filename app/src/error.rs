//! Why a command failed, and how that is told.

pub(crate) mod words;

use std::path::Path;

use cafleet_domain::broker::{BrokerError, Inhabitant};
use cafleet_domain::id::FleetId;
use cafleet_domain::keystroke::InvalidKeystroke;
use cafleet_domain::ports::{LaunchError, StorageError};
use cafleet_domain::text::one_line;

use crate::exit_code::ExitStatus;

/// Why a command failed: a code for programs, a sentence for people, and what follows it on standard error.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CommandError {
    pub(crate) status: ExitStatus,
    pub(crate) code: &'static str,
    pub(crate) message: String,
    /// Lines after the message: a pane's tail, or what to do next.
    pub(crate) details: Option<String>,
}

impl CommandError {
    /// The operation failed.
    pub(crate) fn failure(code: &'static str, message: impl Into<String>) -> Self {
        Self { status: ExitStatus::Failure, code, message: message.into(), details: None }
    }

    /// The command line is wrong.
    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self { status: ExitStatus::Usage, code: "usage", message: message.into(), details: None }
    }
}

impl From<StorageError> for CommandError {
    fn from(error: StorageError) -> Self {
        Self::from(BrokerError::from(error))
    }
}

impl From<BrokerError> for CommandError {
    fn from(error: BrokerError) -> Self {
        let (status, code) = classify(&error);
        let details = match &error {
            BrokerError::PaneStillOpen { agent, pane, tail } => Some(still_open(*agent, pane, tail)),
            BrokerError::PingFailed { refusal, .. } => {
                Some(format!("Reason: the agent {}.", words::advised(&refusal.to_string())))
            }
            BrokerError::FleetInhabited { fleet, inhabitants } => Some(inhabited(*fleet, inhabitants)),
            BrokerError::AgentInhabits(found) => found.unreachable.as_ref().map(|why| format!("Reason: {why}.")),
            BrokerError::FleetOutsideMultiplexer => Some(NO_PANE.to_owned()),
            BrokerError::Storage(StorageError::UpgradeRefused { found, misfits, backup, .. }) => {
                Some(refused_upgrade(*found, misfits, backup))
            }
            _ => None,
        };
        Self { status, code, message: words::on_command_line(&error), details }
    }
}

/// What to do where the calling process has no pane.
const NO_PANE: &str = "Without tmux, let it open a terminal for the Director: cafleet fleet create --spawn";

/// What to do about rows that do not fit the newest schema.
fn refused_upgrade(schema: u32, misfits: &[String], backup: &Path) -> String {
    let lines: String = misfits.iter().map(|misfit| format!("  {}\n", one_line(misfit))).collect();
    format!(
        "{lines}Nothing was changed. A copy of the database is {}.\n\
         Repair these rows with SQLite's own program, sqlite3, and run 'cafleet db init' again. Until then, a cafleet that \
         needs schema {schema} can use the database.",
        backup.display()
    )
}

fn still_open(agent: impl std::fmt::Display, pane: impl std::fmt::Display, tail: &str) -> String {
    format!(
        "--- pane {pane} tail (last 80 lines) ---\n{tail}\n---\n\
         Member {agent} is still registered. Answer what it asks with 'cafleet member send-input --member-id {agent}', \
         or end it with 'cafleet member delete --member-id {agent} --force'."
    )
}

/// What to do about agents that live in panes.
fn inhabited(fleet: FleetId, inhabitants: &[Inhabitant]) -> String {
    let lines = inhabitants.iter().map(|Inhabitant { agent, name, pane, unreachable, .. }| {
        let name = one_line(name);
        match (pane, unreachable) {
            (None, _) => format!("  agent {agent} {name}: its pane is being opened; try again in a minute"),
            (Some(pane), Some(why)) => {
                format!("  agent {agent} {name} in pane {}: cannot tell whether it still runs: {why}", pane.id)
            }
            (Some(pane), None) => format!(
                "  agent {agent} {name} in pane {}: see it with 'cafleet --fleet-id {fleet} attach --member-id {agent}'",
                pane.id
            ),
        }
    });
    let lines = lines.collect::<Vec<_>>().join("\n");
    let can_be_closed = inhabitants.iter().all(|found| found.pane.is_some() && found.unreachable.is_none());
    let advice = match can_be_closed {
        true => format!("End them with 'cafleet fleet delete {fleet} --close', or leave them running with --leave."),
        false => format!("To leave them running, if they still run: 'cafleet fleet delete {fleet} --leave'."),
    };
    format!("{lines}\n{advice}")
}

fn classify(error: &BrokerError) -> (ExitStatus, &'static str) {
    use ExitStatus::{Failure, Usage};
    match error {
        BrokerError::FleetNotFound(_) => (Failure, "fleet_not_found"),
        BrokerError::FleetDeleted(_) => (Failure, "fleet_deleted"),
        BrokerError::OtherFleet(_) => (Failure, "other_fleet"),
        BrokerError::NotInFleet { .. } => (Failure, "agent_not_in_fleet"),
        BrokerError::SenderLeft(_) => (Failure, "sender_deregistered"),
        BrokerError::RecipientNotActive(_) => (Failure, "recipient_not_active"),
        BrokerError::TaskNotFound(_) => (Failure, "task_not_found"),
        BrokerError::AcknowledgeRefused(_) => (Failure, "acknowledge_refused"),
        BrokerError::CancelRefused(_) => (Failure, "cancel_refused"),
        BrokerError::TextTooLong { .. } => (Failure, "text_too_long"),
        BrokerError::TextEmpty { .. } => (Failure, "text_empty"),
        BrokerError::InvalidName(_) | BrokerError::NameOfRole(_) => (Usage, "invalid_name"),
        BrokerError::LooksLike { .. } => (Failure, "confusable_name"),
        BrokerError::AgentNotFound(_) => (Failure, "agent_not_found"),
        BrokerError::DirectorStays | BrokerError::AdministratorStays => (Failure, "agent_is_built_in"),
        BrokerError::DirectorMoves(_) => (Failure, "agent_is_built_in"),
        BrokerError::MemberLives { .. } | BrokerError::DirectorLives { .. } => (Failure, "pane_open"),
        BrokerError::PaneInhabited { .. } => (Failure, "pane_taken"),
        BrokerError::DirectorUnreachable { .. } => (Failure, "multiplexer"),
        BrokerError::MoveOutsideMultiplexer => (Failure, "outside_multiplexer"),
        BrokerError::FleetInhabited { .. } | BrokerError::AgentInhabits(_) => (Failure, "panes_open"),
        BrokerError::NotRootDirector { .. } => (Failure, "not_root_director"),
        BrokerError::FleetOutsideMultiplexer | BrokerError::MemberOutsideMultiplexer => {
            (Failure, "outside_multiplexer")
        }
        BrokerError::PaneTaken { .. } | BrokerError::PaneTakenElsewhere { .. } => (Failure, "pane_taken"),
        BrokerError::PaneLeased(_) => (Failure, "pane_leased"),
        BrokerError::PaneReplaced(_) => (Failure, "pane_replaced"),
        BrokerError::NoPlacement(_) => (Failure, "no_placement"),
        BrokerError::PendingPlacement { .. } => (Failure, "pending_placement"),
        BrokerError::PaneGone { .. } | BrokerError::DirectorPaneGone(_) => (Failure, "pane_gone"),
        BrokerError::InvalidKeystroke(InvalidKeystroke::EmptyCommand | InvalidKeystroke::EmptyFreeText) => {
            (Usage, "empty_keystroke")
        }
        BrokerError::InvalidKeystroke(_) => (Usage, "invalid_keystroke"),
        BrokerError::Refused { .. } => (Failure, "keystroke_refused"),
        BrokerError::PingFailed { .. } => (Failure, "ping_failed"),
        BrokerError::PaneStillOpen { .. } => (Usage, "pane_still_open"),
        BrokerError::BackgroundSession { .. } => (Failure, "background_session"),
        BrokerError::MonitorFleetNotFound(_) => (Failure, "fleet_not_found"),
        BrokerError::MonitorRunning(_) => (Failure, "monitor_running"),
        BrokerError::NotEnrolled { .. } => (Failure, "not_enrolled"),
        BrokerError::PaneNotRecorded => (Failure, "pane_not_recorded"),
        BrokerError::SpawnUnsettled { .. } => (Failure, "spawn_unsettled"),
        BrokerError::Launch(LaunchError::InvalidModel(_)) => (Usage, "invalid_model"),
        BrokerError::Launch(LaunchError::BinaryMissing(_)) => (Failure, "binary_missing"),
        BrokerError::Launch(_) => (Failure, "launch_failed"),
        BrokerError::Multiplexer(_) => (Failure, "multiplexer"),
        BrokerError::Storage(error) => (Failure, storage_code(error)),
    }
}

fn storage_code(error: &StorageError) -> &'static str {
    match error {
        StorageError::Unavailable(_) | StorageError::Damaged(_) => "database_unavailable",
        StorageError::SchemaTooOld { .. } => "schema_too_old",
        StorageError::SchemaTooNew { .. } => "schema_too_new",
        StorageError::UpgradeRefused { .. } => "upgrade_refused",
        StorageError::Busy => "database_busy",
        StorageError::Corrupt { .. } => "database_corrupt",
        StorageError::Failed(_) => "database_error",
    }
}
