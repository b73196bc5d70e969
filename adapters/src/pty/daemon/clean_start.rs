//! Leaves behind what the process got from whoever started it: every later pane would have it.

use rustix::fs::Mode;
use rustix::process::{Resource, Rlimit, getrlimit, setpriority_process, setrlimit, setsid, umask};

/// What a new login gives on most systems.
const UMASK: Mode = Mode::from_raw_mode(0o022);

/// How many files may be open at least, where the system allows it: each pane takes one, and each client.
const FILES: u64 = 4_096;

/// What is bounded for one command by a shell (`ulimit`), and for nobody by the system.
const UNBOUNDED: [Resource; 6] =
    [Resource::Cpu, Resource::Fsize, Resource::Data, Resource::As, Resource::Nproc, Resource::Locks];

/// Leaves session, umask, priority and limits of whoever started this. Descriptors were closed by `start`. What the system does
/// not allow stays as it is: a lower priority and hard limits are taken back by root alone.
pub(super) fn begin() {
    // a process that leads a group already stays where it is
    let _new_session = setsid();
    let _inherited = umask(UMASK);
    let _not_allowed = setpriority_process(None, 0);
    for resource in UNBOUNDED {
        raise(resource, |hard| hard);
    }
    raise(Resource::Nofile, |hard| Some(hard.map_or(FILES, |hard| hard.min(FILES))));
}

/// Raises a soft limit, whose hard one is given, to what `wanted` returns; none is no limit.
fn raise(resource: Resource, wanted: impl FnOnce(Option<u64>) -> Option<u64>) {
    let Rlimit { current, maximum } = getrlimit(resource);
    let wanted = wanted(maximum);
    let is_more = current.is_some_and(|current| wanted.is_none_or(|wanted| wanted > current));
    if is_more {
        let _not_allowed = setrlimit(resource, Rlimit { current: wanted, maximum });
    }
}
