//! What goes on inside: the events that `domain`, `adapters` and `app` give to `tracing`, told on stderr, and kept in files by the
//! programs that run on.

mod limited;

use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use tracing::{info, subscriber};
use tracing_appender::rolling::{RollingFileAppender, Rotation};
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::{Layer, SubscriberExt};
use tracing_subscriber::{EnvFilter, Registry, fmt};

use crate::composition;
use crate::env_vars;
use crate::error::CommandError;
use limited::Limited;

/// What is kept: what was taken over or given up, and every error that is not the command's own.
const KEPT: &str = "cafleet=info,cafleet_domain=info,cafleet_adapters=info";

/// What `-v` shows: every decision and every error that is not the command's own.
const VERBOSE: &str = "cafleet=debug,cafleet_domain=debug,cafleet_adapters=debug";

/// What `-vv` shows: every look at a screen and every call of a multiplexer too.
const MORE_VERBOSE: &str = "cafleet=trace,cafleet_domain=trace,cafleet_adapters=trace";

/// How many days are kept.
const DAYS: usize = 7;

/// The monitor keeps what it tells in files of this name.
pub(crate) const MONITOR: &str = "monitor";

/// As [`MONITOR`], the server.
pub(crate) const SERVER: &str = "server";

/// As [`MONITOR`], the daemon of the embedded terminals.
pub(crate) const DAEMON: &str = "daemon";

/// Tells events on stderr from here on: as many as `--verbose` was given, else those that `filter`, the setting, names; and keeps them
/// in the files of `keeper`, where that is one that keeps them. Where nothing is told nor kept, an event costs a comparison.
///
/// # Errors
/// When the setting is no filter. That nothing can be kept is none.
pub(crate) fn start(
    filter: Option<&str>,
    verbose: u8,
    directory: &Path,
    keeper: Option<&str>,
) -> Result<(), CommandError> {
    let filter = match (verbose, filter) {
        (0, filter) => filter,
        (1, _) => Some(VERBOSE),
        _ => Some(MORE_VERBOSE),
    };
    let told = filter.map(|filter| layer(io::stderr, filter)).transpose()?;
    install(told, filter, directory, keeper)
}

/// As [`start`], and tells nothing on stderr: the daemon's is for why it cannot start.
///
/// # Errors
/// As [`start`].
pub(crate) fn keep(filter: Option<&str>, directory: &Path, keeper: &str) -> Result<(), CommandError> {
    install(None, filter, directory, Some(keeper))
}

type EventLayer = Box<dyn Layer<Registry> + Send + Sync>;

fn install(
    told: Option<EventLayer>,
    filter: Option<&str>,
    directory: &Path,
    keeper: Option<&str>,
) -> Result<(), CommandError> {
    let files = keeper.and_then(|keeper| files(directory, keeper));
    let kept = files
        .map(|files| layer(Mutex::new(Limited::new(files, composition::clock())), filter.unwrap_or(KEPT)))
        .transpose()?;
    let is_kept = kept.is_some();
    let layers: Vec<EventLayer> = told.into_iter().chain(kept).collect();
    if !layers.is_empty() {
        let _set_before = subscriber::set_global_default(Registry::default().with(layers));
    }
    if is_kept {
        info!(version = env!("CARGO_PKG_VERSION"), process = std::process::id(), "begins");
    }
    Ok(())
}

/// Returns what writes the events that `filter` names. Where nobody reads them any more, the work goes on without them.
fn layer<W>(writer: W, filter: &str) -> Result<EventLayer, CommandError>
where
    W: for<'writer> MakeWriter<'writer> + Send + Sync + 'static,
{
    let filter = EnvFilter::try_new(filter).map_err(|error| {
        let message = format!("{} is not a valid filter: {error}", env_vars::LOG.name);
        CommandError::failure("invalid_setting", message)
    })?;
    let layer = fmt::layer().with_writer(writer).with_ansi(false).log_internal_errors(false);
    Ok(layer.with_filter(filter).boxed())
}

/// Returns the files of one that keeps what it tells, one for each day; none where they cannot be written.
fn files(directory: &Path, keeper: &str) -> Option<RollingFileAppender> {
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(directory).ok()?;
    let files = RollingFileAppender::builder().rotation(Rotation::DAILY).max_log_files(DAYS);
    files.filename_prefix(keeper).filename_suffix("log").build(directory).ok()
}

/// Returns the newest file of one that keeps what it tells; none where there is none.
pub(crate) fn newest(directory: &Path, keeper: &str) -> Option<PathBuf> {
    let of_keeper = |path: &PathBuf| {
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        name.strip_prefix(keeper).is_some_and(|rest| rest.starts_with('.') && rest.ends_with(".log"))
    };
    // their names end in the day
    std::fs::read_dir(directory).ok()?.flatten().map(|entry| entry.path()).filter(of_keeper).max()
}
