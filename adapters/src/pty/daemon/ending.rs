//! Ending a program and all that it started.

use std::rc::Rc;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use tokio::time::{Instant, sleep, timeout};

use super::pane::Pane;
use crate::pty::process_table;

/// How long a program has to leave after SIGTERM.
const LEAVE_LIMIT: Duration = Duration::from_secs(1);

/// How long the rest of its session has after SIGHUP.
const GRACE: Duration = Duration::from_millis(300);

/// How often it is looked whether they have left.
const LOOK_AGAIN: Duration = Duration::from_millis(10);

/// Ends a pane's program with SIGTERM and, a second later, without asking; then whatever is left of its session, also
/// what ignores that its terminal is gone.
pub(super) async fn end(pane: &Rc<Pane>) {
    let session = pane.pid.as_raw_nonzero().get();
    if !pane.has_ended() {
        signal(session, Signal::TERM);
        let _left = timeout(LEAVE_LIMIT, pane.ended()).await;
    }
    for process in process_table::session(session) {
        signal(process, Signal::HUP);
        // one that is stopped hears nothing else
        signal(process, Signal::CONT);
    }
    let end = Instant::now() + GRACE;
    while Instant::now() < end && !process_table::session(session).is_empty() {
        sleep(LOOK_AGAIN).await;
    }
    for process in process_table::session(session) {
        signal(process, Signal::KILL);
    }
    let _reaped = timeout(LEAVE_LIMIT, pane.ended()).await;
}

fn signal(process: i32, signal: Signal) {
    if let Some(pid) = Pid::from_raw(process) {
        // one that has just ended needs no signal
        let _ = kill_process(pid, signal);
    }
}
