//! The monitor's loop: a tick, then sleep, until something ends it.

mod journal;

use std::time::Duration;

use cafleet_domain::broker::{MonitorEnd, MonitorRun, Supervisor};
use cafleet_domain::id::FleetId;
use cafleet_domain::ports::{Clock, Maintenance, StorageError};
use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::error::CommandError;
use crate::printer::Printer;
use journal::Journal;

/// The loop around the steps of a [`Supervisor`].
pub(crate) struct Monitor<'a> {
    pub(crate) supervisor: &'a Supervisor,
    /// The store of the fleet.
    pub(crate) store: &'a dyn Maintenance,
    pub(crate) clock: &'a dyn Clock,
    pub(crate) printer: Printer,
}

impl Monitor<'_> {
    /// Supervises a fleet until a signal comes, the fleet is deleted, or the run ends for another reason, which is an error.
    pub(crate) async fn run(&self, fleet: FleetId, tick_seconds: i64) -> Result<(), CommandError> {
        let mut signals = Signals::listen()?;
        let pid = i64::from(std::process::id());
        let mut run = self.supervisor.start(fleet, pid, tick_seconds, &is_alive).await?;
        let journal = Journal::start(self.printer);
        journal.started(self.clock.now(), &run);
        let pause = Duration::from_secs(u64::try_from(tick_seconds).unwrap_or(1));
        let end = tokio::select! {
            end = self.watch(&mut run, &journal, pause) => Some(end),
            () = signals.next() => None,
        };
        if let Some(End::Database(error)) = end {
            // its row is in a file that is not the one at its place any more, or in a schema that it does not know
            return Err(error.into());
        }
        self.supervisor.stop(&run).await?;
        match end {
            Some(End::Monitor(end)) if end != MonitorEnd::FleetDeleted => {
                Err(CommandError::failure("monitor_ended", reason(end, fleet)))
            }
            _ => Ok(()),
        }
    }

    async fn watch(&self, run: &mut MonitorRun, journal: &Journal, pause: Duration) -> End {
        loop {
            match self.store.verify().await {
                // others hold it; the next tick asks again
                Ok(()) | Err(StorageError::Busy) => {}
                Err(error) => return End::Database(error),
            }
            match self.supervisor.tick(run).await {
                Ok(events) => journal.note(self.clock.now(), &events),
                Err(MonitorEnd::DatabaseDamaged(damage)) => return End::Database(StorageError::Damaged(damage)),
                Err(end) => return End::Monitor(end),
            }
            self.clock.sleep(pause).await;
        }
    }
}

/// Why the loop ends by itself.
enum End {
    Monitor(MonitorEnd),
    /// The database was replaced or removed, or has another schema by now.
    Database(StorageError),
}

fn reason(end: MonitorEnd, fleet: FleetId) -> String {
    match end {
        MonitorEnd::FleetDeleted => format!("fleet {fleet} was deleted"),
        MonitorEnd::DatabaseDamaged(damage) => damage,
        MonitorEnd::Displaced => format!("another monitor has replaced this one for fleet {fleet}"),
        MonitorEnd::DirectorGone => format!("the pane of the Director of fleet {fleet} is gone"),
        MonitorEnd::MultiplexerSilent => "the multiplexer did not answer for three ticks".to_owned(),
    }
}

/// Tells whether a process lives; one of another user does.
fn is_alive(pid: i64) -> bool {
    let pid = i32::try_from(pid).ok().and_then(rustix::process::Pid::from_raw);
    pid.is_some_and(|pid| rustix::process::test_kill_process(pid) != Err(rustix::io::Errno::SRCH))
}

/// The signals that end the monitor in order: Ctrl-C, termination, a closed terminal.
struct Signals([Signal; 3]);

impl Signals {
    fn listen() -> Result<Self, CommandError> {
        let listen = |kind| signal(kind).map_err(|error| CommandError::failure("signals", error.to_string()));
        Ok(Self([listen(SignalKind::interrupt())?, listen(SignalKind::terminate())?, listen(SignalKind::hangup())?]))
    }

    async fn next(&mut self) {
        let [interrupt, terminate, hangup] = &mut self.0;
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
            _ = hangup.recv() => {}
        }
    }
}
