//! What goes on inside, told on stderr: the events that `domain`, `adapters` and `app` give to `tracing`.

use std::io;

use tracing_subscriber::EnvFilter;

use crate::env_vars;
use crate::error::CommandError;

/// What `-v` shows: every decision and every error that is not the command's own.
const VERBOSE: &str = "cafleet=debug,cafleet_domain=debug,cafleet_adapters=debug";

/// What `-vv` shows: every look at a screen and every call of a multiplexer too.
const MORE_VERBOSE: &str = "cafleet=trace,cafleet_domain=trace,cafleet_adapters=trace";

/// Tells events on stderr from here on: as many as `--verbose` was given, else those that `filter`, the setting, names. Where neither
/// is given nothing is told, and an event costs a comparison.
///
/// # Errors
/// When the setting is no filter.
pub(crate) fn start(filter: Option<&str>, verbose: u8) -> Result<(), CommandError> {
    let filter = match (verbose, filter) {
        (0, None) => return Ok(()),
        (0, Some(filter)) => filter,
        (1, _) => VERBOSE,
        _ => MORE_VERBOSE,
    };
    let filter = EnvFilter::try_new(filter).map_err(|error| {
        let message = format!("{} is no filter of events: {error}", env_vars::LOG.name);
        CommandError::failure("invalid_setting", message)
    })?;
    // where nobody reads stderr any more, the work goes on without events
    let events = tracing_subscriber::fmt().with_env_filter(filter).with_writer(io::stderr).with_ansi(false);
    events.log_internal_errors(false).init();
    Ok(())
}
